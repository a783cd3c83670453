"""Reads an uploaded history: reports what would come in, or brings it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from moderation.database import Sessions, start_writing
from moderation.errors import NotFound
from moderation.importing import runs, uploads
from moderation.importing.drafts import ReadOptions
from moderation.importing.dry_run import read_resolved
from moderation.importing.files import ByteCounter, UnreadableFile, counted, size_of
from moderation.importing.findings import FileFindings
from moderation.importing.formats import ImportFormat
from moderation.importing.ingestion import Ingestion
from moderation.importing.report import ImportReport
from moderation.importing.request import ImportRequest
from moderation.importing.runs import ImportTarget
from moderation.importing.uploads import UploadFolder
from moderation.insights import upkeep
from moderation.jobs import JobProgress, Task
from moderation.privacy import Privacy
from moderation.sites import sites
from moderation.worker.job_attempts import Store

ROWS_BETWEEN = 500  # of a dry run, between two looks at how far it is
PASSES = 2  # of a dry run over its files
NEARLY = 0.99  # of the progress: what follows the last row takes a moment


@dataclass(frozen=True, kw_only=True)
class HistoryImporter:
    """Does the jobs of the kind `import`, and deletes the files of ended ones."""

    sessions: Sessions
    privacy: Privacy
    folder: UploadFolder

    def carry_out(self, task: Task, progress: JobProgress) -> Store:
        """Read the files of an upload, and store their comments unless it is a dry run.

        The import of a worker that was killed goes on where it was.

        Returns
        -------
        Stores the report as the job's result.

        Raises
        ------
        UnreadableFile
            If the files can't be imported, or aren't here.
        NotFound
            If the site is gone.
        """
        request = ImportRequest.of(task.arguments)
        with self.sessions() as session:
            upload = uploads.find(session, task.arguments["upload"], task.site_id)
            files = self.folder.files_of(upload)
        if not all(path.is_file() for path in files):
            raise UnreadableFile(
                "The files are not in the folder where this worker looks for them. "
                "Servers and workers need the same MODERATION_IMPORT_FOLDER."
            )
        format_, paths = request.find_format(files)
        options = request.options(format_)
        if not task.arguments["dry_run"]:
            return self._import(
                task, request.is_queued, format_, paths, options, progress
            )
        result = _check(format_, paths, options, progress)
        return lambda session: result

    def _import(
        self,
        task: Task,
        is_queued: bool,
        format_: ImportFormat,
        paths: Sequence[Path],
        options: ReadOptions,
        progress: JobProgress,
    ) -> Store:
        ingestion = Ingestion(
            target=self._target(task, is_queued, format_, options),
            report=ImportReport(),
            findings=FileFindings(),
        )
        counter = ByteCounter(total=size_of(paths))
        with counted(counter), self.sessions() as session:
            self._note_digest(task, runs.digest_of(paths, options))
            steps = ingestion.run(
                session, format_.reader, paths, options, is_resumed=True
            )
            for _ in steps:
                progress(min(NEARLY, counter.count / counter.total))

        def store(session: Session) -> Mapping[str, Any]:
            upkeep.start_over(session, task.site_id, options.now)
            return {
                "format": format_.name,
                "added": ingestion.report.added,
                "unchanged": ingestion.report.unchanged,
                "report": ingestion.report.as_json(ingestion.findings),
            }

        return store

    def _target(
        self, task: Task, is_queued: bool, format_: ImportFormat, options: ReadOptions
    ) -> ImportTarget:
        with self.sessions() as session:
            site = sites.find_by_id(session, task.site_id)
        if site is None:
            raise NotFound("The site is gone.")
        return ImportTarget(
            site=site,
            privacy=self.privacy,
            source=options.source,
            format=format_.name,
            now=options.now,
            is_queued=is_queued,
            staff_id=task.staff_id,
        )

    def _note_digest(self, task: Task, digest: str) -> None:
        with self.sessions() as session:
            start_writing(session)
            upload = uploads.find(session, task.arguments["upload"], task.site_id)
            upload.digest = digest
            session.commit()

    def delete_files(self) -> None:
        """Delete files whose import has ended, and those that no one has imported."""
        now = datetime.now(UTC)
        with self.sessions() as session:
            self.folder.sweep(session)
            if not uploads.list_expired(session, now):
                return
            start_writing(session)
            for upload in uploads.list_expired(session, now):
                self.folder.delete(upload, now)
            session.commit()


def _check(
    format_: ImportFormat,
    paths: Sequence[Path],
    options: ReadOptions,
    progress: JobProgress,
) -> dict[str, Any]:
    """Return what an import of files would bring, as a job's result."""
    report, findings = ImportReport(), FileFindings()
    counter = ByteCounter(total=PASSES * size_of(paths))

    def show() -> None:
        progress(min(NEARLY, counter.count / counter.total))

    with counted(counter):
        show()
        rows = read_resolved(format_.reader, paths, options, findings, show)
        for number, item in enumerate(rows):
            report.add(item)
            if number % ROWS_BETWEEN == 0:
                show()
    return {"format": format_.name, "report": report.as_json(findings)}
