"""Streams of comments: what an index finds, in order of time, read as far as needed.

Each filter that an index answers is one. They are read from the tables themselves, so
that their cost doesn't depend on who asks: a caller joins `Comment` to one, to
which a person's limit to sections applies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments.articles import find_articles
from moderation.comments.lookup import find
from moderation.identifiers import MAX_ID, MIN_ID
from moderation.policy.verdicts import Status
from moderation.queue.query import AUTOMATICALLY, CommentTab, Filters, QueueQuery
from moderation.queue.search import (
    TextSearch,
    is_sliced,
    select_in_slices,
    select_matches,
)
from moderation.queue.time_slices import TimeRange, cut
from moderation.tables.accounts import Staff
from moderation.tables.comments import ESCALATED, KEPT, REPORTED, Article, Comment
from moderation.tables.decisions import Decision
from moderation.tables.objections import Appeal
from moderation.tables.rules import RuleHit
from moderation.tables.search import SearchText

MAX_ARTICLES = 50  # of a section whose comments are read article by article
CHUNK_SIZE = 500
PROBED = 400  # of each stream: how far back they reach tells which is the rarest
MAX_MERGED = 100  # sites whose streams are merged; SQLite joins at most 500 parts

_comments = Comment.__table__.c
# Literals, as in the indexes; their type says less than they are.
_KEPT: Any = KEPT
_REPORTED: Any = REPORTED
_ESCALATED: Any = ESCALATED


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Branches that an index answers, each a statement for IDs and their column."""

    branches: Sequence[tuple[sa.Select[Any], sa.ColumnElement[int]]]
    #: it is known to find few of all comments
    is_narrow: bool = False
    #: a branch may find an ID more than once
    has_repeats: bool = False
    #: what is searched slice by slice, instead of the branches
    text: TextSearch | None = None

    def read(self, within: TimeRange, limit: int) -> sa.Select[Any]:
        """Return the statement for the first `limit` IDs of a range, as `id`."""
        parts = [
            self._bounded(branch, column, within).limit(limit).subquery()
            for branch, column in self.branches or [_NOTHING]
        ]
        merged = parts[0]
        if len(parts) > 1:
            merged = sa.union_all(*(sa.select(part.c.id) for part in parts)).subquery()
        return sa.select(merged.c.id).order_by(_order(merged.c.id, within)).limit(limit)

    def _bounded(
        self, branch: sa.Select[Any], column: sa.ColumnElement[int], within: TimeRange
    ) -> sa.Select[Any]:
        if self.has_repeats:
            branch = branch.distinct()
        if within.low > MIN_ID:
            branch = branch.where(column > within.low)
        if within.high < MAX_ID:
            branch = branch.where(column < within.high)
        return branch.order_by(_order(column, within))


def _order(column: Any, within: TimeRange) -> sa.ColumnElement[Any]:
    ordered: sa.ColumnElement[Any] = column.desc() if within.is_descending else column
    return ordered


def stream_of_tab(site_ids: Sequence[int], tab: CommentTab) -> Stream:
    """Return the stream of all comments of a tab."""
    if tab is CommentTab.APPEALED:
        return Stream(
            branches=[
                _branch(
                    Appeal.__table__.c.comment_id,
                    Appeal.__table__.c.site_id == site_id,
                    Appeal.__table__.c.heard_at.is_(None),
                )
                for site_id in site_ids
            ]
        )
    if tab in (CommentTab.REPORTED, CommentTab.ESCALATED):
        only = _REPORTED if tab is CommentTab.REPORTED else _ESCALATED
        return Stream(
            branches=[
                _branch(_comments.id, _comments.site_id == site_id, _KEPT, only)
                for site_id in site_ids
            ]
        )
    statuses = list(Status) if tab is CommentTab.ALL else [Status(tab.value)]
    if len(site_ids) > MAX_MERGED:
        of_sites = _comments.site_id.in_(site_ids), _comments.status.in_(statuses)
        return Stream(branches=[_branch(_comments.id, *of_sites, _KEPT)])
    return Stream(
        branches=[
            _branch(
                _comments.id,
                _comments.site_id == site_id,
                _comments.status == status.value,
                _KEPT,
            )
            for site_id in site_ids
            for status in statuses
        ]
    )


