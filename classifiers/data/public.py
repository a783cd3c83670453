"""Public data sets: how each is read, and what it may be used for."""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from classifiers.data import hate_sets, news_sets, spam_sets
from classifiers.data.datasets import Example
from classifiers.data.public_set import PublicSet, Row, ham, harm, is_yes
from classifiers.errors import BadExample


def _jigsaw(row: Row) -> dict[str, bool]:
    labels = {"toxicity": is_yes(row["toxic"]), "spam": False}
    if is_yes(row["has_all_6_labels"]):
        names = {
            "severe_toxicity": "severe_toxic",
            "profanity": "obscene",
            "threat": "threat",
            "insult": "insult",
            "identity_attack": "identity_hate",
        }
        labels.update({label: is_yes(row[name]) for label, name in names.items()})
    return labels


def _youtoxic(row: Row) -> dict[str, bool]:
    return {
        "toxicity": is_yes(row["IsToxic"]),
        "threat": is_yes(row["IsThreat"]),
        "profanity": is_yes(row["IsObscene"]),
        "identity_attack": is_yes(row["IsHatespeech"]),
        "spam": False,
    }


def _gab(row: Row) -> dict[str, bool]:
    hate = is_yes(row["hate"])
    rude = hate or is_yes(row["vo"])
    return ham({"toxicity": rude, "identity_attack": hate})


def _hate(row: Row) -> dict[str, bool]:
    hate = is_yes(row["hate"])
    return ham({"toxicity": hate, "identity_attack": hate})


def _davidson(row: Row) -> dict[str, bool]:
    return {
        "toxicity": is_yes(row["toxic_any"]),
        "identity_attack": is_yes(row["hate"]),
    }


def _openai(row: Row) -> dict[str, bool]:
    labels: dict[str, bool] = {}
    if row["S"]:
        labels["sexually_explicit"] = is_yes(row["S"])
    if row["H"]:
        labels["identity_attack"] = is_yes(row["H"])
    if row["SH"]:
        labels["self_harm"] = is_yes(row["SH"])
    return labels


def _spam(row: Row) -> dict[str, bool]:
    return {"spam": is_yes(row["spam"])}


def _toxic(row: Row) -> dict[str, bool]:
    return harm(is_yes(row["toxic"]))


def _offensive(row: Row) -> dict[str, bool]:
    return harm(is_yes(row["offensive"]))


def _ucc(row: Row) -> dict[str, bool]:
    return ham({"toxicity": is_yes(row["hostile"])})


def _told_br(row: Row) -> dict[str, bool]:
    judged = {
        "toxicity": is_yes(row["toxic"]),
        "insult": row["insult"] not in {"0.0", "0", "1.0"},
        "profanity": row["obscene"] not in {"0.0", "0", "1.0"},
    }
    return ham(judged)


def _doubtless(row: Row) -> bool:
    return not is_yes(row["doubtful"])


def _insult(row: Row) -> dict[str, bool]:
    return ham(harm(is_yes(row["insult"]), insult=is_yes(row["insult"])))


def _news_korean(row: Row) -> dict[str, bool]:
    return ham(harm(is_yes(row["hate_or_offensive"])))


_BLOG = ("author", "author_url", "title")

