"""Sentences of our own, fine and foul, for what public sets do not teach."""

from __future__ import annotations

from classifiers.contrasts import advertising, identity, speech
from classifiers.datasets import Example

#: The name of these sentences as a source.
SOURCE = "own_contrasts"


def examples() -> list[Example]:
    """Return all the sentences."""
    return identity.examples() + speech.examples() + advertising.examples()
