"""An author's timeline, newest first: all kinds of entries in one order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.tables.accounts import Staff
from moderation.tables.authors import Author, AuthorNote, StandingChange
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from moderation.tables.objections import Appeal, Report


class TimelineKind(StrEnum):
    """Kinds of entries; of one moment, in this order."""

    COMMENT = "comment"
    DECISION = "decision"
    REPORT = "report"  #: by a reader, about a comment of the author
    APPEAL = "appeal"
    STANDING = "standing"
    NOTE = "note"


_KINDS = list(TimelineKind)


@dataclass(frozen=True, kw_only=True)
class TimelinePosition:
    """Where a page starts: behind an entry."""

    at: datetime
    kind: TimelineKind
    id: int


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One thing that happened."""

    kind: TimelineKind
    at: datetime
    id: int  #: of its own kind
    by: str | None  #: the username of who did it, if staff did
    comment_id: int | None
    row: Any  #: `Comment`, `Decision`, `Report`, `Appeal`, `StandingChange`, or note
    article: Article | None = None  #: of a comment

    @property
    def position(self) -> TimelinePosition:
        """Where the page behind this entry starts."""
        return TimelinePosition(at=self.at, kind=self.kind, id=self.id)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """How the entries of one kind are read."""

    kind: TimelineKind
    query: sa.Select[*tuple[Any, ...]]  #: of row, username, article
    at: InstrumentedAttribute[datetime]
    id: InstrumentedAttribute[int]


def list_entries(
    session: Session,
    author: Author,
    *,
    after: TimelinePosition | None,
    limit: int,
    kinds: Collection[TimelineKind] = _KINDS,
    as_pending: Collection[int] = (),
) -> list[TimelineEntry]:
    """Return up to `limit` entries about an author, newest first.

    What the session may not see is left out, and so are decisions about the comments
    in `as_pending`, whose real status must not show.
    """
    entries: list[TimelineEntry] = []
    for part in _parts(author, as_pending):
        if part.kind in kinds:
            entries += _read(session, part, after, limit)
    entries.sort(key=_place, reverse=True)
    return entries[:limit]


def _parts(author: Author, as_pending: Collection[int]) -> Sequence[_Part]:
    own = Comment.author_record_id == author.id
    nobody, nowhere = sa.null(), sa.null()
    return [
        _Part(
            kind=TimelineKind.COMMENT,
            query=sa.select(Comment, nobody, Article)
            .join(Article, Article.id == Comment.article_id)
            .where(own),
            at=Comment.received_at,
            id=Comment.id,
        ),
        _Part(
            kind=TimelineKind.DECISION,
            query=sa.select(Decision, Staff.login, nowhere)
            .join(Comment, Comment.id == Decision.comment_id)
            .outerjoin(Staff, Staff.id == Decision.staff_id)
            .where(own, Comment.id.not_in(list(as_pending))),
            at=Decision.created_at,
            id=Decision.id,
        ),
        _Part(
            kind=TimelineKind.REPORT,
            query=sa.select(Report, nobody, nowhere)
            .join(Comment, Comment.id == Report.comment_id)
            .where(own),
            at=Report.created_at,
            id=Report.id,
        ),
        _Part(
            kind=TimelineKind.APPEAL,
            query=sa.select(Appeal, nobody, nowhere)
            .join(Comment, Comment.id == Appeal.comment_id)
            .where(own),
            at=Appeal.created_at,
            id=Appeal.id,
        ),
        _Part(
            kind=TimelineKind.STANDING,
            query=sa.select(StandingChange, Staff.login, nowhere)
            .outerjoin(Staff, Staff.id == StandingChange.staff_id)
            .where(StandingChange.author_id == author.id),
            at=StandingChange.created_at,
            id=StandingChange.id,
        ),
        _Part(
            kind=TimelineKind.NOTE,
            query=sa.select(AuthorNote, Staff.login, nowhere)
            .join(Staff, Staff.id == AuthorNote.staff_id)
            .where(AuthorNote.author_id == author.id),
            at=AuthorNote.created_at,
            id=AuthorNote.id,
        ),
    ]


def _read(
    session: Session, part: _Part, after: TimelinePosition | None, limit: int
) -> list[TimelineEntry]:
    query = part.query
    if after is not None:
        query = query.where(_is_behind(part, after))
    query = query.order_by(part.at.desc(), part.id.desc()).limit(limit)
    return [
        TimelineEntry(
            kind=part.kind,
            at=row.received_at if part.kind is TimelineKind.COMMENT else row.created_at,
            id=row.id,
            by=login,
            comment_id=row.id
            if part.kind is TimelineKind.COMMENT
            else getattr(row, "comment_id", None),
            row=row,
            article=article,
        )
        for row, login, article in session.execute(query)
    ]


def _is_behind(part: _Part, after: TimelinePosition) -> sa.ColumnElement[bool]:
    """Return the condition that an entry comes behind another one of any kind."""
    earlier = part.at < after.at
    mine, theirs = _KINDS.index(part.kind), _KINDS.index(after.kind)
    if mine > theirs:
        return earlier
    same_moment = part.at == after.at
    if mine < theirs:
        return sa.or_(earlier, same_moment)
    return sa.or_(earlier, sa.and_(same_moment, part.id < after.id))


def _place(entry: TimelineEntry) -> tuple[datetime, int, int]:
    return entry.at, _KINDS.index(entry.kind), entry.id
