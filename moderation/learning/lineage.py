"""The comments that each model was trained on, stored without their IDs.

A model's marks are keyed hashes of comment ids, eight bytes each and sorted, so that
100,000 take 0.8 MB. Who has the database alone can't tell a mark from any other.
"""

from __future__ import annotations

import hmac
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.keyed_hashes import HashKeys
from moderation.tables.models import Model
from moderation.tables.sites import Site

MARK_BYTES = 8  # by chance, one in 10^14 says of a comment that 100,000 hold it


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """A model that was trained on a comment."""

    version: str
    is_active: bool
    created_at: datetime


def mark(key: bytes, comment_id: int) -> bytes:
    """Return the mark of a comment."""
    name = f"lineage:{comment_id}".encode()
    return hmac.digest(key, name, "sha256")[:MARK_BYTES]


def pack_marks(keys: HashKeys, comment_ids: Iterable[int]) -> bytes:
    """Return the marks of comments under the key in use, sorted, as one value."""
    key = keys.current.secret
    return b"".join(sorted(mark(key, comment_id) for comment_id in comment_ids))


def find_key(keys: HashKeys, learnt_with: str | None) -> bytes | None:
    """Return the key of a model's marks; None: it isn't accepted any more.

    Parameters
    ----------
    learnt_with
        The key's id, as of `Model.learnt_with`; None: the oldest key.
    """
    if learnt_with is None:
        return keys.keys[-1].secret
    return {key.id: key.secret for key in keys.keys}.get(learnt_with)


def is_marked(packed: bytes, comment_mark: bytes) -> bool:
    """Return whether a mark is among packed ones."""
    marks = _Marks(packed)
    place = bisect_left(marks, comment_mark)
    return place < len(marks) and marks[place] == comment_mark


class _Marks(Sequence[bytes]):
    """Packed marks, read in place."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    def __len__(self) -> int:
        return len(self._packed) // MARK_BYTES

    def __getitem__(self, place: int) -> bytes:  # type: ignore[override]  # no slices
        return self._packed[place * MARK_BYTES : (place + 1) * MARK_BYTES]


def record_read(session: Session, site_id: int, comment_id: int) -> None:
    """Record that someone asked which models were trained on a comment."""
    target = (TargetKind.COMMENT, comment_id)
    record(session, AuditAction.LINEAGE_READ, target=target, site_id=site_id)


def list_trained_models(
    session: Session, site_id: int, comment_id: int, keys: HashKeys
) -> list[TrainedModel]:
    """Return a site's models that were trained on a comment, newest first.

    The comment need not be there any more.
    """
    return list_trained_on_any(session, site_id, [comment_id], keys)


def list_trained_on_any(
    session: Session, site_id: int, comment_ids: Iterable[int], keys: HashKeys
) -> list[TrainedModel]:
    """Return a site's models that were trained on any of some comments, newest first.

    The comments need not be there any more.
    """
    active_id = session.get_one(Site, site_id).model_id
    wanted = list(comment_ids)
    rows = session.execute(
        sa.select(
            Model.id,
            Model.version,
            Model.created_at,
            Model.learnt_from,
            Model.learnt_with,
        )
        .where(Model.site_id == site_id, Model.learnt_from.is_not(None))
        .order_by(Model.id.desc())
        .execution_options(yield_per=1)
    )
    return [
        TrainedModel(
            version=version, is_active=model_id == active_id, created_at=created_at
        )
        for model_id, version, created_at, packed, learnt_with in rows
        if (key := find_key(keys, learnt_with)) is not None
        and any(is_marked(packed or b"", mark(key, each)) for each in wanted)
    ]
