"""Authors' appeals: one for each text, decided by another moderator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.tables.accounts import Staff
from moderation.tables.decisions import Decision
from moderation.tables.objections import Appeal
from tests.builders import ALL_HELD, ALL_REJECTED, Answer, Newsroom, speak
from tests.concurrency.test_concurrency import at_once
from tests.objections.test_reports import (
    COMMENTS,
    decide,
    in_hand,
    report_often,
    row_of,
)
from tests.refusals import assert_refused, on_sqlite

WORDS = "It was irony, as the next sentence says."


def reject(newsroom: Newsroom, role: Role = Role.MODERATOR) -> str:
    """Return the id of a comment that a person has rejected."""
    newsroom.set_policy(ALL_HELD)
    sent: str = newsroom.send()["id"]
    decide(newsroom, sent, "reject", role)
    return sent


def appeal(newsroom: Newsroom, comment_id: str, text: str = WORDS) -> Answer:
    """Appeal as the site does for an author."""
    path = f"{COMMENTS}/{comment_id}/appeal"
    return newsroom.as_site().post(path, {"text": text})


def standing(newsroom: Newsroom, comment_id: str) -> dict[str, Any]:
    """Return the state that the author sees."""
    answer = newsroom.as_site().get(f"{COMMENTS}/{comment_id}/appeal")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def hand_of(newsroom: Newsroom, role: Role) -> list[str]:
    """Return the ids that a person is handed."""
    comments = newsroom.as_staff(role).post("/api/v1/hand", {}).json["comments"]
    return [comment["id"] for comment in comments]


def try_deciding(newsroom: Newsroom, comment_id: str, role: Role) -> Answer:
    staff = newsroom.as_staff(role)
    version = staff.get(f"{COMMENTS}/{comment_id}").json["version"]
    body = {"verdict": "approve", "version": version}
    return staff.post(f"{COMMENTS}/{comment_id}/decisions", body)


def test_an_appeal_goes_back_to_the_queue(newsroom: Newsroom) -> None:
    sent = reject(newsroom)
    answer = appeal(newsroom, sent)
    assert answer.status_code == 201
    assert answer.json["state"] == "appealed"
    assert answer.json["may_appeal"] is False
    assert answer.json["appeal"]["text"] == WORDS
    assert answer.json["appeal"]["outcome"] is None
    waiting = newsroom.as_staff().get("/api/v1/queue").json["comments"]
    assert [comment["id"] for comment in waiting] == [sent]
    history = newsroom.as_staff().get(f"{COMMENTS}/{sent}/history").json
    newest = history["decisions"][-1]
    assert (newest["source"], newest["verdict"]) == ("author", "review")
    assert newest["reasons"] == [{"code": "appeal"}]


def test_whoever_rejected_it_is_not_handed_it(newsroom: Newsroom) -> None:
    sent = reject(newsroom)
    appeal(newsroom, sent)
    assert hand_of(newsroom, Role.MODERATOR) == []
    assert hand_of(newsroom, Role.LEAD) == [sent]


def test_whoever_rejected_it_can_neither_claim_nor_decide_it(
    newsroom: Newsroom,
) -> None:
    sent = reject(newsroom)
    appeal(newsroom, sent)
    claimed = newsroom.as_staff().put(f"{COMMENTS}/{sent}/claim")
    assert_refused(claimed, 409)
    assert claimed.json["code"] == "not_yours"
    decided = try_deciding(newsroom, sent, Role.MODERATOR)
    assert_refused(decided, 409)
    assert decided.json["code"] == "not_yours"
    assert (
        newsroom.as_staff(Role.LEAD).put(f"{COMMENTS}/{sent}/claim").status_code == 200
    )


def test_the_desk_shows_the_appeal_and_what_it_is_against(newsroom: Newsroom) -> None:
    sent = reject(newsroom, Role.LEAD)
    appeal(newsroom, sent, "Ask eve@mail.example, she laughed.")
    shown = in_hand(newsroom)
    assert shown["appeal"]["text"] == "Ask [e-mail], she laughed."
    assert shown["appeal"]["rejected_for"] == ["spam"]
    assert shown["held_for"] == [{"code": "appeal"}]


def test_a_comment_without_an_appeal_has_none_on_the_desk(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    assert in_hand(newsroom)["appeal"] is None


@pytest.mark.parametrize(
    ("verdict", "state", "outcome"),
    [("approve", "published", "approved"), ("reject", "rejected", "rejected")],
)
def test_the_author_hears_the_outcome(
    newsroom: Newsroom, verdict: str, state: str, outcome: str
) -> None:
    sent = reject(newsroom)
    appeal(newsroom, sent)
    decide(newsroom, sent, verdict, Role.LEAD)
    told = standing(newsroom, sent)
    assert (told["state"], told["appeal"]["outcome"]) == (state, outcome)
    assert told["appeal"]["heard_at"]
    assert told["may_appeal"] is False


def test_there_is_one_appeal_for_each_text(
    newsroom: Newsroom, session: Session
) -> None:
    sent = reject(newsroom)
    assert appeal(newsroom, sent).status_code == 201
    assert appeal(newsroom, sent).status_code == 201  # sent twice: the same one
    assert_refused(appeal(newsroom, sent, "And another thing."), 409)
    decide(newsroom, sent, "reject", Role.LEAD)
    assert_refused(appeal(newsroom, sent, "Once more."), 409)
    assert len(session.scalars(sa.select(Appeal.id)).all()) == 1


def test_another_text_may_be_appealed_for_anew(newsroom: Newsroom) -> None:
    sent = reject(newsroom)
    appeal(newsroom, sent)
    decide(newsroom, sent, "reject", Role.LEAD)
    newsroom.as_site().patch(f"{COMMENTS}/{sent}", {"body": "Milder."})
    assert standing(newsroom, sent)["state"] == "edited"
    decide(newsroom, sent, "reject", Role.LEAD)
    assert standing(newsroom, sent)["may_appeal"] is True
    assert appeal(newsroom, sent).status_code == 201
    assert hand_of(newsroom, Role.LEAD) == []
    assert hand_of(newsroom, Role.MODERATOR) == [sent]


def test_an_edit_while_the_appeal_waits_goes_to_a_person(newsroom: Newsroom) -> None:
    sent = reject(newsroom)
    appeal(newsroom, sent)
    edited = newsroom.as_site().patch(f"{COMMENTS}/{sent}", {"body": "Milder."})
    assert edited.json["status"] == "pending"
    assert standing(newsroom, sent)["state"] == "edited"


def test_anybody_hears_an_appeal_against_the_machine(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_REJECTED)
    sent = newsroom.send()["id"]
    told = appeal(newsroom, sent).json
    assert told["state"] == "appealed"
    assert hand_of(newsroom, Role.MODERATOR) == [sent]
    decide(newsroom, sent, "approve")
    assert standing(newsroom, sent)["state"] == "published"


def test_the_author_of_what_the_machine_rejected_hears_labels_not_scores(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(ALL_REJECTED)
    told = standing(newsroom, newsroom.send()["id"])
    assert told["reasons"] == ["toxicity"]
    assert "score" not in str(told)


def test_an_undo_opens_the_appeal_again(newsroom: Newsroom, session: Session) -> None:
    sent = reject(newsroom)
    appeal(newsroom, sent)
    decide(newsroom, sent, "approve", Role.LEAD)
    version = row_of(session, sent).version
    path = f"{COMMENTS}/{sent}/undo"
    undone = newsroom.as_staff(Role.LEAD).post(path, {"version": version})
    assert undone.status_code == 201
    assert standing(newsroom, sent)["state"] == "appealed"
    assert_refused(try_deciding(newsroom, sent, Role.MODERATOR), 409)
    decide(newsroom, sent, "reject", Role.LEAD)
    assert standing(newsroom, sent)["appeal"]["outcome"] == "rejected"


def test_a_rejection_taken_back_is_nobodys(
    newsroom: Newsroom, session: Session
) -> None:
    sent = reject(newsroom, Role.LEAD)  # stands
    decide(newsroom, sent, "approve")
    version = row_of(session, sent).version
    newsroom.as_staff().post(f"{COMMENTS}/{sent}/undo", {"version": version})
    appeal(newsroom, sent)
    assert hand_of(newsroom, Role.LEAD) == []
    assert hand_of(newsroom, Role.MODERATOR) == [sent]


def test_the_rejection_cannot_be_undone_under_the_appeal(
    newsroom: Newsroom, session: Session
) -> None:
    sent = reject(newsroom)
    version = row_of(session, sent).version
    appeal(newsroom, sent)
    path = f"{COMMENTS}/{sent}/undo"
    assert_refused(newsroom.as_staff().post(path, {"version": version}), 409)
    assert_refused(newsroom.as_staff().post(path, {"version": version + 1}), 409)


def test_the_sites_own_people_may_hear_it(newsroom: Newsroom) -> None:
    speak(newsroom)
    sent = reject(newsroom)
    appeal(newsroom, sent)
    body = {"api_key": newsroom.key, "guid": sent, "user_ip": "192.0.2.1"}
    body |= {"blog": "https://gazette.example", "comment_content": "x"}
    db.session.remove()
    newsroom.app.test_client().post("/1.1/submit-ham", data=body)
    told = standing(newsroom, sent)
    assert (told["state"], told["appeal"]["outcome"]) == ("published", "approved")


@pytest.mark.parametrize("verdict", ["approve", None])
def test_only_what_is_rejected_can_be_appealed_for(
    newsroom: Newsroom, verdict: str | None
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()["id"]
    if verdict:
        decide(newsroom, sent, verdict)
    assert_refused(appeal(newsroom, sent), 409)


def test_a_lone_moderator_sees_that_nobody_else_can_hear_it(
    newsroom: Newsroom, session: Session
) -> None:
    sent = reject(newsroom)
    hand = newsroom.as_staff().post("/api/v1/hand", {}).json
    assert hand["appeals_kept"] == {"count": 0, "alone": 0}
    appeal(newsroom, sent)
    hand = newsroom.as_staff().post("/api/v1/hand", {}).json
    assert hand["appeals_kept"] == {"count": 1, "alone": 0}
    start_writing(session)
    others = Staff.id != newsroom.staff_ids[Role.MODERATOR]
    now = datetime.now(UTC)
    session.execute(sa.update(Staff).where(others).values(disabled_at=now))
    session.commit()
    hand = newsroom.as_staff().post("/api/v1/hand", {}).json
    assert hand["appeals_kept"] == {"count": 1, "alone": 1}
    assert hand["comments"] == []  # it waits; no one decides in their own case
    assert row_of(session, sent).status == "pending"


def test_appeals_at_once_are_one(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    sent = reject(newsroom)
    answers = at_once(app, [lambda: appeal(newsroom, sent)] * 16)
    assert {answer.status_code for answer in answers} == {201}
    session.rollback()
    assert len(session.scalars(sa.select(Appeal.id)).all()) == 1
    by_author = sa.select(Decision.id).where(Decision.source == "author")
    assert len(session.scalars(by_author).all()) == 1


def test_what_the_author_wrote_goes_with_a_deleted_comment(
    newsroom: Newsroom, session: Session
) -> None:
    sent = reject(newsroom)
    appeal(newsroom, sent)
    newsroom.as_site().delete(f"{COMMENTS}/{sent}")
    session.rollback()
    assert session.scalars(sa.select(Appeal.text)).all() == [""]
    assert_refused(appeal(newsroom, sent), 404)


def test_the_author_is_told_that_it_is_looked_at_again(newsroom: Newsroom) -> None:
    sent = newsroom.send()["id"]
    assert standing(newsroom, sent)["state"] == "published"
    report_often(newsroom, sent, 3)
    assert standing(newsroom, sent)["state"] == "reported"


def test_a_receipt_gives_the_status_link(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()
    assert sent["status_url"].startswith(f"/status/{sent['id']}")
    assert standing(newsroom, sent["id"])["status_url"] == sent["status_url"]
    assert standing(newsroom, sent["id"])["state"] == "waiting"


def test_staff_are_not_given_the_authors_link(newsroom: Newsroom) -> None:
    sent = newsroom.send()["id"]
    assert "status_url" not in newsroom.as_staff().get(f"{COMMENTS}/{sent}").json


@on_sqlite
@pytest.mark.parametrize("text", ["", " ", None, 7, "x" * 4001, "a\x00b", "\ud800"])
def test_a_bad_appeal_is_refused(newsroom: Newsroom, text: object) -> None:
    sent = reject(newsroom)
    path = f"{COMMENTS}/{sent}/appeal"
    assert_refused(newsroom.as_site().post(path, {"text": text}), 422, "text")


@on_sqlite
def test_appeals_are_for_those_who_may(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    path = f"{COMMENTS}/{reject(newsroom)}/appeal"
    body = {"text": WORDS}
    assert_refused(newsroom.as_staff().post(path, body), 403)
    assert_refused(newsroom.as_staff().get(path), 403)
    assert_refused(other_newsroom.as_site().post(path, body), 404)
    assert_refused(other_newsroom.as_site().get(path), 404)
    stranger = newsroom.app.test_client()
    assert stranger.post(path, json=body).status_code == 401
    assert stranger.get(path).status_code == 401
