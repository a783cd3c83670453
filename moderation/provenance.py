"""Pure: how much a decision counts as a lesson, and how much one source of them may.

No author, no moderator and no day teaches a side of a label more than a share of all
that is taught about it; see `CAPS`.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.datasets import Example

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


class Provenance(StrEnum):
    """How a label came about, the surest first."""

    APPEAL = "appeal"  #: a rejection that a person overturned on appeal
    CHECKED = "checked"  #: two people said the same of the same text
    SINGLE = "single"  #: one person looked at it
    SITE = "site"  #: the site's own people, by a foreign protocol
    BULK = "bulk"  #: one decision about many at once


#: What a lesson counts. Two who agree are twice as much evidence as one; an appeal has
#: the same two looks and is what the model gets wrong, for sure.
WEIGHTS = {
    Provenance.APPEAL: 3.0,
    Provenance.CHECKED: 2.0,
    Provenance.SINGLE: 1.0,
    Provenance.SITE: 1.0,
    Provenance.BULK: 0.5,
}
#: All of a decision in bulk together counts no more than one look of a person.
BATCH_WEIGHT = 1.0


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """An example with where it comes from."""

    example: Example  #: its weight is set by `weigh`
    provenance: Provenance
    taught_by: str  #: login of the person, or the protocol it came by
    comment_id: int | None = None  #: None: the text is no comment here
    batch_id: int | None = None  #: the decision in bulk that it is a part of
    section: str | None = None  #: of the article
    language: str | None = None  #: as the site says, ISO 639-1


@dataclass(frozen=True, kw_only=True)
class Cap:
    """The most that one source may weigh in one side of a label."""

    share: float  #: of the total weight, 0 to 1
    floor: float  #: in any case so much, in decisions: else a small site learns nothing


def _author(lesson: Lesson) -> Hashable:
    return lesson.example.group


def _moderator(lesson: Lesson) -> Hashable:
    return lesson.taught_by


def _day(lesson: Lesson) -> Hashable:
    at = lesson.example.written_at
    return at.astimezone(UTC).date().isoformat() if at else None


#: Kind of source → how it is told and how much one of them may weigh.
CAPS: dict[str, tuple[Callable[[Lesson], Hashable], Cap]] = {
    "authors": (_author, Cap(share=0.05, floor=10)),
    "moderators": (_moderator, Cap(share=0.5, floor=1000)),
    "days": (_day, Cap(share=0.25, floor=300)),
}
ROUNDS = 50  # lowering one source raises the share of the others; ends long before
CLOSE = 1e-6
SHOWN = 10  # sources of a kind that a report names, the heaviest
PSEUDONYM_DIGITS = 8  # of an author's keyed hash; enough to tell them apart


def weigh(lessons: Sequence[Lesson]) -> list[Lesson]:
    """Return the lessons with what each counts: by provenance, then capped.

    A decision in bulk is split among its comments. Where a source weighs more in one
    side of a label (texts that have it, or that don't) than its cap, its lessons
    there are lowered alike until it does not.
    """
    weights = _before_caps(lessons)
    sides = _sides(lessons)
    sources = {kind: _codes(lessons, of) for kind, (of, _) in CAPS.items()}
    for _ in range(ROUNDS):
        factor = np.ones(len(lessons))
        for members in sides:
            total = float(weights[members].sum())
            for kind, (_, cap) in CAPS.items():
                codes = sources[kind][members]
                own = np.bincount(codes, weights[members])
                limit = max(cap.share * total, cap.floor)
                lowered = np.minimum(1, limit / np.maximum(own, limit))
                factor[members] = np.minimum(factor[members], lowered[codes])
        if factor.min(initial=1.0) > 1 - CLOSE:
            break
        weights = weights * factor
    return [
        dataclasses.replace(
            lesson, example=dataclasses.replace(lesson.example, weight=weight)
        )
        for lesson, weight in zip(lessons, weights.tolist(), strict=True)
    ]


def _before_caps(lessons: Sequence[Lesson]) -> Floats:
    """Return what each lesson counts by its provenance alone."""
    sizes = Counter(each.batch_id for each in lessons if each.batch_id is not None)
    return np.array(
        [
            WEIGHTS[each.provenance]
            if each.batch_id is None
            else min(WEIGHTS[each.provenance], BATCH_WEIGHT / sizes[each.batch_id])
            for each in lessons
        ],
        dtype=np.float64,
    )


def _sides(lessons: Sequence[Lesson]) -> list[Codes]:
    """Return the places of the lessons on each side of each label that is taught."""
    found: dict[tuple[str, bool], list[int]] = {}
    for place, lesson in enumerate(lessons):
        for side in lesson.example.labels.items():
            found.setdefault(side, []).append(place)
    return [np.array(found[side], np.int64) for side in sorted(found)]


def _codes(lessons: Sequence[Lesson], of: Callable[[Lesson], Hashable]) -> Codes:
    """Number the sources of a kind; whoever is not known is a source alone."""
    numbers: dict[Hashable, int] = {}
    found = []
    for place, lesson in enumerate(lessons):
        source = of(lesson)
        key: Hashable = ("alone", place) if source is None else ("named", source)
        found.append(numbers.setdefault(key, len(numbers)))
    return np.array(found, np.int64)


def plain(lessons: Sequence[Lesson]) -> Iterator[dict[str, Any]]:
    """Yield lessons as what a file of examples holds: nothing of any person.

    Neither author, moderator nor comment is told, and of the time only the day.
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


def contributions(lessons: Sequence[Lesson]) -> dict[str, Any]:
    """Return who has taught how much of all, from weighed lessons, as plain values.

    Moderators stand by their login, authors by the beginning of their keyed hash.
    """
    before = _before_caps(lessons)
    after = np.array([each.example.weight for each in lessons], dtype=np.float64)
    return {
        "provenance": _by_provenance(lessons, after),
        **{
            kind: _heaviest(lessons, of, before, after)
            for kind, (of, _) in CAPS.items()
        },
    }


def _by_provenance(lessons: Sequence[Lesson], after: Floats) -> dict[str, Any]:
    found: dict[str, Any] = {}
    total = float(after.sum()) or 1.0
    for kind in Provenance:
        members = [n for n, each in enumerate(lessons) if each.provenance is kind]
        if members:
            share = float(after[members].sum()) / total
            found[kind.value] = {"examples": len(members), "share": round(share, 4)}
    return found


def _heaviest(
    lessons: Sequence[Lesson],
    of: Callable[[Lesson], Hashable],
    before: Floats,
    after: Floats,
) -> list[dict[str, Any]]:
    """Return the sources of a kind that weigh most."""
    if not lessons:
        return []
    codes = _codes(lessons, of)
    names = {code: of(lesson) for code, lesson in zip(codes, lessons, strict=True)}
    counts = np.bincount(codes)
    was, now = np.bincount(codes, before), np.bincount(codes, after)
    total = float(after.sum()) or 1.0
    named = [code for code in np.argsort(-now, kind="stable") if names[code]]
    return [
        {
            "name": _shown(str(names[code]), of),
            "examples": int(counts[code]),
            "share": round(float(now[code]) / total, 4),
            "is_capped": bool(now[code] < was[code] * (1 - CLOSE)),
        }
        for code in named[:SHOWN]
    ]


def _shown(name: str, of: Callable[[Lesson], Hashable]) -> str:
    return name[:PSEUDONYM_DIGITS] if of is _author else name
