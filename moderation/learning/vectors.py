"""Vectors of decided comments, kept so that the next training needn't read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.encoder.kept_vectors import KeptVectors
from classifiers.serving.combined import CombinedScorer
from classifiers.serving.scorer import Scorer
from classifiers.text.allowance import legible
from moderation.database import Sessions, start_writing
from moderation.learning.provenance import TrainingExample
from moderation.privacy import mask_emails
from moderation.tables.comments import Comment
from moderation.tables.learning import CommentVector

BATCH_SIZE = 1000  # rows of a transaction: others write between two of them


def load(session: Session, site_id: int, scorer: Scorer) -> KeptVectors | None:
    """Return the vectors of a site's comments, or None if the scorer has no encoder."""
    if not isinstance(scorer, CombinedScorer):
        return None
    encoder = scorer.encoder
    query = (
        sa.select(CommentVector.digest, CommentVector.vector)
        .join(Comment, Comment.id == CommentVector.comment_id)
        .where(Comment.site_id == site_id, CommentVector.encoder == encoder.version)
    )
    rows = session.execute(query.execution_options(yield_per=BATCH_SIZE))
    return KeptVectors(encoder, {row.digest: row.vector for row in rows})


def reading(scorer: Scorer, kept: KeptVectors | None) -> Scorer:
    """Return the scorer with an encoder that knows vectors, if they are its own."""
    if kept is None or not isinstance(scorer, CombinedScorer):
        return scorer
    if scorer.encoder.version != kept.version:
        return scorer
    return scorer.with_encoder(kept)


def store(
    sessions: Sessions, examples: Iterable[TrainingExample], kept: KeptVectors
) -> None:
    """Store the vectors that were read for the first time.

    Comments that were erased or edited since they were read have none.
    """
    comment_ids = [
        item.comment_id
        for item in examples
        if item.comment_id and kept.find_new(legible(item.example.text))
    ]
    for start in range(0, len(comment_ids), BATCH_SIZE):
        with sessions() as session:
            start_writing(session)
            _store_some(session, comment_ids[start : start + BATCH_SIZE], kept)
            session.commit()


def _store_some(
    session: Session, comment_ids: Sequence[int], kept: KeptVectors
) -> None:
    # Locked: else one that is erased now would have its vector stored afterwards.
    query = (
        sa.select(Comment.id, Comment.body)
        .where(Comment.id.in_(comment_ids), Comment.deleted_at.is_(None))
        .with_for_update(read=True)
    )
    rows = []
    for comment_id, body in session.execute(query):
        found = kept.find_new(legible(mask_emails(body)))
        if found is not None:
            rows.append(
                {
                    "comment_id": comment_id,
                    "encoder": kept.version,
                    "digest": found[0],
                    "vector": found[1],
                }
            )
    if not rows:
        return
    ids = [row["comment_id"] for row in rows]
    earlier = CommentVector.comment_id.in_(ids)
    session.execute(sa.delete(CommentVector).where(earlier))
    session.execute(sa.insert(CommentVector), rows)
