"""Moderators and leads decide about an author: who may, and who is notified."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from moderation.accounts.scope import sections_at
from moderation.authors import profiles, standings
from moderation.authors.identity import FoundBy
from moderation.authors.standings import StandingDraft
from moderation.comments import statements
from moderation.comments.statements import NO_BASIS, LegalBasis
from moderation.errors import Conflict, Forbidden, NotUndoable
from moderation.policy.reasons import REASON_CODES
from moderation.policy.standings import Standing
from moderation.policy.verdicts import Status, Verdict
from moderation.review import bulk, bulk_selection
from moderation.review.bulk import BulkRequest
from moderation.review.moderator import Moderator
from moderation.review.verdicts import GivenVerdict
from moderation.tables.authors import Author, StandingChange
from moderation.webhooks import outbox

#: What a moderator may give; the rest is for leads.
OF_MODERATORS = frozenset({Standing.TRUSTED, Standing.PREMODERATED, Standing.SUSPENDED})
#: Of comments that are rejected with a standing whose reason isn't one of a comment.
OTHER_REASON = "other"
CLOCK_SKEW = timedelta(minutes=5)  # how far a browser's clock may be ahead
BATCH_SIZE = 200  # standings that end in one commit: between two, others write


@dataclass(frozen=True, kw_only=True)
class StandingJudge:
    """A person who decides about authors, and how far they may go."""

    moderator: Moderator
    longest_suspension: timedelta  #: by a moderator who isn't a lead
    batch_grace: timedelta  #: how long a batch can be undone after its end
    now: datetime


def give(
    session: Session,
    author_id: int,
    draft: StandingDraft,
    judge: StandingJudge,
    also_reject: Collection[Status] = (),
    *,
    basis: LegalBasis = NO_BASIS,
) -> StandingChange:
    """Give an author a standing, in place of the one before.

    Parameters
    ----------
    also_reject
        The statuses of comments of theirs that a batch rejects as well, if there are
        any. It is undone with the standing, or alone, as any batch.
    basis
        For the statement of reasons of a restriction.

    Raises
    ------
    NotFound
        If there is no such author at the person's sites.
    Forbidden
        If it needs a lead, or the person's role is limited to sections.
    InvalidFields
        As `standings.give`.
    """
    author = _find(session, author_id, judge)
    _refuse_beyond_role(session, author, judge, draft.standing, draft.until)
    change = standings.give(
        session, author, draft, staff_id=judge.moderator.staff_id, now=judge.now
    )
    statements.record_standing(session, author, change, basis)
    _tell(session, author, change)
    selection = bulk_selection.select_author(session, author, also_reject, judge.now)
    if selection.versions:
        code = draft.reason if draft.reason in REASON_CODES else OTHER_REASON
        request = BulkRequest(
            given=GivenVerdict(verdict=Verdict.REJECT, reasons=[code]),
            staff_id=judge.moderator.staff_id,
            as_of=judge.now,
            now=judge.now,
        )
        change.batch_id = bulk.decide(session, selection, request).id
    return change


def lift(session: Session, author_id: int, judge: StandingJudge) -> None:
    """End an author's standing; without one, nothing happens.

    Raises
    ------
    NotFound, Forbidden
        As `give`: who couldn't have given it can't lift it.
    """
    author = _find(session, author_id, judge)
    _refuse_beyond_role(session, author, judge)
    change = standings.lift(
        session, author, staff_id=judge.moderator.staff_id, now=judge.now
    )
    if change is not None:
        _tell(session, author, change)


def undo(session: Session, author_id: int, judge: StandingJudge) -> StandingChange:
    """Revoke the newest change of an author's standing: the one before applies again.

    The batch that went with it is undone as well, while it can be; else it is left.

    Returns
    -------
    The undo, with the batch of the change that it revokes.

    Raises
    ------
    NotFound, Forbidden
        As `give`, for the standing that ends and the one that applies again.
    Conflict
        If there is nothing to undo.
    """
    author = _find(session, author_id, judge)
    undone = standings.newest_of(session, author.id)
    if undone is None:
        raise Conflict("There is nothing to undo about this author.")
    _refuse_beyond_role(session, author, judge, *_before(session, undone))
    change = standings.undo(
        session, author, undone, staff_id=judge.moderator.staff_id, now=judge.now
    )
    _tell(session, author, change)
    if undone.batch_id is not None:
        _undo_batch(session, undone.batch_id, judge)
        change.batch_id = undone.batch_id
    return change


def _undo_batch(session: Session, batch_id: int, judge: StandingJudge) -> None:
    try:
        bulk.undo(
            session,
            batch_id,
            staff_id=judge.moderator.staff_id,
            site_ids=judge.moderator.site_ids,
            led_site_ids=judge.moderator.lead_scope.whole_site_ids,
            now=judge.now,
            grace=judge.batch_grace,
        )
    except NotUndoable:
        return  # its state says so


def end_expired(session: Session, now: datetime) -> int:
    """End standings whose time is over, and tell the sites; return how many.

    At most `BATCH_SIZE`: as many mean that more may be left.
    """
    authors = standings.list_expired(session, now, BATCH_SIZE)
    for author in authors:
        standings.end(session, author)
        verified_id = profiles.verified_id_of(session, author)
        outbox.record_standing_end(session, author, verified_id, now)
    return len(authors)


@dataclass(frozen=True, kw_only=True)
class StandingRights:
    """A person's permissions for an author."""

    standings: Sequence[Standing]  #: that the person may give; empty: none
    suspension_days: int | None  #: the longest suspension; None: without a limit
    lift: bool
    undo: bool


