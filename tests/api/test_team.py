"""The team as its leads see it, and views assigned to moderators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.tables.accounts import Membership
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from moderation.tables.review import QaReview
from tests.api.test_desk import assert_conflict, take
from tests.api.test_qa_reviews import REJECT, audit, decide, draw, undo
from tests.builders import ALL_HELD, NOTHING_HELD, Answer, Newsroom
from tests.refusals import assert_refused

TEAM = "/api/v1/sites/gazette/team"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def read(newsroom: Newsroom, query: str = "") -> Any:
    answer = newsroom.as_staff(Role.LEAD).get(TEAM + query)
    assert answer.status_code == 200, answer.json
    return answer.json


def member(team: Any, role: Role = Role.MODERATOR) -> Any:
    (found,) = [each for each in team["members"] if each["login"] == f"gazette-{role}"]
    return found


class Log:
    """Writes comments and decisions as if time had gone by."""

    def __init__(self, newsroom: Newsroom, session: Session) -> None:
        self.newsroom, self.session = newsroom, session
        self.now = datetime.now(UTC)
        start_writing(session)
        self.article = Article(
            site_id=newsroom.site_id,
            reference="bridge",
            reference_hash="0" * 64,
            title="The bridge",
            created_at=self.now,
        )
        session.add(self.article)
        session.flush()

    def comment(self, *, hours_ago: float, due_hours_ago: float = -8) -> Comment:
        """Store a pending comment."""
        comment_id = identifiers.new_id()
        received_at = self.now - timedelta(hours=hours_ago)
        comment = Comment(
            id=comment_id,
            site_id=self.newsroom.site_id,
            article_id=self.article.id,
            thread=identifiers.encode(comment_id),
            fingerprint="",
            author_name="Ada",
            body="Hm.",
            status="pending",
            version=1,
            revision=1,
            received_at=received_at,
            due_at=self.now - timedelta(hours=due_hours_ago),
        )
        self.session.add(comment)
        self.session.flush()
        return comment

    def decide(
        self,
        comment: Comment,
        verdict: str,
        role: Role,
        *,
        hours_ago: float,
        before: str = "pending",
        reasons: Sequence[str] = (),
        worked: timedelta | None = None,
    ) -> Decision:
        """Store a person's decision."""
        at = self.now - timedelta(hours=hours_ago)
        decision = Decision(
            site_id=self.newsroom.site_id,
            comment_id=comment.id,
            revision=1,
            created_at=at,
            claimed_at=at - worked if worked else None,
            source="person",
            staff_id=self.newsroom.staff_ids[role],
            status_before=before,
            verdict=verdict,
            reasons=[{"code": code} for code in reasons],
            labels={},
        )
        self.session.add(decision)
        self.session.flush()
        return decision

    def look(self, first: Decision, second: str, role: Role, reasons: Any) -> None:
        """Store a second look that was answered."""
        self.session.add(
            QaReview(
                site_id=self.newsroom.site_id,
                comment_id=first.comment_id,
                decision_id=first.id,
                kind="second",
                state="agreed" if first.verdict == second else "disputed",
                first_verdict=first.verdict,
                first_staff_id=first.staff_id,
                created_at=self.now,
                expires_at=self.now,
                due_at=self.now,
                version=2,
                shown_version=2,
                staff_id=self.newsroom.staff_ids[role],
                answered_at=self.now,
                verdict=second,
                reasons=[{"code": code} for code in reasons],
                closed_at=self.now if first.verdict == second else None,
            )
        )
        self.session.flush()


@pytest.fixture
def log(newsroom: Newsroom, session: Session) -> Log:
    return Log(newsroom, session)


