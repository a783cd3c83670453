"""Labeled texts: examples, their fingerprints, and fair splits."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.data.groups import Kinship
from classifiers.errors import BadExample
from classifiers.text.labels import LABELS

Row = Mapping[str, str]
Places = npt.NDArray[np.int64]

#: The labels that a harmless text doesn't have.
HARMS = (
    "toxicity",
    "severe_toxicity",
    "insult",
    "profanity",
    "identity_attack",
    "threat",
)


@dataclass(frozen=True, kw_only=True)
class Example:
    """One text with its labels and its origin."""

    #: the comment itself
    text: str
    #: label → whether it holds; a label that is missing is unknown
    labels: Mapping[str, bool]
    #: how much this example counts, 0 or more
    weight: float = 1.0
    #: name the author gave
    author_name: str | None = None
    #: address the author gave
    author_url: str | None = None
    #: title of the article commented on
    article_title: str | None = None
    #: author, video or campaign that must not stand on both sides of a split
    group: str | None = None
    #: when the comment was written, aware
    written_at: datetime | None = None
    #: the data set or site it comes from
    source: str = "site"

    def __post_init__(self) -> None:
        unknown = set(self.labels) - set(LABELS)
        if unknown:
            raise BadExample(f"unknown label {min(unknown)!r}")
        if self.weight < 0:
            raise BadExample("a weight is 0 or more")


def read_jsonl(path: Path) -> list[Example]:
    """Read examples from JSON lines: ``{"text": …, "labels": {"spam": true}}``.

    Raises
    ------
    BadExample
        If a line is no such object; the message names the line.
    """
    examples = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                examples.append(_json_example(line, number))
    return examples


def _json_example(line: str, number: int) -> Example:
    try:
        value = json.loads(line)
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            raise BadExample("no text")
        return Example(**_fields(value))
    except (ValueError, TypeError, RecursionError, BadExample) as error:
        raise BadExample(f"line {number}: {error}") from error


def _fields(value: dict[str, Any]) -> dict[str, Any]:
    written = value.get("written_at")
    labels = value.get("labels", {})
    if not isinstance(labels, dict) or not all(
        isinstance(held, bool) for held in labels.values()
    ):
        raise BadExample("labels must be an object of true and false")
    return {**value, "labels": labels, "written_at": _time(written)}


def _time(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def fingerprint(examples: Iterable[Example]) -> str:
    """Return a SHA-256, in hex, that identifies these examples, in any order."""
    return fingerprint_of(mark(example) for example in examples)


def fingerprint_of(marks: Iterable[bytes]) -> str:
    """Return the fingerprint of examples by their marks."""
    return hashlib.sha256(b"".join(sorted(marks))).hexdigest()


def mark(example: Example) -> bytes:
    """Return the hash of one example, for a fingerprint."""
    values = [example.text, sorted(example.labels.items()), example.source]
    return hashlib.sha256(json.dumps(values).encode()).digest()


def near_duplicate_groups(examples: Iterable[Example]) -> list[int]:
    """Return a group number for each example; copies and campaigns share one.

    The number is the place of the group's first example; see `groups`.
    """
    kin = Kinship()
    for example in examples:
        kin.add(example.text, group_of(example))
    numbers: list[int] = kin.groups().tolist()
    return numbers


def group_of(example: Example) -> tuple[str, str] | None:
    """Return the key of an example's group, if it has one."""
    return None if example.group is None else (example.source, example.group)


#: One group in so many is never trained on.
HELD_OUT_PARTS = 10


def held_out(examples: Sequence[Example]) -> list[bool]:
    """Return which examples are kept for measuring: a tenth, and always the same.

    A near-duplicate group is held out by the hash of its first text, so that the same
    data set is always cut in the same way.
    """
    groups = near_duplicate_groups(examples)
    return [is_held_out(examples[group].text) for group in groups]


def is_held_out(text: str) -> bool:
    """Return whether a text falls into the tenth that is kept for measuring."""
    letters = re.sub(r"\W+", "", text.lower())[:80].encode("utf-8", "ignore")
    number = int(hashlib.md5(letters, usedforsecurity=False).hexdigest(), 16)
    return number % HELD_OUT_PARTS == 0


def split_by_time(
    examples: Sequence[Example], held_out_share: float
) -> tuple[list[Example], list[Example]]:
    """Split into an earlier part to learn from and a later part to measure on.

    Groups and near-duplicates stay on one side: a group is as old as its first
    example. Examples without a time keep their order.

    Parameters
    ----------
    held_out_share : share of the examples to measure on, 0 to 1
    """
    groups = np.array(near_duplicate_groups(examples), np.int64)
    times = np.array([time_of(example) for example in examples], np.float64)
    early, late = split_places(groups, times, held_out_share)
    return [examples[x] for x in early.tolist()], [examples[x] for x in late.tolist()]


def split_places(
    groups: Places, times: npt.NDArray[np.float64], held_out_share: float
) -> tuple[Places, Places]:
    """Return the places of the earlier part and of the later one, as `split_by_time`.

    Parameters
    ----------
    groups, times : of each example, as `near_duplicate_groups` and `time_of`
    """
    members, sizes = np.unique(groups, return_counts=True)
    first = np.full(len(groups), np.inf)
    np.minimum.at(first, groups, times)
    order = np.lexsort((members, first[members]))
    early_size, count = len(groups) * (1 - held_out_share), 0
    is_early = np.zeros(len(groups), bool)
    for place in order.tolist():
        if count + sizes[place] <= early_size:
            is_early[members[place]] = True
            count += int(sizes[place])
    chosen = is_early[groups]
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)


def time_of(example: Example) -> float:
    """Return when an example was written, as a number to sort by; unknown: first."""
    at = example.written_at
    return -np.inf if at is None else at.timestamp()
