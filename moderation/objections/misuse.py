"""Repeat offenders and abusive notifiers: counted, warned, then suspended for a time.

After DSA Art. 23: case by case, by a lead, after a warning. A count proposes nothing:
a moderator has called each single case manifest.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, InvalidFields, NotFound
from moderation.objections.misuse_counts import (
    COUNTED_FOR,
    MATTERS,
    MisuseMatter,
    MisuseTarget,
    count,
)
from moderation.privacy import mask_emails
from moderation.tables.legal import MisuseMeasure

MAX_SUSPENSION = timedelta(days=365)  # "a reasonable period"
MAX_LISTED = 200  # measures of a site, the newest


class MisuseKind(StrEnum):
    """The kind of measure against misuse."""

    WARNING = "warning"
    SUSPENSION = "suspension"


@dataclass(frozen=True, kw_only=True)
class MeasureDraft:
    """A warning or a suspension, and why."""

    kind: MisuseKind
    reason: str  #: shown to the subject
    until: datetime | None = None  #: of a suspension
    matter: MisuseMatter | None = None  #: None: the first of `MATTERS`


def take(
    session: Session,
    target: MisuseTarget,
    draft: MeasureDraft,
    *,
    staff_id: int,
    now: datetime,
) -> MisuseMeasure:
    """Warn an author or a notifier, or suspend them after a warning.

    Raises
    ------
    InvalidFields
        If a suspension has no end, or one that is past or too far; or if the matter is
        not one of the subject's.
    Conflict
        If nothing manifest is on record, or a suspension follows no warning.
    """
    is_suspension = draft.kind is MisuseKind.SUSPENSION
    if is_suspension:
        _refuse_end(draft.until, now)
    matter = _matter_of(target, draft)
    counted = count(session, target, matter, now)
    if counted.manifest == 0:
        raise Conflict("Nothing manifest is on record in the last 90 days.")
    if is_suspension and not _was_warned(session, target, matter, now):
        raise Conflict("Warn first: a suspension needs an earlier warning.")
    measure = MisuseMeasure(
        site_id=target.site_id,
        kind=draft.kind.value,
        subject=target.subject.value,
        author_id=target.author_id,
        notifier=target.notifier,
        matter=matter.value,
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
        matter=matter.value,
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
    """Return the measures about an author or a notifier, the newest first."""
    return session.scalars(
        sa.select(MisuseMeasure)
        .where(*target.measures())
        .order_by(MisuseMeasure.id.desc())
        .limit(MAX_LISTED)
    ).all()


def list_to_show(
    session: Session, target: MisuseTarget, now: datetime
) -> list[MisuseMeasure]:
    """Return the measures that their subject must be shown.

    Suspensions that aren't over, and warnings of the last `COUNTED_FOR`.
    """
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
    session: Session,
    target: MisuseTarget,
    now: datetime,
    matters: Collection[MisuseMatter] = tuple(MisuseMatter),
) -> datetime | None:
    """Return until when an author or a notifier is suspended; None: they aren't."""
    return session.scalar(
        sa.select(
            sa.func.max(MisuseMeasure.until, type_=MisuseMeasure.until.type)
        ).where(
            *target.measures(),
            MisuseMeasure.kind == MisuseKind.SUSPENSION.value,
            MisuseMeasure.matter.in_([matter.value for matter in matters]),
            MisuseMeasure.until > now,
            MisuseMeasure.ended_at.is_(None),
        )
    )


def _matter_of(target: MisuseTarget, draft: MeasureDraft) -> MisuseMatter:
    matters = MATTERS[target.subject]
    if draft.matter is None:
        return matters[0]
    if draft.matter not in matters:
        raise InvalidFields({"matter": [f"One of: {', '.join(matters)}."]})
    return draft.matter


def _was_warned(
    session: Session, target: MisuseTarget, matter: MisuseMatter, now: datetime
) -> bool:
    return (
        session.scalar(
            sa.select(MisuseMeasure.id)
            .where(
                *target.measures(),
                MisuseMeasure.kind == MisuseKind.WARNING.value,
                MisuseMeasure.matter == matter.value,
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
