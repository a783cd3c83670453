"""Carry an import out: read, store in batches, put late replies in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from moderation.comments.history import HistoryStore
from moderation.importing import runs
from moderation.importing.drafts import ReadOptions
from moderation.importing.dry_run import read_rows
from moderation.importing.findings import FileFindings, Reader
from moderation.importing.parents import ParentIndex, open_index
from moderation.importing.reading_apart import read_apart
from moderation.importing.records import (
    ImportItem,
    ImportNote,
    ImportRecord,
    RefusedRow,
)
from moderation.importing.report import ImportReport
from moderation.importing.runs import BATCH_SIZE, ImportTarget

LATE_SIZE = 500  # replies that are put in their place in one transaction
CONFLICT = "another text is stored under its id"


@dataclass(frozen=True, kw_only=True)
class Ingestion:
    """An import into a site, and what is reported of it."""

    target: ImportTarget
    report: ImportReport
    findings: FileFindings

    def run(
        self,
        session: Session,
        reader: Reader,
        paths: Sequence[Path],
        options: ReadOptions,
        *,
        is_resumed: bool,
    ) -> Iterator[int]:
        """Store the comments of files in a session that is writing after each step.

        Yields how many rows are done after each step: the caller commits then, and
        begins to write again.

        Raises
        ------
        UnreadableFile
            If a file can't be imported.
        """
        digest = runs.digest_of(paths)
        apart = partial(read_apart, reader)
        with open_index() as index:
            rows = enumerate(read_rows(apart, paths, options, self.findings), start=1)
            part = list(islice(rows, BATCH_SIZE))  # before anything is written
            yield 0
            run = runs.start(session, self.target, digest, is_resumed=is_resumed)
            run_id, position = run.id, run.position
            session.expunge(run)
            yield 0
            store = HistoryStore(
                self.target.site, self.target.privacy, run_id, self.target.now
            )
            while part:
                for _, item in part:
                    index.add(item, options.source)
                items = [index.resolve(item, number) for number, item in part]
                last = part[-1][0]
                self._store(session, store, index, items, (run_id, last, position))
                yield last
                part = list(islice(rows, BATCH_SIZE))
            for replies in index.iter_late(LATE_SIZE):
                store.join(session, replies)
                yield index.count
            runs.finish(session, run_id, self.target)
            yield index.count

    def _store(
        self,
        session: Session,
        store: HistoryStore,
        index: ParentIndex,
        items: Sequence[ImportItem],
        progress: tuple[int, int, int],
    ) -> None:
        run_id, last, resumed_at = progress
        records = []
        for item in items:
            if isinstance(item, ImportRecord):
                if (
                    item.parent is None
                    and ImportNote.PARENT_MISSING.value in item.notes
                ):
                    item.parent = item.named_parent  # an earlier import may have it
                records.append(item)
            self.report.add(item)
        if last <= resumed_at:
            self.report.unchanged += len(records)
            # It ended before late replies were put in their place.
            index.add_late(
                (record.external_id, record.parent)
                for record in records
                if record.parent
            )
            return
        batch = runs.store_batch(session, store, self.target, records, (run_id, last))
        self.report.added += len(batch.added)
        self.report.unchanged += len(batch.unchanged)
        for name in batch.conflicting:
            self.report.comments -= 1
            self.report.refuse(RefusedRow(id=name, says=CONFLICT))
        index.add_late(batch.late)
