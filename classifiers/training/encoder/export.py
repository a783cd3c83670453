"""Write a trained encoder as the files that `classifiers.encoder` reads."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import sentencepiece
import torch
from onnx import TensorProto, helper, numpy_helper
from sentencepiece import sentencepiece_model_pb2

from classifiers.encoder import encoder as serving
from classifiers.training.encoder.architecture import (
    EPSILON,
    HEADS,
    WIDTH,
    LearningEncoder,
)

Floats = npt.NDArray[np.float32]

#: Largest weight in whole numbers. Half of a byte's range: on processors that add
#: products up in 16 bits, the sums of two stay within them.
MOST = 63
#: Tokens of the alphabet before the pieces: begin, pad, end, unknown.
SPECIAL = 4
#: Numbers of a vector beyond this quantile of their size are cut off.
REACH = 0.9999


class Graph:
    """Nodes and arrays of a network, one after the other."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.arrays: list[Any] = []

    def add(self, kind: str, inputs: Sequence[str], out: str, **settings: Any) -> str:
        """Add a node; return the name of its output."""
        domain = "" if kind in {"ReduceMean", "LayerNormalization"} else "com.microsoft"
        node = helper.make_node(kind, inputs, [out], domain=domain, **settings)
        self.nodes.append(node)
        return out

    def array(self, name: str, values: npt.NDArray[Any]) -> str:
        """Add an array; return its name."""
        self.arrays.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def dense(self, source: str, name: str, weight: Floats, bias: Floats) -> str:
        """Add a dense layer in whole numbers; each column has a scale of its own.

        Parameters
        ----------
        weight : outputs × inputs
        """
        columns = weight.T
        scale = np.maximum(np.abs(columns).max(axis=0), 1e-8) / MOST
        whole = np.rint(columns / scale).astype(np.int8)
        inputs = [
            source,
            self.array(f"{name}.whole", whole),
            self.array(f"{name}.scale", scale.astype(np.float32)),
            "",
            self.array(f"{name}.bias", bias),
        ]
        return self.add("DynamicQuantizeMatMul", inputs, name)


