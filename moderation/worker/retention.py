"""Applies retention clocks: a site at a time, a batch in a transaction."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime

from moderation.database import Sessions, start_writing
from moderation.identifiers import MIN_ID
from moderation.subjects import clocks, links, retention
from moderation.subjects.clocks import DataClass
from moderation.subjects.retention import ClockStep

logger = logging.getLogger(__name__)


def apply_next(sessions: Sessions, now: datetime) -> bool:
    """Apply the clocks of the next site that is due; tell whether there was one."""
    with sessions() as session:
        start_writing(session)
        links.delete_expired(session, now)
        session.commit()
    with sessions() as session:
        site_id = retention.due_site(session, now)
    if site_id is None:
        return False
    counts = apply_clocks(sessions, site_id)
    deleted = [f"{data}: {count}" for data, count in counts.items() if count]
    told = ", ".join(deleted) or "nothing was due"
    logger.info("retention at site %s: %s", site_id, told)
    return True


def apply_clocks(sessions: Sessions, site_id: int) -> Counter[DataClass]:
    """Apply all clocks of a site; return how many rows of each class were deleted.

    Stopped, it goes on from there in the next pass.
    """
    counts: Counter[DataClass] = Counter()
    with sessions() as session:
        steps = retention.list_steps(session, site_id, datetime.now(UTC))
    for step in steps:
        counts[step.data] += _carry_out(sessions, step)
    with sessions() as session:
        start_writing(session)
        retention.record_counts(session, site_id, counts)
        clocks.record_pass(session, site_id, datetime.now(UTC))
        session.commit()
    return counts


def _carry_out(sessions: Sessions, step: ClockStep) -> int:
    """Find what is due while others write, and delete it in short transactions."""
    count, after = 0, MIN_ID
    while True:
        with sessions() as session:
            keys = step.find(session, after)
        if not keys:
            return count
        with sessions() as session:
            start_writing(session)
            count += step.apply(session, keys)
            session.commit()
        after = keys[-1]
