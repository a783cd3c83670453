"""The fast scorer and the encoder together: their calibrated sum decides."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.encoder.encoder import Encoder, Vectors
from classifiers.encoder.kept_vectors import KeptVectors
from classifiers.errors import BadArtifact, UnknownLabel
from classifiers.serving.document import Document
from classifiers.serving.explanation import Span
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.head import Tongue
from classifiers.serving.left_out import WordLosses, leave_out
from classifiers.serving.scorer import Scorer, rounded
from classifiers.serving.weights import Floats
from classifiers.text import languages
from classifiers.text.allowance import legible


class Reads(StrEnum):
    """The comments that the encoder reads."""

    ALWAYS = "always"
    #: those that the fast scorer isn't sure of, and other languages
    UNCERTAIN = "uncertain"
    NEVER = "never"


#: Below this share of a label's threshold for review, the fast scorer is sure.
SURE = 0.2


class CombinedScorer(Scorer):
    """A fast scorer with a head, and the encoder that the head was fitted to.

    Raises
    ------
    BadArtifact
        If the head was fitted to another encoder.
    """

    def __init__(
        self, fast: FastScorer, encoder: Encoder | KeptVectors, reads: Reads
    ) -> None:
        head, own = fast.head, fast.manifest.get("deep")
        if head is None or own is None or own["encoder"] != encoder.version:
            raise BadArtifact("the head was fitted to another encoder")
        manifest = {**fast.manifest, **own["manifest"]}
        super().__init__(
            version=fast.joint_version,
            labels=own["labels"],
            manifest=manifest,
            languages=frozenset(manifest["languages"]),
            # A short text is known by its words where all languages that decide are.
            home=fast.home
            if fast.languages.issuperset(manifest["languages"])
            else None,
        )
        self.encoder = encoder
        self.reads = reads
        self._familiar = frozenset(own["familiar"])
        # Heads of November 2026 don't tell the two apart.
        self.readable = frozenset(own.get("readable", own["familiar"]))
        self._fast = fast
        self._last_left_out: tuple[Document, WordLosses] | None = None
        self.head = head
        self._sure = np.array(
            [SURE * fast.manifest["thresholds"][x]["review_at"] for x in fast.labels]
        )

    @property
    def fast(self) -> FastScorer:
        """The part that is a sum over words."""
        return self._fast

    def with_fast(self, fast: FastScorer) -> CombinedScorer:
        """Return another fast scorer with the same encoder."""
        return CombinedScorer(fast, self.encoder, self.reads)

    def with_encoder(self, encoder: Encoder | KeptVectors) -> CombinedScorer:
        """Return the same scorer, with its encoder read in another way."""
        return CombinedScorer(self.fast, encoder, self.reads)

    def score_many(self, documents: Sequence[Document]) -> list[dict[str, float]]:
        """Return the probabilities of each document, in order.

        What the encoder doesn't read has those of the fast scorer's labels alone.
        """
        fast = self.fast.text_log_odds(documents)
        is_read = self._is_read(documents, fast)
        rows = rounded(self._combined(documents, fast, is_read))
        counts = np.where(is_read, len(self.labels), len(self.fast.labels)).tolist()
        return [
            dict(zip(self.labels[:count], row, strict=False))
            for row, count in zip(rows.tolist(), counts, strict=True)
        ]

    def probabilities(self, documents: Sequence[Document]) -> Floats:
        """Return the probabilities of each document, 0 to 1, one column per label."""
        return rounded(self.log_odds(documents))

    def log_odds(self, documents: Sequence[Document]) -> Floats:
        """Return the log-odds of each label, before they are rounded."""
        fast = self.fast.text_log_odds(documents)
        return self._combined(documents, fast, self._is_read(documents, fast))

    def vectors(self, documents: Sequence[Document]) -> Vectors:
        """Return the encoder's vectors of texts."""
        return self.encoder.vectors([legible(document.text) for document in documents])

    def explain(self, document: Document, label: str) -> list[Span]:
        """Return the words that raised a label's score, in the order of the text.

        Where the fast scorer alone would hold the comment, too, they are its words;
        otherwise those without which the score is lower, see `left_out.leave_out`.

        Raises
        ------
        UnknownLabel
            If the scorer has no such label.
        """
        if label not in self.labels:
            raise UnknownLabel(f"this scorer has no label {label!r}")
        if not self.is_left_out(document, label):
            return self.fast.explain(document, label)
        return self._left_out(document).spans(self.labels.index(label))

    def _left_out(self, document: Document) -> WordLosses:
        """Return what a comment's scores lose without its words.

        One is kept: its labels are asked for one after the other.
        """
        kept = self._last_left_out
        if kept is not None and kept[0] == document:
            return kept[1]

        def log_odds(texts: Sequence[str]) -> Floats:
            documents = [dataclasses.replace(document, text=text) for text in texts]
            return self._read(documents, self.fast.text_log_odds(documents))

        found = leave_out(legible(document.text), log_odds)
        self._last_left_out = document, found
        return found

    def is_left_out(self, document: Document, label: str) -> bool:
        """Return whether the fast scorer alone would not hold a comment for a label."""
        if label not in self.fast.labels:
            return True
        alone = self.fast.score(document)[label]
        cut = float(self.fast.manifest["thresholds"][label]["review_at"])
        return alone < cut and bool(self._is_read_one(document))

    def _is_read_one(self, document: Document) -> Any:
        return self._is_read([document], self.fast.text_log_odds([document]))[0]

    def _is_read(self, documents: Sequence[Document], fast: Floats) -> Any:
        """Return which documents the encoder reads."""
        if self.reads is Reads.ALWAYS:
            return np.ones(len(documents), bool)
        if self.reads is Reads.NEVER:
            return np.zeros(len(documents), bool)
        is_sure = [bool((row < self._sure).all()) for row in rounded(fast)]
        return np.array(
            [
                not sure or not self._is_at_home(d.text)
                for sure, d in zip(is_sure, documents, strict=True)
            ],
            bool,
        )

    def _is_at_home(self, text: str) -> bool:
        return languages.is_supported(text, self.fast.languages, self.fast.home)

    def _combined(
        self, documents: Sequence[Document], fast: Floats, is_read: Any
    ) -> Floats:
        """Return log-odds; unread ones are the fast scorer's, others minus infinity."""
        rows = np.full((len(documents), len(self.labels)), -np.inf)
        rows[:, : fast.shape[1]] = fast
        places = np.flatnonzero(is_read)
        if len(places):
            read = [documents[place] for place in places.tolist()]
            rows[places] = self._read(read, fast[places])
        names = self.fast.name_log_odds(documents)
        if names is not None:
            own = rows[:, : names.shape[1]]
            np.maximum(own, names, out=own)
        return rows

    def _read(self, documents: Sequence[Document], fast: Floats) -> Floats:
        tongues = self.tongues([document.text for document in documents])
        return self.head.log_odds(fast, self.vectors(documents), tongues)

    def tongues(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return how well the fast scorer knows the language of each text."""
        return np.array([self._tongue(text) for text in texts], np.int64)

    def _tongue(self, text: str) -> Tongue:
        language, _ = languages.detect(text)
        if language is None or language in self.fast.languages:
            return Tongue.HOME
        return Tongue.FAMILIAR if language in self._familiar else Tongue.FOREIGN
