"""Probabilities of a slower model, for a faster one to learn from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifiers.errors import BadExample
from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer


def key(text: str) -> int:
    """Return 63 bits of a text's SHA-256: the file carries no text."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "little") >> 1


@dataclass(frozen=True, kw_only=True)
class SoftLabels:
    """A teacher's probabilities by the key of the text."""

    #: text key → row
    rows: dict[int, int]
    #: label → column
    labels: dict[str, int]
    #: 0 to 1
    probabilities: npt.NDArray[np.float32]

    def of(self, texts: Sequence[str], label: str) -> npt.NDArray[np.float64]:
        """Return the probability of a label for each text, NaN where there is none."""
        probabilities = np.full(len(texts), np.nan)
        if label in self.labels:
            column = self.probabilities[:, self.labels[label]]
            for index, text in enumerate(texts):
                row = self.rows.get(key(text))
                if row is not None:
                    probabilities[index] = column[row]
        return probabilities

    def filled(self, other: SoftLabels) -> SoftLabels:
        """Return these labels, with another teacher's for texts that have none."""
        labels = list(dict.fromkeys([*self.labels, *other.labels]))
        places = {label: column for column, label in enumerate(labels)}
        missing = [text for text in other.rows if text not in self.rows]
        both = np.full((len(self.rows) + len(missing), len(labels)), np.nan, np.float32)
        rows = {text: row for row, text in enumerate([*self.rows, *missing])}
        for soft, texts in ((self, list(self.rows)), (other, missing)):
            into = np.array([rows[text] for text in texts], np.int64)
            out_of = np.array([soft.rows[text] for text in texts], np.int64)
            for label, column in soft.labels.items():
                both[into, places[label]] = soft.probabilities[out_of, column]
        return SoftLabels(rows=rows, labels=places, probabilities=both)


def by_scorer(scorer: Scorer, texts: Sequence[str]) -> SoftLabels:
    """Use a scorer as the teacher of texts."""
    distinct = list(dict.fromkeys(texts))
    scores = scorer.probabilities([Document(text=text) for text in distinct])
    return SoftLabels(
        rows={key(text): row for row, text in enumerate(distinct)},
        labels={label: column for column, label in enumerate(scorer.labels)},
        probabilities=scores.astype(np.float32),
    )


def save(
    path: Path,
    keys: Sequence[int],
    labels: Sequence[str],
    values: npt.NDArray[np.float32],
) -> None:
    """Write a teacher's probabilities, one row a key and one column a label."""
    np.savez_compressed(
        path,
        keys=np.array(keys, dtype=np.int64),
        labels=np.array(labels),
        probabilities=values.astype(np.float16),
    )


def load(path: Path) -> SoftLabels:
    """Read a teacher's probabilities.

    Raises
    ------
    BadExample
        If the file is not one that `save` wrote.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            keys, labels = file["keys"].tolist(), file["labels"].tolist()
            values = file["probabilities"].astype(np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise BadExample(f"cannot read soft labels: {error}") from error
    return SoftLabels(
        rows={text: row for row, text in enumerate(keys)},
        labels={label: column for column, label in enumerate(labels)},
        probabilities=values,
    )
