"""Numbers of decisions by moderator, with times and reversals."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.database import seconds_between
from moderation.policy import verdicts
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision, is_lasting

# Who gives a verdict that can be another person's correction.
PEOPLE = tuple(source.value for source in verdicts.PEOPLE)
GIVEN = (Verdict.APPROVE.value, Verdict.REJECT.value)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Times in seconds, by nearest rank; None without data."""

    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionFigures:
    """Numbers of decisions in a period, with times and reversals."""

    decisions: int = 0
    approved: int = 0
    rejected: int = 0
    in_bulk: int = 0  #: of them, together with others; they count for no time
    timed: int = 0  #: of them, one by one about what waited
    overdue: int = 0  #: of those timed, after the moment it was due
    reversed: int = 0  #: decided otherwise later, by another person
    waited: Pace = field(default_factory=Pace)  #: from its arrival to the decision
    worked: Pace = field(default_factory=Pace)  #: from the claim on


# Times are grouped by the database, so finely that two in a hundred is the most that a
# rank is off: seconds under which a time is rounded to how many.
FINENESS = ((120, 1), (1_200, 5), (14_400, 30), (172_800, 300))
COARSEST = 3_600


def count_decisions(
    session: Session, site_id: int, since: datetime
) -> tuple[dict[int, DecisionFigures], DecisionFigures]:
    """Return figures by moderator and overall, in one pass over the decisions."""
    c = _timed(site_id, since).c

    def counted(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    rows = session.execute(
        sa.select(
            c.staff_id,
            c.waited,
            c.worked,
            sa.func.count(),
            counted(c.verdict == Verdict.APPROVE.value),
            counted(c.verdict == Verdict.REJECT.value),
            counted(c.batch_id.is_not(None)),
            counted(c.waited.is_not(None)),
            counted(c.is_overdue),
            counted(c.is_reversed),
        ).group_by(c.staff_id, c.waited, c.worked)
    ).all()
    by_person: dict[int, list[Any]] = defaultdict(list)
    for staff_id, *numbers in rows:
        by_person[staff_id].append(numbers)
    figures = {
        staff_id: _summed(rows_of_person)
        for staff_id, rows_of_person in by_person.items()
    }
    return figures, _summed([numbers for _, *numbers in rows])


def _summed(rows: Sequence[Sequence[Any]]) -> DecisionFigures:
    """Return the figures of groups of decisions: two times, then seven counts."""
    waited, worked = Counter[float](), Counter[float]()
    for row in rows:
        waited.update({} if row[0] is None else {row[0]: row[2]})
        worked.update({} if row[1] is None else {row[1]: row[2]})
    counts = [sum(row[place] for row in rows) for place in range(2, 9)]
    decisions, approved, rejected, in_bulk, timed, overdue, reversals = counts
    return DecisionFigures(
        decisions=decisions,
        approved=approved,
        rejected=rejected,
        in_bulk=in_bulk,
        timed=timed,
        overdue=overdue,
        reversed=reversals,
        waited=Pace(median=find_rank(waited, 0.5), p90=find_rank(waited, 0.9)),
        worked=Pace(median=find_rank(worked, 0.5), p90=find_rank(worked, 0.9)),
    )


def find_rank(times: Mapping[Any, int], share: float) -> float | None:
    """Return a percentile of times, by nearest rank."""
    rank = math.ceil(share * sum(times.values()))
    reached = 0
    for seconds in sorted(times):
        reached += times[seconds]
        if reached >= rank:
            return float(seconds)
    return None


def round_wait(seconds: float) -> int:
    """Return a time rounded as the database rounds it."""
    for under, step in FINENESS:
        if seconds < under:
            return round(seconds / step) * step
    return round(seconds / COARSEST) * COARSEST


def _rounded(seconds: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
    steps = [
        (seconds < under, sa.func.round(seconds / step) * step)
        for under, step in FINENESS
    ]
    coarse = sa.func.round(seconds / COARSEST) * COARSEST
    return sa.case((seconds.is_(None), None), *steps, else_=coarse)


def _timed(site_id: int, since: datetime) -> sa.Subquery:
    """Return moderators' lasting verdicts with their times."""
    c = _followed(site_id, since).c
    arrived = sa.case(
        (c.revision == 1, Comment.received_at),
        else_=sa.func.coalesce(
            Comment.edited_at, Comment.received_at, type_=Comment.received_at.type
        ),
    )
    is_timed = sa.and_(c.status_before == Status.PENDING.value, c.batch_id.is_(None))
    is_other = sa.or_(c.next_staff_id.is_(None), c.next_staff_id != c.staff_id)
    return (
        sa.select(
            c.staff_id,
            c.verdict,
            c.batch_id,
            sa.case((is_timed, _rounded(seconds_between(arrived, c.created_at)))).label(
                "waited"
            ),
            sa.case(
                (is_timed, _rounded(seconds_between(c.claimed_at, c.created_at)))
            ).label("worked"),
            sa.and_(is_timed, c.created_at > Comment.due_at).label("is_overdue"),
            sa.and_(
                c.next_verdict.is_not(None), c.next_verdict != c.verdict, is_other
            ).label("is_reversed"),
        )
        .join(Comment, Comment.id == c.comment_id)
        .where(c.source == Source.PERSON.value, c.staff_id.is_not(None))
        .subquery()
    )


def _followed(site_id: int, since: datetime) -> sa.Subquery:
    """Return people's verdicts that were not undone, each with the next one.

    The next one on the same text: what was decided otherwise after an appeal, too.
    """
    log = (
        sa.select(
            Decision.id,
            Decision.comment_id,
            Decision.revision,
            Decision.staff_id,
            Decision.source,
            Decision.verdict,
            Decision.status_before,
            Decision.batch_id,
            Decision.created_at,
            Decision.claimed_at,
        )
        .where(
            Decision.site_id == site_id,
            Decision.created_at >= since,
            Decision.source.in_(PEOPLE),
            Decision.verdict.in_(GIVEN),
            is_lasting(),
        )
        .subquery()
    )
    # Hidden in a sum: SQLite would walk the whole log along its index of comments.
    on_text = [log.c.comment_id + sa.literal_column("0"), log.c.revision]

    def following(name: str) -> sa.ColumnElement[Any]:
        return (
            sa.func.lead(log.c[name], type_=log.c[name].type)
            .over(partition_by=on_text, order_by=log.c.id)
            .label(f"next_{name}")
        )

    return sa.select(*log.c, following("staff_id"), following("verdict")).subquery()
