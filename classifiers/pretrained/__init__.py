"""The scorer that ships, trained on public data; see MODEL_CARD.md beside it."""

from __future__ import annotations

from pathlib import Path

from classifiers import artifact
from classifiers.scorer import Scorer

PATH = Path(__file__).with_name("shipped.safetensors")


def load() -> Scorer:
    """Load the shipped scorer.

    Raises
    ------
    BadArtifact
        If its file is missing or damaged.
    """
    return artifact.load(PATH)
