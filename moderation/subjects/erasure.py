"""Erasure of a person at a site: requested, done in steps, ended with a receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments import erasure, holds
from moderation.comments.erasure import ErasureMode
from moderation.errors import Conflict, NotFound
from moderation.subjects import traces
from moderation.subjects.person import DataSubject, names_of
from moderation.tables.comments import Comment
from moderation.tables.subjects import PersonErasure

BATCH_SIZE = 50  # comments in one commit: between two, others write
LISTED = 100  # requests of a site, the newest


class ErasureState(StrEnum):
    """The state of a request."""

    REQUESTED = "requested"  #: by the person; an admin allows or refuses it
    RUNNING = "running"  #: a worker, or the command, carries it out
    SUCCEEDED = "succeeded"  #: there is a receipt
    REFUSED = "refused"  #: by an admin, with a reason in the audit log


def request(
    session: Session,
    subject: DataSubject,
    mode: ErasureMode,
    *,
    staff_id: int | None,
    retrains: bool,
    now: datetime,
    is_by_person: bool = False,
) -> PersonErasure:
    """Store a request to erase a person; a worker carries it out from the commit on.

    One that the person has made through a link waits for an admin.
    """
    state = ErasureState.REQUESTED if is_by_person else ErasureState.RUNNING
    row = PersonErasure(
        site_id=subject.site_id,
        state=state.value,
        mode=mode.value,
        retrains=retrains,
        created_at=now,
        staff_id=staff_id,
        is_by_person=is_by_person,
        subject=subject.as_json(),
        progress={},
    )
    session.add(row)
    session.flush()
    _record(session, AuditAction.ERASURE_REQUESTED, row, mode=mode.value)
    return row


def allow(
    session: Session, row: PersonErasure, *, staff_id: int, mode: ErasureMode
) -> None:
    """Let a request that the person has made be carried out.

    Raises
    ------
    Conflict
        If someone has answered it already.
    """
    _refuse_answered(row)
    row.state, row.staff_id, row.mode = ErasureState.RUNNING.value, staff_id, mode.value
    _record(session, AuditAction.ERASURE_REQUESTED, row, mode=mode.value)


def refuse(
    session: Session, row: PersonErasure, *, staff_id: int, reason: str, now: datetime
) -> None:
    """Refuse a request that the person has made; the audit log keeps the reason.

    Raises
    ------
    Conflict
        If someone has answered it already.
    """
    _refuse_answered(row)
    row.state, row.staff_id = ErasureState.REFUSED.value, staff_id
    row.subject, row.finished_at = None, now
    _record(session, AuditAction.ERASURE_REFUSED, row, reason=reason)


def find(
    session: Session, site_id: int, erasure_id: int, *, for_update: bool = False
) -> PersonErasure:
    """Return a request of a site.

    Raises
    ------
    NotFound
        If there is none.
    """
    query = sa.select(PersonErasure).where(
        PersonErasure.id == erasure_id, PersonErasure.site_id == site_id
    )
    row = session.scalar(query.with_for_update() if for_update else query)
    if row is None:
        raise NotFound("There is no such erasure.")
    return row


def list_newest(session: Session, site_id: int) -> Sequence[PersonErasure]:
    """Return a site's requests, the newest first."""
    return session.scalars(
        sa.select(PersonErasure)
        .where(PersonErasure.site_id == site_id)
        .order_by(PersonErasure.id.desc())
        .limit(LISTED)
    ).all()


def has_asked(session: Session, subject: DataSubject) -> bool:
    """Return whether a request of the person waits or runs."""
    rows = session.scalars(
        sa.select(PersonErasure.subject).where(
            PersonErasure.site_id == subject.site_id,
            PersonErasure.subject.is_not(None),
        )
    )
    return any(stored == subject.as_json() for stored in rows)


def next_running(session: Session) -> int | None:
    """Return the oldest request that is to be carried out; it locks nothing."""
    return session.scalar(
        sa.select(PersonErasure.id)
        .where(sa.text("state = 'running'"))
        .order_by(PersonErasure.id)
        .limit(1)
    )


def is_running(session: Session, erasure_id: int) -> bool:
    """Return whether a request is still to be carried out."""
    query = sa.select(PersonErasure.id).where(
        PersonErasure.id == erasure_id, sa.text("state = 'running'")
    )
    return session.scalar(query) is not None


def run_step(session: Session, erasure_id: int, now: datetime) -> bool:
    """Erase some of a person's comments, or at last what else there is; return if more.

    Comments under a legal hold stay, and so does their author's record.
    """
    row = session.scalar(
        sa.select(PersonErasure)
        .where(PersonErasure.id == erasure_id, sa.text("state = 'running'"))
        .with_for_update()
    )
    if row is None or row.subject is None:
        return False
    subject, mode = DataSubject.of_json(row.site_id, row.subject), ErasureMode(row.mode)
    names = names_of(session, subject)
    comments = session.scalars(
        sa.select(Comment)
        .where(subject.has_written(), ~holds.is_under_hold(now))
        .order_by(Comment.id)
        .limit(BATCH_SIZE)
        .with_for_update()
    ).all()
    progress = _Progress(row.progress)
    if progress.beside is None:  # once, while names and ids can still be read
        progress.beside = traces.forget_beside(session, subject, names, now)
    traces.forget_copies(session, comments, progress.counts)
    for comment in comments:
        done = erasure.erase_person(session, comment, mode, names, now)
        progress.ids[done].append(comment.id)
    session.flush()
    if not comments:
        traces.forget_rest(session, subject, progress.counts)
    row.progress = progress.as_json()
    return bool(comments)


class _Progress:
    """The erased rows so far, as stored."""

    def __init__(self, stored: dict[str, Any]) -> None:
        ids = stored.get("ids", {})
        self.ids = {mode: list(ids.get(mode.value, [])) for mode in ErasureMode}
        self.counts: Counter[str] = Counter(stored.get("counts", {}))
        #: what else names the person, for the receipt; None: not looked for yet
        self.beside: dict[str, Any] | None = stored.get("beside")

    def as_json(self) -> dict[str, Any]:
        return {
            "ids": {mode.value: ids for mode, ids in self.ids.items()},
            "counts": dict(self.counts),
            "beside": self.beside,
        }


def held_ids(session: Session, subject: DataSubject, now: datetime) -> list[str]:
    """Return the public ids of a person's comments that a legal hold keeps."""
    rows = session.scalars(
        sa.select(Comment.id)
        .where(subject.has_written(), holds.is_under_hold(now))
        .order_by(Comment.id)
    )
    return [identifiers.encode(number) for number in rows]


def _refuse_answered(row: PersonErasure) -> None:
    if row.state != ErasureState.REQUESTED.value:
        raise Conflict("This request was answered already.")


def _record(
    session: Session, action: AuditAction, row: PersonErasure, **details: Any
) -> None:
    record(
        session,
        action,
        target=(TargetKind.ERASURE, row.id),
        site_id=row.site_id,
        **details,
    )
