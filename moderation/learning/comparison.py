"""Comparison of two models on decisions that neither was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.serving.scorer import Scorer
from moderation import jobs
from moderation.errors import InvalidFields, NotFound, TooFewDecisions
from moderation.jobs import JobKind, JobProgress, JobState, Task
from moderation.keyed_hashes import HashKeys
from moderation.learning import examples, lineage, retraining, vectors
from moderation.learning.retraining import Snapshot
from moderation.learning.training_set import Places, TrainingSet
from moderation.models import registry
from moderation.models.serving import Scoring
from moderation.sites import sites
from moderation.tables.jobs import Job
from moderation.tables.models import Model

MIN_DECISIONS = 30  # decisions that neither has learned from; fewer tell nothing
LOOKED_THROUGH = 50  # of a site's comparisons, the newest
#: Of a report on a training, this says nothing of two models that stand already.
LEFT_OUT = ("contributions", "teach", "learning", "gate", "thresholds")


@dataclass(frozen=True, kw_only=True)
class ModelPair:
    """Two models and the data to compare them on."""

    found: Snapshot  #: whose active model is the first one
    second: Scorer
    unseen: Places  #: of the training examples


def refuse_unknown(
    session: Session, site_id: int, versions: Sequence[str], shipped: Scorer | None
) -> None:
    """Refuse two models that can't be compared.

    Raises
    ------
    InvalidFields
        If both are the same.
    NotFound
        If one of them is not at the site.
    """
    first, second = versions
    if first == second:
        raise InvalidFields({"second": ["Must be another model than the first."]})
    for version in versions:
        registry.find_model(session, site_id, version, shipped)


def snapshot(
    session: Session, scoring: Scoring, task: Task, keys: HashKeys
) -> ModelPair:
    """Read what a comparison needs; `keys` are those of `lineage`.

    Raises
    ------
    NotFound
        If one of the models is gone or can't be loaded.
    TooFewDecisions
        If hardly any of the later decisions are new to both.
    """
    site = sites.find_by_id(session, task.site_id)
    if site is None:
        raise NotFound("There is no such site.")
    versions = task.arguments["first"], task.arguments["second"]
    first, second = (
        _scorer(session, scoring, site.id, version) for version in versions
    )
    kept = vectors.load(session, site.id, first)
    first, second = vectors.reading(first, kept), vectors.reading(second, kept)
    labels = [label for label in first.labels if label in second.labels]
    lessons = TrainingSet(examples.read_training_examples(session, site.id, labels))
    data = Snapshot(
        name="", base=first, active=first, policy=site.policy, lessons=lessons
    )
    _, late = retraining.split(lessons)
    marks = _marks(session, site.id, versions, keys)
    is_new = [not _is_known(x, marks) for x in lessons.comment_ids[late].tolist()]
    unseen = late[np.array(is_new, bool)]
    if len(unseen) < MIN_DECISIONS:
        raise TooFewDecisions(
            f"Only {len(unseen)} of the later decisions are new to both models; "
            f"{MIN_DECISIONS} are needed to tell anything."
        )
    return ModelPair(found=data, second=second, unseen=unseen)


def measure(pair: ModelPair, progress: JobProgress) -> dict[str, Any]:
    """Return the report on two models. CPU only."""
    progress(0.1, f"{len(pair.unseen)} later decisions are new to both models.")
    learnt = np.zeros(0, np.int64)
    report = retraining.measure(pair.found, pair.second, learnt, pair.unseen)
    return {name: part for name, part in report.items() if name not in LEFT_OUT}


def find_report(
    session: Session, site_id: int, first: str, second: str
) -> Mapping[str, Any] | None:
    """Return the newest report on two models, from a comparison or a training."""
    return _compared(session, site_id, first, second) or _trained(
        session, site_id, first, second
    )


def _compared(
    session: Session, site_id: int, first: str, second: str
) -> Mapping[str, Any] | None:
    rows = session.execute(
        sa.select(Job.id, Job.arguments)
        .where(
            Job.site_id == site_id,
            Job.kind == JobKind.COMPARISON.value,
            Job.state == JobState.SUCCEEDED.value,
        )
        .order_by(Job.id.desc())
        .limit(LOOKED_THROUGH)
    )
    versions = {"first": first, "second": second}
    job_id = next((number for number, arguments in rows if arguments == versions), None)
    if job_id is None:
        return None
    report: Mapping[str, Any] = jobs.find(session, job_id, [site_id]).result["report"]
    return report


def _trained(
    session: Session, site_id: int, first: str, second: str
) -> Mapping[str, Any] | None:
    report = session.scalar(
        sa.select(Model.report).where(Model.site_id == site_id, Model.version == second)
    )
    if report is None or "comparison" not in report:
        return None
    return report if report["active"]["version"] == first else None


def _scorer(session: Session, scoring: Scoring, site_id: int, version: str) -> Scorer:
    shipped, model_id = scoring.default, None
    if shipped is None or version != shipped.version:
        model_id = registry.find_id(session, site_id, version)
        if model_id is None:
            raise NotFound(f"{version} is not there any more.")
    scorer = scoring.scorer_of(session, model_id)
    if scorer is None:
        raise NotFound(f"{version} can't be loaded; see the log.")
    return scorer


def _marks(
    session: Session, site_id: int, versions: Sequence[str], keys: HashKeys
) -> list[tuple[bytes, bytes]]:
    """Return the packed marks of the models that have any, with their keys."""
    rows = session.execute(
        sa.select(Model.learnt_from, Model.learnt_with).where(
            Model.site_id == site_id,
            Model.version.in_(versions),
            Model.learnt_from.is_not(None),
        )
    )
    return [
        (packed, key)
        for packed, learnt_with in rows
        if packed is not None
        and (key := lineage.find_key(keys, learnt_with)) is not None
    ]


def _is_known(comment_id: int, marks: Sequence[tuple[bytes, bytes]]) -> bool:
    return any(
        lineage.is_marked(packed, lineage.mark(key, comment_id))
        for packed, key in marks
    )
