"""Comments in a list, of any status, with what a row of it shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.objections import reports
from moderation.objections.reports import ReportSummary
from moderation.queue.entries import QueueEntry, entries_of
from moderation.tables.accounts import Staff
from moderation.tables.campaigns import Campaign
from moderation.tables.comments import Comment
from moderation.tables.objections import Appeal


@dataclass(frozen=True, kw_only=True)
class ListedComment:
    """A comment with what a row of a list shows."""

    entry: QueueEntry
    decided_by: str | None  #: username; None: automatically, or by the site's own staff
    campaign_size: int | None  #: comments of its campaign; None: it is in none
    reports: ReportSummary | None  #: what readers say of it
    is_appealed: bool  #: its author waits for an answer


def lay_out_list(
    session: Session, comments: Sequence[Comment], now: datetime
) -> list[ListedComment]:
    """Return comments with what a row of a list shows, in the given order."""
    entries = entries_of(session, comments, now)
    ids = [comment.id for comment in comments]
    staff_ids = {entry.decision.staff_id for entry in entries} - {None}
    usernames = _usernames(session, staff_ids) if staff_ids else {}
    campaign_ids = {entry.state.campaign_id for entry in entries} - {None}
    query = sa.select(Campaign.id, Campaign.size).where(Campaign.id.in_(campaign_ids))
    sizes: dict[int | None, int] = {row.id: row.size for row in session.execute(query)}
    reported = [comment for comment in comments if comment.report_weight > 0]
    said_by_readers = reports.summarise(session, reported) if reported else {}
    appealed = set(
        session.scalars(
            sa.select(Appeal.comment_id).where(
                Appeal.comment_id.in_(ids), Appeal.heard_at.is_(None)
            )
        )
    )
    return [
        ListedComment(
            entry=entry,
            decided_by=usernames.get(entry.decision.staff_id),
            campaign_size=sizes.get(entry.state.campaign_id),
            reports=said_by_readers.get(entry.comment.id),
            is_appealed=entry.comment.id in appealed,
        )
        for entry in entries
    ]


def _usernames(
    session: Session, staff_ids: Collection[int | None]
) -> dict[int | None, str]:
    query = sa.select(Staff.id, Staff.login).where(Staff.id.in_(staff_ids))
    return {row.id: row.login for row in session.execute(query)}
