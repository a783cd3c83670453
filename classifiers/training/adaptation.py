"""Adapt a scorer to the decisions of a site's moderators."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt

from classifiers.data.datasets import Example, fingerprint_of, mark
from classifiers.errors import BadExample
from classifiers.serving import artifact
from classifiers.serving.combined import CombinedScorer
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.head import Head
from classifiers.serving.scorer import Scorer
from classifiers.serving.weights import Weights
from classifiers.training import head_adaptation
from classifiers.training.blocks import BLOCK_TEXTS, Blocks, Single
from classifiers.training.corpus import ADAPTED_PAIR_RARITY, CachedReader, encode
from classifiers.training.head_adaptation import HeadExamples
from classifiers.training.logistic_regression import Fitted, Prior, fit_blocks

Floats = npt.NDArray[np.float64]

#: Pull of adapted weights towards the base, from few examples and from many: a
#: Gaussian prior's inverse variance. Found on three public sets played as sites.
FEW_SHRINKAGE = 8.0
MANY_SHRINKAGE = 32.0
#: Pull of the share that each label's sum has in another's, from many examples.
MIX_SHRINKAGE = 30.0
#: With so many examples (by their weights) both fits count alike.
MANY = 700.0
#: A fit that would count less is left out.
MIN_SHARE = 0.02
#: How many passes over a site's examples the optimizer may make; more change no figure.
ADAPTING_PASSES = 20
#: Pull of the adapted intercept towards the base's.
ADAPTED_OFFSET_SHRINKAGE = 4.0


class ProgressCallback(Protocol):
    """Receives the share that is done, 0 to 1, with a note; may raise to cancel."""

    def __call__(self, share: float, note: str | None = None, /) -> None:
        """Record progress."""


#: A scorer, alone or with an encoder: what is adapted is of the same kind.
AnyScorer = TypeVar("AnyScorer", bound=Scorer)


def adapt(
    base: AnyScorer,
    examples: Iterable[Example],
    *,
    seed: int,
    name: str,
    progress: ProgressCallback | None = None,
) -> AnyScorer:
    """Move a scorer towards a site's own decisions, as far as they carry.

    Each weight has a Gaussian prior around its present value, so that a few
    examples move almost nothing. A label moves only if the examples have it on
    both sides. Nothing is drawn at random: `seed` is only recorded. Examples are read
    once, some at a time; no text is held.

    Two fits are mixed. From few examples only single words can be learned. From many
    it is better to learn how the labels predict one another
    (what a site calls hostile others may call an insult), and to be
    stricter with single words. How much either counts follows from how many examples
    there are; see `MANY`. With an encoder, its head moves first, and the words then
    learn what it leaves.

    Raises
    ------
    BadExample
        If there are no examples.
    """
    report = progress or _quiet
    encoded = read_examples(base, examples, report)
    joint = base if isinstance(base, CombinedScorer) else None
    head, learnt = base.fast.head, list[str]()
    if joint is not None:
        head, learnt = _adapted_head(joint, encoded, report)
        encoded = encoded.joined(head)
    weights, moved = _adapted(encoded, report)
    fast = artifact.named(
        name,
        labels=base.fast.labels,
        weights=weights,
        manifest={
            **base.fast.manifest,
            "base": base.version,
            "seed": seed,
            "data": encoded.fingerprint,
            "examples": len(encoded.blocks),
            "moved": sorted({*moved, *learnt}),
            "learning": {"share_of_many": moved},
        },
        frozen=base.fast.frozen,
        head=head,
    )
    adapted = fast if joint is None else joint.with_fast(fast)
    return cast("AnyScorer", adapted)


def _adapted_head(
    joint: CombinedScorer, encoded: EncodedExamples, report: ProgressCallback
) -> tuple[Head, list[str]]:
    """Return the head as the examples move it, and the labels that moved."""
    if encoded.read is None:
        return joint.head, []
    head, columns = head_adaptation.adapted(
        joint.head,
        encoded.read,
        encoded.targets,
        encoded.weight,
        partial(report, 0.2),
    )
    return head, [joint.labels[column] for column in columns]


@dataclass(frozen=True, kw_only=True)
class EncodedExamples:
    """Examples as numbers."""

    base: FastScorer
    blocks: Blocks
    #: 1 where a label holds, 0 where not, NaN where it is unknown; texts × labels
    targets: Single
    weight: Floats
    #: what each text's words add up to under the base; texts × labels
    sums: Floats
    #: what the base's network adds to the log-odds; texts × labels
    beyond: Floats
    fingerprint: str
    #: log-odds = slope * asinh(sum) + intercept + beyond, one of each a label
    slope: Floats
    intercept: Floats
    #: as the encoder sees them, if there is one
    read: HeadExamples | None = None

    def joined(self, head: Head) -> EncodedExamples:
        """Return the examples with what a head adds to the log-odds."""
        read = self.read
        if read is None:
            return self
        count, tongue = len(self.base.labels), read.tongue
        share = head.share[tongue, :count]
        # Where the fast scorer has no say, its words have nothing to learn.
        slope, intercept = share * self.slope, share * self.intercept
        alone = head.log_odds(np.zeros_like(read.fast), read.vectors, read.tongues)
        beyond = share * self.beyond + alone[:, :count]
        return dataclasses.replace(
            self, slope=slope, intercept=intercept, beyond=beyond
        )

    def of_label(self, column: int, heed: Callable[[], None]) -> _LabelExamples:
        """Return the examples with the targets of one label."""
        target = self.targets[:, column]
        is_known = ~np.isnan(target)
        return _LabelExamples(
            blocks=self.blocks,
            target=np.where(is_known, target, 0).astype(np.float64),
            weight=np.where(is_known, self.weight, 0),
            count=int(is_known.sum()),
            sums=self.sums,
            column=column,
            slope=float(self.slope[column]),
            intercept=float(self.intercept[column]),
            beyond=self.beyond[:, column],
            heed=heed,
        )


def _adapted(
    encoded: EncodedExamples, report: ProgressCallback
) -> tuple[Weights, dict[str, float]]:
    """Return the adapted weights, and each moved label's share of the fit for many."""
    base = encoded.base
    old = base.weights
    rows, pairs = old.rows.copy(), old.pairs.copy()
    intercept = old.intercept.copy()
    moved: dict[str, float] = {}
    for column, label in enumerate(base.labels):
        done = 0.2 + 0.8 * column / len(base.labels)
        labeled = encoded.of_label(column, partial(report, done))
        if not labeled.is_two_sided or labeled.slope == 0:
            continue
        report(done, f"{label}: {labeled.positives} of {labeled.count} have it.")
        fitted, share = _moved(labeled)
        rows[:, column] = _added(old.rows, column, fitted.rows, fitted.mix)
        double = fitted.pairs * ADAPTED_PAIR_RARITY
        pairs[:, column] = _added(old.pairs, column, double, fitted.mix)
        # What is added to the log-odds of the sum of both is shared out to this one.
        share = labeled.slope / old.slope[column]
        intercept[column] += fitted.offsets[0] / share
        moved[label] = round(share, 3)
    weights = dataclasses.replace(old, rows=rows, pairs=pairs, intercept=intercept)
    return weights, moved


