"""The queue as a moderator asks for it: filters, an order, and pages that follow a key.

Everything here is about pending comments, whose columns have indexes of their own. A
filter that few comments match is looked up and the rest sorted; one that many match is
asked of each comment on the way along the order, until the page is full. Which of the
two it is gets counted first, up to `FEW`: SQLite keeps no statistics that would tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from moderation.comments.articles import article_reference, reference_hash
from moderation.comments.lookup import find
from moderation.database import unindexed
from moderation.errors import InvalidFields
from moderation.tables.comments import PENDING, REPORTED, Article, Comment
from moderation.tables.rules import RuleHit

#: Comments are counted up to here; beyond it, a page says "more than".
MOST_COUNTED = 10_000  # comments
FEW = 2_000  # comments that are sorted in less time than an order takes to walk
FEW_IN_INDEX = 30_000  # likewise, where an index holds what they are sorted by
MOST_ASKED = 10_000  # comments that are asked one by one for a count
COMMON = 0.1  # of what is due first: such a word is no use to PostgreSQL's index
LOOKED_AT = 300  # comments, to tell a common word
MANY = 50_000  # matches of a search; with more, each comment is asked by itself
LIGHTEST = 1e-9  # what a report weighs at least
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
MOST_MERGED = 100  # sites whose orders are merged; SQLite joins at most 500 parts

_WORD = re.compile(r"[^\W_]+")
_TEXT: sa.TableClause = sa.table("comments_text", sa.column("rowid", sa.BigInteger))


class Order(StrEnum):
    """What comes first."""

    DUE = "due"  #: the earliest due: arrival and patience
    NEWEST = "newest"  #: the last to arrive
    SCORE = "score"  #: the highest score of a label; only what has one
    UNCERTAINTY = "uncertainty"  #: the nearest to a threshold; only what is scored
    REPORTS = "reports"  #: what weighs most with readers; only what was reported
    TEACH = "teach"  #: of the most uncertain, what is least alike; see `teaching`


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a pending comment must be like; None asks nothing."""

    section: str | None = None
    article: str | None = None  #: the site's own name for it
    label: str | None = None  #: the one that the scores, or the order, are about
    min_score: float | None = None  #: 0 to 1
    max_score: float | None = None  #: 0 to 1
    language: str | None = None
    rule: int | None = None  #: that matched the text as it stands
    campaign: int | None = None
    author: str | None = None  #: the name as readers see it
    author_of: int | None = None  #: a comment whose author's others are wanted
    reason: str | None = None  #: code of the first reason for holding
    first_time: bool | None = None  #: the author's first comment at the site, or not
    text: str | None = None  #: words, all of which it must hold


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A part of the queue, in an order."""

    site_ids: Sequence[int]
    filters: Filters = field(default_factory=Filters)
    order: Order = Order.DUE


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place in an order: what follows comes after it."""

    key: datetime | float | None  #: as `key_of`
    comment_id: int


