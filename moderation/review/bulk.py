"""Batches: one decision of a person about many comments, and its undoing, whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import jobs
from moderation.campaigns import campaigns
from moderation.comments import decisions
from moderation.comments.decisions import NewDecision
from moderation.errors import Conflict, NotFound, NotUndoable, StaleVersion
from moderation.jobs import JobKind, JobState
from moderation.objections import reports
from moderation.policy import STATUS_AFTER, Reason, ReasonCode, Source, Status, Verdict
from moderation.queue import score_histogram
from moderation.queue.score_histogram import Range, Slice
from moderation.review.claims import is_free
from moderation.tables.accounts import Staff
from moderation.tables.campaigns import Campaign, StandingVerdict
from moderation.tables.comments import PENDING, Comment
from moderation.tables.decisions import Decision, is_effective
from moderation.tables.jobs import Job
from moderation.tables.objections import Appeal, Report
from moderation.tables.review import Batch
from moderation.webhooks import outbox

AT_ONCE = 200  # comments: a request decides so many itself, in well under a second
#: Comments a step: between two, others write, and the work can be stopped.
CHUNK = 200


class BatchKind(StrEnum):
    """What the comments of a batch were chosen by."""

    RANGE = "range"  #: a label's score, on the page for triage
    CAMPAIGN = "campaign"  #: near-duplicates


class BatchState(StrEnum):
    """How far a batch is."""

    RUNNING = "running"  #: a worker goes through it
    DONE = "done"
    UNDOING = "undoing"  #: a worker takes it back
    UNDONE = "undone"


def decide_range(
    session: Session,
    part: Slice,
    found: Range,
    *,
    staff_id: int,
    verdict: Verdict,
    reasons: Sequence[str],
    as_of: datetime,
    now: datetime,
) -> Batch:
    """Decide all pending comments of a slice whose score lies in a range.

    Only those that had come, as they are, at `as_of`, which is when the person looked;
    what somebody else holds is skipped.

    Raises
    ------
    Conflict
        If nothing waits there.
    """
    chosen = {
        "label": part.label,
        "low": found.low,
        "high": found.high,
        "section": part.section,
        "language": part.language,
    }
    batch = _draft(BatchKind.RANGE, part.site_id, staff_id, verdict, reasons, now)
    batch.filter = {name: value for name, value in chosen.items() if value is not None}
    batch.as_of = min(as_of, now)
    return _begin(session, batch, now)


def decide_campaign(
    session: Session,
    campaign: Campaign,
    *,
    staff_id: int,
    verdict: Verdict,
    reasons: Sequence[str],
    version: int,
    as_of: datetime,
    stands: timedelta | None,
    now: datetime,
) -> Batch:
    """Decide all pending comments of a campaign, and those still to come if wanted.

    Parameters
    ----------
    version
        Of the campaign, as the person saw it.
    stands
        How long the verdict meets what still comes; None: not at all.

    Raises
    ------
    StaleVersion
        If the campaign was merged or decided since.
    Conflict
        If nothing of it waits, and nothing is said of what is to come.
    """
    seen = session.scalar(
        sa.update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.version == version)
        .values(version=Campaign.version + 1)
        .returning(Campaign.id)
    )
    if seen is None:
        raise StaleVersion("The campaign changed since you saw it; read it again.")
    batch = _draft(
        BatchKind.CAMPAIGN, campaign.site_id, staff_id, verdict, reasons, now
    )
    batch.campaign_id = campaign.id
    batch.as_of = min(as_of, now)
    _begin(session, batch, now, may_be_empty=stands is not None)
    if stands is not None:
        campaigns.stand(
            session,
            campaign,
            verdict,
            staff_id=staff_id,
            batch_id=batch.id,
            until=now + stands,
            now=now,
        )
    return batch


def undo(
    session: Session,
    batch_id: int,
    *,
    staff_id: int,
    site_ids: Collection[int],
    led_site_ids: Collection[int],
    now: datetime,
    grace: timedelta,
) -> Batch:
    """Take a batch back, whole: each comment waits again, but for those changed since.

    While it still runs, it stops. What it said of comments still to come ends, and
    those that came meanwhile are taken back, too.

    Parameters
    ----------
    led_site_ids
        Where the person may take others' batches back.

    Raises
    ------
    NotFound
        If there is no such batch at these sites.
    NotUndoable
        If it is another's, was undone before, or ended longer than `grace` ago.
    """
    batch = find(session, batch_id, site_ids, for_update=True)
    refused = why_not_undone(
        batch, staff_id=staff_id, led_site_ids=led_site_ids, now=now, grace=grace
    )
    if refused is not None:
        raise NotUndoable(refused)
    _end_standing(session, batch, staff_id, now)
    is_carried_on = batch.state == BatchState.RUNNING.value and _has_work(
        session, batch
    )
    batch.state, batch.undone_by = BatchState.UNDOING.value, staff_id
    batch.cursor = 0
    session.flush()
    outbox.hold_back(session, batch.id)
    if is_carried_on:
        return batch
    if _count_given(session, batch) <= AT_ONCE:
        return _finish(session, batch, now)
    return _hand_over(session, batch, staff_id, now)


def why_not_undone(
    batch: Batch,
    *,
    staff_id: int,
    led_site_ids: Collection[int],
    now: datetime,
    grace: timedelta,
) -> str | None:
    """Return why a person can't take a batch back now; None: they can."""
    if batch.staff_id != staff_id and batch.site_id not in led_site_ids:
        return "Only who gave it, or a lead, can take this back."
    if batch.state in (BatchState.UNDOING.value, BatchState.UNDONE.value):
        return "This was taken back before."
    if batch.finished_at is not None and batch.finished_at < now - grace:
        return "The time for taking this back is over; decide anew instead."
    return None


