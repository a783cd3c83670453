"""The usual time of a site's moderators for one decision."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from moderation.insights.decision_figures import count_decisions

MEASURED_OVER = timedelta(days=90)


def measure_pace(
    session: Session, site_id: int, now: datetime
) -> tuple[float | None, int]:
    """Return the median seconds for a decision, and of how many it is.

    From the claim to the decision, of comments that moderators decided one by one in
    the last `MEASURED_OVER`. None: there are none.
    """
    _, total = count_decisions(session, site_id, now - MEASURED_OVER)
    return total.worked.median, total.timed
