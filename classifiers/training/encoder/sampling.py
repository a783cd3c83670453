"""Training data of the encoder: texts, targets, and batches of like length."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifiers.data import datasets, public, teacher_labels
from classifiers.data.contrasts import collection
from classifiers.data.contrasts.templates import SOURCE as OWN
from classifiers.data.datasets import Example
from classifiers.data.public import PUBLIC
from classifiers.encoder import reading
from classifiers.pretrained import default_model
from classifiers.text.labels import LABELS

Floats = npt.NDArray[np.float32]

TOKENS = 80  # of a text
BATCH = 2048  # tokens
STEP = 8  # widths are rounded up to it, so that few shapes occur
TOXICITY = 2.0  # what an error in it counts, 1 for another label
PUPIL_SHARE = 0.2  # of a target that the fast scorer has, the label the rest
PUPIL_ALONE = 0.25  # what an error counts where the fast scorer alone judged
SAFE = 0.15  # what a text counts that was not judged, as safe from self-harm

# Source → share of its texts that an epoch sees, and what each counts.
SHARES = {
    "jigsaw_wiki": (0.3, 1.2),  # harmful ones thrice as often
    "civil_toxic": (0.7, 0.5),
    "civil_toxic_spans": (0.35, 1.0),
    "wiki_debias_negatives": (0.3, 1.0),
    "gab_hate": (0.25, 0.5),
    "stormfront": (0.3, 0.5),
    "implicit_hate": (0.35, 0.4),
    "davidson_tweets": (0.15, 0.3),
    "youtoxic": (1.0, 2.0),
    "civil_comments": (1.0, 2.5),
    "polis_opinions": (0.6, 1.0),
    "polis_opinions_de": (0.6, 0.7),
    "wiki_context": (0.25, 0.7),
    "convabuse": (0.7, 0.5),
    "hatemoji_build": (1.0, 1.3),
    "social_bias_frames": (1.0, 0.6),
    "blog_spam": (0.35, 1.0),
    "youtube_spam": (1.0, 1.5),
    "sms_spam": (0.3, 0.5),
    "telegram_spam_ru": (0.3, 0.3),
    "x_scam": (1.0, 1.5),
    "telegram_spam_multi": (1.0, 0.7),
    OWN: (0.8, 1.0),
    "portuguese_told": (0.4, 0.7),
    "korean_news_train": (0.8, 0.7),
    "korean_kmhas_news": (0.3, 0.6),
    "german_gahd": (0.7, 0.6),
    "spanish_politics_gold": (1.0, 1.5),
    "polish_poleval": (0.5, 0.5),
    "chinese_cold": (0.3, 0.5),
    "japanese_toxic": (1.0, 1.0),
    "french_mlma": (0.8, 0.3),
    "arabic_mlma": (0.6, 0.3),
}
#: Sources whose rarer kind is always seen: harmful Wikipedia, harmless blogs.
RARE = {"jigsaw_wiki": ("toxicity", True), "blog_spam": ("spam", False)}
# One of two has no harmless texts, so they share an intercept.
POOLS = {
    "civil_toxic_spans": "civil_toxic",
    "civil_comments": "civil_toxic",
    "telegram_spam_multi": "x_scam",
    "polis_opinions_de": "polis_opinions",
}
# Noisy or narrow labels: there the fast scorer has the greater say.
NOISY = {"implicit_hate": 0.6, "davidson_tweets": 0.5, "gab_hate": 0.4}


@dataclass(frozen=True)
class TokenBatch:
    """Texts of about one length, as a tokenizer's numbers."""

    rows: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]
    mask: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lessons:
    """All texts that are learned from, and what each should score."""

    examples: Sequence[Example]
    ids: Sequence[Sequence[int]]
    #: texts × labels, 0 to 1
    targets: Floats
    #: texts × labels: what an error counts, 0 or more
    weights: Floats
    #: number of each text's source among the intercepts
    sources: npt.NDArray[np.int64]
    names: Sequence[str]


def read(folder: Path, tokenizer: Path) -> Lessons:
    """Read what is learned from; the tenth kept for measuring is left out."""
    found = public.read_training(folder) + collection.examples()
    held = datasets.held_out(found)
    kept = [example for example, apart in zip(found, held, strict=True) if not apart]
    targets, weights = _targets(kept)
    names = [POOLS.get(e.source, e.source) for e in kept]
    numbers = {name: place for place, name in enumerate(sorted(set(names)))}
    return Lessons(
        examples=kept,
        ids=tokenized(tokenizer, [e.text for e in kept], TOKENS),
        targets=targets,
        weights=weights,
        sources=np.array([numbers[name] for name in names]),
        names=sorted(numbers),
    )


