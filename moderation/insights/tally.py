"""Count a site's comments, decisions, and reports of some time, from their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from classifiers.text.labels import HARMS
from moderation.database import unindexed
from moderation.identifiers import first_id, moment_of
from moderation.insights.decision_figures import GIVEN, PEOPLE, round_wait
from moderation.insights.figures import HOUR, Dimension, Figures, start_of
from moderation.policy.verdicts import UNATTENDED, Source, Status, Verdict
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision, effective_id, is_lasting
from moderation.tables.objections import Report

AUTOMATIC = frozenset(source.value for source in UNATTENDED)


class CountedComment(NamedTuple):
    """A comment that came."""

    id: int
    article_id: int
    section: str
    status: str
    source: str | None  #: of the effective decision
    reasons: Sequence[Mapping[str, Any]]  #: of the effective decision


class CountedDecision(NamedTuple):
    """A verdict of staff that was not undone."""

    at: datetime
    article_id: int
    section: str
    staff_id: int | None
    verdict: str
    reasons: Sequence[Mapping[str, Any]]
    wait_seconds: float | None  #: None: decided in bulk, or not pending
    is_overdue: bool
    is_overturned: bool
    automatic_verdict: str | None  #: that it judges; None: there is none


class CountedReport(NamedTuple):
    """A reader's report."""

    at: datetime
    article_id: int
    section: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A site's records of some time."""

    comments: Sequence[CountedComment]
    decisions: Sequence[CountedDecision]
    reports: Sequence[CountedReport]


#: Section and subject of a day's figures.
DayPart = tuple[str, str]
#: Hour and section of an hour's figures.
HourPart = tuple[datetime, str]


def read_recorded(
    session: Session, site_id: int, start: datetime, end: datetime
) -> Recorded:
    """Return what was recorded at a site from a moment until before another."""
    return Recorded(
        comments=list(_comments(session, site_id, start, end)),
        decisions=list(_decisions(session, site_id, start, end)),
        reports=[
            CountedReport(at, article_id, section or "", reason)
            for at, article_id, section, reason in session.execute(
                sa.select(Report.created_at, Article.id, Article.section, Report.reason)
                .join(Comment, Comment.id == Report.comment_id)
                .join(Article, Article.id == Comment.article_id)
                .where(
                    Report.site_id == site_id,
                    Report.created_at >= start,
                    Report.created_at < end,
                )
            )
        ],
    )


def _comments(
    session: Session, site_id: int, start: datetime, end: datetime
) -> Iterator[CountedComment]:
    effective = aliased(Decision)
    rows = session.execute(
        sa.select(
            Comment.id,
            Comment.article_id,
            Article.section,
            Comment.status,
            effective.source,
            effective.reasons,
        )
        .join(Article, Article.id == Comment.article_id)
        .outerjoin(effective, effective.id == effective_id(Comment.id))
        .where(
            Comment.id >= first_id(start),
            Comment.id < first_id(end),
            unindexed(Comment.site_id == site_id),  # the ids are in order of time
        )
    )
    for number, article_id, section, status, source, reasons in rows:
        yield CountedComment(
            number, article_id, section or "", status, source, reasons or []
        )


def _decisions(
    session: Session, site_id: int, start: datetime, end: datetime
) -> Iterator[CountedDecision]:
    following, automatic = aliased(Decision), aliased(Decision)
    rows = session.execute(
        sa.select(
            Decision,
            Comment.article_id,
            Article.section,
            Comment.received_at,
            Comment.edited_at,
            Comment.due_at,
            following.verdict,
            following.staff_id,
            automatic.verdict,
        )
        .join(Comment, Comment.id == Decision.comment_id)
        .join(Article, Article.id == Comment.article_id)
        .outerjoin(following, following.id == _following_id())
        .outerjoin(automatic, automatic.id == _automatic_id())
        .where(
            Decision.site_id == site_id,
            Decision.created_at >= start,
            Decision.created_at < end,
            Decision.source.in_(PEOPLE),
            Decision.verdict.in_(GIVEN),
            is_lasting(),
        )
    )
    for row in rows:
        decision, article_id, section, received_at, edited_at, due_at = row[:6]
        next_verdict, next_staff_id, automatic_verdict = row[6:]
        since = received_at if decision.revision == 1 else edited_at or received_at
        is_timed = (
            decision.source == Source.PERSON.value
            and decision.status_before == Status.PENDING.value
            and decision.batch_id is None
        )
        seconds = (decision.created_at - since).total_seconds()
        is_other = next_staff_id is None or next_staff_id != decision.staff_id
        is_judged = next_verdict is None and automatic_verdict in GIVEN
        yield CountedDecision(
            at=decision.created_at,
            article_id=article_id,
            section=section or "",
            staff_id=decision.staff_id,
            verdict=decision.verdict,
            reasons=decision.reasons,
            wait_seconds=max(0.0, seconds) if is_timed else None,
            is_overdue=is_timed and decision.created_at > due_at,
            is_overturned=next_verdict not in (None, decision.verdict) and is_other,
            automatic_verdict=automatic_verdict if is_judged else None,
        )


