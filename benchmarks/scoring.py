"""Measure how fast comments are scored, and other ways, in one run on one core.

``python -m benchmarks.scoring [--data FOLDER]``: with the folder of the public data
sets, real comments are scored; without it, made ones. Each way is first run on half
of the comments, and timed on the other half, which it has not seen.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from classifiers.data import public
from classifiers.pretrained import default_encoder, default_model
from classifiers.serving.combined import CombinedScorer, Reads
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.text import normalization

#: Rounds in which each way is timed in turn; the fastest counts, as others disturb.
ROUNDS = 9
#: Comments timed one at a time.
SINGLES = 2000
#: Comments that the slow pipeline is timed on.
SLOW = 1000
#: The plain way to cut a comment into words.
WORD = re.compile(r"(?u)\b\w\w+\b")

PEER = "alt-profanity-check, one label"

Way = Callable[[Sequence[str]], object]


def real_comments(folder: Path) -> list[str]:
    """Return comments of news sites and blogs, shuffled."""
    names = ("kaggle_insults_train", "ucc_news_val", "civil_toxic")
    found = [e.text for name in names for e in public.read_public(folder, name)]
    random.Random(0).shuffle(found)
    return found


def made_comments(count: int = 12_000) -> list[str]:
    """Return made comments: few words often, many rarely, as people write."""
    chance = random.Random(0)
    letters = "etaoinshrdlucmfwypvbgk"
    words = [
        "".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(30_000)
    ]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    lengths = [max(1, int(chance.lognormvariate(3.0, 0.8))) for _ in range(count)]
    drawn = iter(chance.choices(words, weights, k=sum(lengths)))
    return [" ".join(next(drawn) for _ in range(length)) for length in lengths]


def seconds(ways: Mapping[str, Way], texts: Sequence[str]) -> dict[str, list[float]]:
    """Return how long each way took in each round, in seconds of one core."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.process_time()
            way(texts)
            times[name].append(time.process_time() - started)
    return times


def first_run(scorer: FastScorer, texts: Sequence[str]) -> float:
    """Return how long texts take that bring unseen words, in seconds."""
    started = time.process_time()
    scorer.score_many([Document(text=one) for one in texts])
    return time.process_time() - started


def single_times(way: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Return the time of each text by itself, in microseconds."""
    times = []
    for one in texts:
        started = time.perf_counter_ns()
        way(one)
        times.append((time.perf_counter_ns() - started) / 1000)
    return times


def split_way(texts: Sequence[str]) -> object:
    """Cut texts at white space: the least that can be done."""
    return [normalization.tokens(one) for one in texts]


def words_way(texts: Sequence[str]) -> object:
    """Cut texts into words the way scikit-learn does: the floor."""
    return [WORD.findall(one.lower()) for one in texts]


def pipeline_way(texts: Sequence[str]) -> Way:
    """Fit TF-IDF over words and characters with logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    union = make_union(
        TfidfVectorizer(ngram_range=(1, 2), max_features=100_000),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), max_features=200_000),
    )
    # A label of no meaning: only the time of scoring is wanted.
    label = [len(one) % 2 for one in texts]
    fitted = make_pipeline(union, LogisticRegression(max_iter=5, tol=1.0))
    fitted.fit(texts, label)
    return lambda texts: fitted.predict_proba(texts)


def profanity_way() -> Way | None:
    """Return alt-profanity-check, where it is installed."""
    try:
        from profanity_check import predict_prob  # type: ignore[import-not-found]
    except ImportError:
        return None
    return lambda texts: predict_prob(list(texts))


def started_in_fresh_process() -> tuple[float, float]:
    """Return seconds to import and load, and MiB beyond the interpreter and numpy."""
    code = (
        "import resource, time, numpy\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "started = time.process_time()\n"
        "from classifiers.pretrained import default_model\n"
        "from classifiers.serving.document import Document\n"
        "scorer = default_model.load()\n"
        "took = time.process_time() - started\n"
        "scorer.score(Document(text='a first comment'))\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(took, (after - before) / 1024)\n"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=root
    )
    took, memory = done.stdout.split()
    return float(took), float(memory)


