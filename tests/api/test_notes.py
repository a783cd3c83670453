"""Notes, corrected labels and escalation over HTTP, and what they lead to."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from classifiers.text.labels import HARMS
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.learning import examples as feedback
from moderation.review import notes
from moderation.tables.accounts import Membership
from moderation.tables.decisions import Decision
from moderation.tables.review import Correction, Escalation, Note
from tests.api.test_desk import assert_conflict, ids, take
from tests.builders import ALL_HELD, NOTHING_HELD, Answer, Newsroom
from tests.concurrency.test_concurrency import at_once
from tests.refusals import assert_refused

COMMENTS = "/api/v1/comments"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def post(
    newsroom: Newsroom,
    comment_id: str,
    what: str,
    body: object,
    role: Role = Role.MODERATOR,
) -> Answer:
    return newsroom.as_staff(role).post(f"{COMMENTS}/{comment_id}/{what}", body)


def escalate(
    newsroom: Newsroom, comment_id: str, role: Role = Role.MODERATOR, **body: Any
) -> Answer:
    return post(newsroom, comment_id, "escalation", {"version": 1, **body}, role)


def take_back(
    newsroom: Newsroom, comment_id: str, role: Role = Role.MODERATOR
) -> Answer:
    return newsroom.as_staff(role).delete(f"{COMMENTS}/{comment_id}/escalation")


def approve(newsroom: Newsroom, comment_id: str, role: Role, version: int) -> Answer:
    body = {"verdict": "approve", "version": version}
    return post(newsroom, comment_id, "decisions", body, role)


def history(newsroom: Newsroom, comment_id: str) -> Any:
    return newsroom.as_staff().get(f"{COMMENTS}/{comment_id}/history").json


# -- notes -------------------------------------------------------------------------


def test_a_note_is_shown_on_the_desk_and_in_the_history(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    answer = post(newsroom, made, "notes", {"text": "He rang us up."})
    assert answer.status_code == 201
    assert answer.json["author"] == "gazette-moderator"
    (entry,) = take(newsroom, Role.LEAD)
    assert entry["notes"] == [answer.json]
    assert history(newsroom, made)["notes"] == [answer.json]


def test_an_address_in_a_note_is_masked(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    answer = post(newsroom, made, "notes", {"text": "Ask jo@mail.example first."})
    assert answer.json["text"] == "Ask [e-mail] first."


@pytest.mark.parametrize(
    "text", ["", " \u200b ", "a\x00b", "\ud800", 7, None, "x" * 2001, "é" * 1001]
)
def test_a_note_that_is_none_is_refused(newsroom: Newsroom, text: object) -> None:
    made = newsroom.send()["id"]
    assert_refused(post(newsroom, made, "notes", {"text": text}), 422, "text")


def test_a_comment_takes_so_many_notes(newsroom: Newsroom, session: Session) -> None:
    made = newsroom.send()["id"]
    start_writing(session)
    session.add_all(
        Note(
            site_id=newsroom.site_id,
            comment_id=identifiers.decode(made),
            staff_id=newsroom.staff_ids[Role.LEAD],
            created_at=datetime.now(UTC),
            text="Hm.",
        )
        for _ in range(notes.MOST_NOTES)
    )
    session.commit()
    answer = post(newsroom, made, "notes", {"text": "One more."})
    assert_conflict(answer, "too_many_notes")


def test_notes_are_erased_with_the_comment(
    newsroom: Newsroom, session: Session
) -> None:
    made = newsroom.send()["id"]
    post(newsroom, made, "notes", {"text": "A word."})
    escalate(newsroom, made, note="Her address is in it.")
    newsroom.as_site().delete(f"{COMMENTS}/{made}")
    assert session.scalars(sa.select(Note)).all() == []
    (escalation,) = session.scalars(sa.select(Escalation))
    assert escalation.note is None
    assert escalation.ended_at is not None


# -- labels ------------------------------------------------------------------------


def test_a_corrected_label_leaves_verdict_and_version(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    body = {"version": 1, "labels": {"spam": True}}
    answer = post(newsroom, made, "labels", body)
    assert answer.status_code == 201
    assert answer.json["labels"] == {"spam": True}
    stands = newsroom.as_staff().get(f"{COMMENTS}/{made}").json
    assert (stands["status"], stands["version"]) == ("pending", 1)
    told = history(newsroom, made)["corrections"]
    assert [(each["by"], each["labels"]) for each in told] == [
        ("gazette-moderator", {"spam": True})
    ]


@pytest.mark.parametrize(
    "labels", [{}, {"rude": True}, {"spam": 2}, {"spam": "true"}, [], None]
)
def test_labels_that_are_none_are_refused(newsroom: Newsroom, labels: object) -> None:
    made = newsroom.send()["id"]
    answer = post(newsroom, made, "labels", {"version": 1, "labels": labels})
    assert answer.status_code == 422
    assert {name.partition(".")[0] for name in answer.json["fields"]} == {"labels"}


def test_labels_of_a_text_that_changed_are_refused(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    newsroom.as_site().patch(f"{COMMENTS}/{made}", {"body": "Another."})
    answer = post(newsroom, made, "labels", {"version": 1, "labels": {"spam": True}})
    assert_conflict(answer, "stale_version")


def taught(session: Session, newsroom: Newsroom) -> list[dict[str, bool]]:
    session.rollback()
    examples = feedback.read_examples(session, newsroom.site_id, HARMS)
    return [dict(example.labels) for example in examples]


def test_a_label_teaches_without_a_verdict(
    newsroom: Newsroom, session: Session
) -> None:
    made = newsroom.send()["id"]
    post(newsroom, made, "labels", {"version": 1, "labels": {"spam": True}})
    post(newsroom, made, "labels", {"version": 1, "labels": {"insult": False}})
    assert taught(session, newsroom) == [{"spam": True, "insult": False}]
    assert feedback.count_examples(session, newsroom.site_id, 9) == 1


def test_the_newest_word_on_a_label_counts(
    newsroom: Newsroom, session: Session
) -> None:
    made = newsroom.send()["id"]
    post(newsroom, made, "labels", {"version": 1, "labels": {"spam": True}})
    approve(newsroom, made, Role.MODERATOR, 1)
    assert taught(session, newsroom) == [dict.fromkeys(HARMS, False)]
    body = {"version": 2, "labels": {"insult": True}}
    post(newsroom, made, "labels", body, Role.LEAD)
    assert taught(session, newsroom) == [
        {**dict.fromkeys(HARMS, False), "insult": True}
    ]


def test_a_label_of_an_earlier_text_teaches_nothing(
    newsroom: Newsroom, session: Session
) -> None:
    made = newsroom.send()["id"]
    post(newsroom, made, "labels", {"version": 1, "labels": {"spam": True}})
    newsroom.as_site().patch(f"{COMMENTS}/{made}", {"body": "Another."})
    assert taught(session, newsroom) == []


def test_a_correction_says_which_model_had_scored(
    newsroom: Newsroom, session: Session
) -> None:
    made = newsroom.send()
    post(newsroom, made["id"], "labels", {"version": 1, "labels": {"spam": True}})
    (correction,) = session.scalars(sa.select(Correction))
    assert correction.model_version == made["model_version"]


# -- escalation --------------------------------------------------------------------


def test_what_is_escalated_goes_to_leads_only(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    assert ids(take(newsroom)) == [made]
    answer = escalate(newsroom, made, note="Is that libel? Ask jo@mail.example")
    assert answer.status_code == 201
    assert answer.json["version"] == 2
    assert answer.json["note"] == "Is that libel? Ask [e-mail]"
    assert take(newsroom) == []
    (entry,) = take(newsroom, Role.LEAD)
    assert entry["id"] == made
    assert entry["status"] == "pending"
    assert entry["escalation"]["by"] == "gazette-moderator"
    assert entry["escalation"]["note"] == "Is that libel? Ask [e-mail]"


def test_a_moderator_neither_claims_nor_decides_what_is_escalated(
    newsroom: Newsroom,
) -> None:
    made = newsroom.send()["id"]
    escalate(newsroom, made)
    claim = newsroom.as_staff().put(f"{COMMENTS}/{made}/claim")
    assert_conflict(claim, "escalated")
    assert_conflict(approve(newsroom, made, Role.MODERATOR, 2), "escalated")
    assert approve(newsroom, made, Role.LEAD, 2).status_code == 201


def test_a_leads_decision_ends_the_escalation(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    escalate(newsroom, made)
    approve(newsroom, made, Role.LEAD, 2)
    (told,) = history(newsroom, made)["escalations"]
    assert told["ended_by"] == "gazette-lead"
    sent_back = {"verdict": "review", "version": 3}
    post(newsroom, made, "decisions", sent_back, Role.LEAD)
    assert ids(take(newsroom)) == [made]


def test_a_leads_decision_taken_back_waits_for_a_lead_again(
    newsroom: Newsroom,
) -> None:
    made = newsroom.send()["id"]
    escalate(newsroom, made, note="Hm.")
    approve(newsroom, made, Role.LEAD, 2)
    undone = post(newsroom, made, "undo", {"version": 3}, Role.LEAD)
    assert undone.status_code == 201
    newsroom.as_staff(Role.LEAD).delete("/api/v1/hand")
    assert take(newsroom) == []
    (entry,) = take(newsroom, Role.ADMIN)
    assert entry["escalation"]["note"] == "Hm."


def test_an_escalation_taken_back_is_in_the_hand_again(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    escalate(newsroom, made)
    answer = take_back(newsroom, made)
    assert answer.status_code == 200
    assert answer.json["version"] == 3
    assert answer.json["claimed_until"]
    assert take(newsroom, Role.LEAD) == []
    assert ids(take(newsroom)) == [made]


def test_a_lead_gives_an_escalation_back_to_the_queue(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    escalate(newsroom, made)
    answer = take_back(newsroom, made, Role.LEAD)
    assert answer.json == {"version": 3, "claimed_until": None}
    assert ids(take(newsroom)) == [made]


def test_an_escalation_that_a_lead_holds_is_not_taken_back(
    newsroom: Newsroom,
) -> None:
    made = newsroom.send()["id"]
    escalate(newsroom, made)
    take(newsroom, Role.LEAD)
    assert_conflict(take_back(newsroom, made), "already_claimed")


def test_an_escalation_of_another_is_not_taken_back(
    newsroom: Newsroom, session: Session
) -> None:
    made = newsroom.send()["id"]
    escalate(newsroom, made, Role.LEAD)
    assert_conflict(take_back(newsroom, made), "not_escalated")
    assert_conflict(take_back(newsroom, newsroom.send()["id"]), "not_escalated")


def test_nothing_is_escalated_where_nobody_else_leads(
    newsroom: Newsroom, session: Session
) -> None:
    made = newsroom.send()["id"]
    start_writing(session)
    session.execute(sa.delete(Membership).where(Membership.role == "admin"))
    session.commit()
    assert_conflict(escalate(newsroom, made, Role.LEAD), "no_lead")
    assert escalate(newsroom, made).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"version": 0}, "version"),
        ({"version": "1"}, "version"),
        ({"version": 1, "note": " "}, "note"),
        ({"version": 1, "note": "x" * 2001}, "note"),
        ({"version": 1, "why": "x"}, "why"),
    ],
)
def test_an_escalation_that_is_none_is_refused(
    newsroom: Newsroom, body: dict[str, object], field: str
) -> None:
    made = newsroom.send()["id"]
    assert_refused(post(newsroom, made, "escalation", body), 422, field)


def test_only_what_waits_is_escalated_and_once(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    assert_conflict(escalate(newsroom, made, version=2), "stale_version")
    escalate(newsroom, made)
    assert_conflict(escalate(newsroom, made, version=2), "escalated")
    newsroom.set_policy(NOTHING_HELD)
    assert_conflict(escalate(newsroom, newsroom.send()["id"]), "not_pending")


def test_what_another_holds_is_not_escalated(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    take(newsroom, Role.LEAD)
    assert_conflict(escalate(newsroom, made), "already_claimed")


def test_an_edited_comment_still_waits_for_the_lead(newsroom: Newsroom) -> None:
    made = newsroom.send()["id"]
    escalate(newsroom, made)
    newsroom.set_policy(NOTHING_HELD)
    newsroom.as_site().patch(f"{COMMENTS}/{made}", {"body": "Milder words."})
    assert take(newsroom) == []
    (entry,) = take(newsroom, Role.LEAD)
    assert entry["body"] == "Milder words."


def test_escalating_and_deciding_at_once_has_one_winner(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    path = f"{COMMENTS}/{newsroom.send()['id']}"
    decision = {"verdict": "approve", "version": 1}
    calls = [
        lambda role=role, what=what, body=body: newsroom.as_staff(role).post(
            f"{path}/{what}", body
        )
        for role in Role
        for what, body in [("escalation", {"version": 1}), ("decisions", decision)]
    ]
    codes = Counter(answer.status_code for answer in at_once(app, calls))
    assert codes == {201: 1, 409: 5}
    acts = [
        session.scalar(sa.select(sa.func.count()).select_from(Escalation)),
        session.scalar(sa.select(sa.func.count()).where(Decision.source == "person")),
    ]
    assert sorted(each or 0 for each in acts) == [0, 1]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("notes", {"text": "A word."}),
        ("labels", {"version": 1, "labels": {"spam": True}}),
        ("escalation", {"version": 1}),
    ],
)
def test_remarks_are_for_staff_of_the_site(
    newsroom: Newsroom, other_newsroom: Newsroom, what: str, body: object
) -> None:
    made = newsroom.send()["id"]
    path = f"{COMMENTS}/{made}/{what}"
    assert_refused(other_newsroom.as_staff().post(path, body), 404)
    assert_refused(newsroom.as_site().post(path, body), 403)
    assert_refused(newsroom.as_staff().post(f"{COMMENTS}/nothing/{what}", body), 404)


def test_the_moment_of_the_claim_is_kept_with_the_decision(
    newsroom: Newsroom, session: Session
) -> None:
    made = newsroom.send()["id"]
    take(newsroom)
    first = session.scalar(sa.text("SELECT claimed_at FROM comments"))
    take(newsroom)  # renewed, not claimed again
    newsroom.as_staff().put(f"{COMMENTS}/{made}/claim")
    approve(newsroom, made, Role.MODERATOR, 1)
    session.rollback()
    (decision,) = session.scalars(
        sa.select(Decision).where(Decision.source == "person")
    )
    assert decision.claimed_at is not None
    stored = sa.text("SELECT claimed_at FROM decisions WHERE source = 'person'")
    assert session.scalar(stored) == first
    assert decision.created_at - decision.claimed_at < timedelta(minutes=5)
