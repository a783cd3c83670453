"""Group texts that belong together: copies, campaigns, and texts of one group.

Texts are added one by one and none is kept: of each, some hashes remain.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]

_NOT_LETTERS = re.compile(r"[\W\d_]+")
#: Words in a row that two texts must share to be taken for one campaign.
SHINGLE = 8
#: Shingles of a text that are used, its first.
MAX_SHINGLES = 16
#: Hashes are compared in so many parts, one after the other; bounds memory.
PARTS = 16  # a power of two


class Kinship:
    """Finds groups of texts.

    Two texts belong together when they name the same group, when their letters are
    the same, or when they share a run of eight words near their beginning.
    """

    def __init__(self) -> None:
        self._keys = array("q")
        self._owners = array("i")
        self._count = 0

    def add(self, text: str, group: tuple[str, str] | None = None) -> None:
        """Add the hashes of the next text."""
        before = len(self._keys)
        self._keys.extend(_keys(text, group))
        self._owners.extend([self._count] * (len(self._keys) - before))
        self._count += 1

    def groups(self) -> Places:
        """Return each text's group: the place of the first text in it."""
        parent = list(range(self._count))

        def root(index: int) -> int:
            while parent[index] != index:
                parent[index] = parent[parent[index]]
                index = parent[index]
            return index

        for one, other in self._bound():
            first, now = root(one), root(other)
            parent[max(first, now)] = min(first, now)
        return np.array([root(index) for index in range(self._count)], np.int64)

    def _bound(self) -> Iterator[tuple[int, int]]:
        """Yield neighbors among the texts that share a hash."""
        keys = np.frombuffer(self._keys, np.int64)
        owners = np.frombuffer(self._owners, np.int32)
        for part in range(PARTS):
            chosen = np.flatnonzero((keys & (PARTS - 1)) == part)
            order = chosen[np.argsort(keys[chosen], kind="stable")]
            same = keys[order[1:]] == keys[order[:-1]]
            pairs = owners[order[:-1]][same], owners[order[1:]][same]
            yield from zip(*(side.tolist() for side in pairs), strict=True)


def _keys(text: str, group: tuple[str, str] | None) -> Iterator[int]:
    """Yield hashes of what binds a text to others; only for this process."""
    if group is not None:
        yield hash(("group", *group))
    words = _NOT_LETTERS.sub(" ", text.lower()).split()
    yield hash(("text", *words)) if words else hash(text)
    for start in range(min(MAX_SHINGLES, len(words) - SHINGLE + 1)):
        yield hash(tuple(words[start : start + SHINGLE]))
