"""Sentences out of templates, half of which are only ever measured on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

import numpy as np

from classifiers.data.datasets import Example

#: The name of sentences of our own as a source.
SOURCE = "own_contrasts"
#: Sentences made of one template, at most.
PER_TEMPLATE = 24


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Templates of one kind of comment, harmful or harmless."""

    #: what the kind is called in reports
    name: str
    #: label → whether it holds
    labels: Mapping[str, bool]
    #: sentences with named places, in which a word of that name's list stands
    templates: tuple[str, ...]
    #: name of a place → what may stand there
    words: Mapping[str, tuple[str, ...]]
    #: how much each sentence counts in training
    weight: float = 1.0

    def training(self) -> Iterator[Example]:
        """Yield the sentences of every other template."""
        return self._examples(self.templates[::2])

    def held_out(self) -> Iterator[Example]:
        """Yield the sentences of the templates that are never trained on."""
        return self._examples(self.templates[1::2])

    def _examples(self, templates: tuple[str, ...]) -> Iterator[Example]:
        for template in templates:
            for text in _filled(template, self.words):
                yield Example(
                    text=text,
                    labels=self.labels,
                    weight=self.weight,
                    group=f"{self.name} {template}",
                    source=SOURCE,
                )


def _filled(template: str, words: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield a template's sentences, each once, in an order of chance but the same."""
    places = sorted({name for _, name, _, _ in Formatter().parse(template) if name})
    chance = np.random.default_rng(list(template.encode()))
    seen: dict[str, None] = {}
    for _ in range(4 * PER_TEMPLATE if places else 1):
        text = template.format_map(
            {name: chance.choice(words[name]) for name in places}
        )
        seen[text] = None
        if len(seen) == PER_TEMPLATE:
            break
    yield from seen
