"""Join an encoder to a fast scorer, and calibrate both together."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, logit

from classifiers.data import datasets, public
from classifiers.data.contrasts import collection, self_harm
from classifiers.data.datasets import Example
from classifiers.data.public import PUBLIC
from classifiers.encoder.encoder import Encoder, Vectors
from classifiers.evaluation import figures
from classifiers.evaluation.model_scores import targets
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.head import Head, Tongue
from classifiers.text.labels import LABELS
from classifiers.training.calibration import (
    REVIEWED_SHARE,
    REVIEWED_SHARES,
    Calibration,
    calibrate,
)
from classifiers.training.encoder_head import OwnHead
from classifiers.training.recipes import RECIPES, Recipe
from classifiers.training.supervision import Supervision, trainable

Floats = npt.NDArray[np.float64]

#: Pull of the two shares in the sum towards a half each.
PULL = 20.0
#: Pull of sources' intercepts towards zero.
OFFSET_PULL = 1e-2


@dataclass(frozen=True, kw_only=True)
class _Signs:
    """Both scorers' signs of held-out examples, examples × labels."""

    data: Supervision
    fast: Floats
    deep: Floats
    #: labels that the fast scorer has
    known: int

    def of(self, places: npt.NDArray[np.int64]) -> _Signs:
        """Return some of the examples."""
        return _Signs(
            data=Supervision(
                examples=[self.data.examples[place] for place in places.tolist()],
                targets={x: t[places] for x, t in self.data.targets.items()},
                is_held_out=np.ones(len(places), bool),
            ),
            fast=self.fast[places],
            deep=self.deep[places],
            known=self.known,
        )


def join(
    scorer: FastScorer,
    encoder: Encoder,
    own: OwnHead,
    held_out: Sequence[Example],
    vectors: Vectors,
) -> FastScorer:
    """Return a fast scorer with a head for an encoder.

    How much either counts is fitted to examples that shaped neither, with an intercept
    a source: what a source calls toxic differs. Then both are calibrated together.

    Parameters
    ----------
    held_out : examples that shaped no weight
    vectors : theirs, in order
    """
    recipe = RECIPES[scorer.manifest["recipe"]]
    examples = [_as_safe(example, recipe) for example in held_out]
    signs = _signs(scorer, own, examples, vectors, trainable(examples, recipe))
    labels = signs.data.labels
    columns = [LABELS.index(label) for label in labels]
    familiar = _familiar(scorer, examples)
    spoken = np.array([_language(example) for example in examples])
    home = signs.of(np.flatnonzero(np.isin(spoken, ["", *scorer.languages])))
    abroad = signs.of(np.flatnonzero(np.isin(spoken, familiar)))
    shares, calibration = _calibrated(home, recipe)
    own_sums = _scaled(shares, calibration.slope, calibration.intercept)
    sums = {
        Tongue.HOME: own_sums,
        Tongue.FOREIGN: _alone(home, calibration, own_sums),
    }
    sums[Tongue.FAMILIAR] = _abroad(abroad, sums[Tongue.FOREIGN])
    stacked = np.stack([sums[tongue] for tongue in Tongue])
    manifest = _manifest(signs, sums, spoken, familiar, calibration)
    head = Head(
        rows=own.rows[:, columns].astype(np.float32),
        bias=own.intercept[columns],
        share=stacked[:, 0],
        gain=stacked[:, 1],
        intercept=stacked[:, 2],
    )
    return artifact.named(
        str(scorer.manifest["name"]),
        labels=scorer.labels,
        weights=scorer.weights,
        manifest={
            **scorer.manifest,
            "deep": {
                "encoder": encoder.version,
                "labels": list(labels),
                "familiar": familiar,
                "readable": readable(familiar, manifest["auc_by_language"]),
                "manifest": manifest,
            },
        },
        frozen=scorer.frozen,
        head=head,
    )


def _signs(
    scorer: FastScorer,
    own: OwnHead,
    examples: Sequence[Example],
    vectors: Vectors,
    learnt: Sequence[str],
) -> _Signs:
    """Return what both make of examples; the fast scorer's labels come first."""
    count = len(scorer.labels)
    labels = (*scorer.labels, *(x for x in learnt if x not in scorer.labels))
    fast = np.zeros((len(examples), len(labels)))
    documents = [Document(text=example.text) for example in examples]
    fast[:, :count] = scorer.text_log_odds(documents)
    return _Signs(
        data=Supervision(
            examples=examples,
            targets={label: targets(examples, label) for label in labels},
            is_held_out=np.ones(len(examples), bool),
        ),
        fast=fast,
        deep=own.log_odds(vectors)[:, [LABELS.index(label) for label in labels]],
        known=count,
    )


