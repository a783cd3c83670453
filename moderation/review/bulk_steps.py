"""Decide or undo a batch, some comments a step, each step in one commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.scope import in_sections
from moderation.comments import decisions
from moderation.comments.decisions import DecisionDraft
from moderation.comments.statements import LegalBasis
from moderation.objections import reports
from moderation.policy.reasons import Reason, ReasonCode
from moderation.policy.status_changes import STATUS_AFTER, VERDICT_FOR
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.review.batches import BatchKind, BatchState, progress
from moderation.review.claims import is_free
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision, is_effective
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import BatchComment, DecisionBatch, QaReview

#: Comments a step: between two, others write, and the work can be stopped.
BATCH_SIZE = 200


def run_step(session: Session, batch_id: int, now: datetime) -> tuple[bool, float]:
    """Do one more step of a batch; return if more is left, and how much is done.

    The step and the mark of how far it came are one commit: after a crash, the next
    worker continues exactly there.
    """
    batch = session.scalars(
        sa.select(DecisionBatch)
        .where(DecisionBatch.id == batch_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if batch.state == BatchState.RUNNING.value:
        is_over = _decide_some(session, batch, now)
        if is_over:
            batch.state, batch.finished_at = BatchState.DONE.value, now
    elif batch.state == BatchState.UNDOING.value:
        is_over = _restore_some(session, batch, now)
        if is_over:
            batch.state, batch.undone_at = BatchState.UNDONE.value, now
            batch.finished_at = batch.finished_at or now
    else:
        is_over = True
    session.flush()
    return not is_over, progress(batch)


def of_job(session: Session, job_id: int) -> int:
    """Return the id of the batch that a job carries on."""
    return session.scalars(
        sa.select(DecisionBatch.id).where(DecisionBatch.job_id == job_id)
    ).one()


def drop_rest(session: Session, batch: DecisionBatch) -> None:
    """Forget the comments that a batch has not decided: it is over."""
    rest = BatchComment.batch_id == batch.id
    session.execute(_quietly(sa.delete(BatchComment).where(rest)))


def _decide_some(session: Session, batch: DecisionBatch, now: datetime) -> bool:
    """Decide the next comments of a batch; tell if they were the last."""
    of_batch = BatchComment.batch_id == batch.id
    ids = session.scalars(
        sa.select(BatchComment.comment_id)
        .where(of_batch, BatchComment.comment_id > batch.cursor)
        .order_by(BatchComment.comment_id)
        .limit(BATCH_SIZE)
    ).all()
    # Comments that someone claims at this very moment are passed over, not waited for.
    rows = session.execute(
        _as_seen(batch, ids, Comment.id, Comment.status)
        .where(
            is_free(batch.staff_id, now),
            Comment.escalated_at.is_(None),  # a lead has it, in a way
            ~_appealed,  # someone of their own hears each
            ~_is_under_review(now),
            *_care_conditions(batch),
        )
        .order_by(Comment.id)
        .with_for_update(skip_locked=True, of=Comment)
    ).all()
    decided: list[int] = []
    for before in Status:
        chosen = [row.id for row in rows if row.status == before.value]
        if chosen:
            decided += decisions.decide_many(
                session,
                sa.select(Comment.id).where(Comment.id.in_(chosen)),
                _verdict_of(batch, now),
                before=before,
            )
    for comment, decision in _reported(session, batch, decided):
        reports.settle(session, comment, decision)
    skipped = _count_as_seen(session, batch, sorted({*ids} - {*decided}))
    batch.decided += len(decided)
    batch.skipped += skipped
    batch.changed += len(ids) - len(decided) - skipped
    batch.cursor = ids[-1] if ids else batch.cursor
    passed = BatchComment.comment_id <= batch.cursor
    session.execute(_quietly(sa.delete(BatchComment).where(of_batch, passed)))
    return len(ids) < BATCH_SIZE


def _as_seen(batch: DecisionBatch, ids: Sequence[int], *columns: Any) -> sa.Select[Any]:
    """Select columns of comments that a batch may change, unchanged since selected."""
    query = (
        sa.select(*columns)
        .join(
            BatchComment,
            sa.and_(
                BatchComment.batch_id == batch.id,
                BatchComment.comment_id == Comment.id,
                BatchComment.version == Comment.version,
            ),
        )
        .where(
            Comment.id.in_(ids),
            Comment.status != STATUS_AFTER[Verdict(batch.verdict)].value,
            Comment.deleted_at.is_(None),
        )
    )
    if "sections" in batch.filter:
        return query.where(in_sections(batch.site_id, batch.filter["sections"]))
    return query


def _count_as_seen(session: Session, batch: DecisionBatch, ids: Sequence[int]) -> int:
    """Count the comments that a batch may change still: someone has claimed them."""
    if not ids:
        return 0
    unchanged = _as_seen(batch, ids, Comment.id).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(unchanged)) or 0


def _quietly(statement: sa.Delete) -> sa.Delete:
    return statement.execution_options(synchronize_session=False)


def _verdict_of(batch: DecisionBatch, now: datetime) -> DecisionDraft:
    """Return the decision that a batch gives to each comment."""
    return DecisionDraft(
        verdict=Verdict(batch.verdict),
        source=Source.PERSON,
        at=now,
        reasons=[Reason(**reason) for reason in batch.reasons],
        staff_id=batch.staff_id,
        batch_id=batch.id,
        basis=LegalBasis.read(batch.basis),
    )


def _restore_some(session: Session, batch: DecisionBatch, now: datetime) -> bool:
    """Undo the next decisions of a batch; tell if they were the last."""
    given = session.execute(
        sa.select(
            Decision.id, Decision.comment_id, Decision.source, Decision.status_before
        )
        .where(*are_given(batch), Decision.id > batch.cursor)
        .order_by(Decision.id)
        .limit(BATCH_SIZE)
    ).all()
    # Locked first, then looked at: no one decides in between.
    locked = session.scalars(
        sa.select(Comment.id)
        .where(
            Comment.id.in_([row.comment_id for row in given]),
            Comment.deleted_at.is_(None),
            # Of a comment that was made pending, a colleague may have taken care.
            is_free(_undone_by(batch), now),
            Comment.escalated_at.is_(None),
        )
        .order_by(Comment.id)
        .with_for_update()
    ).all()
    effective = _still_effective(session, [row.id for row in given])
    rows = [row for row in given if row.id in effective and row.comment_id in {*locked}]
    by_hand = [row for row in rows if row.source != Source.CAMPAIGN.value]
    before = STATUS_AFTER[Verdict(batch.verdict)]
    revoked = DecisionDraft(
        verdict=Verdict.REVIEW,
        source=Source.PERSON,
        at=now,
        staff_id=_undone_by(batch),
        batch_id=batch.id,
        reasons=decisions.UNDONE,
    )
    for earlier in Status:
        undone = {
            row.comment_id: row.id
            for row in by_hand
            if row.status_before == earlier.value
        }
        if undone:
            draft = replace(revoked, verdict=VERDICT_FOR[earlier])
            decisions.undo_many(
                session, undone, draft, before=before, batch_id=batch.id
            )
    _hold_again(session, batch, [row for row in rows if row not in by_hand], revoked)
    restored = [row.comment_id for row in by_hand]
    for comment, _ in _reported(session, batch, restored):
        reports.unsettle(session, comment)
    batch.restored += len(rows)
    batch.left += len(given) - len(rows)
    batch.cursor = given[-1].id if given else batch.cursor
    return len(given) < BATCH_SIZE


def _reported(
    session: Session, batch: DecisionBatch, comment_ids: Collection[int]
) -> Sequence[tuple[Comment, Decision]]:
    """Return those of some comments that readers reported, with their newest decision.

    They are few, and each is settled by itself.
    """
    newest = (
        sa.select(sa.func.max(Decision.id))
        .where(Decision.batch_id == batch.id, Decision.comment_id.in_(comment_ids))
        .where(Decision.comment_id.in_(sa.select(Report.comment_id)))
        .group_by(Decision.comment_id)
    )
    rows = session.execute(
        sa.select(Comment, Decision)
        .join(Decision, Decision.comment_id == Comment.id)
        .where(Decision.id.in_(newest))
        .execution_options(populate_existing=True)
    )
    return [(row.Comment, row.Decision) for row in rows]


def _hold_again(
    session: Session, batch: DecisionBatch, rows: Sequence[Any], revoked: DecisionDraft
) -> None:
    """Hold the comments that the batch's standing decision has decided.

    An undo brings an earlier status back; new comments had none.
    """
    if not rows:
        return
    reason = Reason(code=ReasonCode.CAMPAIGN, campaign=batch.campaign_id)
    decisions.decide_many(
        session,
        sa.select(Comment.id).where(Comment.id.in_([row.comment_id for row in rows])),
        replace(revoked, reasons=[reason]),
        before=STATUS_AFTER[Verdict(batch.verdict)],
        is_revocable=False,
    )


def _undone_by(batch: DecisionBatch) -> int:
    return batch.undone_by or batch.staff_id


def are_given(batch: DecisionBatch) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a decision is a batch's, not of its undoing."""
    return (
        Decision.batch_id == batch.id,
        Decision.verdict == batch.verdict,
        Decision.undoes_id.is_(None),
    )


def _still_effective(session: Session, decision_ids: Sequence[int]) -> set[int]:
    """Return which of some decisions are the effective ones of their comments."""
    query = sa.select(Decision.id).where(Decision.id.in_(decision_ids), is_effective())
    return set(session.scalars(query))


def _is_under_review(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that someone reviews a comment as a QA sample just now."""
    return sa.exists().where(
        QaReview.comment_id == Comment.id,
        QaReview.closed_at.is_(None),
        QaReview.claimed_until > now,
    )


def _care_conditions(batch: DecisionBatch) -> list[sa.ColumnElement[bool]]:
    """Return the condition that keeps pending calls for care for moderators.

    Who decides by filters or scores has read none of the comments.
    """
    if batch.kind not in (BatchKind.RANGE.value, BatchKind.FILTER.value):
        return []
    is_pending = Comment.status == Status.PENDING.value
    return [~sa.and_(Comment.calls_for_care, is_pending)]


_appealed = sa.exists().where(
    Appeal.comment_id == Comment.id, Appeal.heard_at.is_(None)
)
