"""Second looks and audits: blind, decided once, undone like any other decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.policy.thresholds import Moderation
from moderation.review import qa_sampling
from moderation.review.qa_reviews import QaReviewKind
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.review import QaReview
from moderation.worker import maintenance
from tests.api.test_desk import assert_conflict, ids, take
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD, Answer, Newsroom
from tests.concurrency.test_concurrency import at_once

COMMENTS = "/api/v1/comments"
KEY = b"k" * 32
INSULT = "You absolute moron, nobody asked for your idiotic opinion."
REJECT: dict[str, Any] = {"verdict": "reject", "reasons": ["spam"]}


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD, second_look_share=1.0, audit_share=1.0)
    return newsroom


def decide(
    newsroom: Newsroom, entry: Any, role: Role = Role.MODERATOR, **said: Any
) -> Answer:
    body = {"verdict": "approve", "version": entry["version"], **said}
    path = f"{COMMENTS}/{entry['id']}/decisions"
    return newsroom.as_staff(role).post(path, body)


def undo(newsroom: Newsroom, entry: Any, role: Role) -> Answer:
    path = f"{COMMENTS}/{entry['id']}/undo"
    return newsroom.as_staff(role).post(path, {"version": entry["version"] + 1})


def draw(session: Session, *, later: timedelta = timedelta()) -> int:
    start_writing(session)
    now = datetime.now(UTC) + later
    drawn = qa_sampling.draw(session, key=KEY, now=now, until=now)
    qa_sampling.end_idle(session, now)
    session.commit()
    return drawn


def second_look(newsroom: Newsroom, session: Session, **sent: Any) -> Any:
    """Decide a comment as the moderator, and return it as reserved for the lead."""
    newsroom.send(**sent)
    (entry,) = take(newsroom)
    assert decide(newsroom, entry).status_code == 201
    assert draw(session) == 1
    (again,) = take(newsroom, Role.LEAD)
    return again


def audit(newsroom: Newsroom, session: Session, policy: Any = NOTHING_HELD) -> Any:
    """Let the machine decide a comment, and return it in the moderator's hand."""
    newsroom.set_policy(policy, audit_share=1.0)
    newsroom.send(body=INSULT)
    assert draw(session) == 1
    (entry,) = take(newsroom)
    return entry


def stored(session: Session) -> QaReview:
    session.rollback()
    return session.scalars(sa.select(QaReview)).one()


def status_of(newsroom: Newsroom, comment_id: str) -> str:
    status: str = newsroom.as_site().get(f"{COMMENTS}/{comment_id}").json["status"]
    return status


# -- the sample --------------------------------------------------------------------


def test_a_sample_is_the_share_and_the_same_each_time() -> None:
    drawn = [
        number
        for number in range(10_000)
        if qa_sampling.is_drawn(KEY, QaReviewKind.SECOND, number, 0.1)
    ]
    assert 850 < len(drawn) < 1150
    again = [
        each
        for each in drawn
        if qa_sampling.is_drawn(KEY, QaReviewKind.SECOND, each, 0.1)
    ]
    assert again == drawn
    wider = [
        each
        for each in drawn
        if qa_sampling.is_drawn(KEY, QaReviewKind.SECOND, each, 0.2)
    ]
    assert wider == drawn
    other_key = qa_sampling.is_drawn
    assert drawn != [
        number
        for number in range(10_000)
        if other_key(b"x", QaReviewKind.SECOND, number, 0.1)
    ]


@pytest.mark.parametrize(("share", "is_in"), [(0.0, False), (1.0, True)])
def test_no_share_draws_nothing_and_a_whole_one_all(share: float, is_in: bool) -> None:
    drawn = {
        qa_sampling.is_drawn(KEY, QaReviewKind.AUDIT, each, share)
        for each in range(100)
    }
    assert drawn == {is_in}


