"""The encoder in PyTorch: layers of a BERT, and a head a label.

Source: Devlin et al. 2018, *BERT*; the weights to start from are those of
multilingual-e5-small (Wang et al. 2024; MIT license), of which the lower layers stay.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

WIDTH = 384
HEADS = 12
INNER = 1536
EPSILON = 1e-12
DROPOUT = 0.1


class Layer(nn.Module):  # type: ignore[misc,unused-ignore]
    """Attention, then two dense layers; each added to its input, and normalized."""

    def __init__(self) -> None:
        super().__init__()
        self.mixed = nn.Linear(WIDTH, 3 * WIDTH)
        self.attended = nn.Linear(WIDTH, WIDTH)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.first_norm = nn.LayerNorm(WIDTH, EPSILON)
        self.second_norm = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, hidden: Any, mask: Any) -> Any:
        """Return texts × tokens × `WIDTH`.

        Parameters
        ----------
        hidden : of the same shape
        mask : texts × 1 × 1 × tokens, true where there is a token
        """
        texts, tokens, width = hidden.shape
        mixed = self.mixed(hidden).view(texts, tokens, 3, HEADS, width // HEADS)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        # In steps: on a CPU, of the fused kind the way back takes half of the training.
        alike = (query * (width // HEADS) ** -0.5) @ key.transpose(-1, -2)
        alike = alike.masked_fill(~mask, float("-inf")).softmax(-1)
        found = alike.to(value.dtype) @ value
        found = self.attended(found.transpose(1, 2).reshape(texts, tokens, width))
        hidden = self.first_norm(hidden + _dropped(found, self))
        found = self.outer(functional.gelu(self.inner(hidden)))
        return self.second_norm(hidden + _dropped(found, self))


def _dropped(hidden: Any, layer: Layer) -> Any:
    """Drop the same numbers of all tokens of a text.

    Source: Gal & Ghahramani 2016, *A theoretically grounded application of dropout in
    recurrent neural networks*; here, for its tenth of the time.
    """
    if not layer.training:
        return hidden
    kept = torch.ones_like(hidden[:, :1])
    return hidden * functional.dropout(kept, DROPOUT)


class LearningEncoder(nn.Module):  # type: ignore[misc,unused-ignore]
    """Texts as vectors, and a logit a label."""

    def __init__(self, layers: int, labels: int, words: int, positions: int) -> None:
        super().__init__()
        # What a token and its place mean does not learn: so it stays as exact as four
        # bits a weight, as it came.
        self.register_buffer("words", torch.zeros(words, WIDTH))
        self.register_buffer("places", torch.zeros(positions, WIDTH))
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.head = nn.Linear(WIDTH, labels)

    def vectors(self, ids: Any, mask: Any) -> Any:
        """Return texts × `WIDTH`: the mean over each text's tokens."""
        hidden = self.words[ids] + self.places[: ids.shape[1]]
        hidden = self.norm(hidden)
        is_token = mask.bool()[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, is_token)
        kept = mask.unsqueeze(-1).float()
        return (hidden.float() * kept).sum(1) / kept.sum(1)

    def forward(self, ids: Any, mask: Any) -> Any:
        """Return a logit for each text and label."""
        return self.head(_dropped_vector(self.vectors(ids, mask), self))


def _dropped_vector(vectors: Any, encoder: LearningEncoder) -> Any:
    return functional.dropout(vectors, DROPOUT, encoder.training)


_PARTS = {
    "attended": "attention.output.dense",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "first_norm": "attention.output.LayerNorm",
    "second_norm": "output.LayerNorm",
}


def pretrained(folder: Path, layers: int, labels: int) -> LearningEncoder:
    """Return the lower layers of a BERT from ``folder/model.safetensors``."""
    read = load_file(folder / "model.safetensors")
    words = read["embeddings.word_embeddings.weight"]
    # The type of the first text is the only one, so it is part of each place.
    places = read["embeddings.position_embeddings.weight"]
    places = places + read["embeddings.token_type_embeddings.weight"][0]
    encoder = LearningEncoder(layers, labels, len(words), len(places))
    state = {
        "words": words,
        "places": places,
        "norm.weight": read["embeddings.LayerNorm.weight"],
        "norm.bias": read["embeddings.LayerNorm.bias"],
        "head.weight": torch.zeros(labels, WIDTH),
        "head.bias": torch.zeros(labels),
    }
    for number in range(layers):
        there, here = f"encoder.layer.{number}.", f"layers.{number}."
        for kind in ("weight", "bias"):
            parts = [
                read[f"{there}attention.self.{name}.{kind}"]
                for name in ("query", "key", "value")
            ]
            state[f"{here}mixed.{kind}"] = torch.cat(parts)
            for name, other in _PARTS.items():
                state[f"{here}{name}.{kind}"] = read[f"{there}{other}.{kind}"]
    encoder.load_state_dict(state)
    return encoder
