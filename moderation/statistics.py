"""Agreement between raters, and shares, with 95% confidence intervals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Z_95 = 1.959964  # two-sided 95% of the normal distribution


@dataclass(frozen=True, kw_only=True)
class ConfidenceInterval:
    """A figure with its 95% confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Kappa:
    """Cohen's kappa of two raters."""

    pairs: int  #: things that both have judged
    observed: float  #: share on which they agree, 0 to 1
    expected: float  #: share on which they would by chance, 0 to 1
    kappa: (
        ConfidenceInterval | None
    )  #: -1 to 1; None: chance alone explains all, or no pairs


def cohens_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> Kappa:
    """Return the agreement of two raters beyond chance.

    `(observed - expected) / (1 - expected)`: 1 is full agreement, 0 what chance gives.
    It says nothing where both only ever gave one and the same verdict: None.

    Source
    ------
    J. Cohen, "A coefficient of agreement for nominal scales", Educational and
    Psychological Measurement 20 (1960), 37-46. The standard error for the interval is
    the one of J. L. Fleiss, J. Cohen and B. S. Everitt, "Large sample standard errors
    of kappa and weighted kappa", Psychological Bulletin 72 (1969), 323-327, eq. 13; the
    interval is cut to -1 and 1.

    >>> pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5
    >>> pairs += [("no", "yes")] * 10 + [("no", "no")] * 15
    >>> round(cohens_kappa(pairs).kappa.value, 3)
    0.4
    """
    count = len(pairs)
    if not count:
        return Kappa(pairs=0, observed=0.0, expected=0.0, kappa=None)
    first = Counter(one for one, _ in pairs)
    second = Counter(other for _, other in pairs)
    names = first.keys() | second.keys()
    observed = sum(one == other for one, other in pairs) / count
    expected = sum(first[name] * second[name] for name in names) / count**2
    if expected == 1:
        return Kappa(pairs=count, observed=observed, expected=expected, kappa=None)
    value = (observed - expected) / (1 - expected)
    error = _standard_error(pairs, first, second, observed, expected, value)
    return Kappa(
        pairs=count,
        observed=observed,
        expected=expected,
        kappa=ConfidenceInterval(
            value=value,
            low=max(-1.0, value - Z_95 * error),
            high=min(1.0, value + Z_95 * error),
        ),
    )


def _standard_error(
    pairs: Sequence[tuple[Hashable, Hashable]],
    first: Counter[Hashable],
    second: Counter[Hashable],
    observed: float,
    expected: float,
    kappa: float,
) -> float:
    """Return the standard error of kappa (Fleiss, Cohen and Everitt 1969, eq. 13)."""
    count = len(pairs)
    on_diagonal = off_diagonal = 0.0
    for (one, other), number in Counter(pairs).items():
        share = number / count
        if one == other:
            both = (first[one] + second[one]) / count
            on_diagonal += share * (1 - both * (1 - kappa)) ** 2
        else:
            crossed = (second[one] + first[other]) / count
            off_diagonal += share * crossed**2
    off_diagonal *= (1 - kappa) ** 2
    chance = (kappa - expected * (1 - kappa)) ** 2
    variance = (on_diagonal + off_diagonal - chance) / (count * (1 - expected) ** 2)
    return math.sqrt(max(0.0, variance))


def wilson_interval(successes: int, trials: int) -> ConfidenceInterval | None:
    """Return a share with its Wilson interval; None without trials.

    Source
    ------
    E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22 (1927), 209-212.

    >>> wilson_interval(0, 10)
    ConfidenceInterval(value=0.0, low=0.0, high=0.277...)
    """
    if not trials:
        return None
    share, square = successes / trials, Z_95**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    spread = share * (1 - share) / trials + square / (4 * trials**2)
    half = Z_95 * math.sqrt(spread) / (1 + square / trials)
    return ConfidenceInterval(
        value=share,
        low=0.0 if successes == 0 else middle - half,
        high=1.0 if successes == trials else middle + half,
    )


@dataclass(frozen=True, kw_only=True)
class SampledStratum:
    """A random sample of one part of a finite population."""

    #: 0 <= hits <= sample; no whole numbers where observations are weighted, and the
    #: sample is what it is worth: `(sum of w)^2 / (sum of w^2)`
    hits: float
    sample: float  #: over 0
    population: int  #: `sample` or more


