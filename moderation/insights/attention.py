"""Tasks that need attention, as long as they do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from moderation.accounts.scope import Scope
from moderation.accounts.staff import Person, Role
from moderation.comments import braking
from moderation.jobs import PERSONAL, JobState
from moderation.objections import appeals
from moderation.queue.counting import count_comments
from moderation.queue.estimates import count_up_to
from moderation.queue.query import QueueQuery
from moderation.tables.comments import ESCALATED, KEPT, PENDING, REPORTED, Comment
from moderation.tables.jobs import Job
from moderation.tables.monitoring import Alarm
from moderation.tables.objections import Appeal
from moderation.tables.webhooks import Webhook

MAX_COUNTED = 10_000  # of each kind; beyond, "10,000+"
#: The same drift alert is raised again after so long, if it is still true.
ALERTS_LAST = timedelta(days=7)
FAILURES_LAST = timedelta(days=7)  # a job that was not started again by then


class AttentionKind(StrEnum):
    """Kinds of tasks that need attention, the most urgent first."""

    OVERDUE = "overdue"  #: pending comments after they were due
    ESCALATED = "escalated"  #: comments that wait for a lead, for leads
    REPORTED = "reported"  #: reported comments without a decision
    APPEALED = "appealed"  #: appeals, some of which the person may decide
    WEBHOOK = "webhook"  #: a webhook that takes no events, for admins
    JOB = "job"  #: the newest job of its kind has failed, for admins
    ALERT = "alert"  #: an unseen drift alert, for admins


@dataclass(frozen=True, kw_only=True)
class AttentionItem:
    """Something that needs attention."""

    kind: AttentionKind
    count: int  #: up to `MAX_COUNTED`
    is_exact: bool = True
    since: datetime | None = None  #: of the one that has needed attention for longest
    #: further facts by name: an id, a kind, a host; no text of a comment
    facts: Mapping[str, str] = field(default_factory=dict)
    site_id: int | None = None  #: None: of all the sites together


def list_items(
    session: Session, person: Person, site_ids: Collection[int], now: datetime
) -> list[AttentionItem]:
    """Return what needs a person at some sites, the most urgent first."""
    admin_at = set(person.whole_site_ids(Role.ADMIN)).intersection(site_ids)
    items = [
        _overdue(session, site_ids, now),
        _escalated(session, person, site_ids),
        _reported(session, site_ids),
        _appealed(session, person.id, site_ids),
    ]
    found = [item for item in items if item is not None and item.count]
    for site_id in sorted(admin_at):
        found += _webhooks(session, site_id)
        found += _jobs(session, site_id, now)
        found += _alerts(session, site_id, now)
    order = list(AttentionKind)
    return sorted(found, key=lambda item: order.index(item.kind))


def _overdue(
    session: Session, site_ids: Collection[int], now: datetime
) -> AttentionItem:
    query = QueueQuery(site_ids=list(site_ids))
    counted = count_comments(session, query, due_by=now)
    earliest = [
        session.scalar(
            sa.select(Comment.due_at)
            .where(Comment.site_id == site_id, PENDING, Comment.due_at <= now)
            .order_by(Comment.due_at)
            .limit(1)
        )
        for site_id in (site_ids if counted.number else ())
    ]
    return AttentionItem(
        kind=AttentionKind.OVERDUE,
        count=counted.number,
        is_exact=counted.is_exact and counted.number < MAX_COUNTED,
        since=min((each for each in earliest if each is not None), default=None),
    )


def _counted(
    session: Session,
    kind: AttentionKind,
    ids: sa.Select[int],
    since: datetime | None = None,
) -> AttentionItem:
    number = count_up_to(session, ids, MAX_COUNTED)
    return AttentionItem(
        kind=kind, count=number, is_exact=number < MAX_COUNTED, since=since
    )


def _escalated(
    session: Session, person: Person, site_ids: Collection[int]
) -> AttentionItem | None:
    """Count the comments that were escalated to the person's role."""
    leads = person.scope(Role.LEAD).sections
    scope = Scope(sections={key: leads[key] for key in site_ids if key in leads})
    if not scope.sections:
        return None
    waiting = sa.select(Comment.id).where(scope.condition(), ESCALATED, PENDING)
    since = session.scalar(
        sa.select(sa.func.min(Comment.escalated_at, type_=Comment.due_at.type)).where(
            scope.condition(), ESCALATED, PENDING
        )
    )
    return _counted(session, AttentionKind.ESCALATED, waiting, since)


