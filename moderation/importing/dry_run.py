"""Read files as an import does, without a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from moderation.importing.drafts import ReadOptions
from moderation.importing.findings import FileFindings, Reader
from moderation.importing.parents import ParentIndex, open_index
from moderation.importing.records import ImportItem, ImportRecord

BATCH_SIZE = 1_000  # rows of a source that is read once
ROWS_BETWEEN = 500  # of the first pass, between two calls of its progress


def fill_index(
    index: ParentIndex,
    rows: Iterator[ImportItem],
    source: str,
    progress: Callable[[], None],
) -> None:
    """Do the first pass: note the ids of all rows."""
    for item in rows:
        index.add(item, source)
        if index.count % ROWS_BETWEEN == 0:
            progress()


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
    reader: Reader,
    paths: Sequence[Path],
    options: ReadOptions,
    findings: FileFindings,
    progress: Callable[[], None] = lambda: None,
) -> Iterator[ImportItem]:
    """Yield the rows of files with the parents of replies, in two passes.

    Parameters
    ----------
    progress
        Called now and then in the first pass; it may raise, to end it.
    """
    with open_index() as index:
        rows = read_rows(reader, paths, options, FileFindings())
        fill_index(index, rows, options.source, progress)
        rows = read_rows(reader, paths, options, findings)
        for number, item in enumerate(rows, start=1):
            yield index.resolve(item, number)


def read_once(
    reader: Reader, options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the rows of a live site, which is asked once.

    A parent that comes more than a batch after its reply is noted as missing.
    """
    with open_index() as index:
        rows = enumerate(read_rows(reader, (), options, findings), start=1)
        while batch := list(islice(rows, BATCH_SIZE)):
            for _, item in batch:
                index.add(item, options.source)
            for number, item in batch:
                yield index.resolve(item, number)
