"""A comment and its decisions as one person is shown them.

Values, never rows: a moderator who reviews a QA sample is shown another state than the
stored one (see `moderation.review.blindness`), which must not reach the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moderation.policy.verdicts import Source, Status, Verdict
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision


@dataclass(frozen=True, kw_only=True)
class CommentState:
    """The state of a comment that changes while its text stays."""

    status: Status
    version: int
    held_reason: str | None
    claimed_until: datetime | None
    campaign_id: int | None

    @classmethod
    def of(cls, comment: Comment) -> CommentState:
        """Return the stored state."""
        return cls(
            status=Status(comment.status),
            version=comment.version,
            held_reason=comment.held_reason,
            claimed_until=comment.claimed_until,
            campaign_id=comment.campaign_id,
        )


@dataclass(frozen=True, kw_only=True)
class ShownComment:
    """A comment in the state that a person is shown."""

    comment: Comment
    state: CommentState

    @classmethod
    def of(cls, comment: Comment) -> ShownComment:
        """Return a comment in its stored state."""
        return cls(comment=comment, state=CommentState.of(comment))


@dataclass(frozen=True, kw_only=True)
class ShownDecision:
    """A decision as a person is shown it."""

    verdict: Verdict
    source: Source
    created_at: datetime
    staff_id: int | None
    status_before: Status | None
    reasons: Sequence[Mapping[str, Any]]
    labels: Mapping[str, bool]
    revision: int
    model_version: str | None
    policy_id: int | None
    batch_id: int | None

    @classmethod
    def of(cls, decision: Decision) -> ShownDecision:
        """Return a decision as it is stored."""
        before = decision.status_before
        return cls(
            verdict=Verdict(decision.verdict),
            source=Source(decision.source),
            created_at=decision.created_at,
            staff_id=decision.staff_id,
            status_before=Status(before) if before else None,
            reasons=decision.reasons,
            labels=decision.labels,
            revision=decision.revision,
            model_version=decision.model_version,
            policy_id=decision.policy_id,
            batch_id=decision.batch_id,
        )
