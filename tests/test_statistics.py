"""Agreement beyond chance and shares with intervals, against values worked by hand."""

from __future__ import annotations

import pytest

from moderation.statistics import (
    ConfidenceInterval,
    SampledStratum,
    cohens_kappa,
    part_of_both,
    stratified_share,
    wilson_interval,
)


def pairs(both: int, first: int, second: int, neither: int) -> list[tuple[str, str]]:
    """Return the pairs of a table of two by two."""
    return [
        *[("approve", "approve")] * both,
        *[("approve", "reject")] * first,
        *[("reject", "approve")] * second,
        *[("reject", "reject")] * neither,
    ]


@pytest.mark.parametrize(
    ("table", "observed", "expected", "kappa"),
    [
        # Of 50: 25 and 30 are approved, so by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5.
        ((20, 5, 10, 15), 0.7, 0.5, 0.4),
        # Of 100: 70 and 60 are approved; by chance 0.7 * 0.6 + 0.3 * 0.4 = 0.54.
        ((45, 25, 15, 15), 0.6, 0.54, 0.06 / 0.46),
        # 85 and 70 are approved; by chance 0.85 * 0.7 + 0.15 * 0.3 = 0.64.
        ((65, 20, 5, 10), 0.75, 0.64, 0.11 / 0.36),
        ((10, 0, 0, 10), 1.0, 0.5, 1.0),
        ((0, 10, 10, 0), 0.0, 0.5, -1.0),
    ],
)
def test_kappa_is_agreement_beyond_chance(
    table: tuple[int, int, int, int], observed: float, expected: float, kappa: float
) -> None:
    found = cohens_kappa(pairs(*table))
    assert found.pairs == sum(table)
    assert found.observed == pytest.approx(observed)
    assert found.expected == pytest.approx(expected)
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(kappa)


def test_kappas_interval_follows_from_its_standard_error() -> None:
    # Of the table above with kappa 0.4, by equation 13 of Fleiss, Cohen and Everitt:
    # on the diagonal  0.4 * (1 - 1.1 * 0.6)^2 + 0.3 * (1 - 0.9 * 0.6)^2 = 0.10972,
    # off it           0.6^2 * (0.1 * 1.1^2 + 0.2 * 0.9^2)               = 0.10188,
    # by chance        (0.4 - 0.5 * 0.6)^2                               = 0.01,
    # variance         (0.10972 + 0.10188 - 0.01) / (50 * 0.5^2)         = 0.016128.
    found = cohens_kappa(pairs(20, 5, 10, 15)).kappa
    assert found is not None
    half = 1.959964 * 0.016128**0.5
    assert found.low == pytest.approx(0.4 - half)
    assert found.high == pytest.approx(0.4 + half)


@pytest.mark.parametrize("table", [(0, 0, 0, 0), (7, 0, 0, 0), (0, 0, 0, 7)])
def test_kappa_is_silent_where_nothing_could_differ(
    table: tuple[int, int, int, int],
) -> None:
    assert cohens_kappa(pairs(*table)).kappa is None


def test_the_order_of_the_raters_makes_no_difference() -> None:
    there = cohens_kappa(pairs(45, 25, 15, 15)).kappa
    back = cohens_kappa(pairs(45, 15, 25, 15)).kappa
    assert there is not None
    assert back is not None
    assert (there.low, there.high) == pytest.approx((back.low, back.high))


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        # z^2 / (n + z^2) = 3.841459 / 13.841459
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        # Centre (0.5 + 1.920729 / 100) / 1.03841459 = 0.5, half 0.096154.
        (50, 100, 0.403832, 0.596168),
    ],
)
def test_wilsons_interval(successes: int, trials: int, low: float, high: float) -> None:
    found = wilson_interval(successes, trials)
    assert found is not None
    assert found.value == successes / trials
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-5)


def test_no_trials_have_no_share() -> None:
    assert wilson_interval(0, 0) is None


def test_samples_of_unequal_parts_are_weighed() -> None:
    big = SampledStratum(hits=1, sample=10, population=900)
    small = SampledStratum(hits=5, sample=10, population=100)
    found = stratified_share([big, small])
    assert found is not None
    assert found.value == pytest.approx(0.9 * 0.1 + 0.1 * 0.5)
    assert found.low < found.value < found.high
    whole = stratified_share([SampledStratum(hits=0, sample=50, population=50)])
    assert whole == ConfidenceInterval(value=0.0, low=0.0, high=0.0)
    assert stratified_share([]) is None


def test_one_large_stratum_has_wilsons_interval() -> None:
    found = stratified_share([SampledStratum(hits=3, sample=40, population=10**9)])
    plain = wilson_interval(3, 40)
    assert found is not None
    assert plain is not None
    assert found.low == pytest.approx(plain.low)
    assert found.high == pytest.approx(plain.high)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # Nothing found: the part is 0, and at most what the limits leave.
        ((0, 0, 5), (10, 8, 12), 0.0),
        ((10, 8, 12), (0, 0, 5), 1.0),
        ((0, 0, 5), (0, 0, 5), None),
        ((3, 1, 9), (1, 0.5, 2), 0.75),
    ],
)
def test_a_part_of_both_lies_within_its_interval(
    first: tuple[float, float, float],
    second: tuple[float, float, float],
    expected: float | None,
) -> None:
    one, other = (
        ConfidenceInterval(value=value, low=low, high=high)
        for value, low, high in (first, second)
    )
    found = part_of_both(one, other)
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert found.value == expected
    assert 0 <= found.low <= found.value <= found.high <= 1
