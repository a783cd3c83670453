"""Measure the cost of rules per comment, next to scoring and Python's `re`, in one run.

``python -m benchmarks.rules [--data FOLDER]``: with the folder of the public data
sets, real comments are asked about; without it, made ones. One core.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.scoring import made_comments, real_comments
from classifiers.pretrained import default_model
from classifiers.serving.document import Document
from moderation.policy.rule_matches import RuleAction
from moderation.rules.conditions import CompiledRule, Condition, Subject
from moderation.rules.matching import RuleSet

#: Comments that each way is timed on, one by one, after as many to warm up.
TIMED = 3_000
#: Python's `re` over a long alternation takes so long that fewer must do.
TIMED_SLOW = 200
MAX_WORDS = 100_000  # words
PATTERNS = 2_000


def made_words(count: int, seed: int) -> list[str]:
    """Return made words, some of them phrases of two."""
    chance = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgk"
    words: dict[str, None] = {}
    while len(words) < count:
        size = chance.randint(5, 10)
        word = "".join(chance.choices(letters, k=size))
        words[f"{word} {word[:4]}" if chance.random() < 0.1 else word] = None
    return list(words)


def made_patterns(count: int) -> list[str]:
    """Return patterns of the kinds that admins write."""
    chance, words = random.Random(1), iter(made_words(2 * count, 2))
    forms = (
        r"\b{0}\w*\b",
        r"\b{0}\s+{1}\b",
        r"\b(?:{0}|{1})\d{{2,4}}\b",
        r"{0}.{{0,20}}{1}",
    )
    return [chance.choice(forms).format(next(words), next(words)) for _ in range(count)]


def rule_set(words: int, patterns: int) -> tuple[RuleSet, float]:
    """Return compiled rules, and the seconds that it took to compile them."""
    conditions = []
    if words:
        entries = tuple(made_words(words, 3))
        conditions.append(Condition.read({"kind": "words", "entries": entries}))
    if patterns:
        entries = tuple(made_patterns(patterns))
        conditions.append(Condition.read({"kind": "pattern", "entries": entries}))
    rules = [
        CompiledRule(
            id=n, version=1, name="", action=RuleAction.HOLD, conditions=(each,)
        )
        for n, each in enumerate(conditions)
    ]
    started = time.thread_time()
    made = RuleSet(rules)
    return made, time.thread_time() - started


def asking(rules: RuleSet) -> Callable[[str], object]:
    """Return what asks rules about a text."""
    return lambda text: rules.match(Subject(body=text))


def times(way: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Return the microseconds of each text of the second half, after the first.

    Of the processor, so that what else the machine does counts little.
    """
    half = len(texts) // 2
    for text in texts[:half]:
        way(text)
    taken = []
    for text in texts[half:]:
        started = time.thread_time_ns()
        way(text)
        taken.append((time.thread_time_ns() - started) / 1000)
    return taken


def show(name: str, taken: Sequence[float], compiled: float | None = None) -> None:
    """Print a line of the table."""
    typical, rare = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
    once = "" if compiled is None else f"{compiled * 1000:12,.0f}"
    print(f"{name:38}{typical:10,.0f}{rare:10,.0f}{once}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the public data sets")
    folder = parser.parse_args().data
    comments = made_comments() if folder is None else real_comments(folder)
    texts = comments[: 2 * TIMED]
    size = sum(map(len, texts)) / len(texts)
    print(
        f"{len(texts) // 2:,} comments of {size:.0f} characters in the mean, one core"
    )
    print(f"{'':38}{'µs p50':>10}{'µs p99':>10}{'ms once':>12}")

    scorer = default_model.load()
    show("scoring", times(lambda text: scorer.score(Document(text=text)), texts))
    for words, patterns in (
        (0, 0),
        (1_000, 0),
        (MAX_WORDS, 0),
        (0, PATTERNS),
        (MAX_WORDS, PATTERNS),
    ):
        made, compiled = rule_set(words, patterns)
        name = f"{words:,} words, {patterns:,} patterns"
        show(name, times(asking(made), texts), compiled)

    slow = texts[: 2 * TIMED_SLOW]
    for name, listed in (
        ("re: 1,000 words, one alternation", map(re.escape, made_words(1_000, 3))),
        ("re: 2,000 patterns, one alternation", iter(made_patterns(PATTERNS))),
    ):
        started = time.thread_time()
        pattern = re.compile("|".join(f"(?:{each})" for each in listed), re.IGNORECASE)
        compiled = time.thread_time() - started
        show(name, times(pattern.search, slow), compiled)
    one_by_one = [re.compile(each, re.IGNORECASE) for each in made_patterns(PATTERNS)]
    way = times(lambda text: [it.search(text) for it in one_by_one], slow)
    show("re: 2,000 patterns, one after another", way)

    made, _ = rule_set(MAX_WORDS, PATTERNS)
    worst = "".join(random.Random(4).choices("etaoin shrdlu", k=65_000))
    show("ours, 65,000 random letters", times(asking(made), [worst] * 20))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this run, all ways together: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
