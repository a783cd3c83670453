"""Clustering of new comments into campaigns of near-duplicates."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from moderation.policy.facts import StandingDecision
from moderation.policy.verdicts import Verdict
from moderation.tables.campaigns import Campaign, Sketch, StandingVerdict
from moderation.tables.comments import Comment
from moderation.text.minhash import ALIKE_FROM, BANDS, TextSketch, estimate_similarity

logger = logging.getLogger(__name__)

WINDOW = timedelta(days=7)  # what nothing has resembled for so long is forgotten
RENEWED_AFTER = timedelta(hours=1)  # how exactly it is known when something last did
#: So alike must a text be for what was said in advance: a reader who quotes an
#: advertisement to warn of it is near it, too.
STANDING_FROM = 0.75
MAX_CANDIDATES = 50  # earlier texts that one text is compared with
BATCH_SIZE = 1000  # rows


class Unplaced(Exception):
    """A comment's campaign could not be found or written: it is stored without."""


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
        if best is None or best.likeness < STANDING_FROM:
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
        # Past the ORM, which would only hand the columns through.
        values = {"site_id": site_id, **moments, **hashes}
        rows = session.connection().execute(query, values).all()
    matches = []
    for comment_id, campaign_id, exact, minima, seen_at, verdict, batch in rows:
        alike = _alike(sketch, exact, minima)
        if alike < ALIKE_FROM:
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
    """Return the campaign of a comment; create it for the second comment.

    Campaigns that turn out to be one, as their first comments came at the same time,
    are merged.

    Raises
    ------
    Unplaced
        If the database refuses.
    """
    if match is None or not match.matches:
        return None
    with _or_unplaced():
        best = match.matches[0]
        akin = [best, *(other for other in match.matches[1:] if _are_one(best, other))]
        campaign_ids = {
            near.campaign_id for near in akin if near.campaign_id is not None
        }
        campaign_id = _foremost(session, campaign_ids) if campaign_ids else None
        if campaign_id is None:
            campaign_id = _open(session, site_id, best, now)
        for other in sorted(campaign_ids - {campaign_id}):
            _merge(session, campaign_id, other, now)
        for near in akin:
            if near.campaign_id is None and near.comment_id != best.comment_id:
                _adopt(session, campaign_id, near.comment_id)
        if best.campaign_id is None and campaign_ids:
            _adopt(session, campaign_id, best.comment_id)
        if best.seen_at < now - RENEWED_AFTER:
            session.execute(
                sa.update(Sketch)
                .where(Sketch.comment_id == best.comment_id)
                .values(seen_at=now)
            )
        return campaign_id


def record_comment(
    session: Session, comment: Comment, match: CampaignMatch | None, now: datetime
) -> None:
    """Count a stored comment in its campaign, or store its signature.

    Raises
    ------
    Unplaced
        If the database refuses.
    """
    if match is None:
        return
    with _or_unplaced():
        if comment.campaign_id is not None:
            _count(session, comment, now)
        elif comment.revision == 1 or session.get(Sketch, comment.id) is None:
            session.connection().execute(_KEEP, _row(comment, match.sketch, now))


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


# Put together once: that costs more than to run it.
_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Sketch.seen_at.type)
_SINCE: sa.BindParameter[datetime] = sa.bindparam("since", type_=Sketch.seen_at.type)


