"""The figures of a staff member's daily digest, within what they may see."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.notifications.wording import NotificationFact
from moderation.policy.verdicts import Source, Verdict
from moderation.queue.estimates import count_up_to
from moderation.tables.comments import PENDING, Comment
from moderation.tables.decisions import Decision, is_lasting
from moderation.tables.sites import Site

PERIOD = timedelta(days=1)
MAX_COUNTED = 100_000  # comments of one figure


def load_digest(
    session: Session, site_ids: list[int], now: datetime
) -> list[NotificationFact]:
    """Return a fact for each site, by the site's name.

    Parameters
    ----------
    session
        Limited to what the staff member may see, see `accounts.scope.limit`.
    """
    query = sa.select(Site.id, Site.name).where(Site.id.in_(site_ids))
    return [
        NotificationFact(
            text="digest",
            path="/console/comments",
            values={"site": name, **_count_figures(session, site_id, now)},
        )
        for site_id, name in session.execute(query.order_by(Site.name)).all()
    ]


def _count_figures(session: Session, site_id: int, now: datetime) -> dict[str, int]:
    since, at_site = now - PERIOD, Comment.site_id == site_id
    rows = session.execute(
        sa.select(Decision.verdict, sa.func.count().label("number"))
        .where(
            Decision.site_id == site_id,
            Decision.created_at >= since,
            Decision.source == Source.PERSON.value,
            is_lasting(),
        )
        .group_by(Decision.verdict)
    )
    decided = {row.verdict: row.number for row in rows}
    return {
        "pending": _count(session, at_site, PENDING),
        "overdue": _count(session, at_site, PENDING, Comment.due_at <= now),
        "escalated": _count(
            session, at_site, PENDING, Comment.escalated_at.is_not(None)
        ),
        "arrived": _count(session, at_site, Comment.received_at >= since),
        "approved": decided.get(Verdict.APPROVE.value, 0),
        "rejected": decided.get(Verdict.REJECT.value, 0),
    }


def _count(
    session: Session, *conditions: sa.ColumnElement[bool] | sa.TextClause
) -> int:
    return count_up_to(session, sa.select(Comment.id).where(*conditions), MAX_COUNTED)
