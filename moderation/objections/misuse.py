"""Repeat offenders and abusive notifiers: counted, warned, then suspended for a time.

After DSA Art. 23: case by case, by a person, after a warning. A count proposes
nothing by itself: what is manifest, a moderator has said of each single case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, InvalidFields, NotFound
from moderation.privacy import mask_emails
from moderation.tables.authors import Author
from moderation.tables.decisions import Decision, is_lasting
from moderation.tables.legal import (
    MisuseMeasure,
    Notice,
    NoticeComplaint,
    Statement,
)

COUNTED_FOR = timedelta(days=90)  # the window of the counts
MAX_SUSPENSION = timedelta(days=365)  # "a reasonable period"
MAX_LISTED = 200  # measures of a site, the newest


class MisuseKind(StrEnum):
    """What is done against misuse."""

    WARNING = "warning"
    SUSPENSION = "suspension"


class MisuseSubject(StrEnum):
    """Whose misuse it is."""

    AUTHOR = "author"  #: of manifestly illegal comments
    NOTIFIER = "notifier"  #: of manifestly unfounded notices and complaints


@dataclass(frozen=True, kw_only=True)
class MisuseTarget:
    """An author, or a sender of notices, at a site."""

    site_id: int
    subject: MisuseSubject
    author_id: int | None = None
    notifier: str | None = None  #: as in `notices.notifier`

    def measures(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that a measure is about this target."""
        return [
            MisuseMeasure.site_id == self.site_id,
            MisuseMeasure.subject == self.subject.value,
            MisuseMeasure.author_id.is_not_distinct_from(self.author_id),
            MisuseMeasure.notifier.is_not_distinct_from(self.notifier),
        ]


@dataclass(frozen=True, kw_only=True)
class MisuseCount:
    """What a person must weigh (DSA Art. 23(3)): absolute numbers, and of how many."""

    manifest: int  #: manifestly illegal comments, or unfounded notices, complaints
    all: int  #: comments at the site, or notices and complaints in the window
    days: int = COUNTED_FOR.days

    def as_json(self) -> dict[str, int]:
        """Return the counts as they are stored with a measure."""
        return {"manifest": self.manifest, "all": self.all, "days": self.days}


def count(session: Session, target: MisuseTarget, now: datetime) -> MisuseCount:
    """Count what an author or a notifier misused in the last `COUNTED_FOR`."""
    since = now - COUNTED_FOR
    if target.subject is MisuseSubject.AUTHOR:
        return _count_author(session, target, since)
    return _count_notifier(session, target, since)


def _count_author(
    session: Session, target: MisuseTarget, since: datetime
) -> MisuseCount:
    manifest = session.scalar(
        sa.select(sa.func.count())
        .select_from(Statement)
        .join(Decision, Decision.id == Statement.decision_id)
        .where(
            Statement.author_id == target.author_id,
            Statement.created_at > since,
            Statement.is_manifest,
            is_lasting(),
        )
    )
    author = session.get_one(Author, target.author_id)
    written = author.pending + author.approved + author.rejected
    return MisuseCount(manifest=manifest or 0, all=written)


def _count_notifier(
    session: Session, target: MisuseTarget, since: datetime
) -> MisuseCount:
    sent = (Notice.site_id == target.site_id, Notice.notifier == target.notifier)
    is_unfounded = Notice.is_unfounded.is_(True)
    notices = session.execute(
        sa.select(sa.func.count().filter(is_unfounded), sa.func.count())
        .select_from(Notice)
        .where(*sent, Notice.created_at > since)
    ).one()
    unfounded = NoticeComplaint.is_unfounded.is_(True)
    complaints = session.execute(
        sa.select(sa.func.count().filter(unfounded), sa.func.count())
        .select_from(NoticeComplaint)
        .join(Notice, Notice.id == NoticeComplaint.notice_id)
        .where(*sent, NoticeComplaint.created_at > since)
    ).one()
    return MisuseCount(
        manifest=notices[0] + complaints[0], all=notices[1] + complaints[1]
    )


@dataclass(frozen=True, kw_only=True)
class MeasureDraft:
    """A warning or a suspension, and why."""

    kind: MisuseKind
    reason: str  #: shown to the subject
    until: datetime | None = None  #: of a suspension


