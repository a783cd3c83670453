"""Measure what texts of 64 kB cost to score that are made to be slow.

``python -m benchmarks.hostile_texts [--rounds N]``: each kind of text is scored alone,
never seen before, in a fresh variant each round. The table shows the CPU time of this
process for scores and language, which other processes disturb little, next to that of
ordinary prose of the same size, and to the limit of 100 ms. The exit status is 1 if
a kind is over the limit.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from classifiers.serving.document import Document
from moderation.models.serving import Scoring

SIZE = 64 * 1024  # bytes in UTF-8, the most that a comment may have
LIMIT_MS = 100.0
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Maker = Callable[[random.Random], str]


def word(chance: random.Random, least: int = 3, most: int = 9) -> str:
    """Return a made word."""
    return "".join(chance.choices(LETTERS, k=chance.randint(least, most)))


def repeated(make: Maker, between: str = " ") -> Maker:
    """Return a maker of texts that join fresh pieces up to the size."""

    def text(chance: random.Random) -> str:
        parts, length = [], 0
        while length < SIZE:
            part = make(chance)
            parts.append(part)
            length += len((part + between).encode())
        return between.join(parts)

    return text


def one_of(letters: str) -> Maker:
    """Return a maker of a text of one letter, drawn each time."""
    return lambda chance: chance.choice(letters) * SIZE


KINDS: dict[str, Maker] = {
    "distinct words": repeated(word),
    "words without spaces": repeated(word, ""),
    "one letter": one_of(LETTERS),
    "two letters in turn": lambda chance: word(chance, 2, 2) * SIZE,
    "spaced letters": repeated(lambda chance: chance.choice(LETTERS)),
    "hyphened letters": repeated(lambda chance: chance.choice(LETTERS), "-"),
    "links with schemes": repeated(
        lambda chance: f"https://{word(chance)}.example/{word(chance)}"
    ),
    "bare links": repeated(lambda chance: f"{word(chance)}.{word(chance, 2, 3)}"),
    "links in Unicode": repeated(lambda chance: f"{word(chance)}é.example/ö"),
    "percent escapes": repeated(lambda chance: f"%{chance.randrange(256):02x}", ""),
    "dots": lambda _: "." * SIZE,
    "at signs": repeated(lambda chance: chance.choice(LETTERS) + "@", ""),
    "zero-width marks": repeated(lambda chance: chance.choice(LETTERS) + "\u200b", ""),
    "combining marks": repeated(
        lambda chance: chance.choice(LETTERS) + chr(chance.randrange(0x300, 0x36F)), ""
    ),
    "emoji": repeated(lambda chance: chr(chance.randrange(0x1F300, 0x1F64F)), ""),
    "emoji words": repeated(lambda chance: chr(chance.randrange(0x1F300, 0x1F64F))),
    "ligatures": lambda _: "\ufdfa" * (SIZE // 3),
    "full-width letters": repeated(
        lambda chance: "".join(chr(ord(each) + 0xFEE0) for each in word(chance))
    ),
    "look-alikes": repeated(
        lambda chance: word(chance).translate({97: 0x430, 101: 0x435, 111: 0x43E})
    ),
    "digits in words": repeated(lambda chance: f"{word(chance, 2, 3)}1{word(chance)}"),
    "asterisks in words": repeated(
        lambda chance: f"{word(chance, 1, 2)}*{word(chance, 2, 3)}"
    ),
    "Chinese": repeated(lambda chance: chr(chance.randrange(0x4E00, 0x9FFF)), ""),
    "Hangul jamo": repeated(lambda chance: chr(chance.randrange(0x1100, 0x11FF)), ""),
    "brackets": repeated(lambda chance: chance.choice("([{<>}])"), ""),
    "quoted lines": repeated(lambda chance: f"> {word(chance)}", "\n"),
    "line breaks": lambda _: "\n" * SIZE + "a",
    "not": repeated(lambda _: "not never no"),
    "HTML": repeated(lambda chance: f"<b {word(chance)}>{word(chance)}</b>", ""),
}


def prose(chance: random.Random) -> str:
    """Return a text of common words, in size like the others."""
    words = ("the", "a", "of", "bridge", "council", "said", "people", "vote", "water")
    return repeated(lambda chance: chance.choice(words))(chance)


def cpu_ms(scoring: Scoring, make: Maker, rounds: int) -> float:
    """Return the least CPU time of scoring a fresh text, milliseconds."""
    times = []
    for number in range(rounds):
        text = make(random.Random(number)).encode()[:SIZE].decode(errors="ignore")
        start = time.process_time()
        scoring.score(scoring.default, [Document(text=text)])
        times.append((time.process_time() - start) * 1000)
    return min(times)


def main() -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    scoring = Scoring()
    cpu_ms(scoring, prose, 2)  # what is loaded at the first use
    usual = cpu_ms(scoring, prose, rounds)
    sys.stdout.write(f"{'text of 64 kB':<24}{'CPU ms':>8}{'x prose':>9}\n")
    sys.stdout.write(f"{'prose':<24}{usual:>8.1f}{1:>9.1f}\n")
    slow = 0
    for name, make in KINDS.items():
        cost = cpu_ms(scoring, make, rounds)
        over = cost > LIMIT_MS
        slow += over
        mark = "  over" if over else ""
        sys.stdout.write(f"{name:<24}{cost:>8.1f}{cost / usual:>9.1f}{mark}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{slow} of {len(KINDS)} over {LIMIT_MS:.0f} ms\n")
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
