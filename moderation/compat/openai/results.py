"""OpenAI's 13 categories, of which up to six are scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moderation.models.serving import ScoredText

# Category to the labels that must all hold for it: its score is the lowest of theirs.
# Without labels, no model scores it: it is always false and 0.
CATEGORIES: dict[str, tuple[str, ...]] = {
    "harassment": ("insult",),
    "harassment/threatening": ("threat",),
    "hate": ("identity_attack",),
    "hate/threatening": ("identity_attack", "threat"),
    "illicit": (),
    "illicit/violent": (),
    "self-harm": ("self_harm",),
    "self-harm/instructions": (),
    "self-harm/intent": (),
    "sexual": ("sexually_explicit",),
    "sexual/minors": (),
    "violence": (),
    "violence/graphic": (),
}


def build_result(scored: ScoredText, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Return the result for one text."""
    good = scored.scores.keys() - scored.weak_labels
    scored_categories = {
        name: labels
        for name, labels in CATEGORIES.items()
        if labels and good >= {*labels}
    }
    held = {
        name: all(scored.scores[label] >= thresholds[label] for label in labels)
        for name, labels in scored_categories.items()
    }
    return {
        "flagged": any(held.values()),
        "categories": {name: held.get(name, False) for name in CATEGORIES},
        "category_scores": {
            name: _lowest(scored.scores, scored_categories.get(name, ()))
            for name in CATEGORIES
        },
        "category_applied_input_types": {
            name: ["text"] if name in scored_categories else [] for name in CATEGORIES
        },
    }


def build_unread(code: str, message: str) -> dict[str, Any]:
    """Return the result for a text that can't be scored among others that can.

    It is flagged without a category, so that no client takes it for harmless; `error`
    says why.
    """
    return {
        "flagged": True,
        "categories": dict.fromkeys(CATEGORIES, False),
        "category_scores": dict.fromkeys(CATEGORIES, 0.0),
        "category_applied_input_types": {name: [] for name in CATEGORIES},
        "error": {"code": code, "message": message},
    }


def _lowest(scores: Mapping[str, float], labels: Sequence[str]) -> float:
    return min((scores[label] for label in labels), default=0.0)
