"""Figures that a worker counts for the overview and insights."""

from __future__ import annotations

from datetime import datetime

from moderation.database import Sessions, start_writing
from moderation.insights import queue_samples, upkeep


def count(sessions: Sessions, now: datetime) -> bool:
    """Count what has changed at each site, and sample its queue.

    Of the days that are to be counted again, each site's next one is.

    Returns
    -------
    Whether there are more such days.
    """
    with sessions() as session:
        site_ids = upkeep.list_sites(session)
    has_more = False
    for site_id in site_ids:
        _count_changes(sessions, site_id, now)
        has_more = count_day(sessions, site_id, now) or has_more
    return has_more


def _count_changes(sessions: Sessions, site_id: int, now: datetime) -> None:
    with sessions() as session:
        counted = upkeep.count_changes(session, site_id, now)
        queue = queue_samples.read_queue(session, site_id, now)
        is_sample_due = queue_samples.is_due(session, site_id, queue, now)
    if not (counted.is_due or is_sample_due):
        return  # most of the time, nothing has happened
    with sessions() as session:
        start_writing(session)
        upkeep.store(session, site_id, counted)
        queue_samples.store_sample(session, site_id, queue, now)
        session.commit()


def count_day(sessions: Sessions, site_id: int, now: datetime) -> bool:
    """Count the next day that is to be counted again; tell whether there was one."""
    with sessions() as session:
        counted = upkeep.count_next_day(session, site_id, now)
    if counted is None:
        return False
    with sessions() as session:
        start_writing(session)
        upkeep.store(session, site_id, counted)
        session.commit()
    return True


def forget(sessions: Sessions, now: datetime) -> None:
    """Delete hours and samples that nothing reads any more."""
    with sessions() as session:
        start_writing(session)
        upkeep.delete_old_hours(session, now)
        queue_samples.delete_old_samples(session, now)
        session.commit()
