"""Scores that site staff suggest for texts, stored for training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.privacy import Privacy, mask_emails
from moderation.sites.protocols import Protocol
from moderation.tables.learning import Suggestion

#: From this score on, 0 to 1, someone who suggests it says that the label holds.
HOLDS_FROM = 0.5


@dataclass(frozen=True, kw_only=True)
class SuggestedScores:
    """Scores that site staff suggest for a text."""

    text: str
    scores: Mapping[str, float]  #: label to 0–1
    source: Protocol
    token: str  #: tells apart suggestions for the same text; may be empty
    language: str | None = None


def record_suggestion(
    session: Session,
    site_id: int,
    suggested: SuggestedScores,
    *,
    privacy: Privacy,
    now: datetime,
) -> None:
    """Store suggested scores of a text, or replace earlier ones.

    Email addresses in the text are masked first.
    """
    text, scores = suggested.text, suggested.scores
    said = f"{site_id}:{suggested.token}:{text}"
    earlier = session.scalar(
        sa.select(Suggestion)
        .where(Suggestion.fingerprint.in_(privacy.list_fingerprints(said)))
        .limit(1)
    )
    if earlier is not None:
        earlier.scores, earlier.created_at = dict(scores), now
        return
    session.add(
        Suggestion(
            site_id=site_id,
            source=suggested.source.value,
            created_at=now,
            text=mask_emails(text),
            scores=dict(scores),
            language=suggested.language,
            fingerprint=privacy.fingerprint(said),
        )
    )
    session.flush()
