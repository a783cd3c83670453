"""Training examples on disk, read in batches."""

from __future__ import annotations

import dataclasses
import json
from array import array
from collections.abc import Iterable, Iterator
from datetime import datetime

import numpy as np
import numpy.typing as npt

from classifiers.data.datasets import (
    Example,
    fingerprint_of,
    group_of,
    mark,
    split_places,
    time_of,
)
from classifiers.data.groups import Kinship
from classifiers.training.memmap import Scratch
from moderation.learning.provenance import Provenance, TrainingExample
from moderation.learning.weights import ExampleWeights

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

BATCH_SIZE = 1 << 20  # bytes that are written, or read, in one go
MARK_BYTES = 32


class TrainingSet:
    """Training examples in the order of decisions.

    A few hundred bytes of each stay in memory: its moderator, its time, and hashes
    that find similar texts.
    """

    def __init__(self, lessons: Iterable[TrainingExample] = ()) -> None:
        self.ledger = ExampleWeights()
        self._kin = Kinship()
        self._times = array("d")
        self._comment_ids = array("q")
        self._marks = bytearray()
        self._file = Scratch()
        self._waiting = bytearray()  # of the file, not yet written
        self._ends = array("q", [0])
        for lesson in lessons:
            self._add(lesson)
        self._write()
        self.weights = self.ledger.given  #: of each example

    def __len__(self) -> int:
        return len(self.ledger)

    def __iter__(self) -> Iterator[TrainingExample]:
        return self.read(np.arange(len(self)))

    def weigh(self) -> None:
        """Set each example's weight by provenance, within the caps."""
        self.weights = self.ledger.weigh()

    def read(self, places: Places) -> Iterator[TrainingExample]:
        """Yield the examples at given positions, with their weights."""
        start, held = 0, b""
        for place in places.tolist():
            first, end = self._ends[place], self._ends[place + 1]
            if first < start or end > start + len(held):
                start, held = (
                    first,
                    self._file.read(first, max(BATCH_SIZE, end - first)),
                )
            line = held[first - start : end - start]
            yield _lesson(line, float(self.weights[place]))

    def split(self, held_out_share: float) -> tuple[Places, Places]:
        """Return the positions of the earlier examples and of the later ones.

        Groups and near-duplicates stay on one side.
        """
        return split_places(
            self._kin.groups(), np.array(self._times, np.float64), held_out_share
        )

    @property
    def comment_ids(self) -> Places:
        """The comment ID of each example; 0 if there is no comment."""
        return np.array(self._comment_ids, np.int64)

    @property
    def fingerprint(self) -> str:
        """A fingerprint of the examples, in any order."""
        whole = memoryview(self._marks)
        starts = range(0, len(whole), MARK_BYTES)
        return fingerprint_of(bytes(whole[x : x + MARK_BYTES]) for x in starts)

    def _add(self, lesson: TrainingExample) -> None:
        example = lesson.example
        self.ledger.add(lesson)
        self._kin.add(example.text, group_of(example))
        self._times.append(time_of(example))
        self._comment_ids.append(lesson.comment_id or 0)
        self._marks += mark(example)
        line = _line(lesson)
        self._waiting += line
        self._ends.append(self._ends[-1] + len(line))
        if len(self._waiting) >= BATCH_SIZE:
            self._write()

    def _write(self) -> None:
        self._file.write(bytes(self._waiting))
        self._waiting.clear()


def _line(lesson: TrainingExample) -> bytes:
    example = lesson.example
    at = example.written_at
    fields = [
        example.text,
        dict(example.labels),
        example.author_name,
        example.author_url,
        example.article_title,
        example.group,
        at and at.isoformat(),
        example.source,
        lesson.provenance.value,
        lesson.taught_by,
        lesson.comment_id,
        lesson.batch_id,
        lesson.is_from_teach,
        lesson.section,
        lesson.language,
    ]
    return json.dumps(fields).encode()


def _lesson(line: bytes, weight: float) -> TrainingExample:
    text, labels, name, url, title, group, at, source, *rest = json.loads(line)
    provenance, taught_by, comment_id, batch_id, is_taught, section, language = rest
    return TrainingExample(
        example=Example(
            text=text,
            labels=labels,
            weight=weight,
            author_name=name,
            author_url=url,
            article_title=title,
            group=group,
            written_at=at and datetime.fromisoformat(at),
            source=source,
        ),
        provenance=Provenance(provenance),
        taught_by=taught_by,
        comment_id=comment_id,
        batch_id=batch_id,
        is_from_teach=is_taught,
        section=section,
        language=language,
    )


def weigh(lessons: Iterable[TrainingExample]) -> list[TrainingExample]:
    """Return training examples with their weights, in memory."""
    examples = list(lessons)
    return [
        dataclasses.replace(
            example, example=dataclasses.replace(example.example, weight=weight)
        )
        for example, weight in zip(
            examples, ExampleWeights(examples).weigh().tolist(), strict=True
        )
    ]
