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
from moderation.comments import erasure
from moderation.policy.verdicts import Status
from moderation.subjects.clocks import Clocks, DataClass, read_clocks
from moderation.subjects.due_rows import (
    ClockMoment,
    about_authors,
    about_comments,
    is_free,
    old_addresses,
    old_comments,
    old_deliveries,
    old_lineage,
    old_notices,
)
from moderation.subjects.person import DataSubject, names_of
from moderation.tables.authors import Author, AuthorNote, StandingChange
from moderation.tables.comments import Comment
from moderation.tables.legal import Notice
from moderation.tables.models import Model
from moderation.tables.monitoring import BlindLook
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import Escalation, Note, QaReview
from moderation.tables.sites import Site
from moderation.tables.subjects import SiteRetention
from moderation.tables.webhooks import Delivery

BATCH_SIZE = 500  # rows in one commit: between two, others write
ERASED_AT_ONCE = 50  # comments, the same
PASS_EVERY = timedelta(days=1)  # how often all clocks of a site are applied
WITHDRAWN = "erased-"  # prefix of what replaces a reporter whose data expired


@dataclass(frozen=True, kw_only=True)
class _Clock:
    """One part of a class, and its treatment."""

    key: InstrumentedAttribute[int]  #: of the rows
    due: Callable[[ClockMoment], sa.Select[Any]]  #: selects their keys
    apply: Callable[[Session, Sequence[int], ClockMoment], None]
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
    _moment: ClockMoment

    def find(self, session: Session, after: int) -> Sequence[int]:
        """Return the keys of the next rows that are due, behind a key."""
        clock = self._clock
        query = (
            clock.due(self._moment)
            .where(clock.key > sa.literal(after, sa.BigInteger()))
            .order_by(clock.key)
        )
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


def _moments(
    site_id: int, clocks: Clocks, now: datetime
) -> dict[DataClass, ClockMoment]:
    return {
        each: ClockMoment(
            site_id=site_id,
            before=now - timedelta(days=days),
            now=now,
            mode=clocks.mode,
        )
        for each, days in clocks.days.items()
        if days is not None
    }


def _clear(*columns: str) -> _Clock:
    """Return the clock of columns of comments that came so long ago."""
    is_full = sa.or_(*(getattr(Comment, name).is_not(None) for name in columns))

    def due(at: ClockMoment) -> sa.Select[Any]:
        query = sa.select(Comment.id).where(Comment.received_at < at.before, is_full)
        return query.where(is_free(at))

    def apply(session: Session, keys: Sequence[int], at: ClockMoment) -> None:
        change = sa.update(Comment).where(Comment.id.in_(keys))
        _run(session, change.values(dict.fromkeys(columns)))

    return _Clock(key=Comment.id, due=due, apply=apply)


def _forget_addresses(session: Session, keys: Sequence[int], at: ClockMoment) -> None:
    authors = sa.select(Comment.author_record_id).where(Comment.id.in_(keys))
    _run(
        session,
        sa.update(Author).where(Author.id.in_(authors)).values(address_key=None),
    )
    change = sa.update(Comment).where(Comment.id.in_(keys))
    _run(session, change.values(email_encrypted=None, email_index=None))


def _erase(session: Session, keys: Sequence[int], at: ClockMoment) -> None:
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


def _set(
    table: Any, **values: Any
) -> Callable[[Session, Sequence[int], ClockMoment], None]:
    def apply(session: Session, keys: Sequence[int], at: ClockMoment) -> None:
        _run(session, sa.update(table).where(table.id.in_(keys)).values(values))

    return apply


def _delete(table: Any) -> Callable[[Session, Sequence[int], ClockMoment], None]:
    def apply(session: Session, keys: Sequence[int], at: ClockMoment) -> None:
        _run(session, sa.delete(table).where(table.id.in_(keys)))

    return apply


def _run(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


_NOBODY = sa.literal(WITHDRAWN).concat(sa.cast(Report.id, sa.String()))

#: What each clock deletes, in the order in which clocks are applied.
CLOCKS: Mapping[DataClass, Sequence[_Clock]] = {
    DataClass.NETWORKS: [_clear("ip_pseudonym")],
    DataClass.USER_AGENTS: [_clear("user_agent")],
    DataClass.EMAILS: [
        _Clock(key=Comment.id, due=old_addresses, apply=_forget_addresses)
    ],
    DataClass.REJECTED: [
        _Clock(
            key=Comment.id,
            due=old_comments(Status.REJECTED),
            apply=_erase,
            batch_size=ERASED_AT_ONCE,
        )
    ],
    DataClass.PUBLISHED: [
        _Clock(
            key=Comment.id,
            due=old_comments(Status.APPROVED),
            apply=_erase,
            batch_size=ERASED_AT_ONCE,
        )
    ],
    DataClass.NOTICES: [
        _Clock(
            key=Notice.id,
            due=old_notices,
            apply=_set(Notice, sealed_name=None, sealed_email=None, notifier=None),
        )
    ],
    DataClass.REPORTS: [
        _Clock(
            key=Report.id,
            due=about_comments(
                Report, Report.created_at, ~Report.reporter.startswith(WITHDRAWN)
            ),
            apply=_set(Report, reporter=_NOBODY, note=None),
        )
    ],
    DataClass.APPEALS: [
        _Clock(
            key=Appeal.id,
            due=about_comments(Appeal, Appeal.heard_at, Appeal.text != ""),
            apply=_set(Appeal, text="", answer=None),
        )
    ],
    DataClass.NOTES: [
        _Clock(
            key=Note.id,
            due=about_comments(Note, Note.created_at, sa.true()),
            apply=_delete(Note),
        ),
        _Clock(
            key=Escalation.id,
            due=about_comments(
                Escalation, Escalation.ended_at, Escalation.note.is_not(None)
            ),
            apply=_set(Escalation, note=None),
        ),
        _Clock(
            key=AuthorNote.id,
            due=about_authors(AuthorNote, sa.true()),
            apply=_delete(AuthorNote),
        ),
        _Clock(
            key=StandingChange.id,
            due=about_authors(StandingChange, StandingChange.note.is_not(None)),
            apply=_set(StandingChange, note=None),
        ),
    ],
    DataClass.DELIVERIES: [
        _Clock(key=Delivery.id, due=old_deliveries, apply=_delete(Delivery))
    ],
    DataClass.QA_REVIEWS: [
        _Clock(
            key=QaReview.id,
            due=about_comments(QaReview, QaReview.closed_at, sa.true()),
            apply=_delete(QaReview),
        ),
        _Clock(
            key=BlindLook.id,
            due=about_comments(BlindLook, BlindLook.created_at, sa.true()),
            apply=_delete(BlindLook),
        ),
    ],
    DataClass.LINEAGE: [
        _Clock(key=Model.id, due=old_lineage, apply=_set(Model, learnt_from=None))
    ],
}
