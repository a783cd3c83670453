"""Counts figures by hand: one plain loop over rows for each, and no SQL."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from moderation import identifiers
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.objections import Report
from tests.insights.life import Life

STAFF = ("person", "akismet")
UNATTENDED = ("policy", "rule", "campaign")
#: How far the rounding of times may be off, as a share and in seconds.
TOLERANCE, SECOND = 0.02, 1.0


def figures(
    life: Life,
    since: datetime,
    until: datetime,
    *,
    of_comment: Callable[[Comment], bool] = lambda comment: True,
    of_decision: Callable[[Decision], bool] = lambda decision: True,
    of_report: Callable[[Report], bool] = lambda report: True,
) -> dict[str, Any]:
    """Return the figures of some rows between two moments, as the API has them."""
    comments = [
        each
        for each in life.comments
        if since <= identifiers.moment_of(each.id) < until and of_comment(each)
    ]
    verdicts = [each for each in life.lasting if each.source in STAFF]
    decisions = [
        each
        for each in verdicts
        if since <= each.created_at < until and of_decision(each)
    ]
    timed = [
        each
        for each in decisions
        if each.source == "person" and each.status_before == "pending"
    ]
    judged = [pair for each in decisions if (pair := _judged(life, verdicts, each))]
    return {
        "comments": len(comments),
        "approved": sum(each.status == "approved" for each in comments),
        "rejected": sum(each.status == "rejected" for each in comments),
        "pending": sum(each.status == "pending" for each in comments),
        "automatic": sum(
            each.status != "pending" and life.effective[each.id].source in UNATTENDED
            for each in comments
        ),
        "decisions": len(decisions),
        "rejections": sum(each.verdict == "reject" for each in decisions),
        "overturned": sum(_is_overturned(verdicts, each) for each in decisions),
        "timed": len(timed),
        "overdue": sum(each.created_at > _of(life, each).due_at for each in timed),
        "compared": len(judged),
        "agreed": sum(automatic == own for automatic, own in judged),
        "reports": sum(
            since <= each.created_at < until and of_report(each)
            for each in life.reports
        ),
        "waits": _pace(
            [
                (each.created_at - _of(life, each).received_at).total_seconds()
                for each in timed
            ]
        ),
    }


def _of(life: Life, decision: Decision) -> Comment:
    return life.by_id[decision.comment_id]


def _next(verdicts: Sequence[Decision], decision: Decision) -> Decision | None:
    later = [
        each
        for each in verdicts
        if each.comment_id == decision.comment_id and each.id > decision.id
    ]
    return later[0] if later else None


def _is_overturned(verdicts: Sequence[Decision], decision: Decision) -> bool:
    following = _next(verdicts, decision)
    if following is None or following.verdict == decision.verdict:
        return False
    return following.staff_id is None or following.staff_id != decision.staff_id


def _judged(
    life: Life, verdicts: Sequence[Decision], decision: Decision
) -> tuple[str, str] | None:
    """Return the automatic verdict that a decision judges, and its own."""
    automatic = [
        each
        for each in life.decisions
        if each.comment_id == decision.comment_id
        and each.id < decision.id
        and each.source in UNATTENDED
    ]
    is_replaced = _next(verdicts, decision) is not None
    if is_replaced or automatic[-1].verdict == "review":
        return None
    return automatic[-1].verdict, decision.verdict


def _pace(seconds: list[float]) -> dict[str, float | None]:
    ordered = sorted(seconds)

    def rank(share: float) -> float | None:
        return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None

    return {"median": rank(0.5), "p90": rank(0.9)}


def assert_same(counted: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare figures; times may be rounded."""
    times, exact = dict(counted), dict(expected)
    waits, true_waits = times.pop("waits"), exact.pop("waits")
    assert times == exact
    for name, true_seconds in true_waits.items():
        if true_seconds is None:
            assert waits[name] is None
        else:
            off = abs(waits[name] - true_seconds)
            assert off <= max(SECOND, TOLERANCE * true_seconds), (name, waits)
