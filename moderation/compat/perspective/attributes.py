"""Perspective's attributes, and the labels that stand for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from moderation.privacy import mask_emails

MAX_NAME_LENGTH = 100  # characters of an attribute's name that an error repeats

#: What a moderator would hide: the highest of all labels.
OVERALL = "*"

_SIX = (
    "TOXICITY",
    "SEVERE_TOXICITY",
    "IDENTITY_ATTACK",
    "INSULT",
    "PROFANITY",
    "THREAT",
)

#: Attribute to label. An attack on someone named is an insult, but not each insult is
#: one: its score is an upper bound.
LABEL_OF: dict[str, str] = {
    **{name: name.lower() for name in _SIX},
    **{f"{name}_EXPERIMENTAL": name.lower() for name in _SIX},
    "TOXICITY_FAST": "toxicity",
    "SEXUALLY_EXPLICIT": "sexually_explicit",
    "SPAM": "spam",
    "OBSCENE": "profanity",
    "ATTACK_ON_AUTHOR": "insult",
    "ATTACK_ON_COMMENTER": "insult",
    "ATTACK_ON_PUBLISHER": "insult",
    "LIKELY_TO_REJECT": OVERALL,
}

#: What Perspective also had, and no label of ours answers. Source:
#: conversationai/perspectiveapi, 2-api/models.md, before its deletion (read 2026-11).
_UNANSWERED = """
FLIRTATION INCOHERENT INFLAMMATORY UNSUBSTANTIAL OFF_TOPIC
AFFINITY_EXPERIMENTAL COMPASSION_EXPERIMENTAL CONSTRUCTIVE_EXPERIMENTAL
CURIOSITY_EXPERIMENTAL NUANCE_EXPERIMENTAL PERSONAL_STORY_EXPERIMENTAL
REASONING_EXPERIMENTAL RESPECT_EXPERIMENTAL
ALIENATION_EXPERIMENTAL FEARMONGERING_EXPERIMENTAL GENERALIZATION_EXPERIMENTAL
MORAL_OUTRAGE_EXPERIMENTAL POWER_APPEAL_EXPERIMENTAL SCAPEGOATING_EXPERIMENTAL
"""
UNANSWERED = frozenset(_UNANSWERED.split())


def is_documented(attribute: str) -> bool:
    """Return whether Perspective had an attribute.

    >>> is_documented("FLIRTATION"), is_documented("TOXICITY@6"), is_documented("X")
    (True, True, False)
    """
    name = attribute.partition("@")[0]
    return name in UNANSWERED or name in LABEL_OF


def label_of(attribute: str, labels: Collection[str]) -> str | None:
    """Return the label behind an attribute; None if the model has none.

    A version behind the name counts for nothing: one model answers.

    >>> label_of("TOXICITY@6", ["toxicity"]), label_of("FLIRTATION", ["toxicity"])
    ('toxicity', None)
    """
    label = LABEL_OF.get(attribute.partition("@")[0])
    return label if label == OVERALL or label in labels else None


def unknown(attribute: str) -> str:
    """Return Google's message about an unknown attribute; clients match it."""
    return f"Unknown requested attribute: {mask_emails(attribute[:MAX_NAME_LENGTH])}"


def score_of(label: str, scores: Mapping[str, float]) -> float:
    """Return the score behind a label, 0 to 1."""
    return max(scores.values()) if label == OVERALL else scores[label]
