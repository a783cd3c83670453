"""Features of a text for the models of Perspective's own attributes.

Words and pairs of neighbours, by hash, and a few figures about its form.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from itertools import islice, pairwise

BUCKETS = 8192  # of words and pairs
MAX_WORDS = 2000  # of a text that are read
MAX_WORD_LENGTH = 20.0  # letters; the mean over a text is cut there
#: Figures of `read_form`, in order.
FORM = (
    "log_words",
    "log_words_squared",
    "log_characters",
    "question_marks",
    "exclamation_marks",
    "capitals",
    "word_length",
    "distinct_words",
    "has_link",
    "digits",
)

_TOKEN = re.compile(r"[^\W\d_]++(?:'[^\W\d_]++)?|[!?]++")
_WORD = re.compile(r"[^\W\d_]++")


def read_words(text: str) -> dict[int, float]:
    """Return the bucket of each word and pair, with its weight; their norm is 1.

    >>> len(read_words("No, you!")), read_words("")
    (5, {})
    """
    lower = text.lower().replace("’", "'")
    words = [match[0] for match in islice(_TOKEN.finditer(lower), MAX_WORDS)]
    pairs = (f"{one} {other}" for one, other in pairwise(words))
    counts = Counter(
        zlib.crc32(each.encode("utf-8", "replace")) % BUCKETS
        for each in (*words, *pairs)
    )
    weights = {bucket: 1 + math.log(count) for bucket, count in counts.items()}
    norm = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {bucket: weight / norm for bucket, weight in weights.items()}


def read_form(text: str) -> list[float]:
    """Return the figures of `FORM`."""
    words = _WORD.findall(text)
    count = max(1, len(words))
    log_words = math.log1p(len(words))
    capitals = sum(len(word) > 1 and word.isupper() for word in words)
    mean_length = sum(map(len, words)) / count
    return [
        log_words,
        log_words * log_words,
        math.log1p(len(text)),
        min(1.0, text.count("?") / count),
        min(1.0, text.count("!") / count),
        capitals / count,
        min(MAX_WORD_LENGTH, mean_length),
        len({word.lower() for word in words}) / count,
        float("http" in text),
        sum(map(str.isdigit, text)) / max(1, len(text)),
    ]
