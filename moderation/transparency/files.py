"""Reports and statements as files: asked for, made by a worker, and downloaded."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import jobs
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, NotFound
from moderation.jobs import JobKind, JobState, Task
from moderation.tables.exports import ExportPart
from moderation.tables.jobs import Job
from moderation.transparency.period import ReportPeriod
from moderation.transparency.readiness import gaps_of
from moderation.transparency.records import find_site_name, read_records
from moderation.transparency.report import as_archive, lay_out
from moderation.transparency.rows import ReportHead
from moderation.transparency.statements import collect_statements

FILE_LASTS = timedelta(hours=24)  # it can be made again at any time


class TransparencyKind(StrEnum):
    """The content of a file."""

    REPORT = "report"  #: the templates as CSV, in a ZIP archive
    STATEMENTS = "statements"  #: JSON lines


ACTIONS = {
    TransparencyKind.REPORT: AuditAction.REPORT_EXPORTED,
    TransparencyKind.STATEMENTS: AuditAction.STATEMENTS_EXPORTED,
}


@dataclass(frozen=True, kw_only=True)
class TransparencyRequest:
    """A request for a file."""

    kind: TransparencyKind
    period: ReportPeriod
    head: ReportHead

    def as_json(self) -> dict[str, Any]:
        """Return the request as a job keeps it."""
        days = {
            "from": self.period.first,
            "to": self.period.last,
            "published": self.head.published,
            "previous": self.head.previous,
        }
        return {
            "kind": self.kind.value,
            "provider": self.head.provider,
            "service": self.head.service,
            **{name: day.isoformat() for name, day in days.items() if day},
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> TransparencyRequest:
        """Return a request from what a job keeps."""
        days = {
            name: date.fromisoformat(stored[name])
            for name in ("from", "to", "published", "previous")
            if name in stored
        }
        return cls(
            kind=TransparencyKind(stored["kind"]),
            period=ReportPeriod(first=days["from"], last=days["to"]),
            head=ReportHead(
                provider=stored["provider"],
                service=stored["service"],
                published=days.get("published"),
                previous=days.get("previous"),
            ),
        )


@dataclass(frozen=True, kw_only=True)
class MadeFile:
    """A file, and the result of its job."""

    content: bytes
    result: Mapping[str, Any]


def start_file(
    session: Session,
    site_id: int,
    request: TransparencyRequest,
    *,
    staff_id: int,
    now: datetime,
) -> Job:
    """Add the job that makes a file; a worker sees it from the commit on.

    Raises
    ------
    UnfinishedJob
        If another one is being made at the site.
    """
    return jobs.enqueue(
        session,
        site_id,
        JobKind.TRANSPARENCY,
        staff_id=staff_id,
        now=now,
        arguments=request.as_json(),
    )


def make_file(session: Session, task: Task, now: datetime) -> MadeFile:
    """Return the file that a job asks for."""
    request = TransparencyRequest.read(task.arguments)
    if request.kind is TransparencyKind.STATEMENTS:
        file = collect_statements(session, task.site_id, request.period)
        return MadeFile(
            content="".join(file.lines()).encode(),
            result={
                "count": len(file.statements),
                "left_out": {each.value: n for each, n in file.left_out.items()},
            },
        )
    records = read_records(session, task.site_id, request.period)
    head = request.head
    gaps = gaps_of(records, request.period, head, now)
    if not head.service:
        head = replace(head, service=find_site_name(session, task.site_id))
    files = lay_out(records, request.period, head)
    return MadeFile(
        content=as_archive(files),
        result={"count": len(files), "gaps": [gap.value for gap in gaps]},
    )


def store_file(
    session: Session, task: Task, made: MadeFile, now: datetime
) -> Mapping[str, Any]:
    """Store a file, in the place of one whose job was broken off; return the result."""
    session.execute(sa.delete(ExportPart).where(ExportPart.job_id == task.job_id))
    session.add(
        ExportPart(
            job_id=task.job_id,
            number=0,
            content=zlib.compress(made.content),
            expires_at=now + FILE_LASTS,
        )
    )
    return made.result


def find_file(
    session: Session, job_id: int, site_id: int, kinds: Collection[TransparencyKind]
) -> Job:
    """Return the job of a file of a site.

    Raises
    ------
    NotFound
        If there is no such file, or it is of another kind.
    """
    job = session.scalar(sa.select(Job).where(Job.id == job_id, *_of_site(site_id)))
    if job is None or kind_of(job) not in kinds:
        raise NotFound("There is no such export.")
    return job


def list_files(
    session: Session, site_id: int, kinds: Collection[TransparencyKind]
) -> Sequence[Job]:
    """Return the jobs of a site's files, the newest first."""
    newest = session.scalars(
        sa.select(Job)
        .where(*_of_site(site_id))
        .order_by(Job.id.desc())
        .limit(jobs.LISTED)
    )
    return [job for job in newest if kind_of(job) in kinds]


def kind_of(job: Job) -> TransparencyKind:
    """Return what the file of a job holds."""
    return TransparencyKind(job.arguments["kind"])


def read_file(session: Session, job: Job, now: datetime) -> bytes:
    """Return a file, and record that it was taken.

    Raises
    ------
    Conflict
        If it isn't made yet, or has expired.
    """
    if job.state != JobState.SUCCEEDED.value:
        raise Conflict("This export isn't ready yet.")
    part = session.scalar(
        sa.select(ExportPart).where(
            ExportPart.job_id == job.id, ExportPart.expires_at > now
        )
    )
    if part is None:
        raise Conflict("This export has expired. Start another one.")
    kind = kind_of(job)
    record(
        session,
        ACTIONS[kind],
        target=(TargetKind.JOB, job.id),
        site_id=job.site_id,
        count=job.result.get("count", 0),
        period=str(TransparencyRequest.read(job.arguments).period),
    )
    return zlib.decompress(part.content)


def expires_at(job: Job) -> datetime | None:
    """Return when the file of a job is deleted; None: it isn't there."""
    is_there = job.state == JobState.SUCCEEDED.value and job.finished_at is not None
    return job.finished_at + FILE_LASTS if is_there and job.finished_at else None


def _of_site(site_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return Job.site_id == site_id, Job.kind == JobKind.TRANSPARENCY.value
