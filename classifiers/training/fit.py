"""Fit a scorer to labeled texts from many sources."""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.data.datasets import Example, fingerprint
from classifiers.data.public import PUBLIC
from classifiers.data.teacher_labels import SoftLabels
from classifiers.errors import BadExample
from classifiers.evaluation import figures
from classifiers.serving import artifact
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.weights import Weights
from classifiers.text import features
from classifiers.text.negation import DENIED_SHARE
from classifiers.training.calibration import Calibration, calibrate
from classifiers.training.corpus import Corpus, encode, words_of
from classifiers.training.fairness import mild, without_bias
from classifiers.training.logistic_regression import Fitted, Prior, fit_label
from classifiers.training.recipes import RECIPES, Recipe
from classifiers.training.regression_sample import freeze
from classifiers.training.supervision import Supervision, trainable

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]

#: A word that fewer texts of a language use may be of another one.
MIN_HOME = 8  # texts
#: Intercepts of sources are nearly free.
OFFSET_SHRINKAGE = 1e-3


@dataclasses.dataclass(frozen=True, kw_only=True)
class _FitInputs:
    """All that the labels are fitted by."""

    data: Supervision
    corpus: Corpus
    recipe: Recipe
    soft: SoftLabels | None
    base: FastScorer | None


def fit(
    examples: Sequence[Example],
    *,
    recipe: str = "shipped",
    seed: int = 0,
    soft: SoftLabels | None = None,
    base: FastScorer | None = None,
) -> FastScorer:
    """Fit a scorer of every label that the examples carry on both sides.

    A tenth of the examples, `datasets.held_out`, shapes no weight: calibration and
    thresholds come from it.

    Parameters
    ----------
    soft : a slower model's probabilities; where it has one, the target lies between
        it and the label
    base : a scorer whose weights for harms are where theirs start, and what they are
        pulled back to; spam is fitted from nothing

    Raises
    ------
    BadExample
        If no label has enough examples, or the recipe is unknown.
    """
    if recipe not in RECIPES:
        raise BadExample(f"unknown recipe {recipe!r}")
    settings = RECIPES[recipe]
    data = Supervision.of(examples, trainable(examples, settings))
    corpus = encode(
        data.texts,
        base.weights if base else None,
        harmful=data.harmful(),
        denied_share=DENIED_SHARE,
        names=settings.names,
    )
    inputs = _FitInputs(data=data, corpus=corpus, recipe=settings, soft=soft, base=base)
    rows, pairs = _fitted(inputs)
    signs = np.arcsinh(corpus.words @ (corpus.ngrams @ rows) + corpus.pairs @ pairs)
    calibration = calibrate(data, signs, settings)
    return artifact.named(
        settings.name,
        labels=data.labels,
        weights=dataclasses.replace(
            _weights(corpus, rows, pairs, calibration), home=_home(examples, base)
        ),
        manifest={
            **_origin(inputs, seed),
            **calibration.manifest(data.held_out(), signs[data.is_held_out]),
        },
        frozen=freeze(corpus, data, seed),
    )


def _home(examples: Sequence[Example], base: FastScorer | None) -> features.Bits | None:
    """Return the bits of the words of the language that thresholds are set on."""
    texts = [
        example.text
        for example in examples
        if example.source in PUBLIC and PUBLIC[example.source].language == figures.HOME
    ]
    if texts:
        return words_of(texts, MIN_HOME)
    return base.weights.home if base is not None else None


def _fitted(inputs: _FitInputs) -> tuple[Floats, Floats]:
    """Return the weights of hashed rows and of pairs, one column per label."""
    recipe, labels, corpus = inputs.recipe, inputs.data.labels, inputs.corpus
    fitted = {label: _fit_harm(inputs, label) for label in labels}
    # A base has the share in its weights already.
    if (
        not inputs.base
        and recipe.insult_share
        and {"toxicity", "insult"} <= set(labels)
    ):
        fitted["toxicity"] = fitted["toxicity"].plus(
            fitted["insult"], recipe.insult_share
        )
    rows = np.stack([weights.rows for weights in fitted.values()], axis=1)
    pairs = np.stack([weights.pairs for weights in fitted.values()], axis=1)
    if recipe.names:
        rows = without_bias(rows, labels, corpus.rarity, recipe.names)
        harms = [label != "spam" for label in labels]
        rows[:, harms] = mild(rows[:, harms], corpus.rarity)
    return rows, pairs


def _weights(
    corpus: Corpus, rows: Floats, pairs: Floats, calibration: Calibration
) -> Weights:
    return Weights(
        rows=rows.astype(np.float16),
        pairs=(pairs * corpus.pair_rarity[:, None]).astype(np.float16),
        rarity=corpus.rarity,
        known=corpus.known,
        harsh=corpus.harsh,
        slope=calibration.slope,
        intercept=calibration.intercept,
        denied_share=DENIED_SHARE,
    )


def _origin(inputs: _FitInputs, seed: int) -> dict[str, Any]:
    """Return the manifest's part about where the weights come from."""
    examples = inputs.data.examples
    return {
        "recipe": inputs.recipe.name,
        "seed": seed,
        "data": fingerprint(examples),
        "sources": dict(sorted(Counter(e.source for e in examples).items())),
        "has_teacher": inputs.soft is not None,
        "base": inputs.base.version if inputs.base else None,
    }


def _fit_harm(inputs: _FitInputs, label: str) -> Fitted:
    """Fit one label on the examples that are not held out."""
    data, recipe, base, corpus = inputs.data, inputs.recipe, inputs.base, inputs.corpus
    target, weight = data.softened(label, recipe, inputs.soft)
    used = np.flatnonzero(~np.isnan(target) & ~data.is_held_out & (weight > 0))
    truth = target[used], weight[used], data.sources(label)[used]
    prior = Prior(
        shrinkage=recipe.shrinkage,
        offset_shrinkage=OFFSET_SHRINKAGE,
        passes=recipe.passes,
    )
    logger.info("fitting %s on %d examples", label, len(used))
    if base is None or label == "spam" or label not in base.labels:
        return fit_label(corpus, used, *truth, prior)
    column, old = base.labels.index(label), base.weights
    started = Fitted(
        old.rows[:, column].astype(np.float64),
        old.pairs[:, column] / corpus.pair_rarity.astype(np.float64),
        np.zeros(0),
        np.zeros(0),
    )
    sums = corpus.words @ (corpus.ngrams @ started.rows) + corpus.pairs @ started.pairs
    prior = dataclasses.replace(
        prior,
        shrinkage=recipe.base_shrinkage,
        passes=recipe.base_passes,
        is_scaled=True,
        sums=sums[used],
        slope=float(old.slope[column]),
        intercept=float(old.intercept[column]),
    )
    return started.plus(fit_label(corpus, used, *truth, prior), 1.0)
