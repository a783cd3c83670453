"""Exports of listed comments as CSV, written by a worker in parts."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation import identifiers, jobs
from moderation.accounts import scope
from moderation.accounts.scope import Scope
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments.lookup import scores_of
from moderation.desk.listed import ListedComment, lay_out_list
from moderation.errors import Conflict, NotFound
from moderation.jobs import JobKind, JobState, Task
from moderation.queue.listing import list_page
from moderation.queue.orders import Position
from moderation.queue.query import QueueQuery
from moderation.tables.exports import ExportPart
from moderation.tables.jobs import Job, JobLine
from moderation.text.csv_files import csv_text

PART_SIZE = 1_000  # comments
MAX_EXPORTED = 200_000  # comments; about 100 MB, a quarter of it as stored
MAX_UNFINISHED = 3  # of one person
RECORD_LASTS = timedelta(days=90)  # who exported what, after the file has gone
EXPORT_LASTS = timedelta(hours=24)  # what is erased meanwhile is gone by then, too

COLUMNS = (
    *("id", "external_id", "status", "received_at", "author_name", "author_id"),
    *("body", "language", "article", "article_title", "article_section"),
    *("verdict", "source", "decided_by", "decided_at", "reasons", "held_reason"),
    *("report_count", "campaign", *LABELS),
)


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """The comments to export, and the person who asks."""

    site_id: int
    staff_id: int
    filters: Mapping[str, Any]  #: as in `GET /comments`, in JSON
    order: str


def start(session: Session, wanted: ExportRequest, now: datetime) -> Job:
    """Add the job that writes an export; a worker sees it from the commit on.

    It exports no more than the person may see now.

    Raises
    ------
    Conflict
        If the person has `MAX_UNFINISHED` that aren't done.
    """
    unfinished = sa.select(sa.func.count()).where(
        *_of_person(wanted.site_id, wanted.staff_id),
        Job.state.in_([JobState.QUEUED.value, JobState.RUNNING.value]),
    )
    if (session.scalar(unfinished) or 0) >= MAX_UNFINISHED:
        raise Conflict("Wait until your other exports are done.")
    sections = scope.sections_at(session, wanted.site_id)
    arguments: dict[str, Any] = {
        "filters": dict(wanted.filters),
        "order": wanted.order,
    }
    if sections is not None:
        arguments["sections"] = sections
    return jobs.enqueue(
        session,
        wanted.site_id,
        JobKind.EXPORT,
        staff_id=wanted.staff_id,
        now=now,
        arguments=arguments,
    )


def find(
    session: Session,
    job_id: int,
    site_id: int,
    *,
    staff_id: int,
    is_admin: bool,
) -> Job:
    """Return an export of a site: one's own or, as an admin, anybody's.

    Raises
    ------
    NotFound
        If there is no such export, or it is another person's.
    """
    query = sa.select(Job).where(Job.id == job_id, *_of_person(site_id, staff_id))
    if is_admin:
        query = sa.select(Job).where(Job.id == job_id, *_of_site(site_id))
    job = session.scalar(query)
    if job is None:
        raise NotFound("There is no such export.")
    return job


def list_newest(
    session: Session, site_id: int, *, staff_id: int, is_admin: bool
) -> Sequence[Job]:
    """Return a person's exports of a site, or as an admin all; the newest first."""
    of = _of_site(site_id) if is_admin else _of_person(site_id, staff_id)
    query = sa.select(Job).where(*of).order_by(Job.id.desc()).limit(jobs.LISTED)
    return session.scalars(query).all()


@dataclass(frozen=True, kw_only=True)
class ExportPage:
    """Some rows of an export, and where the next ones begin; None: there are none."""

    rows: Sequence[Sequence[str]]
    next: Position | None


