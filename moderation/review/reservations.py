"""Comments that a moderator has claimed as a group, with QA samples among them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.scope import Scope
from moderation.comments.claims import Claim
from moderation.queue import filters, orders
from moderation.queue.query import QueueQuery
from moderation.review import claims, qa_reviews
from moderation.review.moderator import Moderator
from moderation.tables.comments import Comment
from moderation.tables.review import QaReview


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """The comments that a moderator has claimed as a group, in the order wanted."""

    comments: list[Comment]
    looks: dict[int, QaReview]  #: by comment: the QA samples among them


def take(
    session: Session,
    wanted: QueueQuery,
    claim: Claim,
    *,
    lead_scope: Scope,
    size: int,
    looks_share: float,
) -> Reservation:
    """Renew a moderator's claims in a part of the queue, and claim more from there.

    Parameters
    ----------
    looks_share
        0 to 1 of the group that QA samples may take. Where fewer comments are pending
        than the group takes, one more may come.

    Raises
    ------
    NotFound
        If a filter names a comment that is not at these sites.
    """
    among = filters.filter_conditions(session, wanted)
    moderator = Moderator(
        staff_id=claim.staff_id,
        site_ids=wanted.site_ids,
        lead_scope=lead_scope,
    )

    def take_samples(most: int) -> list[QaReview]:
        return qa_reviews.take(session, moderator, claim, most=most, among=among)

    samples = take_samples(int(size * looks_share))
    pending = claims.reserve(
        session,
        wanted,
        claim,
        lead_scope=lead_scope,
        size=size - len(samples),
    )
    if looks_share and not samples and len(pending) < size:
        samples = take_samples(1)
    by_comment = {look.comment_id: look for look in samples}
    ids = [comment.id for comment in pending] + list(by_comment)
    comments = session.scalars(sa.select(Comment).where(Comment.id.in_(ids))).all()
    return Reservation(
        comments=orders.sort_comments(comments, wanted), looks=by_comment
    )
