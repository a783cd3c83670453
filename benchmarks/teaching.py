"""Plays public data sets as sites: which comments should people be asked about?

python -m benchmarks.teaching FOLDER [SET ...], where FOLDER has the sets as
NAME.csv.gz: all of a set but its last comments wait. People decide so many of them in
the order of arrival (`due`), by `uncertainty`, or as the order `teach` serves them in
hands; each time the model is retrained just as the service does it, the rest is
rescored, and the candidate is measured on the last comments. The same shuffled set
is played with each order, so that differences are paired.
"""

from __future__ import annotations

import random
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.retraining import SITES, UNTUNED, as_lessons, decided, later, quiet
from classifiers.data import public
from classifiers.data.datasets import Example
from classifiers.evaluation.metrics import auc
from classifiers.evaluation.model_scores import score_examples, targets
from classifiers.pretrained import default_model
from classifiers.serving.scorer import Scorer
from moderation.learning.retraining import Snapshot, train
from moderation.policy.thresholds import Policy, nearest
from moderation.queue.active_learning import CANDIDATES, LATELY, READ, Candidate, pick
from moderation.sites import policies

COUNTS = (300, 1000, 3000)  # decisions, at which the model is retrained
MAX_ASKED = 0.5  # of the pending comments; of all of them, every order asks the same
SEEDS = (1, 2, 3, 4, 5)  # of the order of arrival: the sets have no times
HAND = 20  # comments

Choose = Callable[[list[Candidate], list[Candidate], int], list[Candidate]]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a candidate is worth on the comments that come last."""

    area: float  #: AUC
    brier: float
    harmful: float  #: share of what was asked


def by_arrival(
    waiting: list[Candidate], asked: list[Candidate], count: int
) -> list[Candidate]:
    """Return the next comments in the order of arrival."""
    return waiting[:count]


def by_uncertainty(
    waiting: list[Candidate], asked: list[Candidate], count: int
) -> list[Candidate]:
    """Return the nearest to a threshold."""
    return sorted(waiting, key=lambda each: (each.margin, each.id))[:count]


def by_teaching(
    waiting: list[Candidate], asked: list[Candidate], count: int
) -> list[Candidate]:
    """Return what hands of the order `teach` hold, one after another."""
    left = sorted(waiting, key=lambda each: (each.margin, each.id))
    found: list[Candidate] = []
    while len(found) < count:
        first = left[:CANDIDATES]
        known = (asked + found)[-LATELY:]
        places = pick(first, known, min(HAND, count - len(found)))
        found += [first[place] for place in places]
        taken = {first[place].id for place in places}
        left = [each for each in left if each.id not in taken]
    return found


ORDERS: dict[str, Choose] = {
    "due": by_arrival,
    "uncertainty": by_uncertainty,
    "teach": by_teaching,
}


def scored(
    scorer: Scorer, policy: Policy, early: Sequence[Example], places: Sequence[int]
) -> list[Candidate]:
    """Return comments that wait, as a model sees them."""
    found = []
    texts = [early[place] for place in places]
    for place, row in zip(places, score_examples(scorer, texts).tolist(), strict=True):
        near = nearest(policy, dict(zip(scorer.labels, row, strict=True)))
        assert near is not None  # a scorer has labels
        text = early[place].text[:READ]
        found.append(
            Candidate(id=place, margin=near[0], text=text, label=near[1], language=None)
        )
    return found


def play(
    early: Sequence[Example],
    last: Sequence[Example],
    label: str,
    shipped: Scorer,
    choose: Choose,
) -> dict[int, Figures]:
    """Return what each number of decisions brings, asked in one order."""
    scorer = shipped
    policy = policies.read_policy(
        policies.default_policy(shipped.manifest["thresholds"])
    )
    target = targets(last, label)
    known = target >= 0
    asked: list[Candidate] = []
    found: dict[int, Figures] = {}
    for count in COUNTS:
        if count > MAX_ASKED * len(early):
            break
        done = {each.id for each in asked}
        places = [place for place in range(len(early)) if place not in done]
        waiting = scored(scorer, policy, early, places)
        asked += choose(waiting, asked, count - len(asked))
        decisions = [early[each.id] for each in asked]
        trial = train(
            Snapshot(
                name="site",
                base=shipped,
                active=shipped,
                policy=policy,
                lessons=as_lessons(decisions),
            ),
            quiet,
        )
        scorer = trial.scorer
        after = score_examples(scorer, last)[:, scorer.labels.index(label)]
        harmful = statistics.mean(bool(each.labels.get(label)) for each in decisions)
        area = auc(target, after)
        assert area is not None  # the last comments are of both sides
        found[count] = Figures(
            area=area,
            brier=float(((after - target)[known] ** 2).mean()),
            harmful=harmful,
        )
    return found


def told(name: str, count: int, found: dict[str, list[Figures]]) -> str:
    """Return one line of the table: `due`, and what others have beyond it."""
    due = found["due"]
    cells = [name, f"{count:,}", f"{statistics.mean(x.area for x in due):.3f}"]
    for order in ("uncertainty", "teach"):
        gains = [a.area - b.area for a, b in zip(found[order], due, strict=True)]
        cells.append(
            f"{statistics.mean(gains):+.3f} ({min(gains):+.3f} to {max(gains):+.3f})"
        )
    briers = [statistics.mean(x.brier for x in each) for each in found.values()]
    cells.append(" / ".join(f"{each:.3f}" for each in briers))
    shares = [statistics.mean(x.harmful for x in each) for each in found.values()]
    cells.append(" / ".join(f"{each:.0%}" for each in shares))
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> None:
    """Print the table of `docs/retraining.md`."""
    folder, *names = arguments
    shipped = default_model.load()
    for name in names or SITES:
        label, measured = {**SITES, **UNTUNED}[name]
        rows: dict[int, dict[str, list[Figures]]] = {}
        for seed in SEEDS:
            texts = public.read_public(Path(folder), name)
            random.Random(seed).shuffle(texts)
            early, last = later(decided(texts, label, shipped.labels), measured)
            for order, choose in ORDERS.items():
                for count, figures in play(early, last, label, shipped, choose).items():
                    row = rows.setdefault(count, {order: [] for order in ORDERS})
                    row[order].append(figures)
        for count, row in rows.items():
            print(told(name, count, row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
