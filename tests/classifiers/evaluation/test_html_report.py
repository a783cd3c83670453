"""The report is one page that loads nothing."""

from __future__ import annotations

import numpy as np

from classifiers.evaluation import figures, html_report, slices
from classifiers.serving.fast_scorer import FastScorer
from tests.classifiers.conftest import made_examples


def test_report_stands_alone_and_escapes(small: FastScorer) -> None:
    rows = figures.table(small, {"<b>": made_examples()})
    lists = {"<i>": {"share": 0.5, "range": [0.1, 0.2]}}
    drawn = html_report.curves("<u>", np.array([0.0, 1.0]), np.array([0.2, 0.9]))
    parts = slices.of_sets(small, {"<u>": made_examples()})
    page = html_report.page(small.version, rows, lists, [drawn], parts)
    assert "&lt;b&gt;" in page
    assert "&lt;u&gt;" in page.partition("Toxicity by length")[2]
    assert not any(tag in page for tag in ("<b>", "<i>", "<u>", "http:", "https:"))
