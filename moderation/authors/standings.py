"""Staff's decisions about an author: set, lifted, expired, and undone.

The log is the truth: changes are added, never edited. The standing of the record is a
cache of the newest change that was not undone, until that ends by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.authors.identity import FoundBy
from moderation.errors import InvalidFields, NotFound
from moderation.policy.standings import Standing
from moderation.privacy import mask_emails
from moderation.tables.accounts import Staff
from moderation.tables.authors import HAS_STANDING, Author, StandingChange

IMPORTED = "other"  # reason of what another system has given: it tells none


@dataclass(frozen=True, kw_only=True)
class StandingDraft:
    """A standing to give an author, and why."""

    standing: Standing
    reason: str  #: one of `policy.standings.STANDING_REASONS`
    until: datetime | None  #: None: until it is lifted
    note: str | None  #: for colleagues


@dataclass(frozen=True, kw_only=True)
class CurrentStanding:
    """An author's standing with its reason and who gave it."""

    change: StandingChange
    standing: Standing
    given_by: str | None  #: username; None: another system, before the import


def find(
    session: Session,
    site_ids: Sequence[int],
    author_id: int,
    *,
    for_update: bool = False,
) -> Author:
    """Return an author of one of the sites.

    Raises
    ------
    NotFound
        If there is none, or the author's last comment was erased.
    """
    query = sa.select(Author).where(
        Author.id == author_id, Author.site_id.in_(site_ids), Author.key.is_not(None)
    )
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    author = session.scalar(query)
    if author is None:
        raise NotFound("There is no such author.")
    return author


def standing_at(author: Author, now: datetime) -> Standing | None:
    """Return an author's standing, unless it has ended by itself."""
    if author.standing is None:
        return None
    until = author.standing_until
    return None if until is not None and until <= now else Standing(author.standing)


def give(
    session: Session,
    author: Author,
    draft: StandingDraft,
    *,
    staff_id: int,
    now: datetime,
) -> StandingChange:
    """Give a locked author a standing in place of the one before.

    Raises
    ------
    InvalidFields
        If it ends before it begins, a suspension has no end, or trust would rest on a
        name alone.
    """
    _refuse_unsound(author, draft, now)
    change = StandingChange(
        site_id=author.site_id,
        author_id=author.id,
        standing=draft.standing.value,
        reason=draft.reason,
        note=draft.note and mask_emails(draft.note),
        until=draft.until,
        created_at=now,
        staff_id=staff_id,
    )
    _store(session, author, change)
    # Without the note: it may name the author, and the log can't forget.
    record(
        session,
        AuditAction.AUTHOR_STANDING_SET,
        target=(TargetKind.AUTHOR, author.id),
        site_id=author.site_id,
        standing=draft.standing.value,
        reason_code=draft.reason,
        until=draft.until.isoformat() if draft.until else None,
    )
    return change


def take_over(
    session: Session,
    author: Author,
    standing: Standing,
    until: datetime | None,
    now: datetime,
) -> None:
    """Give a locked author the standing that another system has given.

    Quietly: the import is recorded as a whole.
    """
    change = StandingChange(
        site_id=author.site_id,
        author_id=author.id,
        standing=standing.value,
        reason=IMPORTED,
        until=until,
        created_at=now,
    )
    _store(session, author, change)


def has_history(session: Session, author_id: int) -> bool:
    """Return whether anything was ever decided about an author."""
    query = sa.select(StandingChange.id).where(StandingChange.author_id == author_id)
    return session.scalar(query.limit(1)) is not None


def lift(
    session: Session, author: Author, *, staff_id: int, now: datetime
) -> StandingChange | None:
    """End the standing of a locked author; None: there is none."""
    former = standing_at(author, now)
    if former is None:
        return None
    change = StandingChange(
        site_id=author.site_id,
        author_id=author.id,
        created_at=now,
        staff_id=staff_id,
    )
    _store(session, author, change)
    record(
        session,
        AuditAction.AUTHOR_STANDING_LIFTED,
        target=(TargetKind.AUTHOR, author.id),
        site_id=author.site_id,
        former=former.value,
    )
    return change


