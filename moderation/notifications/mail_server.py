"""The mail server's state: it rests after failures, and admins see since when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from moderation.backoff import rest_after
from moderation.tables.notifications import MailServerState

ROW_ID = 1  # there is one mail server


def get_state(session: Session, *, for_update: bool = False) -> MailServerState:
    """Return how the mail server answers; a new row isn't stored yet."""
    state = session.get(MailServerState, ROW_ID, with_for_update=for_update)
    return state or MailServerState(id=ROW_ID, failures=0)


def is_resting(session: Session, now: datetime) -> bool:
    """Return whether nothing is sent now, as the mail server has just failed."""
    quiet_until = get_state(session).quiet_until
    return quiet_until is not None and quiet_until > now


def let_one_try(session: Session, until: datetime) -> None:
    """Let one message find out whether a mail server that failed is back."""
    state = get_state(session, for_update=True)
    if state.failures:
        state.quiet_until = until
        session.flush()


def record_answer(session: Session, now: datetime) -> None:
    """Record that the mail server took or refused a message, so that it works."""
    state = get_state(session, for_update=True)
    state.answered_at = now
    state.failing_since = state.fault = state.quiet_until = None
    state.failures = 0
    session.add(state)
    session.flush()


def record_failure(session: Session, fault: str, now: datetime, chance: float) -> None:
    """Record that the mail server takes nothing, and leave it alone for a while.

    Parameters
    ----------
    chance : 0 to 1, drawn at random: spreads the rests
    """
    state = get_state(session, for_update=True)
    state.failing_since = state.failing_since or now
    state.fault, state.failures = fault, state.failures + 1
    state.quiet_until = now + rest_after(state.failures, chance)
    session.add(state)
    session.flush()
