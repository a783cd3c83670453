"""Files that an admin uploads to be imported: on the disk, and never for long.

They arrive in parts, so that no request is long and a lost one is sent again. Each
upload has a folder of its own that only the service's user can read; it is deleted
when the import has succeeded or was canceled, and after a day in any case.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import jobs
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, InvalidFields, NotFound, TooLarge
from moderation.importing.request import ImportRequest
from moderation.jobs import JobKind, JobState
from moderation.privacy import mask_emails
from moderation.tables.importing import HistoryImport, HistoryUpload
from moderation.tables.jobs import Job

PART_BYTES = 1 << 20  # of a file, in one request
MAX_FILES = 100
MAX_NAME_LENGTH = 200
MAX_KEPT = 3  # uploads of a site whose files are on the disk
LISTED = 20
FREE_BYTES = 256 << 20  # of the disk, that stay free
FILES_LAST = timedelta(hours=24)
MEGABYTE = 1_000_000
ELSEWHERE = (
    "The files of this import are on another server. All servers and workers need the "
    "same MODERATION_IMPORT_FOLDER."
)

_UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)
#: What failed may be tried again, as long as its files last.
_OVER = (JobState.SUCCEEDED.value, JobState.CANCELLED.value)
_OTHER_SIGNS = re.compile(r"[^A-Za-z0-9._-]+")
_PATH_SIGNS = re.compile(r"[/\\\x00-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True)
class UploadFolder:
    """The folder of uploaded files, and its limit."""

    path: Path
    max_bytes: int  #: of one upload; 0: none is taken

    def of(self, upload: HistoryUpload) -> Path:
        """Return the folder of an upload."""
        return self.path / str(upload.id)

    def files_of(self, upload: HistoryUpload) -> list[Path]:
        """Return where the files of an upload are, whether they are there or not."""
        return [self.of(upload) / file_name(each["name"]) for each in upload.files]

    def delete(self, upload: HistoryUpload, now: datetime) -> None:
        """Delete the files of an upload; the session is writing."""
        shutil.rmtree(self.of(upload), ignore_errors=True)
        upload.deleted_at = upload.deleted_at or now

    def sweep(self, session: Session) -> None:
        """Delete the folders here of uploads that the database counts as deleted.

        Another machine has ended their upload, and could not reach this folder. What
        belongs to no upload stays.
        """
        if not self.path.is_dir():
            return
        ended = sa.select(HistoryUpload.id).where(HistoryUpload.deleted_at.is_not(None))
        names = {str(upload_id) for upload_id in session.scalars(ended)}
        for place in self.path.iterdir():
            if place.name in names:
                shutil.rmtree(place, ignore_errors=True)


def file_name(name: str) -> str:
    """Return the name under which a file is stored.

    >>> file_name("My site's export (2).xml")
    'My_site_s_export_2_.xml'
    """
    return _OTHER_SIGNS.sub("_", name)


def create(
    session: Session,
    site_id: int,
    files: Sequence[Mapping[str, Any]],
    folder: UploadFolder,
    *,
    staff_id: int,
    now: datetime,
) -> HistoryUpload:
    """Add an upload whose files are still to come.

    Parameters
    ----------
    files
        `name` and `size` in bytes of each.

    Raises
    ------
    InvalidFields
        If a name can't be that of a file, or two are the same.
    TooLarge
        If they take more than an upload may, or than the disk has.
    Conflict
        If the files of too many uploads are on the disk.
    """
    _check_names([mask_emails(each["name"]) for each in files])
    _check_sizes(sum(each["size"] for each in files), folder)
    kept = sa.select(sa.func.count()).where(
        HistoryUpload.site_id == site_id, HistoryUpload.deleted_at.is_(None)
    )
    if (session.scalar(kept) or 0) >= MAX_KEPT:
        raise Conflict(
            f"The files of {MAX_KEPT} uploads are still here. Import or delete one "
            "first."
        )
    upload = HistoryUpload(
        site_id=site_id,
        staff_id=staff_id,
        created_at=now,
        files=[
            {"name": mask_emails(each["name"]), "size": each["size"]} for each in files
        ],
    )
    session.add(upload)
    session.flush()
    record(
        session,
        AuditAction.HISTORY_UPLOADED,
        target=(TargetKind.SITE, site_id),
        site_id=site_id,
        files=len(files),
        megabytes=-(-sum(each["size"] for each in files) // MEGABYTE),
    )
    folder.sweep(session)
    place = folder.of(upload)
    shutil.rmtree(place, ignore_errors=True)  # of a database that was restored
    place.mkdir(mode=0o700, parents=True)
    return upload


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if _PATH_SIGNS.search(name) or not file_name(name).strip("._-"):
            raise InvalidFields({"files": ["A file has no name, or a path in it."]})
        if name.lower().endswith(".zip"):
            raise InvalidFields({"files": ["Unpack ZIP files first."]})
    if len({file_name(name).casefold() for name in names}) < len(names):
        raise InvalidFields({"files": ["Two files have the same name."]})


def _check_sizes(size: int, folder: UploadFolder) -> None:
    if not folder.max_bytes:
        raise TooLarge(
            "This installation takes no uploads. Use moderation import on the server."
        )
    if size > folder.max_bytes:
        raise TooLarge(
            f"Files of one import may have {folder.max_bytes // MEGABYTE:,} MB "
            f"together; these have {-(-size // MEGABYTE):,}. Use moderation import on "
            "the server."
        )
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if size + FREE_BYTES > shutil.disk_usage(folder.path).free:
        raise TooLarge("The disk of the server has no room for these files.")


def find(session: Session, upload_id: int, site_id: int) -> HistoryUpload:
    """Return an upload of a site.

    Raises
    ------
    NotFound
        If there is none.
    """
    upload = session.get(HistoryUpload, upload_id)
    if upload is None or upload.site_id != site_id:
        raise NotFound("There is no such import.")
    return upload


def list_newest(session: Session, site_id: int) -> Sequence[HistoryUpload]:
    """Return a site's uploads, the newest first."""
    return session.scalars(
        sa.select(HistoryUpload)
        .where(HistoryUpload.site_id == site_id)
        .order_by(HistoryUpload.id.desc())
        .limit(LISTED)
    ).all()