def read_page(
    session: Session,
    task: Task,
    query: QueueQuery,
    *,
    after: Position | None,
    size: int,
    now: datetime,
) -> ExportPage:
    """Return the next rows of an export, no more than who asked for it could see."""
    sections = task.arguments.get("sections")
    if sections is not None:
        limited = Scope(sections={task.site_id: frozenset(sections)})
        scope.limit(session, limited, task.staff_id or 0)
    page = list_page(
        session, query, staff_id=task.staff_id or 0, after=after, limit=size
    )
    rows = [_row(listed) for listed in lay_out_list(session, page.comments, now)]
    return ExportPage(rows=rows, next=page.next)


def store_part(
    session: Session,
    task: Task,
    number: int,
    rows: Sequence[Sequence[str]],
    now: datetime,
) -> None:
    """Store some rows of an export."""
    header = [COLUMNS] if number == 0 else []
    part = ExportPart(
        job_id=task.job_id,
        number=number,
        content=zlib.compress(csv_text([*header, *rows]).encode()),
        expires_at=now + EXPORT_LASTS,
    )
    session.add(part)


def delete_parts(session: Session, task: Task) -> None:
    """Delete what a worker has written that was broken off."""
    session.execute(sa.delete(ExportPart).where(ExportPart.job_id == task.job_id))


def read(session: Session, job: Job, now: datetime) -> Iterator[bytes]:
    """Return the file of an export, part by part, and record that it was taken.

    Raises
    ------
    Conflict
        If it isn't written yet, has failed, or has expired.
    """
    if job.state != JobState.SUCCEEDED.value:
        raise Conflict("This export isn't ready yet.")
    numbers = session.scalars(
        sa.select(ExportPart.number)
        .where(ExportPart.job_id == job.id, ExportPart.expires_at > now)
        .order_by(ExportPart.number)
    ).all()
    if not numbers:
        raise Conflict("This export has expired. Start another one.")
    record(
        session,
        AuditAction.COMMENTS_EXPORTED,
        target=(TargetKind.JOB, job.id),
        site_id=job.site_id,
        count=job.result.get("count", 0),
    )
    return _contents(session, job.id, numbers)


def delete_expired(session: Session, now: datetime) -> None:
    """Delete the files of exports that have expired, and records of old exports.

    The filters of an export may name an author.
    """
    session.execute(sa.delete(ExportPart).where(ExportPart.expires_at <= now))
    old = sa.select(Job.id).where(
        Job.kind == JobKind.EXPORT.value, Job.finished_at < now - RECORD_LASTS
    )
    session.execute(sa.delete(JobLine).where(JobLine.job_id.in_(old)))
    session.execute(sa.delete(Job).where(Job.id.in_(old)))


def expires_at(job: Job) -> datetime | None:
    """Return when the file of an export is deleted; None: it isn't there yet."""
    return None if job.finished_at is None else job.finished_at + EXPORT_LASTS


def _of_site(site_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return Job.site_id == site_id, Job.kind == JobKind.EXPORT.value


def _of_person(site_id: int, staff_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (*_of_site(site_id), Job.staff_id == staff_id)


def _contents(session: Session, job_id: int, numbers: Sequence[int]) -> Iterator[bytes]:
    for number in numbers:
        part = session.get(ExportPart, (job_id, number))
        if part is None:
            return  # it has just expired
        yield zlib.decompress(part.content)
        session.expunge(part)


def _row(listed: ListedComment) -> list[str]:
    entry = listed.entry
    comment, article, decision = entry.comment, entry.article, entry.decision
    scores = scores_of(entry.score) or {}
    cells = [
        identifiers.encode(comment.id),
        comment.external_id,
        entry.state.status.value,
        comment.received_at.isoformat(),
        comment.author_name,
        comment.author_id,
        comment.body,
        comment.language,
        article.reference,
        article.title,
        article.section,
        decision.verdict.value,
        decision.source.value,
        listed.decided_by,
        decision.created_at.isoformat(),
        " ".join(reason["code"] for reason in decision.reasons),
        entry.state.held_reason,
        listed.reports.count if listed.reports else 0,
        entry.state.campaign_id,
        *(round(scores[label], 4) if label in scores else None for label in LABELS),
    ]
    return ["" if cell is None else str(cell) for cell in cells]
