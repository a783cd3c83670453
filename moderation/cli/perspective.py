"""A command for sites that leave Perspective: what their thresholds are here."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import sessionmaker

from classifiers.errors import ClassifierError
from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from moderation.cli.options import SiteName
from moderation.compat.perspective.attributes import label_of
from moderation.compat.perspective.modelled import add_modelled, scored_names
from moderation.database import db
from moderation.errors import InvalidFields
from moderation.rehearsal import rehearsing
from moderation.rehearsal.given_scores import read_given_scores
from moderation.sites.sites import SiteContext
from moderation.web.services import services

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)  # those that Perspective's own pages speak of
BATCH = 512  # texts scored in one go

#: Texts with Perspective's scores by attribute, 0 to 1.
Texts = Iterator[tuple[Document, dict[str, float]]]


@click.command("carry-thresholds")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--site", type=SiteName(), help="Instead of FILE: scores that an import brought"
)
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
    "--model",
    help="With FILE, a model file, by default the shipped one; with --site, a version, "
    "by default the active one",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the mappings here")
def carry_thresholds(
    file: Path | None,
    site: SiteContext | None,
    thresholds: tuple[float, ...],
    model: str | None,
    out: Path | None,
) -> None:
    """Convert thresholds of Perspective, from texts with the scores that it gave.

    FILE has a JSON object a line: `text`, and under `attributeScores` Perspective's
    answer as it came, or attribute to number. With --site, imported comments are read.
    """
    from classifiers.evaluation import (
        perspective_thresholds as carrying,  # scikit-learn: slow to import
    )

    if (file is None) == (site is None):
        raise click.UsageError("Give a FILE, or a --site with imported scores.")
    if site is not None:
        scorer, texts = _of_site(site, model)
    else:
        assert file is not None  # noqa: S101 - one of them is given
        scorer, texts = _scorer(model), _lines(file)
    pairs = _pairs(scorer, texts)
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


def _scorer(model: str | None) -> Scorer:
    """Return the model of a file, or the shipped one."""
    if model is None:
        return default_model.load()
    if not Path(model).exists():
        raise click.BadParameter(f"There is no file {model}.", param_hint="--model")
    return artifact.load(Path(model))


def _of_site(site: SiteContext, version: str | None) -> tuple[Scorer, Texts]:
    """Return a model of a site, and the site's texts with Perspective's scores."""
    scoring, key = services().scoring, services().lineage_key
    found = rehearsing.find_model(db.session(), site, scoring, version, key)
    db.session.close()
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    texts = read_given_scores(sessions, site.id, "perspective", found)
    return found.scorer, texts


def _lines(path: Path) -> Texts:
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
                yield Document(text=str(entry["text"])), scores
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


def _pairs(scorer: Scorer, texts: Texts) -> dict[str, tuple[list[float], list[float]]]:
    """Return attribute to our scores and theirs of the same texts."""
    pairs: dict[str, tuple[list[float], list[float]]] = {}
    scored = scored_names(scorer)
    while batch := list(itertools.islice(texts, BATCH)):
        documents = [document for document, _ in batch]
        labels = scorer.score_many(documents)
        written = [document.text for document in documents]
        found = add_modelled(scorer, written, labels, scored)
        for (_, theirs), ours in zip(batch, found, strict=True):
            for name, value in theirs.items():
                label = label_of(name, scored)
                if label is not None:
                    both = pairs.setdefault(name, ([], []))
                    both[0].append(ours[label])
                    both[1].append(value)
    return pairs
