"""Fit a scorer to labelled texts from many sources."""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import minimize
from scipy.special import expit

from classifiers.data.datasets import Example, fingerprint, held_out
from classifiers.data.teacher_labels import SoftLabels
from classifiers.errors import BadExample
from classifiers.evaluation import figures
from classifiers.evaluation.metrics import calibration_error
from classifiers.evaluation.model_scores import targets
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.network import Network
from classifiers.serving.regression_set import UNKNOWN, Frozen
from classifiers.serving.scorer import Scorer
from classifiers.serving.weights import Weights
from classifiers.text import features, normalization
from classifiers.text.labels import LABELS
from classifiers.text.negation import DENIED_SHARE
from classifiers.training.corpus import Corpus, encode
from classifiers.training.fairness import capped, leveled
from classifiers.training.logistic_regression import Fitted, Prior, fit_label
from classifiers.training.recipes import RECIPES, Recipe

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]

#: Sources that share an intercept, as one of them has no harmless texts.
POOLS = {"civil_toxic_spans": "civil_toxic"}
#: Fewer examples of either side cannot train a label.
FEWEST = 20  # examples
#: Intercepts of sources are nearly free.
OFFSET_SHRINKAGE = 1e-3


def _calibrate(squashed: Floats, target: Floats) -> tuple[float, float]:
    """Return slope and intercept that make log-odds honest. Source: Platt 1999."""

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = theta[0] * squashed + theta[1]
        fault = expit(z) - target
        value = float((np.logaddexp(0, z) - target * z).sum())
        return value, np.array([fault @ squashed, fault.sum()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B")
    return float(max(found.x[0], 1e-3)), float(found.x[1])


#: Share of harmless texts, unseen in training, that a threshold may hold back.
REVIEWED_SHARE = 0.03
REJECTED_SHARE = 0.002
#: Labels so rare under articles that fewer may be held back.
REVIEWED_SHARES = {"spam": 0.002}


def _thresholds(harmless: Floats, reviewed: float) -> dict[str, float]:
    """Return cut points that let few harmless texts be reviewed, and fewer rejected."""
    if not len(harmless):
        return {"review_at": 0.5, "reject_at": 0.95}
    review_at = float(np.clip(np.quantile(harmless, 1 - reviewed), 0.05, 0.95))
    reject_at = float(np.quantile(harmless, 1 - REJECTED_SHARE))
    return {
        "review_at": round(review_at, 3),
        "reject_at": round(float(np.clip(reject_at, max(0.9, review_at), 0.999)), 3),
    }


def fit(
    examples: Sequence[Example],
    *,
    recipe: str = "shipped",
    seed: int = 0,
    soft: SoftLabels | None = None,
    base: Scorer | None = None,
) -> Scorer:
    """Fit a scorer of every label that the examples carry on both sides.

    A tenth of the examples, `datasets.held_out`, shapes no weight: calibration and
    thresholds come from it.

    Parameters
    ----------
    soft : a slower model's probabilities; where it has one, the target lies between
        it and the label
    base : a scorer whose weights for harms are where theirs start, and what they are
        pulled back to; spam is fitted anew

    Raises
    ------
    BadExample
        If no label has examples enough, or the recipe is unknown.
    """
    if recipe not in RECIPES:
        raise BadExample(f"unknown recipe {recipe!r}")
    chosen = RECIPES[recipe]
    labels = _trainable(examples, chosen)
    held = np.array(held_out(examples))
    told = {label: targets(examples, label) for label in labels}
    corpus = encode(
        [e.text for e in examples],
        base.weights if base else None,
        harmful=_harmful(told, held),
        denied_share=DENIED_SHARE,
        names=chosen.names,
    )
    fitted = {
        label: _fit_harm(examples, label, corpus, held, soft, chosen, base)
        for label in labels
    }
    # A base has the share in its weights already.
    if not base and chosen.insult_share and {"toxicity", "insult"} <= set(labels):
        fitted["toxicity"] = fitted["toxicity"].plus(
            fitted["insult"], chosen.insult_share
        )
    rows = np.stack([one.rows for one in fitted.values()], axis=1)
    pairs = np.stack([one.pairs for one in fitted.values()], axis=1)
    if chosen.names:
        rows = _without_bias(rows, labels, corpus, chosen.names)
    sums = corpus.words @ (corpus.ngrams @ rows) + corpus.pairs @ pairs
    slope, intercept, thresholds, honesty = _calibrated(
        examples, told, np.arcsinh(sums), held, chosen
    )
    weights = Weights(
        rows=rows.astype(np.float16),
        pairs=(pairs * corpus.pair_rarity[:, None]).astype(np.float16),
        rarity=corpus.rarity,
        known=corpus.known,
        harsh=corpus.harsh,
        slope=slope,
        intercept=intercept,
        denied_share=DENIED_SHARE,
    )
    apart = np.flatnonzero(held)
    spoken = figures.by_language(
        [examples[place] for place in apart.tolist()],
        labels,
        expit(slope * np.arcsinh(sums[apart]) + intercept),
    )
    manifest = {
        "recipe": chosen.name,
        "seed": seed,
        "data": fingerprint(examples),
        "sources": dict(sorted(Counter(e.source for e in examples).items())),
        "has_teacher": soft is not None,
        "base": base.version if base else None,
        "thresholds": thresholds,
        "calibration": honesty,
        "languages": figures.deciding(spoken, labels),
        "auc_by_language": spoken,
        "good_for": figures.good_for(spoken),
    }
    frozen = _freeze(corpus, [e.text for e in examples], told, held, seed)
    return artifact.named(
        chosen.name, labels=labels, weights=weights, manifest=manifest, frozen=frozen
    )


def _calibrated(
    examples: Sequence[Example],
    told: Mapping[str, Floats],
    signs: Floats,
    held: npt.NDArray[np.bool_],
    recipe: Recipe,
) -> tuple[Floats, Floats, dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """Return slope and intercept of each label, its thresholds and its honesty.

    Parameters
    ----------
    told : label to what is known of each example, in the order of the columns
    signs : what tells of each label, examples × labels
    """
    slope, intercept = np.ones(len(told)), np.zeros(len(told))
    thresholds: dict[str, dict[str, float]] = {}
    honesty: dict[str, dict[str, float]] = {}
    usual = np.array([e.source in recipe.threshold_sources for e in examples]) | (
        not recipe.threshold_sources
    )
    for column, (label, known) in enumerate(told.items()):
        squashed = signs[:, column]
        judged = _calibrating(examples, label, held & ~np.isnan(known), recipe)
        slope[column], intercept[column] = _calibrate(squashed[judged], known[judged])
        scores = expit(slope[column] * squashed + intercept[column])
        share = REVIEWED_SHARES.get(label, REVIEWED_SHARE)
        thresholds[label] = _thresholds(scores[held & usual & (known == 0)], share)
        error = calibration_error(known[judged], scores[judged])
        honesty[label] = {"n": len(judged), "ece": round(error, 4)}
    return slope, intercept, thresholds, honesty


def _without_bias(
    rows: Floats, labels: Sequence[str], corpus: Corpus, names: Sequence[str]
) -> Floats:
    """Let the names of groups weigh alike in the harms; see `fairness`."""
    found = rows.copy()
    for change, chosen in (
        (leveled, [label not in {"spam", "identity_attack"} for label in labels]),
        (capped, [label == "identity_attack" for label in labels]),
    ):
        found[:, chosen] = change(rows[:, chosen], corpus.rarity, names)
    return found


def _fit_harm(
    examples: Sequence[Example],
    label: str,
    corpus: Corpus,
    held: npt.NDArray[np.bool_],
    soft: SoftLabels | None,
    recipe: Recipe,
    base: Scorer | None,
) -> Fitted:
    """Fit one label on the examples that are not held out."""
    target, weight = _softened(examples, label, targets(examples, label), soft, recipe)
    learnt = np.flatnonzero(~np.isnan(target) & ~held & (weight > 0))
    prior = Prior(
        shrinkage=recipe.shrinkage,
        offset_shrinkage=OFFSET_SHRINKAGE,
        passes=recipe.passes,
    )
    places = _places(examples, label)[learnt]
    logger.info("fitting %s on %d examples", label, len(learnt))
    if base is None or label == "spam" or label not in base.labels:
        return fit_label(corpus, learnt, target[learnt], weight[learnt], places, prior)
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
        sums=sums[learnt],
        slope=float(old.slope[column]),
        intercept=float(old.intercept[column]),
    )
    moved = fit_label(corpus, learnt, target[learnt], weight[learnt], places, prior)
    return started.plus(moved, 1.0)


def _harmful(
    told: Mapping[str, Floats], held: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float32]:
    toxic = told.get("toxicity", np.zeros(len(held)))
    return np.where(held, 0, toxic == 1).astype(np.float32)


def _trainable(examples: Sequence[Example], recipe: Recipe) -> tuple[str, ...]:
    found = []
    for label in recipe.labels or LABELS:
        told = [e.labels[label] for e in examples if label in e.labels]
        if min(sum(told), len(told) - sum(told)) >= FEWEST:
            found.append(label)
    if not found:
        raise BadExample("no label has examples enough of both sides")
    return tuple(found)


def _softened(
    examples: Sequence[Example],
    label: str,
    known: Floats,
    soft: SoftLabels | None,
    recipe: Recipe,
) -> tuple[Floats, Floats]:
    """Return targets, moved towards the teacher's, and what each example counts."""
    counts = recipe.spam_weights if label == "spam" else recipe.source_weights
    weight = np.array([e.weight * counts.get(e.source, 1.0) for e in examples])
    if label == "spam":
        return known, weight * _rare_ham(examples, known, recipe)
    if soft is None:
        return known, weight
    taught = soft.of([e.text for e in examples], label)
    taught[[e.source in recipe.untaught for e in examples]] = np.nan
    share = recipe.teacher_share
    both = share * taught + (1 - share) * known
    target = np.where(np.isnan(both), known, both)
    alone = np.isnan(known) & ~np.isnan(taught)
    target[alone] = taught[alone]
    weight[alone] *= recipe.teacher_alone
    return target, weight


def _rare_ham(examples: Sequence[Example], known: Floats, recipe: Recipe) -> Floats:
    """Let the few harmless texts of a spammy source count for more."""
    return np.array(
        [
            recipe.ham_weights.get(e.source, 1.0) if truth == 0 else 1.0
            for e, truth in zip(examples, known, strict=True)
        ]
    )


def _places(examples: Sequence[Example], label: str) -> features.Indices:
    """Return the number of each example's source, for the intercepts.

    Spam and harmless comments come from different places: an intercept for each place
    would take up all there is to learn, so they share one.
    """
    names = ["" if label == "spam" else POOLS.get(e.source, e.source) for e in examples]
    numbers = {name: i for i, name in enumerate(sorted(set(names)))}
    return np.array([numbers[name] for name in names])


def _calibrating(
    examples: Sequence[Example],
    label: str,
    able: npt.NDArray[np.bool_],
    recipe: Recipe,
) -> features.Indices:
    """Choose what probabilities are learnt on: sources with harm as it occurs."""
    wanted = np.array([e.source in recipe.calibration_sources for e in examples])
    best = able & wanted
    target = targets(examples, label)
    sides = [int((best & (target == side)).sum()) for side in (0, 1)]
    return np.flatnonzero(best if min(sides) >= FEWEST else able)


#: Examples of each side of each label that the frozen set holds.
FROZEN_EACH = 60
#: Longer texts are not frozen: the set travels with the scorer.
FROZEN_WORDS = 30


def _freeze(
    corpus: Corpus,
    texts: Sequence[str],
    told: Mapping[str, Floats],
    held: npt.NDArray[np.bool_],
    seed: int,
) -> Frozen:
    """Keep the hashes of a small set of held-out examples."""
    chosen = _drawn(texts, told, held, seed)
    rows = (corpus.words[chosen] @ corpus.ngrams).tocsr()
    pairs = (corpus.pairs[chosen] @ sp.diags_array(1 / corpus.pair_rarity)).tocsr()
    labels = np.stack([target[chosen] for target in told.values()], axis=1)
    return Frozen(
        rows=rows.indices.astype(np.uint32),
        row_values=rows.data.astype(np.float16),
        row_bounds=rows.indptr.astype(np.int64),
        pairs=pairs.indices.astype(np.uint32),
        pair_values=pairs.data.astype(np.float16),
        pair_bounds=pairs.indptr.astype(np.int64),
        labels=np.where(np.isnan(labels), UNKNOWN, labels).astype(np.int8),
    )


def _drawn(
    texts: Sequence[str],
    told: Mapping[str, Floats],
    held: npt.NDArray[np.bool_],
    seed: int,
) -> features.Indices:
    """Draw short held-out examples of either side of each label."""
    rng = np.random.default_rng(seed)
    short = np.array([len(normalization.tokens(one)) <= FROZEN_WORDS for one in texts])
    drawn: set[int] = set()
    for target in told.values():
        for side in (0, 1):
            able = np.flatnonzero(held & short & (target == side))
            few = rng.permutation(able)[:FROZEN_EACH]
            drawn.update(few.tolist())
    return np.array(sorted(drawn), dtype=np.int64)


def beside(scorer: Scorer, network: Network, examples: Sequence[Example]) -> Scorer:
    """Put a network beside the sum of a scorer, and calibrate both together.

    Parameters
    ----------
    scorer : one without a network
    network : fitted to examples that are not held out
    examples : those that the scorer was fitted to

    Raises
    ------
    BadExample
        If they are other examples.
    """
    if fingerprint(examples) != scorer.manifest["data"]:
        raise BadExample("the scorer was fitted to other examples")
    recipe, labels = RECIPES[scorer.manifest["recipe"]], scorer.labels
    whole = np.array(held_out(examples))
    apart = np.flatnonzero(whole)
    kept = [examples[place] for place in apart.tolist()]
    weights = dataclasses.replace(scorer.weights, network=network)
    joint = artifact.named(
        recipe.name, labels=labels, weights=weights, manifest=scorer.manifest
    )
    signs = joint.log_odds([Document(text=example.text) for example in kept])
    told = {label: targets(kept, label) for label in labels}
    slope, intercept, thresholds, honesty = _calibrated(
        kept, told, signs, np.ones(len(kept), bool), recipe
    )
    weights = dataclasses.replace(
        weights,
        slope=weights.slope * slope,
        intercept=weights.intercept * slope + intercept,
        network=dataclasses.replace(network, steps=network.steps * slope),
    )
    spoken = figures.by_language(kept, labels, expit(slope * signs + intercept))
    manifest = {
        **scorer.manifest,
        "beside": scorer.version,
        "thresholds": thresholds,
        "calibration": honesty,
        "languages": figures.deciding(spoken, labels),
        "auc_by_language": spoken,
        "good_for": figures.good_for(spoken),
    }
    said = [example.text for example in examples]
    everything = {label: targets(examples, label) for label in labels}
    drawn = _drawn(said, everything, whole, scorer.manifest["seed"])
    added = joint.beyond([said[place] for place in drawn.tolist()]) * slope
    frozen = scorer.frozen and dataclasses.replace(
        scorer.frozen, beyond=added.astype(np.float32)
    )
    return artifact.named(
        recipe.name, labels=labels, weights=weights, manifest=manifest, frozen=frozen
    )
