"""Make the files of an encoder out of a checkpoint."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from classifiers.data import public
from classifiers.data.contrasts import collection
from classifiers.data.public import PUBLIC
from classifiers.encoder import encoder as serving
from classifiers.encoder import reading
from classifiers.text.labels import LABELS
from classifiers.training.encoder import export, sampling
from classifiers.training.encoder.architecture import LearningEncoder, pretrained
from classifiers.training.encoder.loop import LAYERS

#: Pieces that are kept: all that texts use, then the most frequent.
PIECES = 120_000
#: Texts by which the reach of a vector's numbers is found.
MEASURED = 4000
#: Texts a set by which the pieces in use are found, at most.
READ = 40_000


def make(folder: Path, model: Path, checkpoint: Path, out: Path) -> None:
    """Write an encoder's files.

    Parameters
    ----------
    folder : of the public sets
    model : folder of the model that training started from
    checkpoint : that `loop.train` wrote
    out : folder of the files; the head that was trained with it gets a file next to it
    """
    encoder = export.trained(pretrained(model, LAYERS, len(LABELS)), checkpoint)
    vocabulary = _vocabulary(model / "tokenizer.json")
    texts = _texts(folder)
    ids = sampling.tokenized(model / "tokenizer.json", texts, 10_000)
    used = np.zeros(len(vocabulary), np.int64)
    for each in ids:
        used[list(set(each))] += 1
    kept = export.kept_pieces(vocabulary, used, PIECES)
    drawn = np.random.default_rng(0).permutation(len(ids))[:MEASURED]
    cut = [reading.cut(ids[place], sampling.TOKENS) for place in drawn]
    steps = export.steps_of(encoder, vectors(encoder, cut))
    notes = {"base": "multilingual-e5-small", "labels": list(LABELS)}
    export.write(encoder, vocabulary, kept, steps, out, notes)
    head = encoder.head
    np.savez(
        out.with_suffix(".head.npz"),
        rows=head.weight.detach().numpy().T * steps[:, None],
        intercept=head.bias.detach().numpy(),
    )
    print(serving.load(out).version, f"{int((used > 0).sum())} pieces in use")


def vectors(
    encoder: LearningEncoder, ids: Sequence[Sequence[int]]
) -> npt.NDArray[np.float32]:
    """Return the vectors of texts before they are whole numbers."""
    found = np.zeros((len(ids), serving.WIDTH), np.float32)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for batch in sampling.batches(ids, np.arange(len(ids))):
            read = encoder.vectors(
                torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)
            )
            found[batch.rows] = read.float().numpy()
    return found


def _vocabulary(path: Path) -> list[tuple[str, float]]:
    model = json.loads(path.read_text(encoding="utf-8"))["model"]
    return [(piece, score) for piece, score in model["vocab"]]


def _texts(folder: Path) -> list[str]:
    """Return the texts by which pieces are kept: of all sets, measured ones too."""
    texts = [example.text for example in collection.examples()]
    for name, kind in PUBLIC.items():
        if kind.path(folder).exists():
            texts += [e.text for e in public.read_public(folder, name)[:READ]]
    return texts
