"""The figures of the model card: a scorer on the public data sets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.data import datasets, public
from classifiers.data.datasets import Example
from classifiers.data.public import PUBLIC
from classifiers.evaluation.bootstrap import Estimate
from classifiers.evaluation.metrics import auc, recalls
from classifiers.evaluation.model_report import (
    LabelReport,
    evaluate_scores,
    label_report,
)
from classifiers.evaluation.model_scores import ModelScores, score_examples, targets
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer

Floats = npt.NDArray[np.float64]

#: The measure set whose comments stand for harmless news comments.
NEWS = "ucc_news_val"
#: News comments that are all toxic.
TOXIC_NEWS = "civil_toxic"
TEMPLATES = "identity_templates"
#: Groups of people whose names stand in the templates, one word each.
# fmt: off
IDENTITIES = (
    "lesbian", "gay", "bisexual", "transgender", "trans", "queer", "lgbt", "lgbtq",
    "homosexual", "straight", "heterosexual", "male", "female", "nonbinary",
    "african", "black", "white", "european", "hispanic", "latino", "latina",
    "latinx", "mexican", "canadian", "american", "asian", "indian", "chinese",
    "japanese", "christian", "muslim", "jewish", "buddhist", "catholic",
    "protestant", "sikh", "taoist", "old", "older", "young", "younger", "teenage",
    "millenial", "elderly", "blind", "deaf", "paralyzed"
)
# fmt: on
#: A group needs so many templates.
MIN_TEMPLATES = 40
#: A word is highlighted from this part of the strongest word's push on.
HIGHLIGHT = 0.35


#: Shares of false alarms at which recall is reported without a range.
MORE_FALSE_ALARMS = (0.001, 0.05)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One label on one data set."""

    #: the data set
    source: str
    #: "held-out" part of a training set, or "measure" for one never trained on
    use: str
    #: ISO 639-1
    language: str
    label: str
    report: LabelReport
    #: share of false alarms → share of positives found there
    recalls: dict[float, float]


def measured_sets(folder: Path) -> dict[str, list[Example]]:
    """Return what may be measured: held-out tenths, and sets never trained on."""
    training = public.read_training(folder)
    kept: dict[str, list[Example]] = {}
    for example, held in zip(training, datasets.held_out(training), strict=True):
        if held:
            kept.setdefault(example.source, []).append(example)
    for name, kind in PUBLIC.items():
        if not kind.may_train and kind.path(folder).exists():
            kept[name] = public.read_public(folder, name)
    return kept


def table(scorer: Scorer, sets: dict[str, list[Example]]) -> list[Row]:
    """Return a row for each label that a data set has on both sides."""
    rows = []
    for name, examples in sets.items():
        kind = PUBLIC.get(name)
        use = "held-out" if kind is not None and kind.may_train else "measure"
        truth = {label: targets(examples, label) for label in scorer.labels}
        scores = ModelScores.of(scorer, examples)
        for label, report in evaluate_scores(scores, truth).labels.items():
            if report.auc is not None:
                score = scores.of_label(label)
                rows.append(
                    Row(
                        source=name,
                        use=use,
                        language=kind.language if kind is not None else "?",
                        label=label,
                        report=report,
                        recalls=recalls(truth[label], score, MORE_FALSE_ALARMS),
                    )
                )
    return rows


def mean_auc(rows: Sequence[Row]) -> dict[str, float]:
    """Return the mean AUC over the labels of each set that has several."""
    areas: dict[str, list[float]] = {}
    for row in rows:
        if row.report.auc is not None:
            areas.setdefault(row.source, []).append(row.report.auc.value)
    return {
        f"{source}, {len(values)} labels": float(np.mean(values))
        for source, values in areas.items()
        if len(values) > 1
    }


#: Held-out AUC from which a label is called good for a language, 0 to 1.
GOOD_AUC = 0.85
#: A language needs so many texts of either side.
MIN_TEXTS = 20


def by_language(
    examples: Sequence[Example], labels: Sequence[str], scores: Floats
) -> dict[str, dict[str, float]]:
    """Return language → label → AUC, where both sides have enough texts.

    Parameters
    ----------
    examples : public ones; those of other sources have no known language
    scores : one row an example and one column a label
    """
    spoken = np.array([_language(example) for example in examples])
    areas: dict[str, dict[str, float]] = {}
    for language in sorted(set(spoken.tolist()) - {""}):
        for column, label in enumerate(labels):
            target = targets(examples, label)
            chosen = (spoken == language) & ~np.isnan(target)
            sides = [int((target[chosen] == side).sum()) for side in (0, 1)]
            if min(sides) >= MIN_TEXTS:
                figure = auc(target[chosen], scores[chosen, column])
                areas.setdefault(language, {})[label] = round(figure, 3)
    return areas


