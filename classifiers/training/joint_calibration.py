"""Add a network to a scorer's sum, and calibrate both together."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from classifiers.data.datasets import Example, fingerprint
from classifiers.errors import BadExample
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.network import Network
from classifiers.training import regression_sample
from classifiers.training.calibration import calibrate
from classifiers.training.recipes import RECIPES
from classifiers.training.supervision import Supervision


def add_network(
    scorer: FastScorer, network: Network, examples: Sequence[Example]
) -> FastScorer:
    """Add a network to a scorer's sum, and calibrate both together.

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
    data = Supervision.of(examples, labels)
    held_out = data.held_out()
    weights = dataclasses.replace(scorer.weights, network=network)
    joint = artifact.named(
        recipe.name, labels=labels, weights=weights, manifest=scorer.manifest
    )
    signs = joint.log_odds([Document(text=text) for text in held_out.texts])
    calibration = calibrate(held_out, signs, recipe)
    slope = calibration.slope
    drawn = regression_sample.draw(data, scorer.manifest["seed"])
    added = joint.beyond([data.texts[place] for place in drawn.tolist()]) * slope
    return artifact.named(
        recipe.name,
        labels=labels,
        weights=dataclasses.replace(
            weights,
            slope=weights.slope * slope,
            intercept=weights.intercept * slope + calibration.intercept,
            network=dataclasses.replace(network, steps=network.steps * slope),
        ),
        manifest={
            **scorer.manifest,
            "beside": scorer.version,
            **calibration.manifest(held_out, signs),
        },
        frozen=scorer.frozen
        and dataclasses.replace(scorer.frozen, beyond=added.astype(np.float32)),
    )
