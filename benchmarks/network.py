"""Train the small network that adds to the sum, and put both into one file.

python -m benchmarks.network FOLDER MODEL OUT --base FILE [--soft SOFT.npz]

FOLDER has the public sets as NAME.csv.gz. MODEL is a folder with a BERT encoder, as in
`benchmarks/teacher.py`: what it makes of a word by itself is where the word's vector
starts. FILE is a scorer without a network. SOFT.npz has what a teacher makes of the
texts, and of sentences out of them; what it does not tell, the scorer tells. MODEL may
also be the file of a scorer with a network, which is then gone on from, and whose words
stay in it; ``--share`` then draws texts of the older sets. Needs torch and, for an
encoder, transformers, which the project does not depend on, in an environment of their
own.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from benchmarks.teacher import sentences
from classifiers.data import datasets, public, teacher_labels
from classifiers.data.contrasts import collection
from classifiers.data.contrasts.identity import NAMES
from classifiers.data.datasets import Example
from classifiers.data.teacher_labels import SoftLabels, by_scorer
from classifiers.evaluation.model_scores import targets
from classifiers.serving import artifact
from classifiers.serving.discounts import may_have, quoted_tokens
from classifiers.serving.document import Document
from classifiers.serving.fast_scorer import FastScorer
from classifiers.serving.network import (
    FILTER_STEP,
    MAX_PARTS,
    PART_STEPS,
    VECTOR_STEP,
    WIDTH,
    Network,
    seen,
)
from classifiers.text import (
    features,
    marks,
    negation,
    normalization,
    readings,
)
from classifiers.training.joint_calibration import add_network
from classifiers.training.recipes import RECIPES
from classifiers.training.supervision import POOLS

Floats = npt.NDArray[np.float32]

SIZE = 64  # of a word's vector
FILTERS = 64
SEEN = 5  # a word that fewer tokens have shares one vector with all such words
TOKENS = 100  # of a text
BATCH = 256  # texts
PASSES = 5
RATE = 3e-3
UPDATE_RATE = 1e-3  # where an earlier network is gone on from
FORGOTTEN = 0.1  # share of tokens and of filters left out at random
BASE_SHARE = 0.2  # of the base in a target that a set tells, without a teacher
TEACHER_SHARE = 0.7  # of the teacher in one
ADVICE = 0.2  # of the base in what the teacher says, in log-odds: both err elsewhere
SUREST = 1e-4  # probability that counts as none in such a mean
TAUGHT_ALONE = 0.7  # what a target counts that no set tells
GIVEN = 0.3  # share of the base's log-odds that the network learns to add to
SURE = 6.0  # log-odds that the base may give at the most
KIND = np.int8  # of the parts
OUTLIERS = 1e-5  # share of parts that may be cut off at the most that a part may be
SHARE = 1.0  # of the network's log-odds that is added to the sum's
NEWER = RECIPES["shipped"].untaught  # sets that are always read whole
UNIT = 0.5  # mean size of a word's vector at the start


@dataclass(frozen=True)
class Read:
    """Texts as numbered tokens, tokens as numbered words."""

    words: list[str]
    #: token → its words
    tokens: list[list[int]]
    #: text → its tokens
    texts: list[npt.NDArray[np.int64]]

    @classmethod
    def of(cls, said: Sequence[str], scorer: FastScorer) -> Read:
        """Read texts as the scorer does."""
        numbers: dict[str, int] = {}
        found = []
        for one in said:
            tokens = normalization.tokens(one)
            ids = np.array([numbers.setdefault(t, len(numbers)) for t in tokens], int)
            kinds = "".join(map(negation.kind, tokens)).encode()
            ids[negation.denied(kinds, 0, len(kinds))] = -1
            if any(map(may_have, tokens)):
                quoted, _ = quoted_tokens([(one, None, 0)])
                ids[quoted] = -1
            found.append(ids[:TOKENS])
        known, harsh = map(
            features.Lexicon, (scorer.weights.known, scorer.weights.harsh)
        )
        read = readings.read_all([normalization.fold(t) for t in numbers], known, harsh)
        words: dict[str, int] = {}
        tokens_words = [
            [words.setdefault(w, len(words)) for w in seen(each)] for each in read
        ]
        return cls(list(words), tokens_words, found)

    def frequent(self) -> npt.NDArray[np.int64]:
        """Return the words that have a vector of their own."""
        seen = np.bincount(
            np.concatenate(self.texts) + 1, minlength=len(self.tokens) + 1
        )[1:]
        owners = np.repeat(np.arange(len(self.tokens)), list(map(len, self.tokens)))
        flat = np.concatenate([np.array(each, int) for each in self.tokens])
        counts = np.bincount(flat, seen[owners], len(self.words))
        return np.flatnonzero((counts >= SEEN) & ~self.is_name())

    def is_name(self) -> npt.NDArray[np.bool_]:
        """Return which words name a group of people."""
        names = frozenset(NAMES)
        return np.array([word in names for word in self.words])


def said_alone(model: Path, words: Sequence[str]) -> Floats:
    """Return what an encoder makes of each word alone, cut to `SIZE` directions."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    cutter, encoder = (
        each.from_pretrained(model) for each in (AutoTokenizer, AutoModel)
    )
    cut = cutter(list(words), truncation=True, max_length=12)["input_ids"]
    found = np.zeros((len(words), encoder.config.hidden_size))
    for length in sorted({len(each) for each in cut}):
        places = [i for i, each in enumerate(cut) if len(each) == length]
        for start in range(0, len(places), BATCH):
            part = places[start : start + BATCH]
            with torch.inference_mode():
                ids = torch.tensor([cut[i] for i in part])
                states = encoder(input_ids=ids).last_hidden_state
            if length > 2:  # the encoder reads nothing in some words of odd signs
                found[part] = states[:, 1:-1].mean(1).numpy()
    found -= found.mean(0)
    directions = np.linalg.eigh(found.T @ found)[1][:, ::-1][:, :SIZE]
    found = found @ directions
    found /= np.sqrt(found.std(0) * found.std(0).mean())
    vectors: Floats = (found * UNIT).astype(np.float32)
    return vectors


