"""Move a scorer towards what a site's own people have decided."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from classifiers import artifact, features
from classifiers.corpus import ADAPTED_PAIR_RARITY, Corpus, encode
from classifiers.datasets import Example, fingerprint
from classifiers.errors import BadExample
from classifiers.evaluation import targets
from classifiers.fitting import Fitted, Prior, fit_label
from classifiers.scorer import Scorer, Weights

Floats = npt.NDArray[np.float64]

#: Pull of adapted weights towards the base, from few examples and from many: a
#: Gaussian prior's inverse variance. Found on three public sets played as sites.
FEW_SHRINKAGE = 8.0
MANY_SHRINKAGE = 32.0
#: Pull of the share that each label's sum has in another's, from many examples.
MIX_SHRINKAGE = 30.0
#: With so many examples (by their weights) both fits count alike.
MANY = 700.0
#: A fit that would count less is left out.
LEAST_SHARE = 0.02
#: How many passes over a site's examples the optimiser may make; more change no figure.
ADAPTING_PASSES = 20
#: Pull of the adapted intercept towards the base's.
ADAPTED_OFFSET_SHRINKAGE = 4.0


class Progress(Protocol):
    """Told how much is done, 0 to 1, and of what; may raise to break off."""

    def __call__(self, share: float, note: str | None = None, /) -> None:
        """Take note."""


def adapt(
    base: Scorer,
    examples: Sequence[Example],
    *,
    seed: int,
    name: str,
    progress: Progress | None = None,
) -> Scorer:
    """Move a scorer towards a site's own decisions, as far as they carry.

    Each weight has a Gaussian prior around its present value, so that a handful of
    examples moves next to nothing. A label moves only if the examples have it on
    both sides. Nothing is drawn at random: `seed` is only recorded.

    Two fits are mixed. From few examples only single words can be learnt. From many
    it is worth more to learn how the labels that are known speak for one another
    (what a site calls hostile may be what others call an insult), and to be
    stricter with single words. How much either counts follows from how many examples
    there are; see `MANY`.

    Raises
    ------
    BadExample
        If there are no examples.
    """
    if not examples:
        raise BadExample("there are no examples to learn from")
    told = progress or _quiet
    old = base.weights
    told(0.0, f"{len(examples)} texts are read.")
    said = [example.text for example in examples]
    corpus = encode(said, old, denied_share=old.denied_share)
    weight = np.array([example.weight for example in examples])
    now = _sums(corpus, old)
    rows, pairs = old.rows.copy(), old.pairs.copy()
    intercept = old.intercept.copy()
    moved: dict[str, float] = {}
    for column, label in enumerate(base.labels):
        done = 0.1 + 0.9 * column / len(base.labels)
        target = targets(examples, label)
        known = np.flatnonzero(~np.isnan(target))
        if len(np.unique(target[known])) < 2:
            continue
        told(done, f"{label}: {int(target[known].sum())} of {len(known)} have it.")
        taught = _Taught(
            corpus=corpus,
            chosen=known,
            target=target[known],
            weight=weight[known],
            sums=now[known],
            column=column,
            slope=float(old.slope[column]),
            intercept=float(old.intercept[column]),
            heed=partial(told, done),
        )
        fitted, share = _moved(taught)
        rows[:, column] = _added(old.rows, column, fitted.rows, fitted.mix)
        double = fitted.pairs * ADAPTED_PAIR_RARITY
        pairs[:, column] = _added(old.pairs, column, double, fitted.mix)
        intercept[column] += fitted.offsets[0]
        moved[label] = round(share, 3)
    weights = dataclasses.replace(old, rows=rows, pairs=pairs, intercept=intercept)
    manifest = {
        **base.manifest,
        "base": base.version,
        "seed": seed,
        "data": fingerprint(examples),
        "examples": len(examples),
        "moved": list(moved),
        "learning": {"share_of_many": moved},
    }
    return artifact.named(
        name,
        labels=base.labels,
        weights=weights,
        manifest=manifest,
        frozen=base.frozen,
    )


def _quiet(share: float, note: str | None = None, /) -> None:
    """Take note of nothing."""


@dataclass(frozen=True, kw_only=True)
class _Taught:
    """What is known of one label."""

    corpus: Corpus
    chosen: features.Indices
    target: Floats
    weight: Floats
    #: what each text's words add up to under the base, one column a label
    sums: Floats
    column: int
    slope: float
    intercept: float
    heed: Callable[[], None]

    def fitted(self, shrinkage: float, directions: Floats | None) -> Fitted:
        """Fit the weights from where they are."""
        prior = Prior(
            shrinkage=shrinkage,
            offset_shrinkage=ADAPTED_OFFSET_SHRINKAGE,
            passes=ADAPTING_PASSES,
            sums=self.sums[:, self.column],
            directions=directions,
            direction_shrinkage=MIX_SHRINKAGE,
            is_scaled=True,
            heed=self.heed,
            slope=self.slope,
            intercept=self.intercept,
        )
        everywhere = np.zeros(len(self.chosen), np.int64)
        return fit_label(
            self.corpus, self.chosen, self.target, self.weight, everywhere, prior
        )


def _moved(taught: _Taught) -> tuple[Fitted, float]:
    """Return how one label's weights move, and the share of the fit for many."""
    count = float(taught.weight.sum())
    share = count / (count + MANY)
    if share < LEAST_SHARE:
        return _widened(taught.fitted(FEW_SHRINKAGE, None), taught.sums.shape[1]), 0.0
    many = taught.fitted(MANY_SHRINKAGE, taught.sums)
    if share > 1 - LEAST_SHARE:
        return many, 1.0
    few = _widened(taught.fitted(FEW_SHRINKAGE, None), taught.sums.shape[1])
    return _mixed(few, many, share), share


def _widened(fitted: Fitted, labels: int) -> Fitted:
    return dataclasses.replace(fitted, mix=np.zeros(labels))


def _mixed(few: Fitted, many: Fitted, share: float) -> Fitted:
    """Return the mean of two fits, the second with its share."""
    return Fitted(
        rows=(1 - share) * few.rows + share * many.rows,
        pairs=(1 - share) * few.pairs + share * many.pairs,
        offsets=(1 - share) * few.offsets + share * many.offsets,
        mix=(1 - share) * few.mix + share * many.mix,
    )


def _sums(corpus: Corpus, weights: Weights) -> Floats:
    """Return what each text's words add up to, one column a label."""
    rows = corpus.words @ (corpus.ngrams @ weights.rows.astype(np.float32))
    pairs = weights.pairs.astype(np.float32) / np.float32(ADAPTED_PAIR_RARITY)
    found: Floats = np.asarray(rows + corpus.pairs @ pairs, dtype=np.float64)
    return found


def _added(
    old: npt.NDArray[np.float16], column: int, moved: Floats, mix: Floats
) -> npt.NDArray[np.float16]:
    """Return a column with its move and its share of all columns added."""
    table = old.astype(np.float32)
    found = table[:, column] + table @ mix.astype(np.float32) + moved
    return found.astype(np.float16)
