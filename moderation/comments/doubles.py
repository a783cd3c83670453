"""Comments that were sent twice: the same author, place, and text within a minute."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.comments import submission
from moderation.comments.articles import find_article
from moderation.comments.lookup import StoredComment, find_by_idempotency_key
from moderation.privacy import Privacy
from moderation.sites.sites import SiteContext
from moderation.tables.comments import KEPT, Comment


def find_double(
    session: Session,
    site: SiteContext,
    fields: Mapping[str, Any],
    *,
    privacy: Privacy,
    idempotency_key: str | None,
    now: datetime,
    window: timedelta,
) -> StoredComment | None:
    """Return the comment that a new one repeats, as it was answered; None: none.

    The author is told by the site's verified id, else by address, else by name and
    network together. A comment with an `external_id` is told apart by that, a reply by
    what it replies to, and an old comment that is sent now by when it was written.

    Parameters
    ----------
    fields
        As for `submission.submit`.
    window
        How long after the first one; 0: nothing is a repetition.
    """
    author = _author(site, fields, privacy)
    if not window or author is None or "external_id" in fields:
        return None
    if idempotency_key is not None and find_by_idempotency_key(
        session, site.id, idempotency_key
    ):
        return None  # `submit` compares the bodies
    article_id = find_article(session, site, fields["article"])
    if article_id is None:
        return None
    _take_turn(session, site.id, article_id, fields)
    written_at = fields.get("written_at")
    rows = session.scalars(
        sa.select(Comment)
        .where(
            Comment.article_id == article_id,
            Comment.id >= identifiers.first_id(now - window),
            KEPT,
            Comment.body == fields["body"],
            Comment.parent_id.is_not_distinct_from(fields.get("parent")),
            author,
        )
        .order_by(Comment.id)
    )
    for row in rows:
        first = row.written_at or row.received_at
        if abs((written_at or now) - first) <= window:
            return submission.replay(session, row)
    return None


def _author(
    site: SiteContext, fields: Mapping[str, Any], privacy: Privacy
) -> sa.ColumnElement[bool] | None:
    """Return the condition that a comment is of the same author; None: unknown."""
    is_same: sa.ColumnElement[bool]
    if "author_id" in fields:
        is_same = Comment.author_id == fields["author_id"]
        return is_same
    if "author_email" in fields:
        indexes = privacy.list_email_indexes(fields["author_email"], site.id)
        return Comment.email_index.in_(indexes)
    if "ip" in fields:
        pseudonyms = privacy.list_pseudonyms(fields["ip"], site.id)
        return sa.and_(
            Comment.author_name == fields["author_name"],
            Comment.ip_pseudonym.in_(pseudonyms),
        )
    return None


def _take_turn(
    session: Session, site_id: int, article_id: int, fields: Mapping[str, Any]
) -> None:
    """Let two requests that store the same text wait for each other.

    SQLite has one writer anyway. On PostgreSQL the second one would not see the first.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    text = f"{site_id} {article_id} {fields['body']}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "big", signed=True)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