def undo(
    session: Session,
    author: Author,
    undone: StandingChange,
    *,
    staff_id: int,
    now: datetime,
) -> StandingChange:
    """Revoke the newest change about a locked author: what was before applies again.

    Parameters
    ----------
    undone
        As `newest_of` returns it.
    """
    before = before_of(session, undone)
    if before is not None and before.until is not None and before.until <= now:
        before = None  # it has ended since
    change = StandingChange(
        site_id=author.site_id,
        author_id=author.id,
        standing=before and before.standing,
        reason=before and before.reason,
        until=before and before.until,
        created_at=now,
        staff_id=staff_id,
        undoes_id=undone.id,
    )
    _store(session, author, change)
    record(
        session,
        AuditAction.AUTHOR_STANDING_UNDONE,
        target=(TargetKind.AUTHOR, author.id),
        site_id=author.site_id,
        standing=change.standing,
        former=undone.standing,
    )
    return change


def has_expired(session: Session, now: datetime) -> bool:
    """Return whether any author's standing has ended by itself, and isn't ended yet."""
    query = sa.select(Author.id).where(HAS_STANDING, Author.standing_until <= now)
    return session.scalar(query.limit(1)) is not None


def list_expired(session: Session, now: datetime, limit: int) -> Sequence[Author]:
    """Lock and return authors whose standing has ended by itself.

    Those that another process locks at this moment are left to it.
    """
    return session.scalars(
        sa.select(Author)
        .where(HAS_STANDING, Author.standing_until <= now)
        .order_by(Author.standing_until, Author.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def end(session: Session, author: Author) -> None:
    """Take the standing of a locked author, which has ended by itself, off the record.

    Only once, and recorded: afterwards there is none.
    """
    former, until = author.standing, author.standing_until
    author.standing = author.standing_until = None
    session.flush()
    record(
        session,
        AuditAction.AUTHOR_STANDING_ENDED,
        target=(TargetKind.AUTHOR, author.id),
        site_id=author.site_id,
        former=former,
        until=until.isoformat() if until else None,
    )


def newest_of(session: Session, author_id: int) -> StandingChange | None:
    """Return the newest change about an author that was not undone, lifted or not."""
    return session.scalar(
        _lasting(author_id).order_by(StandingChange.id.desc()).limit(1)
    )


def before_of(session: Session, change: StandingChange) -> StandingChange | None:
    """Return the change that a later one replaced."""
    return session.scalar(
        _lasting(change.author_id)
        .where(StandingChange.id < change.id)
        .order_by(StandingChange.id.desc())
        .limit(1)
    )


def current_of(
    session: Session, author: Author, now: datetime
) -> CurrentStanding | None:
    """Return an author's standing with its reason; None: like everybody."""
    standing = standing_at(author, now)
    change = newest_of(session, author.id) if standing else None
    if standing is None or change is None:
        return None
    staff = session.get(Staff, change.staff_id) if change.staff_id else None
    login = None if staff is None else staff.login
    return CurrentStanding(change=change, standing=standing, given_by=login)


def _lasting(author_id: int) -> sa.Select[StandingChange]:
    """Select the changes about an author that neither were undone nor are an undo."""
    later = aliased(StandingChange)
    was_undone = sa.exists().where(later.undoes_id == StandingChange.id)
    return sa.select(StandingChange).where(
        StandingChange.author_id == author_id,
        StandingChange.undoes_id.is_(None),
        ~was_undone,
    )


def _store(session: Session, author: Author, change: StandingChange) -> None:
    session.add(change)
    author.standing, author.standing_until = change.standing, change.until
    session.flush()


def _refuse_unsound(author: Author, draft: StandingDraft, now: datetime) -> None:
    if draft.until is not None and draft.until <= now:
        raise InvalidFields({"until": ["Must lie in the future."]})
    if draft.standing is Standing.SUSPENDED and draft.until is None:
        raise InvalidFields({"until": ["A suspension needs an end."]})
    is_by_name = author.found_by == FoundBy.NAME.value
    if draft.standing is Standing.TRUSTED and is_by_name:
        complaint = "An author known by name and network alone can't be trusted."
        raise InvalidFields({"standing": [complaint]})
