"""A QA sample as its reviewer sees it: a pending comment like any other.

Nothing reveals what was decided, by whom, or that anything was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments.display import CommentState, ShownDecision
from moderation.policy.reasons import ReasonCode
from moderation.policy.status_changes import STATUS_AFTER
from moderation.policy.thresholds import Policy
from moderation.policy.verdicts import UNATTENDED, Source, Status, Verdict
from moderation.review.qa_reviews import QaReviewKind, QaReviewState, held_by
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.review import QaReview

UNDONE = ({"code": ReasonCode.UNDONE.value},)


def is_blind(look: QaReview) -> bool:
    """Tell whether the person who holds it must not know what was decided."""
    return look.state == QaReviewState.OPEN.value


def blind_look(session: Session, comment_id: int, *, staff_id: int) -> QaReview | None:
    """Return the QA sample of a comment that a person reviews without knowing."""
    look = held_by(session, comment_id, staff_id=staff_id)
    return look if look is not None and is_blind(look) else None


def blind_comments(session: Session, *, staff_id: int) -> list[int]:
    """Return the ids of the comments that a person reviews without knowing."""
    query = sa.select(QaReview.comment_id).where(
        QaReview.claimed_by == staff_id,
        QaReview.closed_at.is_(None),
        QaReview.state == QaReviewState.OPEN.value,
    )
    return list(session.scalars(query))


def pending_state(comment: Comment, look: QaReview) -> CommentState:
    """Return the state in which a QA sample is shown."""
    return replace(
        CommentState.of(comment),
        status=Status.PENDING,
        version=look.shown_version,
        claimed_until=look.claimed_until,
    )


def shown_decisions(
    look: QaReview, decisions: Sequence[Decision], policy: Policy
) -> list[ShownDecision]:
    """Return the decisions that led to the queue, or would have: the only ones shown.

    What was really held is shown as it was. What was decided automatically looks as if
    it had been held: the scores that counted are next to the hold threshold, and where
    none did, the site seems to hold everything first.
    """
    (sampled,) = [row for row in decisions if row.id == look.decision_id]
    first = [
        row
        for row in decisions
        if row.id <= sampled.id
        and row.source in UNATTENDED
        and row.revision == sampled.revision
    ]
    held = [row for row in first if row.verdict == Verdict.REVIEW.value]
    if held and look.kind == QaReviewKind.SECOND.value:
        return [ShownDecision.of(held[-1])]
    automatic = first[-1] if first else sampled
    reasons = [
        {**reason, "threshold": policy.thresholds[reason["label"]].review_at}
        for reason in automatic.reasons
        if reason["code"] == ReasonCode.SCORE
        and reason.get("label") in policy.thresholds
    ]
    blank = [{"code": ReasonCode.PREMODERATION.value}]
    return [
        replace(
            ShownDecision.of(automatic),
            source=Source.POLICY,
            staff_id=None,
            status_before=None,
            verdict=Verdict.REVIEW,
            reasons=reasons or blank,
            labels={},
        )
    ]


def shown_audit(decision: Decision) -> ShownDecision:
    """Return an audit's decision as its author is shown it: of a pending comment."""
    return replace(ShownDecision.of(decision), status_before=Status.PENDING)


def shown_answer(look: QaReview, sampled: Decision) -> ShownDecision:
    """Return a second person's verdict as that person is shown it: a decision."""
    return replace(
        ShownDecision.of(sampled),
        created_at=look.answered_at or look.created_at,
        source=Source.PERSON,
        staff_id=look.staff_id,
        status_before=Status.PENDING,
        verdict=Verdict(look.verdict or ""),
        reasons=look.reasons or [],
        labels=look.labels or {},
        policy_id=None,
    )


def shown_undo(
    sampled: ShownDecision, verdict: Verdict, *, staff_id: int, now: datetime
) -> ShownDecision:
    """Return the undo of a verdict as its author is shown it."""
    return replace(
        sampled,
        created_at=now,
        source=Source.PERSON,
        staff_id=staff_id,
        status_before=STATUS_AFTER[verdict],
        verdict=Verdict.REVIEW,
        reasons=UNDONE,
        labels={},
        policy_id=None,
    )
