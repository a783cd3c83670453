"""Drift alerts of a site: listed, and marked as seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments import braking
from moderation.errors import NotFound
from moderation.monitoring.drift import DriftKind
from moderation.tables.monitoring import Alarm


class AlertKind(StrEnum):
    """The subject of an alert."""

    SCORES = DriftKind.SCORES.value
    LANGUAGES = DriftKind.LANGUAGES.value
    AGREEMENT = DriftKind.AGREEMENT.value
    BRAKE = braking.ALERT_KIND  #: comments came too fast


MAX_LISTED = 50  # alerts; an older one is no news


def list_alerts(session: Session, site_id: int) -> Sequence[Alarm]:
    """Return the newest drift alerts of a site, the newest first."""
    query = sa.select(Alarm).where(Alarm.site_id == site_id)
    return session.scalars(query.order_by(Alarm.id.desc()).limit(MAX_LISTED)).all()


def mark_seen(
    session: Session,
    alert_id: int,
    site_ids: Collection[int],
    *,
    staff_id: int,
    now: datetime,
) -> Alarm:
    """Record who has seen a drift alert first, and when.

    Raises
    ------
    NotFound
        If there is no such alert at these sites.
    """
    query = sa.select(Alarm).where(Alarm.id == alert_id, Alarm.site_id.in_(site_ids))
    alert = session.scalar(query)
    if alert is None:
        raise NotFound("There is no such alarm.")
    if alert.seen_at is None:
        alert.seen_at, alert.seen_by = now, staff_id
    return alert
