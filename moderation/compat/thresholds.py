"""From which score on a label holds, for protocols that answer yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from classifiers.serving.scorer import Scorer
from classifiers.text.labels import SELF_HARM
from moderation.policy.thresholds import Policy

LIKELY = 0.5  # threshold of a label for which neither the site nor the model has one


def get_thresholds(policy: Policy, scorer: Scorer) -> dict[str, float]:
    """Return each label's threshold: the site's, or the model's.

    That of self-harm is always there: a second scorer may score it.
    """
    proposed: Mapping[str, Any] = scorer.manifest["thresholds"]
    thresholds = {
        label: policy.thresholds[label].review_at
        if label in policy.thresholds
        else proposed.get(label, {}).get("review_at", LIKELY)
        for label in scorer.labels
    }
    return {**thresholds, SELF_HARM: policy.care_cuts[SELF_HARM]}
