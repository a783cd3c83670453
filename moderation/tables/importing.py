"""Imported history, and the other systems' verdicts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table


class HistoryImport(Table):
    """One run of an import, with how far it has come."""

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    #: begins the `external_id` of its comments
    source: Mapped[str] = mapped_column(sa.String(50))
    format: Mapped[str] = mapped_column(sa.String(31))
    #: of names, sizes, and beginnings of the files: the same again can be resumed
    digest: Mapped[str] = mapped_column(sa.String(64))
    #: rows of the files that are done
    position: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    #: `ReadingPlace` of a live site as JSON, with `late`: stored replies and their
    #: parents that weren't stored yet; None: files are read
    place: Mapped[dict[str, Any] | None]
    #: comments that were added
    added: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class ImportedComment(Table):
    """Its source's data about a comment next to its text; erased with the comment."""

    __tablename__ = "imported_comments"
    __table_args__ = (
        sa.Index("ix_imported_comments_lessons", "import_id", "evidence", "is_harmful"),
    )

    comment_id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.ForeignKey("comments.id"),
        primary_key=True,
        autoincrement=False,
    )
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.id"))
    #: `moderation.importing.records.DecisionEvidence`; None: it was pending
    evidence: Mapped[str | None] = mapped_column(sa.String(15))
    #: keyed hash of the moderator's name there
    decided_by: Mapped[str | None] = mapped_column(sa.String(64))
    #: label to whether it holds, as the decision there teaches; None: nothing
    labels: Mapped[dict[str, Any] | None]
    #: whether some label holds; None: it teaches nothing, or that none does
    is_harmful: Mapped[bool | None]
    #: scores, reports, pick, aside, and notes of the record
    details: Mapped[dict[str, Any]]


class HistoryUpload(Table):
    """Files of another system that an admin uploads, and the jobs that read them."""

    __tablename__ = "history_uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    #: `name` and `size` in bytes of each, in their order
    files: Mapped[list[dict[str, Any]]]
    #: of the run that imports them: see `HistoryImport`
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    #: the newest dry run
    check_job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("jobs.id"))
    import_job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("jobs.id"))
    #: when the files were deleted from the disk
    deleted_at: Mapped[datetime | None]
