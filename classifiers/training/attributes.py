"""Fit models of attributes to another service's scores of the same texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.data import datasets
from classifiers.data.datasets import Example
from classifiers.errors import BadExample
from classifiers.serving.attribute_model import AttributeModel, dense_features
from classifiers.serving.fast_scorer import FastScorer
from classifiers.text.attribute_features import BUCKETS, read_words

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

ALPHA = 10.0  # of the ridge
WORDS_WEIGHT = 2.0  # of the words' block; more agrees no better, and carries over worse
FOLDS = 5  # for scores of texts that a model wasn't fitted on
KNOTS = 41  # of the mapping from log-odds to scores
EDGE = 0.005  # keeps log-odds finite
MIN_TEXTS = 500


@dataclass(frozen=True, kw_only=True)
class FittedAttributes:
    """A model of attributes, and its scores of texts that it wasn't fitted on."""

    model: AttributeModel
    names: tuple[str, ...]
    theirs: Floats  #: texts × attributes, 0 to 1
    held_out: Floats  #: the same, each text by models of the other folds


def fit(
    scorer: FastScorer, texts: Sequence[str], scores: Mapping[str, Sequence[float]]
) -> FittedAttributes:
    """Fit a ridge to the log-odds of scores, and map it to where the scores lie.

    The mapping takes the quantiles of held-out log-odds to those of the scores, so
    that as many texts reach a threshold as with the other service.

    Parameters
    ----------
    scores
        Attribute to the other service's scores of the texts, 0 to 1.

    Raises
    ------
    BadExample
        If there are fewer than 500 texts.
    """
    if len(texts) < MIN_TEXTS:
        raise BadExample(f"{len(texts)} texts; {MIN_TEXTS} are needed")
    names = tuple(scores)
    theirs = np.array([scores[name] for name in names], float).T
    target = np.log((theirs + EDGE) / (1 - theirs + EDGE))
    dense = dense_features(scorer, scorer.labels, texts)
    held_out = np.empty_like(target)
    for fitted, held in _folds(texts):
        part = _fit_part(scorer, names, [texts[at] for at in fitted], dense[fitted])
        model = part.to(target[fitted])
        held_out[held] = model.log_odds(dense[held], [texts[at] for at in held])
    whole = _fit_part(scorer, names, texts, dense)
    parts = np.linspace(0, 1, KNOTS)
    knots = [
        (np.quantile(held_out[:, column], parts), np.quantile(theirs[:, column], parts))
        for column in range(len(names))
    ]
    return FittedAttributes(
        model=whole.to(target, np.array(knots, np.float32)),
        names=names,
        theirs=theirs,
        held_out=np.column_stack(
            [np.interp(held_out[:, at], x, y) for at, (x, y) in enumerate(knots)]
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _FoldFeatures:
    """The features of texts that a model is fitted to."""

    scorer: FastScorer
    names: tuple[str, ...]
    features: object  # scipy's sparse matrix
    mean: Floats
    deviation: Floats

    def to(
        self, target: Floats, knots: npt.NDArray[np.float32] | None = None
    ) -> AttributeModel:
        """Return the model that is fitted to log-odds."""
        from sklearn.linear_model import Ridge

        ridge = Ridge(alpha=ALPHA, solver="lsqr", tol=1e-6).fit(self.features, target)
        words = WORDS_WEIGHT * ridge.coef_[:, :BUCKETS].T
        dense = ridge.coef_[:, BUCKETS:].T / self.deviation[:, None]
        if knots is None:
            knots = np.zeros((len(self.names), 2, 1), np.float32)
        return AttributeModel(
            names=self.names,
            labels=self.scorer.labels,
            words=words.astype(np.float32),
            dense=dense.astype(np.float32),
            intercept=(ridge.intercept_ - self.mean @ dense).astype(np.float32),
            knots=knots,
        )


def _fit_part(
    scorer: FastScorer, names: tuple[str, ...], texts: Sequence[str], dense: Floats
) -> _FoldFeatures:
    from scipy import sparse

    rows: list[int] = []
    columns: list[int] = []
    weights: list[float] = []
    for row, text in enumerate(texts):
        read = read_words(text)
        rows += [row] * len(read)
        columns += read
        weights += read.values()
    shape = (len(texts), BUCKETS)
    words = sparse.csr_matrix((weights, (rows, columns)), shape) * WORDS_WEIGHT
    mean, deviation = dense.mean(0), dense.std(0) + 1e-9
    return _FoldFeatures(
        scorer=scorer,
        names=names,
        features=sparse.hstack([words, (dense - mean) / deviation]).tocsr(),
        mean=mean,
        deviation=deviation,
    )


def _folds(texts: Sequence[str]) -> Iterator[tuple[Places, Places]]:
    """Yield the texts to fit on and those to score; near copies stay together."""
    groups = np.array(
        datasets.near_duplicate_groups(
            [Example(text=text, labels={}) for text in texts]
        )
    )
    order = np.random.default_rng(0).permutation(len(texts))
    fold = order[groups] % FOLDS
    for each in range(FOLDS):
        yield np.flatnonzero(fold != each), np.flatnonzero(fold == each)
