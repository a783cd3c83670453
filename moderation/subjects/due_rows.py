"""Rows past their retention period and not under a legal hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from moderation.comments import erasure, holds
from moderation.comments.erasure import ErasureMode
from moderation.policy.verdicts import Status
from moderation.tables.authors import Author
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.legal import Notice, NoticeItem
from moderation.tables.models import Model
from moderation.tables.sites import Site
from moderation.tables.webhooks import Delivery, Webhook

#: Selects the keys of rows that are due.
DueRows = Callable[["ClockMoment"], sa.Select[Any]]


@dataclass(frozen=True, kw_only=True)
class ClockMoment:
    """The site and the time for which a clock is applied."""

    site_id: int
    before: datetime  #: what is older is deleted
    now: datetime
    mode: ErasureMode


def is_free(at: ClockMoment) -> sa.ColumnElement[bool]:
    """Return the condition on a comment of the site that no hold keeps."""
    return sa.and_(Comment.site_id == at.site_id, ~holds.is_under_hold(at.now))


def old_addresses(at: ClockMoment) -> sa.Select[Any]:
    """Select comments with an address whose author has written nothing since."""
    is_back = sa.exists().where(
        Author.id == Comment.author_record_id, Author.last_seen_at >= at.before
    )
    return sa.select(Comment.id).where(
        Comment.received_at < at.before,
        Comment.email_index.is_not(None),
        ~is_back,
        is_free(at),
    )


def old_comments(status: Status) -> Callable[[ClockMoment], sa.Select[Any]]:
    """Return what selects old comments of a status, by their newest decision."""

    def due(at: ClockMoment) -> sa.Select[Any]:
        is_fresh = sa.exists().where(
            Decision.comment_id == Comment.id, Decision.created_at >= at.before
        )
        is_anonymous = sa.and_(
            Comment.author_name == erasure.ANONYMOUS, Comment.fingerprint == ""
        )
        stays = is_anonymous if at.mode is ErasureMode.ANONYMIZE else sa.false()
        return sa.select(Comment.id).where(
            Comment.status == status.value,
            Comment.deleted_at.is_(None),
            Comment.received_at < at.before,
            is_free(at),
            ~is_fresh,
            ~stays,
        )

    return due


def about_comments(
    table: Any, time: Any, is_full: sa.ColumnElement[bool]
) -> Callable[[ClockMoment], sa.Select[Any]]:
    """Return what selects old rows about comments that no hold keeps."""

    def due(at: ClockMoment) -> sa.Select[Any]:
        return (
            sa.select(table.id)
            .join(Comment, Comment.id == table.comment_id)
            .where(table.site_id == at.site_id, time < at.before, is_full)
            .where(is_free(at))
        )

    return due


def about_authors(
    table: Any, is_full: sa.ColumnElement[bool]
) -> Callable[[ClockMoment], sa.Select[Any]]:
    """Return what selects old rows about authors."""

    def due(at: ClockMoment) -> sa.Select[Any]:
        is_old = sa.and_(table.site_id == at.site_id, table.created_at < at.before)
        return sa.select(table.id).where(is_old, is_full)

    return due


def old_deliveries(at: ClockMoment) -> sa.Select[Any]:
    """Select events that were settled long ago."""
    kept = sa.select(Comment.id).where(
        Comment.id == Delivery.comment_id, holds.is_under_hold(at.now)
    )
    return (
        sa.select(Delivery.id)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(
            Webhook.site_id == at.site_id,
            Delivery.settled_at < at.before,
            ~kept.exists(),
        )
    )


def old_notices(at: ClockMoment) -> sa.Select[Any]:
    """Select notices that were decided long ago and name their sender."""
    kept = sa.exists().where(
        NoticeItem.notice_id == Notice.id,
        Comment.id == NoticeItem.comment_id,
        holds.is_under_hold(at.now),
    )
    is_full = sa.or_(
        Notice.sealed_name.is_not(None),
        Notice.sealed_email.is_not(None),
        Notice.notifier.is_not(None),
    )
    return sa.select(Notice.id).where(
        Notice.site_id == at.site_id, Notice.decided_at < at.before, is_full, ~kept
    )


def old_lineage(at: ClockMoment) -> sa.Select[Any]:
    """Select old models that aren't active and say what they were trained on."""
    active = sa.select(Site.model_id).where(
        Site.id == at.site_id, Site.model_id.is_not(None)
    )
    return sa.select(Model.id).where(
        Model.site_id == at.site_id,
        Model.created_at < at.before,
        Model.learnt_from.is_not(None),
        Model.id.not_in(active),
    )
