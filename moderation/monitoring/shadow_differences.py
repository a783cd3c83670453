"""The comments that a shadow model and the active model treat differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.errors import NotFound
from moderation.learning.disagreements import find_widest_label
from moderation.monitoring import what_if
from moderation.monitoring.what_if import Scores
from moderation.policy.thresholds import Policy
from moderation.policy.verdicts import Verdict
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.models import Model
from moderation.tables.monitoring import SilentScore
from moderation.tables.sites import Site

DIFFERENCES = 50  # that are listed, the newest


@dataclass(frozen=True, kw_only=True)
class ShadowDisagreement:
    """A comment that the shadow treats differently."""

    comment_id: int
    active: Verdict
    shadow: Verdict
    text: str
    section: str | None
    label: str  #: whose score differs most
    active_score: float
    shadow_score: float


def get_shadow(session: Session, site_id: int) -> tuple[str, datetime]:
    """Return the version of a site's shadow model, and its start."""
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


def select_verdicts(
    site_id: int, version: str, since: datetime, policy: Policy
) -> sa.Subquery:
    """Return comments with both models' verdicts under a policy."""
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


def list_differences(
    session: Session, both: sa.Subquery, version: str, policy: Policy
) -> list[ShadowDisagreement]:
    """Return the newest differing comments, with both scores."""
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
    differences = []
    for before, after, comment, section in rows:
        old, new = active[comment.id], silent[comment.id]
        label = find_widest_label(policy, old, new)
        differences.append(
            ShadowDisagreement(
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
    return differences


def _scores(
    session: Session,
    table: Scores,
    ids: Sequence[int],
    condition: sa.ColumnElement[bool],
) -> dict[int, dict[str, float]]:
    """Return the newest scores of current texts, by comment."""
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
