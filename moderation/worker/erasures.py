"""Erasures of persons: one after another, in small transactions."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from moderation.database import Sessions, start_writing
from moderation.subjects import erasure, receipts
from moderation.subjects.receipts import ReceiptKeys
from moderation.subjects.scrubbing import scrub

logger = logging.getLogger(__name__)


def erase_next(sessions: Sessions, keys: ReceiptKeys) -> bool:
    """Carry out the next erasure; tell whether there was one."""
    with sessions() as session:
        erasure_id = erasure.next_running(session)
    if erasure_id is None:
        return False
    carry_out(sessions, erasure_id, keys)
    logger.info("erasure %s is done", erasure_id)
    return True


def carry_out(
    sessions: Sessions, erasure_id: int, keys: ReceiptKeys
) -> dict[str, Any] | None:
    """Erase a person, step by step, and return the receipt.

    Stopped at any point, it goes on from there when it is called again.
    """
    receipt, more = None, True
    while more:
        more = _step(sessions, erasure_id)
        if not more:
            scrubbed = scrub(_engine_of(sessions))
            with sessions() as session:
                start_writing(session)
                now = datetime.now(UTC)
                receipt = receipts.finish(session, erasure_id, keys, scrubbed, now)
                session.commit()
            more = receipt is None and _is_running(sessions, erasure_id)
    return receipt


def _step(sessions: Sessions, erasure_id: int) -> bool:
    with sessions() as session:
        start_writing(session)
        more = erasure.run_step(session, erasure_id, datetime.now(UTC))
        session.commit()
    return more


def _is_running(sessions: Sessions, erasure_id: int) -> bool:
    with sessions() as session:
        return erasure.is_running(session, erasure_id)


def _engine_of(sessions: Sessions) -> sa.Engine:
    with sessions() as session:
        bind = session.get_bind()
    return bind if isinstance(bind, sa.Engine) else bind.engine
