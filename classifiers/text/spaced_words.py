"""Put together words whose letters were s p a c e d out."""

from __future__ import annotations

from classifiers.text.characters import is_single, unmask_letters
from classifiers.text.normalization import spans
from classifiers.text.readings import WordSet

#: A token with its first code point and the one after its last.
Piece = tuple[str, int, int]

#: Single letters in a row from which on they are taken for a spaced-out word.
MIN_RUN = 3
#: Letters of one run that are put together; longer runs are cut into parts.
MAX_RUN = 48
#: Letters of one text that are cut into words; later runs are only joined.
MAX_CUT = 640
#: Longest word that a run of letters is cut into.
MAX_SEGMENT = 14


def despaced(text: str, known: WordSet, harsh: WordSet) -> list[Piece]:
    """Cut a text like `tokens`, but put s p a c e d words together again.

    A run of single letters is cut into known words where that is possible.

    Parameters
    ----------
    known, harsh : words seen in training, and those of them that mostly do harm
    """
    pieces: list[Piece] = []
    bounds = spans(text)
    index = letters = 0
    while index < len(bounds):
        run = _run_length(text, bounds, index)
        if run < MIN_RUN:
            pieces.append((text[slice(*bounds[index])], *bounds[index]))
            index += 1
            continue
        letters += run
        part = bounds[index : index + run]
        if letters <= MAX_CUT:
            pieces += _rejoined(text, part, known, harsh)
        else:
            joined = "".join([text[start:end] for start, end in part])
            pieces.append((joined, part[0][0], part[-1][1]))
        index += run
    return pieces


def _run_length(text: str, bounds: list[tuple[int, int]], first: int) -> int:
    """Return how many single letters follow each other, up to `MAX_RUN`."""
    last = first
    while (
        last < len(bounds)
        and last - first < MAX_RUN
        and is_single(text[slice(*bounds[last])])
    ):
        last += 1
    return last - first


def _rejoined(
    text: str, bounds: list[tuple[int, int]], known: WordSet, harsh: WordSet
) -> list[Piece]:
    letters = [text[start:end] for start, end in bounds]
    plain = [unmask_letters(letter)[:1] or letter for letter in letters]
    pieces, first = [], 0
    for size in _segments("".join(plain), known, harsh):
        token = "".join(letters[first : first + size])
        pieces.append((token, bounds[first][0], bounds[first + size - 1][1]))
        first += size
    return pieces


def _segments(letters: str, known: WordSet, harsh: WordSet) -> list[int]:
    """Return the lengths of the words that letters are most likely cut into."""
    count = len(letters)
    starts = [
        (first, size)
        for first in range(count)
        for size in range(1, min(MAX_SEGMENT, count - first) + 1)
    ]
    words = [letters[first : first + size] for first, size in starts]
    costs = {
        start: _segment_cost(word, is_known, is_harsh)
        for start, word, is_known, is_harsh in zip(
            starts, words, known.has(words), harsh.has(words), strict=True
        )
    }
    best: list[tuple[float, list[int]]] = [(0.0, [])]
    for end in range(1, count + 1):
        options = [
            (
                best[end - size][0] + costs[end - size, size],
                [*best[end - size][1], size],
            )
            for size in range(1, min(MAX_SEGMENT, end) + 1)
        ]
        best.append(min(options))
    return best[count][1] if best[count][0] < count else [count]


def _segment_cost(word: str, is_known: bool, is_harsh: bool) -> float:
    """Return what a word costs: harsh and long known ones are cheap."""
    if not is_known:
        return 3.0 * len(word)
    if is_harsh and len(word) > 2:
        return 0.3
    if len(word) == 1:
        return 1.0 if word in "ai" else 2.5
    return 1.0 + 1.2 / len(word) ** 2
