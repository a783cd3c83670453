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
    base_shrinkage: float = 4.0
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
    "civil_comments": 3.0,  # harmless news comments are rare
    "polis_opinions": 1.0,
    "polis_opinions_de": 0.5,
    "korean_kmhas_news": 0.5,
    "wiki_context": 0.5,
    "convabuse": 0.3,
    "hatemoji_build": 0.5,
    "social_bias_frames": 0.3,
    "german_gahd": 0.5,
    "polish_poleval": 0.3,
    "chinese_cold": 0.2,
    "japanese_toxic": 0.3,
    "french_mlma": 0.05,
    "arabic_mlma": 0.05,
}

#: Sets that no teacher has read: their labels alone train.
_UNTAUGHT = frozenset(
    {
        *("own_contrasts", "civil_comments", "polis_opinions", "polis_opinions_de"),
        *("korean_kmhas_news", "wiki_context", "convabuse", "hatemoji_build"),
        *("social_bias_frames", "german_gahd", "spanish_politics_gold"),
        *("polish_poleval", "chinese_cold", "japanese_toxic", "french_mlma"),
        *("arabic_mlma", "x_scam", "telegram_spam_multi"),
    }
)

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
        "civil_comments": 2.0,
        "polis_opinions": 1.0,
        "polis_opinions_de": 0.3,
        "korean_kmhas_news": 0.1,
        "wiki_context": 0.5,
        "x_scam": 1.0,
        "telegram_spam_multi": 0.5,
    },
    untaught=_UNTAUGHT,
    ham_weights={"blog_spam": 10.0},
    insult_share=0.2,
    names=NAMES,
    calibration_sources=frozenset({"jigsaw_wiki"}),
    threshold_sources=frozenset(
        {
            "civil_comments",
            "civil_toxic",
            "civil_toxic_spans",
            "jigsaw_wiki",
            "openai_moderation",
            "polis_opinions",
            "wiki_context",
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
