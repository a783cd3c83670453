"""Move a scorer towards what a site's own people have decided."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from classifiers import artifact
from classifiers.corpus import ADAPTED_PAIR_RARITY, encode
from classifiers.datasets import Example, fingerprint
from classifiers.errors import BadExample
from classifiers.evaluation import targets
from classifiers.fitting import Prior, fit_label
from classifiers.scorer import Scorer

#: Pull of adapted weights towards the base: a Gaussian prior's inverse variance.
ADAPTED_SHRINKAGE = 4.0
#: How many passes over a site's examples the optimiser may make.
ADAPTING_PASSES = 40
#: Pull of the adapted intercept towards the base's.
ADAPTED_OFFSET_SHRINKAGE = 4.0


def adapt(base: Scorer, examples: Sequence[Example], *, seed: int, name: str) -> Scorer:
    """Move a scorer towards a site's own decisions, as far as they carry.

    Each weight has a Gaussian prior around its present value, so that a handful of
    examples moves next to nothing. A label moves only if the examples have it on
    both sides. Nothing is drawn at random: `seed` is only recorded.

    Raises
    ------
    BadExample
        If there are no examples.
    """
    if not examples:
        raise BadExample("there are no examples to learn from")
    old = base.weights
    corpus = encode([example.text for example in examples], old)
    rows, pairs = old.rows.copy(), old.pairs.copy()
    intercept = old.intercept.copy()
    moved = []
    for column, label in enumerate(base.labels):
        target = targets(examples, label)
        told = np.flatnonzero(~np.isnan(target))
        if len(np.unique(target[told])) < 2:
            continue
        now = corpus.words @ (corpus.ngrams @ old.rows[:, column].astype(np.float32))
        now = now + (corpus.pairs @ (old.pairs[:, column] / ADAPTED_PAIR_RARITY))
        prior = Prior(
            shrinkage=ADAPTED_SHRINKAGE,
            offset_shrinkage=ADAPTED_OFFSET_SHRINKAGE,
            passes=ADAPTING_PASSES,
            sums=now[told],
            slope=float(old.slope[column]),
            intercept=float(old.intercept[column]),
        )
        weight = np.array([e.weight for e in examples])[told]
        everywhere = np.zeros(len(told), np.int64)
        fitted = fit_label(corpus, told, target[told], weight, everywhere, prior)
        rows[:, column] += fitted.rows.astype(np.float16)
        pairs[:, column] += (fitted.pairs * ADAPTED_PAIR_RARITY).astype(np.float16)
        intercept[column] += fitted.offsets[0]
        moved.append(label)
    weights = dataclasses.replace(old, rows=rows, pairs=pairs, intercept=intercept)
    manifest = {
        **base.manifest,
        "base": base.version,
        "seed": seed,
        "data": fingerprint(examples),
        "examples": len(examples),
        "moved": moved,
    }
    return artifact.named(
        name,
        labels=base.labels,
        weights=weights,
        manifest=manifest,
        frozen=base.frozen,
    )
