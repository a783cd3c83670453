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

#: Attribute to label. The other attributes that Perspective had (FLIRTATION,
#: INCOHERENT, the bridging ones …) no label of ours answers: they are unknown here.
LABEL_OF: dict[str, str] = {
    **{name: name.lower() for name in _SIX},
    **{f"{name}_EXPERIMENTAL": name.lower() for name in _SIX},
    "SEXUALLY_EXPLICIT": "sexually_explicit",
    "SPAM": "spam",
    "OBSCENE": "profanity",
    "ATTACK_ON_COMMENTER": "insult",
    "LIKELY_TO_REJECT": OVERALL,
}


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