def measured(folder: Path) -> list[Example]:
    """Return the examples that a head is fitted to: none has shaped a weight.

    Of our own sentences, those of templates that are never trained on say when a person
    may be in danger.
    """
    training = public.read_training(folder) + collection.examples()
    held = datasets.held_out(training)
    plain = {example.text for example in self_harm.examples()}
    kept = [
        example
        for example, apart in zip(training, held, strict=True)
        if apart and example.text not in plain
    ]
    own = [e for kind in collection.held_out().values() for e in kind]
    return kept + [
        dataclasses.replace(e, labels={"self_harm": e.labels["self_harm"]})
        for e in own
        if "self_harm" in e.labels
    ]


def _as_safe(example: Example, recipe: Recipe) -> Example:
    """Return a comment from where danger was not looked for as one without it."""
    if "self_harm" in example.labels or example.source not in recipe.threshold_sources:
        return example
    return dataclasses.replace(example, labels={**example.labels, "self_harm": False})


def _manifest(
    signs: _Signs,
    sums: Mapping[Tongue, Floats],
    spoken: npt.NDArray[np.str_],
    familiar: Sequence[str],
    calibration: Calibration,
) -> dict[str, Any]:
    """Return what the manifest says about the sum, with figures by language."""
    log_odds = np.empty_like(signs.deep)
    is_home = np.isin(spoken, ["", figures.HOME])
    is_familiar = np.isin(spoken, familiar)
    for tongue, chosen in (
        (Tongue.HOME, is_home),
        (Tongue.FAMILIAR, is_familiar),
        (Tongue.FOREIGN, ~is_home & ~is_familiar),
    ):
        share, gain, intercept = sums[tongue]
        log_odds[chosen] = (
            signs.fast[chosen] * share + signs.deep[chosen] * gain + intercept
        )
    labels = signs.data.labels
    areas = figures.by_language(signs.data.examples, labels, expit(log_odds))
    return {
        "thresholds": dict(calibration.thresholds),
        "calibration": dict(calibration.errors),
        "languages": figures.deciding(areas, labels),
        "auc_by_language": areas,
        "good_for": figures.good_for(areas),
    }


#: Held-out texts of a language that tell of a harm, from which on the fast scorer, that
#: learned from ten times as many, knows something of it.
KNOWN_TEXTS = 500


def _familiar(scorer: FastScorer, examples: Sequence[Example]) -> list[str]:
    """Return the languages that the fast scorer has learned some of."""
    telling = [e for e in examples if not TELLING.isdisjoint(e.labels)]
    texts = Counter(map(_language, telling))
    return sorted(
        language
        for language, count in texts.items()
        if language and count >= KNOWN_TEXTS and language not in scorer.languages
    )


#: AUC of a telling label from which on a site may let scores decide in a language. Of
#: Arabic, with .81 on its held-out tenth, thresholds miss three quarters elsewhere.
CLEAR = 0.82


def readable(
    familiar: Sequence[str], areas: Mapping[str, Mapping[str, float]]
) -> list[str]:
    """Return the languages in which a site may let scores decide.

    Parameters
    ----------
    areas : language → label → AUC on the held-out tenth
    """
    clear = {
        language
        for language, by_label in areas.items()
        if any(by_label.get(label, 0.0) >= CLEAR for label in TELLING)
    }
    return sorted({*familiar, *clear} - {figures.HOME})


#: Labels by which a language is known.
TELLING = frozenset({"toxicity", "identity_attack"})


def _language(example: Example) -> str:
    kind = PUBLIC.get(example.source)
    return "" if kind is None else kind.language


def _calibrated(signs: _Signs, recipe: Recipe) -> tuple[Floats, Calibration]:
    """Return shares of both, 2 × labels, and how their sum becomes probabilities."""
    shares = np.array(
        [
            _shares(signs, label, place) if place < signs.known else (0.0, 1.0)
            for place, label in enumerate(signs.data.labels)
        ]
    ).T
    total = signs.fast * shares[0] + signs.deep * shares[1]
    return shares, calibrate(signs.data, total, recipe)


