"""Background work, with its progress."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from moderation.database import Table

# One of a kind at a time; of bulk decisions and exports, each person has their own.
UNFINISHED = sa.text(
    "state IN ('queued', 'running') AND kind NOT IN ('bulk', 'export')"
)


class Job(Table):
    """One piece of background work; the record, with any engine."""

    __tablename__ = "jobs"
    __table_args__ = (
        sa.Index(
            "uq_jobs_unfinished",
            "site_id",
            "kind",
            unique=True,
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("sites.id"))
    kind: Mapped[str] = mapped_column(sa.String(31))
    state: Mapped[str] = mapped_column(sa.String(15))
    #: 0 to 1
    progress: Mapped[float] = mapped_column(default=0.0)
    #: how often it was taken up; a worker with an older number has lost it
    attempts: Mapped[int] = mapped_column(default=0)
    #: after so many it is given up; interruptions on purpose and retries allow more
    max_attempts: Mapped[int] = mapped_column(default=5, server_default=sa.text("5"))
    #: a worker that lives renews it; past it the job is taken up again
    leased_until: Mapped[datetime | None]
    result: Mapped[dict[str, Any]]
    #: what its kind needs to know
    arguments: Mapped[dict[str, Any]]
    #: one plain sentence why it failed
    fault: Mapped[str | None] = mapped_column(sa.Text())
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    #: someone asked to end it; its worker does, as soon as it hears of it
    cancel_asked_at: Mapped[datetime | None]


class JobLine(Table):
    """A line of a job's log, to be read by the person who asked for it."""

    __tablename__ = "job_lines"
    __table_args__ = (sa.Index("ix_job_lines_job", "job_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(sa.ForeignKey("jobs.id"))
    at: Mapped[datetime]
    #: one sentence; counts and names of labels, never a text
    text: Mapped[str] = mapped_column(sa.String(500))


class Heartbeat(Table):
    """The last sign of life of a kind of background process."""

    __tablename__ = "heartbeats"

    #: `worker`, however many of them run, or work that one of them does at a time
    name: Mapped[str] = mapped_column(sa.String(31), primary_key=True)
    beaten_at: Mapped[datetime]
