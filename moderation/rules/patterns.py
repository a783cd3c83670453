"""Matches thousands of regular expressions in one pass of RE2.

RE2 has no catastrophic backtracking, but what it needs grows with the size of all
programs that are alive at once. So patterns are kept in sets of a bounded size, long
texts are looked through in parts, and the time that a comment may take is limited:
a comment that takes longer is held.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence

import re2

#: Instructions of one compiled pattern. A word takes some ten, ``.{1000}`` thousands.
MAX_PROGRAM_SIZE = 2_000
#: Instructions of the patterns that share one pass.
MAX_SET_SIZE = 30_000
#: Memory of one set: its program, and the states that it has met.
SET_MEMORY = 64 * 1024 * 1024  # bytes
#: Characters that are looked through at once; of a longer text, part after part.
PART = 4_096
#: Characters that two parts share, so that what lies across a border is found.
OVERLAP = 512
#: Texts that have nothing in common. What matches all of them is in nearly every text.
UNRELATED = ("aaa", "zzz", "000", "999")
#: Of the processor: a comment that takes longer waits for a person.
MAX_SECONDS = 0.5

Span = tuple[int, int]


class InvalidPattern(ValueError):
    """The pattern can't be used; says why, and where."""


class TooSlow(Exception):
    """The patterns took too long over a text."""


def check(pattern: str) -> int:
    """Return the size of a pattern's program, in instructions.

    Raises
    ------
    InvalidPattern
        If RE2 can't read it, it is too large, or it matches every text: the empty one,
        or all of `UNRELATED`.

    Examples
    --------
    >>> check("a(b")
    Traceback (most recent call last):
    moderation.rules.patterns.InvalidPattern: missing ) (at character 2)
    """
    compiled = _compiled(pattern)
    if compiled.search(""):
        raise InvalidPattern("it is in every text: the empty one matches")
    if all(compiled.search(text) for text in UNRELATED):
        raise InvalidPattern("it is in every text: any letter or digit matches")
    return int(compiled.programsize)


def _compiled(pattern: str) -> re2._Regexp:
    """Return a pattern that is of use, and small enough.

    Raises
    ------
    InvalidPattern
        If RE2 can't read it, or it is too large.
    """
    try:
        compiled = re2.compile(pattern, _options())
    except re2.error as error:
        raise InvalidPattern(_explained(str(_said(error)), pattern)) from None
    if compiled.programsize > MAX_PROGRAM_SIZE:
        raise InvalidPattern(
            f"too large: {compiled.programsize:,} instructions of at most "
            f"{MAX_PROGRAM_SIZE:,}; shorten its repetitions"
        )
    return compiled


class PatternIndex:
    """The patterns of many rules, matched together."""

    def __init__(self) -> None:
        self._patterns: list[tuple[str, int]] = []
        self._sets: list[tuple[re2.Set, list[int]]] = []
        self._found: dict[int, re2._Regexp] = {}  # by position, once they are found

    def __len__(self) -> int:
        return len(self._patterns)

    def add(self, pattern: str, number: int) -> None:
        """Add a pattern under a condition's number."""
        self._patterns.append((pattern, number))

    def compile(self) -> None:
        """Compile the sets; nothing can be added afterward.

        Raises
        ------
        InvalidPattern
            If one of the patterns is none.
        """
        size, members = 0, list[int]()
        for position, (pattern, _) in enumerate(self._patterns):
            # Rules of earlier releases may have patterns that `check` refuses by now.
            needs = int(_compiled(pattern).programsize)
            if members and size + needs > MAX_SET_SIZE:
                self._sets.append((self._set(members), members))
                size, members = 0, []
            size += needs
            members.append(position)
        if members:
            self._sets.append((self._set(members), members))

    def _set(self, members: Sequence[int]) -> re2.Set:
        pattern_set = re2.Set.SearchSet(_options(SET_MEMORY))
        for position in members:
            pattern_set.Add(self._patterns[position][0])
        pattern_set.Add(
            ""
        )  # always found: its absence tells that RE2 had no memory left
        try:
            pattern_set.Compile()
        except re2.error as error:
            raise InvalidPattern("RE2 can't compile these patterns together") from error
        return pattern_set

    def find(self, body: str, unmasked: str | None) -> dict[int, list[Span]]:
        """Return the spans of matches by condition number, in code points.

        What is found in the text only once its disguise is taken off has no place.

        Raises
        ------
        TooSlow
            If it takes longer than a comment may take.
        """
        until = time.thread_time() + MAX_SECONDS
        spans_by_number: dict[int, list[Span]] = {}
        for text, has_place in ((body, True), (unmasked, False)):
            if text is None:
                continue
            for position in sorted(self._candidates(text, until)):
                match = self._search(position, text, until)
                if match is not None:
                    spans = spans_by_number.setdefault(self._patterns[position][1], [])
                    spans += [match] * has_place
        return spans_by_number

    def _candidates(self, text: str, until: float) -> set[int]:
        """Return the positions of the patterns that match in a text."""
        candidates: set[int] = set()
        for part in _parts(text):
            for pattern_set, members in self._sets:
                if time.thread_time() > until:
                    raise TooSlow
                matched = pattern_set.Match(part)
                if len(members) not in matched:
                    raise TooSlow
                candidates.update(members[at] for at in matched if at < len(members))
        return candidates

    def _search(self, position: int, text: str, until: float) -> Span | None:
        """Return the span of a pattern's first match in the text."""
        if time.thread_time() > until:
            raise TooSlow
        compiled = self._found.get(position)
        if compiled is None:
            pattern = self._patterns[position][0]
            compiled = self._found[position] = re2.compile(pattern, _options())
        match = compiled.search(text)
        return match.span() if match else None


def _parts(text: str) -> Iterator[str]:
    for start in range(0, max(1, len(text) - OVERLAP), PART - OVERLAP):
        yield text[start : start + PART]


def _options(memory: int | None = None) -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False  # a log line holds no pattern
    if memory is not None:
        options.max_mem = memory
    return options


def _said(error: re2.error) -> str:
    message = error.args[0] if error.args else ""
    return (
        message.decode("utf-8", "replace")
        if isinstance(message, bytes)
        else str(message)
    )


def _explained(message: str, pattern: str) -> str:
    """Return RE2's error message with its position.

    RE2 says what is wrong and repeats the piece; of a parenthesis that is not closed it
    repeats the whole pattern.
    """
    problem, _, piece = message.partition(": ")
    if problem == "missing )":
        place = _unclosed(pattern)
    elif problem == "unexpected )":
        place = _unopened(pattern)
    elif problem == "trailing \\":
        place = len(pattern) - 1
    else:
        place = pattern.find(piece) if piece else -1
    kept = f": {piece}" if piece and piece != pattern and len(piece) < 40 else ""
    return f"{problem}{kept}" + (f" (at character {place + 1})" if place >= 0 else "")


_SKIPPED = re.compile(
    r"\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]", re.DOTALL
)


def _parentheses(pattern: str) -> Iterator[tuple[int, str]]:
    plain = _SKIPPED.sub(lambda match: " " * len(match[0]), pattern)
    return ((at, char) for at, char in enumerate(plain) if char in "()")


def _unclosed(pattern: str) -> int:
    opened = []
    for at, char in _parentheses(pattern):
        if char == "(":
            opened.append(at)
        elif opened:
            opened.pop()
    return opened[-1] if opened else -1


def _unopened(pattern: str) -> int:
    depth = 0
    for at, char in _parentheses(pattern):
        depth += 1 if char == "(" else -1
        if depth < 0:
            return at
    return -1