def of_network(network: Network, words: Sequence[str]) -> tuple[Floats, Any]:
    """Return the vectors that an earlier network has of words, and which it knows."""
    hashes = (features.word_hashes(words) >> np.uint64(32)).astype(np.uint32)
    places = np.searchsorted(network.words, hashes)
    is_known = network.words.take(places, mode="clip") == hashes
    rows = np.where(is_known, places, len(network.words))
    vectors: Floats = (network.vectors[rows] * VECTOR_STEP).astype(np.float32)
    return vectors, is_known


def arrays_of(network: Network) -> dict[str, Any]:
    """Return the filters and the read-out of an earlier network, as trained."""
    step = PART_STEPS[network.lifts.dtype.name]
    filters = network.filters.reshape(SIZE, WIDTH, FILTERS) * FILTER_STEP
    readout = network.readout * (network.steps / step)
    arrays = {
        "filters": filters.transpose(2, 0, 1),
        "lifts": network.lifts * step,
        "readout": readout.T,
    }
    return {k: np.ascontiguousarray(v, np.float32) for k, v in arrays.items()}


@dataclass(frozen=True)
class Lesson:
    """The targets of each text."""

    target: Floats
    weight: Floats
    #: number of the source, for an intercept of its own
    places: npt.NDArray[np.int64]
    #: log-odds that the network is to add to
    given: Floats

    @classmethod
    def of(
        cls, examples: Sequence[Example], base: FastScorer, teacher: SoftLabels | None
    ) -> Lesson:
        """Mix what the sets tell with what the teacher or the base makes of texts."""
        recipe = RECIPES["shipped"]
        said = [e.text for e in examples]
        taught = _of_each(by_scorer(base, said), said, base)
        share = np.full_like(taught, BASE_SHARE)
        if teacher is not None:
            better = _of_each(teacher, said, base)
            share[~np.isnan(better)] = TEACHER_SHARE
            both = ADVICE * _log_odds(taught) + (1 - ADVICE) * _log_odds(better)
            taught = np.where(np.isnan(better), taught, expit(both))
        told = np.stack([targets(examples, label) for label in base.labels], 1)
        untaught = np.array([e.source in recipe.untaught for e in examples])[:, None]
        share = np.where(untaught, 0, share)
        known = ~np.isnan(told)
        target = np.where(known, share * taught + (1 - share) * told, taught)
        weight = np.where(known, 1, np.where(untaught, 0, TAUGHT_ALONE))
        counts = [e.weight * recipe.source_weights.get(e.source, 1) for e in examples]
        weight = weight * np.array(counts)[:, None]
        weight[:, [label == "spam" for label in base.labels]] = 0
        names = [POOLS.get(e.source, e.source) for e in examples]
        places = np.unique(names, return_inverse=True)[1]
        given = np.clip(
            base.log_odds([Document(text=one) for one in said]), -SURE, SURE
        )
        return cls(
            target.astype(np.float32),
            weight.astype(np.float32),
            places,
            (GIVEN * given).astype(np.float32),
        )


def _of_each(told: SoftLabels, said: Sequence[str], base: FastScorer) -> Any:
    """Return probabilities of texts, a column a label of the base."""
    return np.stack([told.of(said, label) for label in base.labels], 1)


def _log_odds(probabilities: Any) -> Any:
    return logit(np.clip(probabilities, SUREST, 1 - SUREST))


