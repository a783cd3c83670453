"""Ids sort by time, are made once, and are read strictly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import identifiers

LARGEST = (1 << 63) - 1
IDS = st.integers(min_value=0, max_value=LARGEST)


@given(IDS)
def test_an_id_comes_back_from_its_public_form(number: int) -> None:
    assert identifiers.decode(identifiers.encode(number)) == number


@given(IDS, IDS)
def test_public_forms_sort_like_the_ids(first: int, second: int) -> None:
    shown = identifiers.encode(first) < identifiers.encode(second)
    assert shown == (first < second)


def test_later_ids_are_larger() -> None:
    made = [identifiers.new_id() for _ in range(1000)]
    assert made == sorted(set(made))


def test_ids_fit_a_signed_64_bit_column() -> None:
    assert 0 < identifiers.new_id() <= LARGEST


def test_threads_never_make_the_same_id() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: identifiers.new_id(), range(4000)))
    assert len(set(made)) == len(made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0" * 12,
        "0" * 14,
        "O" * 13,
        "0p2k4t7c1v9xu",  # no u in the alphabet
        "0P2K4T7C1V9XZ",
        "zzzzzzzzzzzzz",  # over 63 bits
        "8000000000000",
        "0p2k4t7c1v9x\x00",
        "٠" * 13,
        "-000000000001",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        identifiers.decode(text)


def test_the_largest_id_is_read() -> None:
    assert identifiers.decode("7" + "z" * 12) == LARGEST
