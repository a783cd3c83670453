"""Rows of public sets become examples with the labels that they tell."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from classifiers.data.datasets import HARMS
from classifiers.data.public import PUBLIC, read_public

NONE = dict.fromkeys(HARMS, False)
SHARES = {
    "toxicity": "0.9",
    "severe_toxicity": "0.0",
    "obscene": "0.3",
    "threat": "0.1",
    "insult": "0.5",
    "identity_attack": "0.2",
    "sexual_explicit": "0.0",
}
UNSCORED = dict.fromkeys(SHARES, "")
CASES: tuple[tuple[str, dict[str, str], dict[str, bool] | None], ...] = (
    ("civil_comments", {"toxic": "0", **UNSCORED}, {**NONE, "spam": False}),
    ("civil_comments", {"toxic": "1", **UNSCORED}, {"toxicity": True, "spam": False}),
    (
        "civil_comments",
        {"toxic": "1", **SHARES},
        {
            "toxicity": True,
            "severe_toxicity": False,
            "threat": False,
            "insult": True,
            "identity_attack": False,
            "sexually_explicit": False,
            "spam": False,
        },
    ),
    ("polis_opinions", {"toxic": "0", "lang": "en"}, {**NONE, "spam": False}),
    ("polis_opinions", {"toxic": "0", "lang": "de"}, None),
    ("polis_opinions_de", {"toxic": "0", "lang": "de"}, {**NONE, "spam": False}),
    ("wiki_context", {"toxic": "1"}, None),
    ("wiki_context", {"toxic": "0"}, {**NONE, "spam": False}),
    ("convabuse", {"abusive": "1"}, {"toxicity": True, "spam": False}),
    (
        "korean_kmhas_news",
        {"toxic": "1", "profanity": "0"},
        {"toxicity": True, "profanity": False, "spam": False},
    ),
    # What is no hatred of a group may be an insult: it tells no other label.
    ("german_gahd", {"hate": "0"}, {"identity_attack": False}),
    ("polish_poleval", {"hate": "1"}, {"identity_attack": True}),
    ("chinese_cold", {"offensive": "0"}, {"identity_attack": False}),
    (
        "hatemoji_build",
        {"hate": "1", "threat": "1"},
        {"identity_attack": True, "toxicity": True, "threat": True},
    ),
    (
        "hatemoji_build",
        {"hate": "0", "threat": "0"},
        {"identity_attack": False, "threat": False},
    ),
    ("x_scam", {"spam": "", "promo": "0"}, None),
    ("x_scam", {"spam": "", "promo": "1"}, {"spam": True}),
    ("x_scam", {"spam": "0", "promo": "0"}, {"spam": False}),
    ("telegram_spam_multi", {"lang": "zh"}, {"spam": True}),
    ("c3_news_measure", {"toxic": "0", "clear": "0", "article": "1"}, None),
    (
        "edos_sexism",
        {"sexist": "1", "threat": "0"},
        {"identity_attack": True, "threat": False},
    ),
    (
        "political_incivility",
        {"uncivil": "1", "intolerant": ""},
        {"toxicity": True, "spam": False},
    ),
    (
        "indonesian_multilabel",
        {"toxic": "1", "hate": "0"},
        {"toxicity": True, "identity_attack": False},
    ),
    (
        "french_mlma",
        {"toxic": "1", "hateful": "0"},
        {"toxicity": True, "identity_attack": False},
    ),
    (
        "japanese_toxic",
        {"toxic": "0", "profanity": "0"},
        {"toxicity": False, "profanity": False},
    ),
    ("xstest_double_meanings", {"unsafe": "0"}, {"toxicity": False}),
)


@pytest.mark.parametrize(("name", "row", "labels"), CASES)
def test_row_tells_its_labels(
    tmp_path: Path, name: str, row: dict[str, str], labels: dict[str, bool] | None
) -> None:
    row = {"text": "a text of our own", **row}
    with gzip.open(PUBLIC[name].path(tmp_path), "wt", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(row))
        writer.writeheader()
        writer.writerow(row)
    told = [dict(example.labels) for example in read_public(tmp_path, name)]
    assert told == ([] if labels is None else [labels])


def test_every_set_has_a_license_and_a_language() -> None:
    for name, kind in PUBLIC.items():
        assert kind.license, name
        assert len(kind.language) == 2
