"""The labels that a scorer can give a probability for."""

from __future__ import annotations

LABELS: tuple[str, ...] = (
    "spam",
    "toxicity",
    "severe_toxicity",
    "insult",
    "profanity",
    "identity_attack",
    "threat",
    "sexually_explicit",
    "self_harm",
)
#: The author may harm themself: a call for care, never a harm done to others.
SELF_HARM = "self_harm"
#: The labels that a comment can be rejected for, and that people's decisions teach.
HARMS: tuple[str, ...] = tuple(label for label in LABELS if label != SELF_HARM)
