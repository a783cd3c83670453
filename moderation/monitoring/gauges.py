"""The service's state in the database, as Prometheus gauges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments.healing import find_outage
from moderation.identifiers import moment_of
from moderation.jobs import JobKind, JobState
from moderation.models.serving import Scoring
from moderation.monitoring.storage import read_storage
from moderation.tables.comments import PENDING, Comment
from moderation.tables.insights import HourlyFigures
from moderation.tables.jobs import Heartbeat, Job
from moderation.tables.models import Model
from moderation.tables.monitoring import Alarm
from moderation.tables.sites import Site
from moderation.tables.webhooks import WAITING, Delivery, Webhook

AGREEMENT_LASTS = timedelta(days=7)  # counted back from now
NEVER = -1.0  # seconds: a heartbeat that no one has seen

#: Label values to a value.
Sample = tuple[tuple[str, ...], float]


@dataclass(frozen=True, kw_only=True)
class ServiceState:
    """The sources of the gauges."""

    session: Session
    now: datetime
    scoring: Scoring
    parts: Mapping[str, str]  #: of `readiness.read_parts`
    sites: Mapping[int, str]  #: name by id


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """A gauge: its name, its meaning, and how it is read."""

    name: str
    meaning: str
    read: Callable[[ServiceState], Iterable[Sample]]
    labels: tuple[str, ...] = ()


def _pending(state: ServiceState) -> Iterator[Sample]:
    yield from _by_site(state, sa.func.count())


def _overdue(state: ServiceState) -> Iterator[Sample]:
    yield from _by_site(state, sa.func.count(), Comment.due_at <= state.now)


def _claimed(state: ServiceState) -> Iterator[Sample]:
    yield from _by_site(
        state,
        sa.func.count(),
        Comment.claimed_by.is_not(None),
        Comment.claimed_until > state.now,
    )


def _by_site(
    state: ServiceState,
    value: sa.ColumnElement[int],
    *conditions: sa.ColumnElement[bool],
) -> Iterator[Sample]:
    query = (
        sa.select(Comment.site_id, value)
        .where(PENDING, *conditions)
        .group_by(Comment.site_id)
    )
    values = _as_dict(state.session.execute(query))
    for site_id, name in state.sites.items():
        yield (name,), float(values.get(site_id, 0))


def _oldest_pending(state: ServiceState) -> Iterator[Sample]:
    query = (
        sa.select(Comment.site_id, sa.func.min(Comment.id))
        .where(PENDING)
        .group_by(Comment.site_id)
    )
    oldest = _as_dict(state.session.execute(query))
    for site_id, name in state.sites.items():
        number = oldest.get(site_id)
        age = 0.0 if number is None else _age(state.now, moment_of(number))
        yield (name,), age


def _held_by_fault(state: ServiceState) -> Iterator[Sample]:
    for site_id, name in state.sites.items():
        outage = find_outage(state.session, [site_id])
        yield (name,), float(outage.count if outage else 0)


def _jobs(state: ServiceState) -> Iterator[Sample]:
    unfinished = (JobState.QUEUED.value, JobState.RUNNING.value)
    rows = state.session.execute(
        sa.select(Job.kind, Job.state, sa.func.count())
        .where(Job.state.in_(unfinished))
        .group_by(Job.kind, Job.state)
    )
    counts = {(kind, name): number for kind, name, number in rows}
    for kind in JobKind:
        for name in unfinished:
            yield (kind.value, name), float(counts.get((kind.value, name), 0))


def _job_lag(state: ServiceState) -> Iterator[Sample]:
    oldest = state.session.scalar(
        sa.select(sa.func.min(Job.created_at, type_=Job.created_at.type)).where(
            Job.state == JobState.QUEUED.value
        )
    )
    yield (), _age(state.now, oldest)


def due_deliveries(now: datetime) -> tuple[Any, ...]:
    """Return the conditions that an event is due at a webhook that is on."""
    return (
        WAITING,
        Delivery.due_at <= now,
        Webhook.is_on,
        Webhook.deleted_at.is_(None),
    )


def _deliveries(state: ServiceState) -> Iterator[Sample]:
    number = state.session.scalar(
        sa.select(sa.func.count())
        .select_from(Delivery)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(*due_deliveries(state.now))
    )
    yield (), float(number or 0)


def _delivery_lag(state: ServiceState) -> Iterator[Sample]:
    oldest = state.session.scalar(
        sa.select(sa.func.min(Delivery.due_at, type_=Delivery.created_at.type))
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(*due_deliveries(state.now))
    )
    yield (), _age(state.now, oldest)


def _failing_webhooks(state: ServiceState) -> Iterator[Sample]:
    number = state.session.scalar(
        sa.select(sa.func.count())
        .select_from(Webhook)
        .where(
            Webhook.is_on,
            Webhook.deleted_at.is_(None),
            Webhook.failing_since.is_not(None),
        )
    )
    yield (), float(number or 0)


def _heartbeat(state: ServiceState) -> Iterator[Sample]:
    beaten_at = state.session.scalar(sa.select(sa.func.max(Heartbeat.beaten_at)))
    if beaten_at is None:
        yield (), NEVER
        return
    rows = state.session.execute(sa.select(Heartbeat.name, Heartbeat.beaten_at))
    yield (), min(_age(state.now, row.beaten_at) for row in rows)


def _models(state: ServiceState) -> Iterator[Sample]:
    rows = state.session.execute(
        sa.select(Site.id, Model.version).outerjoin(Model, Model.id == Site.model_id)
    )
    default = state.scoring.default
    for site_id, promoted in rows:
        name = promoted or (default.version if default else "none")
        yield (state.sites[site_id], name), 1.0


def _agreement(state: ServiceState) -> Iterator[Sample]:
    for site_id, compared, agreed in _compared(state):
        if compared:
            yield (state.sites[site_id],), agreed / compared


def _agreement_size(state: ServiceState) -> Iterator[Sample]:
    for site_id, compared, _ in _compared(state):
        yield (state.sites[site_id],), float(compared)


def _compared(state: ServiceState) -> Iterator[tuple[int, int, int]]:
    rows = state.session.execute(
        sa.select(
            HourlyFigures.site_id,
            sa.func.sum(HourlyFigures.compared),
            sa.func.sum(HourlyFigures.agreed),
        )
        .where(HourlyFigures.start > state.now - AGREEMENT_LASTS)
        .group_by(HourlyFigures.site_id)
    )
    for site_id, compared, agreed in rows:
        yield site_id, int(compared or 0), int(agreed or 0)


def _drift(state: ServiceState) -> Iterator[Sample]:
    rows = state.session.execute(
        sa.select(Alarm.site_id, sa.func.count())
        .where(Alarm.seen_at.is_(None), Alarm.kind != "brake")
        .group_by(Alarm.site_id)
    )
    counts = _as_dict(rows)
    for site_id, name in state.sites.items():
        yield (name,), float(counts.get(site_id, 0))


def _parts(state: ServiceState) -> Iterator[Sample]:
    for name, fault in state.parts.items():
        yield (name,), float(fault == "ok")


def _database_size(state: ServiceState) -> Iterator[Sample]:
    yield (), float(read_storage(state.session).database_bytes)


def _disk_free(state: ServiceState) -> Iterator[Sample]:
    free = read_storage(state.session).free_bytes
    if free is not None:
        yield (), float(free)


def _build(_: ServiceState) -> Iterator[Sample]:
    yield (service_version(),), 1.0


def service_version() -> str:
    """Return the version of the installed service."""
    try:
        return version("moderation")
    except PackageNotFoundError:
        return "unknown"


def _as_dict(rows: Iterable[Any]) -> dict[int, int]:
    return {row[0]: row[1] for row in rows}


def _age(now: datetime, moment: datetime | None) -> float:
    """Return the seconds since a moment; none, if there is none."""
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


_SITE = ("site",)
GAUGES = (
    Gauge(
        name="moderation_pending_comments",
        meaning="Pending comments",
        labels=_SITE,
        read=_pending,
    ),
    Gauge(
        name="moderation_overdue_comments",
        meaning="Pending comments after they were due",
        labels=_SITE,
        read=_overdue,
    ),
    Gauge(
        name="moderation_oldest_pending_age_seconds",
        meaning="Age of the oldest pending comment; 0: none is pending",
        labels=_SITE,
        read=_oldest_pending,
    ),
    Gauge(
        name="moderation_claimed_comments",
        meaning="Pending comments that a moderator has claimed",
        labels=_SITE,
        read=_claimed,
    ),
    Gauge(
        name="moderation_fault_held_comments",
        meaning="Comments held because scoring or the rules failed, up to 1000",
        labels=_SITE,
        read=_held_by_fault,
    ),
    Gauge(
        name="moderation_jobs",
        meaning="Queued and running jobs",
        labels=("kind", "state"),
        read=_jobs,
    ),
    Gauge(
        name="moderation_job_lag_seconds",
        meaning="Age of the oldest queued job; 0: none is queued",
        read=_job_lag,
    ),
    Gauge(
        name="moderation_due_deliveries",
        meaning="Events that are due at webhooks that are on",
        read=_deliveries,
    ),
    Gauge(
        name="moderation_delivery_lag_seconds",
        meaning="How long the oldest due event has been due; 0: none is",
        read=_delivery_lag,
    ),
    Gauge(
        name="moderation_failing_webhooks",
        meaning="Webhooks that are on and take no events",
        read=_failing_webhooks,
    ),
    Gauge(
        name="moderation_worker_heartbeat_age_seconds",
        meaning="Time since a worker was last seen; -1: never",
        read=_heartbeat,
    ),
    Gauge(
        name="moderation_model_info",
        meaning="The active model of each site; always 1",
        labels=("site", "version"),
        read=_models,
    ),
    Gauge(
        name="moderation_agreement_ratio",
        meaning="Share of automatic verdicts that staff confirmed in 7 days, 0 to 1",
        labels=_SITE,
        read=_agreement,
    ),
    Gauge(
        name="moderation_agreement_decisions",
        meaning="Decisions of staff that moderation_agreement_ratio is a share of",
        labels=_SITE,
        read=_agreement_size,
    ),
    Gauge(
        name="moderation_drift_alerts",
        meaning="Drift alerts that no one has marked as seen",
        labels=_SITE,
        read=_drift,
    ),
    Gauge(
        name="moderation_ready",
        meaning="1: this part is ok, as /readyz answers; 0: it is not",
        labels=("part",),
        read=_parts,
    ),
    Gauge(
        name="moderation_database_bytes",
        meaning="Size of the database",
        read=_database_size,
    ),
    Gauge(
        name="moderation_disk_free_bytes",
        meaning="Free space on the disk of an embedded database; absent for PostgreSQL",
        read=_disk_free,
    ),
    Gauge(
        name="moderation_build_info",
        meaning="The version of the service; always 1",
        labels=("version",),
        read=_build,
    ),
)
