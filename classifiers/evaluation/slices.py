"""Measure models on slices: by length, groups named, section, and language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.data.datasets import Example
from classifiers.data.public import PUBLIC
from classifiers.evaluation.figures import HOME, IDENTITIES, TEMPLATES
from classifiers.evaluation.model_comparison import PairedDifference, differences
from classifiers.evaluation.model_report import LabelReport, label_report
from classifiers.evaluation.model_scores import (
    ModelScores,
    Targets,
    score_examples,
    targets,
)
from classifiers.serving.scorer import Scorer
from classifiers.text import marks, normalization

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: A slice needs so many examples of either side.
MIN_EXAMPLES = 30  # examples
#: Next to the labels: whether any of them holds, scored by the highest.
ANY = "any"
SHORT, MEDIUM = 10, 40  # words


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Both models on a part of the held-out examples."""

    #: what it is cut by: length, identity, section, language
    kind: str
    name: str
    label: str
    n: int
    positives: int
    auc: PairedDifference
    brier: PairedDifference


@dataclass(frozen=True)
class SliceFacts:
    """Facts to slice texts by, next to those that a site has about them."""

    words: npt.NDArray[np.int64]  #: how many each text has
    #: whether each group of `IDENTITIES` is named; texts × groups
    named: Mask

    @classmethod
    def of(cls, texts: Iterable[str]) -> SliceFacts:
        """Read texts, none of which is kept."""
        words, named = [], []
        for text in texts:
            tokens = normalization.tokens(text)
            words.append(len(tokens))
            folded = {word.lower() for word in tokens}
            named.append(np.fromiter((x in folded for x in IDENTITIES), bool))
        shape = (len(named), len(IDENTITIES))
        return cls(np.array(words, np.int64), np.array(named, bool).reshape(shape))

    def parts(self) -> Iterator[tuple[str, str, Mask]]:
        """Yield each part's kind and name, and which texts belong to it."""
        yield "length", f"to {SHORT} words", self.words <= SHORT
        middle = (self.words > SHORT) & (self.words <= MEDIUM)
        yield "length", f"{SHORT + 1} to {MEDIUM} words", middle
        yield "length", f"over {MEDIUM} words", self.words > MEDIUM
        for column, term in enumerate(IDENTITIES):
            yield "identity", term, self.named[:, column]


def measure(
    active: ModelScores,
    candidate: ModelScores,
    truth: Targets,
    is_harmful: Mask,
    facts: SliceFacts,
    kinds: Mapping[str, Sequence[str | None]],
) -> list[Slice]:
    """Measure both models on each slice that has examples enough of both sides.

    Parameters
    ----------
    is_harmful : whether any label holds
    kinds : kind → what each example is of that kind (its section, its language)
    """
    compared = []
    columns = list(_columns(active, candidate, truth, is_harmful))
    for kind, name, member in (*facts.parts(), *_by_kind(kinds)):
        for label, target, old, new in columns:
            part = member & ~np.isnan(target)
            positives = int(target[part].sum())
            if min(positives, int(part.sum()) - positives) < MIN_EXAMPLES:
                continue
            area, error = differences(target[part], old[part], new[part])
            compared.append(
                Slice(
                    kind=kind,
                    name=name,
                    label=label,
                    n=int(part.sum()),
                    positives=positives,
                    auc=area,
                    brier=error,
                )
            )
    return compared


@dataclass(frozen=True, kw_only=True)
class Part:
    """One model on a part of a set; toxicity alone."""

    source: str
    #: what its texts have in common
    name: str
    report: LabelReport
    #: share of its harmless texts that are held for review, 0 to 1
    held: float


#: Stands for the English sets together.
TOGETHER = "English sets"


def of_sets(scorer: Scorer, sets: Mapping[str, Sequence[Example]]) -> list[Part]:
    """Measure toxicity by length, links and groups named, in each English set.

    Single groups are too few in most sets, so they are measured in all together. Left
    out are templates, which people did not write, and parts with fewer than
    `MIN_EXAMPLES` of either side. A scorer without that label has no parts.
    """
    if "toxicity" not in scorer.labels:
        return []
    column = scorer.labels.index("toxicity")
    parts: list[Part] = []
    whole: list[tuple[Floats, Floats, Mask]] = []
    for source, examples in sets.items():
        is_foreign = source in PUBLIC and PUBLIC[source].language != HOME
        labeled = [example for example in examples if "toxicity" in example.labels]
        if is_foreign or source == TEMPLATES or not labeled:
            continue
        target = targets(labeled, "toxicity")
        score = score_examples(scorer, labeled)[:, column]
        texts = [example.text for example in labeled]
        facts = SliceFacts.of(texts)
        for name, member in _cut(texts, facts):
            parts += _part(scorer, source, name, target[member], score[member])
        whole.append((target, score, facts.named))
    if not whole:
        return parts
    target, score, named = map(np.concatenate, zip(*whole, strict=True))
    for place, term in enumerate(IDENTITIES):
        member = named[:, place]
        parts += _part(scorer, TOGETHER, f"names {term}", target[member], score[member])
    return parts


def _cut(texts: Sequence[str], facts: SliceFacts) -> Iterator[tuple[str, Mask]]:
    """Yield what some of the texts have in common, and which they are."""
    for kind, name, member in facts.parts():
        if kind == "length":
            yield name, member
    linked = np.array([marks.has_link(text) for text in texts])
    yield "with a link", linked
    yield "without a link", ~linked
    about: Mask = np.logical_or.reduce(facts.named, axis=1)
    yield "names a group", about
    yield "names no group", ~about


def _part(
    scorer: Scorer, source: str, name: str, target: Floats, score: Floats
) -> Iterator[Part]:
    """Yield the part, if there is enough of it."""
    positives = int(target.sum())
    if min(positives, len(target) - positives) >= MIN_EXAMPLES:
        cut = scorer.manifest["thresholds"]["toxicity"]["review_at"]
        yield Part(
            source=source,
            name=name,
            report=label_report(target, score),
            held=float(np.mean(score[target == 0] >= cut)),
        )


def _columns(
    active: ModelScores, candidate: ModelScores, truth: Targets, is_harmful: Mask
) -> Iterator[tuple[str, Floats, Floats, Floats]]:
    """Yield each label with its targets and both models' scores, `ANY` first."""
    labels = [label for label in active.labels if label in candidate.labels]
    pairs = [
        [model.of_label(label) for label in labels] for model in (active, candidate)
    ]
    if len(labels) > 1:
        highest = [np.max(scores, axis=0) for scores in pairs]
        yield ANY, is_harmful.astype(np.float64), highest[0], highest[1]
    for label, old, new in zip(labels, *pairs, strict=True):
        yield label, truth[label], old, new


def _by_kind(
    kinds: Mapping[str, Sequence[str | None]],
) -> Iterator[tuple[str, str, Mask]]:
    for kind, values in kinds.items():
        for name in sorted({value for value in values if value is not None}):
            yield kind, name, np.array([value == name for value in values], bool)
