"""The weight of a reader's report."""

from __future__ import annotations


def get_reporter_weight(right: int, settled: int) -> float:
    """Return how much one reader's report counts, from 0 to 2.

    Twice the mean of a Beta distribution: one right and one wrong report are assumed
    of everybody (Laplace's rule of succession), so that of whom nothing is known
    counts 1, as an average reporter does.

    Parameters
    ----------
    right, settled
        How many comments this reader has reported that a person then rejected, and
        how many that a person decided about at all.

    >>> get_reporter_weight(0, 0), get_reporter_weight(8, 8), get_reporter_weight(0, 8)
    (1.0, 1.8, 0.2)
    """
    return 2 * (right + 1) / (settled + 2)
