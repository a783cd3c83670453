"""Deliveries: events on their way to webhooks, taken up, settled, kept for a while."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.errors import Conflict, NotFound, WebhookOff
from moderation.privacy import Privacy, UnreadableEmail
from moderation.tables.jobs import Job
from moderation.tables.review import Batch
from moderation.tables.sites import Site
from moderation.tables.webhooks import WAITING, Delivery, Webhook
from moderation.webhooks import endpoints
from moderation.webhooks.backoff import LEASE_LASTS, TRIED_FOR, pause_after, rest_after

EVENT_PREFIX = "evt_"  # of an event's id: what it is can be seen
KEPT_FOR = timedelta(days=30)  # a delivery, and what it told
PRUNED_AT_ONCE = 1_000  # rows, in one commit
MOST_COUNTED = 1_000  # deliveries: more make no difference to who looks
GONE = 410  # HTTP: the receiver will never be there again
OVERLOADED = 429  # HTTP: it asks to be left alone
FAULTY = 500  # HTTP, and above: it can take nothing now


class DeliveryState(StrEnum):
    """Where an event stands on its way to a webhook."""

    WAITING = "waiting"  #: not sent yet, or to be sent again
    DELIVERED = "delivered"  #: the receiver has taken it
    FAILED = "failed"  #: given up; it can be replayed


@dataclass(frozen=True, kw_only=True)
class Message:
    """One event to send to one address, as it goes over the wire."""

    delivery_id: int
    attempt: int  #: counts all; who settles it names the one it has made
    event_id: str
    url: str
    secrets: tuple[str, ...]  #: one signature by each
    body: str
    at: datetime  #: of this attempt


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How a receiver took a message."""

    status: int | None = None  #: HTTP; None: there was no answer
    fault: str | None = None  #: one plain word why it was not taken

    @property
    def is_down(self) -> bool:
        """Whether the receiver takes nothing now, rather than not this event."""
        status = self.status
        return self.fault is not None and (
            status is None or status >= FAULTY or status == OVERLOADED
        )


def release(session: Session, batch_ids: Sequence[int]) -> None:
    """Let the events of batches that have ended be sent, as soon as nobody can undo."""
    # Locked: nobody begins to take one back meanwhile.
    batches = sa.select(Batch.id).where(Batch.id.in_(batch_ids)).order_by(Batch.id)
    session.scalars(batches.with_for_update()).all()
    for batch_id, ended_at in _ended(session, batch_ids):
        session.execute(
            sa.update(Delivery)
            .where(Delivery.batch_id == batch_id, WAITING, Delivery.due_at.is_(None))
            .values(due_at=ended_at, since=ended_at)
            .execution_options(synchronize_session=False)
        )


def releasable(session: Session) -> Sequence[int]:
    """Return the batches that have ended and whose events are held still."""
    held = session.scalars(
        sa.select(Delivery.batch_id)
        .where(Delivery.batch_id.is_not(None), WAITING, Delivery.due_at.is_(None))
        .distinct()
    )
    ids = [each for each in held if each is not None]
    return [batch_id for batch_id, _ in _ended(session, ids)] if ids else []


def _ended(session: Session, batch_ids: Sequence[int]) -> list[tuple[int, datetime]]:
    """Return which of some batches nobody works on any more, and since when.

    One whose job has failed has no end of its own; what it has decided stands.
    """
    ended_at = sa.func.coalesce(Batch.finished_at, Job.finished_at)
    rows = session.execute(
        sa.select(Batch.id, sa.type_coerce(ended_at, Batch.finished_at.type))
        .outerjoin(Job, Job.id == Batch.job_id)
        .where(
            Batch.id.in_(batch_ids),
            ended_at.is_not(None),
            sa.or_(Batch.undone_by.is_(None), Batch.undone_at.is_not(None)),
        )
    )
    return [(batch_id, moment) for batch_id, moment in rows]


def next_webhook(session: Session, now: datetime, grace: timedelta) -> int | None:
    """Return the webhook that an event is due for and that was served longest ago.

    So no receiver holds another one up. One that does not answer rests.
    """
    return session.scalar(
        sa.select(Webhook.id)
        .where(
            Webhook.is_on,
            sa.or_(Webhook.quiet_until.is_(None), Webhook.quiet_until <= now),
            sa.exists().where(Delivery.webhook_id == Webhook.id, *_is_due(now, grace)),
        )
        .order_by(Webhook.tried_at.asc().nulls_first(), Webhook.id)
        .limit(1)
    )


