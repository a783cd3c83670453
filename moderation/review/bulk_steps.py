"""Decide or undo a batch, some comments a step, each step in one commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.scope import in_sections
from moderation.comments import decisions
from moderation.comments.decisions import DecisionDraft
from moderation.objections import reports
from moderation.policy.reasons import Reason, ReasonCode
from moderation.policy.status_changes import STATUS_AFTER
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.queue import score_histogram
from moderation.queue.score_histogram import QueueSlice, ScoreRange
from moderation.review.batches import BatchKind, BatchState, progress
from moderation.review.claims import is_free
from moderation.tables.comments import PENDING, Comment
from moderation.tables.decisions import Decision, is_effective
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import DecisionBatch

#: Comments a step: between two, others write, and the work can be stopped.
BATCH_SIZE = 200


def run_step(session: Session, batch_id: int, now: datetime) -> tuple[bool, float]:
    """Do one more step of a batch; return if more is left, and how much is done.

    The step and the mark of how far it came are one commit: whoever takes it up after
    a crash goes on exactly there.
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


def are_chosen(batch: DecisionBatch) -> list[sa.ColumnElement[bool] | sa.TextClause]:
    """Return the conditions that a comment is meant, and as the person saw it."""
    if batch.kind == BatchKind.CAMPAIGN.value:
        meant = [
            Comment.site_id == batch.site_id,
            Comment.campaign_id == batch.campaign_id,
        ]
    else:
        said = batch.filter
        part = QueueSlice(
            site_id=batch.site_id,
            label=said["label"],
            section=said.get("section"),
            language=said.get("language"),
        )
        found = ScoreRange(low=said["low"], high=said["high"])
        meant = [
            *score_histogram.slice_conditions(part),
            score_histogram.is_in_range(part.label, found),
        ]
    if "sections" in batch.filter:
        meant.append(in_sections(batch.site_id, batch.filter["sections"]))
    since = sa.exists().where(
        Decision.comment_id == Comment.id, Decision.created_at > batch.as_of
    )
    return [*meant, PENDING, Comment.received_at <= batch.as_of, ~since]


def _decide_some(session: Session, batch: DecisionBatch, now: datetime) -> bool:
    """Decide the next comments of a batch; tell if they were the last."""
    ids = session.scalars(
        sa.select(Comment.id)
        .where(*are_chosen(batch), Comment.id > batch.cursor)
        .order_by(Comment.id)
        .limit(BATCH_SIZE)
    ).all()
    # What somebody claims at this very moment is passed over, not waited for.
    free = (
        sa.select(Comment.id)
        .where(
            Comment.id.in_(ids),
            PENDING,
            is_free(batch.staff_id, now),
            Comment.escalated_at.is_(None),  # a lead has it, in a way
            ~_appealed,  # somebody of their own hears each
        )
        .order_by(Comment.id)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    decided = decisions.decide_many(
        session,
        sa.select(free.c.id),
        _verdict_of(batch, now),
        before=Status.PENDING,
    )
    for comment, decision in _reported(session, batch, decided):
        reports.settle(session, comment, decision)
    batch.decided += len(decided)
    done = set(decided)
    batch.skipped += _count_waiting(session, [i for i in ids if i not in done])
    batch.cursor = ids[-1] if ids else batch.cursor
    return len(ids) < BATCH_SIZE


def _verdict_of(batch: DecisionBatch, now: datetime) -> DecisionDraft:
    """Return the decision that a batch gives to each comment."""
    return DecisionDraft(
        verdict=Verdict(batch.verdict),
        source=Source.PERSON,
        at=now,
        reasons=[Reason(**reason) for reason in batch.reasons],
        staff_id=batch.staff_id,
        batch_id=batch.id,
    )


def _restore_some(session: Session, batch: DecisionBatch, now: datetime) -> bool:
    """Undo the next decisions of a batch; tell if they were the last."""
    given = session.execute(
        sa.select(Decision.id, Decision.comment_id, Decision.source)
        .where(*are_given(batch), Decision.id > batch.cursor)
        .order_by(Decision.id)
        .limit(BATCH_SIZE)
    ).all()
    # Locked first, then looked at: nobody decides in between.
    locked = session.scalars(
        sa.select(Comment.id)
        .where(
            Comment.id.in_([row.comment_id for row in given]),
            Comment.deleted_at.is_(None),
        )
        .order_by(Comment.id)
        .with_for_update()
    ).all()
    effective = _still_effective(session, [row.id for row in given])
    rows = [row for row in given if row.id in effective and row.comment_id in {*locked}]
    in_advance = [row for row in rows if row.source == Source.CAMPAIGN.value]
    by_hand = {
        row.comment_id: row.id for row in rows if row.source != Source.CAMPAIGN.value
    }
    before = STATUS_AFTER[Verdict(batch.verdict)]
    revoked = DecisionDraft(
        verdict=Verdict.REVIEW,
        source=Source.PERSON,
        at=now,
        staff_id=batch.undone_by or batch.staff_id,
        batch_id=batch.id,
        reasons=decisions.UNDONE,
    )
    decisions.undo_many(session, by_hand, revoked, before=before, batch_id=batch.id)
    # An undo brings back what was before; of these, nothing was.
    reason = Reason(code=ReasonCode.CAMPAIGN, campaign=batch.campaign_id)
    decisions.decide_many(
        session,
        sa.select(Comment.id).where(
            Comment.id.in_([row.comment_id for row in in_advance])
        ),
        replace(revoked, reasons=[reason]),
        before=before,
        is_revocable=False,
    )
    for comment, _ in _reported(session, batch, by_hand):
        reports.unsettle(session, comment)
    batch.restored += len(rows)
    batch.left += len(given) - len(rows)
    batch.cursor = given[-1].id if given else batch.cursor
    return len(given) < BATCH_SIZE


def _reported(
    session: Session, batch: DecisionBatch, revisions: Collection[int]
) -> Sequence[tuple[Comment, Decision]]:
    """Return those of some comments that readers reported, with their newest decision.

    They are few, and each is settled by itself.
    """
    newest = (
        sa.select(sa.func.max(Decision.id))
        .where(Decision.batch_id == batch.id, Decision.comment_id.in_(revisions))
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


def _count_waiting(session: Session, ids: Sequence[int]) -> int:
    """Count which of some comments still wait: somebody holds them."""
    if not ids:
        return 0
    query = sa.select(sa.func.count()).select_from(Comment)
    return session.scalar(query.where(Comment.id.in_(ids), PENDING)) or 0


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


_appealed = sa.exists().where(
    Appeal.comment_id == Comment.id, Appeal.heard_at.is_(None)
)
