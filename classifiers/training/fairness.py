"""Give the names of all groups of people the same weight."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from classifiers.serving.weights import SMOOTHING
from classifiers.text import features

Floats = npt.NDArray[np.float64]

#: An attack on a group names it, so there a name may tell something: at most as much
#: as this share of the names do, 0 to 1.
CAP = 0.9
#: Rows are shared by chance, so that one name's change may move another's a little.
ROUNDS = 3


def alike(
    rarity: npt.NDArray[np.float16], names: Sequence[str]
) -> npt.NDArray[np.float16]:
    """Return rarities under which every name is as rare as the median name.

    A comment's sum is divided by its length, to which rare words add more: next to
    the name of a small group the same words would count less.

    Parameters
    ----------
    rarity : of each hashed row, 0 to 1
    names : words in small letters
    """
    fair = rarity.copy()
    if names:
        places, starts = features.ngrams(names)
        name_rows = places[starts[:-1]]
        fair[name_rows] = np.median(rarity[name_rows])
    return fair


def leveled(
    rows: Floats, rarity: npt.NDArray[np.float16], names: Sequence[str]
) -> Floats:
    """Return weights under which each name alone scores what the median name does.

    Public sets mention some groups mostly to attack them: their very names then count
    as harm. Only the row of the whole word moves; words about a group, and the
    pairs that contain its name, stay as learned.

    Parameters
    ----------
    rows : hashed rows × labels
    rarity : of each hashed row, 0 to 1
    names : words in small letters
    """
    return _moved(
        rows,
        rarity,
        names,
        lambda alone: np.broadcast_to(np.median(alone, axis=0), alone.shape),
    )


def capped(
    rows: Floats, rarity: npt.NDArray[np.float16], names: Sequence[str]
) -> Floats:
    """Return weights under which no name alone scores more than `CAP` of them do.

    The parameters are those of `leveled`.
    """
    return _moved(
        rows,
        rarity,
        names,
        lambda alone: np.minimum(alone, np.quantile(alone, CAP, axis=0)),
    )


#: Oaths that newspapers print: alone, they are no reason to hold a comment.
MILD_OATHS = (
    *("damn", "damned", "dammit", "goddamn", "darn", "heck", "bloody", "crap"),
    *("freaking", "effing", "frigging", "bugger", "blimey", "arse", "badass"),
)
#: The most that a mild oath alone adds up to, as a sum.
MILD_SUM = 0.6


def mild(rows: Floats, rarity: npt.NDArray[np.float16]) -> Floats:
    """Return weights under which no mild oath alone scores more than `MILD_SUM`.

    Sets of public texts mark them as profane, as raters are asked to. Next to rude
    words they still count, as the pairs that contain them stay as learned.

    Parameters
    ----------
    rows : hashed rows × labels
    rarity : of each hashed row, 0 to 1
    """
    return _moved(rows, rarity, MILD_OATHS, lambda alone: np.minimum(alone, MILD_SUM))


def without_bias(
    rows: Floats,
    labels: Sequence[str],
    rarity: npt.NDArray[np.float16],
    names: Sequence[str],
) -> Floats:
    """Return weights under which the names of groups count alike in the harms.

    Parameters
    ----------
    labels : one column of `rows` each
    """
    fair = rows.copy()
    for change, columns in (
        (leveled, [label not in {"spam", "identity_attack"} for label in labels]),
        (capped, [label == "identity_attack" for label in labels]),
    ):
        fair[:, columns] = change(rows[:, columns], rarity, names)
    return fair


def _moved(
    rows: Floats,
    rarity: npt.NDArray[np.float16],
    names: Sequence[str],
    aim: Callable[[Floats], Floats],
) -> Floats:
    """Move the rows of the names until each alone adds up to its aim."""
    moved = rows.copy()
    places, starts = features.ngrams(names)
    name_rows = places[starts[:-1]]
    rare = rarity[name_rows].astype(np.float64)[:, None]
    weights = features.ngram_weights(starts)[:, None]
    lengths = np.sqrt(rare**2 + SMOOTHING)
    for _ in range(ROUNDS):
        sums = np.add.reduceat(moved[places] * weights, starts[:-1], axis=0)
        alone = sums * rare / lengths
        moved[name_rows] += (aim(alone) - alone) * lengths / rare
    return moved
