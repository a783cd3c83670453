"""The interface of every scorer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from classifiers.serving.document import Document
from classifiers.serving.explanation import Span
from classifiers.serving.weights import Floats
from classifiers.text.features import Lexicon
from classifiers.text.languages import LATIN_LANGUAGES, weak_by_language

if TYPE_CHECKING:
    from classifiers.serving.fast_scorer import FastScorer

#: Probabilities are multiples of one in so many: the same on every machine.
PARTS = 1e6


def rounded(log_odds: Floats) -> Floats:
    """Return log-odds as probabilities, in multiples of one in `PARTS`."""
    rows: Floats = np.rint((np.tanh(log_odds / 2) + 1) * (PARTS / 2)) / PARTS
    return rows


class Scorer(ABC):
    """Gives comments a probability a label, under one version. Threads may share it.

    Parameters
    ----------
    version : name and first eight digits of the weights' SHA-256, of each part
    labels : what it scores
    languages : ISO 639-1 codes whose scores may decide
    home : words of these languages; None where they are not known
    """

    #: ISO 639-1 codes of languages that it has learned some of: too little to decide
    #: there, unless a site says so
    readable: frozenset[str] = frozenset()

    def __init__(
        self,
        *,
        version: str,
        labels: Sequence[str],
        manifest: Mapping[str, Any],
        languages: frozenset[str],
        home: Lexicon | None,
    ) -> None:
        self.version = version
        self.labels = tuple(labels)
        self.manifest = manifest
        self.languages = languages
        self.home = home
        #: language → labels whose figures are too weak to decide there
        self.weak = weak_by_language(manifest.get("good_for", {}), languages, labels)

    def deciding_in(self, languages: frozenset[str]) -> Self:
        """Return this scorer, whose scores may also decide in languages that it reads.

        Other languages of the argument have no effect. In a language that is added,
        no label is weak. Once one of them has Latin letters, a short text in these may
        be of any of its languages, with any words.
        """
        added = languages & self.readable - self.languages
        if not added:
            return self
        scorer = copy(self)
        scorer.languages = self.languages | added
        scorer.weak = {**self.weak, **dict.fromkeys(added, frozenset[str]())}
        if added & LATIN_LANGUAGES:
            scorer.home = None
        return scorer

    @property
    @abstractmethod
    def fast(self) -> FastScorer:
        """The part that is a sum over words."""

    def score(self, document: Document) -> dict[str, float]:
        """Return the probability of each label, 0 to 1."""
        return self.score_many([document])[0]

    @abstractmethod
    def score_many(self, documents: Sequence[Document]) -> list[dict[str, float]]:
        """Return the probabilities of each document, in order."""

    @abstractmethod
    def probabilities(self, documents: Sequence[Document]) -> Floats:
        """Return the probabilities of each document, 0 to 1, one column per label."""

    @abstractmethod
    def log_odds(self, documents: Sequence[Document]) -> Floats:
        """Return the log-odds of each label, before they are rounded."""

    @abstractmethod
    def explain(self, document: Document, label: str) -> list[Span]:
        """Return the words that raised a label's score, in the order of the text.

        Raises
        ------
        UnknownLabel
            If the scorer has no such label.
        """

    def is_left_out(self, document: Document, label: str) -> bool:
        """Return whether `explain` marks words by leaving them out."""
        return False