def streams_of_filters(session: Session, query: QueueQuery) -> list[Stream]:
    """Return the streams of those filters that an index answers.

    What one finds need not match: a comment may have another text by now, or the index
    may say too much. Conditions are asked all the same.
    """
    filters, site_ids = query.filters, query.site_ids
    streams = [
        *_by_article(session, query),
        *_by_section(session, query),
        *_by_author_of(session, query),
        *_by_moderator(session, filters),
    ]
    if filters.rule is not None:
        hits = RuleHit.__table__.c
        branch = _branch(hits.comment_id, hits.rule_id == filters.rule)
        streams.append(Stream(branches=[branch], is_narrow=True, has_repeats=True))
    for key_column, key in (
        (_comments.campaign_id, filters.campaign),
        (_comments.author_record_id, filters.author_record),
    ):
        if key is not None:
            branches = [
                _branch(
                    _comments.id, key_column == key, _comments.status == status.value
                )
                for status in Status
            ]
            streams.append(Stream(branches=branches, is_narrow=True))
    column: sa.ColumnElement[Any]
    for column, value in (
        (_comments.language, filters.language),
        (_comments.held_reason, filters.reason),
    ):
        if value is not None and len(site_ids) <= MAX_MERGED:
            branches = [
                _branch(
                    _comments.id, _comments.site_id == site_id, column == value, _KEPT
                )
                for site_id in site_ids
            ]
            streams.append(Stream(branches=branches))
    wanted = TextSearch.of(filters.text, filters.name)
    if not wanted.is_empty and is_sliced(session):
        streams.append(Stream(branches=[], text=wanted))
    elif not wanted.is_empty:
        matches = select_matches(session, wanted)
        if matches is not None:
            column = matches.selected_columns.id
            streams.append(Stream(branches=[(matches, column)]))
    return streams


def _branch(
    column: sa.ColumnElement[int], *conditions: sa.ColumnElement[bool]
) -> tuple[sa.Select[Any], sa.ColumnElement[int]]:
    return sa.select(column.label("id")).where(*conditions), column


def _by_article(session: Session, query: QueueQuery) -> list[Stream]:
    reference = query.filters.article
    if reference is None:
        return []
    return [_of_articles(find_articles(session, query.site_ids, reference))]


def _by_section(session: Session, query: QueueQuery) -> list[Stream]:
    section = query.filters.section
    if section is None:
        return []
    of_section = sa.select(Article.id).where(
        Article.site_id.in_(query.site_ids), Article.section == section
    )
    article_ids = session.scalars(of_section.limit(MAX_ARTICLES + 1)).all()
    if len(article_ids) > MAX_ARTICLES:
        return []
    return [_of_articles(article_ids)]


def _of_articles(article_ids: Sequence[int]) -> Stream:
    branches = [
        _branch(_comments.id, _comments.article_id == article_id, _KEPT)
        for article_id in article_ids
    ]
    return Stream(branches=branches, is_narrow=True)


def _by_author_of(session: Session, query: QueueQuery) -> list[Stream]:
    """Return the stream of the comments of another comment's author, by record."""
    if query.filters.author_of is None:
        return []
    comment = find(session, query.site_ids, query.filters.author_of)
    if comment.author_record_id is None:
        return []
    of_author = _comments.author_record_id == comment.author_record_id
    branch = _branch(_comments.id, of_author)
    return [Stream(branches=[branch], is_narrow=True)]


def _by_moderator(session: Session, filters: Filters) -> list[Stream]:
    if filters.decided_by in (None, AUTOMATICALLY):
        return []
    number = session.scalar(
        sa.select(Staff.id).where(Staff.login == filters.decided_by)
    )
    if number is None:
        return [Stream(branches=[], is_narrow=True)]
    decisions = Decision.__table__.c
    branch = _branch(decisions.comment_id, decisions.staff_id == number)
    return [Stream(branches=[branch], has_repeats=True)]


_NOTHING = _branch(_comments.id, sa.false())


@dataclass(frozen=True, kw_only=True)
class StreamHead:
    """The next IDs of a stream."""

    stream: Stream
    ids: Sequence[int]
    is_last: bool


def fetch(session: Session, stream: Stream, within: TimeRange, size: int) -> StreamHead:
    """Read the first `size` IDs of a stream in a range."""
    if stream.text is not None:
        ids = _find_texts(session, stream.text, within, size)
    else:
        ids = list(session.scalars(stream.read(within, size)))
    return StreamHead(stream=stream, ids=ids, is_last=len(ids) < size)


def _find_texts(
    session: Session, search: TextSearch, within: TimeRange, size: int
) -> list[int]:
    """Return the first `size` IDs of a range that PostgreSQL's index finds."""
    numbers = SearchText.__table__.c.comment_id
    ends = sa.select(sa.func.min(numbers), sa.func.max(numbers))
    oldest, newest = session.execute(ends).one()
    if newest is None:
        return []
    low, high = max(within.low, oldest - 1), min(within.high, newest + 1)
    ids: list[int] = []
    for slices in cut(replace(within, low=low, high=high)):
        found = select_in_slices(search, slices)
        ids += session.scalars(found.limit(size - len(ids)))
        if len(ids) >= size:
            break
    return ids


def choose_rarest(
    session: Session, streams: Sequence[Stream], within: TimeRange, size: int = PROBED
) -> StreamHead:
    """Return the beginning of the stream that reaches farthest, or that ends first.

    Parameters
    ----------
    size
        IDs that are read of each.
    """
    batches = []
    for stream in streams:
        batch = fetch(session, stream, within, size)
        if batch.is_last:
            return batch
        batches.append(batch)
    farthest = min if within.is_descending else max
    return farthest(batches, key=lambda batch: batch.ids[-1])


def in_chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Return IDs in parts that a statement takes as parameters."""
    for start in range(0, len(ids), CHUNK_SIZE):
        yield ids[start : start + CHUNK_SIZE]
