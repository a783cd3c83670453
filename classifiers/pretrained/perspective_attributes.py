"""Load the models of Perspective's attributes that no label stands for.

Fitted to Google's own scores; see docs/migrate/perspective.md for their figures.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from classifiers.serving import attribute_model
from classifiers.serving.attribute_model import AttributeModel

PATH = Path(__file__).with_name("perspective_attributes.npz")


@cache
def load() -> AttributeModel:
    """Return the model, loaded once per process.

    Raises
    ------
    BadArtifact
        If its file is missing or damaged.
    """
    return attribute_model.load(PATH)