def test_nothing_is_drawn_where_no_share_is_set(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    decide(newsroom, take(newsroom)[0])
    assert draw(session) == 0
    assert qa_sampling.is_idle(session)


def test_a_decision_is_drawn_once(newsroom: Newsroom, session: Session) -> None:
    newsroom.send()
    decide(newsroom, take(newsroom)[0])
    assert [draw(session), draw(session)] == [1, 0]


def test_what_was_taken_back_is_not_drawn(newsroom: Newsroom, session: Session) -> None:
    newsroom.send()
    (entry,) = take(newsroom)
    decide(newsroom, entry)
    undo(newsroom, entry, Role.MODERATOR)
    assert draw(session) == 0


def test_what_can_still_be_taken_back_is_not_drawn_yet(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send()
    decide(newsroom, take(newsroom)[0])
    start_writing(session)
    now = datetime.now(UTC)
    until = now - timedelta(seconds=30)
    assert qa_sampling.draw(session, key=KEY, now=now, until=until) == 0
    session.commit()
    assert draw(session) == 1


def test_the_worker_draws_and_rests_where_nothing_is_to_draw(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send()
    decide(newsroom, take(newsroom)[0])
    start_writing(session)
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    session.execute(sa.update(Decision).values(created_at=long_ago))
    session.commit()
    sessions = sessionmaker(session.get_bind())
    grace = timedelta(seconds=30)
    assert maintenance.draw_qa_samples(sessions, key=KEY, grace=grace) == 1
    newsroom.set_policy(ALL_HELD)
    assert maintenance.draw_qa_samples(sessions, key=KEY, grace=grace) == 0


def test_more_than_one_draw_takes_is_drawn_in_turn(
    newsroom: Newsroom, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qa_sampling, "AT_ONCE", 2)
    for _ in range(3):
        newsroom.send()
    for entry in take(newsroom):
        decide(newsroom, entry)
    assert [draw(session), draw(session), draw(session)] == [2, 1, 0]


# -- a second look -----------------------------------------------------------------


def test_a_second_look_looks_like_any_pending_comment(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send(body=INSULT)
    (first,) = take(newsroom)
    note = {"text": "Clearly fine."}
    decide(newsroom, first)
    newsroom.as_staff().post(f"{COMMENTS}/{first['id']}/notes", note)
    draw(session)
    (again,) = take(newsroom, Role.LEAD)
    assert again.pop("claimed_until") != first.pop("claimed_until")
    assert (again.pop("claimed_by"), first.pop("claimed_by")) == (
        "gazette-lead",
        "gazette-moderator",
    )
    assert again == first


def test_whoever_looks_is_not_told_elsewhere(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    lead = newsroom.as_staff(Role.LEAD)
    read = lead.get(f"{COMMENTS}/{entry['id']}").json
    assert (read["status"], read["version"]) == ("pending", 1)
    told = lead.get(f"{COMMENTS}/{entry['id']}/history").json["decisions"]
    assert [each["verdict"] for each in told] == ["review"]
    decided = lead.get("/api/v1/decided?source=person&verdict=approve").json
    assert decided["comments"] == []
    assert lead.get(COMMENTS).json["comments"] == []
    counts = lead.get(f"{COMMENTS}/counts").json["counts"]
    assert {count["number"] for count in counts.values()} == {0}
    (listed,) = newsroom.as_staff(Role.ADMIN).get(COMMENTS).json["comments"]
    assert listed["status"] == "approved"
    assert status_of(newsroom, entry["id"]) == "approved"


def test_nobody_looks_at_an_own_decision(newsroom: Newsroom, session: Session) -> None:
    newsroom.send()
    decide(newsroom, take(newsroom)[0])
    draw(session)
    assert take(newsroom) == []


def test_two_who_agree_change_nothing(newsroom: Newsroom, session: Session) -> None:
    entry = second_look(newsroom, session)
    answer = decide(newsroom, entry, Role.LEAD)
    assert answer.status_code == 201
    assert answer.json["status_before"] == "pending"
    assert answer.json["decided_by"] == "gazette-lead"
    look = stored(session)
    assert (look.state, look.verdict) == ("agreed", "approve")
    comment = session.scalars(sa.select(Comment)).one()
    assert (comment.status, comment.version) == ("approved", 2)
    assert take(newsroom, Role.ADMIN) == []


def test_two_who_differ_go_to_a_lead_whose_verdict_stands(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    assert decide(newsroom, entry, Role.LEAD, **REJECT).status_code == 201
    assert status_of(newsroom, entry["id"]) == "approved"
    assert take(newsroom) == take(newsroom, Role.LEAD) == []
    (dispute,) = take(newsroom, Role.ADMIN)
    assert dispute["dispute"] == [
        {"verdict": "approve", "reasons": []},
        {"verdict": "reject", "reasons": [{"code": "spam"}]},
    ]
    assert (dispute["status"], dispute["version"]) == ("approved", 2)
    assert decide(newsroom, dispute, Role.ADMIN, **REJECT).status_code == 201
    assert status_of(newsroom, entry["id"]) == "rejected"
    assert stored(session).state == "settled"


def test_a_leads_verdict_taken_back_is_in_dispute_again(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    decide(newsroom, entry, Role.LEAD, **REJECT)
    (dispute,) = take(newsroom, Role.ADMIN)
    decide(newsroom, dispute, Role.ADMIN, **REJECT)
    answer = undo(newsroom, dispute, Role.ADMIN)
    assert answer.json["status"] == "approved"
    (again,) = take(newsroom, Role.ADMIN)
    assert again["dispute"] == dispute["dispute"]
    assert again["version"] == dispute["version"] + 2


def test_a_second_verdict_is_taken_back_like_any_other(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    decide(newsroom, entry, Role.LEAD, **REJECT)
    hand = newsroom.as_staff(Role.LEAD).post("/api/v1/hand", {}).json
    told = hand["undoable"]
    assert (told["id"], told["version"], told["verdict"]) == (entry["id"], 2, "reject")
    answer = undo(newsroom, entry, Role.LEAD)
    assert answer.status_code == 201
    assert (answer.json["status_before"], answer.json["status"]) == (
        "rejected",
        "pending",
    )
    (again,) = take(newsroom, Role.LEAD)
    assert (again["id"], again["version"]) == (entry["id"], 3)
    assert stored(session).verdict is None


def test_what_a_lead_holds_already_is_not_taken_back(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    decide(newsroom, entry, Role.LEAD, **REJECT)
    take(newsroom, Role.ADMIN)
    assert_conflict(undo(newsroom, entry, Role.LEAD), "not_undoable")


def test_an_answer_given_again_is_answered_alike(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    first, again = (decide(newsroom, entry, Role.LEAD) for _ in range(2))
    assert again.status_code == 201
    assert again.json == first.json


def test_a_look_at_what_changed_is_refused(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    newsroom.as_site().patch(f"{COMMENTS}/{entry['id']}", {"body": "Other words."})
    assert_conflict(decide(newsroom, entry, Role.LEAD), "stale_version")
    draw(session)
    assert stored(session).state == "overtaken"


def test_a_look_that_nobody_took_lapses(newsroom: Newsroom, session: Session) -> None:
    second_look(newsroom, session)
    newsroom.as_staff(Role.LEAD).delete("/api/v1/hand")
    draw(session, later=qa_sampling.LOOK_LASTS + timedelta(minutes=1))
    assert stored(session).state == "lapsed"
    assert take(newsroom, Role.LEAD) == []


def test_a_look_given_back_goes_to_another(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    path = f"{COMMENTS}/{entry['id']}/claim"
    assert newsroom.as_staff(Role.LEAD).put(path).json["version"] == 1
    assert newsroom.as_staff(Role.LEAD).delete(path).status_code == 204
    assert ids(take(newsroom, Role.ADMIN)) == [entry["id"]]


def test_a_lapsed_claim_of_a_look_goes_to_another(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    start_writing(session)
    past = datetime.now(UTC) - timedelta(minutes=1)
    session.execute(sa.update(QaReview).values(claimed_until=past))
    session.commit()
    assert ids(take(newsroom, Role.ADMIN)) == [entry["id"]]
    assert_conflict(decide(newsroom, entry, Role.LEAD), "stale_version")


def test_a_look_can_be_escalated_without_being_told(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(NOTHING_HELD, audit_share=1.0)
    newsroom.send()
    draw(session)
    (entry,) = take(newsroom)
    path = f"{COMMENTS}/{entry['id']}/escalation"
    answer = newsroom.as_staff().post(path, {"version": 1, "note": "Hm?"})
    assert answer.json["version"] == 2
    assert take(newsroom) == []
    assert newsroom.as_staff().delete(path).json["version"] == 3
    newsroom.as_staff().post(path, {"version": 3, "note": "Hm?"})
    (asked,) = take(newsroom, Role.LEAD)
    assert (asked["status"], asked["escalation"]["note"]) == ("pending", "Hm?")
    assert decide(newsroom, asked, Role.LEAD, **REJECT).status_code == 201
    assert status_of(newsroom, entry["id"]) == "rejected"


def test_labels_are_corrected_in_the_version_shown(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    path = f"{COMMENTS}/{entry['id']}/labels"
    body = {"version": entry["version"], "labels": {"spam": True}}
    assert newsroom.as_staff(Role.LEAD).post(path, body).status_code == 201


def test_looks_take_a_part_of_the_hand(newsroom: Newsroom, session: Session) -> None:
    for _ in range(8):
        newsroom.send()
    for entry in take(newsroom):
        decide(newsroom, entry)
    draw(session)
    made = {newsroom.send()["id"] for _ in range(8)}
    hand = ids(take(newsroom, Role.LEAD, size=10))
    assert len(made & set(hand)) == 8
    assert len(set(hand) - made) == 2
    assert sorted(hand) == sorted(ids(take(newsroom, Role.LEAD, size=10)))


def test_a_look_can_not_be_sent_back_to_the_queue(
    newsroom: Newsroom, session: Session
) -> None:
    entry = second_look(newsroom, session)
    assert_conflict(decide(newsroom, entry, Role.LEAD, verdict="review"), "conflict")


def test_many_who_take_and_answer_at_once_answer_each_look_once(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(NOTHING_HELD, audit_share=1.0)
    for _ in range(6):
        newsroom.send()
    assert draw(session) == 6

    codes: list[int] = []

    def work(role: Role) -> Answer:
        answer = newsroom.as_staff(role).post("/api/v1/hand", {"size": 20})
        for entry in answer.json["comments"]:
            codes.append(decide(newsroom, entry, role, **REJECT).status_code)
        return answer

    # Each of them twice: one person with two windows wins once, too.
    at_once(app, [partial(work, role) for role in (*Role, *Role)])
    session.rollback()
    by_person = sa.select(Decision.comment_id).where(Decision.source == "person")
    decided = session.scalars(by_person).all()
    assert set(codes) <= {201, 409}
    assert len(decided) == len(set(decided)) == codes.count(201) > 0
    states = session.scalars(sa.select(QaReview.state)).all()
    assert states.count("differed") == len(decided)


# -- an audit ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "status"), [(NOTHING_HELD, "approved"), (ALL_REJECTED, "rejected")]
)
def test_an_audit_looks_as_if_a_person_had_to_look_first(
    newsroom: Newsroom, session: Session, policy: Any, status: str
) -> None:
    entry = audit(newsroom, session, policy)
    newsroom.as_staff().delete("/api/v1/hand")
    newsroom.set_policy(
        NOTHING_HELD if policy is NOTHING_HELD else ALL_HELD, Moderation.PRE
    )
    sent = newsroom.send(body=INSULT)
    both = {each["id"]: each for each in take(newsroom)}
    seen, pending = both[entry["id"]], both[sent["id"]]
    for each, other in ((seen, pending["id"]), (pending, entry["id"])):
        (beside,) = each.pop("near_duplicates")
        assert (beside["id"], beside["status"]) == (other, "pending")
        for name in ("id", "received_at", "due_at", "claimed_until"):
            del each[name]
        for decision in each["decisions"]:
            del decision["created_at"], decision["policy_id"]
    assert seen == pending
    assert status_of(newsroom, entry["id"]) == status


def test_an_audits_verdict_stands_and_is_measured(
    newsroom: Newsroom, session: Session
) -> None:
    entry = audit(newsroom, session)
    answer = decide(newsroom, entry, **REJECT)
    assert answer.json["status_before"] == "pending"
    assert status_of(newsroom, entry["id"]) == "rejected"
    look = stored(session)
    assert (look.state, look.first_verdict, look.verdict) == (
        "differed",
        "approve",
        "reject",
    )


def test_an_audit_that_agrees_is_a_persons_decision_too(
    newsroom: Newsroom, session: Session
) -> None:
    decide(newsroom, audit(newsroom, session))
    assert stored(session).state == "agreed"
    newest = session.scalars(sa.select(Decision).order_by(Decision.id.desc())).first()
    assert newest is not None
    assert (newest.source, newest.status_before) == ("person", "approved")


def test_an_audits_verdict_taken_back_is_open_again(
    newsroom: Newsroom, session: Session
) -> None:
    entry = audit(newsroom, session)
    decide(newsroom, entry, **REJECT)
    answer = undo(newsroom, entry, Role.MODERATOR)
    assert (answer.json["status_before"], answer.json["status"]) == (
        "rejected",
        "pending",
    )
    assert status_of(newsroom, entry["id"]) == "approved"
    (again,) = take(newsroom)
    assert (again["id"], again["version"], again["status"]) == (
        entry["id"],
        entry["version"] + 2,
        "pending",
    )
    assert stored(session).answered_at is None
    assert decide(newsroom, again).status_code == 201


def test_what_came_of_an_audit_is_not_looked_at_again(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(NOTHING_HELD, audit_share=1.0, second_look_share=1.0)
    newsroom.send()
    draw(session)
    decide(newsroom, take(newsroom)[0])
    assert draw(session) == 0


def test_strangers_are_shown_no_looks(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session
) -> None:
    audit(newsroom, session)
    newsroom.as_staff().delete("/api/v1/hand")
    assert take(other_newsroom) == []