def append(
    upload: HistoryUpload, number: int, offset: int, data: bytes, folder: UploadFolder
) -> None:
    """Add a part to a file of an upload; the part is on the disk afterwards.

    Parameters
    ----------
    number
        Of the file, from 0.
    offset
        Of the part in the file, in bytes: how much of it is here.

    Raises
    ------
    NotFound
        If there is no such file.
    Conflict
        If another part is due, or the files were deleted or are on another machine.
    InvalidFields
        If the file gets longer than its announced size.
    TooLarge
        If the disk is full.
    """
    if number >= len(upload.files):
        raise NotFound("There is no such file in this import.")
    if upload.deleted_at is not None:
        raise Conflict("The files of this import were deleted. Upload them again.")
    path = folder.files_of(upload)[number]
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    try:
        with open(os.open(path, flags, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            received = file.seek(0, os.SEEK_END)
            if offset != received:
                raise Conflict(f"The file goes on at byte {received}.")
            if received + len(data) > upload.files[number]["size"]:
                raise InvalidFields(
                    {"offset": ["The file is longer than its announced size."]}
                )
            try:
                file.write(data)
                file.flush()
            except OSError:
                file.truncate(received)
                raise
    except FileNotFoundError:
        raise Conflict(ELSEWHERE) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise TooLarge("The disk of the server is full.") from None
        raise


def received(upload: HistoryUpload, folder: UploadFolder) -> list[int]:
    """Return how many bytes of each file are here."""
    sizes = []
    for path in folder.files_of(upload):
        with contextlib.suppress(FileNotFoundError):
            sizes.append(path.stat().st_size)
            continue
        sizes.append(0)
    return sizes


def enqueue(
    session: Session,
    upload: HistoryUpload,
    request: ImportRequest | None,
    folder: UploadFolder,
    *,
    staff_id: int,
    now: datetime,
) -> Job:
    """Add the job that checks an upload, or imports one that was checked.

    Parameters
    ----------
    request
        How the files are read; None: they are imported, as the newest check read them.

    Raises
    ------
    Conflict
        If the files are not all here, are not checked yet, or a job reads them.
    UnfinishedJob
        If another import of the site is under way.
    """
    if upload.deleted_at is not None:
        raise Conflict("The files of this import were deleted. Upload them again.")
    if not folder.of(upload).is_dir():
        raise Conflict(ELSEWHERE)
    if received(upload, folder) != [each["size"] for each in upload.files]:
        raise Conflict("The files are not uploaded completely yet.")
    check = session.get(Job, upload.check_job_id) if upload.check_job_id else None
    if request is not None:
        arguments = request.as_json()
    elif check is not None and check.state == JobState.SUCCEEDED.value:
        arguments = {**check.arguments}
    else:
        raise Conflict("Check the files first.")
    job = jobs.enqueue(
        session,
        upload.site_id,
        JobKind.IMPORT,
        staff_id=staff_id,
        now=now,
        arguments={**arguments, "upload": upload.id, "dry_run": request is not None},
    )
    if request is not None:
        upload.check_job_id = job.id
    else:
        upload.import_job_id = job.id
    return job


def jobs_of(session: Session, upload: HistoryUpload) -> tuple[Job | None, Job | None]:
    """Return the newest check of an upload, and its import."""
    ids = (upload.check_job_id, upload.import_job_id)
    check, job = (session.get(Job, each) if each else None for each in ids)
    return check, job


def count_added(session: Session, upload: HistoryUpload) -> int | None:
    """Return how many comments an upload's import has added; None: it hasn't begun."""
    if upload.digest is None:
        return None
    return session.scalar(
        sa.select(HistoryImport.added)
        .where(
            HistoryImport.site_id == upload.site_id,
            HistoryImport.digest == upload.digest,
        )
        .order_by(HistoryImport.id.desc())
        .limit(1)
    )


def delete(
    session: Session, upload: HistoryUpload, folder: UploadFolder, now: datetime
) -> None:
    """Delete the files of an upload.

    Raises
    ------
    Conflict
        If a job reads them.
    """
    if any(job and job.state in _UNFINISHED for job in jobs_of(session, upload)):
        raise Conflict("A job is reading these files. Cancel it first.")
    if upload.deleted_at is None:
        target = (TargetKind.SITE, upload.site_id)
        record(
            session,
            AuditAction.HISTORY_DISCARDED,
            target=target,
            site_id=upload.site_id,
        )
    folder.delete(upload, now)


def list_expired(session: Session, now: datetime) -> Sequence[HistoryUpload]:
    """Return uploads whose files are still here and not needed any more."""
    reading = sa.select(Job.id).where(
        Job.state.in_(_UNFINISHED),
        sa.or_(
            Job.id == HistoryUpload.check_job_id, Job.id == HistoryUpload.import_job_id
        ),
    )
    ended = sa.select(Job.id).where(
        Job.id == HistoryUpload.import_job_id, Job.state.in_(_OVER)
    )
    return session.scalars(
        sa.select(HistoryUpload).where(
            HistoryUpload.deleted_at.is_(None),
            ~reading.exists(),
            sa.or_(HistoryUpload.created_at < now - FILES_LAST, ended.exists()),
        )
    ).all()
