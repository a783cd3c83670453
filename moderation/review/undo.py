"""Undo one's own newest decision within the undo period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments import decisions
from moderation.comments.claims import UNCLAIMED, Claim
from moderation.comments.display import ShownComment, ShownDecision
from moderation.comments.lookup import find
from moderation.errors import NotUndoable, StaleVersion
from moderation.objections import appeals, reports
from moderation.policy.verdicts import Status, Verdict
from moderation.review import blindness, escalations, qa_reviews
from moderation.review.claims import is_free
from moderation.review.current import current_state, refusal
from moderation.review.moderator import Moderator
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.review import QaReview


@dataclass(frozen=True, kw_only=True)
class Undoable:
    """A decision that can still be undone, with its comment."""

    shown: ShownComment
    decision: ShownDecision


def undo(
    session: Session,
    comment_id: int,
    moderator: Moderator,
    *,
    version: int,
    now: datetime,
    grace: timedelta,
    lasts: timedelta,
) -> ShownDecision:
    """Revoke one's own newest decision: the comment gets its earlier status.

    An undo is a further decision, which is no training example. A comment that is
    pending again is claimed again, for as long as a claim `lasts`.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    StaleVersion
        If it has changed since the decision.
    NotUndoable
        If the newest decision is another's, was an undo, or is older than `grace`.
    """
    staff_id = moderator.staff_id
    comment = find(session, moderator.site_ids, comment_id)
    look = qa_reviews.newest_answer(session, staff_id=staff_id, comment_id=comment_id)
    claim = Claim(staff_id=staff_id, now=now, lasts=lasts)
    if look is not None and look.shown_version == version:
        return _undo_answer(session, look, claim, grace)
    if comment.version != version:
        raise StaleVersion(current=current_state(session, comment, now))
    undone = decisions.newest_of(session, comment_id)
    _refuse(undone, staff_id, now - grace)
    is_pending_again = undone.status_before == Status.PENDING.value
    decision = decisions.undo_if(
        session,
        comment,
        undone,
        decisions.undo_of(undone, staff_id=staff_id, at=now),
        is_free(staff_id, now),
        escalated_at=escalations.reopen(session, undone.id),
        **(claim.columns() if is_pending_again else UNCLAIMED),
    )
    if decision is None:
        raise refusal(session, comment, version, now)
    reports.unsettle(session, comment)
    appeals.reopen(session, undone)
    opened = qa_reviews.reopen_after(session, undone.id, claim)
    shown = ShownDecision.of(decision)
    if opened is not None and blindness.is_blind(opened):
        verdict = Verdict(undone.verdict)
        return blindness.shown_undo(shown, verdict, staff_id=staff_id, now=now)
    return shown


def _refuse(newest: Decision, staff_id: int, since: datetime) -> None:
    """Refuse to undo what this person can't undo, or not any more."""
    if (
        newest.staff_id != staff_id
        or newest.status_before is None
        or newest.undoes_id is not None
    ):
        raise NotUndoable("You can undo only your own newest decision.")
    if newest.batch_id is not None:
        raise NotUndoable("It was decided in bulk. Undo the whole batch instead.")
    if newest.created_at < since:
        raise NotUndoable("The undo period is over. Make a new decision instead.")


def _undo_answer(
    session: Session, look: QaReview, claim: Claim, grace: timedelta
) -> ShownDecision:
    """Revoke an answer to a QA review; the comment never changed."""
    if look.answered_at is None or look.answered_at < claim.now - grace:
        raise NotUndoable("The undo period is over. Make a new decision instead.")
    verdict = Verdict(look.verdict or "")
    qa_reviews.reopen(session, look, claim)
    sampled = ShownDecision.of(session.get_one(Decision, look.decision_id))
    return blindness.shown_undo(
        sampled, verdict, staff_id=claim.staff_id, now=claim.now
    )


def find_undoable(
    session: Session, *, staff_id: int, now: datetime, grace: timedelta
) -> Undoable | None:
    """Return a moderator's newest decision if it can still be undone."""
    answered = _undoable_answer(session, staff_id, now - grace)
    decision = session.scalar(
        sa.select(Decision)
        .where(Decision.staff_id == staff_id)
        .order_by(Decision.id.desc())
        .limit(1)
    )
    if answered is not None:
        at = answered.decision.created_at
        if decision is None or decision.created_at < at:
            return answered
    if (
        decision is None
        or decision.created_at < now - grace
        or decision.undoes_id is not None
    ):
        return None
    if decision.batch_id is not None:  # undone whole, or not at all
        return None
    newest = decisions.newest_of(session, decision.comment_id)
    comment = session.get_one(Comment, decision.comment_id)
    is_open = comment.deleted_at is None and comment.revision == decision.revision
    if newest.id != decision.id or not is_open:
        return None
    return Undoable(shown=ShownComment.of(comment), decision=ShownDecision.of(decision))


def _undoable_answer(
    session: Session, staff_id: int, since: datetime
) -> Undoable | None:
    look = qa_reviews.newest_answer(session, staff_id=staff_id)
    if look is None or look.answered_at is None or look.answered_at < since:
        return None
    comment = session.get_one(Comment, look.comment_id)
    is_open = comment.deleted_at is None and comment.version == look.version
    if not is_open or look.claimed_by is not None:
        return None
    sampled = session.get_one(Decision, look.decision_id)
    state = blindness.pending_state(comment, look)
    return Undoable(
        shown=ShownComment(comment=comment, state=state),
        decision=blindness.shown_answer(look, sampled),
    )
