"""Retraining: from decisions to a measured candidate in the registry."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from classifiers.encoder.kept_vectors import KeptVectors
from classifiers.evaluation import curves
from classifiers.evaluation.gate import gate
from classifiers.evaluation.model_report import evaluate_regression
from classifiers.evaluation.model_scores import ModelScores, Targets
from classifiers.evaluation.threshold_targets import ONE_IN, RIGHT, Mask, hold, reject
from classifiers.serving import artifact
from classifiers.serving.scorer import Scorer
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, NotFound, TooFewDecisions
from moderation.jobs import JobProgress, Task
from moderation.keyed_hashes import HashKeys
from moderation.learning import disagreements, examples, holdout, lineage, vectors
from moderation.learning.disagreements import PolicyVerdicts
from moderation.learning.provenance import Provenance
from moderation.learning.training_set import Places, TrainingSet
from moderation.models.serving import Scoring
from moderation.policy.thresholds import Policy
from moderation.policy.verdicts import Verdict
from moderation.sites import sites
from moderation.tables.models import Model

# With fewer, a few slips of the hand weigh as much as what the site has to teach, and
# the part that is held out tells nothing: 90 texts, of which a dozen are harmful.
MIN_DECISIONS = 300
HELD_OUT_SHARE = 0.3  # of the decisions, the latest ones
MIN_ORDINARY = 90  # held out; as many as of the fewest decisions are
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
    """The data for a training, read at one moment."""

    name: str  #: what the new version's name begins with
    base: Scorer  #: where the weights start
    active: Scorer  #: what decides at the site now
    policy: Policy  #: the site's current one
    lessons: TrainingSet  #: weighed
    kept: KeptVectors | None = None  #: what `base` and `active` have read


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """A candidate with its figures, not yet stored."""

    version: str
    base_version: str
    scorer: Scorer
    artifact: bytes
    report: dict[str, Any]
    learnt_from: tuple[int, ...]  #: ids of comments


def refuse_unready(session: Session, site_id: int) -> None:
    """Refuse a site with too few decisions. Call it before any write.

    Raises
    ------
    TooFewDecisions
        Naming how many are needed and how many there are.
    """
    refuse_too_few(examples.count_examples(session, site_id, MIN_DECISIONS))


def refuse_too_few(count: int) -> None:
    """Refuse to train from too few decisions.

    Raises
    ------
    TooFewDecisions
        Naming how many are needed and how many there are.
    """
    if count < MIN_DECISIONS:
        raise TooFewDecisions(
            f"Retraining needs {MIN_DECISIONS} decisions that teach a label; "
            f"so far there are {count}."
        )


def snapshot(session: Session, scoring: Scoring, task: Task) -> Snapshot:
    """Read the data for a training.

    The weights always start from the model that ships, with all of the site's
    decisions: what was promoted since has learned from the older ones already, and
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
        raise Conflict("The model to start from can't be loaded. See the log.")
    lessons = TrainingSet(
        examples.read_training_examples(session, site.id, base.labels)
    )
    refuse_too_few(len(lessons))
    lessons.weigh()
    kept = vectors.load(session, site.id, base)
    return Snapshot(
        name=f"{site.name}-{task.job_id}",
        base=vectors.reading(base, kept),
        active=vectors.reading(active, kept),
        policy=site.policy,
        lessons=lessons,
        kept=kept,
    )


def train(data: Snapshot, progress: JobProgress) -> TrainingResult:
    """Train a candidate and compare it with the active model. CPU only.

    Raises
    ------
    classifiers.errors.ClassifierError
        If nothing can be learned from the examples.
    """
    from classifiers.training.adaptation import (
        adapt,  # imports SciPy: in the worker, for a job
    )

    progress(0.02, f"{len(data.lessons)} decisions teach a label.")
    learnt, late = split(data.lessons)
    refuse_one_sided(learnt, late)
    progress(0.05, f"{len(learnt)} to train on, {len(late)} later ones held out.")
    candidate = adapt(
        data.base,
        (lesson.example for lesson in data.lessons.read(learnt)),
        seed=SEED,
        name=data.name,
        progress=lambda share, note=None: progress(0.05 + 0.65 * share, note),
    )
    progress(0.7, f"{candidate.version} is trained; it is measured now.")
    report = measure(data, candidate, learnt, late)
    progress(0.95, "Measured.")
    stored = artifact.dumps(candidate.fast)
    artifact.loads(stored)  # what can't be served is not stored
    return TrainingResult(
        version=candidate.version,
        base_version=data.base.version,
        scorer=candidate,
        artifact=stored,
        report=report,
        learnt_from=tuple(x for x in data.lessons.comment_ids[learnt].tolist() if x),
    )


def split(lessons: TrainingSet) -> tuple[Places, Places]:
    """Split into the training part and the later holdout part.

    What was decided in bulk is not measured on: no one looked at that very text. Of
    a side it falls to, the later one, it is left out. So is what an import only infers,
    and what the order `teach` brought, as long as `MIN_ORDINARY` remain each time: the
    latter was chosen near the thresholds of the model that decides, where that one errs
    more than on what readers send.
    """
    learnt, late = lessons.split(HELD_OUT_SHARE)
    late = late[~lessons.ledger.are(Provenance.BULK)[late]]
    known = late[~lessons.ledger.are(Provenance.INFERRED)[late]]
    late = known if len(known) >= MIN_ORDINARY else late
    ordinary = late[~lessons.ledger.are_from_teach[late]]
    return learnt, ordinary if len(ordinary) >= MIN_ORDINARY else late


