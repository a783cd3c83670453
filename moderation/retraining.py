"""From people's decisions to a candidate with honest figures, kept in the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from classifiers import artifact
from classifiers.datasets import Example, fingerprint, split_by_time
from classifiers.evaluation import compare, document, evaluate, evaluate_regression
from classifiers.promotion import gate
from classifiers.scorer import Scorer
from moderation import feedback, sites
from moderation.errors import Conflict, NotFound, TooFewDecisions
from moderation.jobs import Progress, Task
from moderation.policy import Facts, Moderation, Policy, Verdict, decide
from moderation.scoring import Scoring
from moderation.tables import Model

# With fewer, a few slips of the hand weigh as much as what the site has to teach, and
# the part that is held out tells nothing: 90 texts, of which a dozen are harmful.
FEWEST_DECISIONS = 300
HELD_OUT_SHARE = 0.3  # of the decisions, the latest ones
SEED = 20261123  # recorded in the manifest: the same decisions, the same model

HELD_COUNTS = (
    "harmful",
    "harmful_held",
    "harmful_rejected",
    "harmless",
    "harmless_held",
    "harmless_rejected",
)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """All that a training needs, read at one moment."""

    name: str  #: what the new version's name begins with
    base: Scorer  #: where the weights start
    active: Scorer  #: what decides at the site now
    policy: Policy  #: in force at the site now
    examples: Sequence[Example]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A candidate with its figures, not yet stored."""

    version: str
    base_version: str
    artifact: bytes
    report: dict[str, Any]


def refuse_unready(session: Session, site_id: int) -> None:
    """Refuse a site that has not decided enough to learn from. Before any write.

    Raises
    ------
    TooFewDecisions
        Naming how many are needed and how many there are.
    """
    refuse_too_few(feedback.count_examples(session, site_id, FEWEST_DECISIONS))


def refuse_too_few(count: int) -> None:
    """Refuse to train from too few decisions.

    Raises
    ------
    TooFewDecisions
        Naming how many are needed and how many there are.
    """
    if count < FEWEST_DECISIONS:
        raise TooFewDecisions(
            f"Retraining needs {FEWEST_DECISIONS} decisions that teach a label; "
            f"so far there are {count}."
        )


def snapshot(session: Session, scoring: Scoring, task: Task) -> Snapshot:
    """Read what a training needs.

    The weights always start from the model that ships, with all of the site's
    decisions: what was promoted since has learnt from the older ones already, and
    would count them twice.

    Raises
    ------
    TooFewDecisions
        If the site has not decided enough to learn from.
    Conflict
        If the model that ships, or the one that decides, can't be loaded.
    """
    site = sites.find_by_id(session, task.site_id)
    if site is None:
        raise NotFound("There is no such site.")
    base, active = scoring.default, scoring.scorer_of(session, site.model_id)
    if base is None or active is None:
        raise Conflict("The model to start from can't be loaded; see the log.")
    examples = list(feedback.read_examples(session, site.id, base.labels))
    refuse_too_few(len(examples))
    return Snapshot(
        name=f"{site.name}-{task.job_id}",
        base=base,
        active=active,
        policy=site.policy,
        examples=examples,
    )


def train(found: Snapshot, progress: Progress) -> Trial:
    """Train a candidate and measure it beside the active model. CPU only.

    Raises
    ------
    classifiers.errors.ClassifierError
        If nothing can be learnt from the examples.
    """
    from classifiers.adaptation import adapt  # imports SciPy: in the worker, for a job

    learnt, held_out = split_by_time(found.examples, HELD_OUT_SHARE)
    refuse_one_sided(learnt, held_out)
    progress(0.05)
    candidate = adapt(found.base, learnt, seed=SEED, name=found.name)
    progress(0.7)
    report = measure(found, candidate, learnt, held_out)
    progress(0.95)
    stored = artifact.dumps(candidate)
    artifact.loads(stored)  # what can't be served is not stored
    return Trial(
        version=candidate.version,
        base_version=found.base.version,
        artifact=stored,
        report=report,
    )


def refuse_one_sided(learnt: Sequence[Example], held_out: Sequence[Example]) -> None:
    """Refuse a split with nothing on one of its sides.

    Raises
    ------
    TooFewDecisions
        If all comments belong to one author or campaign, or nearly so.
    """
    if not learnt or not held_out:
        raise TooFewDecisions(
            "Nearly all decisions are about one author or one repeated text; what is "
            "learnt from them could not be measured on others."
        )


def measure(
    found: Snapshot,
    candidate: Scorer,
    learnt: Sequence[Example],
    held_out: Sequence[Example],
) -> dict[str, Any]:
    """Return the report: both models on the same decisions, and the gate's answer."""
    active_report = evaluate(found.active, held_out)
    candidate_report = evaluate(candidate, held_out)
    active_regression = evaluate_regression(found.active)
    candidate_regression = evaluate_regression(candidate)
    answer = gate(
        active_report,
        candidate_report,
        active_regression=active_regression,
        candidate_regression=candidate_regression,
    )
    times = [each.written_at for each in held_out if each.written_at is not None]
    return {
        "examples": len(found.examples),
        "trained_on": len(learnt),
        "held_out": len(held_out),
        "held_out_since": min(times).isoformat() if times else None,
        "data": fingerprint(found.examples),
        "active": active_report.to_dict(),
        "candidate": candidate_report.to_dict(),
        "under_policy": {
            "active": count_held(found.policy, found.active, held_out),
            "candidate": count_held(found.policy, candidate, held_out),
        },
        "comparison": compare(found.active, candidate, held_out).to_dict(),
        "regression": {
            "active": active_regression.to_dict(),
            "candidate": candidate_regression.to_dict(),
        },
        "gate": {"allowed": answer.allowed, "reasons": list(answer.reasons)},
    }


def count_held(
    policy: Policy, scorer: Scorer, examples: Sequence[Example]
) -> dict[str, int]:
    """Count what the thresholds in force would do with a model's scores.

    A text is harmful if any label holds, else harmless; it is held if a person has to
    look or it is rejected. Pre-moderation and trusted authors are left aside.
    """
    by_score = Policy(thresholds=policy.thresholds, default=Moderation.POST)
    scores = scorer.score_many([document(example) for example in examples])
    counts = dict.fromkeys(HELD_COUNTS, 0)
    for example, found in zip(examples, scores, strict=True):
        kind = "harmful" if any(example.labels.values()) else "harmless"
        verdict = decide(by_score, Facts(scores=found)).verdict
        counts[kind] += 1
        counts[f"{kind}_held"] += verdict is not Verdict.APPROVE
        counts[f"{kind}_rejected"] += verdict is Verdict.REJECT
    return counts


def save(session: Session, task: Task, trial: Trial, now: datetime) -> dict[str, Any]:
    """Store a candidate in the registry and return the result of its job."""
    session.add(
        Model(
            site_id=task.site_id,
            version=trial.version,
            base_version=trial.base_version,
            artifact=trial.artifact,
            report=trial.report,
            created_at=now,
            staff_id=task.staff_id,
        )
    )
    session.flush()
    return {"version": trial.version, "allowed": trial.report["gate"]["allowed"]}
