"""Applies a site's retention clocks in small steps, or counts what is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments import erasure, holds
from moderation.comments.erasure import ErasureMode
from moderation.policy.verdicts import Status
from moderation.subjects.clocks import Clocks, DataClass, read_clocks
from moderation.subjects.person import DataSubject, names_of
from moderation.tables.authors import Author, AuthorNote, StandingChange
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.models import Model
from moderation.tables.monitoring import BlindLook
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import Escalation, Note, QaReview
from moderation.tables.sites import Site
from moderation.tables.subjects import SiteRetention
from moderation.tables.webhooks import Delivery, Webhook

BATCH_SIZE = 500  # rows in one commit: between two, others write
ERASED_AT_ONCE = 50  # comments, likewise
PASS_EVERY = timedelta(days=1)  # how often all clocks of a site are applied
WITHDRAWN = "erased-"  # begins what stands for a reporter whose clock has run out


@dataclass(frozen=True, kw_only=True)
class _Moment:
    """What a clock is applied to."""

    site_id: int
    before: datetime  #: what is older is deleted
    now: datetime
    mode: ErasureMode


@dataclass(frozen=True, kw_only=True)
class _Clock:
    """What one part of a class is, and what becomes of it."""

    key: InstrumentedAttribute[int]  #: of the rows
    due: Callable[[_Moment], sa.Select[Any]]  #: selects their keys
    apply: Callable[[Session, Sequence[int], _Moment], None]
    batch_size: int = BATCH_SIZE


def due_site(session: Session, now: datetime) -> int | None:
    """Return a site whose clocks are to be applied now; it locks nothing."""
    return session.scalar(
        sa.select(Site.id)
        .outerjoin(SiteRetention, SiteRetention.site_id == Site.id)
        .where(
            sa.or_(
                SiteRetention.applied_at.is_(None),
                SiteRetention.applied_at <= now - PASS_EVERY,
            ),
            sa.or_(SiteRetention.starts_at.is_(None), SiteRetention.starts_at <= now),
        )
        .order_by(Site.id)
        .limit(1)
    )


def count_due(session: Session, site_id: int, now: datetime) -> dict[DataClass, int]:
    """Count what each clock of a site would delete now; nothing is deleted.

    Before `Clocks.starts_at` it counts what would be deleted then, if nothing came.
    """
    clocks = read_clocks(session, site_id)
    counts = {}
    for each, moment in _moments(site_id, clocks, now).items():
        counts[each] = sum(
            session.scalar(
                sa.select(sa.func.count()).select_from(clock.due(moment).subquery())
            )
            or 0
            for clock in CLOCKS[each]
        )
    return counts


@dataclass(frozen=True, kw_only=True)
class ClockStep:
    """A part of a class whose rows are found and deleted batch by batch."""

    data: DataClass
    _clock: _Clock
    _moment: _Moment

    def find(self, session: Session, after: int) -> Sequence[int]:
        """Return the keys of the next rows that are due, behind a key."""
        clock = self._clock
        query = clock.due(self._moment).where(clock.key > after).order_by(clock.key)
        return session.scalars(query.limit(clock.batch_size)).all()

    def apply(self, session: Session, keys: Sequence[int]) -> int:
        """Delete those of some rows that are still due; return how many."""
        clock = self._clock
        still = clock.due(self._moment).where(clock.key.in_(keys)).order_by(clock.key)
        due = session.scalars(still).all()
        if due:
            clock.apply(session, due, self._moment)
        return len(due)


def list_steps(session: Session, site_id: int, now: datetime) -> list[ClockStep]:
    """Return the steps of a pass through a site's clocks."""
    moments = _moments(site_id, read_clocks(session, site_id), now)
    return [
        ClockStep(data=each, _clock=clock, _moment=moment)
        for each, moment in moments.items()
        for clock in CLOCKS[each]
    ]


def record_counts(
    session: Session, site_id: int, counts: Mapping[DataClass, int]
) -> None:
    """Record what a pass has deleted, if anything."""
    deleted = [f"{each}={count}" for each, count in counts.items() if count]
    if deleted:
        target = (TargetKind.SITE, site_id)
        action = AuditAction.RETENTION_APPLIED
        record(session, action, target=target, site_id=site_id, deleted=deleted)


