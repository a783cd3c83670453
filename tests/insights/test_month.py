"""Every figure of a seeded month, against counts by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from moderation.accounts.staff import Role
from tests.builders import Newsroom
from tests.insights import by_hand
from tests.insights.life import LABELS, SECTIONS, Life

DAY = timedelta(days=1)


def read(newsroom: Newsroom, path: str) -> Any:
    answer = newsroom.as_staff(Role.LEAD).get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.json
    return answer.json


def days_of(now: datetime) -> tuple[date, date]:
    return (now - 29 * DAY).date(), now.date()


def read_by(newsroom: Newsroom, now: datetime, by: str) -> Any:
    first, last = days_of(now)
    return read(newsroom, f"sites/gazette/insights?from={first}&to={last}&by={by}")


def bounds_of(now: datetime) -> tuple[datetime, datetime]:
    first, last = days_of(now)
    start, end = (
        datetime(each.year, each.month, each.day, tzinfo=UTC) for each in (first, last)
    )
    return start, end + DAY


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("period", "hours"), [("24h", 24), ("7d", 7 * 24), ("28d", 28 * 24)]
)
def test_the_overview_is_what_a_count_by_hand_finds(
    newsroom: Newsroom, life: Life, period: str, hours: int
) -> None:
    found = read(newsroom, f"overview?period={period}")
    since, until = moment(found["since"]), moment(found["until"])
    assert until - since == timedelta(hours=hours)
    by_hand.assert_same(found["figures"], by_hand.figures(life, since, until))
    assert found["figures"]["comments"] > 10
    starts = [moment(step["start"]) for step in found["course"]] + [until]
    for step, start, end in zip(found["course"], starts, starts[1:], strict=False):
        by_hand.assert_same(step["figures"], by_hand.figures(life, start, end))
    for part in found["sections"]:
        by_hand.assert_same(
            part["figures"], of_section(life, since, until, part["name"])
        )
    assert [part["name"] for part in found["sites"]] == ["gazette"]
    by_hand.assert_same(found["sites"][0]["figures"], found["figures"])


def of_section(life: Life, since: datetime, until: datetime, name: str) -> Any:
    return by_hand.figures(
        life,
        since,
        until,
        of_comment=lambda row: life.section_of(row.id) == name,
        of_decision=lambda row: life.section_of(row.comment_id) == name,
        of_report=lambda row: life.section_of(row.comment_id) == name,
    )


@pytest.mark.parametrize("period", ["24h", "7d"])
def test_the_overview_compares_whole_hours_with_the_same_of_a_week_ago(
    newsroom: Newsroom, life: Life, period: str
) -> None:
    found = read(newsroom, f"overview?period={period}")
    since = moment(found["since"])
    hour = moment(found["until"]) - timedelta(hours=1)
    by_hand.assert_same(found["whole_hours"], by_hand.figures(life, since, hour))
    earlier = by_hand.figures(life, since - 7 * DAY, hour - 7 * DAY)
    by_hand.assert_same(found["before"], earlier)


def test_nothing_is_compared_with_what_was_not_counted(
    newsroom: Newsroom, life: Life
) -> None:
    assert read(newsroom, "overview?period=28d")["before"] is None


def test_one_section_is_what_a_count_by_hand_finds(
    newsroom: Newsroom, life: Life
) -> None:
    found = read(newsroom, "overview?period=28d&section=Sport")
    since, until = moment(found["since"]), moment(found["until"])
    by_hand.assert_same(found["figures"], of_section(life, since, until, "Sport"))


def test_insights_are_what_a_count_by_hand_finds(
    newsroom: Newsroom, life: Life, now: datetime
) -> None:
    found = read_by(newsroom, now, "time")
    start, end = bounds_of(now)
    by_hand.assert_same(found["figures"], by_hand.figures(life, start, end))
    assert (found["step"], len(found["rows"])) == ("day", 30)
    for row in found["rows"]:
        day = datetime.fromisoformat(row["key"]).replace(tzinfo=UTC)
        by_hand.assert_same(row["figures"], by_hand.figures(life, day, day + DAY))


def test_insights_by_section_are_what_a_count_by_hand_finds(
    newsroom: Newsroom, life: Life, now: datetime
) -> None:
    rows = read_by(newsroom, now, "section")["rows"]
    assert [row["key"] for row in rows] == sorted(name or "" for name in SECTIONS)
    for row in rows:
        expected = of_section(life, *bounds_of(now), row["key"])
        by_hand.assert_same(row["figures"], expected)


def test_insights_by_article_are_what_a_count_by_hand_finds(
    newsroom: Newsroom, life: Life, now: datetime
) -> None:
    rows = read_by(newsroom, now, "article")["rows"]
    assert len(rows) == len(life.articles)
    for row in rows:
        (article_id,) = [
            number
            for number, article in life.articles.items()
            if article.reference == row["key"] and article.title == row["title"]
        ]
        expected = of_article(life, *bounds_of(now), article_id)
        by_hand.assert_same(row["figures"], expected)


def of_article(life: Life, since: datetime, until: datetime, article_id: int) -> Any:
    return by_hand.figures(
        life,
        since,
        until,
        of_comment=lambda row: row.article_id == article_id,
        of_decision=lambda row: life.by_id[row.comment_id].article_id == article_id,
        of_report=lambda row: life.by_id[row.comment_id].article_id == article_id,
    )


def never(row: object) -> bool:
    return False


def test_insights_by_moderator_are_what_a_count_by_hand_finds(
    newsroom: Newsroom, life: Life, now: datetime
) -> None:
    rows = read_by(newsroom, now, "moderator")["rows"]
    logins = {f"gazette-{role}": newsroom.staff_ids[role] for role in Role}
    assert [row["key"] for row in rows] == sorted(logins)  # by name, never by rank
    for row in rows:
        expected = by_hand.figures(
            life,
            *bounds_of(now),
            of_comment=never,
            of_decision=of_staff({logins[row["key"]]}),
            of_report=never,
        )
        by_hand.assert_same(row["figures"], expected)


def of_staff(staff_ids: set[int]) -> Callable[[Any], bool]:
    return lambda decision: decision.staff_id in staff_ids


def test_insights_by_agency_sum_up_its_moderators(
    newsroom: Newsroom, life: Life, now: datetime
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    for role in (Role.MODERATOR, Role.LEAD):
        path = f"/api/v1/sites/gazette/staff/gazette-{role}/agency"
        assert admin.put(path, {"agency": "Night Desk"}).status_code == 200
    own, agency = read_by(newsroom, now, "agency")["rows"]
    assert (own["key"], agency["key"]) == ("", "Night Desk")
    for row, roles in ((own, [Role.ADMIN]), (agency, [Role.MODERATOR, Role.LEAD])):
        expected = by_hand.figures(
            life,
            *bounds_of(now),
            of_comment=never,
            of_decision=of_staff({newsroom.staff_ids[role] for role in roles}),
            of_report=never,
        )
        by_hand.assert_same(row["figures"], expected)


def test_insights_by_label_are_what_a_count_by_hand_finds(
    newsroom: Newsroom, life: Life, now: datetime
) -> None:
    rows = read_by(newsroom, now, "label")["rows"]
    assert {row["key"] for row in rows} == set(LABELS)

    for row in rows:
        expected = of_label(life, *bounds_of(now), row["key"])
        by_hand.assert_same(row["figures"], expected)


def of_label(life: Life, since: datetime, until: datetime, label: str) -> Any:
    def is_named(reasons: Any) -> bool:
        return any(label in (each["code"], each.get("label")) for each in reasons)

    return by_hand.figures(
        life,
        since,
        until,
        of_comment=lambda row: is_named(life.effective[row.id].reasons),
        of_decision=lambda row: is_named(row.reasons),
        of_report=lambda row: row.reason == label,
    )


@pytest.mark.parametrize(
    "by", ["time", "section", "article", "moderator", "agency", "label"]
)
def test_a_file_has_the_same_figures(
    newsroom: Newsroom, life: Life, now: datetime, by: str
) -> None:
    first, last = days_of(now)
    path = f"/api/v1/sites/gazette/insights/file?from={first}&to={last}&by={by}"
    answer = newsroom.as_staff(Role.LEAD).get(path)
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    rows = read_by(newsroom, now, by)["rows"]
    assert len(lines) == len(rows) > 0
    for line, row in zip(lines, rows, strict=True):
        assert next(iter(line.values())) == row["key"]
        figures = dict(row["figures"])
        waits = figures.pop("waits")
        assert {name: int(line[name]) for name in figures} == figures
        median = line["median_seconds_to_decision"]
        assert (float(median) if median else None) == waits["median"]
