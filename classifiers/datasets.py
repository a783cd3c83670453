"""Labelled texts: what an example is, how public sets are read, fair splits."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, kw_only=True)
class PublicSet:
    """How one public data set is read, and what it may be used for."""

    #: file name without its ending, and the source of its examples
    name: str
    #: row → label → whether it holds
    labels: Callable[[Row], dict[str, bool]]
    #: whether its rows may shape weights
    may_train: bool
    #: licence as its publisher states it
    licence: str
    #: column of the text
    text: str = "text"
    #: language of the texts, ISO 639-1
    language: str = "en"
    #: column of the group that is never split, if there is one
    group: str | None = None
    #: columns of author name, author URL and article title, where they exist
    about: tuple[str | None, str | None, str | None] = field(default=(None,) * 3)
    #: whether a row is good enough to be used
    keep: Callable[[Row], bool] = lambda row: True


def _yes(value: str) -> bool:
    return value.strip().lower() in {"1", "1.0", "true"}


def _harm(toxic: bool, **more: bool) -> dict[str, bool]:
    """Return labels of a text judged as a whole: harmless means none of the harms."""
    if toxic:
        return {"toxicity": True, **more}
    return {**dict.fromkeys(HARMS, False), **more}


def _ham(labels: dict[str, bool]) -> dict[str, bool]:
    return {**labels, "spam": False}


def _jigsaw(row: Row) -> dict[str, bool]:
    labels = {"toxicity": _yes(row["toxic"]), "spam": False}
    if _yes(row["has_all_6_labels"]):
        names = {
            "severe_toxicity": "severe_toxic",
            "profanity": "obscene",
            "threat": "threat",
            "insult": "insult",
            "identity_attack": "identity_hate",
        }
        labels.update({label: _yes(row[name]) for label, name in names.items()})
    return labels


def _youtoxic(row: Row) -> dict[str, bool]:
    return {
        "toxicity": _yes(row["IsToxic"]),
        "threat": _yes(row["IsThreat"]),
        "profanity": _yes(row["IsObscene"]),
        "identity_attack": _yes(row["IsHatespeech"]),
        "spam": False,
    }


def _gab(row: Row) -> dict[str, bool]:
    hate = _yes(row["hate"])
    rude = hate or _yes(row["vo"])
    return _ham({"toxicity": rude, "identity_attack": hate})


def _hate(row: Row) -> dict[str, bool]:
    hate = _yes(row["hate"])
    return _ham({"toxicity": hate, "identity_attack": hate})


def _davidson(row: Row) -> dict[str, bool]:
    return {"toxicity": _yes(row["toxic_any"]), "identity_attack": _yes(row["hate"])}


def _openai(row: Row) -> dict[str, bool]:
    found: dict[str, bool] = {}
    if row["S"]:
        found["sexually_explicit"] = _yes(row["S"])
    if row["H"]:
        found["identity_attack"] = _yes(row["H"])
    return found


def _spam(row: Row) -> dict[str, bool]:
    return {"spam": _yes(row["spam"])}


def _toxic(row: Row) -> dict[str, bool]:
    return _harm(_yes(row["toxic"]))


def _offensive(row: Row) -> dict[str, bool]:
    return _harm(_yes(row["offensive"]))


def _ucc(row: Row) -> dict[str, bool]:
    return _ham({"toxicity": _yes(row["hostile"])})


def _told(row: Row) -> dict[str, bool]:
    judged = {
        "toxicity": _yes(row["toxic"]),
        "insult": row["insult"] not in {"0.0", "0", "1.0"},
        "profanity": row["obscene"] not in {"0.0", "0", "1.0"},
    }
    return _ham(judged)


def _doubtless(row: Row) -> bool:
    return not _yes(row["doubtful"])


def _insult(row: Row) -> dict[str, bool]:
    return _ham(_harm(_yes(row["insult"]), insult=_yes(row["insult"])))


def _news_korean(row: Row) -> dict[str, bool]:
    return _ham(_harm(_yes(row["hate_or_offensive"])))


_BLOG = ("author", "author_url", "title")

PUBLIC: dict[str, PublicSet] = {
    found.name: found
    for found in (
        PublicSet(
            name="jigsaw_wiki",
            labels=_jigsaw,
            may_train=True,
            licence="labels CC0, text CC BY-SA 3.0",
            text="comment_text",
        ),
        PublicSet(
            name="civil_toxic",
            labels=lambda row: {"toxicity": True, "spam": False},
            may_train=True,
            licence="CC0",
            keep=_doubtless,
        ),
        PublicSet(
            name="civil_toxic_spans",
            labels=lambda row: {"toxicity": True, "spam": False},
            may_train=True,
            licence="CC0",
            keep=lambda row: _yes(row["has_span"]),
        ),
        PublicSet(
            name="wiki_debias_negatives",
            labels=lambda row: _ham(_harm(False)),
            may_train=True,
            licence="CC BY-SA",
        ),
        PublicSet(name="youtoxic", labels=_youtoxic, may_train=True, licence="CC0"),
        PublicSet(name="gab_hate", labels=_gab, may_train=True, licence="CC BY 4.0"),
        PublicSet(
            name="stormfront", labels=_hate, may_train=True, licence="CC BY-SA 3.0"
        ),
        PublicSet(name="implicit_hate", labels=_hate, may_train=True, licence="MIT"),
        PublicSet(
            name="davidson_tweets", labels=_davidson, may_train=True, licence="MIT"
        ),
        PublicSet(
            name="openai_moderation", labels=_openai, may_train=True, licence="MIT"
        ),
        PublicSet(
            name="blog_spam",
            labels=_spam,
            may_train=True,
            licence="none stated; weights only",
            about=_BLOG,
        ),
        PublicSet(
            name="youtube_spam",
            labels=_spam,
            may_train=True,
            licence="CC BY 4.0",
            group="video",
        ),
        PublicSet(name="sms_spam", labels=_spam, may_train=True, licence="CC BY 4.0"),
        PublicSet(name="telegram_spam", labels=_spam, may_train=True, licence="MIT"),
        PublicSet(
            name="telegram_spam_ru",
            labels=_spam,
            may_train=True,
            licence="MIT",
            language="ru",
        ),
        PublicSet(
            name="portuguese_told",
            labels=_told,
            may_train=True,
            licence="CC BY-SA",
            language="pt",
        ),
        PublicSet(
            name="korean_news_train",
            labels=_news_korean,
            may_train=True,
            licence="CC BY-SA",
            language="ko",
        ),
        PublicSet(
            name="german_germeval2018_train",
            labels=_offensive,
            may_train=True,
            licence="CC BY 4.0",
            language="de",
        ),
        PublicSet(name="paradetox", labels=_toxic, may_train=False, licence="unclear"),
        PublicSet(
            name="olid_train", labels=_offensive, may_train=False, licence="research"
        ),
        PublicSet(
            name="kaggle_insults_train",
            labels=_insult,
            may_train=False,
            licence="none stated",
        ),
        PublicSet(
            name="ucc_news_val", labels=_ucc, may_train=False, licence="CC BY-NC-SA"
        ),
        PublicSet(
            name="identity_templates",
            labels=lambda row: {"toxicity": _yes(row["toxic"])},
            may_train=False,
            licence="Apache-2.0",
        ),
        PublicSet(
            name="indonesian_gambling",
            labels=_spam,
            may_train=False,
            licence="unclear",
            language="id",
        ),
        PublicSet(
            name="portuguese_hatebr",
            labels=_offensive,
            may_train=False,
            licence="non-commercial",
            language="pt",
        ),
        PublicSet(
            name="korean_unsmile_train",
            labels=_toxic,
            may_train=False,
            licence="NC-ND",
            language="ko",
        ),
    )
}


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, gzipped or not.

    Raises
    ------
    BadExample
        If the file cannot be read as CSV in UTF-8.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
    except (OSError, UnicodeDecodeError, csv.Error, EOFError) as error:
        raise BadExample(f"cannot read {path.name}: {error}") from error


def read_public(folder: Path, name: str) -> list[Example]:
    """Read one public set from ``folder/name.csv.gz``.

    Raises
    ------
    BadExample
        If the set is unknown, or its file cannot be read.
    """
    if name not in PUBLIC:
        raise BadExample(f"unknown data set {name!r}")
    kind = PUBLIC[name]
    path = folder / f"{name}.csv.gz"
    return [_public_example(kind, row) for row in rows(path) if kind.keep(row)]


def _public_example(kind: PublicSet, row: Row) -> Example:
    author, url, title = (row[name] or None if name else None for name in kind.about)
    return Example(
        text=row[kind.text],
        labels=kind.labels(row),
        author_name=author,
        author_url=url,
        article_title=title,
        group=row[kind.group] if kind.group else None,
        source=kind.name,
    )


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


def read_sentences(folder: Path) -> list[Example]:
    """Read news comments sentence by sentence, from the marked toxic spans.

    A sentence without a mark is the only harmless news text there is: all comments of
    the set are toxic as a whole.
    """
    found: list[Example] = []
    for number, row in enumerate(rows(folder / "civil_toxic_spans.csv.gz")):
        if _yes(row["has_span"]):
            marked = set(json.loads(row["spans"]))
            found += _sentences(row["text"], marked, f"row {number}")
    return found


_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
#: Fewer words are no sentence.
SENTENCE_WORDS = 3
#: A sentence with fewer marked characters is neither harmless nor toxic.
MARKED_CHARACTERS = 3


def _sentences(text: str, marked: set[int], group: str) -> Iterator[Example]:
    for match in _SENTENCE.finditer(text):
        count = sum(index in marked for index in range(*match.span()))
        words = match[0].split()
        if len(words) < SENTENCE_WORDS or 0 < count < MARKED_CHARACTERS:
            continue
        yield Example(
            text=match[0].strip(),
            labels=_ham(_harm(count > 0)),
            group=group,
            source="civil_toxic_spans",
        )


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


def read_training(folder: Path) -> list[Example]:
    """Read all public sets that may shape weights, in a fixed order.

    Raises
    ------
    BadExample
        If the folder has none of them.
    """
    found: list[Example] = []
    for name, kind in PUBLIC.items():
        if kind.may_train and (folder / f"{name}.csv.gz").exists():
            found += read_public(folder, name)
            if name == "civil_toxic_spans":
                found += read_sentences(folder)
    if not found:
        raise BadExample(f"there is no public data set in {folder}")
    return found
