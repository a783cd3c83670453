"""The search index of comments: folded texts, and their grams next to them.

Written in the transaction that changes a comment. The grams are in an inverted index
that the database has anyway: FTS5 on SQLite, which is fed them, and GIN on PostgreSQL,
which makes them of the folded text by the function `comments_terms` of migration 0034.
No extension is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.identifiers import MAX_ID
from moderation.sql.prepared import Prepared
from moderation.tables.comments import Comment
from moderation.tables.search import SearchBacklog, SearchText
from moderation.text.folding import fold, grams

#: Begins the grams of an author's name, which are kept among those of the text.
NAME_MARK = "\ue0ff"
#: Begins the terms of slices of time, PostgreSQL's alone.
SLICE_MARK = "\ue0fe"
#: Lower bits of an id that a slice leaves out: 5 hours, 37 hours, 12 days, 99 days, 2
#: years.
SLICE_BITS = (46, 49, 52, 55, 58)
BATCH_SIZE = 500  # comments that are indexed in one transaction

_TABLE = cast(sa.Table, SearchText.__table__)
_INSERT = Prepared(sa.insert(_TABLE))
_ADD = Prepared(
    sa.insert(sa.table("comments_text", sa.column("rowid"), sa.column("grams")))
)
_REMOVE = sa.text(
    "INSERT INTO comments_text(comments_text, rowid, grams) "
    "VALUES ('delete', :id, :grams)"
)


def add(session: Session, comment: Comment) -> None:
    """Index a new comment, whose row is stored."""
    _insert(session, [(comment.id, comment.author_name, comment.body)])


def replace(session: Session, comment: Comment) -> None:
    """Index a comment whose text or author's name has changed."""
    remove(session, comment.id)
    add(session, comment)


def remove(session: Session, comment_id: int) -> None:
    """Take a comment out of the index."""
    row = session.execute(
        sa.delete(_TABLE)
        .where(_TABLE.c.comment_id == comment_id)
        .returning(_TABLE.c.name, _TABLE.c.body)
    ).one_or_none()
    if row is not None and _is_sqlite(session):
        stored = {"id": comment_id, "grams": gram_text(row.name, row.body)}
        session.execute(_REMOVE, stored)


def has_backlog(session: Session) -> bool:
    """Return whether comments from before the index may still lack it."""
    return session.scalar(sa.select(SearchBacklog.comment_id)) is not None


def reset_backlog(session: Session) -> None:
    """Let a worker look through all comments for those that lack their search text."""
    session.execute(sa.delete(SearchBacklog))
    session.execute(sa.insert(SearchBacklog), [{"comment_id": MAX_ID}])


def index_backlog(session: Session) -> bool:
    """Index the newest comments that may still lack it; return if there are more."""
    backlog = session.scalar(sa.select(SearchBacklog).with_for_update())
    if backlog is None:
        return False
    rows = session.execute(
        sa.select(
            Comment.id,
            Comment.author_name,
            Comment.body,
            Comment.deleted_at,
            SearchText.comment_id,
        )
        .outerjoin(SearchText, SearchText.comment_id == Comment.id)
        .where(Comment.id < backlog.comment_id)
        .order_by(Comment.id.desc())
        .limit(BATCH_SIZE)
        .with_for_update(of=Comment)
    ).all()
    missing = [row for row in rows if row.comment_id is None and not row.deleted_at]
    _insert(session, ((row.id, row.author_name, row.body) for row in missing))
    session.delete(backlog)
    session.flush()
    if len(rows) < BATCH_SIZE:
        return False
    session.add(SearchBacklog(comment_id=rows[-1].id))
    return True


def gram_text(name: str, body: str) -> str:
    """Return the grams of a folded name and text, as FTS5 reads them."""
    marked = (NAME_MARK + gram for gram in grams(name))
    return " ".join([*grams(body), *marked])


def slice_term(bits: int, number: int) -> str:
    """Return what PostgreSQL's index keeps of a comment in a slice of time."""
    return f"{SLICE_MARK}{bits}x{number}"


def _insert(session: Session, comments: Iterable[tuple[int, str, str]]) -> None:
    """Store search texts of comments: their ids, authors' names, and texts."""
    folded = [(number, fold(name), fold(body)) for number, name, body in comments]
    if not folded:
        return
    rows = [
        {"comment_id": number, "name": name, "body": body}
        for number, name, body in folded
    ]
    _INSERT.run_many(session, rows)
    if _is_sqlite(session):
        stored = [
            {"rowid": number, "grams": gram_text(name, body)}
            for number, name, body in folded
        ]
        _ADD.run_many(session, stored)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
