"""Whether an article takes comments: set by itself, section, age, and hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from moderation.policy.opening_hours import DayHours, OpeningHours, Outside, Weekday
from moderation.policy.openness import (
    ArticleFacts,
    ClosedBy,
    Openness,
    get_closing,
    get_openness,
)
from moderation.policy.reasons import ReasonCode
from moderation.policy.thresholds import Moderation, Policy
from tests.policy.builders import NOON

DAY = timedelta(days=1)
POLICY = Policy(
    thresholds={},
    default=Moderation.POST,
    sections={"Courts": Moderation.CLOSED, "Opinion": Moderation.PRE},
    close_after_days=14,
    section_close_after_days={"Archive": None, "Live": 1},
)
NIGHT = NOON + DAY / 2


def by_hours(outside: Outside) -> Policy:
    span = DayHours(opens="08:00", closes="20:00")
    hours = OpeningHours(
        time_zone="UTC", hours=dict.fromkeys(Weekday, span), outside=outside
    )
    return replace(POLICY, opening_hours=hours)


@pytest.mark.parametrize(
    ("section", "days", "is_open", "closed_by"),
    [
        (None, 0, None, None),
        (None, 13, None, None),
        (None, 14, None, ClosedBy.AGE),
        ("Live", 1, None, ClosedBy.AGE),
        ("Archive", 5000, None, None),
        ("Courts", 0, None, ClosedBy.SECTION),
        ("Courts", 0, True, None),
        (None, 14, True, None),
        (None, 0, False, ClosedBy.ARTICLE),
        ("Courts", 20, False, ClosedBy.ARTICLE),
    ],
)
def test_an_article_is_closed_by_itself_its_section_or_its_age(
    section: str | None, days: int, is_open: bool | None, closed_by: ClosedBy | None
) -> None:
    article = ArticleFacts(section=section, is_open=is_open, since=NOON - days * DAY)
    openness = get_openness(POLICY, article, NOON)
    assert openness.closed_by is closed_by
    assert openness.is_open is (closed_by is None)


def test_a_new_article_is_young() -> None:
    assert get_openness(POLICY, ArticleFacts(), NOON) == Openness()
    assert get_closing(POLICY, ArticleFacts(), NOON) == NOON + 14 * DAY


@pytest.mark.parametrize(
    ("section", "held_because"),
    [(None, None), ("Opinion", "premoderation"), ("Courts", "premoderation")],
)
def test_what_is_opened_in_a_closed_section_is_seen_first(
    section: str | None, held_because: str | None
) -> None:
    article = ArticleFacts(section=section, is_open=True)
    assert get_openness(POLICY, article, NOON).held_because == held_because


@pytest.mark.parametrize(
    ("outside", "at", "expected"),
    [
        (Outside.PRE, NOON, Openness()),
        (
            Outside.PRE,
            NIGHT,
            Openness(held_because=ReasonCode.OUTSIDE_HOURS),
        ),
        (Outside.CLOSED, NOON, Openness()),
        (
            Outside.CLOSED,
            NIGHT,
            Openness(
                held_because=ReasonCode.OUTSIDE_HOURS,
                closed_by=ClosedBy.HOURS,
                opens_at=NOON.replace(hour=8) + DAY,
            ),
        ),
    ],
)
def test_opening_hours_hold_or_close(
    outside: Outside, at: datetime, expected: Openness
) -> None:
    assert get_openness(by_hours(outside), ArticleFacts(), at) == expected


def test_an_article_closes_by_age_or_hours_whichever_comes_first() -> None:
    article = ArticleFacts(since=NOON)
    evening = NOON.replace(hour=20)
    assert get_closing(by_hours(Outside.PRE), article, NOON) == NOON + 14 * DAY
    assert get_closing(by_hours(Outside.CLOSED), article, NOON) == evening
    last = ArticleFacts(since=NOON - 14 * DAY + timedelta(hours=1))
    assert get_closing(by_hours(Outside.CLOSED), last, NOON) == NOON.replace(hour=13)
    opened = ArticleFacts(is_open=True, since=NOON)
    assert get_closing(POLICY, opened, NOON) is None


def test_hours_close_what_was_opened_by_itself() -> None:
    article = ArticleFacts(is_open=True)
    openness = get_openness(by_hours(Outside.CLOSED), article, NIGHT)
    assert openness.closed_by is ClosedBy.HOURS


def test_what_is_closed_for_good_does_not_open_in_the_morning() -> None:
    article = ArticleFacts(section="Courts")
    openness = get_openness(by_hours(Outside.CLOSED), article, NIGHT)
    assert openness == Openness(
        held_because=ReasonCode.PREMODERATION, closed_by=ClosedBy.SECTION
    )