def refuse_one_sided(learnt: Places, held_out: Places) -> None:
    """Refuse a split with nothing on one of its sides.

    Raises
    ------
    TooFewDecisions
        If all comments belong to one author or campaign, or nearly so.
    """
    if not len(learnt) or not len(held_out):
        raise TooFewDecisions(
            "Nearly all decisions are about one author or one repeated text; a "
            "model trained on them could not be measured on others."
        )


def measure(
    data: Snapshot, candidate: Scorer, learnt: Places, late: Places
) -> dict[str, Any]:
    """Return the report on both models, with the quality gate's answer."""
    lessons = data.lessons
    exam = holdout.score_holdout(data.active, candidate, lessons.read(late))
    reports = exam.reports()
    regression = evaluate_regression(data.active), evaluate_regression(candidate)
    comparison, parts = exam.compare(), exam.slices()
    answer = gate(
        *reports,
        active_regression=regression[0],
        candidate_regression=regression[1],
        comparison=comparison,
        slices=parts,
    )
    before = PolicyVerdicts.of(data.policy, exam.active)
    after = PolicyVerdicts.of(data.policy, exam.candidate)
    return {
        "examples": len(lessons),
        "trained_on": len(learnt),
        "held_out": len(exam),
        "held_out_since": exam.since.isoformat() if exam.since else None,
        "data": lessons.fingerprint,
        "teach": count_taught(lessons, learnt, late),
        "contributions": lessons.ledger.contributions(learnt, lessons.weights[learnt]),
        "active": reports[0].to_dict(),
        "candidate": reports[1].to_dict(),
        "under_policy": {
            "active": count_held(before, exam.is_harmful),
            "candidate": count_held(after, exam.is_harmful),
        },
        "comparison": comparison.to_dict(),
        "slices": [dataclasses.asdict(part) for part in parts],
        "regression": {
            "active": regression[0].to_dict(),
            "candidate": regression[1].to_dict(),
        },
        "curves": {
            "active": trace(exam.active, exam.known),
            "candidate": trace(exam.candidate, exam.known),
        },
        "otherwise": disagreements.to_json(
            disagreements.list_disagreements(
                data.policy, before, after, exam.comment_ids, exam.is_harmful.tolist()
            )
        ),
        "thresholds": propose(exam.candidate, exam.is_harmful),
        "learning": dict(candidate.manifest.get("learning", {})),
        "gate": {
            "allowed": answer.allowed,
            "reasons": list(answer.reasons),
            "objections": [
                dataclasses.asdict(objection) for objection in answer.objections
            ],
        },
    }


def count_taught(lessons: TrainingSet, learnt: Places, late: Places) -> dict[str, int]:
    """Count the examples from the order `teach`, by their part of the split."""
    taught = lessons.ledger.are_from_teach
    learnt_from, held_out = int(taught[learnt].sum()), int(taught[late].sum())
    return {
        "trained_on": learnt_from,
        "held_out": held_out,
        "left_out": int(taught.sum()) - learnt_from - held_out,
    }


def trace(scored: ModelScores, known: Targets) -> dict[str, Any]:
    """Return the curves of labels that have both sides."""
    traced = {
        label: curves.trace(known[label], scored.of_label(label))
        for label in scored.labels
    }
    return {
        label: dataclasses.asdict(curve) for label, curve in traced.items() if curve
    }


def propose(scored: ModelScores, is_harmful: Mask) -> dict[str, Any]:
    """Return thresholds for each target, with their effects."""
    scores = scored.labels, scored.scores, is_harmful
    return {
        "review": [dataclasses.asdict(hold(*scores, one_in)) for one_in in ONE_IN],
        "reject": [dataclasses.asdict(reject(*scores, right)) for right in RIGHT],
    }


def count_held(judged: PolicyVerdicts, is_harmful: Mask) -> dict[str, int]:
    """Count what the current thresholds would do with a model's scores.

    A text is harmful if any label holds, else harmless; it is held if a person has to
    look or it is rejected. Pre-moderation and trusted authors are left aside.
    """
    counts = dict.fromkeys(HELD_COUNTS, 0)
    for harms, verdict in zip(is_harmful.tolist(), judged.verdicts, strict=True):
        kind = "harmful" if harms else "harmless"
        counts[kind] += 1
        counts[f"{kind}_held"] += verdict is not Verdict.APPROVE
        counts[f"{kind}_rejected"] += verdict is Verdict.REJECT
    return counts


def create_candidate(
    session: Session, task: Task, trial: TrainingResult, keys: HashKeys, now: datetime
) -> dict[str, Any]:
    """Store a candidate in the registry and return the result of its job.

    `keys` are those of `lineage`.
    """
    model = Model(
        site_id=task.site_id,
        version=trial.version,
        base_version=trial.base_version,
        artifact=trial.artifact,
        report=trial.report,
        learnt_from=lineage.pack_marks(keys, trial.learnt_from),
        learnt_with=keys.current.id,
        created_at=now,
        staff_id=task.staff_id,
    )
    session.add(model)
    session.flush()
    record(
        session,
        AuditAction.MODEL_TRAINED,
        target=(TargetKind.MODEL, model.id),
        site_id=task.site_id,
        job=task.job_id,
    )
    return {"version": trial.version, "allowed": trial.report["gate"]["allowed"]}
