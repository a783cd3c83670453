"""The desk over HTTP: reservations without collisions, cards, and undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.errors import NotUndoable
from moderation.learning import examples
from moderation.policy.verdicts import Verdict
from moderation.review.moderator import Moderator
from moderation.review.undo import undo as undo_decision
from moderation.tables.comments import Comment
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD, Answer, Newsroom
from tests.concurrency.test_concurrency import at_once
from tests.refusals import assert_refused

HAND = "/api/v1/hand"
INSULT = "You absolute moron, nobody asked for your idiotic opinion."


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def take(newsroom: Newsroom, role: Role = Role.MODERATOR, **body: Any) -> list[Any]:
    answer = newsroom.as_staff(role).post(HAND, body)
    assert answer.status_code == 200, answer.json
    found: list[Any] = answer.json["comments"]
    return found


def ids(comments: list[Any]) -> list[str]:
    return [each["id"] for each in comments]


def decide(newsroom: Newsroom, comment_id: str, **body: Any) -> Answer:
    body = {"verdict": "approve", "version": 1, **body}
    return newsroom.as_staff().post(f"/api/v1/comments/{comment_id}/decisions", body)


def undo(newsroom: Newsroom, comment_id: str, version: int = 2) -> Answer:
    path = f"/api/v1/comments/{comment_id}/undo"
    return newsroom.as_staff().post(path, {"version": version})


def assert_conflict(answer: Answer, code: str) -> None:
    assert_refused(answer, 409)
    assert answer.json["code"] == code


def test_a_hand_is_the_head_of_the_queue(newsroom: Newsroom) -> None:
    for _ in range(4):
        newsroom.send()
    queue = newsroom.as_staff().get("/api/v1/queue").json["comments"]
    assert ids(take(newsroom, size=3)) == ids(queue)[:3]


def test_a_second_hand_holds_other_comments(newsroom: Newsroom) -> None:
    made = {newsroom.send()["id"] for _ in range(3)}
    first, second = take(newsroom, size=2), take(newsroom, Role.LEAD, size=2)
    assert (len(first), len(second)) == (2, 1)
    assert {*ids(first), *ids(second)} == made


def test_a_hand_taken_again_is_the_same_filled_up(newsroom: Newsroom) -> None:
    for _ in range(4):
        newsroom.send()
    first = take(newsroom, size=2)
    decide(newsroom, first[0]["id"])
    again = take(newsroom, size=2)
    assert again[0]["id"] == first[1]["id"]
    assert len(again) == 2
    assert again[0]["claimed_until"] >= first[1]["claimed_until"]


def test_a_smaller_hand_takes_nothing_away(newsroom: Newsroom) -> None:
    for _ in range(3):
        newsroom.send()
    assert len(take(newsroom, size=3)) == len(take(newsroom, size=1)) == 3


def test_a_hand_given_back_is_free_for_others(newsroom: Newsroom) -> None:
    newsroom.send()
    held = ids(take(newsroom))
    assert take(newsroom, Role.LEAD) == []
    assert newsroom.as_staff().delete(HAND).status_code == 204
    assert ids(take(newsroom, Role.LEAD)) == held


def test_a_lapsed_claim_goes_to_the_next_hand(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send()
    held = ids(take(newsroom))
    start_writing(session)
    session.execute(
        sa.update(Comment).values(claimed_until=datetime.now(UTC) - timedelta(1))
    )
    session.commit()
    assert ids(take(newsroom, Role.LEAD)) == held
    assert_refused(decide(newsroom, held[0]), 409)
    assert take(newsroom) == []


@pytest.mark.parametrize("size", [0, 51, "10", None, 1.5])
def test_a_hand_has_a_size(newsroom: Newsroom, size: object) -> None:
    answer = newsroom.as_staff().post(HAND, {"size": size})
    assert_refused(answer, 422, "size")


def test_hands_are_for_the_sites_one_works_at(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    newsroom.send()
    assert take(other_newsroom) == []
    assert_refused(other_newsroom.as_staff().post(HAND, {"site": "gazette"}), 404)
    assert_refused(newsroom.as_site().post(HAND, {}), 403)
    assert len(take(newsroom, site="gazette")) == 1


def test_many_hands_at_once_never_share_a_comment(
    app: Flask, newsroom: Newsroom
) -> None:
    made = {newsroom.send()["id"] for _ in range(12)}
    calls = [
        lambda role=role: newsroom.as_staff(role).post(HAND, {"size": 4})
        for role in Role
    ]
    hands = [ids(answer.json["comments"]) for answer in at_once(app, calls)]
    taken = [each for hand in hands for each in hand]
    assert len(taken) == len(set(taken))
    rest = [ids(take(newsroom, role, size=4)) for role in Role]
    assert {each for hand in rest for each in hand} == made


def test_the_words_that_pushed_the_score_stand_out(newsroom: Newsroom) -> None:
    newsroom.send(body=INSULT)
    (entry,) = take(newsroom)
    assert entry["label"] == "toxicity"
    assert "".join(piece["text"] for piece in entry["pieces"]) == INSULT
    loudest = max(entry["pieces"], key=lambda piece: piece["share"])
    assert loudest["text"] in {"moron", "idiotic"}
    assert entry["held_for"][0]["code"] == "score"


def test_a_text_that_another_model_scored_is_not_explained(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send(body=INSULT)
    start_writing(session)
    session.execute(sa.text("UPDATE scores SET model_version = 'older-1'"))
    session.commit()
    (entry,) = take(newsroom)
    assert entry["pieces"] == [{"text": INSULT, "share": 0.0}]


def test_what_is_replied_to_is_shown(newsroom: Newsroom) -> None:
    parent = newsroom.send(body="The first word.")
    newsroom.send(parent=parent["id"])
    reply = next(each for each in take(newsroom) if each["parent"])
    assert reply["parent_comment"]["body"] == "The first word."
    assert reply["parent_comment"]["status"] == "pending"


def test_the_record_of_an_author_is_counted(newsroom: Newsroom) -> None:
    for verdict in ("approve", "reject", "reject"):
        made = newsroom.send(author_email="rob@mail.example")
        decide(newsroom, made["id"], verdict=verdict, reasons=["spam"])
    newsroom.send(author_email="ROB@mail.example")
    newsroom.send(author_email="else@mail.example")
    by_name = {each["author"]["rejected"]: each for each in take(newsroom)}
    record = by_name[2]["author"]
    assert (record["approved"], record["pending"]) == (1, 1)
    assert record["first_seen"] < by_name[2]["received_at"]
    assert by_name[0]["author"]["pending"] == 1


def test_counts_tell_what_waits_and_what_is_overdue(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send()
    late = identifiers.decode(newsroom.send()["id"])
    start_writing(session)
    session.execute(
        sa.update(Comment)
        .where(Comment.id == late)
        .values(due_at=datetime.now(UTC) - timedelta(minutes=1))
    )
    session.commit()
    answer = newsroom.as_staff().get("/api/v1/queue/counts")
    assert answer.json["pending"] == 2
    assert answer.json["overdue"] == 1


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_a_decision_taken_back_puts_the_comment_in_its_place(
    newsroom: Newsroom, verdict: str
) -> None:
    made = newsroom.send()["id"]
    before = newsroom.as_staff().get("/api/v1/queue").json["comments"]
    decide(newsroom, made, verdict=verdict, reasons=["spam"])
    answer = undo(newsroom, made)
    assert answer.status_code == 201
    assert answer.json["status"] == "pending"
    assert answer.json["reasons"] == [{"code": "undone"}]
    after = newsroom.as_staff().get("/api/v1/queue").json["comments"]
    assert after[0]["due_at"] == before[0]["due_at"]
    history = newsroom.as_staff().get(f"/api/v1/comments/{made}/history").json
    assert [each["verdict"] for each in history["decisions"]] == [
        "review",
        verdict,
        "review",
    ]


def test_a_rejection_of_what_was_published_can_be_taken_back(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(NOTHING_HELD)
    made = newsroom.send()["id"]
    decide(newsroom, made, verdict="reject", reasons=["insult"])
    assert undo(newsroom, made).json["status"] == "approved"
    assert newsroom.as_site().get(f"/api/v1/comments/{made}").json["status"] == (
        "approved"
    )


def test_what_was_taken_back_teaches_nothing(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(NOTHING_HELD)
    made = newsroom.send()["id"]
    decide(newsroom, made, verdict="reject", reasons=["insult"])
    assert examples.count_examples(session, newsroom.site_id, 5) == 1
    undo(newsroom, made)
    session.rollback()
    assert examples.count_examples(session, newsroom.site_id, 5) == 0
    assert list(examples.read_examples(session, newsroom.site_id, ["insult"])) == []


def test_what_is_pending_again_is_in_the_hand_again(newsroom: Newsroom) -> None:
    for _ in range(3):
        newsroom.send()
    held = ids(take(newsroom, size=2))
    decide(newsroom, held[1])
    take(newsroom, size=2)
    undo(newsroom, held[1])
    assert held[1] in ids(take(newsroom, size=2))


def test_the_hand_tells_what_can_be_taken_back(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]

    def undoable() -> Any:
        return newsroom.as_staff().post(HAND, {}).json["undoable"]

    assert undoable() is None
    decide(newsroom, made)
    told = undoable()
    assert (told["id"], told["version"], told["verdict"]) == (made, 2, "approve")
    undo(newsroom, told["id"], told["version"])
    assert undoable() is None
    decide(newsroom, made, version=3)
    newsroom.as_site().patch(f"/api/v1/comments/{made}", {"body": "Another text."})
    assert undoable() is None


def test_an_undo_is_not_taken_back(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    decide(newsroom, made)
    undo(newsroom, made)
    assert_conflict(undo(newsroom, made, version=3), "not_undoable")


def test_only_ones_own_decision_is_taken_back(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    assert_conflict(undo(newsroom, made, version=1), "not_undoable")
    decide(newsroom, made)
    lead = newsroom.as_staff(Role.LEAD)
    answer = lead.post(f"/api/v1/comments/{made}/undo", {"version": 2})
    assert_conflict(answer, "not_undoable")


def test_nothing_newer_is_overwritten_by_an_undo(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    decide(newsroom, made)
    newsroom.as_site().patch(f"/api/v1/comments/{made}", {"body": "Another text."})
    assert_conflict(undo(newsroom, made), "stale_version")


def test_the_time_for_an_undo_ends(newsroom: Newsroom, session: Session) -> None:
    made = newsroom.send()["id"]
    decide(newsroom, made)
    start_writing(session)
    with pytest.raises(NotUndoable, match="over"):
        undo_decision(
            session,
            identifiers.decode(made),
            Moderator(
                staff_id=newsroom.staff_ids[Role.MODERATOR],
                site_ids=[newsroom.site_id],
            ),
            version=2,
            now=datetime.now(UTC) + timedelta(seconds=31),
            grace=timedelta(seconds=30),
            lasts=timedelta(minutes=15),
        )


def test_an_undone_comment_is_still_held_for_the_policys_reasons(
    newsroom: Newsroom,
) -> None:
    made = newsroom.send(body=INSULT)["id"]
    decide(newsroom, made, verdict=Verdict.APPROVE.value)
    undo(newsroom, made)
    (entry,) = take(newsroom)
    assert entry["held_for"][0]["label"] == "toxicity"
    assert entry["version"] == 3
    (listed,) = newsroom.as_staff().get("/api/v1/queue").json["comments"]
    assert listed["reasons"][0]["label"] == "toxicity"


def look_over(newsroom: Newsroom, query: str = "") -> Any:
    answer = newsroom.as_staff().get(f"/api/v1/decided{query}")
    assert answer.status_code == 200, answer.json
    return answer.json


def test_what_the_machine_rejected_can_be_looked_over(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_REJECTED)
    made = [newsroom.send(body=INSULT)["id"] for _ in range(3)]
    page = look_over(newsroom, "?limit=2")
    assert ids(page["comments"]) == made[:0:-1]
    first = page["comments"][0]
    assert (first["decision"]["source"], first["status"]) == ("policy", "rejected")
    assert first["scores"]["toxicity"] > 0.5
    rest = look_over(newsroom, f"?limit=2&cursor={page['next']}")
    assert (ids(rest["comments"]), rest["next"]) == (made[:1], None)


def test_only_decisions_that_stand_are_listed(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_REJECTED)
    put_right, deleted, kept = (newsroom.send()["id"] for _ in range(3))
    decide(newsroom, put_right)
    newsroom.as_site().delete(f"/api/v1/comments/{deleted}")
    assert ids(look_over(newsroom)["comments"]) == [kept]
    (entry,) = look_over(newsroom, "?source=person&verdict=approve")["comments"]
    assert entry["id"] == put_right
    assert entry["decision"]["decided_by"] == "gazette-moderator"


@pytest.mark.parametrize(
    "query", ["source=x", "verdict=x", "cursor=x", "cursor=WyJ4Il0"]
)
def test_a_list_of_decisions_is_asked_for_properly(
    newsroom: Newsroom, query: str
) -> None:
    answer = newsroom.as_staff().get(f"/api/v1/decided?{query}")
    assert_refused(answer, 422, query.partition("=")[0])


def test_decisions_of_other_sites_are_not_listed(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    newsroom.set_policy(ALL_REJECTED)
    newsroom.send()
    assert look_over(other_newsroom)["comments"] == []
    foreign = other_newsroom.as_staff().get("/api/v1/decided?site=gazette")
    assert_refused(foreign, 404)
