"""Scores attributes that Perspective had and no label stands for; numpy alone."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifiers.errors import BadArtifact
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from classifiers.text.attribute_features import BUCKETS, FORM, read_form, read_words

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class AttributeModel:
    """A linear model of attributes over words, a text's form, and a scorer's log-odds.

    Its log-odds become the score by a monotone mapping.
    """

    names: tuple[str, ...]  #: attributes, one column each
    labels: tuple[str, ...]  #: of the scorer whose log-odds are read
    words: npt.NDArray[np.float32]  #: buckets × attributes
    dense: npt.NDArray[np.float32]  #: log-odds, then form × attributes
    intercept: npt.NDArray[np.float32]  #: one an attribute
    knots: npt.NDArray[np.float32]  #: attributes × 2 × knots: log-odds to score, rising

    def __post_init__(self) -> None:
        count = len(self.names)
        shapes = {
            "words": (BUCKETS, count),
            "dense": (len(self.labels) + len(FORM), count),
            "intercept": (count,),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise BadArtifact(f"{name} has a wrong shape")
        if self.knots.ndim != 3 or self.knots.shape[:2] != (count, 2):
            raise BadArtifact("knots has a wrong shape")

    def reads(self, scorer: Scorer) -> bool:
        """Return whether a scorer has the labels that are needed."""
        return {*self.labels} <= {*scorer.labels}

    def score_many(
        self, scorer: Scorer, texts: Sequence[str]
    ) -> list[dict[str, float]]:
        """Return the score of each attribute, 0 to 1, for each text. CPU only."""
        if not texts:
            return []
        raw = self.log_odds(dense_features(scorer, self.labels, texts), texts)
        scores = np.empty_like(raw)
        for column, (x, y) in enumerate(self.knots):
            scores[:, column] = np.interp(raw[:, column], x, y)
        return [dict(zip(self.names, row, strict=True)) for row in scores.tolist()]

    def log_odds(self, dense: Floats, texts: Sequence[str]) -> Floats:
        """Return the log-odds of each text, before the mapping."""
        rows = dense @ self.dense.astype(np.float64) + self.intercept
        for row, text in zip(rows, texts, strict=True):
            read = read_words(text)
            if read:
                weights = np.fromiter(read.values(), np.float64, len(read))
                row += weights @ self.words[list(read)]
        return np.asarray(rows, np.float64)


def dense_features(
    scorer: Scorer, labels: Sequence[str], texts: Sequence[str]
) -> Floats:
    """Return a scorer's log-odds of some labels, and the form of texts."""
    columns = [scorer.labels.index(label) for label in labels]
    log_odds = scorer.log_odds([Document(text=text) for text in texts])[:, columns]
    return np.hstack([log_odds, np.array([read_form(text) for text in texts])])


def save(model: AttributeModel, path: Path) -> None:
    """Write a model as an npz file, words in halves of their precision."""
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            names=np.array(model.names),
            labels=np.array(model.labels),
            words=model.words.astype(np.float16),
            dense=model.dense,
            intercept=model.intercept,
            knots=model.knots,
        )


def load(path: Path) -> AttributeModel:
    """Read a model that `save` wrote.

    Raises
    ------
    BadArtifact
        If the file is none.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return AttributeModel(
                names=tuple(arrays["names"].tolist()),
                labels=tuple(arrays["labels"].tolist()),
                words=arrays["words"].astype(np.float32),
                dense=arrays["dense"],
                intercept=arrays["intercept"],
                knots=arrays["knots"],
            )
    except (EOFError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BadArtifact(f"{path.name}: {error}") from error
