"""Recipes: named settings for fitting a scorer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from classifiers.data.contrasts.identity import NAMES


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The strength of priors, and how much each source counts."""

    #: how this recipe is called
    name: str
    #: pull of each weight towards zero, 0 or more
    shrinkage: float = 1.0
    #: the same towards the weights of a base, where there is one
    base_shrinkage: float = 8.0
    #: passes that the way from a base takes
    base_passes: int = 25
    #: how many passes over the data the optimizer may make
    passes: int = 60
    #: source → how much an example from it counts for the harms; missing is 1
    source_weights: Mapping[str, float] = field(default_factory=dict)
    #: the same for spam
    spam_weights: Mapping[str, float] = field(default_factory=dict)
    #: source → how much more its harmless texts count for spam; missing is 1
    ham_weights: Mapping[str, float] = field(default_factory=dict)
    #: labels to fit; none named means all that the examples can carry
    labels: tuple[str, ...] = ()
    #: how much of the sum for insult is added to that for toxicity, 0 or more
    insult_share: float = 0.0
    #: sources that calibration is fitted to; where they lack a label, all are
    calibration_sources: frozenset[str] = frozenset()
    #: sources whose harmless texts thresholds are set by; none named means all
    threshold_sources: frozenset[str] = frozenset()
    #: how far a target moves from the label to the teacher's probability, 0 to 1
    teacher_share: float = 0.7
    #: how much an example counts that only the teacher has judged, 0 to 1
    teacher_alone: float = 0.5
    #: names of groups that weigh alike in the harms, in small letters
    names: tuple[str, ...] = ()
    #: sources that the teacher has no say in
    untaught: frozenset[str] = frozenset({"own_contrasts"})


_HARM_WEIGHTS = {
    "youtoxic": 2.0,
    "gab_hate": 0.3,
    "stormfront": 0.3,
    "implicit_hate": 0.2,
    "own_contrasts": 1.0,
    "davidson_tweets": 0.3,  # more would carry over its bias against a dialect
}

_SHIPPED = Recipe(
    name="shipped",
    source_weights=_HARM_WEIGHTS,
    spam_weights={
        "jigsaw_wiki": 0.5,
        "civil_toxic_spans": 0.4,
        "wiki_debias_negatives": 0.3,
        "gab_hate": 0.3,
        "stormfront": 0.3,
        "implicit_hate": 0.2,
        "youtube_spam": 2.0,
        "sms_spam": 0.5,
        "telegram_spam": 0.5,
        "own_contrasts": 0.3,
    },
    ham_weights={"blog_spam": 10.0},
    insult_share=0.2,
    names=NAMES,
    calibration_sources=frozenset({"jigsaw_wiki"}),
    threshold_sources=frozenset(
        {
            "civil_toxic",
            "civil_toxic_spans",
            "jigsaw_wiki",
            "openai_moderation",
            "wiki_debias_negatives",
            "youtoxic",
        }
    ),
)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        _SHIPPED,
        dataclasses.replace(_SHIPPED, name="spam", labels=("spam",)),
        Recipe(name="plain"),
    )
}
