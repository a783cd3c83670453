"""Tells sites what became of their comments: out of our network, to nobody else's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from moderation import callbacks
from moderation.callbacks import Notice
from moderation.database import start_writing
from moderation.privacy import Privacy

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = (5, 15)  # to connect, to wait for the answer
LOOK_SECONDS = 3.0  # how often the worker looks for something to tell

Sessions = Callable[[], Session]


def tell(notice: Notice, networks: Sequence[str]) -> str | None:
    """Post one notice; return a plain word why it failed, None if it was taken.

    The address is resolved once, refused if it lies in a private or special network
    that is not among `networks`, and connected to as resolved, so that no second
    answer of the DNS leads elsewhere. Redirects are not followed.
    """
    import requests  # slow to import: the worker only
    from AntiSSRF import AntiSSRFError, AntiSSRFPolicy, PolicyConfigOptions

    policy = AntiSSRFPolicy(PolicyConfigOptions.EXTERNAL_ONLY_LATEST)
    policy.allow_plain_text_http = True  # as many a WordPress still is
    if networks:
        policy.add_allowed_addresses(list(networks))
    try:
        with policy.get_antissrf_session() as http:
            http.trust_env = False  # a proxy would resolve the name by itself
            answer = http.post(
                notice.url,
                json=callbacks.body_of(notice),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,  # the body is of no interest, however long
            )
            answer.close()
    except AntiSSRFError:
        return "refused: not a public address"
    except (requests.RequestException, OSError, ValueError) as error:
        return type(error).__name__
    return None if answer.ok and not answer.is_redirect else f"{answer.status_code}"


def tell_next(
    sessions: Sessions,
    *,
    privacy: Privacy,
    networks: Sequence[str],
    grace: timedelta,
    now: datetime | None = None,
) -> bool:
    """Tell one site what it waits for; tell if there was something."""
    moment = now or datetime.now(UTC)
    with sessions() as session:
        start_writing(session)
        notice = callbacks.take_due(session, privacy=privacy, now=moment, grace=grace)
        session.commit()
    if notice is None:
        return False
    fault = tell(notice, networks)
    logger.info("callback of %s: %s", notice.guid, fault or "told")
    with sessions() as session:
        start_writing(session)
        callbacks.settle(session, notice, fault, now or datetime.now(UTC))
        session.commit()
    return True


def run(
    sessions: Sessions,
    stopped: threading.Event,
    *,
    privacy: Privacy,
    networks: Sequence[str],
    grace: timedelta,
) -> None:
    """Tell what is due until the event is set."""
    while not stopped.wait(LOOK_SECONDS):
        try:
            while tell_next(sessions, privacy=privacy, networks=networks, grace=grace):
                pass
        except SQLAlchemyError as error:
            logger.error("callbacks wait: %s", type(error).__name__)
