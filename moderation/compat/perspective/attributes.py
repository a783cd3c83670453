"""Perspective's attributes, and the labels that stand for them."""

from __future__ import annotations

from collections.abc import Collection

from moderation.privacy import mask_emails

MAX_NAME_LENGTH = 100  # characters of an attribute's name that an error repeats

#: Attributes with a model of their own, which was fitted to Google's own scores.
_MODELLED = """
ATTACK_ON_AUTHOR ATTACK_ON_COMMENTER FLIRTATION INFLAMMATORY LIKELY_TO_REJECT
UNSUBSTANTIAL
"""
MODELLED = frozenset(_MODELLED.split())

_SIX = (
    "TOXICITY",
    "SEVERE_TOXICITY",
    "IDENTITY_ATTACK",
    "INSULT",
    "PROFANITY",
    "THREAT",
)

#: Attribute to the label, or the name in `MODELLED`, that it is scored by. An attack on
#: a publisher is an insult, but not each insult is one: its score is an upper bound.
LABEL_OF: dict[str, str] = {
    **{name: name for name in _MODELLED.split()},
    **{name: name.lower() for name in _SIX},
    **{f"{name}_EXPERIMENTAL": name.lower() for name in _SIX},
    "TOXICITY_FAST": "toxicity",
    "SEXUALLY_EXPLICIT": "sexually_explicit",
    "SPAM": "spam",
    "OBSCENE": "profanity",
    "ATTACK_ON_PUBLISHER": "insult",
}

#: What Perspective also had, and nothing here answers. Source:
#: conversationai/perspectiveapi, 2-api/models.md, before its deletion (read 2026-11).
_UNANSWERED = """
INCOHERENT OFF_TOPIC
AFFINITY_EXPERIMENTAL COMPASSION_EXPERIMENTAL CONSTRUCTIVE_EXPERIMENTAL
CURIOSITY_EXPERIMENTAL NUANCE_EXPERIMENTAL PERSONAL_STORY_EXPERIMENTAL
REASONING_EXPERIMENTAL RESPECT_EXPERIMENTAL
ALIENATION_EXPERIMENTAL FEARMONGERING_EXPERIMENTAL GENERALIZATION_EXPERIMENTAL
MORAL_OUTRAGE_EXPERIMENTAL POWER_APPEAL_EXPERIMENTAL SCAPEGOATING_EXPERIMENTAL
"""
UNANSWERED = frozenset(_UNANSWERED.split())


def is_documented(attribute: str) -> bool:
    """Return whether Perspective had an attribute.

    >>> is_documented("NUANCE_EXPERIMENTAL"), is_documented("TOXICITY@6")
    (True, True)
    """
    name = attribute.partition("@")[0]
    return name in UNANSWERED or name in LABEL_OF


def label_of(attribute: str, scored: Collection[str]) -> str | None:
    """Return what an attribute is scored by; None if it isn't among `scored`.

    A version behind the name counts for nothing: one model answers.

    >>> label_of("TOXICITY@6", ["toxicity"]), label_of("INCOHERENT", ["toxicity"])
    ('toxicity', None)
    """
    label = LABEL_OF.get(attribute.partition("@")[0])
    return label if label in scored else None


def unknown(attribute: str) -> str:
    """Return Google's message about an unknown attribute; clients match it."""
    return f"Unknown requested attribute: {mask_emails(attribute[:MAX_NAME_LENGTH])}"
