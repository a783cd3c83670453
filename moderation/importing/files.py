"""Open files that others wrote: compressed or not, never to be trusted."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from moderation.errors import ModerationError

GZIP = b"\x1f\x8b"
MAX_RATIO = 200  # unpacked to packed; our own texts come to 10
FREE_BYTES = 16 << 20  # unpacked before the ratio counts
MAX_LINE_BYTES = 4 << 20
MAX_DEPTH = 100  # of JSON and XML


class UnreadableFile(ModerationError):
    """The file can't be imported."""

    code = "unreadable_file"


class _Counted(io.RawIOBase):
    """A file that knows how far it was read, and refuses what unpacks to too much."""

    def __init__(self, packed: IO[bytes], unpacked: gzip.GzipFile | None) -> None:
        self._packed, self._unpacked = packed, unpacked
        self.count = self._packed_count = 0
        self._counter = ByteCounter.current()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = (self._unpacked or self._packed).read(len(buffer))
        except (OSError, EOFError, zlib.error):
            raise UnreadableFile(
                "The file is not whole: it can't be unpacked."
            ) from None
        self.count += len(data)
        if self._counter is not None:
            place = self._packed.tell()
            self._counter.count += place - self._packed_count
            self._packed_count = place
        is_free = self._unpacked is None or self.count <= FREE_BYTES
        if not is_free and self.count > MAX_RATIO * max(1, self._packed.tell()):
            raise UnreadableFile(
                f"The file is compressed to more than {MAX_RATIO} : 1."
            )
        buffer[: len(data)] = data
        return len(data)


@dataclass(kw_only=True)
class ByteCounter:
    """Counts the bytes that are read of files, as they lie on the disk."""

    total: int
    count: int = 0

    @staticmethod
    def current() -> ByteCounter | None:
        """Return the counter that follows here; None: there is none."""
        return _COUNTER.get()


_COUNTER: ContextVar[ByteCounter | None] = ContextVar("counter", default=None)


@contextmanager
def counted(counter: ByteCounter) -> Iterator[None]:
    """Let a counter follow the files that are opened here."""
    token = _COUNTER.set(counter)
    try:
        yield
    finally:
        _COUNTER.reset(token)


def size_of(paths: Sequence[Path]) -> int:
    """Return the size of files and of the files in folders, in bytes; at least 1."""
    members = [each for path in paths for each in (path, *path.glob("*"))]
    return max(1, sum(each.stat().st_size for each in members if each.is_file()))


@contextmanager
def open_bytes(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file to be read once, unpacked if it is gzip.

    Raises
    ------
    UnreadableFile
        If it is no plain file, or unpacks to more than `MAX_RATIO` times its size.
    """
    try:
        if not path.is_file():
            raise UnreadableFile(f"{path.name} is no file.")
        packed = path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"{path.name}: {os.strerror(error.errno or 0)}") from None
    with packed:
        is_packed = packed.read(2) == GZIP
        packed.seek(0)
        unpacked = gzip.GzipFile(fileobj=packed) if is_packed else None
        yield io.BufferedReader(_Counted(packed, unpacked), 1 << 18)


def read_lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Yield the numbers and bytes of a file's lines, blank ones left out.

    A line of more than `MAX_LINE_BYTES` is None.
    """
    with open_bytes(path) as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
                while rest := file.readline(MAX_LINE_BYTES):
                    if rest.endswith(b"\n"):
                        break
                yield number, None
                continue
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if line.strip():
                yield number, line


def read_json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the numbers and values of a file's lines; None: it is no JSON object."""
    for number, line in read_lines(path):
        yield number, None if line is None else read_object(line)


def read_object(line: bytes) -> dict[str, Any] | None:
    """Return a JSON object; None: it is none, or nested too deep."""
    try:
        value = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def as_text(value: Any) -> str:
    """Return a value of JSON or of a database as text; nothing for null."""
    if value is None or isinstance(value, (dict, list)):
        return ""
    return value if isinstance(value, str) else str(value)


def as_object(value: Any) -> dict[str, Any]:
    """Return a JSON object; an empty one for everything else."""
    return value if isinstance(value, dict) else {}


def as_objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a JSON array; none for everything else."""
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, dict)]
