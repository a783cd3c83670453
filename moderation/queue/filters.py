"""The filters of the queue as conditions, and the indexes that find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from moderation.comments.articles import find_articles
from moderation.comments.lookup import find
from moderation.database import unindexed
from moderation.identifiers import first_id
from moderation.policy.verdicts import UNATTENDED, Verdict
from moderation.queue.orders import get_sorting, score_column, unindexed_column
from moderation.queue.query import (
    AUTOMATICALLY,
    CommentTab,
    Filters,
    QueueOrder,
    QueueQuery,
)
from moderation.queue.search import TextSearch, is_match, select_matches
from moderation.tables.accounts import Staff
from moderation.tables.comments import ESCALATED, PENDING, REPORTED, Article, Comment
from moderation.tables.decisions import Decision, is_effective
from moderation.tables.objections import Appeal
from moderation.tables.rules import RuleHit

COMMON = 0.1  # of what is due first: such a word is no use to PostgreSQL's index
LOOKED_AT = 300  # comments, to tell a common word


@dataclass(frozen=True, kw_only=True)
class FilterCondition:
    """A filter as a condition, and as IDs that an index finds."""

    #: asked of a row on the way; hides its column, lest the planner leaves the way
    condition: sa.ColumnElement[bool]
    #: the ids that an index finds; None: there is no such index
    ids: sa.Select[Any] | None = None
    #: not every ID matches: the condition is also checked
    is_superset: bool = False
    #: what an index by due time answers in its order, so that no row is passed over
    by_due: sa.ColumnElement[bool] | None = None
    #: what an index finds that holds the due time, too: no row is read to sort it
    led: sa.ColumnElement[bool] | None = None
    #: the due time in `ids`; None: it knows neither that nor the site
    due_at: sa.ColumnElement[Any] | None = field(
        default_factory=lambda: Comment.due_at.expression
    )


def pending_conditions(
    session: Session, query: QueueQuery
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that every comment of a query meets.

    For a few comments that are known already: no index is thought of.
    """
    sorting = get_sorting(query)
    parts = list_filter_conditions(session, query, is_for_few=True)
    conditions = [part.condition for part in parts]
    if sorting.least is not None:
        conditions.append(unindexed_column(sorting.column) >= sorting.least)
    return [unindexed(Comment.site_id.in_(query.site_ids)), _PENDING, *conditions]


def filter_conditions(
    session: Session, query: QueueQuery
) -> list[sa.ColumnElement[bool]]:
    """Return the filters' conditions, for comments of any status."""
    parts = list_filter_conditions(session, query, is_for_few=True)
    return [part.condition for part in parts]


# Literals, as in the indexes; their type says less than they are.
_PENDING: Any = PENDING
_REPORTED: Any = REPORTED
_ESCALATED: Any = ESCALATED
_WEIGHT = Comment.report_weight.expression


