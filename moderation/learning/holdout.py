"""What two models say of the lessons that were held out: read once, some at a time."""

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

BATCH_SIZE = 4096  # lessons whose texts are in memory


@dataclass(frozen=True, kw_only=True)
class HoldoutScores:
    """Both models on the same lessons; the texts are gone."""

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
        """Measure what the candidate gains."""
        return compare_scores(self.active, self.candidate, self.known)

    def slices(self) -> list[Slice]:
        """Measure both by section, language, length and who is spoken of."""
        told = {"section": self.sections, "language": self.languages}
        return slices.measure(
            self.active,
            self.candidate,
            self.known,
            self.is_harmful,
            self.facts,
            told,
        )


def score_holdout(
    active: Scorer, candidate: Scorer, lessons: Iterable[TrainingExample]
) -> HoldoutScores:
    """Let both models score lessons."""
    labels = tuple(dict.fromkeys((*active.labels, *candidate.labels)))
    parts = [
        _read_some(active, candidate, labels, some) for some in _some_of(lessons)
    ] or [_read_some(active, candidate, labels, [])]
    times = [each.since for each in parts if each.since is not None]
    return HoldoutScores(
        active=_joined([each.active for each in parts]),
        candidate=_joined([each.candidate for each in parts]),
        known={
            label: np.concatenate([each.known[label] for each in parts])
            for label in labels
        },
        is_harmful=np.concatenate([each.is_harmful for each in parts]),
        facts=SliceFacts(
            np.concatenate([each.facts.words for each in parts]),
            np.concatenate([each.facts.named for each in parts]),
        ),
        sections=[x for each in parts for x in each.sections],
        languages=[x for each in parts for x in each.languages],
        comment_ids=[x for each in parts for x in each.comment_ids],
        since=min(times, default=None),
    )


def _some_of(lessons: Iterable[TrainingExample]) -> Iterator[list[TrainingExample]]:
    rest = iter(lessons)
    while some := list(itertools.islice(rest, BATCH_SIZE)):
        yield some


def _read_some(
    active: Scorer,
    candidate: Scorer,
    labels: Sequence[str],
    some: Sequence[TrainingExample],
) -> HoldoutScores:
    examples = [each.example for each in some]
    times = [each.written_at for each in examples if each.written_at is not None]
    return HoldoutScores(
        active=ModelScores.of(active, examples),
        candidate=ModelScores.of(candidate, examples),
        known={label: targets(examples, label) for label in labels},
        is_harmful=np.array([any(each.labels.values()) for each in examples], bool),
        facts=SliceFacts.of(each.text for each in examples),
        sections=[each.section for each in some],
        languages=[each.language for each in some],
        comment_ids=[each.comment_id for each in some],
        since=min(times, default=None),
    )


def _joined(parts: Sequence[ModelScores]) -> ModelScores:
    first = parts[0]
    scores = np.concatenate([each.scores for each in parts])
    return ModelScores(first.version, first.labels, scores)