@dataclass(frozen=True, kw_only=True)
class _Sorting:
    """An order as the database has it: by a column and then by id, or by id alone."""

    column: sa.ColumnElement[Any] | None
    is_descending: bool
    least: float | None = None  #: of the column; what has less, or none, has no place

    @property
    def only(self) -> list[sa.ColumnElement[bool]]:
        if self.column is None or self.least is None:
            return []
        if self.least > 0:
            return [_REPORTED]
        return [self.column >= self.least]

    @property
    def columns(self) -> list[sa.ColumnElement[Any]]:
        named = [] if self.column is None else [self.column]
        return [*named, Comment.id.expression]

    def within(self, after: Position | None) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that bound a walk along the order."""
        if after is None:
            return self.only
        # One lower bound: of two, SQLite may start its walk from the farther one.
        only = self.only if self.is_descending else []
        return [*only, self.after(after)]

    def after(self, position: Position) -> sa.ColumnElement[bool]:
        """Return the condition to come after a position."""
        if self.column is None:
            return Comment.id < position.comment_id
        place = sa.tuple_(*self.columns)
        reached = sa.tuple_(
            sa.bindparam(None, position.key, self.column.type),
            sa.bindparam(None, position.comment_id, Comment.id.type),
        )
        return place < reached if self.is_descending else place > reached

    def by(self, columns: Sequence[sa.ColumnElement[Any]]) -> list[Any]:
        """Return what to sort by."""
        return [each.desc() if self.is_descending else each for each in columns]


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A filter in the two ways that a database can go about it."""

    #: asked of a row on the way; hides its column, lest the planner leaves the way
    asked: sa.ColumnElement[bool]
    #: the ids that an index finds; None: there is no such index
    found: sa.Select[Any] | None = None
    #: what is found need not match: it is asked nevertheless
    is_rough: bool = False
    #: what an index by due time answers in its order, so that no row is passed over
    by_due: sa.ColumnElement[bool] | None = None
    #: what an index finds that holds the due time, too: no row is read to sort it
    led: sa.ColumnElement[bool] | None = None
    #: the due time in `found`; None: it knows neither that nor the site
    due_at: sa.ColumnElement[Any] | None = field(
        default_factory=lambda: Comment.due_at.expression
    )


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """How a page is found."""

    asked: list[sa.ColumnElement[bool]]
    found: sa.Select[Any] | None = None  #: what few match; None: the order is walked
    is_led: bool = False  #: an index other than the order's leads; the rest is sorted


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many there are, up to `MOST_COUNTED`."""

    number: int
    is_exact: bool  #: else there may be more: not all were asked


def refuse_unclear(wanted: Wanted) -> None:
    """Refuse filters and orders that make no sense together.

    Raises
    ------
    InvalidFields
        Saying which.
    """
    filters = wanted.filters
    is_about_scores = filters.min_score is not None or filters.max_score is not None
    if filters.label is None and (is_about_scores or wanted.order is Order.SCORE):
        raise InvalidFields({"label": ["Say whose score."]})
    least, most = filters.min_score, filters.max_score
    if least is not None and most is not None and least > most:
        raise InvalidFields({"max_score": ["Must not be under min_score."]})


def key_of(comment: Comment, wanted: Wanted) -> datetime | float | None:
    """Return what a comment is sorted by, beside its id; None: by its id alone."""
    column = _sorting(wanted).column
    return None if column is None else getattr(comment, str(column.key))


def in_order(comments: Sequence[Comment], wanted: Wanted) -> list[Comment]:
    """Return comments of a part of the queue in its order."""
    return sorted(
        comments,
        key=lambda each: (key_of(each, wanted) or 0, each.id),
        reverse=_sorting(wanted).is_descending,
    )


def read(
    session: Session, wanted: Wanted, *, after: Position | None, limit: int
) -> Sequence[Comment]:
    """Return up to `limit` comments of a part of the queue, in its order."""
    sorting = _sorting(wanted)
    ids = first_ids(session, wanted, after=after, limit=limit)
    query = (
        sa.select(Comment)
        .where(Comment.id.in_(ids))
        .order_by(*sorting.by(sorting.columns))
    )
    return session.scalars(query).all()


def first_ids(
    session: Session,
    wanted: Wanted,
    *conditions: sa.ColumnElement[bool],
    after: Position | None = None,
    limit: int,
    for_update: bool = False,
) -> sa.Select[Any]:
    """Return the statement that finds the ids of the first comments, unsorted.

    Parameters
    ----------
    for_update
        Lock them; those that somebody else is just locking are passed over.
    """
    sorting = _sorting(wanted)
    plan = _plan(session, wanted, is_bare=not conditions)
    if plan.is_led:
        sorting = replace(sorting, column=_hidden(sorting.column))
    within = sorting.within(after)
    groups: list[list[int]] = [[each] for each in wanted.site_ids]
    if plan.found is not None or not 0 < len(groups) <= MOST_MERGED:
        groups = [list(wanted.site_ids)]
    columns = [*sorting.columns[:-1], Comment.id]
    branches = []
    for group in groups:
        branch = (
            sa.select(*columns)
            .where(PENDING, *within, *plan.asked, *conditions)
            .order_by(*sorting.by(sorting.columns))
            .limit(limit)
        )
        if plan.found is None:
            branch = branch.where(_of_sites(group))
        else:
            here = unindexed(Comment.site_id.in_(group))
            branch = branch.where(Comment.id.in_(plan.found), here)
        if for_update:
            branch = branch.with_for_update(skip_locked=True, of=Comment)
        branches.append(branch.subquery())
    if len(branches) == 1:
        return sa.select(branches[0].c.id)
    merged = sa.union_all(*(sa.select(each) for each in branches)).subquery()
    return sa.select(merged.c.id).order_by(*sorting.by(list(merged.c))).limit(limit)


def conditions(session: Session, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Return what holds of every comment in a part of the queue.

    For a few comments that are known already: no index is thought of.
    """
    sorting = _sorting(wanted)
    asked = [part.asked for part in _parts(session, wanted)]
    if sorting.least is not None:
        asked.append(_hidden(sorting.column) >= sorting.least)
    return [unindexed(Comment.site_id.in_(wanted.site_ids)), _PENDING, *asked]