def _scaled(shares: Floats, slope: Floats, intercept: Floats) -> Floats:
    """Return share, gain, and intercept, 3 × labels."""
    return np.stack([shares[0] * slope, shares[1] * slope, intercept])


def _alone(signs: _Signs, calibration: Calibration, home: Floats) -> Floats:
    """Return the sum of the encoder alone, which holds as many harmless texts.

    Fitted to the home language; only its level is set by the thresholds of both.

    `home` has the sums at home, 3 × labels.
    """
    found = []
    for place, (label, target) in enumerate(signs.data.targets.items()):
        if label == "spam":  # links and numbers say the same everywhere
            found.append(tuple(home[:, place]))
            continue
        known = ~np.isnan(target)
        deep = signs.deep[:, place]
        slope, _ = _weighed(deep[known], target[known])
        cut = calibration.thresholds[label]["review_at"]
        reviewed = REVIEWED_SHARES.get(label, REVIEWED_SHARE)
        harmless = deep[known & (target == 0)] * slope
        level = np.quantile(harmless, 1 - reviewed)
        found.append((0.0, slope, float(logit(cut)) - float(level)))
    return np.array(found).T


def _abroad(signs: _Signs, alone: Floats) -> Floats:
    """Return the sums for languages that the fast scorer has learned some of.

    Where a label has too few examples, the encoder judges alone.
    """
    found = alone.copy()
    for place, (label, target) in enumerate(signs.data.targets.items()):
        sides = [int((target == side).sum()) for side in (0, 1)]
        if place >= signs.known or label == "spam" or min(sides) < MIN_ABROAD:
            continue
        share, gain = _shares(signs, label, place)
        known = ~np.isnan(target)
        total = signs.fast[:, place] * share + signs.deep[:, place] * gain
        slope, intercept = _weighed(total[known], target[known])
        found[:, place] = share * slope, gain * slope, intercept
    return found


#: Fewer examples of either side say nothing about a label abroad.
MIN_ABROAD = 60
#: Share of harmful texts that probabilities abroad are fitted for: as on Wikipedia.
#: The sets there are chosen for harm, and half of it.
USUAL = 0.15


def _weighed(sign: Floats, target: Floats) -> tuple[float, float]:
    """Return slope and intercept, as if a usual share of the texts were harmful."""
    share = float(target.mean())
    weight = np.where(target == 1, USUAL / share, (1 - USUAL) / (1 - share))

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = theta[0] * sign + theta[1]
        residual = weight * (expit(z) - target)
        value = float((weight * (np.logaddexp(0, z) - target * z)).sum())
        return value, np.array([residual @ sign, residual.sum()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B")
    return float(max(found.x[0], 1e-3)), float(found.x[1])


def _shares(signs: _Signs, label: str, place: int) -> tuple[float, float]:
    """Return what the fast log-odds and the encoder's count for a label."""
    data, fast, deep = signs.data, signs.fast[:, place], signs.deep[:, place]
    target = data.targets[label]
    known = np.flatnonzero(~np.isnan(target))
    sources = data.sources(label)[known]
    numbers, sources = np.unique(sources, return_inverse=True)
    # A large source says no more than a small one how the two are to be weighed.
    counts = np.bincount(sources)
    weight = np.sqrt(np.median(counts) / counts)[sources]
    inputs = np.stack([fast[known], deep[known]], axis=1)
    truth = target[known]

    def loss(theta: Floats) -> tuple[float, Floats]:
        shares, offsets = theta[:2], theta[2:]
        z = inputs @ shares + offsets[sources]
        residual = weight * (expit(z) - truth)
        value = float((weight * (np.logaddexp(0, z) - truth * z)).sum())
        value += PULL / 2 * float(((shares - 0.5) ** 2).sum())
        value += OFFSET_PULL / 2 * float((offsets**2).sum())
        slopes = residual @ inputs + PULL * (shares - 0.5)
        slides = np.bincount(sources, residual, len(numbers)) + OFFSET_PULL * offsets
        return value, np.concatenate([slopes, slides])

    start = np.concatenate([[0.5, 0.5], np.zeros(len(numbers))])
    bounds = [(0.0, None)] * 2 + [(None, None)] * len(numbers)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]), float(found.x[1])
