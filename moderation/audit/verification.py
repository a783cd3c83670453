"""Verifies the chain, and names the first fault in it."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.chain import COLUMNS, GENESIS, HEAD_ID, hash_entry
from moderation.tables.audit import AuditEntry, AuditHead

BATCH_SIZE = 1_000  # entries or heads in memory at a time


class AuditFaultKind(StrEnum):
    """The fault of an entry."""

    CHANGED = "changed"  #: its hash isn't that of its fields
    DELETED = "deleted"  #: it is missing, and later ones are there
    INSERTED = "inserted"  #: it wasn't made with the key, and others don't know it
    REORDERED = "reordered"  #: it hangs on one that comes later
    TRUNCATED = "truncated"  #: it is missing, and all after it
    REPLACED = "replaced"  #: made with the key, but another one was here before


@dataclass(frozen=True, kw_only=True)
class AuditFault:
    """The first fault in the chain."""

    kind: AuditFaultKind
    sequence: int  #: of the entry


@dataclass(frozen=True, kw_only=True)
class AuditHeadValue:
    """The newest entry of the chain at some time."""

    sequence: int  #: 0: there was none
    hash: str
    at: datetime | None = None  #: when it was read


@dataclass(frozen=True, kw_only=True, repr=False)  # no repr: it holds a secret
class OlderAuditKey:
    """A key that chained entries before the one in use."""

    key: bytes
    until: int | None = None  #: sequence of the last entry that it may have chained


@dataclass(frozen=True, kw_only=True)
class _ChainKeys:
    """The key in use and the older ones."""

    key: bytes
    older: Sequence[OlderAuditKey] = ()

    def fits(self, row: dict[str, Any], sequence: int) -> bool:
        """Return whether one of the keys hashed an entry under a sequence number."""
        numbered = {**row, "sequence": sequence}
        if hash_entry(self.key, numbered) == row["hash"]:
            return True
        return any(
            hash_entry(older.key, numbered) == row["hash"]
            for older in self.older
            if older.until is None or sequence <= older.until
        )


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The result of a verification."""

    count: int  #: sound entries, up to the first fault
    head: AuditHeadValue  #: the last one of them
    fault: AuditFault | None = None


def read_head(session: Session) -> AuditHeadValue:
    """Return the head of the chain."""
    row = session.execute(
        sa.select(AuditHead.sequence, AuditHead.hash).where(AuditHead.id == HEAD_ID)
    ).one()
    return AuditHeadValue(sequence=row.sequence, hash=row.hash)


def verify(
    session: Session,
    key: bytes,
    heads: Iterable[AuditHeadValue] = (),
    *,
    older: Sequence[OlderAuditKey] = (),
) -> Verification:
    """Verify the whole chain, in memory that doesn't grow with it.

    Entries that are added meanwhile do no harm.

    Parameters
    ----------
    heads
        Earlier heads that were kept elsewhere.
    older
        Keys that chained entries before the one in use.
    """
    before = read_head(session)
    result = _follow(session, _ChainKeys(key=key, older=older), before)
    if result.fault is not None:
        return result
    last = result.head
    # Read again: what was added since `before` is sound, too.
    after = read_head(session)
    fault = None
    if last.sequence < before.sequence:
        fault = _fault(AuditFaultKind.TRUNCATED, last.sequence + 1)
    elif last.sequence > after.sequence:
        fault = _fault(AuditFaultKind.INSERTED, after.sequence + 1)
    else:
        stored = [head for head in (before, after) if head.sequence <= last.sequence]
        fault = _find_replaced(session, itertools.chain(stored, heads), last.sequence)
    return Verification(count=result.count, head=last, fault=fault)


def _follow(session: Session, keys: _ChainKeys, stored: AuditHeadValue) -> Verification:
    """Follow the chain from its start to its end, or to the first fault."""
    with contextlib.closing(iter_rows(session)) as rows:
        return _follow_rows(session, keys, rows, stored)


