"""Claims on pending comments, one by one or as a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.scope import Scope
from moderation.comments import claims
from moderation.comments.claims import Claim, is_unclaimed
from moderation.comments.display import CommentState
from moderation.comments.lookup import find
from moderation.errors import AlreadyClaimed, NotPending, WaitsForLead
from moderation.objections import appeals
from moderation.policy.verdicts import Status
from moderation.queue import active_learning, filters, orders, pages
from moderation.queue.query import QueueOrder, QueueQuery
from moderation.review import qa_reviews
from moderation.review.blindness import blind_look, pending_state
from moderation.review.moderator import NOWHERE, Moderator
from moderation.tables.comments import PENDING, Comment


def claim(
    session: Session,
    comment_id: int,
    moderator: Moderator,
    *,
    now: datetime,
    lasts: timedelta,
) -> CommentState:
    """Claim a pending comment for a moderator, or renew the claim.

    An escalated comment is claimed by leads of its site only.

    Raises
    ------
    NotFound, NotPending
        If it is not at these sites; if no one has to decide it.
    NotYours
        If it is an appeal against this moderator's own rejection.
    AlreadyClaimed
        If another one's claim still runs.
    WaitsForLead
        If it waits for a lead.
    """
    claim = Claim(staff_id=moderator.staff_id, now=now, lasts=lasts)
    claimed = claims.take_or_renew(
        session,
        claim,
        Comment.id == comment_id,
        Comment.site_id.in_(moderator.site_ids),
        PENDING,
        is_free(moderator.staff_id, now),
        is_open_to(moderator.lead_scope),
    )
    if claimed is not None:
        return CommentState.of(claimed)
    comment = find(session, moderator.site_ids, comment_id)
    look = blind_look(session, comment_id, staff_id=moderator.staff_id)
    if look is not None:  # renewed, as any other
        claims.renew_row(look, claim)
        return pending_state(comment, look)
    if comment.status != Status.PENDING.value:
        raise NotPending
    if comment.escalated_at is not None and not moderator.leads(session, comment):
        raise WaitsForLead
    appeals.refuse_own(session, comment, moderator.staff_id)
    raise AlreadyClaimed


def reserve(
    session: Session,
    wanted: QueueQuery,
    claim: Claim,
    *,
    lead_scope: Scope = NOWHERE,
    size: int,
) -> list[Comment]:
    """Renew a moderator's claims in a part of the queue, and claim more from there.

    Parameters
    ----------
    lead_scope
        Where the moderator is a lead: escalated comments are claimed there only.

    Returns
    -------
    The reserved comments, in the order wanted, those that call for care first: up to
    `size`, or more if more were claimed before.

    Raises
    ------
    NotFound
        If a filter names a comment that is not at these sites.
    """
    held = claims.renew(
        session, Comment, claim, *filters.pending_conditions(session, wanted)
    )
    # Rows that another moderator is claiming are passed over, not waited for.
    may_take = (
        is_unclaimed(Comment, claim.now),
        is_open_to(lead_scope),
        appeals.is_anothers(claim.staff_id),
    )
    limit = max(0, size - len(held))
    urgent = _take_care(session, wanted, claim, may_take, limit)
    limit -= len(urgent)
    if wanted.order is QueueOrder.TEACH:
        ids = active_learning.choose_comments(
            session, wanted, *may_take, beside=held, limit=limit
        )
        chosen = active_learning.select_free(session, wanted, ids, *may_take)
    else:
        chosen = pages.select_first_ids(
            session, wanted, *may_take, limit=limit, for_update=True
        )
    taken = _take(session, wanted, claim, chosen)
    return orders.sort_comments([*held, *urgent, *taken], wanted)


def _take_care(
    session: Session,
    wanted: QueueQuery,
    claim: Claim,
    may_take: Sequence[sa.ColumnElement[bool]],
    limit: int,
) -> Sequence[Comment]:
    """Claim comments that call for care: they come first in every order."""
    if not limit or not pages.has_care(session, wanted):
        return []
    chosen = pages.select_first_ids(
        session,
        replace(wanted, order=QueueOrder.DUE),
        *may_take,
        *orders.get_sorting(wanted).only,
        limit=limit,
        for_update=True,
        is_care=True,
    )
    return _take(session, wanted, claim, chosen)


def _take(
    session: Session, wanted: QueueQuery, claim: Claim, chosen: sa.Select[Any]
) -> Sequence[Comment]:
    free = chosen.cte("free")
    return claims.take(
        session,
        Comment,
        claim,
        Comment.id.in_(sa.select(free.c.id)),
        served_in=wanted.order.value,
    )


def release(session: Session, comment_id: int, moderator: Moderator) -> None:
    """Release one's own claim; without one, nothing happens.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    """
    find(session, moderator.site_ids, comment_id)
    staff_id = moderator.staff_id
    qa_reviews.release(session, staff_id=staff_id, comment_id=comment_id)
    claims.release(session, Comment, staff_id, Comment.id == comment_id)


def release_all(session: Session, *, staff_id: int) -> None:
    """Release all claims of a moderator, on comments and on QA samples."""
    claims.release(session, Comment, staff_id)
    qa_reviews.release(session, staff_id=staff_id)


def is_free(staff_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that no one else holds a comment.

    An appeal against one's own rejection is never free.
    """
    is_at_hand = sa.or_(Comment.claimed_by == staff_id, is_unclaimed(Comment, now))
    return sa.and_(is_at_hand, appeals.is_anothers(staff_id))


def is_open_to(lead_scope: Scope) -> sa.ColumnElement[bool]:
    """Return the condition that a comment doesn't wait for someone of higher rank."""
    free = Comment.escalated_at.is_(None)
    return sa.or_(free, lead_scope.condition()) if lead_scope.sections else free
