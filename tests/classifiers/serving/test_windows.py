"""Padding does not hide what a part of a comment says."""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.serving import windows
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer

PADDING = (
    "The market opens at nine and closes at noon, and the bakery next to it sells "
    "bread and rolls, so that most of us meet there on a Saturday before we walk home. "
)
INSULT = "You are a stupid idiot. "


@pytest.mark.parametrize("count", [0, 1, windows.MIN_TOKENS - 1])
def test_short_comments_have_no_windows(count: int) -> None:
    assert windows.bounds(count) == []


@pytest.mark.parametrize("count", [windows.MIN_TOKENS, 57, 1000])
def test_windows_cover_all_tokens(count: int) -> None:
    covered = np.zeros(count, int)
    for start, end in windows.bounds(count):
        assert windows.BLOCK < end - start <= 2 * windows.BLOCK
        covered[start:end] += 1
    assert covered.min() >= 1


@pytest.mark.parametrize("times", [1, 3, 20])
def test_padding_hides_no_insult(shipped: FastScorer, times: int) -> None:
    cut = shipped.manifest["thresholds"]["toxicity"]["review_at"]
    text = PADDING * times + INSULT + PADDING * times
    assert shipped.score(Document(text=PADDING * times))["toxicity"] < cut
    assert shipped.score(Document(text=text))["toxicity"] >= cut


@pytest.mark.parametrize(
    "text",
    [
        PADDING * 2 + INSULT + PADDING,
        INSULT + PADDING,
        PADDING,
        PADDING + "y o u i d i o t " + PADDING,
        f'He said "{INSULT}" to us. ' + PADDING,
    ],
)
def test_pushes_add_up_and_batches_agree(shipped: FastScorer, text: str) -> None:
    document = Document(text=text)
    others = [Document(text=one) for one in ("a", PADDING * 3, "you fool")]
    many = shipped.score_many([*others, document, *others])
    assert many[3] == shipped.score(document)
    for column, label in enumerate(shipped.labels):
        odds = shipped.weights.intercept[column] + sum(shipped.pushes(document, label))
        assert many[3][label] == pytest.approx(1 / (1 + np.exp(-odds)), abs=2e-6)


def test_the_explanation_points_into_the_window(shipped: FastScorer) -> None:
    text = PADDING * 3 + INSULT + PADDING * 3
    spans = shipped.explain(Document(text=text), "toxicity")
    strongest = max(spans, key=lambda span: span.share)
    assert text[strongest.start : strongest.end] in {"stupid", "idiot"}
