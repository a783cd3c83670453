"""Another service's scores of imported comments, with the texts that they are about."""

from __future__ import annotations

from collections.abc import Iterator

from classifiers.serving.document import Document
from moderation import identifiers
from moderation.database import Sessions
from moderation.rehearsal import past_decisions
from moderation.rehearsal.rehearsing import RehearsalModel

MAX_COMMENTS = 100_000  # about so many are read, the same ones each time


def read_given_scores(
    sessions: Sessions, site_id: int, system: str, model: RehearsalModel
) -> Iterator[tuple[Document, dict[str, float]]]:
    """Yield texts with a service's scores by attribute, 0 to 1.

    Those that the model was trained on are left out: its scores of them say nothing
    about its scores of others.

    Parameters
    ----------
    system
        Such as `perspective`.
    """
    with sessions() as session:
        period = past_decisions.find_period(
            session, site_id, None, MAX_COMMENTS, is_imported=True
        )
    after = identifiers.MIN_ID
    while True:
        with sessions() as session:
            batch = past_decisions.read_batch(session, period, after)
        if not batch:
            return
        after = batch[-1].id
        for comment in batch:
            given = {
                score.attribute: score.value
                for score in comment.given_scores
                if score.system == system
            }
            if given and not model.was_trained_on(comment.id):
                yield comment.document, given
