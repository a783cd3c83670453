"""Records entries; they are chained right before the transaction commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from moderation.audit import actors
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.chain import HEAD_ID, hash_entry
from moderation.privacy import mask_emails
from moderation.tables.audit import AuditEntry, AuditHead

MAX_TEXT_LENGTH = 500  # characters of a reason or a detail

_PENDING = "audit.pending"  # in `Session.info`

# Built once, and past the ORM, which would take three times as long.
_LOCKED_HEAD = (
    sa.select(AuditHead.sequence, AuditHead.hash)
    .where(AuditHead.id == HEAD_ID)
    .with_for_update()
)
_INSERTION = sa.insert(AuditEntry)
_NEW_HEAD = (
    sa.update(AuditHead)
    .where(AuditHead.id == HEAD_ID)
    .values(sequence=sa.bindparam("newest"), hash=sa.bindparam("digest"))
)

#: A value among the details: never a text that someone typed.
Detail = str | int | bool | list[str] | None


@dataclass(frozen=True, kw_only=True)
class _PendingEntry:
    """An entry that its transaction hasn't chained yet."""

    fields: Mapping[str, Any]
    transaction: SessionTransaction  #: or savepoint, in which it was recorded


def record(
    session: Session,
    action: AuditAction,
    /,
    *,
    target: tuple[TargetKind, int] | None = None,
    site_id: int | None = None,
    reason: str | None = None,
    **details: Detail,
) -> None:
    """Record an action of the session's actor, in the session's transaction.

    Parameters
    ----------
    target
        What it was done to: its kind and id.
    site_id
        Where; None: at no site in particular.
    reason
        Why, in the actor's own words. Email addresses in it are masked.
    details
        Ids, counts, names of fields, values of enumerations. Never a username, a text,
        or a secret.

    Raises
    ------
    moderation.audit.actors.UnknownActor
        If no edge set who acts.
    RuntimeError
        If the transaction isn't one that writes (`database.start_writing`).
    """
    if not session.connection().get_execution_options().get("writes"):
        raise RuntimeError("an entry needs a transaction that writes")
    actor = actors.get_actor(session)
    transaction = session.get_nested_transaction() or session.get_transaction()
    assert transaction is not None  # noqa: S101 - the connection has begun one
    kind, target_id = target or (None, None)
    fields = {
        "action": action.value,
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "network": actor.network,
        "site_id": site_id,
        "target_kind": kind and kind.value,
        "target_id": target_id,
        "details": {name: _harmless(value) for name, value in details.items()},
        "reason": _harmless(reason) or None,
    }
    pending: list[_PendingEntry] = session.info.setdefault(_PENDING, [])
    pending.append(_PendingEntry(fields=fields, transaction=transaction))


def _harmless(value: Any) -> Any:
    """Return a value that either database stores, without email addresses."""
    if isinstance(value, list):
        return [_harmless(member) for member in value]
    if not isinstance(value, str):
        return value
    storable = value.replace("\0", "").encode(errors="replace").decode()
    return mask_emails(storable)[:MAX_TEXT_LENGTH]


@event.listens_for(Session, "before_commit")
def _chain_pending(session: Session) -> None:
    """Chain the entries of a transaction, as the last thing that it does.

    The lock on the head comes after all others, so that it is held shortly and no
    two transactions wait for each other.
    """
    if _PENDING not in session.info or session.in_nested_transaction():
        return
    entries = session.info.pop(_PENDING)
    if not entries:
        return
    session.flush()
    connection = session.connection()
    sequence, previous_hash = connection.execute(_LOCKED_HEAD).one()
    key, now = actors.get_key(session), datetime.now(UTC)
    rows = []
    for entry in entries:
        sequence += 1
        row = {
            **entry.fields,
            "sequence": sequence,
            "at": now,
            "previous_hash": previous_hash,
        }
        row["hash"] = previous_hash = hash_entry(key, row)
        rows.append(row)
    connection.execute(_INSERTION, rows)
    connection.execute(_NEW_HEAD, {"newest": sequence, "digest": previous_hash})


@event.listens_for(Session, "after_soft_rollback")
def _drop_of_savepoint(session: Session, previous: SessionTransaction) -> None:
    """Drop what was recorded since a savepoint that was rolled back."""
    if _PENDING not in session.info or not previous.nested:
        return
    session.info[_PENDING] = [
        entry
        for entry in session.info[_PENDING]
        if not _is_within(entry.transaction, previous)
    ]


@event.listens_for(Session, "after_transaction_end")
def _drop_of_transaction(session: Session, transaction: SessionTransaction) -> None:
    """Drop what a transaction recorded and didn't commit."""
    if transaction.parent is None:
        session.info.pop(_PENDING, None)


def _is_within(inner: SessionTransaction | None, outer: SessionTransaction) -> bool:
    """Return whether a savepoint is, or lies in, another one."""
    while inner is not None and inner is not outer:
        inner = inner.parent
    return inner is outer
