"""What readers learn of a file beside its comments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from moderation.importing.drafts import ReadOptions
from moderation.importing.records import ImportItem


@dataclass(frozen=True, kw_only=True)
class BlockedAuthor:
    """An account that the other system keeps from writing."""

    author_id: str
    until: datetime | None  #: None: for ever


@dataclass(kw_only=True)
class FileFindings:
    """What was mended in files, and what they say of authors and articles."""

    mended: Counter[str] = field(default_factory=Counter)
    blocked_authors: list[BlockedAuthor] = field(default_factory=list)
    closed_articles: list[str] = field(default_factory=list)
    #: sentences for the report, such as that spam is not in the file
    remarks: list[str] = field(default_factory=list)
    #: what ended the reading before the end of a file
    fault: str | None = None


class Reader(Protocol):
    """Reads files of one format."""

    def __call__(
        self, paths: Sequence[Path], options: ReadOptions, findings: FileFindings, /
    ) -> Iterator[ImportItem]:
        """Yield what is in the files, row by row.

        Raises
        ------
        UnreadableFile
            If a file is not of the format.
        """
