"""Reads the samples of other systems' files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from moderation.importing.drafts import ReadOptions
from moderation.importing.dry_run import read_resolved
from moderation.importing.findings import FileFindings
from moderation.importing.formats import FORMATS
from moderation.importing.records import ImportItem, ImportRecord, to_json

SAMPLES = Path(__file__).with_name("samples")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def options(source: str, **given: Any) -> ReadOptions:
    """Return options as a user would give them."""
    if "timezone" in given:
        given["zone"] = ZoneInfo(given.pop("timezone"))
    return ReadOptions(source=source, now=NOW, **given)


def read(
    name: str, paths: Sequence[Path], given: ReadOptions | None = None
) -> tuple[list[ImportItem], FileFindings]:
    """Return what a dry run reads of files, and its further findings."""
    findings = FileFindings()
    wanted = given or options(name)
    return [*read_resolved(FORMATS[name].reader, paths, wanted, findings)], findings


def records(items: Sequence[ImportItem]) -> list[dict[str, Any]]:
    """Return the records among items, as JSON."""
    return [to_json(item) for item in items if isinstance(item, ImportRecord)]


def sample(name: str, folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return a sample's file and what must come out of it."""
    expected: dict[str, Any] = json.loads(
        (SAMPLES / f"{name}.expected.json").read_text()
    )
    path = SAMPLES / expected["file"]
    if path.suffix == ".sql":
        path, script = folder / "comments.db", path.read_text()
        database = sqlite3.connect(path)
        database.executescript(script)
        database.close()
    return path, expected
