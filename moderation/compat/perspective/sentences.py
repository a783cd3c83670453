"""The sentences of a text, which Perspective's span annotations are about."""

from __future__ import annotations

import re

MAX_SENTENCES = 200  # of one text; of more, neighbours are one span

#: An end mark with what closes the sentence, before white space; a mark of scripts
#: without spaces; a line break. A run of marks is looked at once, from its beginning.
#: Source of the marks: Unicode, Sentence_Terminal.
_END = re.compile(
    r"(?<![.!?…؟۔।])[.!?…؟۔।]++[\"'’”»)\]]*+(?=\s)|[。！？]++[」』）”]*+|\n++"
)
#: Words whose full stop ends no sentence, in lower case.
_WORDS = """
mr mrs ms dr prof st jr sr vs etc fig inc ltd co e.g i.e a.m p.m u.s u.k
"""
_ABBREVIATIONS = frozenset(_WORDS.split())
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘]{1,8}\Z")
_LONGEST_ABBREVIATION = 10  # characters that are looked at before a full stop


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return where each sentence begins and ends, in code points, without blanks.

    >>> split_sentences("Who is J. Doe? He left at 3.15 p.m. and sang.  Well!")
    [(0, 14), (15, 45), (47, 52)]
    """
    found, start = [], 0
    for end in _END.finditer(text):
        if end[0] == "." and not _is_over(text, end.start(), end.end()):
            continue
        found.append((start, end.end()))
        start = end.end()
    found.append((start, len(text)))
    stripped = [_strip(text, *span) for span in found]
    return _joined([(begin, end) for begin, end in stripped if begin < end])


def _is_over(text: str, stop: int, end: int) -> bool:
    """Return whether a full stop ends a sentence."""
    word = _LAST_WORD.search(text[max(0, stop - _LONGEST_ABBREVIATION) : stop])
    before = word[0].lower() if word else ""
    if len(before) == 1 or before in _ABBREVIATIONS:
        return False
    following = text[end : end + 2].strip()
    return not following or not following[0].islower()


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    return start, start + len(part.strip())


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans of so many neighbours each that they are not too many."""
    size = -(-len(spans) // MAX_SENTENCES)
    if size <= 1:
        return spans
    return [
        (spans[first][0], spans[min(first + size, len(spans)) - 1][1])
        for first in range(0, len(spans), size)
    ]