def read_examples(
    base: Scorer, examples: Iterable[Example], report: ProgressCallback
) -> EncodedExamples:
    """Read examples, a block at a time.

    Raises
    ------
    BadExample
        If there are none.
    """
    fast, old, blocks = base.fast, base.fast.weights, Blocks()
    reader = CachedReader(old.known, old.harsh)
    rows = old.rows.astype(np.float32)
    pairs = old.pairs.astype(np.float32) / np.float32(ADAPTED_PAIR_RARITY)
    targets, weights, sums, beyond, marks = [], [], [], [], []
    seen: list[HeadExamples] = []
    for block in _in_blocks(examples):
        texts = [example.text for example in block]
        corpus = encode(texts, old, denied_share=old.denied_share, reader=reader)
        blocks.add(corpus)
        beyond.append(fast.beyond(texts))
        if isinstance(base, CombinedScorer):
            seen.append(_as_read(base, texts))
        sums.append(corpus.words @ (corpus.ngrams @ rows) + corpus.pairs @ pairs)
        targets.append([[e.labels.get(x, np.nan) for x in base.labels] for e in block])
        weights.append([example.weight for example in block])
        marks += [mark(example) for example in block]
        report(0.0, f"{len(blocks)} texts are read.")
    if not marks:
        raise BadExample("there are no examples to learn from")
    return EncodedExamples(
        base=fast,
        blocks=blocks,
        targets=np.concatenate([np.array(rows, np.float32) for rows in targets]),
        weight=np.concatenate(weights),
        sums=np.concatenate(sums).astype(np.float64),
        beyond=np.concatenate(beyond),
        fingerprint=fingerprint_of(marks),
        slope=old.slope,
        intercept=old.intercept,
        read=_joined(seen),
    )


