"""Load the encoder that is delivered with the software."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from classifiers.encoder import encoder
from classifiers.encoder.encoder import Encoder

PATH = Path(__file__).with_name("encoder")


@cache
def load() -> Encoder:
    """Return the encoder, loaded once per process.

    Raises
    ------
    BadArtifact
        If its files are missing or damaged, or what reads them is not installed.
    """
    return encoder.load(PATH)
