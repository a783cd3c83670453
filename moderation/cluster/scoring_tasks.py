"""What a Dask worker does: it scores texts, without a database and without secrets."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence

from classifiers.serving import artifact
from classifiers.serving.combined import Reads
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from moderation.errors import Unavailable
from moderation.models.serving import ScoredText, Scoring

_lock = threading.Lock()  # a model is loaded once, also by a worker with threads


def score_part(
    model: bytes, version: str, reads: Reads, documents: Sequence[Document]
) -> list[ScoredText | None]:
    """Score texts as the process that asks would; None for a text that breaks it.

    Parameters
    ----------
    model
        The file of a fast scorer.
    version
        Of the scorer that is expected: with the encoder, if that reads.

    Raises
    ------
    Unavailable
        If this worker has another encoder, none, or another release.
    """
    with _lock:
        scorer = _load(version, reads, model)
    if scorer.version != version:
        raise Unavailable(
            f"A Dask worker scores with {scorer.version} instead of {version}. Install "
            "the same release on all Dask workers."
        )
    return _scoring(reads).score(scorer, documents)


@functools.cache
def _scoring(reads: Reads) -> Scoring:
    return Scoring(reads=reads)


@functools.lru_cache(maxsize=2)
def _load(version: str, reads: Reads, model: bytes) -> Scorer:
    return _scoring(reads).combine(artifact.loads(model))
