"""Plays public data sets as sites: what do so many decisions bring?

python -m benchmarks.retraining FOLDER, where FOLDER has the sets as NAME.csv.gz.
"""

from __future__ import annotations

import dataclasses
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from classifiers import pretrained, public
from classifiers.datasets import Example
from moderation import sites
from moderation.retraining import Snapshot, train

# Sets that the shipped model has not seen, each with the label it is about.
SITES = {"kaggle_insults_train": "insult", "ucc_news_val": "toxicity"}
DECISIONS = (300, 1000, 3000)
SEED = 1  # of the order: the sets have no times
START = datetime(2026, 1, 1, tzinfo=UTC)


def decided(folder: Path, name: str, label: str, known: Sequence[str]) -> list[Example]:
    """Return a set as people's decisions: rejections for the label, approvals."""
    examples = public.read_public(folder, name)
    random.Random(SEED).shuffle(examples)
    harmless = dict.fromkeys(known, False)
    return [
        dataclasses.replace(
            each,
            labels={label: True} if each.labels.get(label) else harmless,
            source="site",
            written_at=START + timedelta(minutes=number),
        )
        for number, each in enumerate(examples)
    ]


def row(name: str, label: str, count: int, report: dict[str, Any]) -> str:
    """Return one line of the table."""
    area = report["comparison"]["auc"][label]
    brier = report["comparison"]["brier"][label]
    gain, gate = area["gain"], report["gate"]
    return (
        f"| {name} | {count:,} | {area['active']:.3f} → {area['candidate']:.3f} "
        f"({gain['low']:+.3f} to {gain['high']:+.3f}) "
        f"| {brier['active']:.3f} → {brier['candidate']:.3f} "
        f"| {'yes' if gate['allowed'] else ' '.join(gate['reasons'])} |"
    )


def main(folder: Path) -> None:
    """Print the table of `docs/retraining.md`."""
    shipped = pretrained.load()
    policy = sites.read_policy(sites.first_policy(shipped.manifest["thresholds"]))
    print(f"Starting from {shipped.version}")
    for name, label in SITES.items():
        examples = decided(folder, name, label, shipped.labels)
        for count in DECISIONS:
            found = Snapshot(
                name=name,
                base=shipped,
                active=shipped,
                policy=policy,
                examples=examples[:count],
            )
            trial = train(found, lambda share: None)
            print(row(name, label, count, trial.report), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
