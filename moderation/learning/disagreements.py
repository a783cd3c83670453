"""Pure: the comments that two models would treat otherwise, and which was right."""

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
    """A held-out comment that the candidate would treat otherwise."""

    comment_id: int | None  #: None: the text is no comment here
    active: Verdict
    candidate: Verdict
    label: str  #: whose score differs most
    active_score: float
    candidate_score: float
    is_harmful: bool  #: as people said

    @property
    def is_stricter(self) -> bool:
        """Whether the candidate is the stricter one."""
        return is_stricter(self.candidate, self.active)


def is_stricter(one: Verdict, other: Verdict) -> bool:
    """Return whether a verdict is stricter than another."""
    return STRICTNESS[one] > STRICTNESS[other]


@dataclass(frozen=True)
class PolicyVerdicts:
    """Held-out texts as a policy's thresholds would have them under one model.

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
    """Return where two models differ under a policy's thresholds.

    Parameters
    ----------
    comment_ids : of the texts; None: it is no comment here
    is_harmful : what people said of them
    """
    found = []
    for place, verdicts in enumerate(
        zip(active.verdicts, candidate.verdicts, strict=True)
    ):
        if verdicts[0] is verdicts[1]:
            continue
        before, after = active.scored.row(place), candidate.scored.row(place)
        label = find_widest_label(policy, before, after)
        found.append(
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
    return found


def find_widest_label(
    policy: Policy, before: Mapping[str, float], after: Mapping[str, float]
) -> str:
    """Return the label with a threshold whose scores lie farthest apart."""
    known = [label for label in policy.thresholds if label in before and label in after]
    return max(
        known or sorted(before), key=lambda x: abs(after.get(x, 0.0) - before[x])
    )


def to_json(found: Sequence[Disagreement]) -> dict[str, Any]:
    """Return them as a report keeps them: counted, and the widest by id."""
    listed = sorted(
        found, key=lambda x: abs(x.candidate_score - x.active_score), reverse=True
    )
    return {
        "stricter": sum(each.is_stricter for each in found),
        "stricter_right": sum(each.is_stricter and each.is_harmful for each in found),
        "milder": sum(not each.is_stricter for each in found),
        "milder_right": sum(
            not each.is_stricter and not each.is_harmful for each in found
        ),
        "comments": [
            _item_to_json(each) for each in listed[:MAX_LISTED] if each.comment_id
        ],
    }


def _item_to_json(each: Disagreement) -> dict[str, Any]:
    return {
        "comment": identifiers.encode(each.comment_id or 0),
        "active": each.active.value,
        "candidate": each.candidate.value,
        "label": each.label,
        "active_score": round(each.active_score, 4),
        "candidate_score": round(each.candidate_score, 4),
        "is_harmful": each.is_harmful,
    }
