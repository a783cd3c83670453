"""Proposes thresholds for targets, from recent comments.

Comments that moderators rejected are harmful. Those that they approved are harmless,
and so are published ones that no one has objected to. Without these, only held comments
would count, and a site that holds little would seem to be wrong all the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from classifiers.evaluation.threshold_targets import (
    HoldThresholds,
    RejectThresholds,
    hold,
    reject,
)
from classifiers.text.labels import HARMS
from moderation import identifiers
from moderation.errors import Conflict
from moderation.policy.thresholds import Threshold
from moderation.policy.verdicts import PEOPLE, Status, Verdict
from moderation.tables.comments import Comment, Score
from moderation.tables.decisions import Decision, effective_id
from moderation.tables.monitoring import SilentScore

MAX_COMMENTS = 50_000  # comments that are looked at, the newest
MIN_HARMFUL = 100  # harmless ones; fewer say nothing about 1 in 100

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Thresholds for two targets, and their effects."""

    version: str
    thresholds: dict[str, Threshold]
    held: HoldThresholds
    rejected: RejectThresholds
    comments: int  #: that were looked at


def propose(
    session: Session,
    site_id: int,
    version: str,
    *,
    since: datetime,
    one_in: int,
    right: float | None,
) -> Proposal:
    """Return the thresholds that meet both targets on recent comments.

    Parameters
    ----------
    version
        The model, whose scores must be stored.
    one_in
        Of so many harmless comments at most one is held.
    right
        At least this share of what is rejected is harmful, 0 to 1; None: reject nothing
        by score.

    Raises
    ------
    Conflict
        If there are too few comments to tell.
    """
    labels, scores, is_harmful = _read(session, site_id, version, since)
    if (~is_harmful).sum() < MIN_HARMFUL:
        raise Conflict(
            f"Only {int((~is_harmful).sum())} harmless comments have scores of this "
            f"model in that time; {MIN_HARMFUL} are needed to propose a threshold."
        )
    held = hold(labels, scores, is_harmful, one_in)
    # Nothing is rejected that wouldn't at least be held.
    rejected = reject(labels, scores, is_harmful, right or 1.0, floors=held.cuts)
    cuts = rejected.cuts if right is not None else dict.fromkeys(labels)
    return Proposal(
        version=version,
        thresholds={
            label: Threshold(review_at=held.cuts[label], reject_at=cuts[label])
            for label in labels
        },
        held=held,
        rejected=rejected,
        comments=len(scores),
    )


def _read(
    session: Session, site_id: int, version: str, since: datetime
) -> tuple[Sequence[str], Floats, npt.NDArray[np.bool_]]:
    """Return labels, scores, and harmfulness, where known."""
    first = identifiers.first_id(since)
    read_rows: dict[int, tuple[bool, Sequence[float | None]]] = {}
    for table in (SilentScore, Score):
        for row in session.execute(_query(table, site_id, version, first)):
            is_harmful = _is_harmful(row.status, row.verdict, row.reasons)
            if is_harmful is not None:
                read_rows[row.id] = is_harmful, row[4:]
    rows = [scores for _, scores in read_rows.values()]
    scores = np.array(rows, np.float64).reshape(-1, len(HARMS))
    has_scores = [
        bool(len(rows)) and not bool(np.isnan(column).all()) for column in scores.T
    ]
    labels = [
        label for label, is_known in zip(HARMS, has_scores, strict=True) if is_known
    ]
    harmful = np.array([harms for harms, _ in read_rows.values()], bool)
    return labels, np.nan_to_num(scores[:, has_scores]), harmful


def _query(
    table: type[Score] | type[SilentScore], site_id: int, version: str, first: int
) -> sa.Select[Any]:
    """Return the statuses, people's verdicts, and scores of comments."""
    effective = aliased(Decision)
    return (
        sa.select(
            Comment.id,
            Comment.status,
            effective.verdict,
            effective.reasons,
            *(getattr(table, label) for label in HARMS),
        )
        .join(Comment, Comment.id == table.comment_id)
        .outerjoin(
            effective,
            sa.and_(
                effective.id == effective_id(Comment.id, sources=PEOPLE),
                effective.revision == Comment.revision,
            ),
        )
        .where(
            table.model_version == version,
            table.revision == Comment.revision,
            table.comment_id >= first,
            Comment.site_id == site_id,
            Comment.deleted_at.is_(None),
        )
        .order_by(table.comment_id.desc())
        .limit(MAX_COMMENTS)
    )


def _is_harmful(
    status: str, said: str | None, reasons: Sequence[dict[str, Any]] | None
) -> bool | None:
    """Return whether a comment is harmful; None if unknown.

    A rejection by a house rule says nothing of harm, and an automatic rejection doesn't
    prove itself right.
    """
    codes = {reason["code"] for reason in reasons or ()}
    if said is None:
        return False if status == Status.APPROVED.value else None
    if said == Verdict.REJECT.value:
        return True if codes & set(HARMS) else None
    return False if said == Verdict.APPROVE.value else None
