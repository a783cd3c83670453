"""Languages in which a site may let the scores of both scorers decide."""

from __future__ import annotations

from classifiers.training.encoder_joining import CLEAR, readable


def test_a_language_is_readable_if_it_was_learned_or_is_told_well() -> None:
    areas = {
        "en": {"toxicity": 0.95},
        "de": {"toxicity": 0.6},
        "es": {"toxicity": CLEAR},
        "fr": {"toxicity": CLEAR - 0.01, "identity_attack": 0.5},
        "ru": {"spam": 0.99},
        "zh": {"identity_attack": 0.9},
    }
    assert readable(["de"], areas) == ["de", "es", "zh"]
