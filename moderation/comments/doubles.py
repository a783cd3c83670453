"""Comments that were sent twice: the same author, place, and text within a minute."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.comments import submission
from moderation.comments.lookup import StoredComment, find_by_idempotency_key
from moderation.comments.submission import Submission
from moderation.privacy import Privacy
from moderation.sites.sites import SiteContext
from moderation.sql.prepared import Prepared
from moderation.tables.comments import KEPT, Comment


def find_double(
    session: Session,
    site: SiteContext,
    fields: Mapping[str, Any],
    sent: Submission,
    *,
    privacy: Privacy,
    window: timedelta,
) -> StoredComment | None:
    """Return the comment that a new one repeats, as it was answered; None: none.

    The author is recognized by the site's verified id, else by address, else by name
    and network together. A comment with an `external_id` is distinguished by that, a
    reply by its parent, and an old comment that is sent now by when it was written.

    Parameters
    ----------
    fields
        As for `submission.submit`.
    window
        How long after the first one; 0: nothing is a repetition.
    """
    author = _author_values(site, fields, privacy)
    if not window or sent.article is None or not author or "external_id" in fields:
        return None
    now, key, article_id = sent.at, sent.idempotency_key, sent.article.id
    if key is not None and find_by_idempotency_key(session, site.id, key):
        return None  # `submit` compares the bodies
    _take_turn(session, site.id, article_id, fields)
    written_at = fields.get("written_at")
    rows = _DOUBLES[tuple(author)].all(
        session,
        {
            "article": article_id,
            "first": identifiers.first_id(now - window),
            "text": fields["body"],
            "parent": fields.get("parent"),
            **author,
        },
    )
    for row in rows:
        first = row.written_at or row.received_at
        if abs((written_at or now) - first) <= window:
            return submission.replay(session, session.get_one(Comment, row.id))
    return None


def _author_values(
    site: SiteContext, fields: Mapping[str, Any], privacy: Privacy
) -> dict[str, Any]:
    """Return by what comments of the same author are found; nothing: unknown."""
    if "author_id" in fields:
        return {"author_id": fields["author_id"]}
    if "author_email" in fields:
        email = fields["author_email"]
        return {"indexes": list(privacy.list_email_indexes(email, site.id))}
    if "ip" in fields:
        pseudonyms = list(privacy.list_pseudonyms(fields["ip"], site.id))
        return {"author_name": fields["author_name"], "pseudonyms": pseudonyms}
    return {}


def _doubles_of(*author: sa.ColumnElement[bool]) -> Prepared:
    return Prepared(
        sa.select(Comment.id, Comment.written_at, Comment.received_at)
        .where(
            Comment.article_id == sa.bindparam("article"),
            Comment.id >= sa.bindparam("first"),
            KEPT,
            Comment.body == sa.bindparam("text"),
            Comment.parent_id.is_not_distinct_from(
                sa.bindparam("parent", type_=Comment.parent_id.type)
            ),
            *author,
        )
        .order_by(Comment.id)
    )


_DOUBLES = {
    ("author_id",): _doubles_of(Comment.author_id == sa.bindparam("author_id")),
    ("indexes",): _doubles_of(
        Comment.email_index.in_(sa.bindparam("indexes", expanding=True))
    ),
    ("author_name", "pseudonyms"): _doubles_of(
        Comment.author_name == sa.bindparam("author_name"),
        Comment.ip_pseudonym.in_(sa.bindparam("pseudonyms", expanding=True)),
    ),
}


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
