"""What the parent comment and the headline add to a comment's own text.

    python -m benchmarks.context --data FOLDER [--texts 3000]

For each public set that has a context: the AUC of the scorer's log-odds, then of a
logistic regression that also has the context's log-odds and the likeness of both
vectors, then of one on the vector alone, and of one that also has the context's vector
and the product of both. All are fitted in five folds, each context in one of them, and
measured on texts that were not fitted. The gain has a 95% interval of 200 redrawn
samples.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from classifiers.data import public
from classifiers.data.public import PUBLIC
from classifiers.evaluation.metrics import auc
from classifiers.serving.combined import CombinedScorer, Reads
from classifiers.serving.document import Document
from moderation.models.serving import Scoring

Floats = npt.NDArray[np.float64]

#: Set → column of the truth, column of the context, label of the scorer.
SETS = {
    "convabuse": ("abusive", "context", "toxicity"),
    "wiki_context": ("toxic", "context", "toxicity"),
    "vietnamese_victsd_news": ("toxic", "title", "toxicity"),
    "blog_spam": ("spam", "title", "spam"),
}
FOLDS = 5
SAMPLES = 200
PULL = 30.0  # towards zero, of weights of a vector's numbers


@dataclass(frozen=True)
class Case:
    """A text in its context, and the truth about it."""

    text: str
    context: str
    is_harmful: bool


def read(folder: Path, name: str, most: int) -> list[Case]:
    """Return the texts of a set that have a context, `most` of them at random."""
    truth, context, _ = SETS[name]
    path = PUBLIC[name].path(folder)
    cases = [
        Case(row["text"], row[context], float(row[truth]) >= 0.5)
        for row in public.rows(path)
        if row[context] and row[truth]
    ]
    return random.Random(0).sample(cases, min(most, len(cases)))


def columns(
    scorer: CombinedScorer, cases: Sequence[Case], label: str
) -> list[tuple[str, Floats]]:
    """Return what each regression is given, by its name."""
    own, about = (
        [Document(text=text) for text in texts]
        for texts in ([c.text for c in cases], [c.context for c in cases])
    )
    place = scorer.labels.index(label)
    score, other = (
        scorer.log_odds(each)[:, place : place + 1] for each in (own, about)
    )
    one, two = (scorer.vectors(each) / np.float64(32) for each in (own, about))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
    likeness = ((one * two).sum(1) / np.maximum(lengths, 1e-9))[:, None]
    return [
        ("score", score),
        ("and the context's", np.hstack([score, other, likeness])),
        ("vector", np.hstack([score, one])),
        ("and the context's vector", np.hstack([score, one, two, one * two])),
    ]


def predicted(inputs: Floats, cases: Sequence[Case]) -> Floats:
    """Return the log-odds of each text by a regression on the other folds."""
    truth = np.array([case.is_harmful for case in cases], float)
    contexts = sorted({case.context for case in cases})
    random.Random(1).shuffle(contexts)
    fold_of = {context: place % FOLDS for place, context in enumerate(contexts)}
    folds = np.array([fold_of[case.context] for case in cases])
    found = np.zeros(len(cases))
    for fold in range(FOLDS):
        away = folds == fold
        theta = _fitted(inputs[~away], truth[~away])
        found[away] = inputs[away] @ theta[:-1] + theta[-1]
    return found


def _fitted(inputs: Floats, truth: Floats) -> Floats:
    pull = np.full(inputs.shape[1], PULL)
    pull[: min(3, inputs.shape[1])] = 0.1  # the score itself is hardly pulled

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = inputs @ theta[:-1] + theta[-1]
        residual = expit(z) - truth
        value = float((np.logaddexp(0, z) - truth * z).sum())
        value += float((pull * theta[:-1] ** 2).sum()) / 2
        return value, np.append(
            residual @ inputs + pull * theta[:-1], float(residual.sum())
        )

    start = np.zeros(inputs.shape[1] + 1)
    found: Floats = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return found


def gain(truth: Floats, before: Floats, after: Floats) -> tuple[float, float]:
    """Return the 95% interval of what the AUC gains."""
    draw = np.random.default_rng(0)
    gains = []
    for _ in range(SAMPLES):
        rows = draw.integers(0, len(truth), len(truth))
        if 0 < truth[rows].sum() < len(rows):
            gains.append(auc(truth[rows], after[rows]) - auc(truth[rows], before[rows]))
    low, high = np.percentile(gains, [2.5, 97.5])
    return float(low), float(high)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.context")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=3000, help="of a set, at most")
    options = parser.parse_args()
    scorer = Scoring(None, reads=Reads.ALWAYS).default
    if not isinstance(scorer, CombinedScorer):
        raise SystemExit("the deep scorer is missing")
    print(f"{scorer.version}\n\n{'set':24} {'texts':>6} {'harmful':>8}  AUC of …")
    for name, (_, _, label) in SETS.items():
        cases = read(options.data, name, options.texts)
        truth = np.array([case.is_harmful for case in cases], float)
        print(f"{name:24} {len(cases):6} {int(truth.sum()):8}", flush=True)
        before = None
        for title, inputs in columns(scorer, cases, label):
            after = predicted(inputs, cases)
            line = f"    {title:26} {auc(truth, after):.3f}"
            if before is not None and title.startswith("and"):
                low, high = gain(truth, before, after)
                line += f"  (gain {low:+.3f} to {high:+.3f})"
            print(line, flush=True)
            before = after


if __name__ == "__main__":
    main()
