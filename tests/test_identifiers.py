"""Ids sort by time, are made once, and are read strictly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation import identifiers

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = (1 << 63) - 1
IDS = st.integers(min_value=-LARGEST - 1, max_value=LARGEST)
LATER = st.integers(min_value=0, max_value=LARGEST)  # since 2024
MOMENTS = st.integers(min_value=0, max_value=3_786_825_600_000_000).map(
    lambda microseconds: EPOCH + timedelta(microseconds=microseconds)
)  # 1970 to 2089


@given(IDS)
def test_an_id_comes_back_from_its_public_form(number: int) -> None:
    assert identifiers.decode(identifiers.encode(number)) == number


@given(LATER, LATER)
def test_public_forms_sort_like_the_ids(first: int, second: int) -> None:
    shown = identifiers.encode(first) < identifiers.encode(second)
    assert shown == (first < second)


@given(IDS, IDS, IDS)
def test_threads_sort_like_the_ids_before_2024_too(
    first: int, second: int, above: int
) -> None:
    one, other = map(identifiers.thread_part, (first, second))
    assert (one < other) == (first < second)
    assert identifiers.read_thread(identifiers.thread_part(above) + one) == [
        above,
        first,
    ]


@given(st.lists(MOMENTS, min_size=1))
def test_ids_of_earlier_moments_sort_by_them_and_give_them_back(
    moments: list[datetime],
) -> None:
    moments.sort()
    ids = identifiers.new_ids(moments)
    assert ids == sorted({*ids})
    for number, moment in zip(ids, moments, strict=True):
        assert timedelta() <= moment - identifiers.moment_of(number)
        assert moment - identifiers.moment_of(number) < timedelta(milliseconds=1)
        assert identifiers.first_id(moment) <= number


def test_an_id_of_2015_comes_before_every_id_that_sites_already_hold() -> None:
    (old,) = identifiers.new_ids([datetime(2015, 3, 5, tzinfo=UTC)])
    assert old < 0 <= identifiers.first_id(datetime(2024, 1, 1, tzinfo=UTC))
    assert identifiers.thread_part(old) < identifiers.thread_part(0)


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
        "zzzzzzzzzzzzz",  # over 64 bits
        "g000000000000",
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


@pytest.mark.parametrize("thread", ["", "0" * 12, "8" + "0" * 12, "'" + "0" * 12])
def test_what_is_no_thread_is_refused(thread: str) -> None:
    with pytest.raises(ValueError, match=r"not an? (id|thread)"):
        identifiers.read_thread(thread)