def batches(
    lengths: npt.NDArray[np.int64], chosen: npt.NDArray[np.int64], rng: Any
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield texts of like length, in an order of chance."""
    order = rng.permutation(chosen)
    found = []
    for start in range(0, len(order), 50 * BATCH):
        part = order[start : start + 50 * BATCH]
        part = part[np.argsort(lengths[part])]
        found += [part[i : i + BATCH] for i in range(0, len(part), BATCH)]
    for place in rng.permutation(len(found)):
        yield found[place]


def learnt(
    read: Read,
    rows: npt.NDArray[np.int64],
    start: dict[str, Any],
    lesson: Lesson,
    chosen: Any,
    passes: int,
) -> dict[str, Any]:
    """Fit vectors, filters and read-out; return them as arrays.

    Parameters
    ----------
    rows : word → its vector
    start : vectors to begin with, and perhaps all the other arrays
    chosen : texts to learn from
    passes : how often each of them is read
    """
    import torch
    from torch import nn
    from torch.nn import functional as fn

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    labels = lesson.target.shape[1]
    vectors = nn.EmbeddingBag.from_pretrained(
        torch.from_numpy(start["vectors"]), freeze=False, mode="sum", sparse=True
    )
    filters = nn.Conv1d(SIZE, FILTERS, WIDTH, padding=WIDTH - 1)
    readout = nn.Linear(FILTERS, labels)
    if "filters" in start:
        filters.weight.data = torch.from_numpy(start["filters"])
        filters.bias.data = torch.from_numpy(start["lifts"])
        readout.weight.data = torch.from_numpy(start["readout"])
        readout.bias.data[:] = 0
    readout.weight.data[~lesson.weight.any(axis=0)] = 0  # spam learns nothing
    offsets = nn.Parameter(torch.zeros(int(lesson.places.max()) + 1, labels))
    dense = [*filters.parameters(), *readout.parameters(), offsets]
    rate = UPDATE_RATE if "filters" in start else RATE
    optimisers = [
        torch.optim.SparseAdam(list(vectors.parameters()), lr=rate),
        torch.optim.AdamW(dense, lr=rate, weight_decay=1e-3),
    ]
    lengths = np.array([len(each) for each in read.texts])
    steps, step, began = passes * math.ceil(len(chosen) / BATCH), 0, time.monotonic()
    for passed in range(passes):
        for part in batches(lengths, chosen, rng):
            said = np.full((len(part), lengths[part].max()), -1)
            for row, place in enumerate(part):
                said[row, : lengths[place]] = read.texts[place]
            tokens, inverse = np.unique(said, return_inverse=True)
            words = [rows[read.tokens[t]] if t >= 0 else rows[:0] for t in tokens]
            bounds = np.cumsum([0, *map(len, words[:-1])])
            table = vectors(
                torch.from_numpy(np.concatenate(words)), torch.from_numpy(bounds)
            )
            seen = fn.embedding(torch.from_numpy(inverse.reshape(said.shape)), table)
            seen = seen * (torch.rand(said.shape) > FORGOTTEN)[..., None]
            strongest = fn.relu(filters(seen.transpose(1, 2))).amax(2)
            logits = readout(fn.dropout(strongest, FORGOTTEN))
            logits = logits + offsets[torch.from_numpy(lesson.places[part])]
            logits = logits + torch.from_numpy(lesson.given[part])
            faults = fn.binary_cross_entropy_with_logits(
                logits, torch.from_numpy(lesson.target[part]), reduction="none"
            )
            loss = (torch.from_numpy(lesson.weight[part]) * faults).sum() / BATCH
            pace = 0.5 * (1 + math.cos(math.pi * step / steps))
            for optimiser in optimisers:
                optimiser.param_groups[0]["lr"] = rate * min(
                    1.0, (step + 1) / 100, max(0.02, pace)
                )
                optimiser.zero_grad()
            loss.backward()
            for optimiser in optimisers:
                optimiser.step()
            step += 1
        print(
            f"pass {passed}: loss {loss:.4f}, {time.monotonic() - began:.0f} s",
            flush=True,
        )
    return {
        "vectors": vectors.weight.detach().numpy(),
        "filters": filters.weight.detach().numpy(),
        "lifts": filters.bias.detach().numpy(),
        "readout": readout.weight.detach().numpy(),
    }


def rounded(values: Any, step: float, kind: type) -> Any:
    """Return values as whole numbers of steps."""
    limit = np.iinfo(kind).max
    whole = np.clip(np.rint(values / step), -limit, limit)
    return np.ascontiguousarray(whole, kind)


def hashes_of(words: Sequence[str]) -> npt.NDArray[np.uint32]:
    """Return the hashes by which a network knows words."""
    return (features.word_hashes(words) >> np.uint64(32)).astype(np.uint32)


def network_of(
    found: dict[str, Any], words: Sequence[str], rows: Any, before: Network | None
) -> Network:
    """Assemble the trained network in whole numbers.

    Parameters
    ----------
    words : those that have a vector, names of groups included
    rows : which of the vectors, the last of which is for all other words
    before : a network whose other words keep their vectors
    """
    hashes, table = hashes_of(words), found["vectors"][rows]
    if before is not None:
        kept = ~np.isin(before.words, hashes)
        hashes = np.concatenate([hashes, before.words[kept]])
        others = before.vectors[:-1][kept] * np.float32(VECTOR_STEP)
        table = np.concatenate([table, others])
    order = np.argsort(hashes)
    vectors = np.concatenate([table[order], found["vectors"][-1:]])
    # filters × size × width → size × (width · filters), the first token's first
    filters = found["filters"].transpose(1, 2, 0).reshape(SIZE, -1)
    step = PART_STEPS[np.dtype(KIND).name]
    # What a filter says may be stretched, if its part in the read-out is shortened.
    parts = np.abs(vectors @ filters).reshape(-1, FILTERS)
    most = step * MAX_PARTS[np.dtype(KIND).name]
    stretch = most / np.quantile(parts, 1 - OUTLIERS, axis=0)
    filters = filters * np.tile(stretch, WIDTH)
    readout = SHARE * (found["readout"] / stretch).T
    steps = np.abs(readout).max(axis=0) / np.iinfo(np.int16).max
    steps = np.maximum(steps, 1e-12)
    return Network(
        words=hashes[order],
        vectors=rounded(vectors, VECTOR_STEP, np.int8),
        filters=rounded(filters, FILTER_STEP, np.int16),
        lifts=rounded(found["lifts"] * stretch, step, KIND),
        readout=rounded(readout / steps, 1, np.int16),
        steps=steps * step,
    )


def main() -> None:
    """Train a network for a scorer, calibrate both together, and save them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--soft", type=Path)
    parser.add_argument("--passes", type=int, default=PASSES)
    parser.add_argument("--texts-alone", action="store_true")
    parser.add_argument("--share", type=float, default=1.0, help="of the older sets")
    options = parser.parse_args()
    base = artifact.load(options.base)
    teacher = teacher_labels.load(options.soft) if options.soft else None
    before = None if options.model.is_dir() else network_in(options.model)
    examples = public.read_training(options.folder) + collection.examples()
    held = datasets.held_out(examples)
    chance = np.random.default_rng(0)
    drawn = [
        not out and (e.source in NEWER or chance.random() < options.share)
        for e, out in zip(examples, held, strict=True)
    ]
    lessons = [e for e, is_drawn in zip(examples, drawn, strict=True) if is_drawn]
    if teacher and not options.texts_alone:
        lessons += sentences(examples, held)
    read = Read.of([e.text for e in lessons], base)
    own = read.frequent()
    if before is not None:
        is_known = of_network(before, read.words)[1] & ~read.is_name()
        own = np.union1d(own, np.flatnonzero(is_known))
    words = [read.words[i] for i in own]
    # The names of groups share the vector before the last, so that they weigh alike.
    vectors = np.zeros((len(own) + 2, SIZE), np.float32)
    start: dict[str, Any] = {"vectors": vectors}
    if before is not None:
        vectors[:-2] = of_network(before, words)[0]
        vectors[-2:] = of_network(before, [NAMES[0], ""])[0]
        start |= arrays_of(before)
    else:
        is_mark = np.array([word[:1] == marks.MARK for word in words])
        spoken = [word for word in words if word[:1] != marks.MARK]
        vectors[np.flatnonzero(~is_mark)] = said_alone(options.model, spoken)
    rows = np.full(len(read.words), len(own) + 1)
    rows[own] = np.arange(len(own))
    rows[read.is_name()] = len(own)
    lesson = Lesson.of(lessons, base, teacher)
    lengths = np.array([len(each) for each in read.texts])
    chosen = np.flatnonzero((lengths > 0) & (lesson.weight.sum(1) > 0))
    print(f"{len(chosen)} texts, {len(own)} words", flush=True)
    found = learnt(read, rows, start, lesson, chosen, options.passes)
    names = list(dict.fromkeys(NAMES))
    places = np.concatenate([np.arange(len(own)), np.full(len(names), len(own))])
    network = network_of(found, [*words, *names], places, before)
    artifact.save(add_network(base, network, examples), options.out)


def network_in(path: Path) -> Network:
    """Return the network of a scorer's file."""
    network = artifact.load(path).weights.network
    if network is None:
        raise SystemExit(f"{path} has no network")
    return network


if __name__ == "__main__":
    main()
