"""Scores texts with the models of sites, loaded once per process."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.encoder import encoder
from classifiers.encoder.encoder import Encoder
from classifiers.errors import ClassifierError
from classifiers.pretrained import default_encoder, default_model
from classifiers.serving import artifact
from classifiers.serving.combined import CombinedScorer, Reads
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.scorer import Scorer
from classifiers.text.allowance import is_legible
from classifiers.text.languages import is_supported, weak_labels
from moderation.metrics.counters import SCORED_TEXTS, SCORING_SECONDS
from moderation.sites.sites import SiteContext
from moderation.tables.models import Model

logger = logging.getLogger(__name__)

RETRY_SECONDS = 10.0  # until a default model that can't be loaded is tried again
#: Long enough, and with few enough English words, that its language is detected.
WARM_UP = "Die Brücke über den Fluss war heute früh schon wieder für alle gesperrt."
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
        The artifact for sites that have promoted no model; without it, the shipped
        one.
    reads
        Which comments the encoder reads. Without its files, the fast scorer goes on
        alone.
    encoder_path
        The folder of the encoder; None for the shipped one.
    """

    def __init__(
        self,
        path: Path | str | None = None,
        *,
        reads: Reads = Reads.NEVER,
        encoder_path: Path | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._promoted: OrderedDict[int, Scorer] = OrderedDict()
        self.reads = reads
        self.encoder_fault: str | None = None  #: why there is no encoder, if wanted
        self._encoder: Encoder | None = None
        self._encoder_path = encoder_path
        self._load_encoder()
        self.fault: str | None = None  #: why there is no default model
        self.default: Scorer | None = None  #: for sites that have promoted none
        self._path = path
        self._retry_at = 0.0
        self._load_default()

    def _load_default(self) -> None:
        self._retry_at = time.monotonic() + RETRY_SECONDS
        path = self._path
        try:
            fast = artifact.load(path) if path else default_model.load()
            self.default = self.combine(fast)
        except (ClassifierError, OSError) as error:
            if self.fault is None:
                logger.error("no model: %s; comments are held, unscored", error)
            self.fault = str(error)
        else:
            if self.fault is not None:
                logger.info("the model is there again")
            self.fault = None

    def _load_encoder(self) -> None:
        if self.reads is Reads.NEVER:
            return
        path = self._encoder_path
        try:
            self._encoder = encoder.load(path) if path else default_encoder.load()
        except ClassifierError as error:
            if self.encoder_fault is None:
                logger.error("no encoder: %s; the fast scorer goes on alone", error)
            self.encoder_fault = str(error)
        else:
            if self.encoder_fault is not None:
                logger.info("the encoder is there again")
                self._promoted.clear()
            self.encoder_fault = None

    def combine(self, fast: FastScorer) -> Scorer:
        """Return a scorer with the encoder, if it has a head for this one."""
        deep = fast.manifest.get("deep")
        if self._encoder is None or deep is None:
            return fast
        if deep["encoder"] != self._encoder.version:
            logger.warning("model %s is for another encoder", fast.version)
            return fast
        return CombinedScorer(fast, self._encoder, self.reads)

    def warm_up(self) -> None:
        """Build what the first text builds, so that processes forked later share it.

        The encoder is left out: its threads don't survive a fork.
        """
        if self.default is not None:
            fast = self.default.fast
            fast.score_many([Document(text=WARM_UP, author_name="Ada")])
            is_supported(WARM_UP, fast.languages, fast.home)

    @property
    def _lacks_a_part(self) -> bool:
        return self.fault is not None or self.encoder_fault is not None

    def find_default(self) -> Scorer | None:
        """Return the default scorer; load what was missing, now and then."""
        if self._lacks_a_part and time.monotonic() >= self._retry_at:
            with self._lock:
                if self._lacks_a_part and time.monotonic() >= self._retry_at:
                    self._load_encoder()
                    self._load_default()
        return self.default

    def scorer_of(self, session: Session, model_id: int | None) -> Scorer | None:
        """Return a stored model's scorer; None if it can't be loaded."""
        if model_id is None:
            return self.find_default()
        with self._lock:
            if model_id in self._promoted:
                self._promoted.move_to_end(model_id)
                return self._promoted[model_id]
        fast = _load(session, model_id)
        scorer = None if fast is None else self.combine(fast)
        if scorer is not None:
            with self._lock:
                self._promoted[model_id] = scorer
                while len(self._promoted) > MODELS_KEPT:
                    self._promoted.popitem(last=False)
        return scorer

    def scorer_for(self, session: Session, site: SiteContext) -> Scorer | None:
        """Return the scorer of a site's active model, which decides in its languages.

        None if it can't be loaded.
        """
        scorer, languages = (
            self.scorer_of(session, site.model_id),
            site.policy.languages,
        )
        return scorer.deciding_in(languages) if scorer and languages else scorer

    def score(
        self, scorer: Scorer | None, documents: Sequence[Document]
    ) -> list[ScoredText | None]:
        """Score texts, CPU only; None for a text that can't be scored.

        A fault in here is ours: the comment then waits for a moderator.
        """
        if scorer is None:
            SCORED_TEXTS.labels("failed").inc(len(documents))
            return [None] * len(documents)
        try:
            size = "one" if len(documents) == 1 else "many"
            with SCORING_SECONDS.labels(size).time():
                scored: list[ScoredText | None] = [
                    _checked(scorer, document, scores)
                    for document, scores in zip(
                        documents, scorer.score_many(documents), strict=True
                    )
                ]
        except Exception:
            logger.exception("scoring failed with model %s", scorer.version)
        else:
            SCORED_TEXTS.labels("scored").inc(len(documents))
            return scored
        if len(documents) == 1:
            SCORED_TEXTS.labels("failed").inc()
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


def _load(session: Session, model_id: int) -> FastScorer | None:
    stored = session.scalar(sa.select(Model.artifact).where(Model.id == model_id))
    try:
        return artifact.loads(stored) if stored is not None else None
    except ClassifierError:
        logger.exception("model %s of the registry can't be loaded", model_id)
        return None
