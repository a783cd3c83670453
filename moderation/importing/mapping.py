"""The mapping file of CSV and JSON lines: our fields to columns, and values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moderation.importing.files import UnreadableFile
from moderation.importing.readers.fields import FIELDS

MAX_MAPPING_BYTES = 1 << 20


def read_mapping(path: Path) -> dict[str, Any]:
    """Return a mapping, checked.

    Raises
    ------
    UnreadableFile
        If it is no JSON object of our fields and the columns that hold them.
    """
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(MAX_MAPPING_BYTES))
    except (OSError, ValueError, RecursionError):
        raise UnreadableFile(f"{path.name} is no JSON file.") from None
    if not isinstance(value, dict):
        raise UnreadableFile(f"{path.name} is no JSON object.")
    fault = find_fault(value)
    if fault:
        raise UnreadableFile(f"{path.name} {fault}")
    return value


def find_fault(mapping: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a mapping, as the end of a sentence; None: nothing."""
    unknown = [name for name in mapping if name not in FIELDS]
    if unknown:
        return f"maps {', '.join(unknown)}; there are {', '.join(FIELDS)}."
    for name, column in mapping.items():
        is_pair = isinstance(column, dict) and isinstance(column.get("column"), str)
        if not is_pair and not isinstance(column, str):
            return f"names no column for {name}."
    return None
