"""Batches: the records of bulk decisions, and how far each is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.errors import NotFound
from moderation.jobs import JobState
from moderation.tables.accounts import Staff
from moderation.tables.jobs import Job
from moderation.tables.review import DecisionBatch


class BatchKind(StrEnum):
    """The way in which a batch's comments were selected."""

    RANGE = "range"  #: pending comments by a label's score
    CAMPAIGN = "campaign"  #: near-duplicates
    COMMENTS = "comments"  #: selected one by one
    FILTER = "filter"  #: all that match the filters of a list


class BatchState(StrEnum):
    """The state of a batch."""

    RUNNING = "running"  #: a worker goes through it
    DONE = "done"
    UNDOING = "undoing"  #: a worker undoes it
    UNDONE = "undone"


def find(
    session: Session,
    batch_id: int,
    site_ids: Collection[int],
    *,
    for_update: bool = False,
) -> DecisionBatch:
    """Return a batch of one of the sites.

    Raises
    ------
    NotFound
        If there is no such batch there.
    """
    query = (
        sa.select(DecisionBatch)
        .where(DecisionBatch.id == batch_id, DecisionBatch.site_id.in_(site_ids))
        .execution_options(populate_existing=True)
    )
    batch = session.scalar(query.with_for_update() if for_update else query)
    if batch is None:
        raise NotFound("There is no such batch.")
    return batch


def list_batches(
    session: Session, site_ids: Sequence[int], *, before: int | None, limit: int
) -> list[DecisionBatch]:
    """Return up to `limit` batches, the newest first.

    Parameters
    ----------
    before
        Id of the batch that the page before ended with.
    """
    query = (
        sa.select(DecisionBatch)
        .where(DecisionBatch.site_id.in_(site_ids))
        .order_by(DecisionBatch.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(DecisionBatch.id < before)
    return list(session.scalars(query))


def logins(session: Session, batches: Sequence[DecisionBatch]) -> dict[int, str]:
    """Return the logins of those who gave some batches or undid them, by id."""
    wanted = {each for batch in batches for each in (batch.staff_id, batch.undone_by)}
    rows = session.execute(sa.select(Staff.id, Staff.login).where(Staff.id.in_(wanted)))
    return {row.id: row.login for row in rows}


def list_stopped(session: Session, batches: Sequence[DecisionBatch]) -> set[int]:
    """Return the ids of batches that nothing carries on, as their job has failed."""
    unfinished = (BatchState.RUNNING.value, BatchState.UNDOING.value)
    job_ids = {
        batch.job_id: batch.id
        for batch in batches
        if batch.state in unfinished and batch.job_id is not None
    }
    if not job_ids:
        return set()
    ended = (JobState.FAILED.value, JobState.CANCELLED.value)
    query = sa.select(Job.id).where(Job.id.in_(job_ids), Job.state.in_(ended))
    return {job_ids[job_id] for job_id in session.scalars(query)}


def progress(batch: DecisionBatch) -> float:
    """Return how much of what goes on now is done, 0 to 1."""
    if batch.state in (BatchState.DONE.value, BatchState.UNDONE.value):
        return 1.0
    if batch.state == BatchState.UNDOING.value:
        done, total = batch.restored + batch.left, batch.decided
    else:
        done, total = batch.decided + batch.skipped + batch.changed, batch.asked
    return min(1.0, done / total) if total else 0.0


def why_not_undone(
    batch: DecisionBatch,
    *,
    staff_id: int,
    led_site_ids: Collection[int],
    now: datetime,
    grace: timedelta,
) -> str | None:
    """Return why a person can't undo a batch now; None: they can."""
    if batch.staff_id != staff_id and batch.site_id not in led_site_ids:
        return "Only the moderator who made this batch, or a lead, can undo it."
    if batch.state in (BatchState.UNDOING.value, BatchState.UNDONE.value):
        return "This batch was already undone."
    if batch.finished_at is not None and batch.finished_at < now - grace:
        return "The undo period is over. Make a new decision instead."
    return None
