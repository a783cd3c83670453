"""The kinds of harm that a scorer can give a probability for."""

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
)