def asked(session: Session, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Return what the filters ask of a comment, whatever its status."""
    return [part.asked for part in _parts(session, wanted)]


def count(session: Session, wanted: Wanted, due_by: datetime | None = None) -> Counted:
    """Count a part of the queue, or what of it is due.

    What an index finds is counted up to `MOST_COUNTED`. Where more is asked, up to
    `MOST_ASKED` of what it finds are, lest a rare match means to read the whole queue.
    """
    parts, only = _parts(session, wanted), _sorting(wanted).only
    leading = next((part for part in parts if part.found is not None), None)
    asked = [part.asked for part in parts if part is not leading or part.is_rough]
    if leading is None or leading.found is None:
        found = _find(wanted, sa.and_(sa.true(), *only))
        if due_by is None and wanted.order is Order.DUE:
            found = found.where(Comment.due_at.expression > LONG_AGO)  # its index leads
        leading = _Part(asked=sa.true(), found=found)
    else:
        found, asked = leading.found, [*only, *asked]
    if leading.due_at is None:
        asked.append(unindexed(Comment.site_id.in_(wanted.site_ids)))
        if due_by is not None:
            asked.append(unindexed(Comment.due_at.expression <= due_by))
    elif due_by is not None:
        found = found.where(leading.due_at <= due_by)
    if not asked:
        return Counted(number=_number(session, found, MOST_COUNTED), is_exact=True)
    is_exact = _are_few(session, found, MOST_ASKED)
    first = found.limit(MOST_ASKED).subquery()
    matching = sa.select(Comment.id).join(first, first.c[0] == Comment.id)
    number = _number(session, matching.where(PENDING, *asked), MOST_COUNTED)
    return Counted(number=number, is_exact=is_exact or number >= MOST_COUNTED)


def words_of(text: str) -> list[str]:
    """Return the words of a search; signs mean nothing, so that none can do harm.

    >>> words_of('"fair" NEAR/2 (point*')
    ['fair', 'NEAR', '2', 'point']
    """
    return _WORD.findall(text)


def _plan(session: Session, wanted: Wanted, *, is_bare: bool) -> _Plan:
    """Choose what leads to a page.

    Parameters
    ----------
    is_bare
        Nothing but the filters is asked, which an index may hold.
    """
    parts = _parts(session, wanted)
    if wanted.order is Order.DUE:
        for part in parts:
            if part.by_due is not None:
                others = [each.asked for each in parts if each is not part]
                return _Plan(asked=[part.by_due, *others])
    for part in parts:
        if part.found is None:
            continue
        rest = [each.asked for each in parts if each is not part or each.is_rough]
        if part.led is not None and is_bare and not rest:
            if _are_few(session, part.found, FEW_IN_INDEX):
                return _Plan(asked=[part.led], is_led=True)
        elif _are_few(session, part.found, FEW):
            return _Plan(asked=rest, found=part.found)
    return _Plan(asked=[part.asked for part in parts])


def _are_few(session: Session, found: sa.Select[Any], most: int) -> bool:
    return _number(session, found, most + 1) <= most


def _number(session: Session, found: sa.Select[Any], most: int) -> int:
    some = found.limit(most).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _sorting(wanted: Wanted) -> _Sorting:
    column: sa.ColumnElement[Any]
    match wanted.order:
        case Order.DUE:
            return _Sorting(column=Comment.due_at.expression, is_descending=False)
        case Order.NEWEST:
            return _Sorting(column=None, is_descending=True)
        case Order.UNCERTAINTY | Order.TEACH:
            column = Comment.margin.expression
            return _Sorting(column=column, is_descending=False, least=0)
        case Order.REPORTS:
            column = Comment.report_weight.expression
            return _Sorting(column=column, is_descending=True, least=LIGHTEST)
        case Order.SCORE:
            column = _score(wanted.filters.label or "")
            return _Sorting(column=column, is_descending=True, least=0)


# Literals, as in the indexes; their type says less than they are.
_PENDING: Any = PENDING
_REPORTED: Any = REPORTED


def _score(label: str) -> sa.ColumnElement[float]:
    column: sa.ColumnElement[float] = Comment.__table__.c[f"score_{label}"]
    return column


def _of_sites(site_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    if len(site_ids) == 1:  # an equality, which an index can be walked behind
        return Comment.site_id == site_ids[0]
    return Comment.site_id.in_(site_ids)


def _parts(session: Session, wanted: Wanted) -> list[_Part]:
    filters = wanted.filters
    parts: list[_Part] = []
    if filters.text is not None:
        parts.append(_by_text(session, wanted, filters.text))
    if filters.article is not None:
        parts.append(_by_article(wanted, filters.article))
    if filters.author_of is not None:
        parts.append(_by_author_of(session, wanted, filters.author_of))
    if filters.rule is not None:
        parts.append(_by_rule(filters.rule))
    if filters.campaign is not None:
        parts.append(_by_campaign(wanted, filters.campaign))
    for column, value in (
        (Comment.author_name, filters.author),
        (Comment.held_reason, filters.reason),
        (Comment.language, filters.language),
    ):
        if value is not None:
            found = _find(wanted, column == value)
            plain = column == value
            parts.append(_Part(asked=unindexed(plain), found=found, by_due=plain))
    parts += _by_score(wanted)
    if filters.section is not None:
        parts.append(_by_section(session, wanted, filters.section))
    if filters.first_time is not None:
        parts.append(_Part(asked=_is_first() == sa.literal(int(filters.first_time))))
    return parts


def _find(wanted: Wanted, condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(Comment.id).where(_of_sites(wanted.site_ids), PENDING, condition)


def _hidden(column: Any) -> sa.ColumnElement[Any]:
    """Return a column so that no index is thought of for it."""
    hidden: sa.ColumnElement[Any] = sa.func.coalesce(column, column)
    return hidden


def _by_text(session: Session, wanted: Wanted, text: str) -> _Part:
    words = words_of(text)
    if not words:
        nothing = sa.false()
        return _Part(asked=nothing, found=_find(wanted, nothing))
    if session.get_bind().dialect.name == "sqlite":
        query = " ".join(f'"{word}"' for word in words)
        match: sa.ColumnElement[bool] = sa.literal_column("comments_text").op("MATCH")(
            query
        )
        found = sa.select(_TEXT.c.rowid).where(match)
        if _are_few(session, found, MANY):  # read once, then known
            held: sa.ColumnElement[bool] = _hidden(Comment.id).in_(found)
        else:
            held = sa.exists().where(match, _TEXT.c.rowid == Comment.id)
        return _Part(asked=held, found=found, due_at=None)
    simple: sa.ColumnElement[str] = sa.literal_column("'simple'")
    vector = sa.func.to_tsvector(simple, Comment.body)
    plain = vector.op("@@")(sa.func.plainto_tsquery(simple, " ".join(words)))
    # Of a common word, the index finds more than memory holds, and reads them anew.
    asked = unindexed(plain)
    is_rare = not _is_common(session, wanted, asked)
    return _Part(asked=asked, found=_find(wanted, plain) if is_rare else None)


def _is_common(
    session: Session, wanted: Wanted, condition: sa.ColumnElement[bool]
) -> bool:
    """Tell whether much of what is due first matches."""
    first = (
        sa.select(Comment.id, condition.label("matches"))
        .where(PENDING, _of_sites(wanted.site_ids[:1]))
        .order_by(Comment.due_at, Comment.id)
        .limit(LOOKED_AT)
        .subquery()
    )
    matching = sa.select(sa.func.count()).where(first.c.matches)
    return (session.scalar(matching) or 0) > COMMON * LOOKED_AT


def _by_article(wanted: Wanted, reference: str) -> _Part:
    named = sa.select(Article.id).where(
        Article.site_id.in_(wanted.site_ids),
        Article.reference_hash == reference_hash(article_reference(reference)),
    )
    here = unindexed(Comment.site_id.in_(wanted.site_ids))  # the index is the article's
    found = sa.select(Comment.id).where(PENDING, here, Comment.article_id.in_(named))
    return _Part(asked=_hidden(Comment.article_id).in_(named), found=found)


def _by_author_of(session: Session, wanted: Wanted, comment_id: int) -> _Part:
    """Return the filter for the comments of whoever wrote another one.

    By address, or by the site's own id of the author, or by nothing else than name.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    """
    known = find(session, wanted.site_ids, comment_id)
    here = Comment.site_id == known.site_id
    if known.email_index is not None:
        same = Comment.email_index == known.email_index
        pending = Comment.status == "pending"  # the index's last column
        found = _find(wanted, sa.and_(here, same, pending))
    else:
        same = Comment.author_name == known.author_name
        found = _find(wanted, sa.and_(here, same))
    return _Part(asked=unindexed(sa.and_(here, same)), found=found)


def _by_rule(rule_id: int) -> _Part:
    held = sa.exists().where(
        RuleHit.comment_id == Comment.id,
        RuleHit.revision == Comment.revision,
        RuleHit.rule_id == rule_id,
    )
    # Of whatever status and revision: to look would cost as much as to walk.
    found = sa.select(RuleHit.comment_id).where(RuleHit.rule_id == rule_id)
    return _Part(asked=held, found=found, is_rough=True, due_at=None)


def _by_campaign(wanted: Wanted, campaign_id: int) -> _Part:
    here = unindexed(Comment.site_id.in_(wanted.site_ids))
    found = sa.select(Comment.id).where(
        PENDING, here, Comment.campaign_id == campaign_id
    )
    return _Part(asked=unindexed(Comment.campaign_id == campaign_id), found=found)


def _by_score(wanted: Wanted) -> list[_Part]:
    filters = wanted.filters
    if filters.label is None or filters.min_score is filters.max_score is None:
        return []
    score = _score(filters.label)
    # Without a lower bound, what has no score must not slip in.
    least = 0.0 if filters.min_score is None else filters.min_score
    most = 1.0 if filters.max_score is None else filters.max_score
    if wanted.order is Order.SCORE:  # a stretch of the order itself
        return [_Part(asked=score.between(least, most))]
    plain = score.between(least, most)
    led = plain if wanted.order is Order.DUE else None
    return [_Part(asked=unindexed(plain), found=_find(wanted, plain), led=led)]


def _by_section(session: Session, wanted: Wanted, section: str) -> _Part:
    named = (
        sa.select(Article.section)
        .where(Article.id == Comment.article_id)
        .scalar_subquery()
    )
    here = Article.site_id.in_(wanted.site_ids)
    of_section = sa.select(Article.id).where(here, Article.section == section)
    article = of_section.subquery()
    if session.get_bind().dialect.name == "sqlite":
        found = sa.select(Comment.id).where(PENDING)
        found = found.join(article, article.c.id == Comment.article_id)
        return _Part(asked=named == section, found=found)
    # Article by article, or PostgreSQL reads all that waits to find the first few.
    waiting = (
        sa.select(Comment.id, Comment.due_at)
        .where(PENDING, Comment.article_id == article.c.id)
        .offset(0)
        .lateral()
    )
    found = sa.select(waiting.c.id).select_from(article).join(waiting, sa.true())
    return _Part(asked=named == section, found=found, due_at=waiting.c.due_at)


def _is_first() -> sa.ColumnElement[int]:
    """Return 1 for an author's first comment at a site, 0 for a further one.

    Unknown where a foreign protocol brought no address: that is neither. The LIMIT
    keeps PostgreSQL from joining all that was ever sent.
    """
    earlier = aliased(Comment)
    further = (
        sa.select(sa.literal_column("0"))
        .where(
            earlier.site_id == Comment.site_id,
            earlier.email_index == Comment.email_index,
            earlier.id < Comment.id,
        )
        .limit(1)
        .scalar_subquery()
    )
    return sa.case(
        (Comment.email_index.is_not(None), sa.func.coalesce(further, 1)), else_=None
    )
