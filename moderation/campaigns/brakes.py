"""Brakes hold comments that come too fast, until they expire or a lead ends them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.scope import sections_at
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import Detail, record
from moderation.campaigns.arrivals import NO_END, counted, subject_of
from moderation.errors import Conflict, Forbidden, NotFound
from moderation.policy.brakes import (
    SHARED,
    BrakeHold,
    BrakeKind,
    BrakePolicy,
    lets_go_at,
)
from moderation.sql.prepared import Prepared
from moderation.tables.campaigns import Brake, Campaign, RecentArrival
from moderation.tables.comments import Comment

#: After a person has released a brake, nothing puts it on again by itself so soon.
RELEASED_FOR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """The counts at a comment's arrival."""

    #: the brakes that hold it, by kind, the narrowest first
    holding: Mapping[BrakeKind, Brake]
    #: the kinds whose limit it passes
    exceeded: Sequence[BrakeKind]


def look(
    session: Session,
    subjects: Mapping[BrakeKind, int],
    policy: BrakePolicy,
    now: datetime,
    until: datetime = NO_END,
) -> Sighting:
    """Return which brakes hold a comment that is about to be stored, in one query.

    Brakes that have let go meanwhile are marked so. A brake that holds is locked.

    Parameters
    ----------
    subjects
        What the comment is counted for; its own arrival isn't recorded yet.
    until
        Arrivals from then on don't count.
    """
    values: dict[str, Any] = {"until": until}
    for kind in BrakeKind:
        limit = policy.limit_of(kind)
        values[kind.value] = subjects.get(kind, -1)
        values[f"{kind.value}_since"] = now - limit.window if limit else now
        values[f"{kind.value}_most"] = limit.count if limit else 0
    (row,) = _LOOK.all(session, values)
    holding, exceeded = {}, []
    for kind in BrakeKind:
        limit = policy.limit_of(kind)
        # Its own arrival is one more.
        is_over = limit is not None and getattr(row, f"{kind.value}_n") >= limit.count
        is_over = is_over and kind in subjects
        brake_id = getattr(row, f"{kind.value}_id")
        brake = _locked(session, brake_id) if brake_id is not None else None
        if brake is not None and is_let_go(brake, now):
            brake.ended_at = lets_go_at(
                brake.last_at, brake.quiet_minutes, brake.held_until
            )
            session.flush()
            brake = None
        if brake is not None:
            holding[kind] = brake
            _keep_up(brake, is_over, now)
        elif is_over:
            exceeded.append(kind)
    return Sighting(holding=holding, exceeded=exceeded)


def count_held(brakes: Collection[Brake]) -> list[BrakeHold]:
    """Count a comment that brakes hold, and return how they do."""
    for brake in brakes:
        brake.held += 1
    return [
        BrakeHold(brake_id=brake.id, kind=BrakeKind(brake.kind)) for brake in brakes
    ]


def start(
    session: Session,
    comment: Comment,
    kind: BrakeKind,
    subject: int,
    policy: BrakePolicy,
    now: datetime,
) -> Brake | None:
    """Put a brake on by the comment that is one too many.

    None: a person has released it a short time ago.
    """
    released = session.scalar(
        sa.select(Brake.id)
        .where(
            Brake.subject == subject,
            Brake.ended_at > now - RELEASED_FOR,
            Brake.ended_by.is_not(None),
        )
        .limit(1)
    )
    limit = policy.limit_of(kind)
    if released is not None or limit is None:
        return None
    is_of_campaign = kind is BrakeKind.NEAR_DUPLICATES
    brake = Brake(
        site_id=comment.site_id,
        kind=kind.value,
        subject=subject,
        campaign_id=comment.campaign_id if is_of_campaign else None,
        comment_id=comment.id,
        count=limit.count,
        minutes=limit.minutes,
        quiet_minutes=policy.quiet_minutes,
        since=now - limit.window,
        started_at=now,
        last_at=now,
        held=0,
    )
    session.add(brake)
    session.flush()
    return brake


def start_for_campaign(
    session: Session,
    campaign: Campaign,
    policy: BrakePolicy,
    *,
    hours: int,
    staff_id: int,
    now: datetime,
) -> Brake:
    """Hold new comments of a campaign for some hours.

    Raises
    ------
    Forbidden
        If the person's role is limited to sections.
    Conflict
        If all of its comments are erased.
    """
    _refuse_limited(session, campaign.site_id, BrakeKind.NEAR_DUPLICATES)
    newest = sa.select(sa.func.max(Comment.id)).where(
        Comment.campaign_id == campaign.id, Comment.deleted_at.is_(None)
    )
    comment_id = session.scalar(newest)
    if comment_id is None:
        raise Conflict("No comment of this campaign is left.")
    subject = subject_of(campaign.site_id, BrakeKind.NEAR_DUPLICATES, campaign.id)
    brake = session.scalar(
        sa.select(Brake)
        .where(Brake.subject == subject, Brake.ended_at.is_(None))
        .with_for_update()
    )
    if brake is not None and is_let_go(brake, now):
        brake.ended_at = now
        session.flush()
        brake = None
    if brake is None:
        brake = Brake(
            site_id=campaign.site_id,
            kind=BrakeKind.NEAR_DUPLICATES.value,
            subject=subject,
            campaign_id=campaign.id,
            comment_id=comment_id,
            quiet_minutes=policy.quiet_minutes,
            since=campaign.created_at,
            started_at=now,
            started_by=staff_id,
            last_at=now,
            held=0,
        )
        session.add(brake)
        session.flush()
    _prolong(session, brake, hours, staff_id, now)
    return brake


