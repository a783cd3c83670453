"""Labelled texts: what an example is, how public sets are read, fair splits."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from classifiers.errors import BadExample
from classifiers.labels import LABELS

Row = Mapping[str, str]

#: What a text that is not toxic is not either.
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
    """One text with what is known about it."""

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
    found = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                found.append(_json_example(line, number))
    return found


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
    """Return a SHA-256, in hex, that says which examples these are, in any order."""
    marks = sorted(_mark(example) for example in examples)
    return hashlib.sha256(b"".join(marks)).hexdigest()


def _mark(example: Example) -> bytes:
    told = [example.text, sorted(example.labels.items()), example.source]
    return hashlib.sha256(json.dumps(told).encode()).digest()


_NOT_LETTERS = re.compile(r"[\W\d_]+")
#: Words in a row that two texts must share to be taken for one campaign.
SHINGLE = 8
#: Shingles of a text that are looked at, its first.
SHINGLES = 16


def near_duplicate_groups(examples: Sequence[Example]) -> list[int]:
    """Return a group number for each example; copies and campaigns share one.

    Two examples belong together when they name the same group, when their letters
    are the same, or when they share a run of eight words near their beginning. The
    number is the place of the group's first example.
    """
    parent = list(range(len(examples)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    seen: dict[int, int] = {}
    for index, example in enumerate(examples):
        for key in _keys(example):
            first, now = root(seen.setdefault(key, index)), root(index)
            parent[max(first, now)] = min(first, now)
    return [root(index) for index in range(len(examples))]


def _keys(example: Example) -> Iterator[int]:
    """Yield hashes of what binds an example to others; only for this process."""
    if example.group is not None:
        yield hash(("group", example.source, example.group))
    words = _NOT_LETTERS.sub(" ", example.text.lower()).split()
    yield hash(("text", *words)) if words else hash(example.text)
    for start in range(min(SHINGLES, len(words) - SHINGLE + 1)):
        yield hash(tuple(words[start : start + SHINGLE]))


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
    groups = near_duplicate_groups(examples)
    members: dict[int, list[Example]] = {}
    for group, example in zip(groups, examples, strict=True):
        members.setdefault(group, []).append(example)
    order = sorted(members, key=lambda group: (_first(members[group]), group))
    wanted = len(examples) * (1 - held_out_share)
    early: list[Example] = []
    late: list[Example] = []
    for group in order:
        side = early if len(early) + len(members[group]) <= wanted else late
        side.extend(members[group])
    return early, late


def _first(members: Sequence[Example]) -> datetime:
    times = [m.written_at for m in members if m.written_at is not None]
    return min(times, default=datetime.min.replace(tzinfo=UTC))
