"""Goes through what is stored, a batch at a time, and can go on after any stop."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction
from moderation.audit.log import record
from moderation.database import Sessions, start_writing
from moderation.identifiers import MIN_ID
from moderation.rekeying import audit_keys, indexes, installed
from moderation.rekeying.credentials import CREDENTIALS
from moderation.rekeying.installed import InstallationKeys, KeyPurpose
from moderation.rekeying.notices import NOTIFIERS, SEALED_NOTICES
from moderation.rekeying.parts import SEALED, KeyedPart
from moderation.tables.keys import InstalledKey, Rekeying

logger = logging.getLogger(__name__)

BATCH_SIZE = 500  # rows in one commit: between two, others write
#: While older keys are accepted, a process that still uses one may write.
SWEPT_AGAIN = timedelta(hours=1)

PARTS: tuple[KeyedPart, ...] = (
    *SEALED,
    *SEALED_NOTICES,
    *indexes.INDEXED,
    *NOTIFIERS,
    *CREDENTIALS,
)


@dataclass(frozen=True, kw_only=True)
class PartProgress:
    """The progress of a part."""

    part: KeyedPart
    row: Rekeying | None  #: None: it hasn't been begun


def run_step(sessions: Sessions, keys: InstallationKeys, now: datetime) -> bool:
    """Renew the next rows under the keys in use; tell whether there may be more."""
    with sessions() as session:
        if installed.has_unknown(session, keys):
            start_writing(session)
            installed.record_keys(session, keys, now)
            audit_keys.keep(session, keys)
            session.commit()
    while True:
        with sessions() as session:
            part = _next_part(session, keys, now)
            if part is None:
                return False
            row_count = _run_batch(session, part, keys, now)
        if row_count < BATCH_SIZE:
            _finish(sessions, part, keys, now)
        if row_count:
            return True


def _run_batch(
    session: Session, part: KeyedPart, keys: InstallationKeys, now: datetime
) -> int:
    """Renew the next rows of a part in one commit; return how many were looked at."""
    progress = session.get(Rekeying, part.name)
    is_going_on = progress is not None and _is_going_on(progress, part, keys)
    after = progress.last_id if progress is not None and is_going_on else MIN_ID
    renew = part.renew
    rows = _old_rows(session, part, keys, after) if renew else ()
    renewals = [(row, renew(session, keys, row)) for row in rows] if renew else []
    start_writing(session)
    changed = sum(_write(session, part, *renewal) for renewal in renewals)
    _announce(session, part, [row for row, values in renewals if values])
    progress = _progress_of(session, part, keys, now)
    progress.last_id = rows[-1].row_id if rows else after
    progress.changed_count += changed
    session.commit()
    return len(rows)


def _next_part(
    session: Session, keys: InstallationKeys, now: datetime
) -> KeyedPart | None:
    done = {row.part: row for row in session.scalars(sa.select(Rekeying))}
    for part in PARTS:
        row = done.get(part.name)
        if row is None or row.key_id != keys.current_id(part.purpose):
            return part
        if row.finished_at is None:
            return part
        has_older = len(keys.list_keys(part.purpose)) > 1
        if has_older and row.finished_at <= now - SWEPT_AGAIN:
            return part
    return None


def _is_going_on(row: Rekeying, part: KeyedPart, keys: InstallationKeys) -> bool:
    return row.key_id == keys.current_id(part.purpose) and row.finished_at is None


def _progress_of(
    session: Session, part: KeyedPart, keys: InstallationKeys, now: datetime
) -> Rekeying:
    """Return the row of a part, begun again for another key or after an end."""
    row = session.get(Rekeying, part.name, populate_existing=True, with_for_update=True)
    if row is not None and _is_going_on(row, part, keys):
        return row
    if row is None:
        row = Rekeying(part=part.name)
        session.add(row)
    key_id = keys.current_id(part.purpose)
    row.changed_count = row.changed_count if row.key_id == key_id else 0
    row.key_id, row.last_id, row.remaining_count = key_id, MIN_ID, 0
    row.started_at, row.finished_at = now, None
    return row


def _selection(part: KeyedPart, keys: InstallationKeys) -> sa.Select[Any]:
    return sa.select(
        part.row_id, part.row_id.label("row_id"), *part.columns, *part.context
    ).where(part.is_old(keys))


def _old_rows(
    session: Session, part: KeyedPart, keys: InstallationKeys, after: int
) -> Sequence[Any]:
    # Of a wide type: ids of some parts are narrower than the start of a sweep.
    start = sa.literal(after, sa.BigInteger())
    query = _selection(part, keys).where(part.row_id > start)
    return session.execute(query.order_by(part.row_id).limit(BATCH_SIZE)).all()


def _write(session: Session, part: KeyedPart, row: Any, values: Any) -> int:
    """Change a row, unless it was changed since; return how many were."""
    if not values:
        return 0
    # A value of JSON can't be compared; nothing else changes those that we renew.
    guards = [
        column.is_not_distinct_from(getattr(row, column.key))
        for column in part.columns
        if not isinstance(column.type, sa.JSON)
    ]
    update = (
        sa.update(part.table)
        .where(part.row_id == row.row_id, *guards)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    try:
        with session.begin_nested():
            result = session.connection().execute(update)
    except IntegrityError:  # two records of one author: the newer one keeps its key
        return 0
    return result.rowcount


def _announce(session: Session, part: KeyedPart, rows: Sequence[Any]) -> None:
    if part is indexes.RULES and rows:
        indexes.announce_rules(session, {row.site_id for row in rows})


def _finish(
    sessions: Sessions, part: KeyedPart, keys: InstallationKeys, now: datetime
) -> None:
    with sessions() as session:
        remaining = count_old(session, part, keys)
        start_writing(session)
        row = session.get_one(Rekeying, part.name, populate_existing=True)
        if not _is_going_on(row, part, keys):
            return
        row.remaining_count, row.finished_at = remaining, now
        changed = row.changed_count
        if changed:
            record(
                session,
                AuditAction.KEYS_REPLACED,
                part=part.name,
                key_id=row.key_id,
                changed=changed,
                remaining=remaining,
            )
        session.commit()
    if changed or remaining:
        logger.info(
            "%s: %s were brought to the key in use, %s weren't",
            part.name,
            changed,
            remaining,
        )


def count_old(session: Session, part: KeyedPart, keys: InstallationKeys) -> int:
    """Return how many rows of a part an older key has made; reads all of them."""
    if part.is_row_old is not None:
        rows = session.execute(_selection(part, keys))
        return sum(part.is_row_old(keys, row) for row in rows)
    query = sa.select(sa.func.count()).select_from(part.table).where(part.is_old(keys))
    return session.scalar(query) or 0


def list_progress(session: Session) -> list[PartProgress]:
    """Return how far each part is."""
    rows = {row.part: row for row in session.scalars(sa.select(Rekeying))}
    return [PartProgress(part=part, row=rows.get(part.name)) for part in PARTS]


def end_keys(
    sessions: Sessions,
    keys: InstallationKeys,
    purposes: Collection[KeyPurpose],
    now: datetime,
) -> int:
    """End all keys but those in use: what couldn't be renewed finds nothing any more.

    Others write between two batches. The keys end with the last commit: stopped before,
    it is done by running it again.

    Returns
    -------
    How many rows were sealed off.
    """
    parts = [part for part in PARTS if part.purpose in purposes]
    count = sum(_seal_part(sessions, part, keys) for part in parts)
    with sessions() as session:
        start_writing(session)
        _record_end(session, keys, purposes, now)
        session.commit()
    return count


def _seal_part(sessions: Sessions, part: KeyedPart, keys: InstallationKeys) -> int:
    """Seal off what older keys made of a part; return how many rows."""
    count, after = 0, MIN_ID
    while True:
        with sessions() as session:
            rows = _old_rows(session, part, keys, after)
            if not rows:
                return count
            start_writing(session)
            for row in rows:
                if part.is_row_old is None or part.is_row_old(keys, row):
                    count += _write(session, part, row, part.end(keys, row))
            _announce(session, part, rows)
            session.commit()
        after = rows[-1].row_id


def _record_end(
    session: Session,
    keys: InstallationKeys,
    purposes: Collection[KeyPurpose],
    now: datetime,
) -> None:
    if KeyPurpose.SECRET in purposes:
        audit_keys.keep(session, keys, is_ending=True)
    for purpose in purposes:
        session.execute(
            sa.update(InstalledKey)
            .where(
                InstalledKey.purpose == purpose.value,
                InstalledKey.key_id != keys.current_id(purpose),
                InstalledKey.ended_at.is_(None),
            )
            .values(ended_at=now)
        )
        record(
            session,
            AuditAction.KEYS_ENDED,
            purpose=purpose.value,
            key_id=keys.current_id(purpose),
        )