def carry_on(session: Session, batch_id: int, now: datetime) -> tuple[bool, float]:
    """Do one more step of a batch; return if more is left, and how much is done.

    The step and the mark of how far it came are one commit: whoever takes it up after
    a crash goes on exactly there.
    """
    batch = session.scalars(
        sa.select(Batch)
        .where(Batch.id == batch_id)
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
    return session.scalars(sa.select(Batch.id).where(Batch.job_id == job_id)).one()


def progress(batch: Batch) -> float:
    """Return how much of what goes on now is done, 0 to 1."""
    if batch.state in (BatchState.DONE.value, BatchState.UNDONE.value):
        return 1.0
    if batch.state == BatchState.UNDOING.value:
        done, total = batch.restored + batch.left, batch.decided
    else:
        done, total = batch.decided + batch.skipped, batch.asked
    return min(1.0, done / total) if total else 0.0


def find(
    session: Session,
    batch_id: int,
    site_ids: Collection[int],
    *,
    for_update: bool = False,
) -> Batch:
    """Return a batch of one of the sites.

    Raises
    ------
    NotFound
        If there is no such batch there.
    """
    query = (
        sa.select(Batch)
        .where(Batch.id == batch_id, Batch.site_id.in_(site_ids))
        .execution_options(populate_existing=True)
    )
    batch = session.scalar(query.with_for_update() if for_update else query)
    if batch is None:
        raise NotFound("There is no such batch.")
    return batch


def list_batches(
    session: Session, site_ids: Sequence[int], *, before: int | None, limit: int
) -> list[Batch]:
    """Return up to `limit` batches, the newest first.

    Parameters
    ----------
    before
        Id of the batch that the page before ended with.
    """
    query = (
        sa.select(Batch)
        .where(Batch.site_id.in_(site_ids))
        .order_by(Batch.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Batch.id < before)
    return list(session.scalars(query))


def logins(session: Session, batches: Sequence[Batch]) -> dict[int, str]:
    """Return the logins of those who gave some batches or took them back, by id."""
    wanted = {each for batch in batches for each in (batch.staff_id, batch.undone_by)}
    rows = session.execute(sa.select(Staff.id, Staff.login).where(Staff.id.in_(wanted)))
    return {row.id: row.login for row in rows}


def _draft(
    kind: BatchKind,
    site_id: int,
    staff_id: int,
    verdict: Verdict,
    reasons: Sequence[str],
    now: datetime,
) -> Batch:
    return Batch(
        site_id=site_id,
        staff_id=staff_id,
        kind=kind.value,
        filter={},
        verdict=verdict.value,
        reasons=[Reason(code=code).as_json() for code in reasons],
        created_at=now,
        state=BatchState.RUNNING.value,
        decided=0,
        skipped=0,
        restored=0,
        left=0,
        cursor=0,
    )


def _begin(
    session: Session, batch: Batch, now: datetime, *, may_be_empty: bool = False
) -> Batch:
    counted = sa.select(sa.func.count()).select_from(Comment).where(*_chosen(batch))
    batch.asked = session.scalar(counted) or 0
    if batch.asked == 0 and not may_be_empty:
        raise Conflict("Nothing waits here any more.")
    session.add(batch)
    session.flush()
    if batch.asked <= AT_ONCE:
        return _finish(session, batch, now)
    return _hand_over(session, batch, batch.staff_id, now)


def _finish(session: Session, batch: Batch, now: datetime) -> Batch:
    more = True
    while more:
        more, _ = carry_on(session, batch.id, now)
    return batch


def _hand_over(session: Session, batch: Batch, staff_id: int, now: datetime) -> Batch:
    job = jobs.enqueue(session, batch.site_id, JobKind.BULK, staff_id=staff_id, now=now)
    batch.job_id = job.id
    session.flush()
    return batch


def _chosen(batch: Batch) -> list[sa.ColumnElement[bool] | sa.TextClause]:
    """Return the conditions that a comment is meant, and as the person saw it."""
    if batch.kind == BatchKind.CAMPAIGN.value:
        meant = [
            Comment.site_id == batch.site_id,
            Comment.campaign_id == batch.campaign_id,
        ]
    else:
        said = batch.filter
        part = Slice(
            site_id=batch.site_id,
            label=said["label"],
            section=said.get("section"),
            language=said.get("language"),
        )
        found = Range(low=said["low"], high=said["high"])
        meant = [
            *score_histogram.is_part(part),
            score_histogram.lies_in(part.label, found),
        ]
    since = sa.exists().where(
        Decision.comment_id == Comment.id, Decision.created_at > batch.as_of
    )
    return [*meant, PENDING, Comment.received_at <= batch.as_of, ~since]


def _decide_some(session: Session, batch: Batch, now: datetime) -> bool:
    """Decide the next comments of a batch; tell if they were the last."""
    ids = session.scalars(
        sa.select(Comment.id)
        .where(*_chosen(batch), Comment.id > batch.cursor)
        .order_by(Comment.id)
        .limit(CHUNK)
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
    return len(ids) < CHUNK


def _verdict_of(batch: Batch, now: datetime) -> NewDecision:
    """Return the decision that a batch gives to each comment."""
    return NewDecision(
        verdict=Verdict(batch.verdict),
        source=Source.PERSON,
        at=now,
        reasons=[Reason(**reason) for reason in batch.reasons],
        staff_id=batch.staff_id,
        batch_id=batch.id,
    )


def _restore_some(session: Session, batch: Batch, now: datetime) -> bool:
    """Undo the next decisions of a batch; tell if they were the last."""
    given = session.execute(
        sa.select(Decision.id, Decision.comment_id, Decision.source)
        .where(*_given(batch), Decision.id > batch.cursor)
        .order_by(Decision.id)
        .limit(CHUNK)
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
    revoked = NewDecision(
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
    return len(given) < CHUNK


def _reported(
    session: Session, batch: Batch, revisions: Collection[int]
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


def _given(batch: Batch) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a decision is a batch's, not of its undoing."""
    return (
        Decision.batch_id == batch.id,
        Decision.verdict == batch.verdict,
        Decision.undoes_id.is_(None),
    )


def _count_given(session: Session, batch: Batch) -> int:
    query = sa.select(sa.func.count()).select_from(Decision).where(*_given(batch))
    return session.scalar(query) or 0


def _still_effective(session: Session, decision_ids: Sequence[int]) -> set[int]:
    """Return which of some decisions are the effective ones of their comments."""
    query = sa.select(Decision.id).where(Decision.id.in_(decision_ids), is_effective())
    return set(session.scalars(query))


def _end_standing(session: Session, batch: Batch, staff_id: int, now: datetime) -> None:
    session.execute(
        sa.update(StandingVerdict)
        .where(StandingVerdict.batch_id == batch.id, StandingVerdict.ended_at.is_(None))
        .values(ended_at=now, ended_by=staff_id)
    )
    session.execute(
        sa.update(Campaign)
        .where(Campaign.id == batch.campaign_id)
        .values(version=Campaign.version + 1)
    )


_appealed = sa.exists().where(
    Appeal.comment_id == Comment.id, Appeal.heard_at.is_(None)
)


def _has_work(session: Session, batch: Batch) -> bool:
    """Tell if a worker carries a batch on, or will."""
    state = session.scalar(sa.select(Job.state).where(Job.id == batch.job_id))
    return state in (JobState.QUEUED.value, JobState.RUNNING.value)
