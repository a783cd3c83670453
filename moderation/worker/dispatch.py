"""Commits before and after each request to a site."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from moderation.database import Sessions, start_writing
from moderation.metrics.counters import DELIVERY_ATTEMPTS
from moderation.privacy import Privacy
from moderation.webhooks import akismet_callbacks, attempts, deliveries
from moderation.webhooks.akismet_callbacks import AkismetCallback
from moderation.webhooks.attempts import AttemptResult, DeliveryAttempt
from moderation.webhooks.sender import send, send_signed

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The needed parts of every request to a site."""

    sessions: Sessions
    privacy: Privacy
    networks: Sequence[str]  #: private ones that may be reached
    grace: timedelta  #: how long a person can undo a decision


def call_back_next(sender: Sender, now: datetime | None = None) -> bool:
    """Send the next Akismet callback that is due; tell if there was one."""
    moment = now or datetime.now(UTC)
    with sender.sessions() as session:
        if akismet_callbacks.next_due(session, moment, sender.grace) is None:
            return False
        start_writing(session)
        callback = akismet_callbacks.take_due(
            session, privacy=sender.privacy, now=moment, grace=sender.grace
        )
        session.commit()
    if callback is None:
        return True  # another worker's; there may be more
    result = _call_back(callback, sender.networks)
    logger.info("callback of %s: %s", callback.guid, result.fault or "told")
    with sender.sessions() as session:
        start_writing(session)
        settled_at = now or datetime.now(UTC)
        akismet_callbacks.settle(session, callback, result.fault, settled_at, chance())
        session.commit()
    return True


def _call_back(callback: AkismetCallback, networks: Sequence[str]) -> AttemptResult:
    """Send a callback, unless others could read the site key in it."""
    refusal = akismet_callbacks.refusal_of(callback)
    if refusal is not None:
        logger.warning("callback of %s given up: %s", callback.guid, refusal)
        return AttemptResult(fault=refusal)
    return send(callback.url, networks, json=akismet_callbacks.body_of(callback))


def deliver_next(sender: Sender, now: datetime | None = None) -> bool:
    """Send one event to the webhook whose turn it is; tell if there was one."""
    attempt = take_next(sender, now)
    if attempt is None:
        return False
    result = send_signed(attempt, sender.networks)
    DELIVERY_ATTEMPTS.labels("failed" if result.fault else "delivered").inc()
    logger.info("event %s: %s", attempt.event_id, result.fault or "delivered")
    settle(sender, attempt, result, now)
    return True


def take_next(sender: Sender, now: datetime | None = None) -> DeliveryAttempt | None:
    """Lease the next due event to this worker; None if there is none."""
    moment = now or datetime.now(UTC)
    with sender.sessions() as session:
        if attempts.next_webhook(session, moment, sender.grace) is None:
            return None
        start_writing(session)
        attempt = attempts.take_due(
            session, privacy=sender.privacy, now=moment, grace=sender.grace
        )
        session.commit()
        return attempt


def settle(
    sender: Sender,
    attempt: DeliveryAttempt,
    result: AttemptResult,
    now: datetime | None = None,
) -> None:
    """Record the result of an attempt."""
    with sender.sessions() as session:
        start_writing(session)
        settled_at = now or datetime.now(UTC)
        attempts.settle(session, attempt, result, settled_at, chance())
        session.commit()


def release(sender: Sender) -> None:
    """Let the events of batches that have ended be sent."""
    with sender.sessions() as session:
        batch_ids = deliveries.releasable(session)
        if batch_ids:
            start_writing(session)
            deliveries.release(session, batch_ids)
            session.commit()


def prune(sender: Sender, now: datetime) -> int:
    """Delete all deliveries past their retention time; return how many."""
    count, more = 0, True
    while more:
        with sender.sessions() as session:
            start_writing(session)
            gone = deliveries.prune(session, now)
            session.commit()
        count += gone
        more = gone == deliveries.PRUNE_BATCH_SIZE
    return count


def chance() -> float:
    """Return a number drawn at random, 0 to 1."""
    return secrets.randbelow(1001) / 1000
