"""A moderator's hand: what waits for a person, with some looks among it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.queue import query
from moderation.queue.query import Wanted
from moderation.review import claims, qa_reviews
from moderation.tables.comments import Comment
from moderation.tables.review import Look


@dataclass(frozen=True, kw_only=True)
class Hand:
    """What a moderator holds, in the order wanted."""

    comments: list[Comment]
    looks: dict[int, Look]  #: by comment: those that are looked at again


def take(
    session: Session,
    wanted: Wanted,
    *,
    staff_id: int,
    lead_site_ids: Sequence[int],
    size: int,
    looks_share: float,
    now: datetime,
    lasts: timedelta,
) -> Hand:
    """Prolong what a moderator holds of a part of the queue, and fill it up from there.

    Parameters
    ----------
    looks_share
        0 to 1 of the hand that looks may take. Where less waits than the hand takes,
        one more may come.

    Raises
    ------
    NotFound
        If a filter names a comment that is not at these sites.
    """
    among = query.asked(session, wanted)

    def take_looks(most: int) -> list[Look]:
        return qa_reviews.take(
            session,
            staff_id=staff_id,
            site_ids=wanted.site_ids,
            lead_site_ids=lead_site_ids,
            most=most,
            now=now,
            lasts=lasts,
            among=among,
        )

    looked_at = take_looks(int(size * looks_share))
    pending = claims.take_hand(
        session,
        wanted,
        staff_id=staff_id,
        lead_site_ids=lead_site_ids,
        size=size - len(looked_at),
        now=now,
        lasts=lasts,
    )
    if looks_share and not looked_at and len(pending) < size:
        looked_at = take_looks(1)
    by_comment = {look.comment_id: look for look in looked_at}
    ids = [each.id for each in pending] + list(by_comment)
    found = session.scalars(sa.select(Comment).where(Comment.id.in_(ids)))
    return Hand(
        comments=query.in_order(found.all(), wanted),
        looks=by_comment,
    )


def release(session: Session, *, staff_id: int) -> None:
    """Give back all that a moderator holds."""
    claims.release_hand(session, staff_id=staff_id)
    qa_reviews.release(session, staff_id=staff_id)
