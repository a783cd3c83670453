"""The scorer that ships, and a small one fitted to sentences of our own."""

from __future__ import annotations

import pytest

from classifiers.data.datasets import Example
from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.fast_scorer import FastScorer
from classifiers.training import fit

RUDE = ("idiot", "moron", "fool", "liar", "clown", "scum")
KIND = ("friend", "neighbour", "teacher", "reader", "doctor", "poet")
FRAMES = (
    "you are a {}",
    "what a {} this author is",
    "my uncle, the {}, said so",
    "the {} from the council wrote to us again",
    "nobody likes a {} on a Monday",
    "{} is the word for it",
)


def made_examples(times: int = 4) -> list[Example]:
    """Return rude and kind sentences, all different."""
    return [
        Example(
            text=f"{frame.format(word)} {'indeed ' * turn}",
            labels={"toxicity": word in RUDE, "insult": word in RUDE},
            source="made",
            group=f"{frame} {turn}",
        )
        for turn in range(times)
        for frame in FRAMES
        for word in RUDE + KIND
    ]


def copied(scorer: FastScorer) -> FastScorer:
    """Return a scorer that has met no word yet."""
    return artifact.named(
        "copied", labels=scorer.labels, weights=scorer.weights, manifest=scorer.manifest
    )


@pytest.fixture(scope="session")
def shipped() -> FastScorer:
    return default_model.load()


@pytest.fixture(scope="session")
def small() -> FastScorer:
    return fit.fit(made_examples(), recipe="plain", seed=0)
