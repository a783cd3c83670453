"""Authors of imported comments: many at once, each record found or made once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.authors.identity import AuthorKeys
from moderation.authors.records import MAX_FOLDED_LENGTH
from moderation.many_rows import find_rows, insert_rows, update_rows
from moderation.policy.verdicts import Status
from moderation.tables.authors import Author, AuthorName
from moderation.text.folding import fold

_AUTHORS = cast(sa.Table, Author.__table__)
_NAMES = cast(sa.Table, AuthorName.__table__)


@dataclass(kw_only=True, slots=True)
class PastComment:
    """A comment's contribution to its author's record."""

    keys: AuthorKeys
    name: str
    status: Status
    at: datetime


def count_comments(
    session: Session, site_id: int, comments: Sequence[PastComment]
) -> dict[str, int]:
    """Count comments in their authors' records; return the records' ids by key.

    Times and names of comments that came since stay.
    """
    by_key: dict[str, list[PastComment]] = {}
    for comment in comments:
        by_key.setdefault(comment.keys.key, []).append(comment)
    if not by_key:
        return {}
    records = _find_records(session, site_id, by_key)
    noted = {(key, row.name) for key, row in records.items()}
    missing = sorted(by_key.keys() - records.keys())
    _add(session, site_id, [by_key[key][0] for key in missing])
    records |= _find(session, site_id, missing)
    counts = [_counts(records[key].id, by_key[key]) for key in by_key]
    update_rows(session.connection(), _AUTHORS, _COUNTS, counts, _count)
    # The name in a record is noted already.
    names = {(comment.keys.key, comment.name) for comment in comments} - noted
    ids = {key: row.id for key, row in records.items()}
    _add_names(session, site_id, [(ids[key], name) for key, name in sorted(names)])
    return ids


def _find_records(
    session: Session, site_id: int, by_key: dict[str, list[PastComment]]
) -> dict[str, sa.Row[Any]]:
    """Return the records that there are, also those under older keys."""
    accepted = {
        older: key
        for key, comments in by_key.items()
        for older in (comments[0].keys.accepted or {key})
    }
    found = _find(session, site_id, accepted)
    records = {accepted[older]: row for older, row in found.items()}
    return records | {key: found[key] for key in by_key if key in found}


def _find(
    session: Session, site_id: int, keys: Collection[str]
) -> dict[str, sa.Row[Any]]:
    rows = find_rows(
        session.connection(),
        (_AUTHORS.c.key, _AUTHORS.c.id, _AUTHORS.c.name),
        _AUTHORS.c.key,
        keys,
        site_id=site_id,
    )
    return {row.key: row for row in rows}


def _add(session: Session, site_id: int, comments: Sequence[PastComment]) -> None:
    """Add records without counts; one that another process adds just now stays."""
    rows = [
        {
            "site_id": site_id,
            "found_by": comment.keys.found_by.value,
            "key": comment.keys.key,
            "address_key": comment.keys.address_key,
            "name": comment.name,
            "first_seen_at": comment.at,
            "last_seen_at": comment.at,
            "pending": 0,
            "approved": 0,
            "rejected": 0,
        }
        for comment in comments
    ]
    insert_rows(session.connection(), _AUTHORS, rows, are_stored_kept=True)


def _add_names(
    session: Session, site_id: int, names: Sequence[tuple[int, str]]
) -> None:
    """Note names that authors have used, by the ids of their records."""
    rows = [
        {"author_id": number, "name": name, "site_id": site_id, "folded": _fold(name)}
        for number, name in names
    ]
    insert_rows(session.connection(), _NAMES, rows, are_stored_kept=True)


_MOMENT = _AUTHORS.c.last_seen_at.type
_COUNT_NAMES = {status: f"{status.value}_count" for status in Status}
_COUNTS = (
    *(sa.column(name, sa.Integer()) for name in _COUNT_NAMES.values()),
    *(sa.column("first", _MOMENT), sa.column("last", _MOMENT)),
    sa.column("newest_name", _AUTHORS.c.name.type),
)


def _count(
    counts: Mapping[str, sa.ColumnElement[Any]],
) -> dict[str, sa.ColumnElement[Any]]:
    """Return the new values of a record's columns."""
    first, last = _AUTHORS.c.first_seen_at, _AUTHORS.c.last_seen_at
    is_earlier, is_later = first > counts["first"], last < counts["last"]
    name = _AUTHORS.c.name
    return {
        **{
            status.value: _AUTHORS.c[status.value] + counts[name]
            for status, name in _COUNT_NAMES.items()
        },
        "first_seen_at": sa.case((is_earlier, counts["first"]), else_=first),
        "name": sa.case((is_later, counts["newest_name"]), else_=name),
        "last_seen_at": sa.case((is_later, counts["last"]), else_=last),
    }


@lru_cache(maxsize=16_384)
def _fold(name: str) -> str:
    return fold(name)[:MAX_FOLDED_LENGTH]


def _counts(author_id: int, comments: Sequence[PastComment]) -> dict[str, object]:
    counts = dict.fromkeys(_COUNT_NAMES.values(), 0)
    newest = oldest = comments[0]
    for comment in comments:
        counts[_COUNT_NAMES[comment.status]] += 1
        newest = comment if comment.at > newest.at else newest
        oldest = comment if comment.at < oldest.at else oldest
    return {
        "id": author_id,
        "first": oldest.at,
        "last": newest.at,
        "newest_name": newest.name,
        **counts,
    }
