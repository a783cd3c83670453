"""Carries a rescoring out: reads some texts, has them scored, stores, and goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from classifiers.serving.scorer import Scorer
from moderation import identifiers
from moderation.cluster.scoring import BulkScoring
from moderation.comments import rescoring
from moderation.comments.rescoring import RescoringOrder
from moderation.database import Sessions, start_writing
from moderation.jobs import JobProgress


def carry_out(
    sessions: Sessions,
    bulk: BulkScoring,
    order: RescoringOrder,
    scorer: Scorer,
    progress: JobProgress,
    now: datetime,
) -> int:
    """Score all there is, some at a time; return how many texts.

    No transaction is open while texts are scored, and each part is committed by
    itself: requests pass between.
    """
    done = 0
    with sessions() as session:
        total = rescoring.count_left(session, order, scorer.version)
    if total:
        progress(0.0, f"{total} texts are to be scored by {scorer.version}.")
    parts = _read_parts(sessions, order, scorer.version)
    for rows, scored in bulk.score_parts(scorer, parts, rescoring.document):
        with sessions() as session:
            start_writing(session)
            done += rescoring.store_some(session, order, rows, scored, now)
            session.commit()
        progress(min(1.0, done / max(total, 1)))
    return done


def _read_parts(
    sessions: Sessions, order: RescoringOrder, version: str
) -> Iterator[Sequence[Any]]:
    after = identifiers.MIN_ID
    while True:
        with sessions() as session:
            rows = rescoring.read_some(session, order, version, after)
        if not rows:
            return
        after = rows[-1].id
        yield rows
