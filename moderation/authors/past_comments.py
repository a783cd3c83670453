"""Authors of imported comments: many at once, each record found or made once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from moderation.authors.identity import AuthorKeys
from moderation.authors.records import MAX_FOLDED_LENGTH
from moderation.policy.verdicts import Status
from moderation.tables.authors import Author, AuthorName
from moderation.text.folding import fold

MAX_KEYS = 500  # in one statement


@dataclass(frozen=True, kw_only=True)
class PastComment:
    """What a comment adds to its author's record."""

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
    ids = _find_records(session, site_id, by_key)
    missing = [key for key in sorted(by_key) if key not in ids]
    if missing:
        _add(session, site_id, [by_key[key][0] for key in missing])
        ids |= _find(session, site_id, missing)
    connection = session.connection()
    connection.execute(
        _COUNT, [_counts(ids[key], by_key[key]) for key in sorted(by_key)]
    )
    names = {(ids[key], comment.name) for key in by_key for comment in by_key[key]}
    is_sqlite = connection.dialect.name == "sqlite"
    insertion = (sqlite.insert if is_sqlite else postgresql.insert)(AuthorName)
    connection.execute(
        insertion.on_conflict_do_nothing(),
        [
            {
                "author_id": author_id,
                "name": name,
                "site_id": site_id,
                "folded": fold(name)[:MAX_FOLDED_LENGTH],
            }
            for author_id, name in sorted(names)
        ],
    )
    return ids


def _find_records(
    session: Session, site_id: int, by_key: dict[str, list[PastComment]]
) -> dict[str, int]:
    """Return the records that there are, also those under older keys."""
    accepted = {
        older: key
        for key, comments in by_key.items()
        for older in (comments[0].keys.accepted or {key})
    }
    found = _find(session, site_id, list(accepted))
    ids = {accepted[older]: number for older, number in found.items()}
    return ids | {key: found[key] for key in by_key if key in found}


def _find(session: Session, site_id: int, keys: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for start in range(0, len(keys), MAX_KEYS):
        rows = session.connection().execute(
            sa.select(Author.key, Author.id).where(
                Author.site_id == site_id,
                Author.key.in_(keys[start : start + MAX_KEYS]),
            )
        )
        ids |= {key: number for key, number in rows if key is not None}
    return ids


def _add(session: Session, site_id: int, comments: Sequence[PastComment]) -> None:
    """Add records without counts; one that another process adds just now stays."""
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    insertion = (sqlite.insert if is_sqlite else postgresql.insert)(Author)
    connection.execute(
        insertion.on_conflict_do_nothing(),
        [
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
        ],
    )


_FIRST = sa.bindparam("first", type_=Author.first_seen_at.type)
_LAST = sa.bindparam("last", type_=Author.last_seen_at.type)
_COUNT = (
    sa.update(Author)
    .where(Author.id == sa.bindparam("author"))
    .values(
        {
            **{
                status.value: getattr(Author, status.value)
                + sa.bindparam(f"new_{status.value}")
                for status in Status
            },
            "first_seen_at": sa.case(
                (Author.first_seen_at > _FIRST, _FIRST), else_=Author.first_seen_at
            ),
            "name": sa.case(
                (Author.last_seen_at < _LAST, sa.bindparam("newest_name")),
                else_=Author.name,
            ),
            "last_seen_at": sa.case(
                (Author.last_seen_at < _LAST, _LAST), else_=Author.last_seen_at
            ),
        }
    )
)


def _counts(author_id: int, comments: Sequence[PastComment]) -> dict[str, object]:
    statuses = Counter(comment.status for comment in comments)
    newest = max(comments, key=lambda comment: comment.at)
    return {
        "author": author_id,
        "first": min(comment.at for comment in comments),
        "last": newest.at,
        "newest_name": newest.name,
        **{f"new_{status.value}": statuses[status] for status in Status},
    }
