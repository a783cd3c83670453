"""Comments that two models treat differently, and which model was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from classifiers.evaluation.model_scores import ModelScores
from moderation import identifiers
from moderation.policy.facts import Facts
from moderation.policy.outcomes import decide
from moderation.policy.thresholds import Moderation, Policy
from moderation.policy.verdicts import Verdict

MAX_LISTED = 40  # comments that a report names, those whose scores differ most
STRICTNESS = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A holdout comment that the candidate treats differently."""

    comment_id: int | None  #: None: the text is no comment here
    active: Verdict
    candidate: Verdict
    label: str  #: whose score differs most
    active_score: float
    candidate_score: float
    is_harmful: bool  #: as people decided

    @property
    def is_stricter(self) -> bool:
        """Whether the candidate is the stricter one."""
        return is_stricter(self.candidate, self.active)


def is_stricter(one: Verdict, other: Verdict) -> bool:
    """Return whether a verdict is stricter than another."""
    return STRICTNESS[one] > STRICTNESS[other]


@dataclass(frozen=True)
class PolicyVerdicts:
    """Verdicts of a policy's thresholds on holdout texts, for one model.

    Pre-moderation and trusted authors are left aside.
    """

    scored: ModelScores
    verdicts: Sequence[Verdict]

    @classmethod
    def of(cls, policy: Policy, scored: ModelScores) -> PolicyVerdicts:
        """Decide by scores."""
        by_score = Policy(thresholds=policy.thresholds, default=Moderation.POST)
        rows = (scored.row(place) for place in range(len(scored.scores)))
        return cls(scored, [decide(by_score, Facts(scores=x)).verdict for x in rows])


def list_disagreements(
    policy: Policy,
    active: PolicyVerdicts,
    candidate: PolicyVerdicts,
    comment_ids: Sequence[int | None],
    is_harmful: Sequence[bool],
) -> list[Disagreement]:
    """Return the texts on which two models differ under a policy.

    Parameters
    ----------
    comment_ids : of the texts; None: it is no comment here
    is_harmful : how people decided them
    """
    disagreements = []
    for place, verdicts in enumerate(
        zip(active.verdicts, candidate.verdicts, strict=True)
    ):
        if verdicts[0] is verdicts[1]:
            continue
        before, after = active.scored.row(place), candidate.scored.row(place)
        label = find_widest_label(policy, before, after)
        disagreements.append(
            Disagreement(
                comment_id=comment_ids[place],
                active=verdicts[0],
                candidate=verdicts[1],
                label=label,
                active_score=before.get(label, 0.0),
                candidate_score=after.get(label, 0.0),
                is_harmful=bool(is_harmful[place]),
            )
        )
    return disagreements


def find_widest_label(
    policy: Policy, before: Mapping[str, float], after: Mapping[str, float]
) -> str:
    """Return the label with a threshold whose scores differ most."""
    shared = [
        label for label in policy.thresholds if label in before and label in after
    ]
    return max(
        shared or sorted(before), key=lambda x: abs(after.get(x, 0.0) - before[x])
    )


def to_json(disagreements: Sequence[Disagreement]) -> dict[str, Any]:
    """Return counts and the widest disagreements as JSON."""
    listed = sorted(
        disagreements,
        key=lambda x: abs(x.candidate_score - x.active_score),
        reverse=True,
    )
    return {
        "stricter": sum(disagreement.is_stricter for disagreement in disagreements),
        "stricter_right": sum(
            disagreement.is_stricter and disagreement.is_harmful
            for disagreement in disagreements
        ),
        "milder": sum(not disagreement.is_stricter for disagreement in disagreements),
        "milder_right": sum(
            not disagreement.is_stricter and not disagreement.is_harmful
            for disagreement in disagreements
        ),
        "comments": [
            _item_to_json(disagreement)
            for disagreement in listed[:MAX_LISTED]
            if disagreement.comment_id
        ],
    }


def _item_to_json(disagreement: Disagreement) -> dict[str, Any]:
    return {
        "comment": identifiers.encode(disagreement.comment_id or 0),
        "active": disagreement.active.value,
        "candidate": disagreement.candidate.value,
        "label": disagreement.label,
        "active_score": round(disagreement.active_score, 4),
        "candidate_score": round(disagreement.candidate_score, 4),
        "is_harmful": disagreement.is_harmful,
    }