def good_for(areas: dict[str, dict[str, float]]) -> dict[str, list[str]]:
    """Return language → the labels that reach `GOOD_AUC` there."""
    return {
        language: sorted(label for label, area in labels.items() if area >= GOOD_AUC)
        for language, labels in areas.items()
    }


#: The language that thresholds are set on: its scores decide in any case.
HOME = "en"


def deciding(areas: dict[str, dict[str, float]], labels: Sequence[str]) -> list[str]:
    """Return the languages whose scores may decide: those good for every label.

    Where one label cannot be trusted, a comment that looks harmless may not be.
    """
    whole = {
        language
        for language, good in good_for(areas).items()
        if set(good) >= set(labels)
    }
    return sorted(whole | {HOME})


def _language(example: Example) -> str:
    kind = PUBLIC.get(example.source)
    return "" if kind is None or kind.is_adversarial else kind.language


def news(scorer: Scorer, sets: dict[str, list[Example]]) -> dict[str, Any]:
    """Return figures about news comments.

    Recall at 1% false alarms sets toxic comments of one news platform against
    harmless ones of a newspaper on the same platform.
    """
    if NEWS not in sets or TOXIC_NEWS not in sets:
        return {}
    harmless = [e for e in sets[NEWS] if not e.labels["toxicity"]]
    fine, toxic = (score_examples(scorer, e) for e in (harmless, sets[TOXIC_NEWS]))
    values: dict[str, Any] = {"harmless": len(fine), "toxic": len(toxic)}
    for column, label in enumerate(scorer.labels):
        cuts = scorer.manifest["thresholds"][label]
        for name in ("review_at", "reject_at"):
            share = float(np.mean(fine[:, column] >= cuts[name]))
            values[f"{label}: share of harmless at {name}"] = share
    column = scorer.labels.index("toxicity")
    both = np.concatenate([fine[:, column], toxic[:, column]])
    truth = np.concatenate([np.zeros(len(fine)), np.ones(len(toxic))])
    report = label_report(truth, both)
    values["toxicity: AUC, toxic news against harmless news"] = _plain(report.auc)
    values["toxicity: recall at 1% false alarms"] = _plain(report.recall_at_1pct_fpr)
    return values


def _plain(figure: Estimate | None) -> list[float] | None:
    return None if figure is None else [figure.value, figure.low, figure.high]


def identity_bias(scorer: Scorer, sets: dict[str, list[Example]]) -> dict[str, Any]:
    """Return AUC and false alarms of toxicity for each group that templates name."""
    examples = sets.get(TEMPLATES)
    if not examples:
        return {}
    score = score_examples(scorer, examples)[:, scorer.labels.index("toxicity")]
    truth = targets(examples, "toxicity")
    words = [set(example.text.lower().split()) for example in examples]
    cut = float(np.quantile(score[truth == 0], 0.95))
    groups: dict[str, dict[str, float]] = {}
    for term in IDENTITIES:
        member = np.array([term in text for text in words])
        if member.sum() < MIN_TEMPLATES or len(np.unique(truth[member])) < 2:
            continue
        groups[term] = {
            "n": int(member.sum()),
            "auc": auc(truth[member], score[member]),
            "false_alarms": float(np.mean(score[member & (truth == 0)] > cut)),
        }
    if not groups:
        return {}
    alarms = [group["false_alarms"] for group in groups.values()]
    return {
        "groups": groups,
        "lowest AUC within a group": min(g["auc"] for g in groups.values()),
        "false-alarm gap at 5% over all": max(alarms) - min(alarms),
    }


def span_f1(scorer: Scorer, folder: Path) -> dict[str, float]:
    """Return how well highlighted words match those that people marked.

    The figure is the mean character F1 of SemEval-2021 task 5, on the held-out tenth.
    """
    scores = []
    for text, marked in _marked_texts(folder):
        lit = highlighted(scorer, text)
        both = len(lit & marked)
        total = len(lit) + len(marked)
        scores.append(2 * both / total if total else 1.0)
    return {"n": len(scores), "f1": float(np.mean(scores))} if scores else {}


def _marked_texts(folder: Path) -> Iterator[tuple[str, set[int]]]:
    path = folder / "civil_toxic_spans.csv.gz"
    if not path.exists():
        return
    for row in public.rows(path):
        if datasets.is_held_out(row["text"]):
            yield row["text"], set(json.loads(row["spans"]))


def highlighted(scorer: Scorer, original: str, label: str = "toxicity") -> set[int]:
    """Return the code points that would be highlighted for a label."""
    spans = scorer.explain(Document(text=original), label)
    strongest = max((span.share for span in spans), default=0.0)
    kept = [span for span in spans if span.share >= HIGHLIGHT * strongest]
    return {index for span in kept for index in range(span.start, span.end)}
