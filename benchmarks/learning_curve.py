"""Measure the gain of a first model by the number of imported decisions.

    python -m benchmarks.learning_curve FOLDER [NAME …]

FOLDER has public sets as NAME.csv.gz. The first comments of a set are written as JSON
lines, imported into a fresh SQLite database as a site's history, and a model is trained
from them, as `moderation import` and `moderation retrain` do. It is measured on the
last comments, none of which is imported, nor resembles one that is. No step is chosen
on these sets, and the shipped model has not seen them. Intervals of 95% by bootstrap.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from benchmarks.retraining import later, quiet
from classifiers.data import public
from classifiers.data.datasets import Example
from classifiers.errors import BadExample
from classifiers.evaluation import bootstrap
from classifiers.evaluation.bootstrap import Estimate
from classifiers.evaluation.model_comparison import PairedDifference, differences
from classifiers.evaluation.model_scores import score_examples, targets
from classifiers.evaluation.ranking import Floats, RankedScores, ScoreCounts
from classifiers.pretrained import default_model
from classifiers.serving.fast_scorer import FastScorer
from moderation import create_app, migration
from moderation.audit.actors import Actor, ActorKind, act_as
from moderation.database import db, start_writing
from moderation.errors import TooFewDecisions
from moderation.importing.drafts import ReadOptions
from moderation.importing.findings import FileFindings
from moderation.importing.formats import FORMATS
from moderation.importing.ingestion import Ingestion
from moderation.importing.report import ImportReport
from moderation.importing.runs import ImportTarget
from moderation.jobs import JobKind, Task
from moderation.learning import retraining
from moderation.sites import sites
from moderation.web.services import services_of
from tests.builders import ENVIRONMENT, open_newsroom

#: The label that a set is about, and how many of its last comments are measured on.
SETS = {
    "german_germs_news": ("identity_attack", 1_500),
    "vietnamese_victsd_news": ("toxicity", 2_000),
    "indonesian_gambling": ("spam", 5_000),
}
DECISIONS = (1_000, 10_000, 100_000)
FALSE_ALARMS = (0.01, 0.05)
SEED = 1  # of the order: the sets have no times
START = datetime(2024, 1, 1, tzinfo=UTC)
A_DAY = 400  # decisions
MODERATORS = 3
SITE = "gazette"


@dataclass(frozen=True, kw_only=True)
class GainPoint:
    """What so many decisions bring on comments that were not imported."""

    decisions: int
    trained_on: int
    area: PairedDifference
    recalls: list[tuple[float, Estimate]]  #: of the shipped model, of the new one
    gate: tuple[str, ...]  #: why the gate refuses it


def write(path: Path, examples: Sequence[Example], label: str) -> None:
    """Write examples as another system's history: rejected for a label, or approved."""
    with path.open("w", encoding="utf-8") as file:
        for number, each in enumerate(examples):
            at = START + timedelta(days=number / A_DAY)
            is_harmful = bool(each.labels.get(label))
            row = {
                "id": str(number),
                "article": f"https://news.example/{number // 50}",
                "article_title": each.article_title or "",
                "author_name": each.author_name or "Reader",
                "body": each.text,
                "written_at": at.isoformat(),
                "status": "rejected" if is_harmful else "approved",
                "reason": label if is_harmful else "",
                "decided_by": f"moderator-{number % MODERATORS}",
                "decided_at": (at + timedelta(minutes=5)).isoformat(),
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def import_history(app: Flask, path: Path) -> int:
    """Import a file into the site; return the site's ID."""
    session = db.session()
    act_as(session, Actor(kind=ActorKind.COMMAND_LINE, id=0), b"k" * 32)
    site = sites.get_by_name(session, SITE)
    now = datetime.now(UTC)
    target = ImportTarget(
        site=site,
        privacy=services_of(app).privacy,
        source="old",
        format="jsonl",
        now=now,
    )
    report, findings = ImportReport(), FileFindings()
    ingestion = Ingestion(target=target, report=report, findings=findings)
    options = ReadOptions(source="old", now=now)
    steps = ingestion.run(
        session, FORMATS["jsonl"].reader, [path], options, is_resumed=False
    )
    for _ in steps:
        start_writing(session)
    session.commit()
    return site.id


def train_first_model(
    folder: Path, examples: Sequence[Example], label: str
) -> retraining.TrainingResult:
    """Return the model that a fresh site trains from an imported history."""
    path = folder / "history.jsonl"
    write(path, examples, label)
    environment = {**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{folder}/site.sqlite"}
    app = create_app(environment, instance=folder)
    with app.app_context():
        migration.migrate()
        open_newsroom(app, SITE)
        task = Task(
            job_id=1,
            kind=JobKind.RETRAINING,
            site_id=import_history(app, path),
            staff_id=None,
            attempt=1,
        )
        data = retraining.snapshot(db.session(), services_of(app).scoring, task)
        db.session.remove()
        return retraining.train(data, quiet)


def recall_of(target: Floats, scores: Floats, alarms: float) -> Estimate:
    """Return the recall at a share of false alarms, with its interval."""
    ranked = RankedScores.of(target, scores)

    def recall(counts: ScoreCounts) -> float:
        return counts.recall(alarms)

    redrawn = [ranked.counted(draw) for draw in bootstrap.draws(target, 0)]
    return bootstrap.estimate(recall, ranked.counted(), redrawn)


def measure(folder: Path, name: str, shipped: FastScorer) -> Iterator[GainPoint]:
    """Yield a point for each number of decisions, up to all that the set has."""
    label, measured = SETS[name]
    found = public.read_public(folder, name)
    random.Random(SEED).shuffle(found)
    early, last = later(found, measured)
    target, column = targets(last, label), shipped.labels.index(label)
    before = score_examples(shipped, last)[:, column]
    counts = [count for count in DECISIONS if count < len(early)]
    for count in (*counts, len(early)):
        with tempfile.TemporaryDirectory() as place:
            try:
                trial = train_first_model(Path(place), early[:count], label)
            except (BadExample, TooFewDecisions) as error:
                print(f"{name}, {count:,}: {error}", flush=True)
                continue
        after = score_examples(trial.scorer, last)[:, column]
        area, _ = differences(target, before, after)
        yield GainPoint(
            decisions=count,
            trained_on=trial.report["trained_on"],
            area=area,
            recalls=[
                (recall_of(target, before, x).value, recall_of(target, after, x))
                for x in FALSE_ALARMS
            ],
            gate=tuple(trial.report["gate"]["reasons"]),
        )


def row(name: str, point: GainPoint) -> str:
    """Return one line of the table."""
    area, gain = point.area, point.area.gain
    recalls = " | ".join(
        f"{before:.1%} → {after.value:.1%} ({after.low:.1%} to {after.high:.1%})"
        for before, after in point.recalls
    )
    return (
        f"| {name} | {point.decisions:,} | {point.trained_on:,} "
        f"| {area.active:.3f} → {area.candidate:.3f} "
        f"({gain.low:+.3f} to {gain.high:+.3f}) | {recalls} "
        f"| {'; '.join(point.gate) or 'allowed'} |"
    )


def main(arguments: Sequence[str]) -> None:
    """Print the table of `docs/rehearsal.md`."""
    folder, *names = arguments
    shipped = default_model.load()
    print(f"Starting from {shipped.version}")
    for name in names or SETS:
        for point in measure(Path(folder), name, shipped):
            print(row(name, point), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
