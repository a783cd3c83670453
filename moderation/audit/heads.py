"""The head of the chain outside of the database: one line, or one JSON object."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from moderation.audit.verification import AuditHeadValue
from moderation.errors import InvalidFields
from moderation.installation import PRIVATE

EVENT_TYPE = "audit.head"
_LINE = re.compile(r"(?P<at>\S+) (?P<sequence>\d{1,19}) (?P<hash>[0-9a-f]{64})")


def append_head(path: Path, head: AuditHeadValue, at: datetime) -> None:
    """Append a head to a file: time, sequence number, and hash in one line.

    The line is on the disk when this returns.

    Raises
    ------
    OSError
        If the file can't be written.
    """
    line = f"{at.astimezone(UTC).isoformat()} {head.sequence} {head.hash}\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def read_heads(path: Path) -> Iterator[AuditHeadValue]:
    """Yield the heads in a file that `append_head` wrote.

    Raises
    ------
    InvalidFields
        Naming the first line that isn't one.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from read_lines(file)


def read_lines(lines: Iterable[str]) -> Iterator[AuditHeadValue]:
    """Yield the heads in lines that `append_head` wrote.

    Raises
    ------
    InvalidFields
        Naming the first line that isn't one.
    """
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line.strip())
        if match is None:
            complaint = "Must be a time, a sequence number, and a hash."
            raise InvalidFields({f"line {number}": [complaint]})
        yield AuditHeadValue(sequence=int(match["sequence"]), hash=match["hash"])


def write_event(head: AuditHeadValue, at: datetime) -> str:
    """Return the JSON that tells a receiver of a head."""
    return json.dumps(
        {
            "type": EVENT_TYPE,
            "timestamp": at.astimezone(UTC).isoformat(),
            "data": {"sequence": head.sequence, "hash": head.hash},
        }
    )
