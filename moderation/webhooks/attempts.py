"""Attempts to deliver events: which is due, how it went, and what follows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.backoff import LEASE_LASTS, TRIED_FOR, pause_after, rest_after
from moderation.privacy import Privacy, UnreadableEmail
from moderation.tables.sites import Site
from moderation.tables.webhooks import WAITING, Delivery, Webhook
from moderation.webhooks import endpoints
from moderation.webhooks.deliveries import DeliveryState, event_name

GONE = 410  # HTTP: the receiver will never be there again
OVERLOADED = 429  # HTTP: it asks to be left alone
FAULTY = 500  # HTTP, and above: it can take nothing now


@dataclass(frozen=True, kw_only=True)
class DeliveryAttempt:
    """One event to send to one address, as it goes over the wire."""

    delivery_id: int
    attempt: int  #: counts all; who settles it names the one it has made
    event_id: str
    url: str
    secrets: tuple[str, ...]  #: one signature by each
    body: str
    at: datetime  #: of this attempt


@dataclass(frozen=True, kw_only=True)
class AttemptResult:
    """A receiver's answer to an event."""

    status: int | None = None  #: HTTP; None: there was no answer
    fault: str | None = None  #: one plain word why it was not taken

    @property
    def is_down(self) -> bool:
        """Whether the receiver takes nothing now, rather than not this event."""
        status = self.status
        return self.fault is not None and (
            status is None or status >= FAULTY or status == OVERLOADED
        )


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
) -> DeliveryAttempt | None:
    """Take up the event that is next, leased for `LEASE_LASTS`.

    What a person has decided is due once it can't be undone: `grace` later.
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
    return _attempt(session, webhook, delivery, privacy, now)


def _is_due(now: datetime, grace: timedelta) -> tuple[Any, ...]:
    return (
        WAITING,
        Delivery.due_at <= now,
        sa.or_(Delivery.is_held.is_(False), Delivery.due_at <= now - grace),
    )


def _attempt(
    session: Session,
    webhook: Webhook,
    delivery: Delivery,
    privacy: Privacy,
    now: datetime,
) -> DeliveryAttempt:
    site = session.scalars(sa.select(Site.name).where(Site.id == webhook.site_id)).one()
    try:
        keys = tuple(endpoints.secrets_of(webhook, privacy, now))
    except UnreadableEmail:
        keys = ()
    event_id = event_name(delivery)
    event = {
        "id": event_id,
        "type": delivery.type,
        "timestamp": delivery.created_at.astimezone(UTC).isoformat(),
        "site": site,
        "data": delivery.body,
    }
    return DeliveryAttempt(
        delivery_id=delivery.id,
        attempt=delivery.attempts,
        event_id=event_id,
        url=webhook.url,
        secrets=keys,
        body=json.dumps(event, ensure_ascii=False, separators=(",", ":")),
        at=now,
    )


def settle(
    session: Session,
    attempt: DeliveryAttempt,
    result: AttemptResult,
    now: datetime,
    chance: float,
) -> None:
    """Record how a message was taken: delivered, to be sent again, or given up.

    An attempt whose lease has expired, so that another overtook it, records nothing.

    Parameters
    ----------
    chance : 0 to 1, drawn at random: spreads the pauses
    """
    delivery = session.scalar(
        sa.select(Delivery)
        .where(
            Delivery.id == attempt.delivery_id,
            Delivery.attempts == attempt.attempt,
            WAITING,
        )
        .with_for_update()
    )
    if delivery is None:
        return
    webhook = session.get_one(Webhook, delivery.webhook_id)
    delivery.status, delivery.fault = result.status, result.fault
    if result.fault is None:
        _end(delivery, DeliveryState.DELIVERED, now)
        _answered(webhook, now)
    else:
        pause = pause_after(delivery.attempts - delivery.earlier_attempts, chance)
        if pause is None:
            _end(delivery, DeliveryState.FAILED, now)
        else:
            delivery.due_at = now + pause
        _failed(webhook, result, now, chance)
        session.flush()
        _give_up(session, webhook, result, now)
    session.flush()


def _end(delivery: Delivery, state: DeliveryState, now: datetime) -> None:
    delivery.state, delivery.settled_at = state.value, now


def _answered(webhook: Webhook, now: datetime) -> None:
    webhook.answered_at = now
    webhook.failing_since = webhook.fault = webhook.quiet_until = None
    webhook.failures = 0


def _failed(
    webhook: Webhook, result: AttemptResult, now: datetime, chance: float
) -> None:
    webhook.failing_since = webhook.failing_since or now
    webhook.fault = result.fault
    webhook.failures += 1
    webhook.quiet_until = None
    if result.is_down:
        webhook.quiet_until = now + rest_after(webhook.failures, chance)
    if result.status == GONE:
        webhook.is_on, webhook.gone_at = False, now


def _give_up(
    session: Session, webhook: Webhook, result: AttemptResult, now: datetime
) -> None:
    """Give up deliveries queued too long for a dead receiver; all, if it is gone."""
    about: list[Any] = [Delivery.webhook_id == webhook.id, WAITING]
    if result.status != GONE:
        about.append(Delivery.since < now - TRIED_FOR)
    session.execute(
        sa.update(Delivery)
        .where(*about)
        .values(
            state=DeliveryState.FAILED.value,
            settled_at=now,
            status=result.status,
            fault=result.fault,
        )
        .execution_options(synchronize_session="fetch")
    )