def rights_of(session: Session, author: Author, judge: StandingJudge) -> StandingRights:
    """Return what a person may do about an author, for pages that offer it."""
    nothing = StandingRights(standings=(), suspension_days=0, lift=False, undo=False)
    try:
        _refuse_beyond_role(session, author, judge)
    except Forbidden:
        return nothing
    is_lead = _is_lead(author, judge)
    given = [each for each in Standing if is_lead or each in OF_MODERATORS]
    if author.found_by == FoundBy.NAME.value:
        given.remove(Standing.TRUSTED)
    return StandingRights(
        standings=given,
        suspension_days=None if is_lead else judge.longest_suspension.days,
        lift=standings.standing_at(author, judge.now) is not None,
        undo=_may_undo(session, author, judge),
    )


def _may_undo(session: Session, author: Author, judge: StandingJudge) -> bool:
    undone = standings.newest_of(session, author.id)
    if undone is None:
        return False
    try:
        _refuse_beyond_role(session, author, judge, *_before(session, undone))
    except Forbidden:
        return False
    return True


def _before(
    session: Session, undone: StandingChange
) -> tuple[Standing | None, datetime | None]:
    """Return the standing that applies again after an undo, and its end."""
    before = standings.before_of(session, undone)
    if before is None or before.standing is None:
        return None, None
    return Standing(before.standing), before.until


def _is_lead(author: Author, judge: StandingJudge) -> bool:
    return author.site_id in judge.moderator.lead_scope.whole_site_ids


def _find(session: Session, author_id: int, judge: StandingJudge) -> Author:
    return standings.find(session, judge.moderator.site_ids, author_id, for_update=True)


def _refuse_beyond_role(
    session: Session,
    author: Author,
    judge: StandingJudge,
    standing: Standing | None = None,
    until: datetime | None = None,
) -> None:
    """Refuse what needs a lead, of the standing that ends and of the new one.

    It applies in the whole site, so that a role in sections alone isn't enough.
    """
    if sections_at(session, author.site_id) is not None:
        raise Forbidden(
            "A standing applies in the whole site, and your role is "
            "limited to sections."
        )
    if _is_lead(author, judge):
        return
    former = standings.standing_at(author, judge.now)
    if former is not None:
        _refuse_for_moderator(former, author.standing_until, judge)
    if standing is not None:
        _refuse_for_moderator(standing, until, judge)


def _refuse_for_moderator(
    standing: Standing, until: datetime | None, judge: StandingJudge
) -> None:
    if standing not in OF_MODERATORS:
        raise Forbidden("Only leads ban authors. Escalate it, or suspend the author.")
    latest = judge.now + judge.longest_suspension + CLOCK_SKEW
    if standing is Standing.SUSPENDED and (until is None or until > latest):
        days = judge.longest_suspension.days
        raise Forbidden(f"Moderators suspend for up to {days} days, leads for longer.")


def _tell(session: Session, author: Author, change: StandingChange) -> None:
    verified_id = profiles.verified_id_of(session, author)
    outbox.record_standing(session, author, change, verified_id)
