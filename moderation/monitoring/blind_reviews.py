"""Blind reviews of comments on which two models differ."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.errors import Conflict
from moderation.learning.disagreements import is_stricter
from moderation.monitoring.shadow_differences import get_shadow, select_verdicts
from moderation.policy.thresholds import Policy
from moderation.policy.verdicts import Verdict
from moderation.sql.prepared import insert
from moderation.statistics import ConfidenceInterval, wilson_interval
from moderation.tables.comments import Comment
from moderation.tables.monitoring import BlindLook

SAMPLE = 20  # texts that are judged blind in one go
#: The share of a blind sample about which both models agree: the reviewer must not
#: infer that the models differ about every text.
AGREED_SHARE = 0.25


@dataclass(frozen=True, kw_only=True)
class BlindReviewCounts:
    """Blind reviews of texts that two models treat differently."""

    number: int
    shadow_right: int  #: of them, for the shadow

    @property
    def active_right(self) -> int:
        """The number of reviews for the active model."""
        return self.number - self.shadow_right

    @property
    def share(self) -> ConfidenceInterval | None:
        """The share of reviews for the shadow; None without any."""
        return wilson_interval(self.shadow_right, self.number)


def count_reviews(session: Session, site_id: int, policy: Policy) -> BlindReviewCounts:
    """Return the counts of blind reviews of a site's shadow.

    Raises
    ------
    NotFound
        If no model scores silently there.
    """
    version, since = get_shadow(session, site_id)
    return count_judged(
        session, select_verdicts(site_id, version, since, policy), version
    )


def draw_sample(
    session: Session, site_id: int, policy: Policy, staff_id: int, *, seed: int
) -> list[Comment]:
    """Return comments for a moderator to review blind, without repeats.

    Raises
    ------
    NotFound
        If no model scores silently there.
    """
    version, since = get_shadow(session, site_id)
    both = select_verdicts(site_id, version, since, policy)
    reviewed = sa.select(BlindLook.id).where(
        BlindLook.comment_id == both.c.id,
        BlindLook.model_version == version,
        BlindLook.staff_id == staff_id,
    )

    def some(is_same: bool, limit: int) -> list[int]:
        differs = both.c.active != both.c.silent
        ids = session.scalars(
            sa.select(both.c.id)
            .where(~differs if is_same else differs, ~reviewed.exists())
            .order_by(both.c.id.desc())
            .limit(SAMPLE * 10)
        ).all()
        return random.Random(seed).sample(ids, min(limit, len(ids)))  # noqa: S311

    differing = some(is_same=False, limit=round(SAMPLE * (1 - AGREED_SHARE)))
    agreed = some(is_same=True, limit=round(len(differing) * AGREED_SHARE / 0.75))
    ids = differing + agreed
    random.Random(seed).shuffle(ids)  # noqa: S311
    comments = session.scalars(sa.select(Comment).where(Comment.id.in_(ids)))
    by_id = {comment.id: comment for comment in comments}
    return [by_id[comment_id] for comment_id in ids if comment_id in by_id]


def record_review(
    session: Session,
    comment: Comment,
    *,
    staff_id: int,
    is_harmful: bool,
    now: datetime,
) -> None:
    """Store a moderator's blind review of a comment.

    Raises
    ------
    NotFound
        If no model scores silently at the comment's site.
    Conflict
        If this person has judged it already.
    """
    version, _ = get_shadow(session, comment.site_id)
    earlier_id = session.scalar(
        sa.select(BlindLook.id).where(
            BlindLook.comment_id == comment.id,
            BlindLook.revision == comment.revision,
            BlindLook.model_version == version,
            BlindLook.staff_id == staff_id,
        )
    )
    if earlier_id is not None:
        raise Conflict("You have already judged this one.")
    insert(
        session,
        BlindLook(
            site_id=comment.site_id,
            comment_id=comment.id,
            revision=comment.revision,
            model_version=version,
            staff_id=staff_id,
            is_harmful=is_harmful,
            created_at=now,
        ),
    )


def count_judged(session: Session, both: Any, version: str) -> BlindReviewCounts:
    """Count blind reviews of differing comments, and those for the shadow.

    The model that is stricter with a harmful text is right, and the one that is
    milder with a harmless one.
    """
    looks = right = 0
    rows = session.execute(
        sa.select(both.c.active, both.c.silent, BlindLook.is_harmful, sa.func.count())
        .join(
            BlindLook,
            sa.and_(
                BlindLook.comment_id == both.c.id,
                BlindLook.revision == both.c.revision,
                BlindLook.model_version == version,
            ),
        )
        .where(both.c.active != both.c.silent)
        .group_by(both.c.active, both.c.silent, BlindLook.is_harmful)
    )
    for active, silent, is_harmful, number in rows:
        is_strict = is_stricter(Verdict(silent), Verdict(active))
        looks += number
        right += number * (is_strict == is_harmful)
    return BlindReviewCounts(number=looks, shadow_right=right)
