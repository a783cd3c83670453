"""A candidate that scores live traffic silently, and people who judge it blind."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.comments.rescoring import Order
from moderation.database import insert
from moderation.errors import Conflict, NotFound
from moderation.learning.disagreements import is_stricter, widest
from moderation.monitoring import what_if
from moderation.monitoring.what_if import Scores
from moderation.policy.thresholds import Policy
from moderation.policy.verdicts import Verdict
from moderation.statistics import ConfidenceInterval, wilson_interval
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.models import Model
from moderation.tables.monitoring import BlindLook, SilentScore
from moderation.tables.sites import Site

SAMPLE = 20  # texts that are judged blind in one go
DIFFERENCES = 50  # that are listed, the newest
#: Of a blind sample, so many are texts that both models agree about: whoever judges
#: must not know that every text is in dispute.
AGREED_SHARE = 0.25
#: A comment whose request took longer than this, or that was edited later, is missed.
LATE_IDS = 3_600_000 << identifiers.RANDOM_BITS  # an hour, as ids count it


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A comment that the shadow would have treated otherwise."""

    comment_id: int
    active: Verdict
    shadow: Verdict
    text: str
    section: str | None
    label: str  #: whose score differs most
    active_score: float
    shadow_score: float


@dataclass(frozen=True, kw_only=True)
class Looks:
    """What people said blind of texts that the two models treat differently."""

    number: int
    shadow_right: int  #: of them, for the shadow

    @property
    def active_right(self) -> int:
        """How many are for the model that decides."""
        return self.number - self.shadow_right

    @property
    def share(self) -> ConfidenceInterval | None:
        """The share that is for the shadow; None of nothing."""
        return wilson_interval(self.shadow_right, self.number)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a shadow has shown so far."""

    version: str
    since: datetime
    scored: int  #: comments that both models have scored
    counts: dict[tuple[Verdict, Verdict], int]  #: the active's verdict, the shadow's
    differences: Sequence[Difference]
    looks: Looks


def start(session: Session, site_id: int, version: str, now: datetime) -> None:
    """Let a model score silently what comes in from now on.

    Raises
    ------
    NotFound
        If there is no such model at the site.
    Conflict
        If it decides there already.
    """
    model_id = session.scalar(
        sa.select(Model.id).where(Model.site_id == site_id, Model.version == version)
    )
    if model_id is None:
        raise NotFound("There is no such model at this site.")
    started = session.scalar(
        sa.update(Site)
        .where(Site.id == site_id, Site.model_id.is_distinct_from(model_id))
        .values(shadow_model_id=model_id, shadow_since=now)
        .returning(Site.id)
    )
    if started is None:
        raise Conflict("This model decides already.")


def stop(session: Session, site_id: int) -> None:
    """Let no model score silently any more; what it has said stays."""
    session.execute(
        sa.update(Site)
        .where(Site.id == site_id)
        .values(shadow_model_id=None, shadow_since=None)
    )


def is_running(session: Session, site_ids: Collection[int]) -> bool:
    """Return whether a model scores silently at any of the sites."""
    found = session.scalar(
        sa.select(Site.id)
        .where(Site.id.in_(site_ids), Site.shadow_model_id.is_not(None))
        .limit(1)
    )
    return found is not None


def orders(session: Session) -> list[Order]:
    """Return what the shadows of all sites are to score; see `rescoring`.

    It is what came in since a little before the newest that they have scored: what is
    edited later than that is not scored again.
    """
    rows = session.execute(
        sa.select(Site.id, Site.shadow_model_id, Site.shadow_since, Model.version).join(
            Model, Model.id == Site.shadow_model_id
        )
    )
    return [
        Order(
            site_id=site_id,
            model_id=model_id,
            policy=Policy(thresholds={}),
            first_id=_next_id(session, version, since),
            is_silent=True,
        )
        for site_id, model_id, since, version in rows.all()
        if since is not None
    ]


def _next_id(session: Session, version: str, since: datetime) -> int:
    """Return the id of a comment from which on not all may have been scored."""
    first = identifiers.first_id(since)
    newest = session.scalar(
        sa.select(SilentScore.comment_id)
        .where(SilentScore.model_version == version, SilentScore.comment_id >= first)
        .order_by(SilentScore.comment_id.desc())
        .limit(1)
    )
    return first if newest is None else max(first, newest - LATE_IDS)


def read(session: Session, site_id: int, policy: Policy) -> Standing:
    """Return where a site's shadow would have decided otherwise.

    Raises
    ------
    NotFound
        If no model scores silently there.
    """
    version, since = _shadow(session, site_id)
    both = _both(site_id, version, since, policy)
    counts = {
        (Verdict(active), Verdict(silent)): number
        for active, silent, number in session.execute(
            sa.select(both.c.active, both.c.silent, sa.func.count()).group_by(
                both.c.active, both.c.silent
            )
        )
    }
    return Standing(
        version=version,
        since=since,
        scored=sum(counts.values()),
        counts=counts,
        differences=_differences(session, both, version, policy),
        looks=_judged(session, both, version),
    )


def looks(session: Session, site_id: int, policy: Policy) -> Looks:
    """Return what people have said blind of a site's shadow so far.

    Raises
    ------
    NotFound
        If no model scores silently there.
    """
    version, since = _shadow(session, site_id)
    return _judged(session, _both(site_id, version, since, policy), version)


def sample(
    session: Session, site_id: int, policy: Policy, staff_id: int, *, seed: int
) -> list[Comment]:
    """Return texts to be judged blind by a person who has not judged them yet.

    Raises
    ------
    NotFound
        If no model scores silently there.
    """
    version, since = _shadow(session, site_id)
    both = _both(site_id, version, since, policy)
    seen = sa.select(BlindLook.id).where(
        BlindLook.comment_id == both.c.id,
        BlindLook.model_version == version,
        BlindLook.staff_id == staff_id,
    )

    def some(is_same: bool, limit: int) -> list[int]:
        differs = both.c.active != both.c.silent
        ids = session.scalars(
            sa.select(both.c.id)
            .where(~differs if is_same else differs, ~seen.exists())
            .order_by(both.c.id.desc())
            .limit(SAMPLE * 10)
        ).all()
        return random.Random(seed).sample(ids, min(limit, len(ids)))  # noqa: S311

    differing = some(is_same=False, limit=round(SAMPLE * (1 - AGREED_SHARE)))
    agreed = some(is_same=True, limit=round(len(differing) * AGREED_SHARE / 0.75))
    ids = differing + agreed
    random.Random(seed).shuffle(ids)  # noqa: S311
    found = session.scalars(sa.select(Comment).where(Comment.id.in_(ids)))
    by_id = {comment.id: comment for comment in found}
    return [by_id[each] for each in ids if each in by_id]


def look(
    session: Session,
    comment: Comment,
    *,
    staff_id: int,
    is_harmful: bool,
    now: datetime,
) -> None:
    """Store what a person says of a text without knowing what the models said.

    Raises
    ------
    NotFound
        If no model scores silently at the comment's site.
    Conflict
        If this person has judged it already.
    """
    version, _ = _shadow(session, comment.site_id)
    known = session.scalar(
        sa.select(BlindLook.id).where(
            BlindLook.comment_id == comment.id,
            BlindLook.revision == comment.revision,
            BlindLook.model_version == version,
            BlindLook.staff_id == staff_id,
        )
    )
    if known is not None:
        raise Conflict("You have judged this one already.")
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


def _shadow(session: Session, site_id: int) -> tuple[str, datetime]:
    row = session.execute(
        sa.select(Model.version, Site.shadow_since)
        .join_from(Site, Model, Model.id == Site.shadow_model_id)
        .where(Site.id == site_id)
    ).one_or_none()
    if row is None:
        raise NotFound("No model scores silently at this site.")
    version, since = row
    assert since is not None  # noqa: S101 - both are set and cleared together
    return version, since


def _both(site_id: int, version: str, since: datetime, policy: Policy) -> sa.Subquery:
    """Return comments with what either model makes of them under a policy."""
    newest = aliased(Score)
    is_newest = ~(
        sa.select(newest.id)
        .where(
            newest.comment_id == Score.comment_id,
            newest.revision == Score.revision,
            newest.id > Score.id,
        )
        .exists()
    )
    return (
        sa.select(
            Comment.id,
            Comment.revision,
            what_if.verdict_of(Score, policy).label("active"),
            what_if.verdict_of(SilentScore, policy).label("silent"),
        )
        .join_from(
            SilentScore,
            Score,
            sa.and_(
                Score.comment_id == SilentScore.comment_id,
                Score.revision == SilentScore.revision,
            ),
        )
        .join(Comment, Comment.id == Score.comment_id)
        .where(
            SilentScore.model_version == version,
            SilentScore.comment_id >= identifiers.first_id(since),
            Score.model_version != version,
            SilentScore.revision == Comment.revision,
            Comment.site_id == site_id,
            Comment.deleted_at.is_(None),
            is_newest,
        )
        .subquery()
    )


def _differences(
    session: Session, both: sa.Subquery, version: str, policy: Policy
) -> list[Difference]:
    """Return the newest comments that the two treat differently, with both scores."""
    rows = session.execute(
        sa.select(both.c.active, both.c.silent, Comment, Article.section)
        .join(Comment, Comment.id == both.c.id)
        .join(Article, Article.id == Comment.article_id)
        .where(both.c.active != both.c.silent)
        .order_by(both.c.id.desc())
        .limit(DIFFERENCES)
    ).all()
    ids = [comment.id for _, _, comment, _ in rows]
    silent = _scores(session, SilentScore, ids, SilentScore.model_version == version)
    active = _scores(session, Score, ids, Score.model_version != version)
    found = []
    for before, after, comment, section in rows:
        old, new = active[comment.id], silent[comment.id]
        label = widest(policy, old, new)
        found.append(
            Difference(
                comment_id=comment.id,
                active=Verdict(before),
                shadow=Verdict(after),
                text=comment.body,
                section=section,
                label=label,
                active_score=old.get(label, 0.0),
                shadow_score=new.get(label, 0.0),
            )
        )
    return found


def _scores(
    session: Session,
    table: Scores,
    ids: Sequence[int],
    condition: sa.ColumnElement[bool],
) -> dict[int, dict[str, float]]:
    """Return the newest scores of texts as they stand, by comment."""
    rows = session.execute(
        sa.select(table.comment_id, *(getattr(table, label) for label in LABELS))
        .join(Comment, Comment.id == table.comment_id)
        .where(Comment.id.in_(ids), table.revision == Comment.revision, condition)
        .order_by(table.id)
    )
    return {
        number: {
            label: score
            for label, score in zip(LABELS, scores, strict=True)
            if score is not None
        }
        for number, *scores in rows
    }


def _judged(session: Session, both: Any, version: str) -> Looks:
    """Count the blind looks at what the models differ on, and those for the shadow.

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
    return Looks(number=looks, shadow_right=right)
