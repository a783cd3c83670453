"""CSV with a header line: the way in for every house-made system."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from moderation.importing.drafts import ReadOptions
from moderation.importing.files import MAX_LINE_BYTES, UnreadableFile, open_bytes
from moderation.importing.findings import FileFindings
from moderation.importing.readers.fields import (
    FIELDS,
    REQUIRED,
    columns_of,
    read_fields,
)
from moderation.importing.records import ImportItem, RefusedRow

DELIMITERS = ",;\t|"


def read_csv(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the comments of CSV files in UTF-8 (RFC 4180)."""
    for path in paths:
        yield from _read_file(path, options, findings)


def _read_file(
    path: Path, options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    csv.field_size_limit(MAX_LINE_BYTES)
    with open_bytes(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="strict", newline="")
        try:
            header = text.readline(MAX_LINE_BYTES)
            delimiter = max(DELIMITERS, key=header.count)
            columns = next(csv.reader([header], delimiter=delimiter), [])
            columns = [name.strip() for name in columns]
            _refuse_columns(path, columns, options)
            rows = csv.reader(text, delimiter=delimiter, strict=True)
            for cells in rows:
                line = rows.line_num + 1
                if not any(cells):
                    continue
                if len(cells) != len(columns):
                    says = f"has {len(cells)} cells, not {len(columns)}"
                    yield RefusedRow(id=cells[0][:40] or "?", says=says, line=line)
                    continue
                row = dict(zip(columns, cells, strict=True))
                yield read_fields(row, options, line)
        except UnicodeDecodeError as error:
            raise UnreadableFile(
                f"{path.name} is not in UTF-8: {error.reason}. Convert it first."
            ) from None
        except csv.Error as error:
            findings.fault = f"{path.name}: line {rows.line_num + 1}: {error}"


def _refuse_columns(path: Path, columns: Sequence[str], options: ReadOptions) -> None:
    """Refuse a file that lacks a needed column or has one that isn't read."""
    mapped = columns_of(options.mapping)
    wanted = {name: mapped.get(name, name) for name in FIELDS}
    missing = [wanted[name] for name in REQUIRED if wanted[name] not in columns]
    missing += [name for name in mapped.values() if name not in columns]
    if missing:
        named = ", ".join(dict.fromkeys(missing))
        raise UnreadableFile(f"{path.name} has no column {named}.")
    unknown = [name for name in columns if name not in {*wanted.values()}]
    if unknown and not options.mapping:
        raise UnreadableFile(
            f"{path.name} has unknown columns: {', '.join(unknown)}. "
            "Name the right ones in a mapping; others are then left out."
        )