def test_times_are_those_of_each_and_of_all(
    newsroom: Newsroom, session: Session, log: Log
) -> None:
    for hours in (1, 2, 3):
        comment = log.comment(hours_ago=10)
        log.decide(
            comment,
            "approve",
            Role.MODERATOR,
            hours_ago=10 - hours,
            worked=timedelta(seconds=hours),
        )
    log.decide(log.comment(hours_ago=10), "reject", Role.LEAD, hours_ago=3)
    session.commit()
    team = read(newsroom)
    figures = member(team)["figures"]
    assert figures["decisions"] == figures["approved"] == figures["timed"] == 3
    assert figures["waited"]["median"] == pytest.approx(2 * 3600, abs=1)
    assert figures["waited"]["p90"] == pytest.approx(3 * 3600, abs=1)
    assert figures["worked"]["median"] == pytest.approx(2, abs=0.1)
    assert member(team, Role.LEAD)["figures"]["worked"]["median"] is None
    assert team["figures"]["decisions"] == 4
    assert team["figures"]["waited"]["median"] == pytest.approx(2 * 3600, abs=1)
    assert team["figures"]["waited"]["p90"] == pytest.approx(7 * 3600, abs=1)
    assert team["figures"]["worked"]["p90"] == pytest.approx(3, abs=0.1)


def test_what_was_decided_after_its_time_is_overdue(
    newsroom: Newsroom, session: Session, log: Log
) -> None:
    late = log.comment(hours_ago=9, due_hours_ago=3)
    early = log.comment(hours_ago=9, due_hours_ago=1)
    for comment in (late, early):
        log.decide(comment, "approve", Role.MODERATOR, hours_ago=2)
    session.commit()
    assert member(read(newsroom))["figures"]["overdue"] == 1


@pytest.mark.parametrize(
    ("verdict", "role", "reversals"),
    [
        ("reject", Role.LEAD, 1),
        ("approve", Role.LEAD, 0),
        ("reject", Role.MODERATOR, 0),  # put right by the same person
    ],
)
def test_a_reversal_is_another_persons_other_verdict(
    newsroom: Newsroom,
    session: Session,
    log: Log,
    verdict: str,
    role: Role,
    reversals: int,
) -> None:
    comment = log.comment(hours_ago=9)
    log.decide(comment, "approve", Role.MODERATOR, hours_ago=2)
    log.decide(comment, verdict, role, hours_ago=1, before="approved")
    session.commit()
    team = read(newsroom)
    assert member(team)["figures"]["reversed"] == reversals
    assert member(team, Role.LEAD)["figures"]["reversed"] == 0


def test_sent_back_and_decided_otherwise_is_a_reversal(
    newsroom: Newsroom, session: Session, log: Log
) -> None:
    comment = log.comment(hours_ago=9)
    log.decide(comment, "reject", Role.MODERATOR, hours_ago=3, reasons=["spam"])
    log.decide(comment, "review", Role.LEAD, hours_ago=2, before="rejected")
    log.decide(comment, "approve", Role.LEAD, hours_ago=1)
    session.commit()
    assert member(read(newsroom))["figures"]["reversed"] == 1


def test_what_was_taken_back_counts_for_nobody(newsroom: Newsroom) -> None:
    newsroom.send()
    (entry,) = take(newsroom)
    decide(newsroom, entry, **REJECT)
    undo(newsroom, entry, Role.MODERATOR)
    again = {**entry, "version": entry["version"] + 2}
    decide(newsroom, again)
    figures = member(read(newsroom))["figures"]
    assert (figures["decisions"], figures["rejected"], figures["reversed"]) == (1, 0, 0)


def test_only_the_days_asked_for_count(
    newsroom: Newsroom, session: Session, log: Log
) -> None:
    log.decide(log.comment(hours_ago=50), "approve", Role.MODERATOR, hours_ago=49)
    session.commit()
    assert read(newsroom, "?days=2")["figures"]["decisions"] == 0
    assert read(newsroom, "?days=3")["figures"]["decisions"] == 1


