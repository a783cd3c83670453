"""Fine-tune the encoder for a time; a stopped run goes on where it was."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from classifiers.text.labels import LABELS
from classifiers.training.encoder import sampling
from classifiers.training.encoder.architecture import LearningEncoder, pretrained

LAYERS = 7
PEAK = 1.0e-4  # learning rate of the head and the upper layer
LAYER_DECAY = 0.9  # of the rate, from each layer to the one below
WARM_UP = 0.05  # share of the time
LEAST = 0.02  # of the peak, at the end
OFFSET_RATE = 2e-2  # learning rate of the sources' intercepts
OFFSET_PULL = 1e-4  # of them towards zero
AVERAGED = 0.99  # how slowly the weights that are kept follow those that learn
FOLLOWED_EVERY = 4  # steps
PRINTED_EVERY = 50  # steps
KEPT_EVERY = 200  # steps


class Run:
    """The state of a training, which a checkpoint holds whole."""

    def __init__(self, model: Path, sources: int) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.encoder = pretrained(model, LAYERS, len(LABELS)).to(self.device)
        self.offsets = torch.nn.Parameter(
            torch.zeros(sources, len(LABELS), device=self.device)
        )
        self.optimizer = _optimizer(self.encoder, self.offsets)
        self.kept = {
            name: value.detach().clone()
            for name, value in self.encoder.named_parameters()
        }
        #: seconds, steps, and the epoch that were done before
        self.seconds, self.step, self.epoch = 0.0, 0, 0

    def save(self, checkpoint: Path) -> None:
        """Write a checkpoint in one piece."""
        state = {
            "learning": self.encoder.state_dict(),
            "kept": self.kept,
            "offsets": self.offsets.detach(),
            "optimizer": self.optimizer.state_dict(),
            "progress": (self.seconds, self.step, self.epoch),
        }
        for name in ("words", "places"):  # as they came
            del state["learning"][name]
        part = checkpoint.with_suffix(".part")
        torch.save(state, part)
        os.replace(part, checkpoint)

    def resume(self, checkpoint: Path) -> None:
        """Take up a checkpoint."""
        state = torch.load(checkpoint, weights_only=True, map_location=self.device)
        self.encoder.load_state_dict(state["learning"], strict=False)
        self.kept = state["kept"]
        with torch.no_grad():
            self.offsets.copy_(state["offsets"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.seconds, self.step, self.epoch = state["progress"]


def train(folder: Path, model: Path, checkpoint: Path, minutes: float) -> None:
    """Fine-tune the encoder, and write its checkpoint now and then.

    Parameters
    ----------
    folder : of the public sets
    model : folder of ``model.safetensors`` and ``tokenizer.json`` to start from
    checkpoint : file to write, and to go on from where it exists
    minutes : of training; the pace follows the clock
    """
    torch.manual_seed(0)
    lessons = sampling.read(folder, model / "tokenizer.json")
    run = Run(model, len(lessons.names))
    if checkpoint.exists():
        run.resume(checkpoint)
    run.encoder.train()
    started = time.monotonic() - run.seconds
    recent: list[float] = []
    for epoch, batch in sampling.planned(lessons, run.epoch):
        run.seconds, run.epoch = time.monotonic() - started, epoch
        done = min(1.0, run.seconds / (60 * minutes))
        recent.append(_step(run, lessons, batch, pace(done)))
        if run.step % PRINTED_EVERY == 0:
            mean = float(np.mean(recent))
            print(f"{run.step} ({done:.0%}) loss {mean:.4f}", flush=True)
            recent = []
        if run.step % KEPT_EVERY == 0 or done >= 1:
            run.save(checkpoint)
        if done >= 1:
            return


def _step(
    run: Run, lessons: sampling.Lessons, batch: sampling.TokenBatch, pace: float
) -> float:
    """Learn from one batch; return its mean loss."""
    for group in run.optimizer.param_groups:
        group["lr"] = group["peak"] * pace
    ids, mask, targets, weights, sources = (
        torch.from_numpy(array).to(run.device)
        for array in (
            batch.ids,
            batch.mask,
            lessons.targets[batch.rows],
            lessons.weights[batch.rows],
            lessons.sources[batch.rows],
        )
    )
    with torch.autocast(run.device, dtype=torch.bfloat16):
        logits = run.encoder(ids, mask)
    logits = logits.float() + run.offsets[sources]
    losses = functional.binary_cross_entropy_with_logits(
        logits, targets, reduction="none"
    )
    loss = (losses * weights).sum() / (3 * len(targets))
    whole = loss + OFFSET_PULL * (run.offsets**2).sum()
    run.optimizer.zero_grad()
    whole.backward()
    torch.nn.utils.clip_grad_norm_(run.encoder.parameters(), 1.0)
    run.optimizer.step()
    run.step += 1
    if run.step % FOLLOWED_EVERY == 0:
        slowness = min(AVERAGED, run.step / (run.step + 20)) ** FOLLOWED_EVERY
        with torch.no_grad():
            now = [value.detach() for _, value in run.encoder.named_parameters()]
            torch._foreach_lerp_(list(run.kept.values()), now, 1 - slowness)
    return float(loss.detach())


def pace(done: float) -> float:
    """Return the share of the peak: a warm-up, then slower along a cosine."""
    if done < WARM_UP:
        return done / WARM_UP
    rest = (done - WARM_UP) / (1 - WARM_UP)
    return LEAST + (1 - LEAST) * (1 + math.cos(math.pi * rest)) / 2


def _optimizer(encoder: LearningEncoder, offsets: Any) -> Any:
    """Return the optimizer; lower layers learn more slowly."""
    groups: list[dict[str, Any]] = [
        {"params": [offsets], "peak": OFFSET_RATE, "weight_decay": 0.0}
    ]
    for name, value in encoder.named_parameters():
        below = 0
        if name.startswith("layers."):
            below = LAYERS - 1 - int(name.split(".")[1])
        elif name.startswith("norm."):
            below = LAYERS
        decay = 0.01 if value.ndim > 1 else 0.0
        peak = PEAK * LAYER_DECAY**below
        groups.append({"params": [value], "peak": peak, "weight_decay": decay})
    return torch.optim.AdamW(groups, lr=0.0, fused=True, betas=(0.9, 0.98))
