"""Read files as an import does, without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from moderation.importing.drafts import ReadOptions
from moderation.importing.findings import FileFindings, Reader
from moderation.importing.parents import ParentIndex, open_index
from moderation.importing.records import ImportItem, ImportRecord

#: Told how many rows were read in the first pass.
RowProgress = Callable[[int], None]


def fill_index(
    index: ParentIndex,
    rows: Iterator[ImportItem],
    source: str,
    progress: RowProgress = lambda _: None,
) -> None:
    """Do the first pass: note the ids of all rows."""
    for item in rows:
        index.add(item, source)
        progress(index.count)


def read_rows(
    reader: Reader, paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the rows of files, without what was written too early."""
    for item in reader(paths, options, findings):
        if (
            options.since is not None
            and isinstance(item, ImportRecord)
            and item.written_at < options.since
        ):
            continue
        yield item


def read_resolved(
    reader: Reader, paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the rows of files with the parents of replies, in two passes."""
    with open_index() as index:
        rows = read_rows(reader, paths, options, FileFindings())
        fill_index(index, rows, options.source)
        rows = read_rows(reader, paths, options, findings)
        for number, item in enumerate(rows, start=1):
            yield index.resolve(item, number)