def prolong(
    session: Session,
    site_ids: Collection[int],
    brake_id: int,
    *,
    hours: int,
    staff_id: int,
    now: datetime,
) -> Brake:
    """Let a brake hold for some hours from now on, unconditionally.

    Raises
    ------
    NotFound
        If there is no such brake at the sites.
    Conflict
        If it has let go.
    Forbidden
        If it isn't about one article, and the person's role is limited to sections.
    """
    brake = _find_holding(session, site_ids, brake_id, now)
    _prolong(session, brake, hours, staff_id, now)
    return brake


def release(
    session: Session,
    site_ids: Collection[int],
    brake_id: int,
    *,
    staff_id: int,
    now: datetime,
) -> Brake:
    """End a brake; for `RELEASED_FOR`, nothing puts it on again by itself.

    Raises
    ------
    NotFound, Conflict, Forbidden
        As `prolong`.
    """
    brake = _find_holding(session, site_ids, brake_id, now)
    brake.ended_at, brake.ended_by = now, staff_id
    session.flush()
    _record(session, AuditAction.BRAKE_RELEASED, brake)
    return brake


def find(
    session: Session,
    site_ids: Collection[int],
    brake_id: int,
    *,
    for_update: bool = False,
) -> Brake:
    """Return a brake of one of the sites.

    Raises
    ------
    NotFound
        If there is no such brake there.
    """
    query = sa.select(Brake).where(Brake.id == brake_id, Brake.site_id.in_(site_ids))
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    brake = session.scalar(query)
    if brake is None:
        raise NotFound("There is no such brake.")
    return brake


def list_brakes(
    session: Session,
    site_ids: Collection[int],
    *,
    is_holding: bool | None,
    before: int | None,
    limit: int,
    now: datetime,
) -> list[Brake]:
    """Return up to `limit` brakes, the newest first.

    Parameters
    ----------
    is_holding
        Only those that hold now, or that don't; None: all.
    before
        Id of the brake that the page before ended with.
    """
    query = (
        sa.select(Brake).where(Brake.site_id.in_(site_ids)).order_by(Brake.id.desc())
    )
    if before is not None:
        query = query.where(Brake.id < before)
    if is_holding is None:
        return list(session.scalars(query.limit(limit)))
    # Few rows haven't ended; whether those hold, the moment decides.
    unended = session.scalars(query.where(Brake.ended_at.is_(None))).all()
    holding = {brake.id for brake in unended if not is_let_go(brake, now)}
    if is_holding:
        return [brake for brake in unended if brake.id in holding][:limit]
    return list(session.scalars(query.where(Brake.id.not_in(holding)).limit(limit)))


def is_let_go(brake: Brake, now: datetime) -> bool:
    """Return whether a brake holds nothing any more."""
    return brake.ended_at is not None or now >= lets_go_at(
        brake.last_at, brake.quiet_minutes, brake.held_until
    )


def _locked(session: Session, brake_id: int) -> Brake | None:
    return session.scalar(
        sa.select(Brake)
        .where(Brake.id == brake_id, Brake.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _keep_up(brake: Brake, is_over: bool, now: datetime) -> None:
    """Extend a brake where the new comment is a reason for that."""
    if is_over or BrakeKind(brake.kind) not in SHARED:
        brake.last_at = max(brake.last_at, now)


def _find_holding(
    session: Session, site_ids: Collection[int], brake_id: int, now: datetime
) -> Brake:
    brake = find(session, site_ids, brake_id, for_update=True)
    _refuse_limited(session, brake.site_id, BrakeKind(brake.kind))
    if is_let_go(brake, now):
        raise Conflict("This brake has ended.")
    return brake


def _refuse_limited(session: Session, site_id: int, kind: BrakeKind) -> None:
    is_limited = sections_at(session, site_id) is not None
    if is_limited and kind is not BrakeKind.ARTICLE:
        raise Forbidden("This needs a role in the whole site.")


def _prolong(
    session: Session, brake: Brake, hours: int, staff_id: int, now: datetime
) -> None:
    brake.held_until, brake.held_by = now + timedelta(hours=hours), staff_id
    session.flush()
    _record(session, AuditAction.BRAKE_PROLONGED, brake, hours=hours)


def _record(
    session: Session, action: AuditAction, brake: Brake, **details: Detail
) -> None:
    target, said = (TargetKind.BRAKE, brake.id), {"kind": brake.kind, **details}
    record(session, action, target=target, site_id=brake.site_id, reason=None, **said)


def _columns(kind: BrakeKind) -> tuple[sa.ColumnElement[Any], ...]:
    subject = sa.bindparam(kind.value, type_=RecentArrival.subject.type)
    arrived = counted(
        subject,
        sa.bindparam(f"{kind.value}_since", type_=RecentArrival.at.type),
        sa.bindparam(f"{kind.value}_most", type_=sa.Integer()),
    )
    holding = (
        sa.select(Brake.id)
        .where(Brake.subject == subject, Brake.ended_at.is_(None))
        .scalar_subquery()
    )
    return arrived.label(f"{kind.value}_n"), holding.label(f"{kind.value}_id")


_LOOK = Prepared(
    sa.select(*(column for kind in BrakeKind for column in _columns(kind)))
)
