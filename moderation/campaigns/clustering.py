"""Clustering of new comments into campaigns of near-duplicates."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from moderation.campaigns import arrivals
from moderation.campaigns.membership import (
    Unplaced,
    adopt,
    count_in,
    find_foremost,
    lock,
    merge,
    open_campaign,
)
from moderation.policy.facts import StandingDecision
from moderation.policy.verdicts import Verdict
from moderation.sql.prepared import Prepared
from moderation.tables.campaigns import Campaign, Sketch, StandingVerdict
from moderation.tables.comments import Comment
from moderation.text.minhash import BANDS, TextSketch, estimate_similarity

logger = logging.getLogger(__name__)

WINDOW = timedelta(days=7)  # what nothing has resembled for so long is forgotten
RENEWED_AFTER = timedelta(hours=1)  # how exactly it is known when something last did
#: So alike must the first texts of two campaigns be that a later one, which resembles
#: both, makes one of them. Nothing is alike by chance alone: of unrelated texts, word
#: pairs are 1% alike, and single words 10%.
MERGED_FROM = 0.3
MAX_CANDIDATES = 50  # earlier texts that one text is compared with
BATCH_SIZE = 1000  # rows


@dataclass(frozen=True, kw_only=True)
class NearDuplicate:
    """An earlier text that a new one is a near-duplicate of."""

    comment_id: int
    campaign_id: int | None
    minima: bytes | None
    seen_at: datetime
    likeness: float  #: 0 to 1
    standing: StandingDecision | None


@dataclass(frozen=True, kw_only=True)
class CampaignMatch:
    """The near-duplicates of a new text, most similar first."""

    sketch: TextSketch
    matches: Sequence[NearDuplicate] = ()

    @property
    def standing(self) -> StandingDecision | None:
        """Return the standing decision that applies to a text this similar."""
        best = self.matches[0] if self.matches else None
        if best is None or best.likeness < self.sketch.standing_from:
            return None
        return best.standing


def find_match(
    session: Session, site_id: int, sketch: TextSketch | None, now: datetime
) -> CampaignMatch | None:
    """Find earlier near-duplicates of a new text at its site, in one query.

    Raises
    ------
    Unplaced
        If the database can't tell.
    """
    if sketch is None:
        return None
    with _or_unplaced():
        query = _ALIKE if sketch.bands else _EQUAL
        moments = {"now": now, "since": now - WINDOW}
        hashes = _hashes(sketch)
        values = {"site_id": site_id, **moments, **hashes}
        rows = query.all(session, values)
    matches = []
    for comment_id, campaign_id, exact, minima, seen_at, verdict, batch in rows:
        alike = _alike(sketch, exact, minima)
        if alike < sketch.alike_from:
            continue
        standing = None
        if campaign_id is not None and verdict is not None:
            standing = StandingDecision(
                verdict=Verdict(verdict), campaign=campaign_id, batch=batch
            )
        matches.append(
            NearDuplicate(
                comment_id=comment_id,
                campaign_id=campaign_id,
                minima=minima,
                seen_at=seen_at,
                likeness=alike,
                standing=standing,
            )
        )
    # Of equals, the one with a campaign, then the oldest.
    matches.sort(key=lambda m: (-m.likeness, m.campaign_id is None, m.comment_id))
    return CampaignMatch(sketch=sketch, matches=tuple(matches))


def join_campaign(
    session: Session, site_id: int, match: CampaignMatch | None, now: datetime
) -> int | None:
    """Count a comment in its campaign, which is returned; create it for the second.

    Campaigns that turn out to be one, as their first comments came at the same time or
    were alike in other words, are merged. The campaign stays locked until the commit,
    so that a count of its comments is complete.

    Raises
    ------
    Unplaced
        If the database refuses.
    """
    if match is None or not match.matches:
        return None
    with _or_unplaced():
        best = match.matches[0]
        akin = [best, *(o for o in match.matches[1:] if _are_one(match, best, o))]
        campaign_ids = {
            near.campaign_id for near in akin if near.campaign_id is not None
        }
        free_ids = [near.comment_id for near in akin if near.campaign_id is None]
        lock(session, campaign_ids, free_ids)
        campaign_id = find_foremost(session, campaign_ids) if campaign_ids else None
        if campaign_id is None:
            campaign_id = open_campaign(session, site_id, best, now)
        for other in sorted(campaign_ids - {campaign_id}):
            merge(session, site_id, campaign_id, other, now)
        for near in akin:
            if near.campaign_id is None and near.comment_id != best.comment_id:
                adopt(session, site_id, campaign_id, near)
        if best.campaign_id is None and campaign_ids:
            adopt(session, site_id, campaign_id, best)
        if best.seen_at < now - RENEWED_AFTER:
            session.execute(
                sa.update(Sketch)
                .where(Sketch.comment_id == best.comment_id)
                .values(seen_at=now)
            )
        return count_in(session, campaign_id, now)


def record_signature(
    session: Session, comment: Comment, match: CampaignMatch | None, now: datetime
) -> None:
    """Store the signature of a stored comment that nothing earlier resembled.

    Raises
    ------
    Unplaced
        If the database refuses.
    """
    if match is None or comment.campaign_id is not None:
        return
    with _or_unplaced():
        if comment.revision == 1 or session.get(Sketch, comment.id) is None:
            _KEEP.run(session, _row(comment, match.sketch, now))


def leave_campaign(session: Session, comment: Comment) -> None:
    """Remove a comment from its campaign when its text is replaced or erased.

    What nothing resembles is forgotten at once. The first text of a campaign is
    recognised further on, by its hashes.
    """
    if comment.campaign_id is not None:
        session.execute(
            sa.update(Campaign)
            .where(Campaign.id == comment.campaign_id)
            .values(size=Campaign.size - 1)
        )
        arrivals.leave(session, comment.site_id, comment.campaign_id, comment.id)
        comment.campaign_id = None
    session.execute(
        sa.delete(Sketch).where(
            Sketch.comment_id == comment.id, Sketch.campaign_id.is_(None)
        )
    )


def delete_old_sketches(session: Session, now: datetime) -> int:
    """Delete some signatures that are older than `WINDOW`; return the number."""
    old = (
        sa.select(Sketch.comment_id)
        .where(Sketch.seen_at < now - WINDOW)
        .order_by(Sketch.seen_at)
        .limit(BATCH_SIZE)
    )
    gone = session.scalars(
        sa.delete(Sketch)
        .where(Sketch.comment_id.in_(old))
        .returning(Sketch.comment_id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


@contextmanager
def _or_unplaced() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        logger.warning("no campaign for a comment: %s", type(error.orig).__name__)
        raise Unplaced from error


_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Sketch.seen_at.type)
_SINCE: sa.BindParameter[datetime] = sa.bindparam("since", type_=Sketch.seen_at.type)


def _candidates(
    *columns: str,
) -> Prepared:
    """Return the query for earlier texts that share a hash."""
    return Prepared(
        sa.select(
            Sketch.comment_id,
            Sketch.campaign_id,
            Sketch.exact,
            Sketch.minima,
            Sketch.seen_at,
            StandingVerdict.verdict,
            StandingVerdict.batch_id,
        )
        .outerjoin(
            StandingVerdict,
            sa.and_(
                StandingVerdict.campaign_id == Sketch.campaign_id,
                StandingVerdict.ended_at.is_(None),
                StandingVerdict.until > _NOW,
            ),
        )
        .where(
            sa.or_(
                *(getattr(Sketch, column) == sa.bindparam(column) for column in columns)
            ),
            Sketch.site_id == sa.bindparam("site_id"),
            Sketch.seen_at > _SINCE,
        )
        # In no order: one by the key could be read off that index, row by row.
        .limit(MAX_CANDIDATES)
    )


_KEEP = Prepared(sa.insert(Sketch))
_EQUAL = _candidates("exact")
_ALIKE = _candidates("exact", *(f"band_{n}" for n in range(BANDS)))


def _hashes(sketch: TextSketch) -> dict[str, int]:
    bands = {f"band_{n}": value for n, value in enumerate(sketch.bands)}
    return {"exact": sketch.exact, **bands}


def _alike(sketch: TextSketch, exact: int, minima: bytes | None) -> float:
    if sketch.exact == exact:
        return 1.0
    if sketch.minima is None or minima is None:
        return 0.0
    return estimate_similarity(sketch.minima, minima)


def _are_one(match: CampaignMatch, best: NearDuplicate, other: NearDuplicate) -> bool:
    """Return whether two earlier texts, near to a new one, are near to each other.

    So a chain of small steps ends somewhere. What was decided in advance is only
    handed on between near-duplicates.
    """
    if best.minima is None or other.minima is None:
        return best.likeness == other.likeness == 1.0
    is_decided = best.standing is not None or other.standing is not None
    least = match.sketch.alike_from if is_decided else MERGED_FROM
    return estimate_similarity(best.minima, other.minima) >= least


def _row(comment: Comment, sketch: TextSketch, now: datetime) -> dict[str, Any]:
    return {
        "comment_id": comment.id,
        "site_id": comment.site_id,
        "seen_at": now,
        "minima": sketch.minima,
        **_hashes(sketch),
    }
