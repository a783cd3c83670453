"""The decision log: written at one place, read as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy import Reason, ReasonCode, Source, Status, Verdict
from moderation.tables.comments import Comment, Score
from moderation.tables.decisions import Decision
from moderation.webhooks import outbox


def record(
    session: Session,
    comment: Comment,
    verdict: Verdict,
    *,
    source: Source,
    reasons: Iterable[Reason],
    status_before: Status,
    now: datetime,
    staff_id: int | None = None,
    labels: Mapping[str, bool] | None = None,
    policy_id: int | None = None,
    claimed_at: datetime | None = None,
    served_in: str | None = None,
    undone: Decision | None = None,
) -> Decision:
    """Add a decision about a comment's text as it stands, with what it tells webhooks.

    Parameters
    ----------
    undone
        The decision that this one takes back.
    """
    scored_by = session.scalar(
        sa.select(Score.model_version)
        .where(Score.comment_id == comment.id, Score.revision == comment.revision)
        .order_by(Score.id.desc())
        .limit(1)
    )
    decision = Decision(
        site_id=comment.site_id,
        comment_id=comment.id,
        revision=comment.revision,
        created_at=now,
        claimed_at=claimed_at,
        served_in=served_in,
        source=source.value,
        staff_id=staff_id,
        status_before=status_before.value,
        verdict=verdict.value,
        reasons=[reason.as_json() for reason in reasons],
        labels=dict(labels or {}),
        policy_id=policy_id,
        model_version=scored_by,
    )
    session.add(decision)
    session.flush()
    if undone is None:
        outbox.decided(session, comment, decision)
    else:
        outbox.taken_back(session, comment, decision, undone.id)
    return decision


def log_of(session: Session, comment_id: int) -> Sequence[Decision]:
    """Return all decisions about a comment, the oldest first."""
    return session.scalars(
        sa.select(Decision)
        .where(Decision.comment_id == comment_id)
        .order_by(Decision.id)
    ).all()


def standing(log: Iterable[Decision]) -> list[Decision]:
    """Return the decisions of a log that were not taken back, the oldest first.

    Taking one back is a decision of its own: both drop out.
    """
    kept: list[Decision] = []
    for decision in log:
        if is_undo(decision):
            del kept[-1:]
        else:
            kept.append(decision)
    return kept


def is_undo(decision: Decision) -> bool:
    """Tell whether a decision takes the one before it back."""
    return any(reason["code"] == ReasonCode.UNDONE for reason in decision.reasons)
