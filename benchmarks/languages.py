"""What the default thresholds would do in other languages, if scores decided there.

    python -m benchmarks.languages --data FOLDER [--texts 300] [--encoder READS]

For each public set that tells of a harm: how well that harm's score tells the harmful
from the harmless texts (AUC), which share of the harmful ones no threshold holds, and
which share of the harmless ones any threshold holds, each with its 95% interval
(Wilson). Of sets that the model learned from, texts of the tenth that it didn't. The
peer, in the same run, is English.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifiers.data import datasets, public
from classifiers.data.datasets import Example
from classifiers.data.public import PUBLIC
from classifiers.evaluation.metrics import auc
from classifiers.serving.combined import Reads
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from classifiers.text.labels import SELF_HARM
from moderation.models.serving import Scoring
from moderation.statistics import wilson_interval

#: The harm that says most about a text, where a set tells several.
HARMS = ("toxicity", "identity_attack")
LEAST = 20  # texts of either side


@dataclass(frozen=True)
class Row:
    """The figures of one set."""

    language: str
    source: str
    label: str
    area: float  #: AUC, 0 to 1
    passed: tuple[int, int]  #: harmful texts that no threshold holds, of how many
    held: tuple[int, int]  #: harmless texts that one holds, of how many


def measure(scorer: Scorer, folder: Path, most: int) -> Iterator[Row]:
    """Yield the figures of each set, `most` texts of either side drawn at random."""
    for name, kind in PUBLIC.items():
        if kind.is_adversarial:
            continue
        examples = public.read_public(folder, name)
        if kind.may_train:
            kept = datasets.held_out(examples)
            examples = [e for e, apart in zip(examples, kept, strict=True) if apart]
        for label in HARMS:
            sides = [
                [e for e in examples if e.labels.get(label) is side]
                for side in (True, False)
            ]
            if min(map(len, sides)) >= LEAST:
                drawn = [_draw(side, most) for side in sides]
                yield _row(scorer, kind.language, name, label, drawn)
                break


def _draw(examples: Sequence[Example], most: int) -> list[Example]:
    drawn = random.Random(0).sample(examples, min(most, len(examples)))
    return sorted(drawn, key=lambda example: len(example.text))


def _row(
    scorer: Scorer,
    language: str,
    source: str,
    label: str,
    sides: Sequence[Sequence[Example]],
) -> Row:
    """Return the figures of a set's harmful and harmless texts, in this order."""
    cuts = scorer.manifest["thresholds"]
    harms = [each for each in scorer.labels if each in cuts and each != SELF_HARM]
    figures, held = [], []
    for examples in sides:
        scores = scorer.score_many([Document(text=e.text) for e in examples])
        figures.append([each[label] for each in scores])
        held.append(
            [any(each[x] >= cuts[x]["review_at"] for x in harms) for each in scores]
        )
    harmful, harmless = held
    target = np.repeat([1.0, 0.0], [len(harmful), len(harmless)])
    return Row(
        language=language,
        source=source,
        label=label,
        area=auc(target, np.concatenate(figures)),
        passed=(len(harmful) - sum(harmful), len(harmful)),
        held=(sum(harmless), len(harmless)),
    )


def _percent(count: int, texts: int) -> str:
    interval = wilson_interval(count, texts)
    if interval is None:
        return ""
    low, high = 100 * interval.low, 100 * interval.high
    return f"{100 * count / texts:4.0f}% ({low:.0f}–{high:.0f})"


def main() -> None:
    """Print a table, English last."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.languages")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=300, help="of either side")
    parser.add_argument("--encoder", type=Reads, default=Reads.ALWAYS)
    options = parser.parse_args()
    scoring = Scoring(None, reads=options.encoder)
    if scoring.default is None:
        raise SystemExit(f"no model: {scoring.fault}")
    print(f"{scoring.default.version}, default thresholds\n")
    print(
        f"{'language':9} {'set':25} {'label':16} {'AUC':5}  {'harmful passed':16} "
        "harmless held"
    )
    rows = measure(scoring.default, options.data, options.texts)
    for row in sorted(rows, key=lambda row: (row.language == "en", row.language)):
        print(
            f"{row.language:9} {row.source:25} {row.label:16} {row.area:4.3f}  "
            f"{_percent(*row.passed):16} {_percent(*row.held):16}"
        )


if __name__ == "__main__":
    main()
