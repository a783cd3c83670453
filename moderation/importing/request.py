"""An admin's request for an import, as a job keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from moderation.importing.drafts import ReadOptions, read_time
from moderation.importing.formats import AUTO, FORMATS, ImportFormat, detect
from moderation.importing.records import write_moment

MAX_SOURCE_LENGTH = 30
#: Formats that are read from a folder, by the names of its files.
OF_FOLDERS = frozenset({"coral", "coral-csv", "cusdis", "talk"})


def is_source(name: str) -> bool:
    """Tell whether a name can begin the ids of comments."""
    is_plain = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return is_plain and len(name) <= MAX_SOURCE_LENGTH


@dataclass(frozen=True, kw_only=True)
class ImportRequest:
    """Options for reading files and storing their comments."""

    format: str = AUTO
    source: str | None = None  #: None: the name of the format
    zone: str | None = None
    base_url: str | None = None
    since: datetime | None = None
    is_queued: bool = False  #: see `ImportTarget`
    mapping: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the request as a job's arguments."""
        return {
            "format": self.format,
            "source": self.source,
            "timezone": self.zone,
            "base_url": self.base_url,
            "since": write_moment(self.since),
            "pending": "queue" if self.is_queued else "archive",
            "mapping": dict(self.mapping),
        }

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> ImportRequest:
        """Return the request in a job's arguments."""
        since = arguments["since"]
        return cls(
            format=arguments["format"],
            source=arguments["source"],
            zone=arguments["timezone"],
            base_url=arguments["base_url"],
            since=read_time(since) if since else None,
            is_queued=arguments["pending"] == "queue",
            mapping=arguments["mapping"],
        )

    def find_format(self, files: Sequence[Path]) -> tuple[ImportFormat, list[Path]]:
        """Return the format of uploaded files of one folder, and what its reader takes.

        Raises
        ------
        UnreadableFile
            If the format can't be recognized.
        """
        folder = files[0].parent
        if self.format in OF_FOLDERS:
            return FORMATS[self.format], [folder]
        if self.format != AUTO:
            return FORMATS[self.format], list(files)
        if len(files) > 1 and files[0].suffix in {".json", ".csv"}:
            found = detect(folder)
            return found, [folder]
        return detect(files[0]), list(files)

    def options(self, format_: ImportFormat) -> ReadOptions:
        """Return how a reader is to read."""
        return ReadOptions(
            source=self.source or format_.source,
            now=datetime.now(UTC),
            zone=ZoneInfo(self.zone) if self.zone else None,
            base_url=self.base_url,
            since=self.since,
            mapping=self.mapping,
        )
