"""What thresholds of Perspective become here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from classifiers.evaluation import perspective_thresholds
from classifiers.pretrained import default_model
from classifiers.serving.document import Document
from moderation.cli.main import main

WORDS = ["ferry", "bridge", "idiot", "moron", "thanks", "bus", "stupid", "river"]


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["carry-thresholds", *arguments])


def test_a_monotone_relation_is_found_again() -> None:
    ours = np.random.default_rng(1).random(2000)
    found = perspective_thresholds.fit(
        "TOXICITY", list(ours), list(ours**2), [0.25, 0.81]
    )
    assert found.rank_correlation > 0.99
    assert found.mean_error < 0.01
    assert [each.ours for each in found.carried] == pytest.approx([0.5, 0.9], abs=0.02)
    for each in found.carried:
        assert abs(each.held_ours - each.held_theirs) < 20
        assert each.held_both <= min(each.held_ours, each.held_theirs)


def test_a_threshold_that_nothing_reaches_is_none() -> None:
    ours = list(np.linspace(0, 1, 100))
    found = perspective_thresholds.fit("SPAM", ours, [0.1] * 100, [0.5])
    assert found.carried[0].ours == float("inf")
    assert "none" in "\n".join(perspective_thresholds.table(found))


def test_too_few_texts_are_said_to_be() -> None:
    with pytest.raises(perspective_thresholds.TooFewTexts):
        perspective_thresholds.fit("SPAM", [0.5] * 49, [0.5] * 49, [0.5])


def test_the_command_reads_kept_answers_and_writes_the_mapping(tmp_path: Path) -> None:
    scorer, random = default_model.load(), np.random.default_rng(2)
    lines = []
    for number in range(120):
        text = " ".join(random.choice(WORDS, size=6))
        value = scorer.score(Document(text=text))["toxicity"] ** 2
        scores: dict[str, Any] = {"TOXICITY": {"summaryScore": {"value": value}}}
        if number % 2:
            scores = {"TOXICITY": value, "INCOHERENT": 0.5}
        lines.append(json.dumps({"text": text, "attributeScores": scores}))
    file, out = tmp_path / "kept.jsonl", tmp_path / "mapping.json"
    file.write_text("\n".join(lines) + "\n\n")
    done = run(str(file), "--threshold", "0.7", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "TOXICITY: 120 texts" in done.output
    written = json.loads(out.read_text())
    assert list(written["attributes"]) == ["TOXICITY"]
    assert written["model_version"] == scorer.version


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"text": "a"}', '{"text": "a", "attributeScores": {"SPAM": 2}}'],
)
def test_a_line_that_can_not_be_read_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "kept.jsonl"
    file.write_text(line + "\n")
    done = run(str(file))
    assert done.exit_code == 1
    assert "line 1" in done.output


def test_nothing_to_fit_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    file.write_text('{"text": "a", "attributeScores": {"SPAM": 0.5}}\n')
    assert run(str(file)).exit_code == 1
