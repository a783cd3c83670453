"""The benchmark of agreement with Perspective, on made-up texts and scores."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from benchmarks import perspective_agreement as agreement
from classifiers.data import datasets
from classifiers.evaluation import perspective_thresholds

RUDE = "You are a complete idiot, number {}."
KIND = "The ferry to island number {} leaves at nine and was never cheap."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a scored set of 80 texts, of which two shaped weights."""
    with (tmp_path / "gn.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "label", "api", "parent"])
        for number in range(40):
            rows.writerow([number, RUDE.format(number), 1, 0.9 + number / 1000, ""])
            rows.writerow([number, KIND.format(number), 0, 0.1 + number / 1000, ""])
    learnt = [RUDE.format(number) for number in range(40)]
    learnt = [text for text in learnt if not datasets.is_held_out(text)][:2]
    with gzip.open(tmp_path / "wiki_context.csv.gz", "wt", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "toxic", "context"])
        rows.writerows([text.upper(), 1, ""] for text in learnt)
    return tmp_path


def test_the_tables_hold_both_services_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agreement.main([str(folder)])
    output = capsys.readouterr().out
    assert "Wikipedia, 2019: 80 texts, 78 that shaped no weights" in output
    compared, threshold = (
        line
        for line in output.splitlines()
        if line.startswith("| Wikipedia") and "0.9 →" not in line
    )
    assert "| 38 of 78 |" in compared
    assert compared.endswith("| 1.00 (1.00–1.00) | 1.00 (1.00–1.00) |")
    assert "0.7 → " in threshold
    assert threshold.count("100% (100%–100%)") >= 5


def test_a_threshold_that_no_score_reaches_is_none() -> None:
    texts = np.arange(100)
    compared = agreement.Compared(
        name="made up",
        attribute="TOXICITY",
        ours=texts / 1000,
        theirs=texts / 100,
        people=np.full(100, np.nan),
    )
    halves = perspective_thresholds.halves(100)
    cut, theirs, ours, *rest = agreement.threshold_figures(compared, 1.0, *halves)
    assert (cut, theirs, ours) == (np.inf, 0, 0)
    assert np.isnan(rest).all()
    assert agreement.carried(cut, np.array([cut, 0.5])) == "none (0.50–none)"
