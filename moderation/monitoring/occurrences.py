"""Occurrences for staff notifications: new ones, and those still current."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.scope import Scope
from moderation.campaigns.brakes import is_let_go
from moderation.comments import braking
from moderation.jobs import JobKind, JobState
from moderation.notifications.kinds import NotificationKind
from moderation.notifications.messages import MAX_QUOTE_LENGTH
from moderation.notifications.occurrences import Occurrence
from moderation.notifications.wording import NotificationFact
from moderation.objections import notices
from moderation.privacy import mask_emails
from moderation.queue.estimates import count_up_to
from moderation.tables.campaigns import Brake
from moderation.tables.comments import PENDING, Article, Comment
from moderation.tables.jobs import Job
from moderation.tables.legal import Notice
from moderation.tables.monitoring import Alarm
from moderation.tables.review import Escalation
from moderation.tables.sites import Site

NOTICED_FOR = timedelta(days=1)  # after a longer outage, older things are no news
MAX_OVERDUE = 10_000  # comments of a site that are counted
MOMENT = "%Y-%m-%d %H:%M"  # in a message, UTC


def find_events(session: Session, now: datetime) -> Iterator[Occurrence]:
    """Yield what has happened in the last `NOTICED_FOR`, noticed before or not."""
    since = now - NOTICED_FOR
    yield from _find_escalations(session, since)
    yield from _find_brakes(session, since, now)
    for notice in notices.list_alarming(session, now):
        yield Occurrence(
            kind=NotificationKind.NOTICE, subject=notice.id, site_id=notice.site_id
        )
    for alarm in session.scalars(
        sa.select(Alarm).where(
            Alarm.created_at > since,
            Alarm.seen_at.is_(None),
            Alarm.kind != braking.ALERT_KIND,  # a brake is noticed by itself
        )
    ):
        yield Occurrence(
            kind=NotificationKind.DRIFT, subject=alarm.id, site_id=alarm.site_id
        )
    for job in session.scalars(
        sa.select(Job).where(
            Job.finished_at > since, Job.state == JobState.FAILED.value
        )
    ):
        yield Occurrence(
            kind=NotificationKind.JOB_FAILED,
            subject=job.id,
            site_id=job.site_id,
            only_staff_id=job.staff_id,
        )


def _find_escalations(session: Session, since: datetime) -> Iterator[Occurrence]:
    rows = session.execute(
        sa.select(Escalation, Article.section)
        .join(Comment, Comment.id == Escalation.comment_id)
        .join(Article, Article.id == Comment.article_id)
        .where(Escalation.created_at > since, Escalation.ended_at.is_(None))
        .order_by(Escalation.id)
    )
    for escalation, section in rows:
        yield Occurrence(
            kind=NotificationKind.ESCALATED,
            subject=escalation.id,
            site_id=escalation.site_id,
            section=section,
            except_staff_id=escalation.staff_id,
        )


def _find_brakes(
    session: Session, since: datetime, now: datetime
) -> Iterator[Occurrence]:
    rows = session.execute(
        sa.select(Brake, Article.section)
        .outerjoin(Comment, Comment.id == Brake.comment_id)
        .outerjoin(Article, Article.id == Comment.article_id)
        .where(Brake.started_at > since, Brake.ended_at.is_(None))
        .order_by(Brake.id)
    )
    for brake, section in rows:
        if not is_let_go(brake, now):
            yield Occurrence(
                kind=NotificationKind.WAVE,
                subject=brake.id,
                site_id=brake.site_id,
                section=section,
                except_staff_id=brake.started_by,
            )


def list_overdue(session: Session, now: datetime) -> dict[int, bool]:
    """Return for each site whether comments are overdue there."""
    is_overdue = sa.exists().where(
        Comment.site_id == Site.id, PENDING, Comment.due_at <= now
    )
    rows = session.execute(sa.select(Site.id, is_overdue).order_by(Site.id))
    return {site_id: bool(overdue) for site_id, overdue in rows}


def load_facts(
    session: Session,
    kind: NotificationKind,
    subjects: Sequence[int],
    scope: Scope,
    quoted_site_ids: Sequence[int],
    now: datetime,
) -> list[NotificationFact]:
    """Return what is still so of some subjects of a kind, in a scope.

    Parameters
    ----------
    session
        Limited to the scope, see `accounts.scope.limit`.
    quoted_site_ids
        Sites whose comments may be quoted.
    """
    site_ids = scope.site_ids
    if kind is NotificationKind.OVERDUE:
        chosen = [site_id for site_id in subjects if site_id in site_ids]
        facts = (_overdue_at(session, site_id, now) for site_id in chosen)
        return [fact for fact in facts if fact is not None]
    if kind is NotificationKind.ESCALATED:
        return _load_escalations(session, subjects, site_ids, quoted_site_ids)
    if kind is NotificationKind.WAVE:
        return _load_brakes(session, subjects, site_ids, now)
    if kind is NotificationKind.DRIFT:
        return _load_alarms(session, subjects, scope.whole_site_ids)
    if kind is NotificationKind.NOTICE:
        return _load_notices(session, subjects, scope.whole_site_ids, now)
    return _load_jobs(session, subjects, site_ids)


def _load_notices(
    session: Session, ids: Sequence[int], site_ids: Sequence[int], now: datetime
) -> list[NotificationFact]:
    rows = session.execute(
        sa.select(Notice, Site.name)
        .join(Site, Site.id == Notice.site_id)
        .where(
            Notice.id.in_(ids),
            Notice.site_id.in_(site_ids),
            Notice.decided_at.is_(None),
        )
        .order_by(Notice.id)
    )
    return [
        NotificationFact(
            text="notice_life" if notice.is_life else "notice",
            path=f"/console/notices?site={name}",
            values={"site": name, "since": notice.due_at.strftime(MOMENT)},
        )
        for notice, name in rows
    ]


def _overdue_at(
    session: Session, site_id: int, now: datetime
) -> NotificationFact | None:
    is_overdue = (Comment.site_id == site_id, PENDING, Comment.due_at <= now)
    first = session.execute(
        sa.select(Comment.due_at, Site.name)
        .join(Site, Site.id == Comment.site_id)
        .where(*is_overdue)
        .order_by(Comment.due_at)
        .limit(1)
    ).first()
    if first is None:
        return None
    number = count_up_to(session, sa.select(Comment.id).where(*is_overdue), MAX_OVERDUE)
    values = {"site": first.name, "since": first.due_at.strftime(MOMENT)}
    if number >= MAX_OVERDUE:
        text, values = "overdue_many", {**values, "number": f"{MAX_OVERDUE:,}"}
    else:
        text, values = "overdue", {**values, "count": number}
    return NotificationFact(text=text, path="/console/comments", values=values)


def _load_escalations(
    session: Session,
    ids: Sequence[int],
    site_ids: Sequence[int],
    quoted_site_ids: Sequence[int],
) -> list[NotificationFact]:
    rows = session.execute(
        sa.select(Escalation, Comment, Site.name)
        .join(Comment, Comment.id == Escalation.comment_id)
        .join(Site, Site.id == Escalation.site_id)
        .where(
            Escalation.id.in_(ids),
            Escalation.site_id.in_(site_ids),
            Escalation.ended_at.is_(None),
            Comment.deleted_at.is_(None),
        )
        .order_by(Escalation.id)
    )
    return [
        NotificationFact(
            text="escalated",
            path=f"/console/comments/{identifiers.encode(comment.id)}",
            values={"site": name, "since": escalation.created_at.strftime(MOMENT)},
            quote=_quote(comment.body)
            if escalation.site_id in quoted_site_ids
            else None,
        )
        for escalation, comment, name in rows
    ]


def _quote(body: str) -> str:
    text = mask_emails(body)
    is_long = len(text) > MAX_QUOTE_LENGTH
    return f"{text[: MAX_QUOTE_LENGTH - 1]}…" if is_long else text


def _load_brakes(
    session: Session, ids: Sequence[int], site_ids: Sequence[int], now: datetime
) -> list[NotificationFact]:
    rows = session.execute(
        sa.select(Brake, Site.name)
        .join(Site, Site.id == Brake.site_id)
        .where(Brake.id.in_(ids), Brake.site_id.in_(site_ids))
        .order_by(Brake.id)
    )
    return [
        NotificationFact(
            text="wave",
            path="/console/campaigns",
            values={"site": name, "brake": brake.kind, "count": brake.held},
            named={"brake": "brake"},
        )
        for brake, name in rows
        if not is_let_go(brake, now)
    ]


def _load_alarms(
    session: Session, ids: Sequence[int], site_ids: Sequence[int]
) -> list[NotificationFact]:
    rows = session.execute(
        sa.select(Alarm, Site.name)
        .join(Site, Site.id == Alarm.site_id)
        .where(Alarm.id.in_(ids), Alarm.site_id.in_(site_ids), Alarm.seen_at.is_(None))
        .order_by(Alarm.id)
    )
    return [
        NotificationFact(
            text="drift",
            path=f"/console/settings/alerts?site={name}",
            values={"site": name, "drift": alarm.kind, "subject": alarm.subject},
            named={"drift": "drift_kind"},
        )
        for alarm, name in rows
    ]


def _load_jobs(
    session: Session, ids: Sequence[int], site_ids: Sequence[int]
) -> list[NotificationFact]:
    rows = session.execute(
        sa.select(Job, Site.name)
        .join(Site, Site.id == Job.site_id)
        .where(Job.id.in_(ids), Job.site_id.in_(site_ids))
        .order_by(Job.id)
    )
    return [
        NotificationFact(
            text="job_failed",
            path=f"/console/settings/jobs?site={name}",
            values={
                "site": name,
                "job": job.kind if job.kind in set(JobKind) else "other",
                "since": (job.finished_at or job.created_at).strftime(MOMENT),
            },
            named={"job": "job_kind"},
        )
        for job, name in rows
    ]
