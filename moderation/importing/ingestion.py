"""Carry an import out: read, store in batches, put late replies in their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from moderation.comments.history import HistoryStore
from moderation.database import start_writing
from moderation.importing import runs, source_states
from moderation.importing.collecting import collector_paused
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

STATES_SIZE = 500  # authors or articles in one transaction
LATE_SIZE = 500  # replies that are put in their place in one transaction
CONFLICT = "another text is stored under its id"


def _next(rows: Iterator[tuple[int, ImportItem]]) -> list[tuple[int, ImportItem]]:
    """Return the next batch of rows with their numbers."""
    with collector_paused():
        return list(islice(rows, BATCH_SIZE))


@dataclass(kw_only=True)
class Ingestion:
    """An import into a site, and what is reported of it."""

    target: ImportTarget
    report: ImportReport
    findings: FileFindings
    #: replies of a live site, and their parents that weren't stored yet
    _late: list[tuple[str, str]] = field(default_factory=list, init=False)

    def run(
        self,
        session: Session,
        reader: Reader,
        paths: Sequence[Path],
        options: ReadOptions,
        *,
        is_resumed: bool,
    ) -> Iterator[int]:
        """Store the comments of files, each batch in a transaction of its own.

        Yields how many rows are done after each one. Meanwhile, nothing is being
        written: others can write, and the caller may stop.

        Raises
        ------
        UnreadableFile
            If a file can't be imported.
        """
        digest = runs.digest_of(paths, options)
        is_live = is_resumed and self._find_place(session, digest)
        apart = partial(read_apart, reader)
        with open_index() as index:
            rows = enumerate(read_rows(apart, paths, options, self.findings), start=1)
            part = _next(rows)  # before anything is written
            yield 0
            start_writing(session)
            run = runs.start(session, self.target, digest, is_resumed=is_resumed)
            # The pages of a live site are read from their place on, not from the first.
            run_id, position = run.id, 0 if is_live else run.position
            session.expunge(run)
            session.commit()
            yield 0
            store = HistoryStore(
                self.target.site, self.target.privacy, run_id, self.target.now
            )
            while part:
                last = part[-1][0]
                with collector_paused():
                    for _, item in part:
                        index.add(item, options.source)
                    items = [index.resolve(item, number) for number, item in part]
                    self._store(session, store, index, items, (run_id, last, position))
                yield last
                part = _next(rows)
            index.add_late(self._late)
            for replies in index.iter_late(LATE_SIZE):
                start_writing(session)
                store.join(session, replies)
                session.commit()
                yield index.count
            yield from self._take_states_over(session, index.count)
            start_writing(session)
            states = {"standings": self.report.standings, "closed": self.report.closed}
            runs.finish(session, run_id, self.target, states)
            session.commit()
            yield index.count

    def _find_place(self, session: Session, digest: str) -> bool:
        """Let the reading of a live site go on where it was; False: of files."""
        begun = runs.find_unfinished(session, self.target, digest)
        self.findings.place, self._late = runs.read_place(begun)
        session.commit()
        return self.findings.place is not None

    def _take_states_over(self, session: Session, count: int) -> Iterator[int]:
        """Do what the other system has decided about authors and articles."""
        blocked, closed = self.findings.blocked_authors, self.findings.closed_articles
        for start in range(0, len(blocked), STATES_SIZE):
            part = blocked[start : start + STATES_SIZE]
            start_writing(session)
            self.report.standings += source_states.give_standings(
                session, self.target, part
            )
            session.commit()
            yield count
        for start in range(0, len(closed), STATES_SIZE):
            urls = closed[start : start + STATES_SIZE]
            start_writing(session)
            self.report.closed += source_states.close_articles(
                session, self.target, urls
            )
            session.commit()
            yield count

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
        start_writing(session)
        batch = runs.store_batch(session, store, self.target, records, (run_id, last))
        if self.findings.place is not None:
            self._late += batch.late
            runs.note_place(session, run_id, self.findings.place, self._late)
        else:
            index.add_late(batch.late)
        session.commit()
        self.report.added += len(batch.added)
        self.report.unchanged += len(batch.unchanged)
        for name in batch.conflicting:
            self.report.comments -= 1
            self.report.refuse(RefusedRow(id=name, says=CONFLICT))
