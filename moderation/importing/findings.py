"""Findings of readers in a file, in addition to its comments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from moderation.importing.drafts import ReadOptions
from moderation.importing.records import ImportItem
from moderation.policy.standings import Standing


@dataclass(frozen=True, kw_only=True)
class BlockedAuthor:
    """An account that the other system keeps from writing, or reads first."""

    author_id: str
    until: datetime | None  #: None: for ever
    standing: Standing = Standing.BANNED


@dataclass(frozen=True, kw_only=True)
class ReadingPlace:
    """How far the pages of a live site are read."""

    kind: str  #: the type of comments, in its terms
    status: str  #: which is asked for; empty: published ones, without a user
    page: int  #: from 1
    number: int  #: id of the comment that was read last


@dataclass(kw_only=True)
class FileFindings:
    """Mended faults of files, and their statements about authors and articles."""

    mended: Counter[str] = field(default_factory=Counter)
    blocked_authors: list[BlockedAuthor] = field(default_factory=list)
    closed_articles: list[str] = field(default_factory=list)
    #: sentences for the report, such as that spam is not in the file
    remarks: list[str] = field(default_factory=list)
    #: what ended the reading before the end of a file
    fault: str | None = None
    #: where the reading of a live site begins, and then where it is; None: of files,
    #: or at the beginning
    place: ReadingPlace | None = None


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
