"""All sentences of our own, as one source of examples."""

from __future__ import annotations

from classifiers.data.contrasts import (
    advertising,
    copies,
    foreign,
    harmless,
    hostility,
    identity,
    links,
    offers,
    self_harm,
    speech,
)
from classifiers.data.contrasts.templates import SOURCE, Kind
from classifiers.data.datasets import Example

__all__ = ["SOURCE", "examples", "held_out", "kinds"]


def kinds() -> list[Kind]:
    """Return the kinds of which half the templates are never trained on."""
    subjects = (offers, copies, hostility, harmless, foreign, self_harm)
    return [kind for subject in subjects for kind in subject.KINDS]


def examples() -> list[Example]:
    """Return all the sentences to train on, each once."""
    subjects = (identity, speech, advertising, links, self_harm)
    written = [example for subject in subjects for example in subject.examples()]
    written += [example for kind in kinds() for example in kind.training()]
    return list({example.text: example for example in reversed(written)}.values())[::-1]


def held_out() -> dict[str, list[Example]]:
    """Return, by kind, the sentences of the templates that are not trained on."""
    trained = {example.text for example in examples()}
    return {
        kind.name: [e for e in kind.held_out() if e.text not in trained]
        for kind in kinds()
    }