def tokenized(path: Path, texts: Sequence[str], tokens: int) -> list[list[int]]:
    """Return the tokens of each text, cut in its middle."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    found: list[list[int]] = []
    for start in range(0, len(texts), 4096):
        part = [reading.plain(text) for text in texts[start : start + 4096]]
        read = tokenizer.encode_batch(part)
        found += [reading.cut(one.ids, tokens) for one in read]
    return found


def _targets(found: Sequence[Example]) -> tuple[Floats, Floats]:
    """Return what each text should score for each label, and what an error counts."""
    rows = [[float(e.labels.get(label, np.nan)) for label in LABELS] for e in found]
    known = np.array(rows, np.float32)
    judged = np.full_like(known, np.nan)
    english = [
        place
        for place, e in enumerate(found)
        if e.source in PUBLIC and PUBLIC[e.source].language == "en"
    ]
    texts = [found[place].text for place in english]
    soft = teacher_labels.by_scorer(default_model.load(), texts)
    for column, label in enumerate(LABELS):
        judged[english, column] = soft.of(texts, label)
    share = np.array([NOISY.get(e.source, PUPIL_SHARE) for e in found])[:, None]
    both = share * judged + (1 - share) * known
    targets = np.where(np.isnan(both), np.where(np.isnan(known), judged, known), both)
    weights = np.where(np.isnan(known), np.where(np.isnan(judged), 0, PUPIL_ALONE), 1.0)
    safe = LABELS.index("self_harm")
    weights[np.isnan(known[:, safe]), safe] = SAFE
    # The fast scorer tells advertising of its own sources too well.
    spam = LABELS.index("spam")
    weights[np.isnan(known[:, spam]), spam] *= 0.4
    shares = [SHARES.get(e.source, (1.0, 1.0))[1] * e.weight for e in found]
    weights *= np.array(shares)[:, None]
    weights[:, LABELS.index("toxicity")] *= TOXICITY
    return np.nan_to_num(targets).astype(np.float32), weights.astype(np.float32)


def planned(lessons: Lessons, first_epoch: int = 0) -> Iterator[tuple[int, TokenBatch]]:
    """Yield batches without end, each epoch drawn and shuffled by its number."""
    for epoch in itertools.count(first_epoch):
        drawn = list(batches(lessons.ids, _epoch(lessons.examples, epoch)))
        print(f"epoch {epoch}: {len(drawn)} batches", flush=True)
        for place in np.random.default_rng(epoch).permutation(len(drawn)):
            yield epoch, drawn[place]


def _epoch(found: Sequence[Example], seed: int) -> npt.NDArray[np.int64]:
    chance = np.array([SHARES.get(e.source, (1.0, 1.0))[0] for e in found])
    for place, example in enumerate(found):
        label, rare = RARE.get(example.source, (None, None))
        if label is not None and example.labels.get(label) is rare:
            chance[place] *= 3
    return np.flatnonzero(np.random.default_rng(seed).random(len(found)) < chance)


def batches(
    ids: Sequence[Sequence[int]], rows: npt.NDArray[np.int64]
) -> Iterator[TokenBatch]:
    """Yield texts of like length together, so that little is padded."""
    lengths = np.array([len(ids[row]) for row in rows])
    ordered = rows[np.argsort(lengths, kind="stable")]
    start = 0
    while start < len(ordered):
        # The longest of a batch stands last, so a second look settles its size.
        size = BATCH // len(ids[ordered[start]])
        last = ordered[min(start + size, len(ordered)) - 1]
        part = ordered[start : start + max(1, BATCH // len(ids[last]))]
        start += len(part)
        yield padded(ids, part)


def padded(ids: Sequence[Sequence[int]], rows: npt.NDArray[np.int64]) -> TokenBatch:
    """Return some texts as one batch."""
    width = max(len(ids[row]) for row in rows)
    width = math.ceil(width / STEP) * STEP
    filled = np.ones((len(rows), width), np.int64)  # 1 is <pad>
    mask = np.zeros_like(filled)
    for place, row in enumerate(rows):
        filled[place, : len(ids[row])] = ids[row]
        mask[place, : len(ids[row])] = 1
    return TokenBatch(rows, filled, mask)
