"""Articles, comments, their earlier texts, and scores."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from classifiers.text.labels import LABELS
from moderation.database import Table

# Bytewise order on every database: the thread is sorted by this text.
THREAD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# Literal, as in the partial indexes: a parameter would hide them.
PENDING = sa.text("comments.status = 'pending' AND comments.deleted_at IS NULL")

PUBLISHED = sa.text("comments.status = 'approved' AND comments.deleted_at IS NULL")

REPORTED = sa.text("comments.report_weight > 0")

KEPT = sa.text("comments.deleted_at IS NULL")

CALLS_FOR_CARE = sa.text("comments.calls_for_care")

ESCALATED = sa.text("comments.escalated_at IS NOT NULL")

#: Comments from before authors had records, which can be distinguished from others'.
UNRECORDED = sa.text(
    "author_record_id IS NULL AND deleted_at IS NULL AND (author_id IS NOT NULL "
    "OR email_index IS NOT NULL OR ip_pseudonym IS NOT NULL)"
)

_PENDING = "status = 'pending' AND deleted_at IS NULL"


def _queue(name: str, *columns: str, only: str = "") -> sa.Index:
    """Return an index over what is pending: an order of the queue, or a filter.

    What is decided costs nothing here, so that the queue is as fast in an archive of
    millions as on the first day.
    """
    where = sa.text(f"{_PENDING} AND {only}" if only else _PENDING)
    name = f"ix_comments_queue_{name}" if name else "ix_comments_queue"
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


def _list(name: str, *columns: str, only: str = "deleted_at IS NULL") -> sa.Index:
    """Return an index over all that isn't deleted: a list of comments, or a filter."""
    where = sa.text(only)
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


#: With any status, scores from here on are listed by score.
MIN_LISTED_SCORE = 0.5