def test_a_lead_sees_who_works_on_what(newsroom: Newsroom) -> None:
    for _ in range(2):
        newsroom.send(article_title="The bridge")
    newsroom.send(article="https://gazette.example/mayor", article_title="The mayor")
    take(newsroom, size=3)
    team = read(newsroom)
    held = member(team)["held"]
    assert held["comments"] == 3
    assert held["articles"] == [
        {"title": "The bridge", "comments": 2},
        {"title": "The mayor", "comments": 1},
    ]
    assert held["since"] < held["until"]
    assert member(team, Role.ADMIN)["held"] is None
    assert (team["pending"], team["overdue"]) == (3, 0)


def test_agreement_and_noisy_reasons_of_second_looks(
    newsroom: Newsroom, session: Session, log: Log
) -> None:
    def twice(first: str, second: str, why: list[str], other_why: list[str]) -> None:
        comment = log.comment(hours_ago=9)
        decision = log.decide(comment, first, Role.MODERATOR, hours_ago=2, reasons=why)
        log.look(decision, second, Role.LEAD, other_why)

    twice("approve", "approve", [], [])
    twice("reject", "reject", ["spam"], ["spam"])
    twice("reject", "reject", ["spam"], ["insult"])
    twice("reject", "approve", ["insult"], [])
    session.commit()
    team = read(newsroom)
    agreement = team["agreement"]
    assert agreement["kappa"]["pairs"] == 4
    assert agreement["kappa"]["observed"] == 0.75
    assert agreement["kappa"]["expected"] == 0.5
    assert agreement["kappa"]["kappa"]["value"] == 0.5
    assert agreement["disputed"] == 1
    assert agreement["noise"] == [
        {"code": "insult", "looks": 2, "differed": 2},
        {"code": "spam", "looks": 2, "differed": 1},
    ]
    assert member(team)["alike"] == {"looks": 4, "agreed": 3}
    assert member(team, Role.LEAD)["alike"] == {"looks": 4, "agreed": 3}


def test_the_machines_own_mistakes_are_measured(
    newsroom: Newsroom, session: Session
) -> None:
    entry = audit(newsroom, session, NOTHING_HELD)
    decide(newsroom, entry, **REJECT)
    team = read(newsroom)
    assert (team["approvals"]["looks"], team["approvals"]["wrong"]) == (1, 1)
    assert team["approvals"]["rate"]["value"] == 1.0
    assert team["approvals"]["rate"]["low"] == pytest.approx(0.2065, abs=1e-4)
    assert team["rejections"] == {"looks": 0, "wrong": 0, "rate": None}
    assert team["audit_share"] == 1.0


def test_a_dispute_that_a_lead_settled_is_told(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD, second_look_share=1.0)
    newsroom.send()
    decide(newsroom, take(newsroom)[0])
    draw(session)
    decide(newsroom, take(newsroom, Role.LEAD)[0], Role.LEAD, **REJECT)
    decide(newsroom, take(newsroom, Role.ADMIN)[0], Role.ADMIN, **REJECT)
    team = read(newsroom)
    agreement = team["agreement"]
    assert (agreement["disputed"], agreement["upheld"], agreement["corrected"]) == (
        0,
        0,
        1,
    )
    assert member(team)["figures"]["reversed"] == 1


def test_who_has_left_is_named_with_what_was_decided(
    newsroom: Newsroom, session: Session, log: Log
) -> None:
    log.decide(log.comment(hours_ago=9), "approve", Role.MODERATOR, hours_ago=2)
    session.execute(
        sa.delete(Membership).where(
            Membership.staff_id == newsroom.staff_ids[Role.MODERATOR]
        )
    )
    session.commit()
    found = member(read(newsroom))
    assert (found["role"], found["figures"]["decisions"]) == (None, 1)


def test_a_team_that_did_nothing_has_no_times(newsroom: Newsroom) -> None:
    team = read(newsroom)
    assert team["figures"]["waited"] == {"median": None, "p90": None}
    assert team["agreement"]["kappa"]["kappa"] is None
    assert [each["login"] for each in team["members"]] == [
        "gazette-admin",
        "gazette-lead",
        "gazette-moderator",
    ]


