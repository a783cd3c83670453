"""Load the default model, which is delivered with the software."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from classifiers.serving import artifact
from classifiers.serving.scorer import Scorer

PATH = Path(__file__).with_name("shipped.safetensors")


@cache
def load() -> Scorer:
    """Return the default model, loaded once per process.

    Raises
    ------
    BadArtifact
        If its file is missing or damaged.
    """
    return artifact.load(PATH)
