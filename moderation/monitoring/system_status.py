"""The current state of the service: its parts, a site's queue, running work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import migration
from moderation.audit.actions import AuditAction
from moderation.comments.healing import Outage, find_outage
from moderation.identifiers import moment_of
from moderation.jobs import JobState
from moderation.models.serving import Scoring
from moderation.monitoring.gauges import due_deliveries, service_version
from moderation.monitoring.readiness import WORKER
from moderation.monitoring.storage import Storage, read_storage
from moderation.tables.audit import AuditEntry
from moderation.tables.comments import PENDING, Comment
from moderation.tables.jobs import Heartbeat, Job
from moderation.tables.models import Model
from moderation.tables.sites import Site
from moderation.tables.webhooks import Delivery, Webhook

FAILURES_LAST = timedelta(days=7)  # failed jobs that are counted
BACKUP, VERIFICATION = "backup", "audit verify"  # commands, as they are typed


@dataclass(frozen=True, kw_only=True)
class QueueStatus:
    """A site's queue."""

    pending: int
    overdue: int
    oldest_at: datetime | None  #: when the oldest pending comment came
    outage: Outage | None  #: comments that a fault holds


@dataclass(frozen=True, kw_only=True)
class JobStatus:
    """A site's jobs."""

    queued: int
    running: int
    failed: int  #: in the last `FAILURES_LAST`
    oldest_queued_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class DeliveryStatus:
    """A site's events for webhooks."""

    due: int
    oldest_due_at: datetime | None
    failing_webhooks: int


@dataclass(frozen=True, kw_only=True)
class SystemStatus:
    """The installation, and a site's part in it."""

    version: str
    migration: str | None  #: the database's revision
    parts: Mapping[str, str]  #: `ok`, or what is wrong
    worker_seen_at: datetime | None
    model_version: str | None  #: active at the site; None: it has none
    queue: QueueStatus
    jobs: JobStatus
    deliveries: DeliveryStatus
    database: str  #: `sqlite` or `postgresql`
    storage: Storage
    #: when `moderation backup` was last started; None: never here
    backup_started_at: datetime | None
    #: when `moderation audit verify` was last started
    audit_verified_at: datetime | None


def read_status(
    session: Session,
    site_id: int,
    *,
    parts: Mapping[str, str],
    scoring: Scoring,
    now: datetime,
) -> SystemStatus:
    """Return the state of the installation and of a site.

    Parameters
    ----------
    parts
        As `readiness.read_parts` returns them.
    """
    return SystemStatus(
        version=service_version(),
        migration=migration.current(),
        parts=parts,
        worker_seen_at=session.scalar(
            sa.select(Heartbeat.beaten_at).where(Heartbeat.name == WORKER)
        ),
        model_version=_find_model(session, site_id, scoring),
        queue=_read_queue(session, site_id, now),
        jobs=_read_jobs(session, site_id, now),
        deliveries=_read_deliveries(session, site_id, now),
        database=session.get_bind().dialect.name,
        storage=read_storage(session),
        backup_started_at=_find_run(session, BACKUP),
        audit_verified_at=_find_run(session, VERIFICATION),
    )


def _find_model(session: Session, site_id: int, scoring: Scoring) -> str | None:
    promoted = session.scalar(
        sa.select(Model.version)
        .join(Site, Site.model_id == Model.id)
        .where(Site.id == site_id)
    )
    default = scoring.default
    return promoted or (default.version if default else None)


def _read_queue(session: Session, site_id: int, now: datetime) -> QueueStatus:
    here = (Comment.site_id == site_id, PENDING)
    count = sa.select(sa.func.count()).select_from(Comment).where(*here)
    oldest = session.scalar(sa.select(sa.func.min(Comment.id)).where(*here))
    return QueueStatus(
        pending=session.scalar(count) or 0,
        overdue=session.scalar(count.where(Comment.due_at <= now)) or 0,
        oldest_at=None if oldest is None else moment_of(oldest),
        outage=find_outage(session, [site_id]),
    )


def _read_jobs(session: Session, site_id: int, now: datetime) -> JobStatus:
    is_counted = sa.or_(
        Job.state.in_([JobState.QUEUED.value, JobState.RUNNING.value]),
        sa.and_(
            Job.state == JobState.FAILED.value, Job.finished_at > now - FAILURES_LAST
        ),
    )
    rows = session.execute(
        sa.select(
            Job.state,
            sa.func.count(),
            sa.func.min(Job.created_at, type_=Job.created_at.type),
        )
        .where(Job.site_id == site_id, is_counted)
        .group_by(Job.state)
    )
    counts = {state: (count, oldest) for state, count, oldest in rows}
    none: tuple[int, datetime | None] = (0, None)
    queued, oldest_queued_at = counts.get(JobState.QUEUED.value, none)
    return JobStatus(
        queued=queued,
        running=counts.get(JobState.RUNNING.value, none)[0],
        failed=counts.get(JobState.FAILED.value, none)[0],
        oldest_queued_at=oldest_queued_at,
    )


def _read_deliveries(session: Session, site_id: int, now: datetime) -> DeliveryStatus:
    due, oldest = session.execute(
        sa.select(
            sa.func.count(), sa.func.min(Delivery.due_at, type_=Webhook.created_at.type)
        )
        .select_from(Delivery)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Webhook.site_id == site_id, *due_deliveries(now))
    ).one()
    failing = session.scalar(
        sa.select(sa.func.count())
        .select_from(Webhook)
        .where(
            Webhook.site_id == site_id,
            Webhook.is_on,
            Webhook.deleted_at.is_(None),
            Webhook.failing_since.is_not(None),
        )
    )
    return DeliveryStatus(due=due, oldest_due_at=oldest, failing_webhooks=failing or 0)


def _find_run(session: Session, command: str) -> datetime | None:
    """Return when a command was last started, as the audit log has it."""
    return session.scalar(
        sa.select(AuditEntry.at)
        .where(
            AuditEntry.action == AuditAction.COMMAND_RUN.value,
            AuditEntry.details["command"].as_string() == command,
        )
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    )
