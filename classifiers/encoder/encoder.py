"""Turn comments into vectors with ONNX Runtime, on the CPU alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifiers.encoder import reading
from classifiers.errors import BadArtifact

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from sentencepiece import SentencePieceProcessor

Vectors = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]

#: Numbers of a vector.
WIDTH = 384
#: Tokens of a comment that are read: of a longer one, its beginning and its end.
TOKENS = 96
#: Weights of a word that share a scale.
BLOCK = 32
#: Files of an encoder, its manifest apart.
FILES = ("layers.onnx", "pieces.model", "words.npz")
MANIFEST = "encoder.json"
#: Larger files are refused unread.
MAX_BYTES = 60 * 1000 * 1000


@dataclass(frozen=True, kw_only=True)
class Embeddings:
    """The vector of each token, four bits a number.

    Source of the form: llama.cpp's ``Q4_0``; 32 numbers share a scale.
    """

    #: tokens × `WIDTH` / 2: of a block of 32, the first 16 in the lower halves
    halves: npt.NDArray[np.uint8]
    #: tokens × `WIDTH` / 32
    scales: npt.NDArray[np.float16]
    #: places in a comment × `WIDTH`
    places: npt.NDArray[np.float32]

    def of(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Return tokens × `WIDTH`."""
        halves = self.halves[ids].reshape(len(ids), -1, BLOCK // 2)
        blocks = np.concatenate([halves & 15, halves >> 4], axis=2).astype(np.float32)
        blocks -= 8
        blocks *= self.scales[ids].astype(np.float32)[:, :, None]
        return blocks.reshape(len(ids), WIDTH) + self.places[: len(ids)]


class Encoder:
    """One encoder. Threads may share it, and processes that are forked.

    Parameters
    ----------
    version : first eight digits of the SHA-256 of its files
    """

    def __init__(
        self,
        *,
        version: str,
        manifest: Mapping[str, Any],
        words: Embeddings,
        pieces: SentencePieceProcessor,
        session: InferenceSession,
    ) -> None:
        self.version = version
        self.manifest = manifest
        #: what one step of each number of a vector is
        self.steps = np.array(manifest["steps"], np.float32)
        self._words = words
        self._pieces = pieces
        self._session = session

    def tokens(self, text: str) -> list[int]:
        """Return the tokens that are read of a comment, one or more."""
        ids = self._pieces.encode(reading.plain(text))
        first, last = self._pieces.bos_id(), self._pieces.eos_id()
        return [first, *reading.cut(ids, TOKENS - 2), last]

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return texts × `WIDTH`, in `steps`.

        Each text is read by itself, so that its vector is the same in any company.
        """
        found = np.empty((len(texts), WIDTH), np.int8)
        for place, text in enumerate(texts):
            found[place] = self._vector(text)
        return found

    def _vector(self, text: str) -> Vectors:
        whole = np.rint(self.run(self.embedded(text)) / self.steps)
        steps: Vectors = np.clip(whole, -127, 127).astype(np.int8)
        return steps

    def embedded(self, text: str) -> Floats:
        """Return what the tokens of a text mean, 1 × tokens × `WIDTH`."""
        return self._words.of(np.array(self.tokens(text), np.int64))[None]

    def run(self, embedded: Floats) -> Floats:
        """Return the mean of the last layer over a text's tokens, `WIDTH` numbers."""
        (mean,) = self._session.run(None, {"tokens": embedded})
        found: Floats = mean[0]
        return found


def load(folder: Path) -> Encoder:
    """Read an encoder from a folder.

    Raises
    ------
    BadArtifact
        If ONNX Runtime or SentencePiece is missing, or a file is missing, too large,
        damaged, or of another encoder.
    """
    try:
        return _loaded(folder)
    except ImportError as error:
        raise BadArtifact(f"{error.name} is not installed") from error
    except OSError as error:
        raise BadArtifact(f"the encoder can't be read: {error.strerror}") from error


def _loaded(folder: Path) -> Encoder:
    import onnxruntime
    import sentencepiece

    manifest = _manifest(folder / MANIFEST)
    digest = files_hash(folder)
    if digest != manifest["sha256"]:
        raise BadArtifact("the encoder's files do not match their SHA-256")
    options = onnxruntime.SessionOptions()
    # No thread of its own: requests are answered in parallel already, and a process
    # that is forked has none of its parent's.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    with np.load(folder / "words.npz", allow_pickle=False) as arrays:
        words = Embeddings(
            **{name: arrays[name] for name in ("halves", "scales", "places")}
        )
    return Encoder(
        version=digest[:8],
        manifest=manifest,
        words=words,
        pieces=sentencepiece.SentencePieceProcessor(
            model_file=str(folder / "pieces.model")
        ),
        session=onnxruntime.InferenceSession(
            folder / "layers.onnx", options, providers=["CPUExecutionProvider"]
        ),
    )


def files_hash(folder: Path) -> str:
    """Return the SHA-256, in hex, of an encoder's files, in their order."""
    digest = hashlib.sha256()
    for name in FILES:
        path = folder / name
        if path.stat().st_size > MAX_BYTES:
            raise BadArtifact(f"{name} is larger than 60 MB")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadArtifact("the encoder's manifest is no JSON") from error
    steps = manifest.get("steps") if isinstance(manifest, dict) else None
    if not isinstance(steps, list) or len(steps) != WIDTH:
        raise BadArtifact("the encoder's manifest has no step for each number")
    if not isinstance(manifest.get("sha256"), str):
        raise BadArtifact("the encoder's manifest has no SHA-256")
    return dict(manifest)
