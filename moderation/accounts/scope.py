"""The scope of a person: whole sites, or some of their sections.

The limit to sections hangs on the person's database session. Every statement of that
session about a comment, or about anything that belongs to one, gets it as a further
condition, so that no route and no use case can forget it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    ORMExecuteState,
    Session,
    with_loader_criteria,
)

from moderation.database import Table
from moderation.tables.authors import Author
from moderation.tables.campaigns import Campaign
from moderation.tables.comments import Article, Comment
from moderation.tables.review import DecisionBatch

_KEY = "scope"  # in `Session.info`


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Sites, some of them limited to sections."""

    #: site ID to the names of sections; None: the whole site
    sections: Mapping[int, frozenset[str] | None]

    @property
    def site_ids(self) -> list[int]:
        """The sites, limited ones among them."""
        return list(self.sections)

    @property
    def whole_site_ids(self) -> list[int]:
        """The sites without a limit."""
        return [site for site, names in self.sections.items() if names is None]

    @property
    def is_limited(self) -> bool:
        """Whether a site is limited to sections."""
        return any(names is not None for names in self.sections.values())

    def covers(self, site_id: int, section: str | None) -> bool:
        """Return whether a section of a site is in the scope.

        An article without a section belongs to the whole site alone.
        """
        if site_id not in self.sections:
            return False
        names = self.sections[site_id]
        return names is None or section in names

    def condition(self) -> sa.ColumnElement[bool]:
        """Return the condition that a comment is in the scope."""
        return self.condition_on(Comment.site_id, Comment.article_id)

    def condition_on(self, site_id: Any, article_id: Any) -> sa.ColumnElement[bool]:
        """Return the condition of `condition`, on other columns."""
        if not self.is_limited:
            whole: sa.ColumnElement[bool] = site_id.in_(self.site_ids)
            return whole
        limits = [
            article_id.in_(_articles(site, names))
            for site, names in self.sections.items()
            if names is not None
        ]
        return sa.or_(site_id.in_(self.whole_site_ids), *limits)


@dataclass(frozen=True)
class _Limited:
    """The limits of a session, with the criteria that every statement gets."""

    scope: Scope
    criteria: list[LoaderCriteriaOption]


def limit(session: Session, scope: Scope, staff_id: int) -> None:
    """Let a session see no more than a person's scope; whole sites limit nothing."""
    limited = _Limited(scope, _criteria(scope, staff_id)) if scope.is_limited else None
    session.info[_KEY] = limited


def is_limited(session: Session) -> bool:
    """Return whether a session sees some sections of a site alone."""
    return session.info.get(_KEY) is not None


def sections_at(session: Session, site_id: int) -> list[str] | None:
    """Return the sections that a session is limited to at a site; None: it is not."""
    limited: _Limited | None = session.info.get(_KEY)
    names = limited.scope.sections.get(site_id) if limited else None
    return None if names is None else sorted(names)


def in_sections(site_id: int, names: Collection[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a comment is in some sections of a site."""
    return Comment.article_id.in_(_articles(site_id, names))


def _articles(site_id: int, names: Collection[str]) -> sa.Select[Any]:
    articles = Article.__table__.alias()  # else a join with the same table correlates
    return sa.select(articles.c.id).where(
        articles.c.site_id == site_id, articles.c.section.in_(sorted(names))
    )


@event.listens_for(Session, "do_orm_execute")
def _add_criteria(state: ORMExecuteState) -> None:
    limited: _Limited | None = state.session.info.get(_KEY)
    if limited is None or not (state.is_select or state.is_update or state.is_delete):
        return
    if not (state.is_column_load or state.is_relationship_load):
        state.statement = state.statement.options(*limited.criteria)


def _criteria(scope: Scope, staff_id: int) -> list[LoaderCriteriaOption]:
    """Return the limits of comments, and of every table that refers to one."""
    comments = Comment.__table__.alias()
    in_scope = sa.select(comments.c.id).where(
        scope.condition_on(comments.c.site_id, comments.c.article_id)
    )
    limits: list[tuple[Any, sa.ColumnElement[bool]]] = [
        (Comment, scope.condition()),
        (Article, scope.condition_on(Article.site_id, Article.id)),
        (Author, in_scope.where(comments.c.author_record_id == Author.id).exists()),
        (Campaign, in_scope.where(comments.c.campaign_id == Campaign.id).exists()),
        (
            DecisionBatch,
            sa.or_(
                DecisionBatch.site_id.in_(scope.whole_site_ids),
                DecisionBatch.staff_id == staff_id,
            ),
        ),
    ]
    for mapper in Table.registry.mappers:
        column = getattr(mapper.class_, "comment_id", None)
        if column is not None:
            is_visible = in_scope.where(comments.c.id == column).exists()
            limits.append((mapper.class_, is_visible))
    return [
        with_loader_criteria(entity, condition, include_aliases=True)
        for entity, condition in limits
    ]