class Article(Table):
    """The subject of comments; created by its first one."""

    __tablename__ = "articles"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "reference_hash"),
        sa.Index("ix_articles_section", "site_id", "section"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: the site's own name for it: an URL or an id
    reference: Mapped[str] = mapped_column(sa.String(2048))
    #: SHA-256 of its folded spelling: PostgreSQL's index rows are too short for a long
    #: address
    reference_hash: Mapped[str] = mapped_column(sa.String(64))
    title: Mapped[str | None] = mapped_column(sa.String(500))
    section: Mapped[str | None] = mapped_column(sa.String(100))
    #: as the site sent it; None: it did not
    published_at: Mapped[datetime | None]
    #: takes comments, as staff or the site set it; None: as the policy says
    is_open: Mapped[bool | None]
    created_at: Mapped[datetime]


class ArticleAlias(Table):
    """Another spelling of an article's name, as it was stored before a merge."""

    __tablename__ = "article_aliases"

    site_id: Mapped[int] = mapped_column(
        sa.ForeignKey("sites.id", name="fk_article_aliases_site_id"), primary_key=True
    )
    #: as of `Article.reference_hash`
    reference_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    article_id: Mapped[int] = mapped_column(
        sa.ForeignKey("articles.id", name="fk_article_aliases_article_id"), index=True
    )


class Comment(Table):
    """A comment as its author last wrote it.

    `status` is a cache: the newest decision is the truth.
    """

    __tablename__ = "comments"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "external_id"),
        sa.UniqueConstraint("site_id", "idempotency_key"),
        # Behind the id stands what filters ask, which is then read from the index.
        _queue("", "site_id", "due_at", "id", "article_id"),
        _queue("newest", "site_id", "id", "article_id"),
        _queue("margin", "site_id", "margin", "id"),
        _queue("reports", "site_id", "report_weight", "id", only="report_weight > 0"),
        _queue("care", "site_id", "due_at", "id", only="calls_for_care"),
        *(
            _queue(label, "site_id", f"score_{label}", "id", "due_at", "article_id")
            for label in LABELS
        ),
        _queue("article", "article_id", "due_at", "id"),
        _queue("author", "site_id", "author_name", "due_at", "id"),
        _queue("language", "site_id", "language", "due_at", "id"),
        _queue("reason", "site_id", "held_reason", "due_at", "id"),
        # Lists of every status, in order of time; see `moderation.queue.streams`.
        _list("ix_comments_list", "site_id", "status", "id"),
        _list("ix_comments_list_article", "article_id", "id"),
        _list(
            "ix_comments_list_language",
            *("site_id", "language", "id"),
            only="deleted_at IS NULL AND language IS NOT NULL",
        ),
        _list(
            "ix_comments_list_reason",
            *("site_id", "held_reason", "id"),
            only="deleted_at IS NULL AND held_reason IS NOT NULL",
        ),
        _list(
            "ix_comments_list_reported",
            *("site_id", "id"),
            only="deleted_at IS NULL AND report_weight > 0",
        ),
        _list(
            "ix_comments_list_reports",
            *("site_id", "status", "report_weight", "id"),
            only="deleted_at IS NULL AND report_weight > 0",
        ),
        _list(
            "ix_comments_list_escalated",
            *("site_id", "id"),
            only="escalated_at IS NOT NULL",
        ),
        *(
            _list(
                f"ix_comments_list_{label}",
                *("site_id", f"score_{label}", "id"),
                only=f"deleted_at IS NULL AND score_{label} >= {MIN_LISTED_SCORE}",
            )
            for label in LABELS
        ),
        sa.Index(
            "ix_comments_claimed",
            "claimed_by",
            sqlite_where=sa.text("claimed_by IS NOT NULL"),
            postgresql_where=sa.text("claimed_by IS NOT NULL"),
        ),
        sa.Index(
            "ix_comments_campaign",
            "campaign_id",
            "status",
            "id",
            sqlite_where=sa.text("campaign_id IS NOT NULL"),
            postgresql_where=sa.text("campaign_id IS NOT NULL"),
        ),
        sa.Index("ix_comments_author", "site_id", "email_index", "status"),
        sa.Index(
            "ix_comments_author_record",
            "author_record_id",
            "status",
            "id",
            sqlite_where=sa.text("author_record_id IS NOT NULL"),
            postgresql_where=sa.text("author_record_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_comments_network",
            "site_id",
            "ip_pseudonym",
            "author_record_id",
            sqlite_where=sa.text("ip_pseudonym IS NOT NULL"),
            postgresql_where=sa.text("ip_pseudonym IS NOT NULL"),
        ),
        sa.Index(
            "ix_comments_unrecorded",
            "id",
            sqlite_where=UNRECORDED,
            postgresql_where=UNRECORDED,
        ),
        sa.Index(
            "ix_comments_published",
            "article_id",
            "thread",
            sqlite_where=sa.text("status = 'approved' AND deleted_at IS NULL"),
            postgresql_where=sa.text("status = 'approved' AND deleted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
    )
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles.id"))
    parent_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("comments.id"), index=True
    )
    #: `identifiers.thread_part` from the root down to this one: sorts into reading
    #: order
    thread: Mapped[str] = mapped_column(THREAD)
    external_id: Mapped[str | None] = mapped_column(sa.String(255))
    idempotency_key: Mapped[str | None] = mapped_column(sa.String(255))
    #: keyed hash of the body as sent, to tell a repetition from another comment
    fingerprint: Mapped[str] = mapped_column(sa.String(64))

    author_name: Mapped[str] = mapped_column(sa.String(255))
    author_url: Mapped[str | None] = mapped_column(sa.String(2048))
    author_id: Mapped[str | None] = mapped_column(sa.String(255))
    email_encrypted: Mapped[str | None] = mapped_column(sa.Text())
    email_index: Mapped[str | None] = mapped_column(sa.String(64))
    #: who wrote it, as far as that is known; None: it can't, or not looked up yet
    author_record_id: Mapped[int | None] = mapped_column(sa.ForeignKey("authors.id"))
    ip_pseudonym: Mapped[str | None] = mapped_column(sa.String(64))
    user_agent: Mapped[str | None] = mapped_column(sa.String(512))

    body: Mapped[str] = mapped_column(sa.Text())
    language: Mapped[str | None] = mapped_column(sa.String(35))
    status: Mapped[str] = mapped_column(sa.String(15))
    #: counts every change of text or status; a decision names the one it saw
    version: Mapped[int] = mapped_column(default=1)
    #: counts the texts: 1 as sent, one more at each edit
    revision: Mapped[int] = mapped_column(default=1)
    received_at: Mapped[datetime]
    written_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    claimed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    claimed_until: Mapped[datetime | None]
    #: the near-duplicates that it is one of
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaigns.id"))
    #: when the one who holds it took it
    claimed_at: Mapped[datetime | None]
    #: the order of the queue in which it was claimed; None: by itself
    served_in: Mapped[str | None] = mapped_column(sa.String(15))
    #: it waits for a lead since then; a cache of `escalations`
    escalated_at: Mapped[datetime | None]

    # What the queue is sorted and filtered by, kept here so that an index over the
    # pending rows serves it. Code that rescores a text also writes these: see
    # `comments.automatic.score_columns`.
    #: code of the first reason for which it last came into the queue
    held_reason: Mapped[str | None] = mapped_column(sa.String(30))
    #: how far the score nearest to a cut point is from it; None: unscored
    margin: Mapped[float | None]
    #: what readers' reports about this text weigh that no one has decided on since
    report_weight: Mapped[float] = mapped_column(
        default=0.0, server_default=sa.text("0")
    )
    score_spam: Mapped[float | None]
    score_toxicity: Mapped[float | None]
    score_severe_toxicity: Mapped[float | None]
    score_insult: Mapped[float | None]
    score_profanity: Mapped[float | None]
    score_identity_attack: Mapped[float | None]
    score_threat: Mapped[float | None]
    score_sexually_explicit: Mapped[float | None]
    score_self_harm: Mapped[float | None]
    #: the author may harm themself, or threatens a life: it comes before all others
    calls_for_care: Mapped[bool] = mapped_column(
        default=False, server_default=sa.false()
    )

    def is_held(self, now: datetime) -> bool:
        """Tell whether a moderator has claimed it, or handed it to a lead.

        Nothing automatic may touch it then.
        """
        if self.escalated_at is not None:
            return True
        return self.claimed_until is not None and self.claimed_until > now


def shown_status(as_pending: Collection[int] = ()) -> sa.ColumnElement[str]:
    """Return the status to count comments by, some of them as if they were pending.

    Parameters
    ----------
    as_pending
        Ids of comments whose real status must not show, even in a sum.
    """
    if not as_pending:
        return sa.type_coerce(Comment.status, sa.String())
    return sa.case((Comment.id.in_(as_pending), "pending"), else_=Comment.status)


class Revision(Table):
    """A text that its author has since replaced."""

    __tablename__ = "revisions"

    comment_id: Mapped[int] = mapped_column(
        sa.ForeignKey("comments.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(sa.Text())
    replaced_at: Mapped[datetime]


class Score(Table):
    """The scores of one text by one model version; a label it doesn't know is NULL."""

    __tablename__ = "scores"
    __table_args__ = (sa.UniqueConstraint("comment_id", "revision", "model_version"),)

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"))
    revision: Mapped[int]
    model_version: Mapped[str] = mapped_column(sa.String(100))
    created_at: Mapped[datetime]
    spam: Mapped[float | None]
    toxicity: Mapped[float | None]
    severe_toxicity: Mapped[float | None]
    insult: Mapped[float | None]
    profanity: Mapped[float | None]
    identity_attack: Mapped[float | None]
    threat: Mapped[float | None]
    sexually_explicit: Mapped[float | None]
    self_harm: Mapped[float | None]
