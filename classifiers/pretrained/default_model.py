"""Load the default model, which is delivered with the software."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from classifiers.serving import artifact
from classifiers.serving.fast_scorer import FastScorer

PATH = Path(__file__).with_name("shipped.safetensors")


@cache
def load() -> FastScorer:
    """Return the default model, loaded once per process.

    Raises
    ------
    BadArtifact
        If its file is missing or damaged.
    """
    return artifact.load(PATH)