def _following_id() -> sa.ScalarSelect[int]:
    """Return the id of the next verdict of staff on the same text."""
    later = aliased(Decision)
    return (
        sa.select(sa.func.min(later.id))
        .where(
            later.comment_id == Decision.comment_id,
            later.revision == Decision.revision,
            later.id > Decision.id,
            later.source.in_(PEOPLE),
            later.verdict.in_(GIVEN),
            is_lasting(later),
        )
        .correlate(Decision)
        .scalar_subquery()
    )


def _automatic_id() -> sa.ScalarSelect[int]:
    """Return the id of the newest automatic decision on the same text before."""
    earlier = aliased(Decision)
    return (
        sa.select(sa.func.max(earlier.id))
        .where(
            earlier.comment_id == Decision.comment_id,
            earlier.revision == Decision.revision,
            earlier.id < Decision.id,
            earlier.source.in_(sorted(AUTOMATIC)),
        )
        .correlate(Decision)
        .scalar_subquery()
    )


def tally_hours(recorded: Recorded) -> dict[HourPart, Figures]:
    """Return the figures of each hour and section of which something is recorded."""
    parts: dict[HourPart, Figures] = defaultdict(Figures)
    for comment in recorded.comments:
        hour = start_of(moment_of(comment.id), HOUR)
        _count_comment(parts[hour, comment.section], comment)
    for decision in recorded.decisions:
        hour = start_of(decision.at, HOUR)
        _count_decision(parts[hour, decision.section], decision)
    for report in recorded.reports:
        parts[start_of(report.at, HOUR), report.section].reports += 1
    return dict(parts)


def tally_day(recorded: Recorded, dimension: Dimension) -> dict[DayPart, Figures]:
    """Return the figures of each section and subject of which something is recorded."""
    parts: dict[DayPart, Figures] = defaultdict(Figures)
    for comment in recorded.comments:
        for subject in _subjects_of(dimension, comment, None, comment.reasons):
            _count_comment(parts[comment.section, subject], comment)
    for decision in recorded.decisions:
        staff_id = decision.staff_id
        for subject in _subjects_of(dimension, decision, staff_id, decision.reasons):
            _count_decision(parts[decision.section, subject], decision)
    for report in recorded.reports:
        reasons = [{"code": report.reason}]
        for subject in _subjects_of(dimension, report, None, reasons):
            parts[report.section, subject].reports += 1
    return dict(parts)


def _subjects_of(
    dimension: Dimension,
    row: CountedComment | CountedDecision | CountedReport,
    staff_id: int | None,
    reasons: Iterable[Mapping[str, Any]],
) -> Collection[str]:
    match dimension:
        case Dimension.ALL:
            return ("",)
        case Dimension.ARTICLE:
            return (str(row.article_id),)
        case Dimension.MODERATOR:
            return () if staff_id is None else (str(staff_id),)
        case Dimension.LABEL:
            named = {reason.get("label", reason["code"]) for reason in reasons}
            return named.intersection(HARMS)


def _count_comment(figures: Figures, comment: CountedComment) -> None:
    is_approved = comment.status == Status.APPROVED.value
    is_rejected = comment.status == Status.REJECTED.value
    figures.comments += 1
    figures.approved += is_approved
    figures.rejected += is_rejected
    figures.automatic += (is_approved or is_rejected) and comment.source in AUTOMATIC


def _count_decision(figures: Figures, decision: CountedDecision) -> None:
    figures.decisions += 1
    figures.rejections += decision.verdict == Verdict.REJECT.value
    figures.overturned += decision.is_overturned
    figures.overdue += decision.is_overdue
    if decision.wait_seconds is not None:
        figures.timed += 1
        figures.waits[round_wait(decision.wait_seconds)] += 1
    if decision.automatic_verdict is not None:
        figures.compared += 1
        figures.agreed += decision.automatic_verdict == decision.verdict
