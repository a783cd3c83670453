"""The fast scorer: a sum over words, with numpy alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from classifiers.errors import UnknownLabel
from classifiers.serving import author_names
from classifiers.serving.author_names import AuthorNames
from classifiers.serving.document import Document
from classifiers.serving.explanation import Explainer, Span
from classifiers.serving.head import Head
from classifiers.serving.regression_set import Frozen
from classifiers.serving.scorer import PARTS, Scorer
from classifiers.serving.token_cache import TokenCache
from classifiers.serving.token_sums import TokenSums
from classifiers.serving.weights import Floats, Weights
from classifiers.text import features
from classifiers.text.token_reader import TokenReader

#: Comments scored in one go; bounds memory, changes no score.
BATCH_SIZE = 1024
# Without a dimension: numpy takes such arrays sooner than Python's numbers.
_PARTS, _HALF_PARTS, _HALF = np.array(PARTS), np.array(PARTS / 2), np.array(0.5)


class FastScorer(Scorer):
    """Fitted weights under one version. Threads may share it.

    Parameters
    ----------
    version : name and first eight digits of the weights' SHA-256
    labels : one column of the weights each
    languages : ISO 639-1 codes whose scores may decide
    frozen : hashed examples that guard what the scorer knew
    head : how an encoder adds to the log-odds; see `combined`
    """

    def __init__(
        self,
        *,
        version: str,
        labels: Sequence[str],
        weights: Weights,
        manifest: Mapping[str, Any],
        languages: frozenset[str],
        frozen: Frozen | None = None,
        head: Head | None = None,
    ) -> None:
        #: words of the languages whose scores may decide, if they are known
        home = None if weights.home is None else features.Lexicon(weights.home)
        super().__init__(
            version=version,
            labels=labels,
            manifest=manifest,
            languages=languages,
            home=home,
        )
        self.weights = weights
        self.frozen = frozen
        self.head = head
        lexicons = features.Lexicon(weights.known), features.Lexicon(weights.harsh)
        reader = TokenReader(*lexicons)
        self._cache = TokenCache(weights, reader)
        self._sums = TokenSums(self.labels, weights, reader, self._cache)
        self._explainer = Explainer(weights, reader, self._cache, self._sums)
        cuts = {
            label: float(cut["review_at"])
            for label, cut in manifest["thresholds"].items()
        }
        self._names = AuthorNames(self.labels, self.text_log_odds, cuts)
        # 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2, which cannot overflow.
        self._half_slope = weights.slope / 2
        self._half_intercept = weights.intercept / 2

    @property
    def joint_version(self) -> str:
        """The version that it has together with the encoder of its head, if any."""
        deep = self.manifest.get("deep")
        return self.version if deep is None else f"{self.version}.{deep['encoder']}"

    @property
    def fast(self) -> FastScorer:
        """This scorer."""
        return self

    def score_many(self, documents: Sequence[Document]) -> list[dict[str, float]]:
        """Return the probabilities of each document, in order.

        Of a text that isn't read whole, those of its `allowance.legible` part.
        """
        if len(documents) == 1:
            totals = self._sums.of_one(documents[0])
            if totals is not None:
                row = self._probabilities(*totals).tolist()
                return [dict(zip(self.labels, row))]  # noqa: B905
        rows = self.probabilities(documents).tolist()
        return list(map(dict, map(zip, repeat(self.labels), rows)))

    def probabilities(self, documents: Sequence[Document]) -> Floats:
        """Return the probabilities of each document, 0 to 1, one column per label."""
        rows = np.empty((len(documents), len(self.labels)))
        for start in range(0, len(documents), BATCH_SIZE):
            part = slice(start, start + BATCH_SIZE)
            totals, beyond = self._sums.of_many(documents[part])
            names = self.name_log_odds(documents[part])
            rows[part] = self._probabilities(totals, beyond, names)
        return rows

    def log_odds(self, documents: Sequence[Document]) -> Floats:
        """Return the log-odds of each label, before they are rounded."""
        rows = np.empty((len(documents), len(self.labels)))
        for start in range(0, len(documents), BATCH_SIZE):
            part = slice(start, start + BATCH_SIZE)
            rows[part] = self.text_log_odds(documents[part])
            names = self.name_log_odds(documents[part])
            if names is not None:
                np.maximum(rows[part], names, out=rows[part])
        return rows

    def text_log_odds(self, documents: Sequence[Document]) -> Floats:
        """Return the log-odds of texts, without their authors' names."""
        totals, beyond = self._sums.of_many(documents)
        rows = self.weights.log_odds(totals)
        return rows if beyond is None else rows + beyond

    def name_log_odds(self, documents: Sequence[Document]) -> Floats | None:
        """Return the log-odds of authors' names; see `AuthorNames.log_odds`."""
        return self._names.log_odds(documents)

    def beyond(self, texts: Sequence[str]) -> Floats:
        """Return the network's part of the log-odds of texts, one column per label."""
        rows = np.zeros((len(texts), len(self.labels)))
        if self.weights.network is not None:
            for start in range(0, len(texts), BATCH_SIZE):
                part = slice(start, start + BATCH_SIZE)
                documents = [Document(text=text) for text in texts[part]]
                rows[part] = self._sums.of_many(documents)[1]
        return rows

    def explain(self, document: Document, label: str) -> list[Span]:
        """Return the words that raised a label's score, in the order of the text.

        With the words that lowered it, they add up to the score; see `pushes`.

        Raises
        ------
        UnknownLabel
            If the scorer has no such label.
        """
        if label not in self.labels:
            raise UnknownLabel(f"this scorer has no label {label!r}")
        if self.is_by_name(document, label):
            return []
        return self._explainer.spans(document.text, self.labels.index(label))

    def is_by_name(self, document: Document, label: str) -> bool:
        """Return whether the author's name alone gave a label its score."""
        names = self.name_log_odds([document])
        if names is None:
            return False
        column = self.labels.index(label)
        own = self.text_log_odds([document])[0, column]
        return bool(names[0, column] > own)

    def pushes(self, document: Document, label: str) -> list[float]:
        """Return what each token of the text adds to the label's log-odds.

        Together they are the log-odds of the score, less `Weights.intercept`. A word's
        push is its part of the sum, its own weight and half of each pair it stands in,
        and what it adds to the network's filters where they are strongest. Where the
        author's name gave the score, the tokens are those of the name.
        """
        column = self.labels.index(label)
        if self.is_by_name(document, label):
            pushes = self._explainer.pushes(self._names.text_of(document), column)
            return [push - author_names.MARGIN / len(pushes) for push in pushes]
        return self._explainer.pushes(document.text, column)

    def _probabilities(
        self, totals: Floats, beyond: Floats | None, names: Floats | None = None
    ) -> Floats:
        """Return probabilities for sums, the network's part, and names' log-odds."""
        rows: Floats = np.arcsinh(totals)
        rows *= self._half_slope
        rows += self._half_intercept
        if beyond is not None:
            rows += beyond * _HALF
        if names is not None:
            np.maximum(rows, names * _HALF, out=rows)
        np.tanh(rows, rows)
        rows *= _HALF_PARTS
        rows += _HALF_PARTS
        np.rint(rows, rows)
        rows /= _PARTS
        return rows
