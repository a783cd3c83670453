"""Scores texts with the models of sites, loaded once per process."""

from __future__ import annotations

import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.errors import ClassifierError
from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from classifiers.text.allowance import is_legible
from classifiers.text.languages import is_supported, weak_labels
from moderation.tables.models import Model

logger = logging.getLogger(__name__)

MODELS_KEPT = 8  # promoted models in memory; a site's model is a few megabytes


@dataclass(frozen=True, kw_only=True)
class ScoredText:
    """The scores of one text."""

    scores: Mapping[str, float]  #: label to 0–1
    model_version: str
    is_language_supported: bool
    #: labels that, by the model's figures, are not good in the text's language
    weak_labels: frozenset[str] = frozenset()
    #: else only its beginning: it has more different words than are read
    is_read_whole: bool = True


class Scoring:
    """The models that this process can score with.

    A model never changes once stored, so that it is loaded once by its id. Which
    one decides is a column of the site, read with each request: a promotion holds
    for the next request on every machine.

    Parameters
    ----------
    path
        The artifact for sites that have promoted no model; None for the shipped one.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._promoted: OrderedDict[int, Scorer] = OrderedDict()
        self.fault: str | None = None  #: why there is no default model
        self.default: Scorer | None = None  #: for sites that have promoted none
        try:
            self.default = artifact.load(path) if path else default_model.load()
        except (ClassifierError, OSError) as error:
            self.fault = str(error)
            logger.error("no model: %s; comments wait for people, unscored", error)

    def scorer_of(self, session: Session, model_id: int | None) -> Scorer | None:
        """Return a stored model's scorer; None if it can't be loaded."""
        if model_id is None:
            return self.default
        with self._lock:
            if model_id in self._promoted:
                self._promoted.move_to_end(model_id)
                return self._promoted[model_id]
        scorer = _load(session, model_id)
        if scorer is not None:
            with self._lock:
                self._promoted[model_id] = scorer
                while len(self._promoted) > MODELS_KEPT:
                    self._promoted.popitem(last=False)
        return scorer

    def score(
        self, scorer: Scorer | None, documents: Sequence[Document]
    ) -> list[ScoredText | None]:
        """Score texts, CPU only; None for a text that can't be scored.

        Whatever breaks in here is ours: the comment then waits for a person.
        """
        if scorer is None:
            return [None] * len(documents)
        try:
            return [
                _checked(scorer, document, scores)
                for document, scores in zip(
                    documents, scorer.score_many(documents), strict=True
                )
            ]
        except Exception:
            logger.exception("scoring failed with model %s", scorer.version)
        if len(documents) == 1:
            return [None]
        # One text broke the batch: let it wait alone.
        return [self.score(scorer, [document])[0] for document in documents]


def _checked(
    scorer: Scorer, document: Document, scores: Mapping[str, float]
) -> ScoredText:
    for label, score in scores.items():
        if not (math.isfinite(score) and 0 <= score <= 1):
            raise ValueError(f"the score of {label} is no probability")
    return ScoredText(
        scores=scores,
        model_version=scorer.version,
        is_language_supported=is_supported(
            document.text, scorer.languages, scorer.home
        ),
        weak_labels=weak_labels(document.text, scorer.weak),
        is_read_whole=is_legible(document.text),
    )


def _load(session: Session, model_id: int) -> Scorer | None:
    stored = session.scalar(sa.select(Model.artifact).where(Model.id == model_id))
    try:
        return artifact.loads(stored) if stored is not None else None
    except ClassifierError:
        logger.exception("model %s of the registry can't be loaded", model_id)
        return None