def test_the_team_is_for_leads_of_the_site(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    assert_refused(newsroom.as_staff().get(TEAM), 403)
    assert_refused(newsroom.as_site().get(TEAM), 403)
    assert_refused(other_newsroom.as_staff(Role.ADMIN).get(TEAM), 404)


@pytest.mark.parametrize("days", ["0", "91", "x", "1.5"])
def test_the_days_have_limits(newsroom: Newsroom, days: str) -> None:
    answer = newsroom.as_staff(Role.LEAD).get(f"{TEAM}?days={days}")
    assert_refused(answer, 422, "days")


def test_the_figures_are_read_by_an_index(newsroom: Newsroom, session: Session) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL scans so small a table")
    plan = session.execute(
        sa.text(
            "EXPLAIN QUERY PLAN SELECT id FROM decisions WHERE site_id = 1 "
            "AND created_at >= '2026-01-01' AND source IN ('person', 'akismet')"
        )
    )
    assert "ix_decisions_given" in str(plan.all())


# -- views assigned to moderators ----------------------------------------------------


def share(newsroom: Newsroom, name: str = "Sport", **more: Any) -> int:
    body = {"name": name, "filters": {"section": name}, "shared_with": "gazette"}
    answer = newsroom.as_staff(Role.LEAD).post("/api/v1/views", {**body, **more})
    assert answer.status_code == 201, answer.json
    number: int = answer.json["id"]
    return number


def assign(
    newsroom: Newsroom, view: int, *logins: str, role: Role = Role.LEAD
) -> Answer:
    path = f"/api/v1/views/{view}/assignees"
    return newsroom.as_staff(role).put(path, {"logins": list(logins)})


def views(newsroom: Newsroom) -> list[Any]:
    found: list[Any] = newsroom.as_staff().get("/api/v1/views").json["views"]
    return found


def test_what_is_ones_work_comes_first_among_the_views(newsroom: Newsroom) -> None:
    share(newsroom, "Culture")
    sport = share(newsroom, "Sport")
    answer = assign(newsroom, sport, "gazette-moderator", "gazette-admin")
    assert answer.json == {"logins": ["gazette-admin", "gazette-moderator"]}
    first, second = views(newsroom)
    assert (first["name"], first["is_assigned_to_you"]) == ("Sport", True)
    assert (second["name"], second["is_assigned_to_you"]) == ("Culture", False)
    assert first["assigned_to"] == ["gazette-admin", "gazette-moderator"]


def test_whoever_is_left_out_no_longer_has_the_view(newsroom: Newsroom) -> None:
    view = share(newsroom)
    assign(newsroom, view, "gazette-moderator")
    assign(newsroom, view)
    assert views(newsroom)[0]["assigned_to"] == []


def test_an_assigned_view_can_be_removed(newsroom: Newsroom) -> None:
    view = share(newsroom)
    assign(newsroom, view, "gazette-moderator")
    path = f"/api/v1/views/{view}"
    assert newsroom.as_staff(Role.LEAD).delete(path).status_code == 204
    assert views(newsroom) == []


def test_a_view_that_is_shared_no_more_is_nobodys_work(newsroom: Newsroom) -> None:
    view = share(newsroom)
    assign(newsroom, view, "gazette-moderator")
    body = {"name": "Sport", "filters": {}}
    answer = newsroom.as_staff(Role.LEAD).put(f"/api/v1/views/{view}", body)
    assert answer.json["assigned_to"] == []


def test_only_leads_say_whose_work_a_view_is(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    view = share(newsroom)
    assert_refused(assign(newsroom, view, role=Role.MODERATOR), 403)
    assert_refused(assign(other_newsroom, view), 404)
    assert_refused(assign(newsroom, view, "herald-moderator"), 422, "logins")
    assert_refused(assign(newsroom, 999), 404)
    assert_conflict(
        assign(newsroom, share(newsroom, "Own", shared_with=None)), "conflict"
    )
