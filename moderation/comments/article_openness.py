"""Openness of an article for comments: the current state, and changes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments.articles import (
    facts_of,
    find_article,
    update_or_add,
)
from moderation.errors import NotFound
from moderation.policy.openness import (
    ArticleFacts,
    Openness,
    get_closing,
    get_openness,
)
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Article


class OpennessSetting(StrEnum):
    """An article's own setting for comments."""

    POLICY = "policy"  #: as the site's policy says
    OPEN = "open"  #: open, regardless of section and age
    CLOSED = "closed"


_IS_OPEN = {
    OpennessSetting.POLICY: None,
    OpennessSetting.OPEN: True,
    OpennessSetting.CLOSED: False,
}
_SETTING_OF = {value: setting for setting, value in _IS_OPEN.items()}


@dataclass(frozen=True, kw_only=True)
class ArticleOpenness:
    """An article, how it is set, and whether it takes comments."""

    section: str | None
    setting: OpennessSetting
    openness: Openness
    closes_at: datetime | None  #: of an open one, where that is known


def read_openness(
    session: Session,
    site: SiteContext,
    reference: str,
    now: datetime,
    *,
    section: str | None = None,
) -> ArticleOpenness:
    """Return whether an article takes comments.

    Parameters
    ----------
    section
        Of an article that has no comments yet, and is unknown.
    """
    article_id = find_article(session, site, reference)
    if article_id is not None:
        return _shown(site, session.get_one(Article, article_id), now)
    unknown = ArticleFacts(section=section)
    return _judge(site, unknown, now)


def set_openness(
    session: Session,
    site: SiteContext,
    reference: str,
    setting: OpennessSetting,
    *,
    now: datetime,
    is_adding: bool = False,
) -> ArticleOpenness:
    """Set whether an article takes comments.

    Parameters
    ----------
    is_adding
        Also an article that has no comments yet.

    Raises
    ------
    NotFound
        If there is no such article, or the person may not see its section.
    """
    article_id = find_article(session, site, reference)
    if article_id is None and not is_adding:
        raise NotFound("There is no such article with comments.")
    if article_id is None:
        added = update_or_add(session, site, None, {"article": reference}, now)
        article_id = added.id
    query = sa.select(Article).where(Article.id == article_id).with_for_update()
    article = session.scalars(query).one()
    if article.is_open is not _IS_OPEN[setting]:
        article.is_open = _IS_OPEN[setting]
        record(
            session,
            AuditAction.ARTICLE_OPENNESS_SET,
            target=(TargetKind.ARTICLE, article.id),
            site_id=site.id,
            setting=setting.value,
        )
    return _shown(site, article, now)


def _shown(site: SiteContext, article: Article, now: datetime) -> ArticleOpenness:
    return _judge(site, facts_of(article), now)


def _judge(site: SiteContext, facts: ArticleFacts, now: datetime) -> ArticleOpenness:
    openness = get_openness(site.policy, facts, now)
    return ArticleOpenness(
        section=facts.section,
        setting=_SETTING_OF[facts.is_open],
        openness=openness,
        closes_at=get_closing(site.policy, facts, now) if openness.is_open else None,
    )
