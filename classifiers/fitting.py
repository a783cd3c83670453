"""Fit the weights of one label, from nothing or away from what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import minimize
from scipy.special import expit

from classifiers import features
from classifiers.corpus import Corpus, Sparse

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """Weights of one label."""

    rows: Floats
    pairs: Floats
    offsets: Floats
    #: how much of each given direction is added
    mix: Floats

    def plus(self, other: Fitted, share: float) -> Fitted:
        """Return these weights with a share of others added."""
        rows = self.rows + share * other.rows
        pairs = self.pairs + share * other.pairs
        return Fitted(rows, pairs, self.offsets, self.mix)


@dataclass(frozen=True, kw_only=True)
class Prior:
    """Where the weights start, and how strongly they are pulled back there."""

    shrinkage: float
    offset_shrinkage: float
    passes: int
    #: what each text's words add up to already; None for nothing
    sums: Floats | None = None
    #: further sums of each text, a share of which may be added; texts × directions
    directions: Floats | None = None
    direction_shrinkage: float = 1.0
    #: whether each weight is searched on a scale of its own: as good, in fewer passes
    is_scaled: bool = False
    #: told now and then, and may raise to break off
    heed: Callable[[], None] | None = None
    #: calibration of the label, if there is one
    slope: float = 1.0
    intercept: float = 0.0

    def log_odds(self, added: Floats) -> tuple[Floats, Floats]:
        """Return log-odds for what is added to the sums, and how steep they are."""
        if self.sums is None:
            return added, np.ones(1)
        sums = self.sums + added
        logits = self.slope * np.arcsinh(sums) + self.intercept
        return logits, self.slope / np.sqrt(1 + sums * sums)


def fit_label(
    corpus: Corpus,
    chosen: features.Indices,
    target: Floats,
    weight: Floats,
    sources: features.Indices,
    prior: Prior,
) -> Fitted:
    """Fit one label by logistic regression with an intercept a source.

    The intercepts take up that sources differ in how common the label is; they are
    dropped afterwards, so that no source's look is taken for harm.
    """
    words, ngrams, used_rows = _used(corpus.words[chosen], corpus.ngrams)
    used_pairs, places = np.unique(corpus.pairs[chosen].indices, return_inverse=True)
    pairs = _narrowed(corpus.pairs[chosen], places, len(used_pairs))
    pull, steady = prior.shrinkage, prior.offset_shrinkage
    words_t, pairs_t, ngrams_t = words.T.tocsr(), pairs.T.tocsr(), ngrams.T.tocsr()
    directions = _directions(prior, len(chosen))
    split = np.cumsum([len(used_rows), len(used_pairs), directions.shape[1]])

    def loss(theta: Floats) -> tuple[float, Floats]:
        rows, double, mix, offsets = np.split(theta, split)
        sums = words @ (ngrams @ rows.astype(np.float32))
        sums = sums + pairs @ double.astype(np.float32) + directions @ mix
        logits, steepness = prior.log_odds(sums)
        logits = logits + offsets[sources]
        fault = weight * (expit(logits) - target)
        exact = steepness * fault
        push = exact.astype(np.float32)
        gradient = np.concatenate(
            [
                ngrams_t @ (words_t @ push) + pull * rows,
                pairs_t @ push + pull * double,
                exact @ directions + prior.direction_shrinkage * mix,
                np.bincount(sources, fault, len(offsets)) + steady * offsets,
            ]
        )
        value = weight @ (np.logaddexp(0, logits) - target * logits)
        value += pull / 2 * (rows @ rows + double @ double)
        value += prior.direction_shrinkage / 2 * (mix @ mix)
        value += steady / 2 * (offsets @ offsets)
        return float(value), gradient

    start = np.zeros(split[-1] + int(sources.max()) + 1)
    scale = np.ones(len(start))
    if prior.is_scaled:
        logits, steepness = prior.log_odds(np.zeros(len(chosen)))
        bend = weight * steepness**2 * expit(logits) * expit(-logits)
        curved = bend.astype(np.float32)
        bends = [
            ngrams.power(2).T @ (words.power(2).T @ curved) + pull,
            pairs.power(2).T @ curved + pull,
            bend @ directions**2 + prior.direction_shrinkage,
            np.bincount(sources, bend / steepness**2) + steady,
        ]
        scale = 1 / np.sqrt(np.concatenate(bends))

    def scaled(theta: Floats) -> tuple[float, Floats]:
        value, gradient = loss(scale * theta)
        return value, scale * gradient

    options = {"maxiter": prior.passes, "maxcor": 8}
    found: Any = minimize(  # type: ignore[call-overload]  # the stubs want literals
        scaled,
        start,
        jac=True,
        method="L-BFGS-B",
        options=options,
        callback=_heeding(prior),
    )
    rows, double, mix, offsets = np.split(scale * found.x, split)
    whole = Fitted(
        np.zeros(corpus.ngrams.shape[1]),
        np.zeros(corpus.pairs.shape[1]),
        offsets,
        mix,
    )
    whole.rows[used_rows], whole.pairs[used_pairs] = rows, double
    return whole


def _directions(prior: Prior, texts: int) -> Floats:
    return np.zeros((texts, 0)) if prior.directions is None else prior.directions


def _heeding(prior: Prior) -> Callable[[Floats], None] | None:
    """Return what SciPy calls after each step."""
    if prior.heed is None:
        return None
    heed = prior.heed
    return lambda _: heed()


def _used(words: Sparse, ngrams: Sparse) -> tuple[Sparse, Sparse, features.Indices]:
    """Cut both matrices to the words and hashed rows that occur."""
    kept, places = np.unique(words.indices, return_inverse=True)
    ngrams = ngrams[kept]
    rows, columns = np.unique(ngrams.indices, return_inverse=True)
    cut = _narrowed(words, places, len(kept))
    return cut, _narrowed(ngrams, columns, len(rows)), rows


def _narrowed(matrix: Sparse, columns: features.Indices, width: int) -> Sparse:
    shape = (matrix.shape[0], width)
    return sp.csr_matrix((matrix.data, columns, matrix.indptr), shape=shape)
