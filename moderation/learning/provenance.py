"""Provenance of training examples, their weights, and caps by source.

No author, moderator, or day gives a side of a label more than a share of its training
weight; see `CAPS`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from classifiers.data.datasets import Example
from moderation.audit.actions import AuditAction
from moderation.audit.log import record


class Provenance(StrEnum):
    """The origin of a label, most reliable first."""

    APPEAL = "appeal"  #: a rejection that a person overturned on appeal
    CHECKED = "checked"  #: two people decided the same about one text
    SINGLE = "single"  #: one person looked at it
    SITE = "site"  #: the site's own people, by a compatibility API
    IMPORTED = "imported"  #: a moderator's in the system it was imported from
    BULK = "bulk"  #: one decision about many at once
    INFERRED = "inferred"  #: a filter's there, or of which it doesn't tell who decided


#: The weight of an example. Two moderators who agree are twice as much evidence as one;
#: a decided appeal also has two reviewers, and shows an error of the model.
WEIGHTS = {
    Provenance.APPEAL: 3.0,
    Provenance.CHECKED: 2.0,
    Provenance.SINGLE: 1.0,
    Provenance.SITE: 1.0,
    Provenance.IMPORTED: 1.0,
    Provenance.BULK: 0.5,
    Provenance.INFERRED: 0.25,  # a first guess: docs/importing.md
}
#: All of a decision in bulk together counts no more than one look of a person.
BATCH_WEIGHT = 1.0


@dataclass(frozen=True, kw_only=True)
class TrainingExample:
    """An example with its provenance."""

    example: Example  #: its weight is set by `weigh`
    provenance: Provenance
    taught_by: str  #: login of the person, or the protocol it came by
    comment_id: int | None = None  #: None: the text is no comment here
    batch_id: int | None = None  #: the decision in bulk that it is a part of
    is_from_teach: bool = False  #: the order of the queue `teach` brought it
    section: str | None = None  #: of the article
    language: str | None = None  #: as the site says, ISO 639-1


@dataclass(frozen=True, kw_only=True)
class Cap:
    """The maximum weight of one source in one side of a label."""

    share: float  #: of the total weight, 0 to 1
    floor: float  #: in any case so much, in decisions: else a small site learns nothing


def _author(lesson: TrainingExample) -> Hashable:
    return lesson.example.group


def _moderator(lesson: TrainingExample) -> Hashable:
    return lesson.taught_by


def _day(lesson: TrainingExample) -> Hashable:
    at = lesson.example.written_at
    return at.astimezone(UTC).date().isoformat() if at else None


#: Kind of source → how it is named and how much one of them may weigh.
CAPS: dict[str, tuple[Callable[[TrainingExample], Hashable], Cap]] = {
    "authors": (_author, Cap(share=0.05, floor=10)),
    "moderators": (_moderator, Cap(share=0.5, floor=1000)),
    "days": (_day, Cap(share=0.25, floor=300)),
}
ROUNDS = 50  # lowering one source raises the share of the others; ends long before
CLOSE = 1e-6
SHOWN = 10  # sources of a kind that a report names, the heaviest
PSEUDONYM_DIGITS = 8  # of an author's keyed hash; enough to tell them apart


def record_export(session: Session, site_id: int, count: int) -> None:
    """Record that the training examples of a site were taken away."""
    record(session, AuditAction.EXAMPLES_EXPORTED, site_id=site_id, count=count)


def to_plain_rows(lessons: Iterable[TrainingExample]) -> Iterator[dict[str, Any]]:
    """Yield training examples as exported rows, without personal data.

    No row names an author, moderator, or comment; of the time it has only the day.
    """
    for lesson in lessons:
        example = lesson.example
        at = example.written_at
        yield {
            "text": example.text,
            "labels": dict(example.labels),
            "weight": round(example.weight, 6),
            "written_at": at.astimezone(UTC).date().isoformat() if at else None,
        }
