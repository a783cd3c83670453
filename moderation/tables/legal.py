"""House rules as they were, statements of reasons, notices of illegal content."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import BIG_ID, Table


class SiteTerms(Table):
    """One version of a site's clauses; never changed, the database refuses it.

    The newest version of a site applies.
    """

    __tablename__ = "site_terms"
    __table_args__ = (sa.UniqueConstraint("site_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: counts from 1
    version: Mapped[int]
    #: see `moderation.sites.terms.read_terms`
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    #: who wrote it; None: the command line, or the default at the first restriction
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class Statement(Table):
    """A statement of reasons; never changed, the database refuses it.

    Whether it still applies follows from the decision log.
    """

    __tablename__ = "statements"
    __table_args__ = (
        sa.UniqueConstraint("decision_id"),
        sa.UniqueConstraint("standing_id"),
        sa.Index("ix_statements_comment", "comment_id", "id"),
        sa.Index("ix_statements_author", "author_id", "id"),
        sa.Index("ix_statements_site", "site_id", "created_at", "id"),
        sa.Index(
            "ix_statements_notice",
            "notice_id",
            sqlite_where=sa.text("notice_id IS NOT NULL"),
            postgresql_where=sa.text("notice_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: None: about an author
    comment_id: Mapped[int | None] = mapped_column(BIG_ID, sa.ForeignKey("comments.id"))
    revision: Mapped[int | None]
    decision_id: Mapped[int | None] = mapped_column(
        BIG_ID, sa.ForeignKey("decisions.id")
    )
    #: the change of an author's standing that it is about
    standing_id: Mapped[int | None] = mapped_column(
        BIG_ID, sa.ForeignKey("author_standings.id")
    )
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("authors.id"))
    #: from when the restriction applies
    created_at: Mapped[datetime]
    #: `moderation.policy.provenance.Restriction`
    restriction: Mapped[str] = mapped_column(sa.String(31))
    #: when it ends by itself; None: it doesn't
    ends_at: Mapped[datetime | None]

    #: `moderation.policy.provenance.Ground`
    ground: Mapped[str] = mapped_column(sa.String(15))
    #: the main reason, by which `terms_id` has the clause
    code: Mapped[str] = mapped_column(sa.String(31))
    terms_id: Mapped[int] = mapped_column(sa.ForeignKey("site_terms.id"))
    #: `moderation.policy.categories`, by which version of the table
    category: Mapped[str] = mapped_column(sa.String(63))
    keyword: Mapped[str] = mapped_column(sa.String(63))
    mapping_version: Mapped[int]
    #: which law, where that is the ground
    legal_ground: Mapped[str | None] = mapped_column(sa.String(500))
    #: why, in a moderator's words, with email addresses masked
    explanation: Mapped[str | None] = mapped_column(sa.Text())
    #: the moderator says that the illegality is manifest (DSA Art. 23)
    is_manifest: Mapped[bool]

    #: `moderation.policy.provenance.Finder`
    finder: Mapped[str] = mapped_column(sa.String(31))
    #: None: unknown, as another product decided
    is_found_automatically: Mapped[bool | None]
    #: `moderation.policy.provenance.Automation`
    automation: Mapped[str] = mapped_column(sa.String(15))
    #: what the moderator was shown: reasons of the hold, scores; None: no moderator
    shown: Mapped[dict[str, Any] | None]
    #: the notice that it answers
    notice_id: Mapped[int | None] = mapped_column(BIG_ID, sa.ForeignKey("notices.id"))
    #: `moderation.policy.provenance.Exemption`: why its author isn't sent it
    exemption: Mapped[str | None] = mapped_column(sa.String(15))


class Notice(Table):
    """A notice that comments are illegal (DSA Art. 16)."""

    __tablename__ = "notices"
    __table_args__ = (
        sa.Index(
            "ix_notices_open",
            "site_id",
            "is_life",
            "due_at",
            "id",
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        ),
        sa.Index("ix_notices_site", "site_id", "created_at", "id"),
        sa.Index("ix_notices_notifier", "site_id", "notifier"),
    )

    #: made like those of comments
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=False)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    created_at: Mapped[datetime]
    #: `moderation.objections.notices.NoticeChannel`
    channel: Mapped[str] = mapped_column(sa.String(15))
    language: Mapped[str | None] = mapped_column(sa.String(35))
    #: `moderation.objections.notices.NotifierKind`
    kind: Mapped[str] = mapped_column(sa.String(15))
    flagger_id: Mapped[int | None] = mapped_column(sa.ForeignKey("trusted_flaggers.id"))
    #: one of `policy.categories.NOTICE_CATEGORIES`, or `NOT_SPECIFIED`
    category: Mapped[str] = mapped_column(sa.String(63))
    keyword: Mapped[str | None] = mapped_column(sa.String(63))
    #: which law, in the notifier's words, with email addresses masked
    law: Mapped[str | None] = mapped_column(sa.String(500))
    #: why it is illegal, with email addresses masked
    explanation: Mapped[str] = mapped_column(sa.Text())
    #: the wording of the good-faith box that was ticked
    good_faith: Mapped[str] = mapped_column(sa.Text())
    #: encrypted, bound to this row; None: not given
    sealed_name: Mapped[str | None] = mapped_column(sa.Text())
    sealed_email: Mapped[str | None] = mapped_column(sa.Text())
    #: keyed hash that finds notices of one sender, different at every site
    notifier: Mapped[str | None] = mapped_column(sa.String(64))
    #: it says that a person's life or safety is in danger (DSA Art. 18)
    is_life: Mapped[bool]
    due_at: Mapped[datetime]
    #: processing was suspended for its sender until then (DSA Art. 23(2))
    suspended_until: Mapped[datetime | None]

    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: reasons for the notifier
    answer: Mapped[str | None] = mapped_column(sa.Text())
    is_unfounded: Mapped[bool | None]  #: manifestly, as a moderator found
    #: to whom a threat to life was passed on, and when
    passed_on_to: Mapped[str | None] = mapped_column(sa.String(200))
    passed_on_at: Mapped[datetime | None]


class NoticeItem(Table):
    """One comment of a notice, and what was decided about it."""

    __tablename__ = "notice_items"
    __table_args__ = (sa.Index("ix_notice_items_comment", "comment_id"),)

    notice_id: Mapped[int] = mapped_column(
        BIG_ID, sa.ForeignKey("notices.id"), primary_key=True
    )
    comment_id: Mapped[int] = mapped_column(
        BIG_ID, sa.ForeignKey("comments.id"), primary_key=True
    )
    #: the text that the notice is about, and a SHA-256 of it
    revision: Mapped[int]
    body_hash: Mapped[str] = mapped_column(sa.String(64))
    #: `moderation.objections.notices.ItemOutcome`; None: open
    outcome: Mapped[str | None] = mapped_column(sa.String(15))
    #: the decision about the comment; None: nothing changed
    decision_id: Mapped[int | None] = mapped_column(
        BIG_ID, sa.ForeignKey("decisions.id")
    )


class NoticeComplaint(Table):
    """A notifier's complaint about how a notice was decided (DSA Art. 20)."""

    __tablename__ = "notice_complaints"
    __table_args__ = (
        sa.UniqueConstraint("notice_id"),
        sa.Index(
            "ix_notice_complaints_open",
            "site_id",
            "due_at",
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    notice_id: Mapped[int] = mapped_column(BIG_ID, sa.ForeignKey("notices.id"))
    #: in the notifier's words, with email addresses masked
    text: Mapped[str] = mapped_column(sa.Text())
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    #: who decided the notice, and must not decide again
    decided_before_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    #: processing was suspended for its sender until then
    suspended_until: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: `moderation.objections.complaints.ComplaintOutcome`
    outcome: Mapped[str | None] = mapped_column(sa.String(31))
    answer: Mapped[str | None] = mapped_column(sa.Text())
    is_unfounded: Mapped[bool | None]


class TrustedFlagger(Table):
    """A trusted flagger (DSA Art. 22), as an admin entered it."""

    __tablename__ = "trusted_flaggers"
    __table_args__ = (sa.UniqueConstraint("site_id", "token_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: of the organization, as the Commission's list has it
    name: Mapped[str] = mapped_column(sa.String(200))
    #: the award: who gave it, and its number or address
    reference: Mapped[str] = mapped_column(sa.String(500))
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    #: the token opens nothing while it is suspended
    suspended_at: Mapped[datetime | None]


class MisuseMeasure(Table):
    """A warning, or a suspension after one (DSA Art. 23); never changed but to end."""

    __tablename__ = "misuse_measures"
    __table_args__ = (
        sa.Index("ix_misuse_measures_author", "author_id", "id"),
        sa.Index("ix_misuse_measures_notifier", "site_id", "notifier", "id"),
        sa.Index("ix_misuse_measures_site", "site_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: `moderation.objections.misuse.MisuseKind`
    kind: Mapped[str] = mapped_column(sa.String(15))
    #: `moderation.objections.misuse.MisuseSubject`
    subject: Mapped[str] = mapped_column(sa.String(15))
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("authors.id"))
    #: as in `notices.notifier`
    notifier: Mapped[str | None] = mapped_column(sa.String(64))
    #: `moderation.objections.misuse.MisuseMatter`
    matter: Mapped[str] = mapped_column(sa.String(15), server_default="")
    created_at: Mapped[datetime]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    #: why, in a person's words, with email addresses masked; shown to the subject
    reason: Mapped[str] = mapped_column(sa.Text())
    #: what was counted then: `moderation.objections.misuse.MisuseCount`
    counts: Mapped[dict[str, Any]]
    until: Mapped[datetime | None]
    #: when it was lifted before its end
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class Dispute(Table):
    """A dispute before an out-of-court body (DSA Art. 21), as a lead entered it."""

    __tablename__ = "disputes"
    __table_args__ = (sa.Index("ix_disputes_site", "site_id", "filed_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    #: what it is about: a rejected comment, or the decision of a notice
    comment_id: Mapped[int | None] = mapped_column(BIG_ID, sa.ForeignKey("comments.id"))
    notice_id: Mapped[int | None] = mapped_column(BIG_ID, sa.ForeignKey("notices.id"))
    #: the certified body, and its case number
    body: Mapped[str] = mapped_column(sa.String(200))
    reference: Mapped[str | None] = mapped_column(sa.String(100))
    filed_on: Mapped[date]
    #: None: still open
    decided_on: Mapped[date | None]
    #: `moderation.objections.disputes.DisputeOutcome`
    outcome: Mapped[str | None] = mapped_column(sa.String(31))
    #: when the site carried the outcome out; None: it hasn't
    implemented_on: Mapped[date | None]
    created_at: Mapped[datetime]
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