PUBLIC: dict[str, PublicSet] = {
    public.name: public
    for public in (
        PublicSet(
            name="jigsaw_wiki",
            labels=_jigsaw,
            may_train=True,
            license="labels CC0, text CC BY-SA 3.0",
            text="comment_text",
        ),
        PublicSet(
            name="civil_toxic",
            labels=lambda row: {"toxicity": True, "spam": False},
            may_train=True,
            license="CC0",
            keep=_doubtless,
        ),
        PublicSet(
            name="civil_toxic_spans",
            labels=lambda row: {"toxicity": True, "spam": False},
            may_train=True,
            license="CC0",
            keep=lambda row: is_yes(row["has_span"]),
        ),
        PublicSet(
            name="wiki_debias_negatives",
            labels=lambda row: ham(harm(False)),
            may_train=True,
            license="CC BY-SA",
        ),
        PublicSet(name="youtoxic", labels=_youtoxic, may_train=True, license="CC0"),
        PublicSet(name="gab_hate", labels=_gab, may_train=True, license="CC BY 4.0"),
        PublicSet(
            name="stormfront", labels=_hate, may_train=True, license="CC BY-SA 3.0"
        ),
        PublicSet(name="implicit_hate", labels=_hate, may_train=True, license="MIT"),
        PublicSet(
            name="davidson_tweets", labels=_davidson, may_train=True, license="MIT"
        ),
        PublicSet(
            name="openai_moderation", labels=_openai, may_train=True, license="MIT"
        ),
        PublicSet(
            name="blog_spam",
            labels=_spam,
            may_train=True,
            license="none stated; weights only",
            about=_BLOG,
        ),
        PublicSet(
            name="youtube_spam",
            labels=_spam,
            may_train=True,
            license="CC BY 4.0",
            group="video",
        ),
        PublicSet(name="sms_spam", labels=_spam, may_train=True, license="CC BY 4.0"),
        PublicSet(name="telegram_spam", labels=_spam, may_train=True, license="MIT"),
        PublicSet(
            name="telegram_spam_ru",
            labels=_spam,
            may_train=True,
            license="MIT",
            language="ru",
        ),
        PublicSet(
            name="portuguese_told",
            labels=_told_br,
            may_train=True,
            license="CC BY-SA",
            language="pt",
        ),
        PublicSet(
            name="korean_news_train",
            labels=_news_korean,
            may_train=True,
            license="CC BY-SA",
            language="ko",
        ),
        PublicSet(
            name="german_germeval2018_train",
            labels=_offensive,
            may_train=True,
            license="CC BY 4.0",
            language="de",
        ),
        PublicSet(name="paradetox", labels=_toxic, may_train=False, license="unclear"),
        PublicSet(
            name="olid_train", labels=_offensive, may_train=False, license="research"
        ),
        PublicSet(
            name="kaggle_insults_train",
            labels=_insult,
            may_train=False,
            license="none stated",
        ),
        PublicSet(
            name="ucc_news_val", labels=_ucc, may_train=False, license="CC BY-NC-SA"
        ),
        PublicSet(
            name="identity_templates",
            labels=lambda row: {"toxicity": is_yes(row["toxic"])},
            may_train=False,
            license="Apache-2.0",
        ),
        PublicSet(
            name="indonesian_gambling",
            labels=_spam,
            may_train=False,
            license="unclear",
            language="id",
        ),
        PublicSet(
            name="portuguese_hatebr",
            labels=_offensive,
            may_train=False,
            license="non-commercial",
            language="pt",
        ),
        PublicSet(
            name="korean_unsmile_train",
            labels=_toxic,
            may_train=False,
            license="NC-ND",
            language="ko",
        ),
        *news_sets.SETS,
        *hate_sets.SETS,
        *spam_sets.SETS,
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
    path = kind.path(folder)
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


def read_sentences(folder: Path) -> list[Example]:
    """Read news comments sentence by sentence, from the marked toxic spans.

    A sentence without a mark is the only harmless news text there is: all comments of
    the set are toxic as a whole.
    """
    examples: list[Example] = []
    for number, row in enumerate(rows(folder / "civil_toxic_spans.csv.gz")):
        if is_yes(row["has_span"]):
            marked = set(json.loads(row["spans"]))
            examples += _sentences(row["text"], marked, f"row {number}")
    return examples


_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
#: A sentence has so many words.
MIN_WORDS = 3
#: A sentence with fewer marked characters is neither harmless nor toxic.
MIN_MARKED = 3


def _sentences(text: str, marked: set[int], group: str) -> Iterator[Example]:
    for match in _SENTENCE.finditer(text):
        count = sum(index in marked for index in range(*match.span()))
        words = match[0].split()
        if len(words) < MIN_WORDS or 0 < count < MIN_MARKED:
            continue
        yield Example(
            text=match[0].strip(),
            labels=ham(harm(count > 0)),
            group=group,
            source="civil_toxic_spans",
        )


def read_training(folder: Path) -> list[Example]:
    """Read all public sets that may shape weights, in a fixed order.

    Raises
    ------
    BadExample
        If the folder has none of them.
    """
    examples: list[Example] = []
    for name, kind in PUBLIC.items():
        if kind.may_train and kind.path(folder).exists():
            examples += read_public(folder, name)
            if name == "civil_toxic_spans":
                examples += read_sentences(folder)
    if not examples:
        raise BadExample(f"there is no public data set in {folder}")
    return examples
