"""From people's decisions to a candidate with honest figures; promote and roll back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers import artifact
from classifiers.datasets import Example, fingerprint, split_by_time
from classifiers.errors import ClassifierError
from classifiers.evaluation import compare, document, evaluate, evaluate_regression
from classifiers.promotion import gate
from classifiers.scorer import Scorer
from moderation import feedback, sites
from moderation.errors import Conflict, NotFound, NotPromotable, TooFewDecisions
from moderation.jobs import Progress, Task
from moderation.policy import Facts, Moderation, Policy, Verdict, decide
from moderation.scoring import Scoring
from moderation.tables import Model, Promotion, Site

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


class Action(StrEnum):
    """How the model that decides at a site was changed."""

    PROMOTION = "promotion"  #: another one decides
    ROLLBACK = "rollback"  #: what decided before does so again


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


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A model of the registry as it is listed; the one that ships is one of them."""

    version: str
    is_shipped: bool
    is_active: bool
    base_version: str | None = None
    created_at: datetime | None = None
    report: Mapping[str, Any] | None = None  #: None: it was measured elsewhere


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
    from classifiers.training import adapt  # imports SciPy: in the worker, for a job

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


def list_models(session: Session, site_id: int, shipped: Scorer | None) -> list[Entry]:
    """Return the models of a site, the newest first, the one that ships last."""
    active_id = session.get_one(Site, site_id).model_id
    stored = session.scalars(
        sa.select(Model).where(Model.site_id == site_id).order_by(Model.id.desc())
    )
    entries = [_entry(model, active_id) for model in stored]
    if shipped is not None:
        entries.append(_shipped(shipped, active_id))
    return entries


def find_model(
    session: Session, site_id: int, version: str, shipped: Scorer | None
) -> Entry:
    """Return a model of a site, or the one that ships.

    Raises
    ------
    NotFound
        If there is no such version at the site.
    """
    active_id = session.get_one(Site, site_id).model_id
    if shipped is not None and version == shipped.version:
        return _shipped(shipped, active_id)
    return _entry(_find(session, site_id, version), active_id)


def refuse_unservable(session: Session, site_id: int, version: str) -> None:
    """Refuse a version whose artifact can't be loaded. Slow: before any write.

    Raises
    ------
    NotPromotable
        If it is damaged, or made by another version of this software.
    """
    stored = session.scalar(
        sa.select(Model.artifact).where(
            Model.site_id == site_id, Model.version == version
        )
    )
    if stored is None:
        return  # the model that ships, or none: `promote` tells
    try:
        artifact.loads(stored)
    except ClassifierError as error:
        raise NotPromotable(f"This model can't be served: {error}.") from error


def promote(
    session: Session,
    site_id: int,
    version: str,
    *,
    shipped: Scorer | None,
    despite_gate: str | None,
    staff_id: int | None,
    now: datetime,
) -> Promotion:
    """Let a model decide at a site, for the next request on every machine.

    Parameters
    ----------
    despite_gate
        Why a model is wanted that its gate refused, in the words of who wants it.

    Raises
    ------
    NotFound
        If there is no such version at the site.
    NotPromotable
        If it decides already; or if its gate refused it, or it was measured against
        another model than the one that decides now, and no reason is given.
    """
    site = _locked(session, site_id)
    model = None
    if shipped is None or version != shipped.version:
        model = _find(session, site_id, version)
    model_id = None if model is None else model.id
    if model_id == site.model_id:
        raise NotPromotable("This model decides already.")
    objections = [] if model is None else _objections(session, site, model, shipped)
    if objections and not despite_gate:
        raise NotPromotable(
            f"{' '.join(objections)} It can be promoted with a written reason."
        )
    return _switch(
        session,
        site,
        model_id,
        Action.PROMOTION,
        despite_gate=despite_gate if objections else None,
        staff_id=staff_id,
        now=now,
    )


def roll_back(
    session: Session, site_id: int, *, staff_id: int | None, now: datetime
) -> Promotion:
    """Let decide again what decided before the last promotion that still stands.

    A second rollback takes back the promotion before that one, and so on.

    Raises
    ------
    Conflict
        If no promotion is left to take back.
    """
    site = _locked(session, site_id)
    decided: list[int | None] = [None]  # at first, the model that ships
    log = sa.select(Promotion).where(Promotion.site_id == site_id)
    for each in session.scalars(log.order_by(Promotion.id)):
        if each.action == Action.PROMOTION.value:
            decided.append(each.model_id)
        else:
            decided.pop()
    if len(decided) < 2:
        raise Conflict("There is no promotion to take back.")
    return _switch(
        session, site, decided[-2], Action.ROLLBACK, staff_id=staff_id, now=now
    )


def version_of(
    session: Session, model_id: int | None, shipped: Scorer | None
) -> str | None:
    """Return a model's version; None for the one that ships where it can't be had."""
    if model_id is None:
        return shipped.version if shipped else None
    return session.get_one(Model, model_id).version


def _objections(
    session: Session, site: Site, model: Model, shipped: Scorer | None
) -> list[str]:
    """Return what speaks against a promotion, in plain sentences."""
    objections = []
    if not model.report["gate"]["allowed"]:
        objections = ["The gate refused this model.", *model.report["gate"]["reasons"]]
    measured, deciding = (
        model.report["active"]["version"],
        version_of(session, site.model_id, shipped),
    )
    if measured != deciding:
        objections.append(
            f"It was measured against {measured}, but {deciding} decides now."
        )
    return objections


def _switch(
    session: Session,
    site: Site,
    model_id: int | None,
    action: Action,
    *,
    despite_gate: str | None = None,
    staff_id: int | None,
    now: datetime,
) -> Promotion:
    promotion = Promotion(
        site_id=site.id,
        model_id=model_id,
        previous_id=site.model_id,
        action=action.value,
        despite_gate=despite_gate,
        created_at=now,
        staff_id=staff_id,
    )
    session.add(promotion)
    site.model_id = model_id
    session.flush()
    return promotion


def _locked(session: Session, site_id: int) -> Site:
    """Return the site; nobody else changes its model until the commit."""
    return session.scalars(
        sa.select(Site)
        .where(Site.id == site_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _find(session: Session, site_id: int, version: str) -> Model:
    model = session.scalar(
        sa.select(Model).where(Model.site_id == site_id, Model.version == version)
    )
    if model is None:
        raise NotFound("There is no such model at this site.")
    return model


def _entry(model: Model, active_id: int | None) -> Entry:
    return Entry(
        version=model.version,
        is_shipped=False,
        is_active=model.id == active_id,
        base_version=model.base_version,
        created_at=model.created_at,
        report=model.report,
    )


def _shipped(shipped: Scorer, active_id: int | None) -> Entry:
    return Entry(version=shipped.version, is_shipped=True, is_active=active_id is None)
