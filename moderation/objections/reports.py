"""Readers report comments: weighed by how often each of them was right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments import decisions
from moderation.comments.decisions import DecisionDraft
from moderation.comments.lookup import find
from moderation.policy.due_times import reported_due_at
from moderation.policy.reasons import Reason, ReasonCode
from moderation.policy.reports import get_reporter_weight
from moderation.policy.thresholds import REPORT_THRESHOLD
from moderation.policy.verdicts import PEOPLE, Source, Status, Verdict
from moderation.privacy import mask_emails
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.objections import Report

NOTES_SHOWN = 3
MOST_LISTED = 200  # reports of one comment; beyond it, only their number counts


@dataclass(frozen=True, kw_only=True)
class FiledReport:
    """A report, with the comment's state after it."""

    report: Report
    comment: Comment
    is_repeat: bool = False  #: it was here before this request
    is_heard: bool = False  #: a person has approved this text against such reports


@dataclass(frozen=True, kw_only=True)
class ReportSummary:
    """Readers' reports of a text since its last decision."""

    count: int  #: readers; one may give several reasons
    weight: float
    reasons: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)  #: the newest `NOTES_SHOWN`


def file(
    session: Session,
    site: SiteContext,
    comment_id: int,
    *,
    reason: str,
    readers: Sequence[str],
    note: str | None,
    now: datetime,
) -> FiledReport:
    """Record that a reader reports a comment, and send it to a person if it is time.

    A published comment goes back to the queue when the weight of its reports passes
    the site's threshold; a pending one is due sooner. A rejected one stays as it is.
    The same reader, reason and text again is the same report.

    Parameters
    ----------
    readers
        As `Privacy.list_readers` makes them: all that the reader may be stored as.

    Raises
    ------
    NotFound
        If there is no such comment at the site.
    """
    # Locked: of many reports at once, one alone passes the threshold.
    comment = find(session, [site.id], comment_id, for_update=True)
    heard = _heard(session, comment)
    earlier = session.scalar(
        sa.select(Report).where(
            *_about(comment), Report.reporter.in_(readers), Report.reason == reason
        )
    )
    if earlier is not None:
        is_heard = reason in heard
        return FiledReport(
            report=earlier, comment=comment, is_repeat=True, is_heard=is_heard
        )
    right, settled = _track_record(session, site.id, readers)
    report = Report(
        site_id=site.id,
        comment_id=comment.id,
        revision=comment.revision,
        reporter=readers[0],
        reason=reason,
        note=mask_emails(note) if note else None,
        created_at=now,
        weight=get_reporter_weight(right, settled),
        settled_before=settled,
    )
    session.add(report)
    session.flush()
    if reason not in heard:
        _weigh(session, site, comment, now)
    return FiledReport(report=report, comment=comment, is_heard=reason in heard)


def settle(session: Session, comment: Comment, decision: Decision) -> None:
    """Note of all reports about a text whether a person has found them right.

    An approval is then held against further reports of the same kinds.
    """
    if decision.verdict == Verdict.REVIEW.value:
        return  # no decision yet
    is_right = decision.verdict == Verdict.REJECT.value
    session.execute(
        sa.update(Report)
        .where(*_about(comment))
        .values(is_right=is_right, decision_id=decision.id)
    )
    comment.report_weight = 0.0


def unsettle(session: Session, comment: Comment) -> None:
    """Let reports follow the effective decision after one was undone."""
    session.execute(
        sa.update(Report)
        .where(*_about(comment))
        .values(is_right=None, decision_id=None)
    )
    log = decisions.lasting_of(session, comment.id)
    settling = [row for row in log if _settles(row, comment)]
    if settling:
        newest = settling[-1]
        is_right = newest.verdict == Verdict.REJECT.value
        session.execute(
            sa.update(Report)
            .where(*_about(comment), Report.created_at <= newest.created_at)
            .values(is_right=is_right, decision_id=newest.id)
        )
    comment.report_weight = _weight(session, comment, REPORT_THRESHOLD)


def summarise(
    session: Session, comments: Sequence[Comment]
) -> dict[int, ReportSummary]:
    """Return what readers say of texts as they stand; silent ones are left out."""
    readers = session.execute(
        sa.select(Report.comment_id, sa.func.count(Report.reporter.distinct()))
        .where(*_open(comments))
        .group_by(Report.comment_id)
    ).all()
    if not readers:
        return {}
    weights = {comment.id: comment.report_weight for comment in comments}
    found = {each: ReportSummary(count=n, weight=weights[each]) for each, n in readers}
    reasons = session.execute(
        sa.select(Report.comment_id, Report.reason, sa.func.count())
        .where(*_open(comments))
        .group_by(Report.comment_id, Report.reason)
    )
    for comment_id, reason, count in reasons:
        found[comment_id].reasons[reason] = count
    for comment_id, note in session.execute(_newest_notes(comments)):
        found[comment_id].notes.append(note)
    return found


