"""The paragraph about automated moderation in a site's terms, from its policy.

DSA Art. 14(1) asks for it: which tools, what they decide, where people review.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from moderation.languages.registry import TextPart, offered, read_texts
from moderation.policy.thresholds import Moderation, Policy


def describe(policy: Policy) -> dict[str, str]:
    """Return the paragraph by language."""
    return {
        language: _write(policy, read_texts(language, TextPart.AUTOMATION))
        for language in offered(TextPart.AUTOMATION)
    }


def _write(policy: Policy, texts: Mapping[str, Any]) -> str:
    rejecting = [
        label
        for label, cut in policy.thresholds.items()
        if cut.reject_at is not None and label not in policy.care_cuts
    ]
    sentences = [
        texts["checked"],
        texts["held"].format(labels=_list(policy.thresholds, texts)),
    ]
    if rejecting:
        sentences.append(texts["rejected"].format(labels=_list(rejecting, texts)))
    else:
        sentences.append(texts["rejected_none"])
    is_pre = policy.default is Moderation.PRE
    sentences += [texts["pre"] if is_pre else texts["post"], texts["people"]]
    return " ".join(sentences)


def _list(labels: Collection[str], texts: Mapping[str, Any]) -> str:
    comma: str = texts["comma"]
    return comma.join(texts["label"][label] for label in sorted(labels))
