"""Rehearsals as jobs: asked for, and found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.errors import NotFound
from moderation.jobs import JobKind, JobState, Task
from moderation.rehearsal.rehearsing import RehearsalOrder
from moderation.tables.jobs import Job


@dataclass(frozen=True, kw_only=True)
class StoredRehearsal:
    """A rehearsal that has ended, with its report."""

    job_id: int
    finished_at: datetime
    report: Mapping[str, Any]


def read_order(task: Task) -> RehearsalOrder:
    """Return what a job is to rehearse."""
    given = task.arguments
    since = given.get("since")
    return RehearsalOrder(
        site_id=task.site_id,
        version=given.get("version"),
        since=datetime.fromisoformat(since) if since else None,
        sample=given.get("sample"),
        given_thresholds=given.get("service_thresholds") or {},
    )


def find_newest(session: Session, site_id: int) -> StoredRehearsal | None:
    """Return a site's newest rehearsal; None: there is none."""
    job = session.scalar(
        sa.select(Job)
        .where(
            Job.site_id == site_id,
            Job.kind == JobKind.REHEARSAL.value,
            Job.state == JobState.SUCCEEDED.value,
        )
        .order_by(Job.id.desc())
        .limit(1)
    )
    if job is None or job.finished_at is None:
        return None
    return StoredRehearsal(
        job_id=job.id, finished_at=job.finished_at, report=job.result["report"]
    )


def get_newest(session: Session, site_id: int) -> StoredRehearsal:
    """Return a site's newest rehearsal.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = find_newest(session, site_id)
    if found is None:
        raise NotFound("There is no rehearsal of this site.")
    return found
