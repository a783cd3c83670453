"""Agreement with Perspective, on texts that carry Google's own scores.

    python -m benchmarks.perspective_agreement FOLDER [--model MODEL]

FOLDER has these public files, as they are named in `SETS`; those that lack are skipped:

- `perspective_wikipedia_2k_score_sample_20180829.csv`, from example_data of
  github.com/conversationai/perspectiveapi (Apache-2.0): 17 attributes
- `gn.csv`, from data/CAT_LARGE of github.com/ipavlopoulos/context_toxicity
  (Apache-2.0): toxicity, and whether a person found it
- `train_comments.csv`, from data/training of github.com/CMUSTRUDEL/toxicity-detector
  (MIT): toxicity, and whether people found it

and, for people's labels of the first and to know which texts the model was trained on,
the public training sets as NAME.csv.gz. Texts that shaped its weights are left out.

Prints, as Markdown, for each attribute: the rank correlation (Spearman's), the AUC of
either against people, and what `moderation carry-thresholds` makes of Perspective's
thresholds on texts that it wasn't fitted on, all with 95% intervals from redrawn texts.
"""

from __future__ import annotations

import argparse
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import stats

from classifiers.data import datasets, public
from classifiers.data.public import PUBLIC
from classifiers.data.public_set import is_yes
from classifiers.evaluation import bootstrap, perspective_thresholds
from classifiers.evaluation.bootstrap import Estimate
from classifiers.evaluation.ranking import Floats, RankedScores
from classifiers.pretrained import default_model
from classifiers.serving import artifact
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.text.languages import is_supported
from moderation.compat.perspective.attributes import label_of

THRESHOLDS = (0.7, 0.9)  # which Perspective's own pages recommend
MIN_SIDE = 10  # texts that people found, and that they didn't; fewer give no AUC
MIN_TEXTS = perspective_thresholds.MIN_TEXTS
#: The names of attributes in the training set of Wikipedia's talk pages.
WIKIPEDIAS = {
    "TOXICITY": "toxic",
    "SEVERE_TOXICITY": "severe_toxic",
    "PROFANITY": "obscene",
    "OBSCENE": "obscene",
    "THREAT": "threat",
    "INSULT": "insult",
    "IDENTITY_ATTACK": "identity_hate",
}
#: Versions of an attribute before the one that Perspective answered with.
OUTDATED = {"TOXICITY@5", "SEVERE_TOXICITY@1"}

_NO_LETTERS = re.compile(r"\W+")

Places = npt.NDArray[np.int64]
Held = npt.NDArray[np.bool_]  # whether each text is held


@dataclass(frozen=True, kw_only=True)
class ScoredByGoogle:
    """A text, Perspective's scores of it, and people's labels."""

    text: str
    scores: Mapping[str, float]  #: attribute to 0–1
    people: Mapping[str, bool] = field(default_factory=dict)  #: attribute to held


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Scores of the same texts for one attribute."""

    name: str  #: of the set
    attribute: str
    ours: Floats
    theirs: Floats
    people: Floats  #: 0 or 1; NaN where unknown


def read_wikipedia_sample(folder: Path) -> Iterator[ScoredByGoogle]:
    """Yield comments of Wikipedia's talk pages with Perspective's scores of 2018."""
    labels = {}
    path = PUBLIC["jigsaw_wiki"].path(folder)
    if path.exists():
        labels = {row["id"]: row for row in public.rows(path)}
    for row in public.rows(folder / SETS["Wikipedia, 2018"].file):
        about = ("id", "comment_text", *OUTDATED)
        labelled = labels.get(row["id"])
        people = {}
        if labelled is not None and is_yes(labelled["has_all_6_labels"]):
            people = {
                name: is_yes(labelled[label]) for name, label in WIKIPEDIAS.items()
            }
        if row["comment_text"] != "#ERROR!":  # what a spreadsheet made of a text
            yield ScoredByGoogle(
                text=row["comment_text"],
                scores={
                    name.partition("@")[0]: float(value)
                    for name, value in row.items()
                    if name not in about
                },
                people=people,
            )


def read_wikipedia_replies(folder: Path) -> Iterator[ScoredByGoogle]:
    """Yield comments of Wikipedia's talk pages with Perspective's scores of 2019."""
    for row in public.rows(folder / SETS["Wikipedia, 2019"].file):
        if row["api"]:
            yield ScoredByGoogle(
                text=row["text"],
                scores={"TOXICITY": float(row["api"])},
                people={"TOXICITY": is_yes(row["label"])},
            )


def read_github(folder: Path) -> Iterator[ScoredByGoogle]:
    """Yield comments on GitHub with Perspective's scores; 0 stands for none."""
    for row in public.rows(folder / SETS["GitHub, 2019"].file):
        score = float(row["perspective_score"] or 0)
        if score > 0:
            yield ScoredByGoogle(
                text=html.unescape(row["text"]),
                scores={"TOXICITY": score},
                people={"TOXICITY": row["toxicity"] == "y"},
            )