def _candidates(
    *columns: str,
) -> sa.Select[int, int | None, int, bytes | None, datetime, str, int]:
    """Return the query for earlier texts that share a hash."""
    return (
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


_KEEP = sa.insert(Sketch)
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


def _are_one(best: NearDuplicate, other: NearDuplicate) -> bool:
    """Return whether two earlier texts are near-duplicates: no chains."""
    if best.minima is None or other.minima is None:
        return best.likeness == other.likeness == 1.0
    return estimate_similarity(best.minima, other.minima) >= ALIKE_FROM


def _open(session: Session, site_id: int, first: NearDuplicate, now: datetime) -> int:
    """Create a campaign for an earlier comment, unless another request does."""
    campaign = Campaign(
        site_id=site_id,
        created_at=first.seen_at,
        last_seen_at=now,
        size=0,
        version=1,
    )
    session.add(campaign)
    session.flush()
    if _adopt(session, campaign.id, first.comment_id):
        return campaign.id
    adopted_by = session.scalars(
        sa.select(Sketch.campaign_id).where(Sketch.comment_id == first.comment_id)
    ).one_or_none()
    session.delete(campaign)
    session.flush()
    if adopted_by is None:  # erased meanwhile: the new one waits for its second
        raise Unplaced
    return adopted_by


def _adopt(session: Session, campaign_id: int, comment_id: int) -> bool:
    """Add an earlier comment to a campaign; return whether it had none."""
    adopted = session.scalar(
        sa.update(Sketch)
        .where(Sketch.comment_id == comment_id, Sketch.campaign_id.is_(None))
        .values(campaign_id=campaign_id)
        .returning(Sketch.comment_id)
    )
    if adopted is None:
        return False
    joined = session.scalar(
        sa.update(Comment)
        .where(Comment.id == comment_id, Comment.campaign_id.is_(None))
        .values(campaign_id=campaign_id)
        .returning(Comment.id)
    )
    if joined is not None:
        session.execute(
            sa.update(Campaign)
            .where(Campaign.id == campaign_id)
            .values(size=Campaign.size + 1)
        )
    return True


def _foremost(session: Session, campaign_ids: Collection[int]) -> int | None:
    """Return the campaign that the others are merged into."""
    has_verdict = sa.exists().where(
        StandingVerdict.campaign_id == Campaign.id, StandingVerdict.ended_at.is_(None)
    )
    return session.scalar(
        sa.select(Campaign.id)
        .where(Campaign.id.in_(campaign_ids), Campaign.merged_into.is_(None))
        .order_by(sa.case((has_verdict, 0), else_=1), Campaign.size.desc(), Campaign.id)
        .limit(1)
    )


def _merge(session: Session, campaign_id: int, other_id: int, now: datetime) -> None:
    """Merge a campaign into another; its standing decision ends."""
    size = session.scalar(
        sa.update(Campaign)
        .where(Campaign.id == other_id, Campaign.merged_into.is_(None))
        .values(merged_into=campaign_id)
        .returning(Campaign.size)
    )
    if size is None:
        return  # somebody else did just now
    for table in (Comment, Sketch):
        session.execute(
            sa.update(table)
            .where(table.campaign_id == other_id)
            .values(campaign_id=campaign_id)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        sa.update(StandingVerdict)
        .where(
            StandingVerdict.campaign_id == other_id, StandingVerdict.ended_at.is_(None)
        )
        .values(ended_at=now)
    )
    session.execute(
        sa.update(Campaign)
        .where(Campaign.id == campaign_id)
        .values(size=Campaign.size + size, version=Campaign.version + 1)
    )


def _count(session: Session, comment: Comment, now: datetime) -> None:
    """Add a comment to its campaign, or to the one it was merged into."""
    campaign_id = comment.campaign_id
    while campaign_id is not None:
        counted = session.scalar(
            sa.update(Campaign)
            .where(Campaign.id == campaign_id, Campaign.merged_into.is_(None))
            .values(size=Campaign.size + 1, last_seen_at=now)
            .returning(Campaign.id)
        )
        if counted is not None:
            break
        campaign_id = session.scalar(
            sa.select(Campaign.merged_into).where(Campaign.id == campaign_id)
        )
    if campaign_id != comment.campaign_id:
        comment.campaign_id = campaign_id
        session.flush()


def _row(comment: Comment, sketch: TextSketch, now: datetime) -> dict[str, Any]:
    return {
        "comment_id": comment.id,
        "site_id": comment.site_id,
        "seen_at": now,
        "minima": sketch.minima,
        **_hashes(sketch),
    }