def stratified_share(strata: Sequence[SampledStratum]) -> ConfidenceInterval | None:
    """Return a share of a finite population with its interval, from samples of parts.

    The share is `sum of N_h p_h / N`. The interval is Wilson's, with the size of a
    sample of equal weights that is worth as much, `N^2 / sum of (N_h^2 f_h / n_h)`,
    where `f_h = (N_h - n_h) / (N_h - 1)`. Without uncertainty, as everything was
    sampled, both limits are the share. None: there are no strata.

    It suits parts whose shares don't differ much; add up others by `weighted_sum`.

    Source
    ------
    The share, and the correction f for finite populations: W. G. Cochran, "Sampling
    Techniques", 3rd edition (Wiley, 1977), sections 5.3 and 3.2. The worth of a
    weighted sample: L. Kish, "Survey Sampling" (Wiley, 1965), section 11.7. Wilson's
    interval with it: N. Dean and M. Pagano, "Evaluating confidence interval methods for
    binomial proportions in clustered surveys", Journal of Survey Statistics and
    Methodology 3 (2015), 484-503.

    >>> everything = SampledStratum(hits=5, sample=10, population=10)
    >>> stratified_share([everything])
    ConfidenceInterval(value=0.5, low=0.5, high=0.5)
    """
    population = sum(each.population for each in strata)
    if not population:
        return None
    share = sum(each.population * each.hits / each.sample for each in strata)
    share = min(1.0, share / population)  # but for rounding
    variance = sum(
        each.population**2 * _uncounted(each) / each.sample for each in strata
    )
    if variance <= 0:
        return ConfidenceInterval(value=share, low=share, high=share)
    worth, square = population**2 / variance, Z_95**2
    middle = (share + square / (2 * worth)) / (1 + square / worth)
    spread = share * (1 - share) / worth + square / (4 * worth**2)
    half = Z_95 * math.sqrt(spread) / (1 + square / worth)
    return ConfidenceInterval(
        value=share,
        low=0.0 if share == 0 else max(0.0, middle - half),
        high=1.0 if share == 1 else min(1.0, middle + half),
    )


def _uncounted(stratum: SampledStratum) -> float:
    """Return the correction for a finite population, 0 to 1."""
    left = max(0.0, stratum.population - stratum.sample)
    return min(1.0, left / max(1, stratum.population - 1))


def weighted_sum(
    parts: Sequence[tuple[float, ConfidenceInterval]],
) -> ConfidenceInterval:
    """Return the sum of independent estimates, each times a weight of 0 or more.

    `low = sum - sqrt(sum of (w (value - low))^2)`, and so on: the interval keeps the
    skew of its parts, which matters where a share is near 0 or 1.

    Source
    ------
    The method of variance estimates recovery (MOVER): G. Y. Zou and A. Donner,
    "Construction of confidence limits about effect measures: a general approach",
    Statistics in Medicine 27 (2008), 1693-1702.

    >>> half = ConfidenceInterval(value=0.5, low=0.4, high=0.6)
    >>> weighted_sum([(1, half), (0, half)])
    ConfidenceInterval(value=0.5, low=0.4, high=0.6)
    """
    value = sum(weight * part.value for weight, part in parts)
    below = sum((weight * (part.value - part.low)) ** 2 for weight, part in parts)
    above = sum((weight * (part.high - part.value)) ** 2 for weight, part in parts)
    return ConfidenceInterval(
        value=value, low=value - math.sqrt(below), high=value + math.sqrt(above)
    )


def part_of_both(
    first: ConfidenceInterval, second: ConfidenceInterval
) -> ConfidenceInterval | None:
    """Return `first / (first + second)` of independent estimates of 0 or more.

    None: both are 0. The interval is that of the ratio of the two, carried over by the
    monotone map between ratio and part.

    Source
    ------
    MOVER for a ratio: A. Donner and G. Y. Zou, "Closed-form confidence intervals for
    functions of the normal mean and standard deviation", Statistical Methods in
    Medical Research 21 (2012), 347-359, eq. 8.

    >>> equal = ConfidenceInterval(value=10.0, low=5.0, high=15.0)
    >>> found = part_of_both(equal, equal)
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.5, 0.311, 0.689)
    """
    both = first.value + second.value
    if both <= 0:
        return None
    value = first.value / both
    if second.low > 0:
        low, high = _ratio_limits(first, second)
        return ConfidenceInterval(
            value=value, low=low / (1 + low), high=high / (1 + high)
        )
    low, high = _ratio_limits(second, first) if first.low > 0 else (0.0, math.inf)
    return ConfidenceInterval(value=value, low=1 / (1 + high), high=1 / (1 + low))


def _ratio_limits(
    upper: ConfidenceInterval, lower: ConfidenceInterval
) -> tuple[float, float]:
    """Return the limits of `upper / lower`, where `lower.low` is over 0.

    The lower one is written so that it also holds where `lower.high` is twice the
    value or more: the paper's form divides by 0 there.
    """
    product = upper.value * lower.value
    one = upper.low * (2 * upper.value - upper.low)
    other = lower.high * (2 * lower.value - lower.high)
    below = product + math.sqrt(max(0.0, product**2 - one * other))
    low = one / below if below else 0.0
    one = upper.high * (2 * upper.value - upper.high)
    other = lower.low * (2 * lower.value - lower.low)
    high = product + math.sqrt(max(0.0, product**2 - one * other))
    return max(0.0, low), high / other
