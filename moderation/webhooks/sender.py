"""Tells sites what became of their comments: out of our network, to nobody else's."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from moderation.database import start_writing
from moderation.privacy import Privacy
from moderation.webhooks import akismet_callbacks, deliveries
from moderation.webhooks.deliveries import Answer, Message

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = (5, 15)  # to connect, to wait for the next bytes of an answer
WHOLE_SECONDS = 30.0  # a whole attempt: who sends drop by drop is cut off
TAKEN = range(200, 300)  # HTTP: nothing else is a yes, a redirect least of all
LOOK_SECONDS = 3.0  # how often the worker looks for something to tell
PRUNE_SECONDS = 600.0  # how often what was kept long enough is looked for
USER_AGENT = "comment-moderation-webhooks/1"
UNSIGNED = "the secret can't be read: its key is gone"

Sessions = Callable[[], Session]


@dataclass(frozen=True, kw_only=True)
class Post:
    """What is needed to tell anybody anything."""

    sessions: Sessions
    privacy: Privacy
    networks: Sequence[str]  #: private ones that may be reached
    grace: timedelta  #: how long a person can take a decision back


def send(
    url: str, networks: Sequence[str], *, is_plain_anywhere: bool = False, **body: Any
) -> Answer:
    """Post something to a site; return how it was taken.

    The address is resolved once, refused if it lies in a private or special network
    that is not among `networks`, and connected to as resolved, so that no second
    answer of the DNS leads elsewhere. Redirects are not followed. The whole takes
    `WHOLE_SECONDS` at most, and the time to resolve the name.

    Parameters
    ----------
    is_plain_anywhere
        Take `http` to any public address; otherwise to those in `networks` alone.
    """
    import requests  # slow to import: the worker only
    from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, PolicyConfigOptions

    from moderation.webhooks.deadline import Reins

    is_plain = url.startswith("http://")
    if is_plain and not is_plain_anywhere:
        policy = AntiSSRFPolicy(PolicyConfigOptions.INTERNAL_ONLY)
    else:
        policy = AntiSSRFPolicy(PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
    policy.allow_plain_text_http = is_plain
    if networks:
        policy.add_allowed_addresses(list(networks))
    try:
        with policy.get_antissrf_session() as http, Reins(http, WHOLE_SECONDS):
            http.trust_env = False  # a proxy would resolve the name by itself
            answer = http.post(
                url,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,  # the body is of no interest, however long
                **body,
            )
            answer.close()
    except AntiSSRFError:
        return Answer(fault="refused: not an address that may be reached")
    except (requests.RequestException, OSError, ValueError) as error:
        return Answer(fault=type(error).__name__)
    status = answer.status_code
    return Answer(status=status, fault=None if status in TAKEN else f"{status}")


def call_back_next(post: Post, now: datetime | None = None) -> bool:
    """Call one site back that waits for it; tell if there was one."""
    moment = now or datetime.now(UTC)
    with post.sessions() as session:
        if akismet_callbacks.next_due(session, moment, post.grace) is None:
            return False
        start_writing(session)
        notice = akismet_callbacks.take_due(
            session, privacy=post.privacy, now=moment, grace=post.grace
        )
        session.commit()
    if notice is None:
        return True  # another worker's; there may be more
    body = akismet_callbacks.body_of(notice)
    # As many a WordPress still has no certificate.
    answer = send(notice.url, post.networks, is_plain_anywhere=True, json=body)
    logger.info("callback of %s: %s", notice.guid, answer.fault or "told")
    with post.sessions() as session:
        start_writing(session)
        settled_at = now or datetime.now(UTC)
        akismet_callbacks.settle(session, notice, answer.fault, settled_at, chance())
        session.commit()
    return True


def deliver_next(post: Post, now: datetime | None = None) -> bool:
    """Send one event to the webhook whose turn it is; tell if there was one."""
    message = take_next(post, now)
    if message is None:
        return False
    answer = send_signed(message, post.networks)
    logger.info("event %s: %s", message.event_id, answer.fault or "delivered")
    settle(post, message, answer, now)
    return True


def take_next(post: Post, now: datetime | None = None) -> Message | None:
    """Take up the event that is next, leased to this worker."""
    moment = now or datetime.now(UTC)
    with post.sessions() as session:
        if deliveries.next_webhook(session, moment, post.grace) is None:
            return None
        start_writing(session)
        message = deliveries.take_due(
            session, privacy=post.privacy, now=moment, grace=post.grace
        )
        session.commit()
        return message


def send_signed(message: Message, networks: Sequence[str]) -> Answer:
    """Send an event with a signature by each of its webhook's secrets."""
    from standardwebhooks import Webhook

    if not message.secrets:
        return Answer(fault=UNSIGNED)
    signatures = [
        Webhook(each).sign(message.event_id, message.at, message.body)
        for each in message.secrets
    ]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": message.event_id,
        "webhook-timestamp": f"{int(message.at.timestamp())}",
        "webhook-signature": " ".join(signatures),
    }
    body = message.body.encode()
    return send(message.url, networks, data=body, headers=headers)


def settle(
    post: Post, message: Message, answer: Answer, now: datetime | None = None
) -> None:
    """Record how an event was taken."""
    with post.sessions() as session:
        start_writing(session)
        settled_at = now or datetime.now(UTC)
        deliveries.settle(session, message, answer, settled_at, chance())
        session.commit()


def release(post: Post) -> None:
    """Let the events of batches that have ended be sent."""
    with post.sessions() as session:
        batch_ids = deliveries.releasable(session)
        if batch_ids:
            start_writing(session)
            deliveries.release(session, batch_ids)
            session.commit()


def prune(post: Post, now: datetime) -> int:
    """Forget all deliveries that were kept long enough; return how many."""
    count, more = 0, True
    while more:
        with post.sessions() as session:
            start_writing(session)
            gone = deliveries.prune(session, now)
            session.commit()
        count += gone
        more = gone == deliveries.PRUNED_AT_ONCE
    return count


def chance() -> float:
    """Return a number drawn at random, 0 to 1."""
    return secrets.randbelow(1001) / 1000


def run(step: Callable[[Post], bool], post: Post, stopped: threading.Event) -> None:
    """Do a step as long as there is something to tell, until the event is set."""
    while not stopped.wait(LOOK_SECONDS):
        try:
            while not stopped.is_set() and step(post):
                pass
        except SQLAlchemyError as error:
            logger.error("what sites are told waits: %s", type(error).__name__)


def keep(post: Post, stopped: threading.Event) -> None:
    """Release what batches have held, and forget what is old, likewise."""
    pruned_at = 0.0
    while not stopped.wait(LOOK_SECONDS):
        try:
            release(post)
            if time.monotonic() - pruned_at > PRUNE_SECONDS:
                prune(post, datetime.now(UTC))
                pruned_at = time.monotonic()
        except SQLAlchemyError as error:
            logger.error("deliveries wait: %s", type(error).__name__)