def _moments(site_id: int, clocks: Clocks, now: datetime) -> dict[DataClass, _Moment]:
    return {
        each: _Moment(
            site_id=site_id,
            before=now - timedelta(days=days),
            now=now,
            mode=clocks.mode,
        )
        for each, days in clocks.days.items()
        if days is not None
    }


def _is_free(at: _Moment) -> sa.ColumnElement[bool]:
    """Return the condition on a comment of the site that no hold keeps."""
    return sa.and_(Comment.site_id == at.site_id, ~holds.is_under_hold(at.now))


def _clear(*columns: str) -> _Clock:
    """Return the clock of columns of comments that came so long ago."""
    is_full = sa.or_(*(getattr(Comment, name).is_not(None) for name in columns))

    def due(at: _Moment) -> sa.Select[Any]:
        query = sa.select(Comment.id).where(Comment.received_at < at.before, is_full)
        return query.where(_is_free(at))

    def apply(session: Session, keys: Sequence[int], at: _Moment) -> None:
        change = sa.update(Comment).where(Comment.id.in_(keys))
        _run(session, change.values(dict.fromkeys(columns)))

    return _Clock(key=Comment.id, due=due, apply=apply)


def _old_addresses(at: _Moment) -> sa.Select[Any]:
    """Select comments with an address whose author has written nothing since."""
    is_back = sa.exists().where(
        Author.id == Comment.author_record_id, Author.last_seen_at >= at.before
    )
    return sa.select(Comment.id).where(
        Comment.received_at < at.before,
        Comment.email_index.is_not(None),
        ~is_back,
        _is_free(at),
    )


def _forget_addresses(session: Session, keys: Sequence[int], at: _Moment) -> None:
    authors = sa.select(Comment.author_record_id).where(Comment.id.in_(keys))
    _run(
        session,
        sa.update(Author).where(Author.id.in_(authors)).values(address_key=None),
    )
    change = sa.update(Comment).where(Comment.id.in_(keys))
    _run(session, change.values(email_encrypted=None, email_index=None))


def _old_comments(status: Status) -> Callable[[_Moment], sa.Select[Any]]:
    def due(at: _Moment) -> sa.Select[Any]:
        is_fresh = sa.exists().where(
            Decision.comment_id == Comment.id, Decision.created_at >= at.before
        )
        is_anonymous = sa.and_(
            Comment.author_name == erasure.ANONYMOUS, Comment.fingerprint == ""
        )
        stays = is_anonymous if at.mode is ErasureMode.ANONYMIZE else sa.false()
        return sa.select(Comment.id).where(
            Comment.status == status.value,
            Comment.deleted_at.is_(None),
            Comment.received_at < at.before,
            _is_free(at),
            ~is_fresh,
            ~stays,
        )

    return due


def _erase(session: Session, keys: Sequence[int], at: _Moment) -> None:
    comments = session.scalars(
        sa.select(Comment)
        .where(Comment.id.in_(keys), Comment.deleted_at.is_(None))
        .order_by(Comment.id)
        .with_for_update()
    ).all()
    for comment in comments:
        author_id = comment.author_record_id
        subject = DataSubject(
            site_id=at.site_id, author_ids=() if author_id is None else (author_id,)
        )
        names = {comment.author_name, *names_of(session, subject)}
        erasure.erase_person(session, comment, at.mode, names, at.now)
    session.flush()


def _about_comments(
    table: Any, time: Any, is_full: sa.ColumnElement[bool]
) -> Callable[[_Moment], sa.Select[Any]]:
    """Return what selects old rows about comments that no hold keeps."""

    def due(at: _Moment) -> sa.Select[Any]:
        return (
            sa.select(table.id)
            .join(Comment, Comment.id == table.comment_id)
            .where(table.site_id == at.site_id, time < at.before, is_full)
            .where(_is_free(at))
        )

    return due


def _about_authors(
    table: Any, is_full: sa.ColumnElement[bool]
) -> Callable[[_Moment], sa.Select[Any]]:
    def due(at: _Moment) -> sa.Select[Any]:
        is_old = sa.and_(table.site_id == at.site_id, table.created_at < at.before)
        return sa.select(table.id).where(is_old, is_full)

    return due


