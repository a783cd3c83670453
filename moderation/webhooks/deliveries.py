"""Deliveries: events for webhooks, released, listed, replayed, kept for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.audit.actions import AuditAction
from moderation.errors import Conflict, NotFound, WebhookOff
from moderation.tables.jobs import Job
from moderation.tables.review import DecisionBatch
from moderation.tables.webhooks import WAITING, Delivery, Webhook
from moderation.webhooks.endpoints import record_change

EVENT_PREFIX = "evt_"  # of an event's id: what it is can be seen
KEPT_FOR = timedelta(days=30)  # a delivery, and its content
PRUNE_BATCH_SIZE = 1_000  # rows, in one commit
MAX_COUNTED = 1_000  # deliveries: more make no difference to who looks


class DeliveryState(StrEnum):
    """The state of an event's delivery to a webhook."""

    WAITING = "waiting"  #: not sent yet, or to be sent again
    DELIVERED = "delivered"  #: the receiver has taken it
    FAILED = "failed"  #: given up; it can be replayed


def release(session: Session, batch_ids: Sequence[int]) -> None:
    """Let the events of batches that have ended be sent, as soon as no one can undo."""
    # Locked: no one begins to undo one now.
    batches = (
        sa.select(DecisionBatch.id)
        .where(DecisionBatch.id.in_(batch_ids))
        .order_by(DecisionBatch.id)
    )
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
    """Return which of some batches no one works on any more, and since when.

    One whose job has failed has no end of its own; what it has decided stands.
    """
    ended_at = sa.func.coalesce(DecisionBatch.finished_at, Job.finished_at)
    rows = session.execute(
        sa.select(
            DecisionBatch.id, sa.type_coerce(ended_at, DecisionBatch.finished_at.type)
        )
        .outerjoin(Job, Job.id == DecisionBatch.job_id)
        .where(
            DecisionBatch.id.in_(batch_ids),
            ended_at.is_not(None),
            sa.or_(
                DecisionBatch.undone_by.is_(None), DecisionBatch.undone_at.is_not(None)
            ),
        )
    )
    return [(batch_id, moment) for batch_id, moment in rows]


def event_name(delivery: Delivery) -> str:
    """Return the id of an event as its receivers see it."""
    return f"{EVENT_PREFIX}{identifiers.encode(delivery.event_id)}"


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
    """Count the deliveries of a webhook in a state, up to `MAX_COUNTED`."""
    some = (
        sa.select(Delivery.id)
        .where(Delivery.webhook_id == webhook_id, Delivery.state == state.value)
        .limit(MAX_COUNTED)
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
        raise Conflict("It is already waiting to be sent.")
    for name, value in _anew(now).items():
        setattr(delivery, name, value)
    session.flush()
    session.refresh(delivery)
    record_change(session, AuditAction.DELIVERIES_REPLAYED, webhook, count=1)
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
    ).all()
    record_change(session, AuditAction.DELIVERIES_REPLAYED, webhook, count=len(ids))
    return len(ids)


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
    """Forget some of the oldest deliveries, with any outcome; return how many.

    Webhooks that were deleted go when nothing points to them any more.
    """
    oldest = (
        sa.select(Delivery.id, Delivery.created_at)
        .order_by(Delivery.id)
        .limit(PRUNE_BATCH_SIZE)
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
