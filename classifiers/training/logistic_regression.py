"""Fit the weights of one label by logistic regression, from nothing or a base."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from classifiers.text import features
from classifiers.training.blocks import Block, Blocks, Single
from classifiers.training.corpus import Corpus
from classifiers.training.optimizer import descend

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
    """The start of the weights, and the pull back to it."""

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
    #: called now and then; may raise to cancel
    heed: Callable[[], None] | None = None
    #: calibration of the label, if there is one
    slope: float = 1.0
    intercept: float = 0.0
    #: what a network adds to each text's log-odds; None for nothing
    beyond: Floats | None = None

    def log_odds(self, added: Floats, places: slice) -> tuple[Floats, Floats]:
        """Return log-odds for what is added to sums, and how steep they are."""
        if self.sums is None:
            return added, np.ones(1)
        sums = self.sums[places] + added
        logits = self.slope * np.arcsinh(sums) + self.intercept
        if self.beyond is not None:
            logits = logits + self.beyond[places]
        return logits, self.slope / np.sqrt(1 + sums * sums)


def fit_label(
    corpus: Corpus,
    chosen: features.Indices,
    target: Floats,
    weight: Floats,
    sources: features.Indices,
    prior: Prior,
) -> Fitted:
    """Fit one label on some texts of a corpus; see `fit_blocks`."""
    blocks = Blocks()
    blocks.add(replace(corpus, words=corpus.words[chosen], pairs=corpus.pairs[chosen]))
    return fit_blocks(blocks, target, weight, sources, prior)


def fit_blocks(
    blocks: Blocks,
    target: Floats,
    weight: Floats,
    sources: features.Indices,
    prior: Prior,
) -> Fitted:
    """Fit one label by logistic regression with an intercept a source.

    The intercepts take up that sources differ in how common the label is; they are
    dropped afterwards, so that no source's look is taken for harm. A text that weighs
    nothing counts nothing.
    """
    used_rows, used_pairs = blocks.used
    directions = _directions(prior, len(blocks))
    split = np.cumsum([len(used_rows), len(used_pairs), directions.shape[1]])
    count = int(sources.max()) + 1
    pulls = np.concatenate(
        [
            np.full(split[1], prior.shrinkage),
            np.full(directions.shape[1], prior.direction_shrinkage),
            np.full(count, prior.offset_shrinkage),
        ]
    )
    losses = _Loss(directions, target, weight, sources, prior, count)
    with blocks.mapped() as over:

        def loss(theta: Floats) -> tuple[float, Floats]:
            rows, double, mix, offsets = np.split(theta, split)
            moves = rows.astype(np.float32), double.astype(np.float32), mix, offsets
            gradient = pulls * theta
            value = float(gradient @ theta) / 2
            for part, push in over(lambda block: losses.at(block, *moves)):
                value += part
                gradient += push
            return value, gradient

        scale = np.ones(len(pulls))
        if prior.is_scaled:
            bends = pulls.copy()
            for bend in over(losses.bend):
                bends += bend
            scale = 1 / np.sqrt(bends)

        def scaled(theta: Floats) -> tuple[float, Floats]:
            value, gradient = loss(scale * theta)
            return value, scale * gradient

        optimum = descend(scaled, np.zeros(len(pulls)), prior.passes, prior.heed)
    rows, double, mix, offsets = np.split(scale * optimum, split)
    whole = Fitted(
        np.zeros(1 << features.BITS), np.zeros(1 << features.PAIR_BITS), offsets, mix
    )
    whole.rows[used_rows], whole.pairs[used_pairs] = rows, double
    return whole


@dataclass(frozen=True)
class _Loss:
    """The loss of weights on the texts of a block, with its gradient."""

    directions: Floats
    target: Floats
    weight: Floats
    sources: features.Indices
    prior: Prior
    count: int  #: of sources

    def at(
        self, block: Block, rows: Single, double: Single, mix: Floats, offsets: Floats
    ) -> tuple[float, Floats]:
        """Return the loss, and its gradient by rows, pairs, directions and offsets."""
        places = block.places
        directions, sources = self.directions[places], self.sources[places]
        target, weight = self.target[places], self.weight[places]
        added = block.sums(rows, double) + directions @ mix
        logits, steepness = self.prior.log_odds(added, places)
        logits = logits + offsets[sources]
        residual = weight * (expit(logits) - target)
        exact = steepness * residual
        value = float((weight * (np.logaddexp(0, logits) - target * logits)).sum())
        pushes = block.back(exact.astype(np.float32))
        offset = np.bincount(sources, residual, self.count)
        return value, np.concatenate([*pushes, exact @ directions, offset])

    def bend(self, block: Block) -> Floats:
        """Return how strongly the loss bends at the start, along each of them."""
        places = block.places
        nothing = np.zeros(block.words.shape[0])
        logits, steepness = self.prior.log_odds(nothing, places)
        bend = self.weight[places] * steepness**2 * expit(logits) * expit(-logits)
        along = bend @ self.directions[places] ** 2
        offset = np.bincount(self.sources[places], bend / steepness**2, self.count)
        squares = block.squared().back(bend.astype(np.float32))
        return np.concatenate([*squares, along, offset])


def _directions(prior: Prior, texts: int) -> Floats:
    return np.zeros((texts, 0)) if prior.directions is None else prior.directions
