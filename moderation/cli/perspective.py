"""A command for sites that leave Perspective: what their thresholds are here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from classifiers.errors import ClassifierError
from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from moderation.compat.perspective.attributes import label_of, score_of
from moderation.errors import InvalidFields

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)  # those that Perspective's own pages speak of
BATCH = 512  # texts scored in one go


@click.command("carry-thresholds")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--threshold",
    "thresholds",
    type=click.FloatRange(0, 1),
    multiple=True,
    default=THRESHOLDS,
    show_default=True,
    help="Of Perspective",
)
@click.option(
    "--model", type=click.Path(exists=True, path_type=Path), help="Default: that ships"
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the mappings here")
def carry_thresholds(
    file: Path, thresholds: tuple[float, ...], model: Path | None, out: Path | None
) -> None:
    """Say what thresholds of Perspective are here, from texts with its kept scores.

    FILE has a JSON object a line: `text`, and under `attributeScores` Perspective's
    answer as it came, or attribute to number.
    """
    from classifiers.evaluation import (
        perspective_thresholds as carrying,  # scikit-learn: slow to import
    )

    scorer = artifact.load(model) if model else default_model.load()
    pairs = _pairs(scorer, _lines(file))
    found = {}
    for attribute, (ours, theirs) in sorted(pairs.items()):
        try:
            found[attribute] = carrying.fit(attribute, ours, theirs, thresholds)
        except ClassifierError as error:
            click.echo(str(error))
            continue
        for line in carrying.table(found[attribute]):
            click.echo(line)
    if not found:
        raise click.ClickException("No attribute has scores enough to fit a mapping.")
    if out:
        body = {"model_version": scorer.version, "attributes": carrying.summary(found)}
        out.write_text(json.dumps(body, indent=2, allow_nan=False) + "\n")


def _lines(path: Path) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each text with Perspective's scores of it."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
                scores = {
                    name: _value(each)
                    for name, each in entry["attributeScores"].items()
                }
                yield str(entry["text"]), scores
            except (ValueError, KeyError, TypeError, AttributeError):
                complaint = "Needs a text and its attributeScores, 0 to 1."
                raise InvalidFields({f"line {number}": [complaint]}) from None


def _value(score: Any) -> float:
    if isinstance(score, Mapping):
        score = score["summaryScore"]["value"]
    value = float(score)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def _pairs(
    scorer: Scorer, lines: Iterator[tuple[str, dict[str, float]]]
) -> dict[str, tuple[list[float], list[float]]]:
    """Return attribute to our scores and theirs of the same texts."""
    pairs: dict[str, tuple[list[float], list[float]]] = {}
    kept = list(lines)
    for start in range(0, len(kept), BATCH):
        batch = kept[start : start + BATCH]
        found = scorer.score_many([Document(text=text) for text, _ in batch])
        for (_, theirs), ours in zip(batch, found, strict=True):
            for name, value in theirs.items():
                label = label_of(name, scorer.labels)
                if label is not None:
                    both = pairs.setdefault(name, ([], []))
                    both[0].append(score_of(label, ours))
                    both[1].append(value)
    return pairs
