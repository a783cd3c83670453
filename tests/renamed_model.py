"""The default model under another name, as a site might import it."""

from __future__ import annotations

import functools

from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.fast_scorer import FastScorer


@functools.cache
def renamed(name: str) -> FastScorer:
    """Return the default model under another name; the hash covers the name."""
    shipped = default_model.load()
    return artifact.named(
        name,
        labels=shipped.labels,
        weights=shipped.weights,
        manifest=shipped.manifest,
        frozen=shipped.frozen,
    )


@functools.cache
def renamed_file(name: str) -> bytes:
    """Return the file of the default model under another name."""
    return artifact.dumps(renamed(name))
