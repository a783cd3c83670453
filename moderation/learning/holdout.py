"""Scores of two models on the holdout set, read in batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from classifiers.evaluation import slices
from classifiers.evaluation.model_comparison import ModelComparison, compare_scores
from classifiers.evaluation.model_report import ModelReport, evaluate_scores
from classifiers.evaluation.model_scores import ModelScores, Targets, targets
from classifiers.evaluation.slices import Slice, SliceFacts
from classifiers.evaluation.threshold_targets import Mask
from classifiers.serving.scorer import Scorer
from moderation.learning.provenance import TrainingExample

BATCH_SIZE = 4096  # examples whose texts are in memory


@dataclass(frozen=True, kw_only=True)
class HoldoutScores:
    """The scores of two models on the holdout set, without texts."""

    active: ModelScores
    candidate: ModelScores
    known: Targets
    is_harmful: Mask  #: whether any label holds
    facts: SliceFacts
    sections: Sequence[str | None]
    languages: Sequence[str | None]
    comment_ids: Sequence[int | None]
    since: datetime | None  #: when the first was decided

    def __len__(self) -> int:
        return len(self.is_harmful)

    def reports(self) -> tuple[ModelReport, ModelReport]:
        """Measure either model, the active one first."""
        active = evaluate_scores(self.active, self.known)
        return active, evaluate_scores(self.candidate, self.known)

    def compare(self) -> ModelComparison:
        """Measure the candidate's gain."""
        return compare_scores(self.active, self.candidate, self.known)

    def slices(self) -> list[Slice]:
        """Measure both models by section, language, length, and named groups."""
        groups = {"section": self.sections, "language": self.languages}
        return slices.measure(
            self.active,
            self.candidate,
            self.known,
            self.is_harmful,
            self.facts,
            groups,
        )


def score_holdout(
    active: Scorer, candidate: Scorer, lessons: Iterable[TrainingExample]
) -> HoldoutScores:
    """Score training examples with both models."""
    labels = tuple(dict.fromkeys((*active.labels, *candidate.labels)))
    parts = [
        _read_some(active, candidate, labels, batch) for batch in _some_of(lessons)
    ] or [_read_some(active, candidate, labels, [])]
    times = [part.since for part in parts if part.since is not None]
    return HoldoutScores(
        active=_joined([part.active for part in parts]),
        candidate=_joined([part.candidate for part in parts]),
        known={
            label: np.concatenate([part.known[label] for part in parts])
            for label in labels
        },
        is_harmful=np.concatenate([part.is_harmful for part in parts]),
        facts=SliceFacts(
            np.concatenate([part.facts.words for part in parts]),
            np.concatenate([part.facts.named for part in parts]),
        ),
        sections=[x for part in parts for x in part.sections],
        languages=[x for part in parts for x in part.languages],
        comment_ids=[x for part in parts for x in part.comment_ids],
        since=min(times, default=None),
    )


def _some_of(lessons: Iterable[TrainingExample]) -> Iterator[list[TrainingExample]]:
    rest = iter(lessons)
    while batch := list(itertools.islice(rest, BATCH_SIZE)):
        yield batch


def _read_some(
    active: Scorer,
    candidate: Scorer,
    labels: Sequence[str],
    batch: Sequence[TrainingExample],
) -> HoldoutScores:
    examples = [example.example for example in batch]
    times = [
        example.written_at for example in examples if example.written_at is not None
    ]
    return HoldoutScores(
        active=ModelScores.of(active, examples),
        candidate=ModelScores.of(candidate, examples),
        known={label: targets(examples, label) for label in labels},
        is_harmful=np.array(
            [any(example.labels.values()) for example in examples], bool
        ),
        facts=SliceFacts.of(example.text for example in examples),
        sections=[item.section for item in batch],
        languages=[item.language for item in batch],
        comment_ids=[item.comment_id for item in batch],
        since=min(times, default=None),
    )


def _joined(parts: Sequence[ModelScores]) -> ModelScores:
    first = parts[0]
    scores = np.concatenate([part.scores for part in parts])
    return ModelScores(first.version, first.labels, scores)