@dataclass(frozen=True)
class PublicScores:
    """A public file with Perspective's scores."""

    file: str
    read: Callable[[Path], Iterator[ScoredByGoogle]]


SETS = {
    "Wikipedia, 2018": PublicScores(
        "perspective_wikipedia_2k_score_sample_20180829.csv", read_wikipedia_sample
    ),
    "Wikipedia, 2019": PublicScores("gn.csv", read_wikipedia_replies),
    "GitHub, 2019": PublicScores("train_comments.csv", read_github),
}


def texts_learnt(folder: Path) -> set[str]:
    """Return the texts of the training sets in a folder that shaped weights."""
    return {
        _key(row[kind.text])
        for kind in PUBLIC.values()
        if kind.may_train and kind.path(folder).exists()
        for row in public.rows(kind.path(folder))
        if not datasets.is_held_out(row[kind.text])
    }


def _key(text: str) -> str:
    """Return the letters of a text alone: copies differ in the rest."""
    return _NO_LETTERS.sub("", text.lower())


def compare(
    scorer: FastScorer, name: str, examples: Sequence[ScoredByGoogle]
) -> list[Compared]:
    """Return the scores of both for each attribute that has a label here.

    Those with a model of their own have their figures from
    `benchmarks.perspective_attributes`: these texts shaped it.
    """
    found = scorer.score_many([Document(text=example.text) for example in examples])
    compared = []
    for attribute in dict.fromkeys(a for example in examples for a in example.scores):
        label = label_of(attribute, scorer.labels)
        if label is None:
            continue
        pairs = [
            (
                ours[label],
                example.scores[attribute],
                example.people.get(attribute, np.nan),
            )
            for example, ours in zip(examples, found, strict=True)
            if attribute in example.scores
        ]
        ours, theirs, people = np.array(pairs, float).T
        compared.append(
            Compared(
                name=name, attribute=attribute, ours=ours, theirs=theirs, people=people
            )
        )
    return compared


def redrawn(count: int, seed: int = 0) -> Iterator[Places]:
    """Redraw texts with replacement."""
    rng = np.random.default_rng(seed)
    for _ in range(bootstrap.SAMPLES):
        yield rng.integers(0, count, count)


def rank_correlation(compared: Compared) -> Estimate:
    """Return Spearman's rank correlation of both scores."""

    def figure(at: Places | slice) -> float:
        return float(stats.spearmanr(compared.ours[at], compared.theirs[at]).statistic)

    drawn = [figure(at) for at in redrawn(len(compared.ours))]
    return Estimate.of(figure(slice(None)), drawn)


def area(people: Floats, scores: Floats) -> Estimate | None:
    """Return the AUC against people, where enough texts are labeled."""
    known = ~np.isnan(people)
    target, score = people[known], scores[known]
    if min(target.sum(), len(target) - target.sum()) < MIN_SIDE:
        return None
    ranked = RankedScores.of(target, score)
    drawn = [ranked.counted(draw) for draw in bootstrap.draws(target, 0)]
    return bootstrap.estimate(lambda counts: counts.auc(), ranked.counted(), drawn)


def agreement_row(compared: Compared) -> str:
    """Return a row of the first table."""
    known = ~np.isnan(compared.people)
    cells = [
        compared.name,
        f"`{compared.attribute}`",
        f"{len(compared.ours):,}",
        shown(rank_correlation(compared)),
        f"{int(np.nansum(compared.people))} of {int(known.sum()):,}"
        if known.any()
        else "–",
        shown(area(compared.people, compared.theirs)),
        shown(area(compared.people, compared.ours)),
    ]
    return "| " + " | ".join(cells) + " |"


#: Figures of a threshold, in the columns' order; `theirs` and `ours` are the
#: texts that either holds.
COLUMNS = (
    "threshold",
    "held, theirs",
    "held, ours",
    "theirs, also held by ours",
    "ours, also held by theirs",
    "precision, theirs",
    "precision, ours",
    "recall, theirs",
    "recall, ours",
)


