"""Scores that site staff suggest for texts, stored for training."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.privacy import Privacy, mask_emails
from moderation.sites.protocols import Protocol
from moderation.tables.learning import Suggestion

#: From this score on, 0 to 1, somebody who suggests it says that the label holds.
HOLDS_FROM = 0.5


def record_suggestion(
    session: Session,
    site_id: int,
    *,
    text: str,
    scores: Mapping[str, float],
    source: Protocol,
    token: str | None,
    language: str | None,
    privacy: Privacy,
    now: datetime,
) -> None:
    """Store suggested scores of a text, or replace earlier ones.

    `scores` are label to 0–1. E-mail addresses in the text are masked first.
    """
    fingerprint = privacy.fingerprint(f"{site_id}:{token or ''}:{text}")
    earlier = session.scalar(
        sa.select(Suggestion).where(Suggestion.fingerprint == fingerprint)
    )
    if earlier is not None:
        earlier.scores, earlier.created_at = dict(scores), now
        return
    session.add(
        Suggestion(
            site_id=site_id,
            source=source.value,
            created_at=now,
            text=mask_emails(text),
            scores=dict(scores),
            language=language,
            fingerprint=fingerprint,
        )
    )
    session.flush()