def print_encoder(comments: Sequence[str], documents: Sequence[Document]) -> None:
    """Print the encoder's time, and that of ONNX Runtime alone on the same tokens."""
    encoder = default_encoder.load()
    both = CombinedScorer(default_model.load(), encoder, Reads.ALWAYS)
    uncertain = CombinedScorer(default_model.load(), encoder, Reads.UNCERTAIN)
    ones = list(comments[:SINGLES])
    embedded = {one: encoder.embedded(one) for one in ones}
    counts = [len(encoder.tokens(one)) for one in ones]
    print(f"\n{statistics.median(counts):.0f} tokens a comment at p50")
    print(f"{'one comment, ms':34}{'p50':>8}{'p99':>8}")
    for name, way in {
        "ONNX Runtime alone (limit)": lambda one: encoder.run(embedded[one]),
        "both scorers": lambda one: both.score(Document(text=one)),
    }.items():
        times = single_times(way, ones)
        p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        print(f"{name:34}{p50 / 1000:8.2f}{p99 / 1000:8.2f}")
    few = documents[:SINGLES]
    for name, scorer in {"both, batch": both, "both, uncertain": uncertain}.items():
        started = time.process_time()
        scorer.score_many(few)
        took = time.process_time() - started
        print(f"{name:34}{len(few) / took:12,.0f} comments/s")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the public data sets")
    folder = parser.parse_args().data
    comments = made_comments() if folder is None else real_comments(folder)
    seen, fresh = comments[: len(comments) // 2], comments[len(comments) // 2 :]
    characters = sum(map(len, fresh)) / len(fresh)
    print(f"{len(fresh)} comments of {characters:.0f} characters in the mean")

    took, memory = started_in_fresh_process()
    print(f"import and load {took * 1000:.0f} ms, {memory:.0f} MiB beyond numpy")

    scorer = default_model.load()
    cold = first_run(scorer, seen)
    warm_cache = first_run(scorer, fresh)
    documents = [Document(text=one) for one in fresh]
    ways: dict[str, Way] = {
        "plain split": split_way,
        "plain tokenising (floor)": words_way,
        "ours, batch": lambda texts: scorer.probabilities(documents),
        "ours, batch, as dictionaries": lambda texts: scorer.score_many(documents),
    }
    peer = profanity_way()
    if peer is not None:
        ways[PEER] = peer
    times = seconds(ways, fresh)
    print(f"{'way':34}{'comments/s':>12}{'of the peer':>13}")
    for name, took_in in times.items():
        of_peer = ""
        if peer is not None:
            pairs = zip(times[PEER], took_in, strict=True)
            of_peer = f"{statistics.median(other / own for other, own in pairs):.2f}"
        print(f"{name:34}{len(fresh) / min(took_in):12,.0f}{of_peer:>13}")
    if peer is None:
        print(f"{PEER:34}{'not installed':>12}")
    print(f"{'ours, empty cache':34}{len(seen) / cold:12,.0f}")
    print(f"{'ours, unseen comments':34}{len(fresh) / warm_cache:12,.0f}")
    slow = {"TF-IDF pipeline, one label": pipeline_way(seen[:4000])}
    for name, took_in in seconds(slow, fresh[:SLOW]).items():
        print(f"{name:34}{SLOW / min(took_in):12,.0f}")

    ones = fresh[:SINGLES]
    cut = statistics.median(single_times(lambda one: WORD.findall(one.lower()), ones))
    alone = single_times(lambda one: scorer.score(Document(text=one)), ones)
    typical = statistics.median(alone)
    rare = statistics.quantiles(alone, n=100)[98]
    print(
        f"one comment: {typical:.0f} µs at p50, {rare:.0f} µs at p99; "
        f"its tokenising {cut:.1f} µs at p50"
    )
    print_encoder(fresh, documents)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this run, all ways together: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
