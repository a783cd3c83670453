"""Examples are read as they are, and never stand on both sides of a split."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from classifiers.data import datasets, public
from classifiers.data.contrasts import identity
from classifiers.data.datasets import Example
from classifiers.errors import BadExample


def example(text: str, **about: object) -> Example:
    return Example(text=text, labels={"toxicity": False}, **about)  # type: ignore[arg-type]


def write_set(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    with gzip.open(folder / f"{name}.csv.gz", "wt", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_unknown_label_is_refused() -> None:
    with pytest.raises(BadExample, match="beauty"):
        Example(text="x", labels={"beauty": True})


def test_negative_weight_is_refused() -> None:
    with pytest.raises(BadExample, match="weight"):
        example("x", weight=-1.0)


def test_missing_labels_stay_missing(tmp_path: Path) -> None:
    row = {
        "comment_text": "go away",
        "toxic": "1",
        "severe_toxic": "",
        "obscene": "",
        "threat": "",
        "insult": "",
        "identity_hate": "",
        "has_all_6_labels": "0",
    }
    write_set(tmp_path, "jigsaw_wiki", [row])
    (example,) = public.read_public(tmp_path, "jigsaw_wiki")
    assert example.labels == {"toxicity": True, "spam": False}


def test_doubtful_rows_are_left_out(tmp_path: Path) -> None:
    rows = [{"text": "a", "doubtful": "1"}, {"text": "b", "doubtful": "0"}]
    write_set(tmp_path, "civil_toxic", rows)
    assert [e.text for e in public.read_public(tmp_path, "civil_toxic")] == ["b"]


def test_unmarked_sentence_is_harmless(tmp_path: Path) -> None:
    text = "The bus was late again. The driver is an oaf! Thank you."
    marked = list(range(text.index("oaf"), text.index("oaf") + 3))
    row = {"text": text, "spans": json.dumps(marked), "has_span": "1"}
    write_set(tmp_path, "civil_toxic_spans", [row])
    sentences = public.read_sentences(tmp_path)
    assert [(e.text, e.labels["toxicity"]) for e in sentences] == [
        ("The bus was late again.", False),
        ("The driver is an oaf!", True),
    ]


def test_unknown_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadExample, match="nothing"):
        public.read_public(tmp_path, "nothing")


def test_damaged_set_is_refused(tmp_path: Path) -> None:
    (tmp_path / "civil_toxic.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(BadExample, match="civil_toxic"):
        public.read_public(tmp_path, "civil_toxic")


def test_empty_folder_has_nothing_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(BadExample):
        public.read_training(tmp_path)


def test_jsonl_is_read(tmp_path: Path) -> None:
    path = tmp_path / "examples.jsonl"
    path.write_text(
        '{"text": "a", "labels": {"spam": true}, "group": "g",'
        ' "written_at": "2026-01-02T03:04:05"}\n\n{"text": "b"}\n'
    )
    first, second = datasets.read_jsonl(path)
    assert first.written_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (first.labels, second.labels) == ({"spam": True}, {})


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        '{"text": 1}',
        '{"text": "a", "labels": {"spam": 1}}',
        '{"text": "a", "labels": {"beauty": true}}',
        '{"text": "a", "colour": "red"}',
        '{"text": "a", "written_at": "yesterday"}',
    ],
)
def test_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "examples.jsonl"
    path.write_text('{"text": "fine"}\n' + line + "\n")
    with pytest.raises(BadExample, match="line 2"):
        datasets.read_jsonl(path)


def test_fingerprint_ignores_order_but_not_labels() -> None:
    one, two = example("one"), example("two")
    other = Example(text="one", labels={"toxicity": True})
    assert datasets.fingerprint([one, two]) == datasets.fingerprint([two, one])
    assert datasets.fingerprint([one]) != datasets.fingerprint([other])


def test_copies_share_a_group() -> None:
    long = "this is one and the same long advertisement for shoes"
    groups = datasets.near_duplicate_groups(
        [
            example(f"hello! {long} 1"),
            example("something else"),
            example(f"{long} — 22"),
            example("Something, ELSE!!"),
            example("x", group="g"),
            example("y", group="g"),
        ]
    )
    assert groups == [0, 1, 0, 1, 4, 4]


def test_split_puts_the_later_aside_and_keeps_groups_whole() -> None:
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 11)]
    examples = [
        example(f"comment number {'x' * day.day}", written_at=day) for day in days
    ]
    copy = example("comment number x", written_at=datetime(2026, 2, 1, tzinfo=UTC))
    early, late = datasets.split_by_time([*examples, copy], 0.3)
    assert copy in early
    assert {e.text for e in early}.isdisjoint(e.text for e in late)
    assert max(len(e.text) for e in early) < min(len(e.text) for e in late)


def test_held_out_tenth_is_always_the_same() -> None:
    examples = [example(chr(97 + n % 26) * (1 + n // 26) + " end") for n in range(300)]
    first = datasets.held_out(examples)
    assert first == datasets.held_out(examples)
    assert 10 <= sum(first) <= 60


def test_every_group_stands_in_fine_and_foul_sentences() -> None:
    examples = identity.examples()
    toxic = sum(e.labels["toxicity"] for e in examples)
    assert toxic == len(examples) - toxic
    assert len({e.text for e in examples}) == len(examples)
