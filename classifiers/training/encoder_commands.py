"""Make the encoder from the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from classifiers.encoder import encoder
from classifiers.pretrained import default_model
from classifiers.serving import artifact

#: What `train-encoder` starts from.
START = "folder of a BERT: model.safetensors and tokenizer.json"


def add(commands: Any) -> None:
    """Add the commands that make the encoder; all but the last need PyTorch."""
    learning = commands.add_parser("train-encoder", help="fine-tune the encoder")
    learning.set_defaults(run=_train_encoder)
    learning.add_argument("--minutes", type=float, default=95)
    making = commands.add_parser("make-encoder", help="a checkpoint as served files")
    making.set_defaults(run=_make_encoder)
    making.add_argument("--out", type=Path, required=True, help="folder to write")
    for command in (learning, making):
        command.add_argument("--data", type=Path, required=True)
        command.add_argument("--start", type=Path, required=True, help=START)
        command.add_argument("--checkpoint", type=Path, required=True)
    joining = commands.add_parser("join-encoder", help="calibrate both scorers' sum")
    joining.set_defaults(run=_join_encoder)
    joining.add_argument("--data", type=Path, required=True)
    joining.add_argument("--model", type=Path, help="default: the one that ships")
    joining.add_argument("--encoder", type=Path, required=True, help="its folder")
    joining.add_argument("--out", type=Path, required=True)


def _train_encoder(options: argparse.Namespace) -> int:
    from classifiers.training.encoder import loop  # PyTorch

    loop.train(options.data, options.start, options.checkpoint, options.minutes)
    return 0


def _make_encoder(options: argparse.Namespace) -> int:
    from classifiers.training.encoder import making  # PyTorch

    making.make(options.data, options.start, options.checkpoint, options.out)
    return 0


def _join_encoder(options: argparse.Namespace) -> int:
    from classifiers.training import encoder_joining as joining  # SciPy
    from classifiers.training.encoder_head import OwnHead, dangers

    read = encoder.load(options.encoder)
    examples = joining.measured(options.data)
    endangered = dangers(options.data)
    own = OwnHead.load(options.encoder.with_suffix(".head.npz"))
    joined = joining.join(
        default_model.load() if options.model is None else artifact.load(options.model),
        read,
        own.with_danger(endangered, read.vectors([e.text for e in endangered])),
        examples,
        read.vectors([example.text for example in examples]),
    )
    artifact.save(joined, options.out)
    print(joined.version)
    return 0