def take_due(
    session: Session, *, privacy: Privacy, now: datetime, grace: timedelta
) -> Message | None:
    """Take up the event that is next, leased for `LEASE_LASTS`.

    What a person has decided is due once it can't be taken back: `grace` later.
    """
    webhook_id = next_webhook(session, now, grace)
    if webhook_id is None:
        return None
    webhook = session.get_one(Webhook, webhook_id)
    delivery = session.scalar(
        sa.select(Delivery)
        .where(Delivery.webhook_id == webhook_id, *_is_due(now, grace))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if delivery is None:
        return None  # another worker's
    delivery.attempts += 1
    delivery.due_at, delivery.is_held = now + LEASE_LASTS, False
    webhook.tried_at = now
    if webhook.failures:  # one at a time finds out whether it is back
        webhook.quiet_until = now + LEASE_LASTS
    session.flush()
    return _message(session, webhook, delivery, privacy, now)


def _is_due(now: datetime, grace: timedelta) -> tuple[Any, ...]:
    return (
        WAITING,
        Delivery.due_at <= now,
        sa.or_(Delivery.is_held.is_(False), Delivery.due_at <= now - grace),
    )


def _message(
    session: Session,
    webhook: Webhook,
    delivery: Delivery,
    privacy: Privacy,
    now: datetime,
) -> Message:
    site = session.scalars(sa.select(Site.name).where(Site.id == webhook.site_id)).one()
    try:
        keys = tuple(endpoints.secrets_of(webhook, privacy, now))
    except UnreadableEmail:
        keys = ()
    event_id = event_name(delivery)
    told = {
        "id": event_id,
        "type": delivery.type,
        "timestamp": delivery.created_at.astimezone(UTC).isoformat(),
        "site": site,
        "data": delivery.body,
    }
    return Message(
        delivery_id=delivery.id,
        attempt=delivery.attempts,
        event_id=event_id,
        url=webhook.url,
        secrets=keys,
        body=json.dumps(told, ensure_ascii=False, separators=(",", ":")),
        at=now,
    )


def event_name(delivery: Delivery) -> str:
    """Return the id of an event as its receivers see it."""
    return f"{EVENT_PREFIX}{identifiers.encode(delivery.event_id)}"


def settle(
    session: Session, message: Message, answer: Answer, now: datetime, chance: float
) -> None:
    """Record how a message was taken: delivered, to be sent again, or given up.

    Whoever has been overtaken by another attempt (its lease has lapsed) says nothing.

    Parameters
    ----------
    chance : 0 to 1, drawn at random: spreads the pauses
    """
    delivery = session.scalar(
        sa.select(Delivery)
        .where(
            Delivery.id == message.delivery_id,
            Delivery.attempts == message.attempt,
            WAITING,
        )
        .with_for_update()
    )
    if delivery is None:
        return
    webhook = session.get_one(Webhook, delivery.webhook_id)
    delivery.status, delivery.fault = answer.status, answer.fault
    if answer.fault is None:
        _end(delivery, DeliveryState.DELIVERED, now)
        _answered(webhook, now)
    else:
        pause = pause_after(delivery.attempts - delivery.earlier_attempts, chance)
        if pause is None:
            _end(delivery, DeliveryState.FAILED, now)
        else:
            delivery.due_at = now + pause
        _failed(webhook, answer, now, chance)
        session.flush()
        _give_up(session, webhook, answer, now)
    session.flush()


def _end(delivery: Delivery, state: DeliveryState, now: datetime) -> None:
    delivery.state, delivery.settled_at = state.value, now


def _answered(webhook: Webhook, now: datetime) -> None:
    webhook.answered_at = now
    webhook.failing_since = webhook.fault = webhook.quiet_until = None
    webhook.failures = 0


def _failed(webhook: Webhook, answer: Answer, now: datetime, chance: float) -> None:
    webhook.failing_since = webhook.failing_since or now
    webhook.fault = answer.fault
    webhook.failures += 1
    webhook.quiet_until = None
    if answer.is_down:
        webhook.quiet_until = now + rest_after(webhook.failures, chance)
    if answer.status == GONE:
        webhook.is_on, webhook.gone_at = False, now


def _give_up(session: Session, webhook: Webhook, answer: Answer, now: datetime) -> None:
    """Give up what waits too long behind a dead receiver; all, where it is gone."""
    about: list[Any] = [Delivery.webhook_id == webhook.id, WAITING]
    if answer.status != GONE:
        about.append(Delivery.since < now - TRIED_FOR)
    session.execute(
        sa.update(Delivery)
        .where(*about)
        .values(
            state=DeliveryState.FAILED.value,
            settled_at=now,
            status=answer.status,
            fault=answer.fault,
        )
        .execution_options(synchronize_session="fetch")
    )


def list_newest(
    session: Session,
    webhook_id: int,
    *,
    state: DeliveryState | None,
    before: int | None,
    limit: int,
) -> Sequence[Delivery]:
    """Return up to `limit` deliveries of a webhook, the newest first.

    Parameters
    ----------
    before
        Id of the delivery that the page before ended with.
    """
    query = sa.select(Delivery).where(Delivery.webhook_id == webhook_id)
    if state is not None:
        query = query.where(Delivery.state == state.value)
    if before is not None:
        query = query.where(Delivery.id < before)
    return session.scalars(query.order_by(Delivery.id.desc()).limit(limit)).all()


def count(session: Session, webhook_id: int, state: DeliveryState) -> int:
    """Count the deliveries of a webhook in a state, up to `MOST_COUNTED`."""
    some = (
        sa.select(Delivery.id)
        .where(Delivery.webhook_id == webhook_id, Delivery.state == state.value)
        .limit(MOST_COUNTED)
        .subquery()
    )
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def replay(
    session: Session, webhook: Webhook, delivery_id: int, now: datetime
) -> Delivery:
    """Send an event again, under the id that it had.

    Raises
    ------
    NotFound
        If it is not one of this webhook's, or not kept any more.
    Conflict
        If it waits to be sent.
    WebhookOff
        If nothing is sent to the webhook.
    """
    _refuse_off(webhook)
    delivery = session.scalar(
        sa.select(Delivery)
        .where(Delivery.id == delivery_id, Delivery.webhook_id == webhook.id)
        .with_for_update()
    )
    if delivery is None:
        raise NotFound("There is no such delivery.")
    if delivery.state == DeliveryState.WAITING.value:
        raise Conflict("It waits to be sent already.")
    for name, value in _anew(now).items():
        setattr(delivery, name, value)
    session.flush()
    session.refresh(delivery)
    return delivery


def replay_failed(session: Session, webhook: Webhook, now: datetime) -> int:
    """Send all that was given up again; return how many events.

    Raises
    ------
    WebhookOff
        If nothing is sent to the webhook.
    """
    _refuse_off(webhook)
    ids = session.scalars(
        sa.update(Delivery)
        .where(
            Delivery.webhook_id == webhook.id,
            Delivery.state == DeliveryState.FAILED.value,
        )
        .values(_anew(now))
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(ids.all())


def _refuse_off(webhook: Webhook) -> None:
    if not webhook.is_on:
        raise WebhookOff


def _anew(now: datetime) -> dict[str, Any]:
    return {
        "state": DeliveryState.WAITING.value,
        "due_at": now,
        "since": now,
        "settled_at": None,
        "earlier_attempts": Delivery.attempts,
    }


def prune(session: Session, now: datetime) -> int:
    """Forget some of the oldest deliveries, whatever became of them; return how many.

    Webhooks that were deleted go when nothing points to them any more.
    """
    oldest = (
        sa.select(Delivery.id, Delivery.created_at)
        .order_by(Delivery.id)
        .limit(PRUNED_AT_ONCE)
        .subquery()
    )
    over = sa.select(oldest.c.id).where(oldest.c.created_at < now - KEPT_FOR)
    ids = session.scalars(over).all()
    session.execute(
        sa.delete(Delivery)
        .where(Delivery.id.in_(ids))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.delete(Webhook)
        .where(
            Webhook.deleted_at < now - KEPT_FOR,
            ~sa.exists().where(Delivery.webhook_id == Webhook.id),
        )
        .execution_options(synchronize_session=False)
    )
    return len(ids)