def _follow_rows(
    session: Session,
    keys: _ChainKeys,
    rows: Iterator[dict[str, Any]],
    stored: AuditHeadValue,
) -> Verification:
    head = AuditHeadValue(sequence=0, hash=GENESIS)
    for row in rows:
        kind = None
        if row["sequence"] != head.sequence + 1:
            kind = AuditFaultKind.DELETED  # a gap; what is before the first, the same
        elif row["previous_hash"] != head.hash or not keys.fits(row, row["sequence"]):
            kind = _explain(session, keys, row, next(rows, None), head, stored)
        if kind is not None:
            fault = _fault(kind, head.sequence + 1)
            return Verification(count=head.sequence, head=head, fault=fault)
        head = AuditHeadValue(sequence=row["sequence"], hash=row["hash"])
    return Verification(count=head.sequence, head=head)


def _explain(
    session: Session,
    keys: _ChainKeys,
    row: dict[str, Any],
    following: dict[str, Any] | None,
    head: AuditHeadValue,
    stored: AuditHeadValue,
) -> AuditFaultKind:
    """Return what happened to the first entry that doesn't fit.

    Parameters
    ----------
    head
        The entry before it.
    stored
        The head of the chain.
    """
    original = _find_original_sequence(keys, row, stored.sequence)
    if original is None:  # not made with the key
        is_skipped = following is not None and following["previous_hash"] == head.hash
        if is_skipped or row["sequence"] > stored.sequence:
            return AuditFaultKind.INSERTED
        return AuditFaultKind.CHANGED
    if original == row["sequence"]:
        return AuditFaultKind.REPLACED
    place = session.scalar(
        sa.select(AuditEntry.sequence).where(AuditEntry.hash == row["previous_hash"])
    )
    return AuditFaultKind.DELETED if place is None else AuditFaultKind.REORDERED


def _find_original_sequence(
    keys: _ChainKeys, row: dict[str, Any], last: int
) -> int | None:
    """Return the sequence number that an entry was hashed with, if it is unchanged."""
    nearest_first = itertools.chain(
        range(row["sequence"], last + 1), range(1, row["sequence"])
    )
    for sequence in nearest_first:
        if keys.fits(row, sequence):
            return sequence
    return None


def _find_replaced(
    session: Session, heads: Iterable[AuditHeadValue], last: int
) -> AuditFault | None:
    """Return the first fault that earlier heads show in a chain that is sound."""
    for batch in _batches(heads):
        ids = {head.sequence for head in batch}
        query = sa.select(AuditEntry.sequence, AuditEntry.hash).where(
            AuditEntry.sequence.in_(ids)
        )
        hashes = dict(session.execute(query).all())
        hashes[0] = GENESIS
        for head in sorted(batch, key=lambda head: head.sequence):
            if head.sequence > last and head.sequence not in hashes:
                return _fault(AuditFaultKind.TRUNCATED, last + 1)
            if hashes.get(head.sequence) != head.hash:
                return _fault(AuditFaultKind.REPLACED, head.sequence)
    return None


def _batches(heads: Iterable[AuditHeadValue]) -> Iterator[list[AuditHeadValue]]:
    rest = iter(heads)
    while batch := list(itertools.islice(rest, BATCH_SIZE)):
        yield batch


def iter_rows(session: Session, after: int = 0) -> Generator[dict[str, Any]]:
    """Yield the entries after a sequence number in order, some at a time."""
    query = (
        sa.select(*(getattr(AuditEntry, name) for name in COLUMNS), AuditEntry.hash)
        .where(AuditEntry.sequence > after)
        .order_by(AuditEntry.sequence)
        .execution_options(yield_per=BATCH_SIZE)
    )
    with session.execute(query) as rows:  # closed where the reader stops early
        for row in rows:
            yield dict(row._mapping)


def _fault(kind: AuditFaultKind, sequence: int) -> AuditFault:
    return AuditFault(kind=kind, sequence=sequence)
