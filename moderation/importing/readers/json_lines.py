"""JSON lines: our own export, and house-made systems by a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from moderation.importing.drafts import ReadOptions
from moderation.importing.files import as_text, read_json_lines
from moderation.importing.findings import FileFindings
from moderation.importing.readers.fields import read_fields
from moderation.importing.readers.own_export import read_own
from moderation.importing.records import ImportItem, RefusedRow


def read_json(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the comments of files with one JSON object a line."""
    for path in paths:
        for line, value in read_json_lines(path):
            if value is None:
                yield RefusedRow(id="?", says="no JSON object", line=line)
            elif "external_id" in value and not options.mapping:
                yield read_own(value, options, line)
            elif not {"skipped", "refused", "report"} & {*value} or options.mapping:
                yield read_fields(_Row(value), options, line)


class _Row(Mapping[str, str]):
    """The values of an object as texts."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        self._value = value

    def __getitem__(self, name: str) -> str:
        value = self._value[name]
        if isinstance(value, bool):
            return "true" if value else "false"
        return as_text(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)
