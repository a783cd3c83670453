"""Fit the models of attributes of Perspective that no label stands for.

    python -m benchmarks.perspective_attributes FOLDER OUT [--model MODEL]

FOLDER has `perspective_wikipedia_2k_score_sample_20180829.csv`, Google's own scores of
2,000 comments, from example_data of github.com/conversationai/perspectiveapi
(Apache-2.0). Prints how each attribute's scores agree with Google's, on texts of other
folds than those that a model was fitted on, and writes the models of those that agree
well enough to OUT. With labeled sets in FOLDER, also how some order people's labels.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks.perspective_agreement import (
    MIN_SIDE,
    area,
    read_wikipedia_sample,
    redrawn,
    shown,
)
from classifiers.data import public
from classifiers.data.public_set import is_yes
from classifiers.evaluation.bootstrap import Estimate
from classifiers.evaluation.ranking import Floats
from classifiers.pretrained import default_model
from classifiers.serving import artifact, attribute_model
from classifiers.serving.attribute_model import AttributeModel
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.training import attributes

ATTRIBUTES = (
    "ATTACK_ON_AUTHOR",
    "ATTACK_ON_COMMENTER",
    "FLIRTATION",
    "INCOHERENT",
    "INFLAMMATORY",
    "LIKELY_TO_REJECT",
    "UNSUBSTANTIAL",
)
THRESHOLD = 0.7
TOXICITY = "toxicity"  # the label, for comparison
WORDS = "number of words"  # what a model of constructive texts would have to beat
MIN_AUC = 0.8  # of Perspective's threshold; less is no use to a caller

#: Labels that people gave to other texts, which shaped no weights, and the attribute
#: that should order them.
CHECKS: tuple[tuple[str, str, str, Callable[[str], bool]], ...] = (
    (WORDS, "c3_news_measure", "constructive", is_yes),
    ("INFLAMMATORY", "ucc_news_val", "antagonize", is_yes),
    (TOXICITY, "ucc_news_val", "antagonize", is_yes),
    ("ATTACK_ON_COMMENTER", "ucc_news_val", "hostile", is_yes),
    (TOXICITY, "ucc_news_val", "hostile", is_yes),
    ("LIKELY_TO_REJECT", "c3_news_measure", "toxic", is_yes),
    (TOXICITY, "c3_news_measure", "toxic", is_yes),
    (
        "UNSUBSTANTIAL",
        "c3_news_measure",
        "constructive",
        lambda label: not is_yes(label),
    ),
)


def correlation(ours: Floats, theirs: Floats) -> Estimate:
    """Return Spearman's rank correlation, with its interval."""
    drawn = [
        float(stats.spearmanr(ours[at], theirs[at]).statistic)
        for at in redrawn(len(ours))
    ]
    return Estimate.of(float(stats.spearmanr(ours, theirs).statistic), drawn)


def print_checks(folder: Path, scorer: FastScorer, model: AttributeModel) -> None:
    """Print how attributes order texts that people have labeled."""
    print("\n| attribute | set, label | texts | labeled | AUC |")
    print("| --- | --- | --- | --- | --- |")
    for name, source, column, holds in CHECKS:
        path = folder / f"{source}.csv.gz"
        if name not in (*model.names, TOXICITY, WORDS) or not path.exists():
            continue
        rows = [row for row in public.rows(path) if row[column] != ""]
        people = np.array([holds(row[column]) for row in rows], float)
        texts = [row["text"] for row in rows]
        if name == WORDS:
            ours = np.array([len(text.split()) for text in texts], float)
        else:
            labels = scorer.score_many([Document(text=text) for text in texts])
            found = labels if name == TOXICITY else model.score_many(scorer, texts)
            ours = np.array([scores[name] for scores in found])
        print(
            f"| `{name}` | {source}, {column} | {len(rows):,} | {int(people.sum()):,} "
            f"| {shown(area(people, ours))} |"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, print the figures, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path, help="default: the one that ships")
    options = parser.parse_args(arguments)
    scorer = artifact.load(options.model) if options.model else default_model.load()
    examples = list(read_wikipedia_sample(options.folder))
    texts = [example.text for example in examples]
    scores: Mapping[str, list[float]] = {
        name: [example.scores[name] for example in examples] for name in ATTRIBUTES
    }
    tried = attributes.fit(scorer, texts, scores)
    kept = []
    print("| attribute | rank correlation | over 0.7, Google | AUC of that | kept |")
    print("| --- | --- | --- | --- | --- |")
    for column, name in enumerate(tried.names):
        theirs, ours = tried.theirs[:, column], tried.held_out[:, column]
        over = (theirs >= THRESHOLD).astype(float)
        found = area(over, ours) if over.sum() >= MIN_SIDE else None
        if found is not None and found.value >= MIN_AUC:
            kept.append(name)
        print(
            f"| `{name}` | {shown(correlation(ours, theirs))} | {over.mean():.1%} "
            f"| {shown(found)} | {'yes' if name in kept else 'no'} |"
        )
    model = attributes.fit(scorer, texts, {name: scores[name] for name in kept}).model
    attribute_model.save(model, options.out)
    print(f"\n{options.out}: {options.out.stat().st_size:,} bytes")
    print_checks(options.folder, scorer, model)


if __name__ == "__main__":
    main()
