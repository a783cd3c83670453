"""Workers share what is built before they are forked."""

from __future__ import annotations

from classifiers.text import languages, tokens
from moderation.models.serving import Scoring


def test_a_warm_process_has_what_the_first_text_needs() -> None:
    scoring = Scoring()
    languages._detector.cache_clear()
    tokens._powers.cache_clear()
    scoring.warm_up()
    assert languages._detector.cache_info().currsize == 1
    assert tokens._powers.cache_info().currsize == 1


def test_without_a_model_there_is_nothing_to_warm_up() -> None:
    scoring = Scoring("no-such-model.safetensors")
    assert scoring.default is None
    scoring.warm_up()
