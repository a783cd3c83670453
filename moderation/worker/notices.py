"""Notices what staff are to be notified of: each event once, by one worker."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from moderation.database import Sessions, start_writing
from moderation.monitoring.occurrences import find_events, list_overdue
from moderation.notifications import occurrences, outbox
from moderation.notifications.kinds import NotificationKind
from moderation.notifications.occurrences import Occurrence

#: While comments of a site stay overdue, staff are notified again.
OVERDUE_AGAIN = timedelta(hours=4)


def collect(sessions: Sessions, now: datetime, spacing: timedelta) -> None:
    """Make the notifications of all that is new, in one commit.

    A worker that is killed before the commit leaves everything to be noticed again.
    """
    with sessions() as session:
        events = _unnoticed(session, find_events(session, now))
        begun, ended = _changes_of_overdue(session, now)
        digests = occurrences.list_digests_due(session, now)
        if not (events or begun or ended or digests):
            return
        start_writing(session)
        for site_id in ended:
            occurrences.forget(session, NotificationKind.OVERDUE, site_id)
        for occurrence in events:
            if occurrences.notice(session, occurrence, now):
                occurrences.notify(session, occurrence, now, spacing)
        for occurrence in begun:
            if occurrences.notice(session, occurrence, now, again_after=OVERDUE_AGAIN):
                occurrences.notify(session, occurrence, now, spacing)
        for staff_id in digests:
            occurrences.make_digest(session, staff_id, now)
        session.commit()


def _unnoticed(session: Session, events: Iterable[Occurrence]) -> list[Occurrence]:
    by_kind: dict[NotificationKind, list[Occurrence]] = {}
    for occurrence in events:
        by_kind.setdefault(occurrence.kind, []).append(occurrence)
    unnoticed = []
    for kind, found in by_kind.items():
        subjects = [occurrence.subject for occurrence in found]
        noticed = occurrences.list_noticed(session, kind, subjects)
        unnoticed += [one for one in found if one.subject not in noticed]
    return unnoticed


def _changes_of_overdue(
    session: Session, now: datetime
) -> tuple[list[Occurrence], list[int]]:
    """Return the sites to notify of overdue comments, and those that have none now."""
    overdue = list_overdue(session, now)
    noticed = occurrences.list_noticed(session, NotificationKind.OVERDUE, overdue)
    begun = [
        Occurrence(
            kind=NotificationKind.OVERDUE,
            subject=site_id,
            site_id=site_id,
            is_of_all_sections=True,
        )
        for site_id, is_overdue in overdue.items()
        if is_overdue
        and (site_id not in noticed or noticed[site_id] <= now - OVERDUE_AGAIN)
    ]
    return begun, [site_id for site_id in noticed if not overdue[site_id]]


def prune(sessions: Sessions, now: datetime) -> bool:
    """Forget some old notifications; tell if there may be more."""
    with sessions() as session:
        start_writing(session)
        count = outbox.prune(session, now)
        session.commit()
    return count == outbox.PRUNE_BATCH_SIZE
