"""What a site's own people say of texts: kept to learn from, with its source."""

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
    """Store what somebody says of a text; said again of the same one, it replaces.

    `scores` are label to 0–1. E-mail addresses in the text are masked first.
    """
    fingerprint = privacy.fingerprint(f"{site_id}:{token or ''}:{text}")
    known = session.scalar(
        sa.select(Suggestion).where(Suggestion.fingerprint == fingerprint)
    )
    if known is not None:
        known.scores, known.created_at = dict(scores), now
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
