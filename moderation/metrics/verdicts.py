"""Counts decisions when they are committed: a rollback counts nothing."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import event
from sqlalchemy.orm import Session

from moderation.metrics.counters import VERDICTS

_KEY = "uncommitted verdicts"  # in `Session.info`


def count_verdicts(
    session: Session, source: str, verdict: str, number: int = 1
) -> None:
    """Count decisions of a source, once the session commits them."""
    counts: Counter[tuple[str, str]] = session.info.setdefault(_KEY, Counter())
    counts[source, verdict] += number


@event.listens_for(Session, "after_commit")
def _add(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for (source, verdict), number in session.info.pop(_KEY, {}).items():
        VERDICTS.labels(source, verdict).inc(number)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_KEY, None)