def threshold_figures(
    compared: Compared, threshold: float, fitted: Places, held: Places
) -> list[float]:
    """Return a threshold of theirs carried over, and what both hold; see `COLUMNS`.

    Fitted on some texts; the shares are of the others. NaN where unknown.
    """
    knots = perspective_thresholds.fit_knots(
        compared.ours[fitted], compared.theirs[fitted]
    )
    cut = perspective_thresholds.carry(threshold, knots)
    theirs = compared.theirs[held] >= threshold
    ours = compared.ours[held] >= cut
    known = ~np.isnan(compared.people[held])
    found = compared.people[held] == 1
    if min(found.sum(), known.sum() - found.sum()) < MIN_SIDE:
        known[:] = False
    return [
        cut,
        float(theirs.mean()),
        float(ours.mean()),
        _share(ours, theirs),
        _share(theirs, ours),
        _share(found, theirs & known),
        _share(found, ours & known),
        _share(theirs, found & known),
        _share(ours, found & known),
    ]


def _share(part: Held, whole: Held) -> float:
    return float((part & whole).sum() / whole.sum()) if whole.any() else np.nan


def threshold_rows(compared: Compared) -> Iterator[str]:
    """Yield rows of the second table: how a threshold carries over.

    Both halves are redrawn: the one that the mapping is fitted on, and the other.
    """
    if len(compared.ours) < MIN_TEXTS:
        return
    fitted, held = perspective_thresholds.halves(len(compared.ours))
    draws = list(zip(redrawn(len(fitted), 1), redrawn(len(held), 2), strict=True))
    for threshold in THRESHOLDS:
        if (compared.theirs[held] >= threshold).sum() < MIN_SIDE:
            continue
        figures = threshold_figures(compared, threshold, fitted, held)
        drawn = np.array(
            [
                threshold_figures(compared, threshold, fitted[one], held[other])
                for one, other in draws
            ]
        )
        cells = [
            f"{threshold:g} → {carried(figures[0], drawn[:, 0])}",
            *(percent(*each) for each in zip(figures[1:], drawn.T[1:], strict=True)),
        ]
        cells = [compared.name, f"`{compared.attribute}`", *cells]
        yield "| " + " | ".join(cells) + " |"


def carried(cut: float, drawn: Floats) -> str:
    """Return a threshold with its interval; "none" where no score reaches it."""
    low, high = np.quantile(drawn, [0.025, 0.975], method="nearest")
    texts = [
        f"{each:.2f}" if np.isfinite(each) else "none" for each in (cut, low, high)
    ]
    return f"{texts[0]} ({texts[1]}–{texts[2]})"


def percent(figure: float, drawn: Floats) -> str:
    """Return a share with its interval."""
    if np.isnan(figure):
        return "–"
    found = Estimate.of(figure, drawn[~np.isnan(drawn)])
    return f"{found.value:.0%} ({found.low:.0%}–{found.high:.0%})"


def shown(figure: Estimate | None) -> str:
    """Return a figure with its interval."""
    if figure is None:
        return "–"
    return f"{figure.value:.2f} ({figure.low:.2f}–{figure.high:.2f})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare on all sets that the folder has; print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, help="default: the one that ships")
    options = parser.parse_args(arguments)
    scorer = artifact.load(options.model) if options.model else default_model.load()
    learnt = texts_learnt(options.folder)
    compared: list[Compared] = []
    for name, kind in SETS.items():
        if not (options.folder / kind.file).exists():
            continue
        read = list(kind.read(options.folder))
        kept = [
            example
            for example in read
            if _key(example.text) not in learnt
            and is_supported(example.text, scorer.languages)
        ]
        print(f"{name}: {len(read):,} texts, {len(kept):,} that shaped no weights")
        compared += compare(scorer, name, kept)
    print(f"\n{scorer.version}\n")
    print(
        "| set | attribute | texts | rank correlation | found by people | AUC, "
        "Perspective | AUC, ours |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for each in compared:
        print(agreement_row(each))
    print(f"\n| set | attribute | {' | '.join(COLUMNS)} |")
    print("|" + " --- |" * (2 + len(COLUMNS)))
    for each in compared:
        for row in threshold_rows(each):
            print(row)


if __name__ == "__main__":
    main()
