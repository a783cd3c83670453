"""Carries a rescoring out: reads some texts, scores them, stores, and goes on."""

from __future__ import annotations

from datetime import datetime

from classifiers.serving.scorer import Scorer
from moderation import identifiers
from moderation.comments import rescoring
from moderation.comments.rescoring import RescoringOrder
from moderation.database import Sessions, start_writing
from moderation.jobs import JobProgress
from moderation.models.serving import Scoring


def carry_out(
    sessions: Sessions,
    scoring: Scoring,
    order: RescoringOrder,
    scorer: Scorer,
    progress: JobProgress,
    now: datetime,
) -> int:
    """Score all there is, some at a time; return how many texts.

    No transaction is open while texts are scored, and each part is committed by
    itself: requests pass between.
    """
    done, after = 0, identifiers.MIN_ID
    with sessions() as session:
        total = rescoring.count_left(session, order, scorer.version)
    if total:
        progress(0.0, f"{total} texts are to be scored by {scorer.version}.")
    while True:
        with sessions() as session:
            rows = rescoring.read_some(session, order, scorer.version, after)
        if not rows:
            return done
        after = rows[-1].id
        scored = scoring.score(scorer, [rescoring.document(row) for row in rows])
        with sessions() as session:
            start_writing(session)
            done += rescoring.store_some(session, order, rows, scored, now)
            session.commit()
        progress(min(1.0, done / max(total, 1)))
