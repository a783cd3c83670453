"""The scorer that ships is a real one."""

from __future__ import annotations

from classifiers.pretrained import default_model
from classifiers.serving.document import Document


def test_insult_scores_above_thanks() -> None:
    scorer = default_model.load()
    rude = scorer.score(Document(text="You are a stupid idiot"))
    kind = scorer.score(Document(text="Thank you for this careful article"))
    assert rude["toxicity"] > 0.9 > 0.1 > kind["toxicity"]