def is_of_sites(site_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a comment belongs to one of the sites."""
    if len(site_ids) == 1:  # an equality, which an index can be walked behind
        return Comment.site_id == site_ids[0]
    return Comment.site_id.in_(site_ids)


def list_filter_conditions(
    session: Session, query: QueueQuery, *, is_for_few: bool = False
) -> list[FilterCondition]:
    """Return the conditions of a query's filters.

    Parameters
    ----------
    is_for_few
        For comments that are known already: whether the index of texts would help is
        not looked into.
    """
    filters = query.filters
    parts: list[FilterCondition] = []
    if filters.status is not None:
        parts += _by_tab(query, filters.status)
    if filters.text is not None or filters.name is not None:
        parts.append(_by_text(session, query, is_for_few))
    if filters.article is not None:
        parts.append(_by_article(session, query, filters.article))
    if filters.author_of is not None:
        parts.append(_by_author_of(session, query, filters.author_of))
    if filters.rule is not None:
        parts.append(_by_rule(filters.rule))
    if filters.campaign is not None:
        parts.append(_by_key(query, Comment.campaign_id, filters.campaign))
    if filters.author_record is not None:
        parts.append(_by_key(query, Comment.author_record_id, filters.author_record))
    for column, value in (
        (Comment.author_name, filters.author),
        (Comment.held_reason, filters.reason),
        (Comment.language, filters.language),
    ):
        if value is not None:
            ids = select_pending_ids(query, column == value)
            plain = column == value
            parts.append(
                FilterCondition(condition=unindexed(plain), ids=ids, by_due=plain)
            )
    parts += [*_by_score(query), *_by_date(filters)]
    if filters.decided_by is not None:
        parts.append(FilterCondition(condition=_is_decided_by(filters.decided_by)))
    if filters.section is not None:
        parts.append(_by_section(session, query, filters.section))
    if filters.first_time is not None:
        parts.append(
            FilterCondition(
                condition=_is_first() == sa.literal(int(filters.first_time))
            )
        )
    return parts


def select_pending_ids(
    query: QueueQuery, condition: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    """Return the statement for the IDs of matching pending comments."""
    return sa.select(Comment.id).where(is_of_sites(query.site_ids), PENDING, condition)


def _by_text(session: Session, query: QueueQuery, is_for_few: bool) -> FilterCondition:
    wanted = TextSearch.of(query.filters.text, query.filters.name)
    if wanted.is_empty:
        nothing = sa.false()
        return FilterCondition(
            condition=nothing, ids=select_pending_ids(query, nothing)
        )
    held = is_match(session, wanted)
    # Of a common word, the index finds more than memory holds, and reads them again.
    is_rare = not is_for_few and not _is_common(session, query, held)
    ids = select_matches(session, wanted) if is_rare else None
    return FilterCondition(condition=held, ids=ids, is_superset=True, due_at=None)


def _is_common(
    session: Session, query: QueueQuery, condition: sa.ColumnElement[bool]
) -> bool:
    """Return whether many of the first due comments match."""
    first = (
        sa.select(Comment.id)
        .where(PENDING, is_of_sites(query.site_ids[:1]))
        .order_by(Comment.due_at, Comment.id)
        .limit(LOOKED_AT)
        .subquery()
    )
    matching = sa.select(sa.func.count()).select_from(Comment)
    matching = matching.join(first, first.c.id == Comment.id).where(condition)
    return (session.scalar(matching) or 0) > COMMON * LOOKED_AT


def _by_article(session: Session, query: QueueQuery, reference: str) -> FilterCondition:
    named = find_articles(session, query.site_ids, reference)
    here = unindexed(Comment.site_id.in_(query.site_ids))  # the index is the article's
    ids = sa.select(Comment.id).where(PENDING, here, Comment.article_id.in_(named))
    return FilterCondition(
        condition=unindexed_column(Comment.article_id).in_(named), ids=ids
    )


def _by_author_of(
    session: Session, query: QueueQuery, comment_id: int
) -> FilterCondition:
    """Return the condition for the comments of another comment's author.

    By the author's record, or by nothing else than name.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    """
    comment = find(session, query.site_ids, comment_id)
    here = Comment.site_id == comment.site_id
    if comment.author_record_id is not None:
        same = Comment.author_record_id == comment.author_record_id
        pending = Comment.status == "pending"  # the index's second column
        ids = select_pending_ids(query, sa.and_(here, same, pending))
    else:
        same = Comment.author_name == comment.author_name
        ids = select_pending_ids(query, sa.and_(here, same))
    return FilterCondition(condition=unindexed(sa.and_(here, same)), ids=ids)


def _by_rule(rule_id: int) -> FilterCondition:
    held = sa.exists().where(
        RuleHit.comment_id == Comment.id,
        RuleHit.revision == Comment.revision,
        RuleHit.rule_id == rule_id,
    )
    # Of any status and revision: checking them would cost as much as a walk.
    ids = sa.select(RuleHit.comment_id).where(RuleHit.rule_id == rule_id)
    return FilterCondition(condition=held, ids=ids, is_superset=True, due_at=None)


def _by_key(
    query: QueueQuery, column: InstrumentedAttribute[int | None], key: int
) -> FilterCondition:
    """Return the condition for a campaign or an author, with an index of its own."""
    here = unindexed(Comment.site_id.in_(query.site_ids))
    ids = sa.select(Comment.id).where(PENDING, here, column == key)
    return FilterCondition(condition=unindexed(column == key), ids=ids)


def _by_score(query: QueueQuery) -> list[FilterCondition]:
    filters = query.filters
    if filters.label is None or filters.min_score is filters.max_score is None:
        return []
    score = score_column(filters.label)
    # Without a lower bound, what has no score must not slip in.
    least = 0.0 if filters.min_score is None else filters.min_score
    most = 1.0 if filters.max_score is None else filters.max_score
    if query.order is QueueOrder.SCORE:  # a stretch of the order itself
        return [FilterCondition(condition=score.between(least, most))]
    plain = score.between(least, most)
    led = plain if query.order is QueueOrder.DUE else None
    return [
        FilterCondition(
            condition=unindexed(plain), ids=select_pending_ids(query, plain), led=led
        )
    ]


def _by_tab(query: QueueQuery, tab: CommentTab) -> list[FilterCondition]:
    """Return what the pending comments of a tab meet."""
    if tab in (CommentTab.ALL, CommentTab.PENDING):
        return []
    if tab is CommentTab.REPORTED:
        ids = select_pending_ids(query, _REPORTED)
        return [FilterCondition(condition=unindexed_column(_WEIGHT) > 0, ids=ids)]
    if tab is CommentTab.ESCALATED:
        ids = select_pending_ids(query, _ESCALATED)
        return [FilterCondition(condition=unindexed(_ESCALATED), ids=ids)]
    if tab is CommentTab.APPEALED:
        ids = sa.select(Appeal.comment_id).where(
            Appeal.site_id.in_(query.site_ids), Appeal.heard_at.is_(None)
        )
        waits = sa.exists().where(
            Appeal.comment_id == Comment.id, Appeal.heard_at.is_(None)
        )
        return [FilterCondition(condition=waits, ids=ids, due_at=None)]
    nothing = sa.false()  # decided ones don't wait
    return [FilterCondition(condition=nothing, ids=select_pending_ids(query, nothing))]


def _by_date(filters: Filters) -> list[FilterCondition]:
    """Return the conditions on when comments came: their ids are in order of time."""
    number = unindexed_column(Comment.id)
    parts = []
    if filters.since is not None:
        parts.append(number >= first_id(filters.since))
    if filters.until is not None:
        parts.append(number < first_id(filters.until))
    return [FilterCondition(condition=condition) for condition in parts]


def _is_decided_by(username: str) -> sa.ColumnElement[bool]:
    """Return the condition that the effective decision is someone's."""
    decided = sa.exists().where(
        Decision.comment_id == Comment.id,
        Decision.verdict != Verdict.REVIEW.value,
        is_effective(),
    )
    if username == AUTOMATICALLY:
        return decided.where(Decision.source.in_(sorted(UNATTENDED)))
    logins = sa.select(Staff.id).where(Staff.login == username)
    return decided.where(Decision.staff_id.in_(logins))


def _by_section(session: Session, query: QueueQuery, section: str) -> FilterCondition:
    named = (
        sa.select(Article.section)
        .where(Article.id == Comment.article_id)
        .scalar_subquery()
    )
    here = Article.site_id.in_(query.site_ids)
    of_section = sa.select(Article.id).where(here, Article.section == section)
    article = of_section.subquery()
    if session.get_bind().dialect.name == "sqlite":
        ids = sa.select(Comment.id).where(PENDING)
        ids = ids.join(article, article.c.id == Comment.article_id)
        return FilterCondition(condition=named == section, ids=ids)
    # Article by article, or PostgreSQL reads all that waits to find the first few.
    waiting = (
        sa.select(Comment.id, Comment.due_at)
        .where(PENDING, Comment.article_id == article.c.id)
        .offset(0)
        .lateral()
    )
    ids = sa.select(waiting.c.id).select_from(article).join(waiting, sa.true())
    return FilterCondition(condition=named == section, ids=ids, due_at=waiting.c.due_at)


def _is_first() -> sa.ColumnElement[int]:
    """Return 1 for an author's first comment at a site, 0 for later ones.

    Unknown where the author has no record: that is neither. The LIMIT keeps PostgreSQL
    from joining all that was ever sent.
    """
    earlier = aliased(Comment)
    further = (
        sa.select(sa.literal_column("0"))
        .where(
            earlier.author_record_id == Comment.author_record_id,
            earlier.id < Comment.id,
        )
        .limit(1)
        .scalar_subquery()
    )
    return sa.case(
        (Comment.author_record_id.is_not(None), sa.func.coalesce(further, 1)),
        else_=None,
    )