def _as_read(base: CombinedScorer, texts: Sequence[str]) -> HeadExamples:
    """Return texts as the encoder and the fast scorer see them."""
    documents = [Document(text=text) for text in texts]
    return HeadExamples(
        vectors=base.vectors(documents),
        tongues=base.tongues(texts),
        fast=base.fast.text_log_odds(documents),
    )


def _joined(parts: Sequence[HeadExamples]) -> HeadExamples | None:
    if not parts:
        return None
    return HeadExamples(
        vectors=np.concatenate([part.vectors for part in parts]),
        tongues=np.concatenate([part.tongues for part in parts]),
        fast=np.concatenate([part.fast for part in parts]),
    )


def _in_blocks(examples: Iterable[Example]) -> Iterator[list[Example]]:
    rest = iter(examples)
    while block := list(itertools.islice(rest, BLOCK_TEXTS)):
        yield block


def _quiet(share: float, note: str | None = None, /) -> None:
    """Record nothing."""


@dataclass(frozen=True, kw_only=True)
class _LabelExamples:
    """Examples with the targets of one label."""

    blocks: Blocks
    #: 1 or 0; where it is unknown, the text weighs nothing
    target: Floats
    weight: Floats
    count: int  #: of texts of which it is known
    #: what each text's words add up to under the base, one column a label
    sums: Floats
    column: int
    slope: float
    intercept: float
    #: what the base's network adds to each text's log-odds
    beyond: Floats
    heed: Callable[[], None]

    @property
    def positives(self) -> int:
        """How many texts have the label."""
        return int(self.target.sum())

    @property
    def is_two_sided(self) -> bool:
        """Whether there are texts with it and without it."""
        return 0 < self.positives < self.count

    def fitted(self, shrinkage: float, directions: Floats | None) -> Fitted:
        """Fit the weights from where they are."""
        prior = Prior(
            shrinkage=shrinkage,
            offset_shrinkage=ADAPTED_OFFSET_SHRINKAGE,
            passes=ADAPTING_PASSES,
            sums=self.sums[:, self.column],
            directions=directions,
            direction_shrinkage=MIX_SHRINKAGE,
            is_scaled=True,
            heed=self.heed,
            slope=self.slope,
            intercept=self.intercept,
            beyond=self.beyond,
        )
        everywhere = np.zeros(len(self.blocks), np.int64)
        return fit_blocks(self.blocks, self.target, self.weight, everywhere, prior)


def _moved(labeled: _LabelExamples) -> tuple[Fitted, float]:
    """Return how one label's weights move, and the share of the fit for many."""
    count = float(labeled.weight.sum())
    share = count / (count + MANY)
    if share < MIN_SHARE:
        return _widened(labeled.fitted(FEW_SHRINKAGE, None), labeled.sums.shape[1]), 0.0
    many = labeled.fitted(MANY_SHRINKAGE, labeled.sums)
    if share > 1 - MIN_SHARE:
        return many, 1.0
    few = _widened(labeled.fitted(FEW_SHRINKAGE, None), labeled.sums.shape[1])
    return _mixed(few, many, share), share


def _widened(fitted: Fitted, labels: int) -> Fitted:
    return dataclasses.replace(fitted, mix=np.zeros(labels))


def _mixed(few: Fitted, many: Fitted, share: float) -> Fitted:
    """Return the mean of two fits, the second with its share."""
    return Fitted(
        rows=(1 - share) * few.rows + share * many.rows,
        pairs=(1 - share) * few.pairs + share * many.pairs,
        offsets=(1 - share) * few.offsets + share * many.offsets,
        mix=(1 - share) * few.mix + share * many.mix,
    )


def _added(
    old: npt.NDArray[np.float16], column: int, moved: Floats, mix: Floats
) -> npt.NDArray[np.float16]:
    """Return a column with its move and its share of all columns added."""
    table = old.astype(np.float32)
    total = table[:, column] + table @ mix.astype(np.float32) + moved
    return total.astype(np.float16)
