"""Claims: a moderator's lease on pending comments, one by one or by the hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments.submissions import find
from moderation.errors import AlreadyClaimed, Escalated, NotPending
from moderation.objections import appeals
from moderation.policy import Status
from moderation.queue import active_learning, query
from moderation.queue.query import Order, Wanted
from moderation.review import qa_reviews
from moderation.tables.comments import PENDING, Comment


def claim(
    session: Session,
    comment_id: int,
    *,
    staff_id: int,
    site_ids: Sequence[int],
    lead_site_ids: Sequence[int] = (),
    now: datetime,
    lasts: timedelta,
) -> Comment:
    """Reserve a pending comment for one moderator, or prolong the claim.

    One UPDATE both asks and takes, so that two moderators can't both win.

    Parameters
    ----------
    lead_site_ids
        Where the moderator is a lead: what waits for one can be claimed there only.

    Raises
    ------
    NotFound, NotPending
        If it is not at these sites; if nobody has to decide it.
    NotYours
        If it is an appeal against this moderator's own rejection.
    AlreadyClaimed
        If another one's claim still runs.
    Escalated
        If it waits for a lead.
    """
    is_own = sa.and_(Comment.claimed_by == staff_id, Comment.claimed_until > now)
    since = sa.case((is_own, Comment.claimed_at), else_=now)
    served_in = sa.case((is_own, Comment.served_in), else_=None)
    taken = session.scalar(
        sa.update(Comment)
        .where(
            Comment.id == comment_id,
            Comment.site_id.in_(site_ids),
            PENDING,
            is_free(staff_id, now),
            is_open_to(lead_site_ids),
        )
        .values(
            claimed_by=staff_id,
            claimed_until=now + lasts,
            claimed_at=since,
            served_in=served_in,
        )
        .returning(Comment)
        .execution_options(populate_existing=True)
    )
    if taken is not None:
        return taken
    comment = find(session, site_ids, comment_id)
    look = qa_reviews.held_by(session, comment_id, staff_id=staff_id)
    if look is not None and qa_reviews.is_blind(look):  # prolonged, as any other
        look.claimed_until = now + lasts
        return qa_reviews.shown(comment, look)
    if comment.status != Status.PENDING.value:
        raise NotPending
    if comment.escalated_at is not None and comment.site_id not in lead_site_ids:
        raise Escalated
    appeals.refuse_own(session, comment, staff_id)
    raise AlreadyClaimed


def take_hand(
    session: Session,
    wanted: Wanted,
    *,
    staff_id: int,
    lead_site_ids: Sequence[int] = (),
    size: int,
    now: datetime,
    lasts: timedelta,
) -> list[Comment]:
    """Prolong what a moderator holds of a part of the queue, and fill it up from there.

    Parameters
    ----------
    lead_site_ids
        Where the moderator is a lead: what waits for one is taken there only.

    Returns
    -------
    The hand, in the order wanted: up to `size` comments, or more if more were held.

    Raises
    ------
    NotFound
        If a filter names a comment that is not at these sites.
    """
    until = {"claimed_by": staff_id, "claimed_until": now + lasts}
    held = session.scalars(
        sa.update(Comment)
        .where(
            Comment.claimed_by == staff_id,
            Comment.claimed_until > now,
            *query.conditions(session, wanted),
        )
        .values(until)
        .returning(Comment)
        .execution_options(populate_existing=True, synchronize_session=False)
    ).all()
    # Rows that another moderator is just taking are passed over, not waited for.
    may_take = (
        is_unclaimed(now),
        is_open_to(lead_site_ids),
        appeals.is_anothers(staff_id),
    )
    limit = max(0, size - len(held))
    if wanted.order is Order.TEACH:
        ids = active_learning.choose(
            session, wanted, *may_take, beside=held, limit=limit
        )
        found = active_learning.among(session, wanted, ids, *may_take)
    else:
        found = query.first_ids(
            session, wanted, *may_take, limit=limit, for_update=True
        )
    free = found.cte("free")
    taken = session.scalars(
        sa.update(Comment)
        .where(Comment.id.in_(sa.select(free.c.id)))
        .values({**until, "claimed_at": now, "served_in": wanted.order.value})
        .returning(Comment)
        .execution_options(populate_existing=True, synchronize_session=False)
    ).all()
    return query.in_order([*held, *taken], wanted)


def release(
    session: Session, comment_id: int, *, staff_id: int, site_ids: Sequence[int]
) -> None:
    """End one's own claim; without one, nothing happens.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    """
    find(session, site_ids, comment_id)
    qa_reviews.release(session, staff_id=staff_id, comment_id=comment_id)
    session.execute(
        sa.update(Comment)
        .where(Comment.id == comment_id, Comment.claimed_by == staff_id)
        .values(claimed_by=None, claimed_until=None, claimed_at=None)
    )


def release_hand(session: Session, *, staff_id: int) -> None:
    """End all claims of a moderator."""
    session.execute(
        sa.update(Comment)
        .where(Comment.claimed_by == staff_id)
        .values(claimed_by=None, claimed_until=None, claimed_at=None)
    )


def is_free(staff_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that no one else holds a comment.

    An appeal against one's own rejection is never free.
    """
    is_at_hand = sa.or_(Comment.claimed_by == staff_id, is_unclaimed(now))
    return sa.and_(is_at_hand, appeals.is_anothers(staff_id))


def is_unclaimed(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that no claim on a comment runs."""
    return sa.or_(Comment.claimed_until.is_(None), Comment.claimed_until <= now)


def is_open_to(lead_site_ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Return the condition that a comment doesn't wait for somebody of higher rank."""
    free = Comment.escalated_at.is_(None)
    return sa.or_(free, Comment.site_id.in_(lead_site_ids)) if lead_site_ids else free
