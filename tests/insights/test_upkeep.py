"""Figures stay right as comments are decided, undone, overturned, and moved."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.cli.main import main
from moderation.database import Sessions, start_writing
from moderation.insights import queue_samples, upkeep
from moderation.insights.figures import DAY, HOUR, start_of
from moderation.tables.comments import Article, Comment
from moderation.tables.insights import (
    DailyFigures,
    FigureProgress,
    HourlyFigures,
    QueueSample,
)
from moderation.worker import figures
from tests.api.test_desk import take
from tests.builders import ALL_HELD, Caller, Newsroom, hire
from tests.insights import by_hand
from tests.insights.conftest import count_all
from tests.insights.life import Life

OVERVIEW = "/api/v1/overview?period=28d"


def read(newsroom: Newsroom, path: str = OVERVIEW) -> Any:
    answer = newsroom.as_staff(Role.LEAD).get(path)
    assert answer.status_code == 200, answer.json
    return answer.json


def counts(newsroom: Newsroom, *names: str) -> list[int]:
    found = read(newsroom)["figures"]
    return [found[name] for name in names]


def count_soon(sessions: Sessions, minutes: int) -> None:
    """Count as a worker does some minutes from now."""
    figures.count(sessions, datetime.now(UTC) + timedelta(minutes=minutes))


def decide(newsroom: Newsroom, sent: Any, verdict: str, role: Role) -> Any:
    staff, path = newsroom.as_staff(role), f"/api/v1/comments/{sent['id']}"
    version = staff.get(path).json["version"]
    reasons = ["spam"] if verdict == "reject" else []
    body = {"verdict": verdict, "reasons": reasons, "version": version}
    answer = staff.post(f"{path}/decisions", body)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_a_decision_changes_the_hour_of_its_comment_and_an_undo_changes_it_back(
    newsroom: Newsroom, sessions: Sessions
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()
    names = ("comments", "pending", "rejected", "decisions")
    count_all(sessions, datetime.now(UTC))
    assert counts(newsroom, *names) == [1, 1, 0, 0]
    staff = newsroom.as_staff()
    take(newsroom)
    decide(newsroom, sent, "reject", Role.MODERATOR)
    count_soon(sessions, 1)
    assert counts(newsroom, *names) == [1, 0, 1, 1]
    path = f"/api/v1/comments/{sent['id']}"
    body = {"version": staff.get(path).json["version"]}
    assert staff.post(f"{path}/undo", body).status_code == 201
    count_soon(sessions, 2)
    assert counts(newsroom, *names) == [1, 1, 0, 0]


def test_what_another_person_overturns_counts_for_the_first_decision(
    newsroom: Newsroom, sessions: Sessions
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()
    take(newsroom)
    decide(newsroom, sent, "reject", Role.MODERATOR)
    count_all(sessions, datetime.now(UTC))
    assert counts(newsroom, "decisions", "overturned") == [1, 0]
    decide(newsroom, sent, "approve", Role.LEAD)
    count_soon(sessions, 1)
    assert counts(newsroom, "decisions", "overturned", "approved") == [2, 1, 1]


def test_days_follow_within_minutes(newsroom: Newsroom, sessions: Sessions) -> None:
    count_all(sessions, datetime.now(UTC))
    newsroom.send()
    today = datetime.now(UTC).date()
    path = f"/api/v1/sites/gazette/insights?from={today - DAY}&to={today}"
    count_soon(sessions, 1)
    assert read(newsroom, path)["figures"]["comments"] == 0
    count_soon(sessions, 6)
    assert read(newsroom, path)["figures"]["comments"] == 1


def test_nothing_is_written_while_nothing_happens(
    newsroom: Newsroom, sessions: Sessions, session: Session, now: datetime
) -> None:
    count_all(sessions, now)
    before = session.scalars(sa.select(FigureProgress.hours_until)).all()
    session.rollback()
    figures.count(sessions, now + timedelta(seconds=30))
    assert session.scalars(sa.select(FigureProgress.hours_until)).all() == before
    session.rollback()
    late = now + upkeep.STORED_EVERY
    figures.count(sessions, late)  # else the overview would say that no worker runs
    assert session.scalars(sa.select(FigureProgress.hours_until)).all() == [late]


def test_a_section_that_is_named_later_is_found_as_days_are_counted_again(
    newsroom: Newsroom, life: Life, sessions: Sessions, session: Session, now: datetime
) -> None:
    start_writing(session)
    session.execute(sa.update(Article).values(section="Culture"))
    session.commit()
    figures.count(sessions, now + timedelta(minutes=1))
    assert len(read(newsroom)["sections"]) > 1
    count_all(sessions, now + upkeep.HEALED_EVERY)
    (part,) = read(newsroom)["sections"]
    assert part["name"] == "Culture"
    by_hand.assert_same(part["figures"], read(newsroom)["figures"])


def test_the_command_counts_everything_again(
    newsroom: Newsroom, life: Life, session: Session, environment: dict[str, str]
) -> None:
    expected = read(newsroom)["figures"]
    start_writing(session)
    session.execute(sa.delete(HourlyFigures))
    session.execute(sa.delete(DailyFigures))
    session.commit()
    # As in docs/overview.md.
    result = CliRunner(env=environment).invoke(
        main, ["count-figures", "--site", "gazette"]
    )
    assert result.exit_code == 0, result.output
    # A month, and what the hour of the day adds at its ends.
    assert re.search(r"\b3[12] days were counted\.", result.output)
    by_hand.assert_same(read(newsroom)["figures"], expected)


def test_hours_and_samples_of_long_ago_are_deleted(
    newsroom: Newsroom, life: Life, sessions: Sessions, session: Session, now: datetime
) -> None:
    days = session.scalar(sa.select(sa.func.count()).select_from(DailyFigures))
    session.rollback()
    figures.forget(sessions, now + queue_samples.SAMPLES_KEPT + HOUR)
    for table, left in ((HourlyFigures, 0), (QueueSample, 0), (DailyFigures, days)):
        query = sa.select(sa.func.count()).select_from(table)
        assert session.scalar(query) == left


def test_the_queue_is_sampled_with_the_highest_age_of_the_hour(
    newsroom: Newsroom, sessions: Sessions, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send(article_section="Sport")
    hour = start_of(datetime.now(UTC), HOUR) + 5 * HOUR
    for minutes in (10, 30):
        figures.count(sessions, hour + timedelta(minutes=minutes))
    expected = sampled(session, hour)["Sport"]
    assert expected[0] == 1
    assert 4 * 3600 < expected[1] < 6 * 3600
    take(newsroom)
    decide(newsroom, sent, "approve", Role.MODERATOR)
    figures.count(sessions, hour + timedelta(minutes=40))
    assert sampled(session, hour) == {"": (0, 0), "Sport": (0, expected[1])}


def sampled(session: Session, hour: datetime) -> dict[str, tuple[int, int]]:
    session.rollback()
    rows = session.scalars(sa.select(QueueSample).where(QueueSample.start == hour))
    return {row.section: (row.pending, row.oldest_seconds) for row in rows}


def test_the_oldest_pending_comment_is_told_at_once(
    newsroom: Newsroom, sessions: Sessions
) -> None:
    assert read(newsroom)["oldest_seconds"] is None
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    assert 0 <= read(newsroom)["oldest_seconds"] < 600
    figures.count(sessions, datetime.now(UTC))
    assert read(newsroom)["course"][-1]["pending"] == 1


def test_a_site_whose_figures_were_never_counted_says_so(newsroom: Newsroom) -> None:
    newsroom.send()
    found = read(newsroom)
    assert (found["as_of"], found["figures"]["comments"]) == (None, 0)


def test_figures_are_limited_to_the_sections_of_the_person(
    newsroom: Newsroom, life: Life
) -> None:
    _, token = hire(newsroom, "sport", (Role.MODERATOR, "Sport"))
    caller = Caller(newsroom.app.test_client(), token)
    found = caller.get(OVERVIEW).json
    (expected,) = [
        part["figures"]
        for part in read(newsroom)["sections"]
        if part["name"] == "Sport"
    ]
    assert [part["name"] for part in found["sections"]] == ["Sport"]
    assert found["figures"] == expected
    assert caller.get(f"{OVERVIEW}&section=Politics").json["figures"]["comments"] == 0
    _, token = hire(newsroom, "sport-lead", (Role.LEAD, "Sport"))
    limited = Caller(newsroom.app.test_client(), token)
    path = "/api/v1/sites/gazette/insights?from=2026-11-01&to=2026-11-30"
    assert limited.get(path).status_code == 403


def test_figures_of_another_site_are_not_counted(
    newsroom: Newsroom, other_newsroom: Newsroom, sessions: Sessions, session: Session
) -> None:
    newsroom.send()
    count_all(sessions, datetime.now(UTC))
    assert session.scalar(sa.select(sa.func.count()).select_from(Comment)) == 1
    session.rollback()
    assert read(other_newsroom)["figures"]["comments"] == 0
    assert counts(newsroom, "comments") == [1]


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-11-02&to=2026-11-01",
        "from=2024-01-01&to=2026-11-01",
        "from=2026-11-01",
        "from=soon&to=2026-11-01",
        "from=1999-01-01&to=1999-02-01",
        "from=2026-11-01&to=2026-11-02&by=rank",
    ],
)
def test_days_that_make_no_sense_are_refused(newsroom: Newsroom, query: str) -> None:
    for path in ("insights", "insights/file"):
        path = f"/api/v1/sites/gazette/{path}?{query}"
        assert newsroom.as_staff(Role.LEAD).get(path).status_code == 422


def test_more_days_are_shown_in_longer_steps(
    newsroom: Newsroom, life: Life, now: datetime
) -> None:
    for days, step in ((62, "day"), (63, "week"), (371, "week"), (372, "month")):
        first = (now - (days - 1) * DAY).date()
        path = f"/api/v1/sites/gazette/insights?from={first}&to={now.date()}"
        found = read(newsroom, path)
        assert found["step"] == step
        assert found["rows"][0]["key"] == first.isoformat()
        total = sum(row["figures"]["comments"] for row in found["rows"])
        assert total == found["figures"]["comments"] == len(life.comments)