def _reported(session: Session, site_ids: Collection[int]) -> AttentionItem:
    ids = sa.select(Comment.id).where(Comment.site_id.in_(site_ids), KEPT, REPORTED)
    return _counted(session, AttentionKind.REPORTED, ids)


def _appealed(
    session: Session, staff_id: int, site_ids: Collection[int]
) -> AttentionItem | None:
    """Count the open appeals; None: all of them are against the person's decisions."""
    is_open = (
        Appeal.site_id.in_(site_ids),
        Appeal.heard_at.is_(None),
        Comment.deleted_at.is_(None),
        Comment.revision == Appeal.revision,
    )
    ids = sa.select(Comment.id).join(Appeal, Appeal.comment_id == Comment.id)
    since = sa.select(sa.func.min(Appeal.created_at, type_=Appeal.created_at.type))
    since = since.join(Comment, Comment.id == Appeal.comment_id).where(*is_open)
    item = _counted(
        session, AttentionKind.APPEALED, ids.where(*is_open), session.scalar(since)
    )
    own = appeals.count_kept(session, list(site_ids), staff_id).count
    if item.count <= own:
        return None
    return replace(item, facts={"own": str(own)})


def _webhooks(session: Session, site_id: int) -> list[AttentionItem]:
    rows = session.scalars(
        sa.select(Webhook)
        .where(
            Webhook.site_id == site_id,
            Webhook.deleted_at.is_(None),
            sa.or_(
                sa.and_(Webhook.is_on, Webhook.failing_since.is_not(None)),
                Webhook.gone_at.is_not(None),
            ),
        )
        .order_by(Webhook.id)
    )
    return [
        AttentionItem(
            kind=AttentionKind.WEBHOOK,
            count=1,
            since=row.gone_at or row.failing_since,
            facts={"id": str(row.id), "host": _host(row.url)},
            site_id=site_id,
        )
        for row in rows
    ]


def _host(url: str) -> str:
    """Return the host of an address, which may hold a secret further on."""
    return url.split("/")[2].rpartition("@")[2]


def _jobs(session: Session, site_id: int, now: datetime) -> list[AttentionItem]:
    """Return the failed jobs after which none of its kind came."""
    later = aliased(Job)
    is_newest = ~sa.exists().where(
        later.site_id == Job.site_id, later.kind == Job.kind, later.id > Job.id
    )
    rows = session.scalars(
        sa.select(Job)
        .where(
            Job.site_id == site_id,
            Job.state == JobState.FAILED.value,
            Job.kind.not_in([kind.value for kind in PERSONAL]),
            Job.finished_at > now - FAILURES_LAST,
            is_newest,
        )
        .order_by(Job.id)
    )
    return [
        AttentionItem(
            kind=AttentionKind.JOB,
            count=1,
            since=row.finished_at,
            facts={"id": str(row.id), "job": row.kind},
            site_id=site_id,
        )
        for row in rows
    ]


def _alerts(session: Session, site_id: int, now: datetime) -> list[AttentionItem]:
    """Return the unseen drift alerts; waves are listed by their brakes."""
    rows: Sequence[Alarm] = session.scalars(
        sa.select(Alarm)
        .where(
            Alarm.site_id == site_id,
            Alarm.seen_at.is_(None),
            Alarm.created_at > now - ALERTS_LAST,
            Alarm.kind != braking.ALERT_KIND,
        )
        .order_by(Alarm.id.desc())
    ).all()
    return [
        AttentionItem(
            kind=AttentionKind.ALERT,
            count=1,
            since=row.created_at,
            facts={"id": str(row.id), "drift": row.kind, "subject": row.subject},
            site_id=site_id,
        )
        for row in rows
    ]