def list_of(session: Session, comment: Comment) -> Sequence[Report]:
    """Return the newest reports of a comment, about every text that it had."""
    return session.scalars(
        sa.select(Report)
        .where(Report.comment_id == comment.id)
        .order_by(Report.id.desc())
        .limit(MOST_LISTED)
    ).all()


def _about(comment: Comment) -> tuple[sa.ColumnElement[bool], ...]:
    return Report.comment_id == comment.id, Report.revision == comment.revision


def _open(comments: Sequence[Comment]) -> tuple[sa.ColumnElement[bool], ...]:
    texts = [(comment.id, comment.revision) for comment in comments]
    return (
        sa.tuple_(Report.comment_id, Report.revision).in_(texts),
        Report.is_right.is_(None),
    )


def _newest_notes(comments: Sequence[Comment]) -> sa.Select[Any]:
    place = sa.func.row_number().over(
        partition_by=Report.comment_id, order_by=Report.id.desc()
    )
    noted = (
        sa.select(Report.comment_id, Report.note, Report.id, place.label("place"))
        .where(*_open(comments), Report.note.is_not(None))
        .subquery()
    )
    return (
        sa.select(noted.c.comment_id, noted.c.note)
        .where(noted.c.place <= NOTES_SHOWN)
        .order_by(noted.c.id.desc())
    )


def _track_record(
    session: Session, site_id: int, readers: Sequence[str]
) -> tuple[int, int]:
    """Return how many texts that a reader reported were rejected, of how many settled.

    A text counts once, however many reasons were given.
    """
    settled = (
        sa.select(Report.is_right)
        .distinct()
        .add_columns(Report.comment_id, Report.revision)
        .where(
            Report.site_id == site_id,
            Report.reporter.in_(readers),
            Report.is_right.is_not(None),
        )
        .subquery()
    )
    right = sa.func.count().filter(settled.c.is_right)
    row = session.execute(sa.select(right, sa.func.count()).select_from(settled)).one()
    return row[0], row[1]


def _heard(session: Session, comment: Comment) -> set[str]:
    """Return the reasons that a person has approved this text against."""
    return set(
        session.scalars(
            sa.select(Report.reason)
            .distinct()
            .where(*_about(comment), Report.is_right.is_(False))
        )
    )


def _weight(session: Session, comment: Comment, threshold: float) -> float:
    """Return what the open reports about a text weigh together.

    A reader counts once. All those of whom nothing is known together count no more
    than the threshold: however many they are, they send a comment to a person, and
    make it no more urgent than others.
    """
    heard = sa.select(Report.reason).where(*_about(comment), Report.is_right.is_(False))
    readers = (
        sa.select(
            sa.func.max(Report.weight).label("weight"),
            sa.func.max(Report.settled_before).label("settled"),
        )
        .where(*_about(comment), Report.is_right.is_(None), Report.reason.not_in(heard))
        .group_by(Report.reporter)
        .subquery()
    )
    summed = sa.func.sum(readers.c.weight)
    new, known = session.execute(
        sa.select(
            summed.filter(readers.c.settled == 0), summed.filter(readers.c.settled > 0)
        )
    ).one()
    return min(new or 0.0, threshold) + (known or 0.0)


def _weigh(
    session: Session, site: SiteContext, comment: Comment, now: datetime
) -> None:
    """Bring a comment's weight up to date, and a person to look if it is time."""
    threshold = site.policy.report_threshold
    scale = REPORT_THRESHOLD if threshold is None else threshold
    weight = comment.report_weight = _weight(session, comment, scale)
    due_at = reported_due_at(now, weight, scale)
    if comment.calls_for_care:
        due_at = min(due_at, now + site.policy.care.patience)
    if comment.status == Status.PENDING.value:
        comment.due_at = min(comment.due_at, due_at)  # a claim on it stays
    elif comment.status == Status.APPROVED.value and weight >= scale and threshold:
        _send_back(session, site, comment, due_at, now)
    session.flush()


def _send_back(
    session: Session,
    site: SiteContext,
    comment: Comment,
    due_at: datetime,
    now: datetime,
) -> None:
    comment.due_at = due_at
    comment.held_reason = ReasonCode.REPORTED.value
    reasons = summarise(session, [comment])[comment.id].reasons
    new = DecisionDraft(
        verdict=Verdict.REVIEW,
        source=Source.READERS,
        at=now,
        reasons=[
            Reason(code=ReasonCode.REPORTED, reported_for=code, count=count)
            for code, count in reasons.most_common()
        ],
        policy_id=site.policy_id,
    )
    decisions.decide(session, comment, new)


def _settles(decision: Decision, comment: Comment) -> bool:
    is_verdict = decision.verdict != Verdict.REVIEW.value
    is_theirs = Source(decision.source) in PEOPLE
    return is_verdict and is_theirs and decision.revision == comment.revision
