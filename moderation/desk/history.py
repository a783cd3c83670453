"""All that happened to a comment, as a member of staff may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments import decisions
from moderation.comments.display import ShownDecision
from moderation.comments.lookup import StoredComment, find
from moderation.review import escalations, notes
from moderation.review.blindness import blind_look, pending_state, shown_decisions
from moderation.review.escalations import EscalationEntry
from moderation.sites import policies
from moderation.tables.accounts import Staff
from moderation.tables.comments import Revision, Score
from moderation.tables.decisions import Decision
from moderation.tables.review import Correction, Note


@dataclass(frozen=True, kw_only=True)
class CommentHistory:
    """All that happened to a comment, each list with the oldest first."""

    decisions: list[tuple[ShownDecision, str | None]]  #: with the moderator's login
    scores: list[Score]
    revisions: list[Revision]
    notes: list[tuple[Note, str]]  #: with the moderator's login
    escalations: list[EscalationEntry]
    corrections: list[tuple[Correction, str]]  #: with the moderator's login


def history(
    session: Session, comment_id: int, site_ids: Sequence[int], *, staff_id: int
) -> CommentHistory:
    """Return all that happened to a comment.

    A moderator who reviews it as a QA sample doesn't see how it was decided.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    """
    find(session, site_ids, comment_id)
    scores = session.scalars(
        sa.select(Score).where(Score.comment_id == comment_id).order_by(Score.id)
    ).all()
    revisions = session.scalars(
        sa.select(Revision)
        .where(Revision.comment_id == comment_id)
        .order_by(Revision.number)
    ).all()
    log = session.execute(
        sa.select(Decision, Staff.login)
        .outerjoin(Staff, Staff.id == Decision.staff_id)
        .where(Decision.comment_id == comment_id)
        .order_by(Decision.id)
    ).all()
    look = blind_look(session, comment_id, staff_id=staff_id)
    if look is not None:
        policy = policies.load_policy(session, look.site_id)
        rows = [decision for decision, _ in log]
        shown = shown_decisions(look, rows, policy)
        return CommentHistory(
            decisions=[(decision, None) for decision in shown],
            scores=list(scores),
            revisions=list(revisions),
            notes=[],
            escalations=[],
            corrections=[],
        )
    return CommentHistory(
        decisions=[(ShownDecision.of(row), login) for row, login in log],
        scores=list(scores),
        revisions=list(revisions),
        notes=notes.notes_of(session, [comment_id]).get(comment_id, []),
        escalations=escalations.list_of(session, [comment_id]).get(comment_id, []),
        corrections=notes.corrections_of(session, comment_id),
    )


def as_seen(session: Session, stored: StoredComment, staff_id: int) -> StoredComment:
    """Return a comment without what a moderator mustn't know who reviews it for QA."""
    comment = stored.comment
    look = blind_look(session, comment.id, staff_id=staff_id)
    if look is None:
        return stored
    log = decisions.log_of(session, comment.id)
    policy = policies.load_policy(session, comment.site_id)
    return replace(
        stored,
        state=pending_state(comment, look),
        decision=shown_decisions(look, log, policy)[-1],
    )
