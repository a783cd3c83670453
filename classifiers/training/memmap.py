"""Keep arrays that are read repeatedly: in memory first, then on disk."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

#: Bytes kept in memory; the rest goes to a file.
MAX_BYTES = 128 << 20


@dataclass(frozen=True)
class _Stored:
    """The position of an array in the file."""

    dtype: np.dtype[Any]
    start: int
    size: int  # bytes


class Scratch:
    """A file without a name: nothing is left of it when the process ends, or dies.

    It is made with the first byte. Threads may read it at the same time.
    """

    def __init__(self) -> None:
        self.size = 0  #: bytes written so far
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # ours
            weakref.finalize(self, self._file.close)
        os.pwrite(self._file.fileno(), data, self.size)
        self.size += len(data)

    def read(self, start: int, size: int) -> bytes:
        """Return bytes that were written."""
        return b"" if self._file is None else os.pread(self._file.fileno(), size, start)


class Spill:
    """Groups of arrays, added one after the other."""

    def __init__(self, kept_bytes: int = MAX_BYTES) -> None:
        self._left = kept_bytes
        self._groups: list[Sequence[Array] | list[_Stored]] = []
        self._file = Scratch()

    def __len__(self) -> int:
        return len(self._groups)

    @property
    def is_on_disk(self) -> bool:
        """Whether there was more than memory may hold."""
        return self._file.size > 0

    def add(self, arrays: Sequence[Array]) -> None:
        """Keep one-dimensional arrays, which must not be changed afterwards."""
        size = sum(array.nbytes for array in arrays)
        if size <= self._left:
            self._left -= size
            self._groups.append(arrays)
            return
        self._left = 0  # what is read in turn should not be in two places
        self._groups.append([self._write(array) for array in arrays])

    def get(self, place: int) -> list[Array]:
        """Return a group of arrays; those on disk are read each time."""
        return [
            self._read(array) if isinstance(array, _Stored) else array
            for array in self._groups[place]
        ]

    def _write(self, array: Array) -> _Stored:
        stored = _Stored(array.dtype, self._file.size, array.nbytes)
        self._file.write(array.tobytes())
        return stored

    def _read(self, stored: _Stored) -> Array:
        data = bytearray(
            self._file.read(stored.start, stored.size)
        )  # SciPy may sort it
        return np.frombuffer(data, stored.dtype)
