"""Figures of the fast scorer, the encoder, and both: the tables of the model card.

    python -m benchmarks.both_scorers --data FOLDER [--texts 200] [--model FILE]
        [--encoder FOLDER]

First the AUC on the tenth that shaped no weight, then on sets that are only measured,
then what the thresholds hold of harmless and toxic news comments and of people at risk.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifiers.data import public
from classifiers.data.contrasts import collection
from classifiers.data.contrasts.templates import SOURCE as OWN
from classifiers.data.datasets import Example
from classifiers.data.public import PUBLIC
from classifiers.encoder import encoder
from classifiers.evaluation.metrics import auc, recall_at
from classifiers.evaluation.model_scores import targets
from classifiers.pretrained import default_encoder, default_model
from classifiers.serving import artifact
from classifiers.serving.combined import CombinedScorer, Reads
from classifiers.serving.document import Document
from classifiers.serving.head import Tongue
from classifiers.training.encoder_joining import measured

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

MIN_SIDE = 5  # texts of either side
#: The harm that says most about a text, where a set tells several.
TELLING = ("toxicity", "identity_attack", "spam")
HARMLESS = "ucc_news_val"
TOXIC = "civil_toxic"
NEWS_TEXTS = 2000
ALARMS = (0.01, 0.05)


class Scores:
    """Log-odds of examples by the fast scorer, the encoder alone, and both."""

    def __init__(self, scorer: CombinedScorer, examples: Sequence[Example]) -> None:
        documents = [Document(text=example.text) for example in examples]
        self.labels = scorer.labels
        fast = scorer.fast.text_log_odds(documents)
        vectors = scorer.vectors(documents)
        texts = [example.text for example in examples]
        abroad = np.full(len(examples), Tongue.FOREIGN, np.int64)
        self.both = scorer.head.log_odds(fast, vectors, scorer.tongues(texts))
        self.encoder = scorer.head.log_odds(fast, vectors, abroad)
        self.fast = np.full_like(self.both, np.nan)
        self.fast[:, : fast.shape[1]] = fast

    def columns(self, label: str) -> tuple[Floats, Floats, Floats]:
        """Return a label's log-odds: fast, encoder, both."""
        place = self.labels.index(label)
        return self.fast[:, place], self.encoder[:, place], self.both[:, place]


def held_out(scorer: CombinedScorer, folder: Path) -> Iterator[str]:
    """Yield the rows of the table of the held-out tenth."""
    examples = measured(folder)
    scores = Scores(scorer, examples)
    sources = np.array([example.source for example in examples])
    for source in sorted(set(sources) - {OWN}):
        of_source = np.flatnonzero(sources == source)
        yield from _rows(source, [examples[i] for i in of_source], scores, of_source)
    own = [e for kind in collection.held_out().values() for e in kind]
    yield from _rows(OWN, own, Scores(scorer, own), np.arange(len(own)))


def _rows(
    source: str, examples: Sequence[Example], scores: Scores, places: Places
) -> Iterator[str]:
    language = PUBLIC[source].language if source in PUBLIC else "own"
    for label in scores.labels:
        truth = targets(examples, label)
        known = ~np.isnan(truth)
        positive = int((truth[known] == 1).sum())
        if min(positive, int(known.sum()) - positive) < MIN_SIDE:
            continue
        fast, _, both = (each[places][known] for each in scores.columns(label))
        alone = "–" if np.isnan(fast).any() else f"{auc(truth[known], fast):.3f}"
        yield (
            f"| {source} ({language}) | {label} | {int(known.sum()):,} | {positive:,} "
            f"| {alone} | {auc(truth[known], both):.3f} |"
        )


def elsewhere(scorer: CombinedScorer, folder: Path, most: int) -> Iterator[str]:
    """Yield the rows of the table of sets that are only measured."""
    for name, kind in PUBLIC.items():
        if kind.may_train:
            continue
        examples = public.read_public(folder, name)
        for label in TELLING:
            sides = [
                [e for e in examples if e.labels.get(label) is side]
                for side in (True, False)
            ]
            if min(map(len, sides)) >= MIN_SIDE:
                drawn = [e for side in sides for e in _draw(side, most)]
                scores = Scores(scorer, drawn).columns(label)
                truth = targets(drawn, label)
                areas = " | ".join(f"{auc(truth, column):.3f}" for column in scores)
                yield f"| {name} | {label} | {len(drawn)} | {areas} |"
                break


def _draw(examples: Sequence[Example], most: int) -> list[Example]:
    return random.Random(0).sample(examples, min(most, len(examples)))


def holding(scorer: CombinedScorer, folder: Path) -> Iterator[str]:
    """Yield sentences about what the thresholds hold."""
    cuts = scorer.manifest["thresholds"]
    harms = [x for x in scorer.labels if x in cuts and x != "self_harm"]

    def held(scores: list[dict[str, float]], labels: Sequence[str]) -> float:
        return float(
            np.mean([any(s[x] >= cuts[x]["review_at"] for x in labels) for s in scores])
        )

    def score(examples: Sequence[Example]) -> list[dict[str, float]]:
        return scorer.score_many([Document(text=example.text) for example in examples])

    harmless = [
        e for e in public.read_public(folder, HARMLESS) if not e.labels["toxicity"]
    ]
    harmless = _draw(harmless, NEWS_TEXTS)
    toxic = [e for e in measured(folder) if e.source == TOXIC]
    scored = [score(harmless), score(toxic)]
    column = np.array([s["toxicity"] for part in scored for s in part])
    truth = np.repeat([0.0, 1.0], [len(harmless), len(toxic)])
    recalls = ", ".join(f"{x:.0%}: {recall_at(truth, column, x):.3f}" for x in ALARMS)
    yield (
        f"news, {len(harmless)} harmless, {len(toxic)} toxic: AUC "
        f"{auc(truth, column):.3f}; recall at false alarms {recalls}; held "
        f"{held(scored[0], harms):.1%} and {held(scored[1], harms):.1%}; "
        f"self_harm held {held(scored[0], ['self_harm']):.1%} of the harmless"
    )
    own = [e for kind in collection.held_out().values() for e in kind]
    for side in (True, False):
        part = [e for e in own if e.labels.get("self_harm") is side]
        share = held(score(part), ["self_harm"])
        yield f"self_harm is {side}, {len(part)} own sentences: {share:.1%} held"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.both_scorers")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=200, help="of either side")
    parser.add_argument("--model", type=Path, default=default_model.PATH)
    parser.add_argument("--encoder", type=Path, default=default_encoder.PATH)
    options = parser.parse_args()
    scorer = CombinedScorer(
        artifact.load(options.model), encoder.load(options.encoder), Reads.ALWAYS
    )
    print(f"{scorer.version}\n")
    for line in holding(scorer, options.data):
        print(f"- {line}", flush=True)
    print("\n| data | label | n | fast alone | encoder alone | both |", flush=True)
    for line in elsewhere(scorer, options.data, options.texts):
        print(line, flush=True)
    print("\n| data | label | n | positive | fast alone | both |", flush=True)
    for line in held_out(scorer, options.data):
        print(line, flush=True)


if __name__ == "__main__":
    main()
