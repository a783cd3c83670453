"""Archives of reports, as a site uploads them when it publishes one."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.text.csv_files import csv_text
from moderation.transparency.report import as_archive
from moderation.transparency.templates import SHEETS, read_sheets

DAYS = {"from": "2025-01-01", "to": "2025-12-31"}
BINARY = {"Content-Type": "application/octet-stream"}


def sheet(name: str, *rows: Sequence[str]) -> str:
    """Return a sheet with some rows below its header."""
    return csv_text([read_sheets()[name].header, *rows])


def archive(**changed: str) -> bytes:
    """Return an archive of empty sheets; `changed` has other texts, by name."""
    texts = {name: sheet(name) for name in SHEETS}
    files = {f"{name}.csv": text for name, text in {**texts, **changed}.items()}
    return as_archive(files)
