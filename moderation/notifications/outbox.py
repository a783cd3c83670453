"""Notifications to send: gathered, leased to one worker, and settled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.backoff import LEASE_LASTS, MAX_ATTEMPTS, pause_after
from moderation.notifications import mail_server
from moderation.notifications.kinds import (
    NotificationChannel,
    NotificationKind,
    NotificationState,
)
from moderation.tables.accounts import Membership
from moderation.tables.notifications import UNSENT, NoticedOccurrence, Notification

GATHERED_FOR = timedelta(seconds=30)  # notices of this time go into one message
KEPT_FOR = timedelta(days=30)
PRUNE_BATCH_SIZE = 1000  # rows of one transaction
MAX_LISTED = 50  # notifications, the newest
MAX_FAULT_LENGTH = 100  # characters
FAILED = NotificationState.FAILED.value


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A staff member, or a site's chat: one of both."""

    staff_id: int | None = None
    site_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class SendingPace:
    """The shortest time between messages to a recipient."""

    spacing: timedelta  #: from the last message of the kind that was sent
    not_before: datetime | None = None  #: end of quiet hours; None: there are none now


@dataclass(frozen=True, kw_only=True)
class LeasedNotification:
    """A notification that one worker sends now."""

    id: int
    attempt: int  #: settled by its number: an overtaken worker settles nothing
    recipient: Recipient
    kind: NotificationKind
    channel: NotificationChannel
    subjects: Sequence[int]
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class SendResult:
    """The answer of a mail server or a chat to a message."""

    fault: str | None = None  #: a few plain words; None: it was taken
    is_final: bool = False  #: a further attempt would not help
    is_down: bool = False  #: the mail server takes nothing now


def enqueue(
    session: Session,
    recipient: Recipient,
    kind: NotificationKind,
    channel: NotificationChannel,
    subject: int,
    *,
    now: datetime,
    pace: SendingPace,
) -> None:
    """Notify a recipient of something, in the message that waits already, if any."""
    of_kind = (*_is_to(recipient), _is_of(kind), _is_over(channel))
    waiting = session.scalar(
        sa.select(Notification)
        .where(*of_kind, UNSENT, Notification.attempts == 0)
        .order_by(Notification.id)
        .limit(1)
        .with_for_update()
    )
    if waiting is not None:
        if subject not in waiting.subjects:
            waiting.subjects = [*waiting.subjects, subject]
        return
    last_at = session.scalar(
        sa.select(sa.func.max(Notification.settled_at)).where(
            *of_kind, Notification.state == NotificationState.SENT.value
        )
    )
    moments = [now + GATHERED_FOR]
    if last_at is not None:
        moments.append(last_at + pace.spacing)
    if pace.not_before is not None:
        moments.append(pace.not_before)
    _add(session, recipient, kind, channel, [subject], now, max(moments))


def enqueue_now(
    session: Session,
    recipient: Recipient,
    kind: NotificationKind,
    channel: NotificationChannel,
    now: datetime,
    subjects: Collection[int] = (),
) -> Notification:
    """Send a message of its own at once: a test, a confirmation, a digest."""
    return _add(session, recipient, kind, channel, list(subjects), now, now)


def _add(
    session: Session,
    recipient: Recipient,
    kind: NotificationKind,
    channel: NotificationChannel,
    subjects: list[int],
    now: datetime,
    due_at: datetime,
) -> Notification:
    notification = Notification(
        staff_id=recipient.staff_id,
        site_id=recipient.site_id,
        kind=kind.value,
        channel=channel.value,
        subjects=subjects,
        created_at=now,
        due_at=due_at,
        state=NotificationState.WAITING.value,
        attempts=0,
    )
    session.add(notification)
    session.flush()
    return notification


def has_due(session: Session, channel: NotificationChannel, now: datetime) -> bool:
    """Return whether something is to be sent now; it locks nothing."""
    if _is_resting(session, channel, now):
        return False
    query = sa.select(Notification.id).where(*_is_due(channel, now)).limit(1)
    return session.scalar(query) is not None


