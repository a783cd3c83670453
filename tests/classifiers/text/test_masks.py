"""Words behind several signs are read."""

from __future__ import annotations

import pytest

from classifiers.text import masks, normalization


@pytest.mark.parametrize(
    ("core", "word"),
    [
        ("sh**", "shit"),
        ("b*****d", "bastard"),
        ("m#r#n", "moron"),
        ("f**king", "fucking"),
        ("bi**h", "bitch"),
    ],
)
def test_mask_is_read(core: str, word: str) -> None:
    assert word in list(masks.readings(core))


@pytest.mark.parametrize(
    "core", ["x", "shop", "c++", "50%", "a+b", "f*******", "***", "_"]
)
def test_no_mask(core: str) -> None:
    assert list(masks.readings(core)) == []


def test_an_emoji_hides_letters() -> None:
    assert "nudes" in normalization.fold("n🍑des").readings
