"""Measure how well near-duplicates are found, and the cost compared with scoring.

    python -m benchmarks.campaigns [--texts 300] [--rounds 5]

Each text is edited as a campaign's senders do, and looked for among all the others by
its bands, then compared: the same steps as at arrival, without a database. "decided in
advance" is the share near enough for a verdict that stands for what still comes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable

from benchmarks.serving import WORDS
from classifiers.pretrained import default_model
from classifiers.serving.document import Document
from moderation.text.minhash import (
    ALIKE_FROM,
    STANDING_FROM,
    TextSketch,
    estimate_similarity,
    sketch,
)

SITE = 1
SEED = 7
MAX_TEXTS, MAX_ROUNDS = 5000, 50
MORE = (
    *(
        "budget",
        "tunnel",
        "harbour",
        "editor",
        "winter",
        "concert",
        "station",
        "market",
    ),
    *("library", "garden", "stadium", "paper", "summer", "weather", "teacher", "nurse"),
    *("baker", "village", "museum", "cycle", "path", "train", "school", "council"),
)
VOCABULARY = sorted({*WORDS, *MORE})
LETTERS = str.maketrans("aoe", "аое")

Edit = Callable[[str, random.Random], str]


def exchanged(share: float) -> Edit:
    """Return the edit that puts other words in the place of a share of them."""

    def edit(text: str, draw: random.Random) -> str:
        words = text.split()
        count = max(1, round(share * len(words)))
        for place in draw.sample(range(len(words)), count):
            words[place] = draw.choice(VOCABULARY) + "s"
        return " ".join(words)

    return edit


EDITS: dict[str, Edit] = {
    "sent again": lambda text, draw: text,
    "capitals and signs": lambda text, draw: text.upper() + " !!!",
    "look-alike letters": lambda text, draw: text.translate(LETTERS),
    "zero-width characters": lambda text, draw: text.replace("e", "e\u200b"),
    "another click id": lambda text, draw: f"{text} ".replace("?id=1", "?id=99"),
    "something before it": lambda text, draw: "Hello to you all. " + text,
    "5% of words": exchanged(0.05),
    "10% of words": exchanged(0.10),
    "20% of words": exchanged(0.20),
    "cut by a quarter": lambda text, draw: text[: len(text) * 3 // 4],
    "half of it new": exchanged(0.5),
}


def made(count: int, draw: random.Random) -> list[str]:
    """Return texts of 15 to 60 words, each with a link."""
    return [
        " ".join(draw.choices(VOCABULARY, k=draw.randint(15, 60)))
        + f" https://shop{number}.example.com/offer?id=1"
        for number in range(count)
    ]


def sketched(text: str) -> TextSketch:
    """Return a text's sketch, which these texts are all long enough for."""
    found = sketch(SITE, text)
    if found is None or found.minima is None:
        raise SystemExit("a text is too short to be sketched")
    return found


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    if not (0 < asked.texts <= MAX_TEXTS and 0 < asked.rounds <= MAX_ROUNDS):
        parser.error(f"up to {MAX_TEXTS} texts and {MAX_ROUNDS} rounds")
    draw = random.Random(SEED)
    texts = made(asked.texts, draw)
    _quality(texts, draw)
    _cost(texts, asked.rounds)


def _quality(texts: list[str], draw: random.Random) -> None:
    known = [sketched(text) for text in texts]
    by_band: dict[int, list[int]] = defaultdict(list)
    for number, each in enumerate(known):
        for band in each.bands:
            by_band[band].append(number)
    print(f"{len(texts)} texts, found from {ALIKE_FROM}, in advance {STANDING_FROM}")
    print(f"{'edit':<24}{'found':>8}{'decided in advance':>20}{'wrong text':>12}")
    for name, edit in EDITS.items():
        found = near = wrong = 0
        for number, text in enumerate(texts):
            new = sketched(edit(text, draw))
            for other in {each for band in new.bands for each in by_band[band]}:
                alike = estimate_similarity(
                    new.minima or b"", known[other].minima or b""
                )
                if alike < ALIKE_FROM:
                    continue
                found += other == number
                near += other == number and alike >= STANDING_FROM
                wrong += other != number
        total = len(texts)
        print(f"{name:<24}{found / total:>8.1%}{near / total:>20.1%}{wrong:>12}")


def _cost(texts: list[str], rounds: int) -> None:
    scorer = default_model.load()
    documents = [Document(text=text) for text in texts]
    kinds: dict[str, Callable[[int], object]] = {
        "sketch": lambda number: sketch(SITE, texts[number]),
        "score": lambda number: scorer.score_many([documents[number]]),
    }
    taken: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, work in kinds.items():
            start = time.perf_counter()
            for number in range(len(texts)):
                work(number)
            taken[name].append((time.perf_counter() - start) / len(texts) * 1e6)
    print(f"\n{'a comment, one core':<24}{'median µs':>12}{'least µs':>12}")
    for name, each in taken.items():
        print(f"{name:<24}{statistics.median(each):>12.0f}{min(each):>12.0f}")


if __name__ == "__main__":
    main()