def graph_of(state: Mapping[str, Floats], layers: int) -> bytes:
    """Return the network from embedded tokens to the mean of the last layer."""
    graph = Graph()
    hidden = graph.add(
        "LayerNormalization",
        [
            "tokens",
            graph.array("norm.weight", state["norm.weight"]),
            graph.array("norm.bias", state["norm.bias"]),
        ],
        "embedded",
        epsilon=EPSILON,
    )
    for number in range(layers):
        hidden = _add_layer(graph, hidden, state, f"layers.{number}.")
    axes = graph.array("axes", np.array([1], np.int64))
    graph.add("ReduceMean", [hidden, axes], "mean", keepdims=0)
    shape = [1, "length", WIDTH]
    whole = helper.make_graph(
        graph.nodes,
        "encoder",
        [helper.make_tensor_value_info("tokens", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("mean", TensorProto.FLOAT, [1, WIDTH])],
        graph.arrays,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(whole, opset_imports=opsets, ir_version=9)
    written: bytes = model.SerializeToString()
    return written


def _add_layer(
    graph: Graph, hidden: str, state: Mapping[str, Floats], name: str
) -> str:
    def dense(source: str, part: str, rows: slice = slice(None)) -> str:
        weight, bias = state[f"{name}{part}.weight"], state[f"{name}{part}.bias"]
        place = f"{name}{part}.{rows.start or 0}"
        return graph.dense(source, place, weight[rows], bias[rows])

    def norm(added: str, hidden: str, part: str) -> str:
        arrays = [
            graph.array(f"{name}{part}.{kind}", state[f"{name}{part}.{kind}"])
            for kind in ("weight", "bias")
        ]
        inputs = [added, hidden, *arrays]
        out = f"{name}{part}"
        return graph.add("SkipLayerNormalization", inputs, out, epsilon=EPSILON)

    parts = [
        dense(hidden, "mixed", slice(start * WIDTH, (start + 1) * WIDTH))
        for start in range(3)
    ]
    found = graph.add("MultiHeadAttention", parts, f"{name}attention", num_heads=HEADS)
    hidden = norm(dense(found, "attended"), hidden, "first_norm")
    inner = graph.add("Gelu", [dense(hidden, "inner")], f"{name}gelu")
    return norm(dense(inner, "outer"), hidden, "second_norm")


def pieces_of(alphabet: Sequence[tuple[str, float]]) -> bytes:
    """Return a SentencePiece model of some pieces, whose numbers are their places.

    Parameters
    ----------
    alphabet : pieces with their log-probability; begin, pad, end, and unknown first
    """
    made = io.BytesIO()
    # A model with the normalization of XLM-R; its own pieces are thrown away.
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a tiny text to learn nothing from"] * 20),
        model_writer=made,
        vocab_size=25,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc",
        minloglevel=2,
    )
    model = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
    model.ParseFromString(made.getvalue())
    del model.pieces[:]
    kinds = {0: 3, 1: 3, 2: 3, 3: 2}  # 3: control, 2: unknown
    for place, (piece, score) in enumerate(alphabet):
        kind = kinds.get(place, 1)
        model.pieces.add(piece=piece, score=score, type=kind)
    settings = model.trainer_spec
    settings.vocab_size = len(alphabet)
    settings.bos_id, settings.pad_id, settings.eos_id, settings.unk_id = 0, 1, 2, 3
    written: bytes = model.SerializeToString()
    return written


def kept_pieces(
    vocabulary: Sequence[tuple[str, float]], used: npt.NDArray[np.int64], most: int
) -> npt.NDArray[np.int64]:
    """Return the numbers of the pieces to keep, in order.

    All that texts use are kept, then the most frequent by the tokenizer's own figures.

    Parameters
    ----------
    used : how many texts use each piece
    """
    scores = np.array([score for _, score in vocabulary])
    rank = np.lexsort((-scores, used == 0))
    rank = rank[rank >= SPECIAL]
    return np.sort(np.concatenate([np.arange(SPECIAL), rank[: most - SPECIAL]]))


def halved(words: Floats) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]:
    """Return words in four bits a number, as `serving.Embeddings` reads them.

    Weights already in this form keep their numbers: of a block, the one of largest size
    is eight steps.
    """
    blocks = words.reshape(len(words), -1, serving.BLOCK)
    places = np.abs(blocks).argmax(axis=2)[..., None]
    extreme = np.take_along_axis(blocks, places, axis=2)
    scales = (extreme / -8).astype(np.float16)
    steps = scales.astype(np.float32)
    safe = np.where(steps == 0, 1, steps)
    whole = np.clip(np.rint(blocks / safe) + 8, 0, 15).astype(np.uint8)
    half = serving.BLOCK // 2
    joined = whole[..., :half] | (whole[..., half:] << 4)
    return joined.reshape(len(words), -1), scales[..., 0]


def write(
    encoder: LearningEncoder,
    vocabulary: Sequence[tuple[str, float]],
    kept: npt.NDArray[np.int64],
    steps: Floats,
    folder: Path,
    notes: Mapping[str, Any],
) -> None:
    """Write the files of an encoder.

    Parameters
    ----------
    vocabulary : all pieces with their log-probability
    kept : numbers of those that are written
    steps : what one step of each number of a vector is
    notes : what the manifest says about its origin
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.numpy() for name, value in encoder.state_dict().items()}
    graph = graph_of(state, len(encoder.layers))
    onnx.checker.check_model(onnx.load_from_string(graph), full_check=False)
    (folder / "layers.onnx").write_bytes(graph)
    alphabet = [vocabulary[place] for place in kept.tolist()]
    (folder / "pieces.model").write_bytes(pieces_of(alphabet))
    halves, scales = halved(state["words"][kept])
    places = state["places"][: serving.TOKENS].astype(np.float32)
    np.savez(folder / "words.npz", halves=halves, scales=scales, places=places)
    manifest = {
        **notes,
        "layers": len(encoder.layers),
        "pieces": len(kept),
        "steps": [round(float(step), 6) for step in steps],
        "sha256": serving.files_hash(folder),
    }
    text = json.dumps(manifest, indent=1) + "\n"
    (folder / serving.MANIFEST).write_text(text, encoding="utf-8")


def steps_of(encoder: LearningEncoder, vectors: Floats) -> Floats:
    """Return the steps by which vectors become whole numbers from -127 to 127."""
    reach = np.quantile(np.abs(vectors), REACH, axis=0)
    steps: Floats = np.maximum(reach / 127, 1e-4).astype(np.float32)
    return steps


def trained(model: LearningEncoder, checkpoint: Path) -> LearningEncoder:
    """Return a model with the averaged weights of a checkpoint."""
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    model.load_state_dict({**state["learning"], **state["kept"]}, strict=False)
    model.eval()
    return model