def take(
    session: Session,
    target: MisuseTarget,
    draft: MeasureDraft,
    *,
    staff_id: int,
    now: datetime,
) -> MisuseMeasure:
    """Warn somebody, or suspend them after a warning.

    Raises
    ------
    InvalidFields
        If a suspension has no end, or one that is past or too far.
    Conflict
        If nothing manifest is on record, or a suspension follows no warning.
    """
    is_suspension = draft.kind is MisuseKind.SUSPENSION
    if is_suspension:
        _refuse_end(draft.until, now)
    counted = count(session, target, now)
    if counted.manifest == 0:
        raise Conflict("Nothing manifest is on record in the last 90 days.")
    if is_suspension and not _was_warned(session, target, now):
        raise Conflict("Warn first: a suspension needs an earlier warning.")
    measure = MisuseMeasure(
        site_id=target.site_id,
        kind=draft.kind.value,
        subject=target.subject.value,
        author_id=target.author_id,
        notifier=target.notifier,
        created_at=now,
        staff_id=staff_id,
        reason=mask_emails(draft.reason),
        counts=counted.as_json(),
        until=draft.until if is_suspension else None,
    )
    session.add(measure)
    session.flush()
    record(
        session,
        AuditAction.MISUSE_SUSPENDED if is_suspension else AuditAction.MISUSE_WARNED,
        target=(TargetKind.MISUSE, measure.id),
        site_id=target.site_id,
        reason=draft.reason,
        subject=target.subject.value,
        author=target.author_id,
        until=draft.until.isoformat() if is_suspension and draft.until else None,
    )
    return measure


def end(
    session: Session, measure: MisuseMeasure, *, staff_id: int, now: datetime
) -> None:
    """Lift a suspension before its time; one that has ended stays as it is."""
    if is_over(measure, now):
        return
    measure.ended_at, measure.ended_by = now, staff_id
    record(
        session,
        AuditAction.MISUSE_ENDED,
        target=(TargetKind.MISUSE, measure.id),
        site_id=measure.site_id,
    )


def is_over(measure: MisuseMeasure, now: datetime) -> bool:
    """Return whether a measure has no effect any more; a warning has none by itself."""
    if measure.ended_at is not None or measure.until is None:
        return True
    return measure.until <= now


def find(
    session: Session, site_ids: Sequence[int], measure_id: int, *, for_update: bool
) -> MisuseMeasure:
    """Return a measure.

    Raises
    ------
    NotFound
        If there is none at these sites.
    """
    query = sa.select(MisuseMeasure).where(
        MisuseMeasure.id == measure_id, MisuseMeasure.site_id.in_(site_ids)
    )
    measure = session.scalar(query.with_for_update() if for_update else query)
    if measure is None:
        raise NotFound("There is no such measure.")
    return measure


def list_of_site(session: Session, site_id: int) -> Sequence[MisuseMeasure]:
    """Return a site's measures, the newest first."""
    return session.scalars(
        sa.select(MisuseMeasure)
        .where(MisuseMeasure.site_id == site_id)
        .order_by(MisuseMeasure.id.desc())
        .limit(MAX_LISTED)
    ).all()


def list_of(session: Session, target: MisuseTarget) -> Sequence[MisuseMeasure]:
    """Return the measures about somebody, the newest first."""
    return session.scalars(
        sa.select(MisuseMeasure)
        .where(*target.measures())
        .order_by(MisuseMeasure.id.desc())
        .limit(MAX_LISTED)
    ).all()


def list_to_tell(
    session: Session, target: MisuseTarget, now: datetime
) -> list[MisuseMeasure]:
    """Return what a person must be shown: suspensions, and warnings of the window."""
    return [
        measure
        for measure in list_of(session, target)
        if not is_over(measure, now)
        or (
            measure.kind == MisuseKind.WARNING.value
            and measure.created_at > now - COUNTED_FOR
        )
    ]


def suspended_until(
    session: Session, target: MisuseTarget, now: datetime
) -> datetime | None:
    """Return until when somebody is suspended; None: they aren't."""
    return session.scalar(
        sa.select(
            sa.func.max(MisuseMeasure.until, type_=MisuseMeasure.until.type)
        ).where(
            *target.measures(),
            MisuseMeasure.kind == MisuseKind.SUSPENSION.value,
            MisuseMeasure.until > now,
            MisuseMeasure.ended_at.is_(None),
        )
    )


def _was_warned(session: Session, target: MisuseTarget, now: datetime) -> bool:
    return (
        session.scalar(
            sa.select(MisuseMeasure.id)
            .where(
                *target.measures(),
                MisuseMeasure.kind == MisuseKind.WARNING.value,
                MisuseMeasure.created_at < now,
            )
            .limit(1)
        )
        is not None
    )


def _refuse_end(until: datetime | None, now: datetime) -> None:
    if until is None:
        raise InvalidFields({"until": ["A suspension needs an end."]})
    if not now < until <= now + MAX_SUSPENSION:
        days = MAX_SUSPENSION.days
        raise InvalidFields({"until": [f"Must lie in the next {days} days."]})
