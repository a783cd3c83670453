"""All sentences of our own, as one source of examples."""

from __future__ import annotations

from classifiers.data.contrasts import advertising, identity, links, speech
from classifiers.data.datasets import Example

#: The name of these sentences as a source.
SOURCE = "own_contrasts"


def examples() -> list[Example]:
    """Return all the sentences."""
    subjects = (identity, speech, advertising, links)
    return [example for subject in subjects for example in subject.examples()]
