"""One decision about many comments, and its undo as a whole."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import jobs
from moderation.accounts.scope import sections_at
from moderation.campaigns import campaigns
from moderation.comments.statements import NO_BASIS
from moderation.errors import Conflict, Forbidden, NotUndoable, StaleVersion
from moderation.identifiers import MIN_ID
from moderation.jobs import JobKind, JobState
from moderation.policy.reasons import Reason
from moderation.review.batches import (
    BatchState,
    find,
    list_stopped,
    why_not_undone,
)
from moderation.review.bulk_selection import BulkSelection
from moderation.review.bulk_steps import are_given, drop_rest, run_step
from moderation.review.verdicts import GivenVerdict
from moderation.tables.campaigns import Campaign, StandingVerdict
from moderation.tables.decisions import Decision
from moderation.tables.jobs import Job
from moderation.tables.review import BatchComment, DecisionBatch
from moderation.webhooks import outbox

MAX_IN_REQUEST = 200  # comments: a request decides so many in under a second


@dataclass(frozen=True, kw_only=True)
class BulkRequest:
    """One verdict about many comments, by whom, and what the person had seen."""

    given: GivenVerdict
    staff_id: int
    as_of: datetime  #: when the person looked: what arrived later isn't meant
    now: datetime


def decide(
    session: Session, selection: BulkSelection, bulk: BulkRequest
) -> DecisionBatch:
    """Decide the selected comments as one batch, here or by a worker.

    Comments that another moderator has claimed are skipped, and so are escalated ones,
    open appeals, and comments that changed since they were selected.

    Raises
    ------
    Conflict
        If there is nothing to decide.
    """
    _refuse_empty(selection)
    return _begin(session, _record(session, selection, bulk), bulk.now)


def decide_campaign(
    session: Session,
    campaign: Campaign,
    selection: BulkSelection,
    bulk: BulkRequest,
    *,
    version: int,
    stands: timedelta | None,
) -> DecisionBatch:
    """Decide the selected comments of a campaign, and new ones if wanted.

    Parameters
    ----------
    version
        Of the campaign, as the person saw it.
    stands
        How long the verdict applies to new comments; None: not at all.

    Raises
    ------
    StaleVersion
        If the campaign was merged or decided since.
    Conflict
        If there is nothing to decide, and new comments aren't meant.
    Forbidden
        If new comments are meant, of any section, and the person's role is
        limited to sections.
    """
    if stands is not None and sections_at(session, campaign.site_id) is not None:
        raise Forbidden("A standing decision needs a role in the whole site.")
    changed = session.scalar(
        sa.update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.version == version)
        .values(version=Campaign.version + 1)
        .returning(Campaign.id)
    )
    if changed is None:
        raise StaleVersion("The campaign changed since you saw it; read it again.")
    if stands is None:
        _refuse_empty(selection)
    batch = _record(session, selection, bulk)
    if stands is not None:
        campaigns.create_standing_decision(
            session,
            campaign,
            bulk.given.verdict,
            staff_id=bulk.staff_id,
            batch_id=batch.id,
            until=bulk.now + stands,
            now=bulk.now,
        )
    return _begin(session, batch, bulk.now)


def undo(
    session: Session,
    batch_id: int,
    *,
    staff_id: int,
    site_ids: Collection[int],
    led_site_ids: Collection[int],
    now: datetime,
    grace: timedelta,
) -> DecisionBatch:
    """Undo a whole batch: each comment gets the status that it had before.

    Comments that changed since, or that another moderator has claimed, are left. A
    running batch stops. A standing decision ends, and its decisions are undone as well.

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
    batch.cursor = 0  # of decisions from here on
    session.flush()
    drop_rest(session, batch)
    outbox.hold_back(session, batch.id)
    if is_carried_on:
        return batch
    if _count_given(session, batch) <= MAX_IN_REQUEST:
        return _finish(session, batch, now)
    return _hand_over(session, batch, staff_id, now)


def retry(
    session: Session,
    batch_id: int,
    *,
    staff_id: int,
    site_ids: Collection[int],
    led_site_ids: Collection[int],
    now: datetime,
) -> DecisionBatch:
    """Go on with a batch, or its undo, that stopped because its job failed.

    Raises
    ------
    NotFound
        If there is no such batch at these sites.
    Forbidden
        If it is another's, and the person doesn't lead the site.
    Conflict
        If it hasn't stopped.
    """
    batch = find(session, batch_id, site_ids, for_update=True)
    if batch.staff_id != staff_id and batch.site_id not in led_site_ids:
        raise Forbidden(
            "Only the moderator who made this decision, or a lead, can continue it."
        )
    if not list_stopped(session, [batch]):
        raise Conflict("This bulk decision hasn't stopped.")
    return _hand_over(session, batch, staff_id, now)


def _refuse_empty(selection: BulkSelection) -> None:
    if not selection.versions:
        raise Conflict("There is nothing to decide: these comments have changed.")


def _record(
    session: Session, selection: BulkSelection, bulk: BulkRequest
) -> DecisionBatch:
    """Store a batch with the comments that it has to decide."""
    # A worker, whose session has no limit, may carry the batch on.
    sections = sections_at(session, selection.site_id)
    limits = {} if sections is None else {"sections": sections}
    basis = bulk.given.basis
    batch = DecisionBatch(
        site_id=selection.site_id,
        staff_id=bulk.staff_id,
        kind=selection.kind.value,
        campaign_id=selection.campaign_id,
        filter={**selection.filter, **limits},
        verdict=bulk.given.verdict.value,
        reasons=[Reason(code=code).as_json() for code in bulk.given.reasons],
        basis=None if basis == NO_BASIS else basis.as_json(),
        as_of=min(bulk.as_of, bulk.now),
        created_at=bulk.now,
        state=BatchState.RUNNING.value,
        asked=len(selection.versions) + selection.changed,
        decided=0,
        already=selection.already,
        changed=selection.changed,
        skipped=0,
        restored=0,
        left=0,
        cursor=MIN_ID,
    )
    session.add(batch)
    session.flush()
    if selection.versions:
        rows = [
            {"batch_id": batch.id, "comment_id": comment_id, "version": version}
            for comment_id, version in sorted(selection.versions.items())
        ]
        session.execute(sa.insert(BatchComment), rows)
    return batch


def _begin(session: Session, batch: DecisionBatch, now: datetime) -> DecisionBatch:
    if batch.asked <= MAX_IN_REQUEST:
        return _finish(session, batch, now)
    return _hand_over(session, batch, batch.staff_id, now)


def _finish(session: Session, batch: DecisionBatch, now: datetime) -> DecisionBatch:
    more = True
    while more:
        more, _ = run_step(session, batch.id, now)
    return batch


def _hand_over(
    session: Session, batch: DecisionBatch, staff_id: int, now: datetime
) -> DecisionBatch:
    job = jobs.enqueue(session, batch.site_id, JobKind.BULK, staff_id=staff_id, now=now)
    batch.job_id = job.id
    session.flush()
    return batch


def _count_given(session: Session, batch: DecisionBatch) -> int:
    query = sa.select(sa.func.count()).select_from(Decision).where(*are_given(batch))
    return session.scalar(query) or 0


def _end_standing(
    session: Session, batch: DecisionBatch, staff_id: int, now: datetime
) -> None:
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


def _has_work(session: Session, batch: DecisionBatch) -> bool:
    """Tell if a worker carries a batch on, or will."""
    state = session.scalar(sa.select(Job.state).where(Job.id == batch.job_id))
    return state in (JobState.QUEUED.value, JobState.RUNNING.value)
