"""Sentences of our own, fine and foul, for what public sets do not teach."""

from __future__ import annotations

from classifiers.data.contrasts import advertising, identity, links, speech
from classifiers.data.datasets import Example

#: The name of these sentences as a source.
SOURCE = "own_contrasts"


def examples() -> list[Example]:
    """Return all the sentences."""
    found = (identity, speech, advertising, links)
    return [example for room in found for example in room.examples()]
