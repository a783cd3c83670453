"""Coral's next step for the outcome of a policy."""

from __future__ import annotations

from typing import Any

from moderation.policy.outcomes import Outcome
from moderation.policy.reasons import ReasonCode
from moderation.policy.verdicts import Verdict

WITHHELD = "SYSTEM_WITHHELD"  # Coral: waits for a person, out of sight
PREMOD = "PREMOD"  # Coral: waits for a person, as all of its kind
REJECTED = "REJECTED"

#: Reasons about where and when a comment was written, not about the comment.
OF_ITS_PLACE = {ReasonCode.PREMODERATION, ReasonCode.OUTSIDE_HOURS, ReasonCode.CLOSED}

# Our labels in the reasons that Coral reports under the Digital Services Act.
DSA_CODE = {
    "spam": "SPAM",
    "toxicity": "ABUSIVE",
    "severe_toxicity": "ABUSIVE",
    "insult": "HARASSMENT_BULLYING",
    "profanity": "OFFENSIVE",
    "identity_attack": "HATE_SPEECH",
    "threat": "HARASSMENT_BULLYING",
    "sexually_explicit": "OFFENSIVE",
}


def build_step(outcome: Outcome) -> dict[str, Any] | None:
    """Return Coral's next step; None leaves the comment to Coral's other phases."""
    labels = [
        reason.label
        for reason in outcome.reasons
        if reason.label and reason.code == ReasonCode.SCORE
    ]
    codes = {reason.code for reason in outcome.reasons}
    if outcome.verdict is Verdict.APPROVE:
        return None
    if outcome.verdict is Verdict.REJECT:
        code = DSA_CODE[labels[0]] if labels else "OTHER"
        reason = {"code": code}
        rejection = {"status": REJECTED, "rejectionReason": reason}
        return {
            "status": REJECTED,
            "actions": _flags(labels),
            "moderationAction": rejection,
        }
    if codes and codes <= OF_ITS_PLACE:
        return {"status": PREMOD}
    if ReasonCode.SCORE in codes:
        return {"status": WITHHELD, "actions": _flags(labels)}
    return {"status": WITHHELD}


def _flags(labels: list[str]) -> list[dict[str, str]]:
    """Return the flags that Coral shows its moderators."""
    kinds = {"SPAM" if label == "spam" else "TOXIC" for label in labels}
    return [
        {"actionType": "FLAG", "reason": f"COMMENT_DETECTED_{kind}"}
        for kind in sorted(kinds)
    ]
