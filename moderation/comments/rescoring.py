"""Rescore pending comments with the active model, or past ones with another in shadow.

A text that has a model's scores already is passed by, so that work that was broken
off goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.comments.automatic import has_care_reasons, score_columns
from moderation.errors import NotFound
from moderation.jobs import Task
from moderation.many_rows import insert_rows
from moderation.models.serving import ScoredText, Scoring
from moderation.policy.due_times import due_at
from moderation.policy.reasons import ReasonCode
from moderation.policy.thresholds import Policy
from moderation.sites import sites
from moderation.tables.comments import PENDING, Article, Comment, Score
from moderation.tables.models import Model
from moderation.tables.monitoring import SilentScore
from moderation.tables.sites import Site

AT_ONCE = 500  # comments, scored and stored in one go
FEWEST_DAYS, MOST_DAYS = 1, 365


@dataclass(frozen=True, kw_only=True)
class RescoringOrder:
    """The comments to score, and the model."""

    site_id: int
    model_id: int | None  #: None: the model that ships
    policy: Policy
    first_id: int | None  #: of the comments; None: those that wait
    is_silent: bool


def order(
    session: Session, scoring: Scoring, task: Task, now: datetime
) -> tuple[RescoringOrder, Scorer]:
    """Return what a job is to score, and with which model.

    Without arguments, pending comments with the active model; with `version` and
    `days`, the comments of the last days with that model, in shadow.

    Raises
    ------
    NotFound
        If there is no such model, or it can't be loaded.
    """
    site = sites.find_by_id(session, task.site_id)
    if site is None:
        raise NotFound("There is no such site.")
    version, model_id = task.arguments.get("version"), site.model_id
    shipped = scoring.default
    if version is not None:
        model_id = None
        if shipped is None or version != shipped.version:
            model_id = _model_id(session, site.id, version)
    scorer = scoring.scorer_of(session, model_id)
    if scorer is None:
        raise NotFound("The model can't be loaded. See the log.")
    days = task.arguments.get("days")
    since = None if days is None else now - timedelta(days=days)
    wanted = RescoringOrder(
        site_id=site.id,
        model_id=model_id,
        policy=site.policy,
        first_id=None if since is None else identifiers.first_id(since),
        is_silent=version is not None,
    )
    return wanted, scorer


def count_left(session: Session, wanted: RescoringOrder, version: str) -> int:
    """Count the texts that a version has not scored yet."""
    return (
        session.scalar(_left(wanted, version, sa.func.count(), identifiers.MIN_ID)) or 0
    )


def read_some(
    session: Session, wanted: RescoringOrder, version: str, after: int
) -> Sequence[Any]:
    """Return the next texts to score, after a comment's id."""
    return session.execute(_some(wanted, version, after)).all()


def document(row: Any) -> Document:
    """Return what a model may see of a text that `read_some` gave."""
    return Document(
        text=row.body,
        author_name=row.author_name,
        author_url=row.author_url,
        article_title=row.title,
    )


def store_some(
    session: Session,
    wanted: RescoringOrder,
    rows: Sequence[Any],
    scored: Sequence[ScoredText | None],
    now: datetime,
) -> int:
    """Store a model's scores; return of how many texts.

    What could not be scored, or has changed meanwhile, is left out.
    """
    placed = [
        (row, each)
        for row, each in zip(rows, scored, strict=True)
        if each is not None
        and (wanted.is_silent or _place_anew(session, wanted, row, each))
    ]
    table = SilentScore if wanted.is_silent else Score
    values = [
        {
            "comment_id": row.id,
            "revision": row.revision,
            "model_version": each.model_version,
            "created_at": now,
            **dict.fromkeys(LABELS),
            **each.scores,
        }
        for row, each in placed
    ]
    # Another worker may have scored the same text since it was read.
    stored: Any = table.__table__
    insert_rows(session.connection(), stored, values, are_stored_kept=True)
    return len(placed)


def _left(
    wanted: RescoringOrder, version: str, what: Any, after: int
) -> sa.Select[Any]:
    """Return a query of what has no scores of a version yet."""
    tables: Sequence[type[Score] | type[SilentScore]] = (
        (Score, SilentScore) if wanted.is_silent else (Score,)
    )
    query = (
        sa.select(what)
        .select_from(Comment)
        .join(Article, Article.id == Comment.article_id)
        .where(
            Comment.site_id == wanted.site_id,
            Comment.deleted_at.is_(None),
            Comment.id > after,
            *(
                ~sa.select(table.id)
                .where(
                    table.comment_id == Comment.id,
                    table.revision == Comment.revision,
                    table.model_version == version,
                )
                .exists()
                for table in tables
            ),
        )
    )
    if wanted.first_id is None:
        return query.where(PENDING)
    return query.where(Comment.id >= wanted.first_id)


def _some(wanted: RescoringOrder, version: str, after: int) -> sa.Select[Any]:
    columns = sa.inspect(Comment).columns
    query = _left(wanted, version, columns["id"], after)
    return (
        query.add_columns(
            Comment.revision,
            Comment.body,
            Comment.author_name,
            Comment.author_url,
            Comment.received_at,
            Article.title,
        )
        .order_by(Comment.id)
        .limit(AT_ONCE)
    )


def _place_anew(
    session: Session, wanted: RescoringOrder, row: Any, scored: ScoredText
) -> bool:
    """Move a pending comment to its new place in the queue; False if it was decided.

    A promotion between the reading and now makes the scores an older model's. What
    called for care does so until a person has decided: no model clears it.
    """
    is_deciding = sa.select(Site.id).where(
        Site.id == wanted.site_id, Site.model_id.is_not_distinct_from(wanted.model_id)
    )
    columns = _columns_of_queue(wanted.policy, row.received_at, scored)
    changed = session.scalar(
        sa.update(Comment)
        .where(
            Comment.id == row.id,
            Comment.revision == row.revision,
            Comment.status == "pending",
            Comment.deleted_at.is_(None),
            is_deciding.exists(),
        )
        .values(**columns, **score_columns(wanted.policy, scored))
        .returning(Comment.id)
        .execution_options(synchronize_session=False)
    )
    return changed is not None


def _columns_of_queue(
    policy: Policy, received_at: datetime, scored: ScoredText
) -> dict[str, Any]:
    """Return the columns that decide a pending comment's place in the queue."""
    risk, care = max(scored.scores.values(), default=1.0), policy.care.patience
    usual, soon = (due_at(received_at, risk, care=each) for each in (None, care))
    if has_care_reasons(policy, scored):
        held_reason = ReasonCode.CARE.value
        return {"due_at": soon, "calls_for_care": True, "held_reason": held_reason}
    due = sa.case(
        (Comment.calls_for_care, sa.literal(soon, Comment.due_at.type)),
        else_=sa.literal(usual, Comment.due_at.type),
    )
    return {"due_at": due}


def _model_id(session: Session, site_id: int, version: str) -> int:
    found = session.scalar(
        sa.select(Model.id).where(Model.site_id == site_id, Model.version == version)
    )
    if found is None:
        raise NotFound("There is no such model at this site.")
    return found