def take_due(
    session: Session, channel: NotificationChannel, now: datetime
) -> LeasedNotification | None:
    """Take up the notification that is next, leased for `LEASE_LASTS`."""
    if _is_resting(session, channel, now):
        return None
    notification = session.scalar(
        sa.select(Notification)
        .where(*_is_due(channel, now))
        .order_by(Notification.due_at, Notification.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if notification is None:
        return None  # another worker's
    if notification.attempts >= MAX_ATTEMPTS:  # each time, its worker was broken off
        notification.state, notification.settled_at = FAILED, now
        session.flush()
        return None
    notification.attempts += 1
    notification.due_at = now + LEASE_LASTS
    if channel is NotificationChannel.EMAIL:
        mail_server.let_one_try(session, now + LEASE_LASTS)
    session.flush()
    return LeasedNotification(
        id=notification.id,
        attempt=notification.attempts,
        recipient=Recipient(
            staff_id=notification.staff_id, site_id=notification.site_id
        ),
        kind=NotificationKind(notification.kind),
        channel=channel,
        subjects=tuple(notification.subjects),
        created_at=notification.created_at,
    )


def postpone(session: Session, leased: LeasedNotification, until: datetime) -> None:
    """Send a notification later, as its recipient's quiet hours have begun."""
    _write(session, leased, due_at=until, attempts=leased.attempt - 1)


def drop(session: Session, leased: LeasedNotification, now: datetime) -> None:
    """Send a notification never: there is nothing left to send, or no one to get it."""
    _write(session, leased, state=NotificationState.DROPPED.value, settled_at=now)


def settle(
    session: Session,
    leased: LeasedNotification,
    result: SendResult,
    *,
    now: datetime,
    chance: float,
) -> None:
    """Record how a message was taken: sent, to be sent again, or given up.

    Parameters
    ----------
    chance : 0 to 1, drawn at random: spreads the pauses
    """
    pause = pause_after(leased.attempt, chance)
    if leased.channel is NotificationChannel.EMAIL:
        if result.is_down:
            mail_server.record_failure(session, result.fault or "", now, chance)
        else:
            mail_server.record_answer(session, now)
    fault = result.fault and result.fault[:MAX_FAULT_LENGTH]
    if result.fault is None:
        state, due_at = NotificationState.SENT, now
    elif result.is_final or pause is None:
        state, due_at = NotificationState.FAILED, now
    else:
        state, due_at = NotificationState.WAITING, now + pause
    is_waiting = state is NotificationState.WAITING
    _write(
        session,
        leased,
        state=state.value,
        due_at=due_at,
        settled_at=None if is_waiting else now,
        fault=fault,
    )


def withdraw(
    session: Session,
    recipient: Recipient,
    channel: NotificationChannel,
    now: datetime,
) -> None:
    """Send nothing more that waits for a recipient over a channel."""
    session.execute(
        sa.update(Notification)
        .where(*_is_to(recipient), _is_over(channel), UNSENT)
        .values(state=NotificationState.DROPPED.value, settled_at=now)
        .execution_options(synchronize_session="fetch")
    )


def list_of_staff(session: Session, staff_id: int) -> Sequence[Notification]:
    """Return the newest notifications of a staff member, the newest first."""
    query = sa.select(Notification).where(Notification.staff_id == staff_id)
    return session.scalars(
        query.order_by(Notification.id.desc()).limit(MAX_LISTED)
    ).all()


def list_of_site(
    session: Session, site_id: int, state: NotificationState | None = None
) -> Sequence[Notification]:
    """Return the newest notifications of a site's chat and staff, the newest first."""
    members = sa.select(Membership.staff_id).where(Membership.site_id == site_id)
    query = sa.select(Notification).where(
        sa.or_(Notification.site_id == site_id, Notification.staff_id.in_(members))
    )
    if state is not None:
        query = query.where(Notification.state == state.value)
    return session.scalars(
        query.order_by(Notification.id.desc()).limit(MAX_LISTED)
    ).all()


def prune(session: Session, now: datetime) -> int:
    """Forget some old notifications, and what was noticed; return how many of them."""
    oldest = (
        sa.select(Notification.id)
        .where(Notification.created_at < now - KEPT_FOR)
        .order_by(Notification.id)
        .limit(PRUNE_BATCH_SIZE)
    )
    ids = session.scalars(oldest).all()
    session.execute(
        sa.delete(Notification)
        .where(Notification.id.in_(ids))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.delete(NoticedOccurrence)
        .where(NoticedOccurrence.noticed_at < now - KEPT_FOR)
        .execution_options(synchronize_session=False)
    )
    return len(ids)


def _write(session: Session, leased: LeasedNotification, **values: Any) -> None:
    """Change a notification, unless another attempt has overtaken this one."""
    session.execute(
        sa.update(Notification)
        .where(
            Notification.id == leased.id,
            Notification.attempts == leased.attempt,
            UNSENT,
        )
        .values(**values)
        .execution_options(synchronize_session="fetch")
    )


def _is_resting(session: Session, channel: NotificationChannel, now: datetime) -> bool:
    is_email = channel is NotificationChannel.EMAIL
    return is_email and mail_server.is_resting(session, now)


def _is_due(channel: NotificationChannel, now: datetime) -> tuple[Any, ...]:
    return (UNSENT, _is_over(channel), Notification.due_at <= now)


def _is_to(recipient: Recipient) -> tuple[sa.ColumnElement[bool], ...]:
    if recipient.staff_id is not None:
        return (Notification.staff_id == recipient.staff_id,)
    return (
        Notification.site_id == recipient.site_id,
        Notification.staff_id.is_(None),
    )


def _is_of(kind: NotificationKind) -> sa.ColumnElement[bool]:
    return Notification.kind == kind.value


def _is_over(channel: NotificationChannel) -> sa.ColumnElement[bool]:
    return Notification.channel == channel.value
