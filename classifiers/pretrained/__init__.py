"""The scorer that ships, trained on public data; see MODEL_CARD.md beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from classifiers.serving import artifact
from classifiers.serving.scorer import Scorer

PATH = Path(__file__).with_name("shipped.safetensors")


@cache
def load() -> Scorer:
    """Return the shipped scorer, loaded once a process.

    Raises
    ------
    BadArtifact
        If its file is missing or damaged.
    """
    return artifact.load(PATH)