def _set(
    table: Any, **values: Any
) -> Callable[[Session, Sequence[int], _Moment], None]:
    def apply(session: Session, keys: Sequence[int], at: _Moment) -> None:
        _run(session, sa.update(table).where(table.id.in_(keys)).values(values))

    return apply


def _delete(table: Any) -> Callable[[Session, Sequence[int], _Moment], None]:
    def apply(session: Session, keys: Sequence[int], at: _Moment) -> None:
        _run(session, sa.delete(table).where(table.id.in_(keys)))

    return apply


def _old_deliveries(at: _Moment) -> sa.Select[Any]:
    kept = sa.select(Comment.id).where(
        Comment.id == Delivery.comment_id, holds.is_under_hold(at.now)
    )
    return (
        sa.select(Delivery.id)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(
            Webhook.site_id == at.site_id,
            Delivery.settled_at < at.before,
            ~kept.exists(),
        )
    )


def _old_lineage(at: _Moment) -> sa.Select[Any]:
    active = sa.select(Site.model_id).where(
        Site.id == at.site_id, Site.model_id.is_not(None)
    )
    return sa.select(Model.id).where(
        Model.site_id == at.site_id,
        Model.created_at < at.before,
        Model.learnt_from.is_not(None),
        Model.id.not_in(active),
    )


def _run(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


_NOBODY = sa.literal(WITHDRAWN).concat(sa.cast(Report.id, sa.String()))

#: What each clock deletes, in the order in which clocks are applied.
CLOCKS: Mapping[DataClass, Sequence[_Clock]] = {
    DataClass.NETWORKS: [_clear("ip_pseudonym")],
    DataClass.USER_AGENTS: [_clear("user_agent")],
    DataClass.EMAILS: [
        _Clock(key=Comment.id, due=_old_addresses, apply=_forget_addresses)
    ],
    DataClass.REJECTED: [
        _Clock(
            key=Comment.id,
            due=_old_comments(Status.REJECTED),
            apply=_erase,
            batch_size=ERASED_AT_ONCE,
        )
    ],
    DataClass.PUBLISHED: [
        _Clock(
            key=Comment.id,
            due=_old_comments(Status.APPROVED),
            apply=_erase,
            batch_size=ERASED_AT_ONCE,
        )
    ],
    DataClass.REPORTS: [
        _Clock(
            key=Report.id,
            due=_about_comments(
                Report, Report.created_at, ~Report.reporter.startswith(WITHDRAWN)
            ),
            apply=_set(Report, reporter=_NOBODY, note=None),
        )
    ],
    DataClass.APPEALS: [
        _Clock(
            key=Appeal.id,
            due=_about_comments(Appeal, Appeal.heard_at, Appeal.text != ""),
            apply=_set(Appeal, text=""),
        )
    ],
    DataClass.NOTES: [
        _Clock(
            key=Note.id,
            due=_about_comments(Note, Note.created_at, sa.true()),
            apply=_delete(Note),
        ),
        _Clock(
            key=Escalation.id,
            due=_about_comments(
                Escalation, Escalation.ended_at, Escalation.note.is_not(None)
            ),
            apply=_set(Escalation, note=None),
        ),
        _Clock(
            key=AuthorNote.id,
            due=_about_authors(AuthorNote, sa.true()),
            apply=_delete(AuthorNote),
        ),
        _Clock(
            key=StandingChange.id,
            due=_about_authors(StandingChange, StandingChange.note.is_not(None)),
            apply=_set(StandingChange, note=None),
        ),
    ],
    DataClass.DELIVERIES: [
        _Clock(key=Delivery.id, due=_old_deliveries, apply=_delete(Delivery))
    ],
    DataClass.QA_REVIEWS: [
        _Clock(
            key=QaReview.id,
            due=_about_comments(QaReview, QaReview.closed_at, sa.true()),
            apply=_delete(QaReview),
        ),
        _Clock(
            key=BlindLook.id,
            due=_about_comments(BlindLook, BlindLook.created_at, sa.true()),
            apply=_delete(BlindLook),
        ),
    ],
    DataClass.LINEAGE: [
        _Clock(key=Model.id, due=_old_lineage, apply=_set(Model, learnt_from=None))
    ],
}
