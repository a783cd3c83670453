"""From what happened to notifications: each is made once, for those who want it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from moderation.accounts.staff import ROLE_ORDER
from moderation.notifications import outbox
from moderation.notifications.kinds import (
    ROLE_OF,
    NotificationChannel,
    NotificationKind,
)
from moderation.notifications.outbox import Recipient, SendingPace
from moderation.notifications.preferences import choices_of
from moderation.notifications.quiet_hours import end_of_quiet, is_digest_due
from moderation.tables.accounts import Membership, Staff
from moderation.tables.notifications import (
    NoticedOccurrence,
    NotificationProfile,
    SiteNotifications,
)

WHOLE_SITE = ""  # instead of a section's name


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """Something that staff are notified of."""

    kind: NotificationKind
    subject: int  #: id in the table of its kind
    site_id: int
    #: of the article that it is about; None: of the site as a whole
    section: str | None = None
    is_of_all_sections: bool = False  #: it concerns people of any section
    only_staff_id: int | None = None  #: it is this staff member's; None: any
    except_staff_id: int | None = None  #: who caused it


def list_noticed(
    session: Session, kind: NotificationKind, subjects: Collection[int]
) -> dict[int, datetime]:
    """Return when notifications were made of some subjects; it locks nothing."""
    rows = session.execute(
        sa.select(NoticedOccurrence.subject, NoticedOccurrence.noticed_at).where(
            NoticedOccurrence.kind == kind.value,
            NoticedOccurrence.subject.in_(subjects),
        )
    )
    return {row.subject: row.noticed_at for row in rows}


def notice(
    session: Session,
    occurrence: Occurrence,
    now: datetime,
    *,
    again_after: timedelta | None = None,
) -> bool:
    """Record that notifications are made of something; return if none were before.

    One statement, so that of several workers one makes them.

    Parameters
    ----------
    again_after
        Since when they were made they are made again; None: they never are.
    """
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = (sqlite.insert if is_sqlite else postgresql.insert)(NoticedOccurrence)
    values = {
        "kind": occurrence.kind.value,
        "subject": occurrence.subject,
        "noticed_at": now,
    }
    keys = ["kind", "subject"]
    if again_after is None:
        statement = insert.values(values).on_conflict_do_nothing(index_elements=keys)
    else:
        statement = insert.values(values).on_conflict_do_update(
            index_elements=keys,
            set_={"noticed_at": now},
            where=NoticedOccurrence.noticed_at <= now - again_after,
        )
    row = session.execute(statement.returning(NoticedOccurrence.subject)).first()
    return row is not None


def forget(session: Session, kind: NotificationKind, subject: int) -> None:
    """Let something be noticed as new when it comes again."""
    session.execute(
        sa.delete(NoticedOccurrence)
        .where(
            NoticedOccurrence.kind == kind.value, NoticedOccurrence.subject == subject
        )
        .execution_options(synchronize_session=False)
    )


def notify(
    session: Session, occurrence: Occurrence, now: datetime, spacing: timedelta
) -> None:
    """Make the notifications of something, for everyone who wants them."""
    kind = occurrence.kind
    for profile in _list_profiles(session, occurrence):
        not_before = end_of_quiet(
            now, profile.timezone, profile.quiet_from, profile.quiet_until
        )
        for channel in _open_channels(profile, kind):
            outbox.enqueue(
                session,
                Recipient(staff_id=profile.staff_id),
                kind,
                channel,
                occurrence.subject,
                now=now,
                pace=SendingPace(spacing=spacing, not_before=not_before),
            )
    site = session.get(SiteNotifications, occurrence.site_id)
    if site is not None and site.sealed_chat_url and kind.value in site.kinds:
        outbox.enqueue(
            session,
            Recipient(site_id=occurrence.site_id),
            kind,
            NotificationChannel.CHAT,
            occurrence.subject,
            now=now,
            pace=SendingPace(spacing=spacing),
        )


def list_digests_due(session: Session, now: datetime) -> list[int]:
    """Return the staff members whose daily digest is to be made; it locks nothing."""
    rows = session.scalars(
        sa.select(NotificationProfile)
        .join(Staff, Staff.id == NotificationProfile.staff_id)
        .where(Staff.disabled_at.is_(None))
        .order_by(NotificationProfile.staff_id)
    )
    return [
        profile.staff_id
        for profile in rows
        if is_digest_due(
            now, profile.timezone, profile.digest_hour, profile.digested_at
        )
    ]


def make_digest(session: Session, staff_id: int, now: datetime) -> None:
    """Make a staff member's daily digest, if no other worker has."""
    profile = session.get(NotificationProfile, staff_id, with_for_update=True)
    if profile is None or not is_digest_due(
        now, profile.timezone, profile.digest_hour, profile.digested_at
    ):
        return
    profile.digested_at = now
    session.flush()
    for channel in _open_channels(profile, NotificationKind.DIGEST):
        outbox.enqueue_now(
            session,
            Recipient(staff_id=staff_id),
            NotificationKind.DIGEST,
            channel,
            now,
        )


def _list_profiles(
    session: Session, occurrence: Occurrence
) -> Iterator[NotificationProfile]:
    """Yield the profiles of the active staff members that something concerns."""
    query = (
        sa.select(NotificationProfile)
        .join(Staff, Staff.id == NotificationProfile.staff_id)
        .where(Staff.disabled_at.is_(None))
        .order_by(NotificationProfile.staff_id)
    )
    if occurrence.only_staff_id is not None:
        query = query.where(Staff.id == occurrence.only_staff_id)
    else:
        query = query.where(Staff.id.in_(_concerned(occurrence)))
    if occurrence.except_staff_id is not None:
        query = query.where(Staff.id != occurrence.except_staff_id)
    yield from session.scalars(query)


def _concerned(occurrence: Occurrence) -> sa.Select[int]:
    least = ROLE_OF[occurrence.kind]
    roles = [role.value for role in ROLE_ORDER[ROLE_ORDER.index(least) :]]
    query = sa.select(Membership.staff_id).where(
        Membership.site_id == occurrence.site_id, Membership.role.in_(roles)
    )
    if occurrence.is_of_all_sections:
        return query
    return query.where(Membership.section.in_({WHOLE_SITE, occurrence.section or ""}))


def _open_channels(
    profile: NotificationProfile, kind: NotificationKind
) -> Iterator[NotificationChannel]:
    """Yield the channels that a person wants something over, and has set up."""
    for channel in choices_of(profile)[kind]:
        is_email = channel is NotificationChannel.EMAIL
        if profile.email_confirmed_at if is_email else profile.sealed_chat_url:
            yield channel
