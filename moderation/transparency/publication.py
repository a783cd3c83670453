"""Published reports: each version is kept as it was, with what it corrects and why.

After Annex II, part I, no. 5 of Implementing Regulation (EU) 2024/2835: all versions
stay public for five years, and a corrected one says what was corrected.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, InvalidFields, NotFound
from moderation.privacy import mask_emails
from moderation.tables.transparency import PublishedReport
from moderation.transparency.period import ReportPeriod
from moderation.transparency.report import as_archive
from moderation.transparency.templates import SHEETS, read_sheets

MAX_BYTES = 5 * 1024 * 1024  # of an archive; a report of a year has some 100 kB
MAX_UNPACKED_BYTES = 20 * 1024 * 1024  # of all its files
VERSION_FILE = "version.txt"
PERIOD_COLUMN = "Reporting period"

_FILES = tuple(f"{name}.csv" for name in SHEETS)


_PUBLISHED_NOW = "Another version was published at this moment. Read it first."


def publish(
    session: Session,
    site_id: int,
    period: ReportPeriod,
    files: Mapping[str, str],
    *,
    reason: str | None,
    staff_id: int | None,
    now: datetime,
) -> PublishedReport:
    """Keep a report as it is published; a further version corrects the one before.

    Parameters
    ----------
    files
        The names and texts of the CSV files, as `read_archive` returns them.
    reason
        What is corrected, and why; None: it is the first version.

    Raises
    ------
    InvalidFields
        If the first version has a reason, or a further one has none.
    Conflict
        If nothing changed, or another version came at this moment.
    """
    former = session.scalar(_of_period(site_id, period).limit(1))
    _refuse_unexplained(former, files, reason)
    words = mask_emails(reason) if reason else None
    version = 1 if former is None else former.version + 1
    marked = {**files, VERSION_FILE: _describe(period, version, former, words, now)}
    content = as_archive(marked)
    row = PublishedReport(
        site_id=site_id,
        first_day=period.first,
        last_day=period.last,
        version=version,
        corrects_id=former.id if former else None,
        reason=words,
        created_at=now,
        staff_id=staff_id,
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict(_PUBLISHED_NOW) from None
    record(
        session,
        AuditAction.REPORT_PUBLISHED,
        target=(TargetKind.REPORT, row.id),
        site_id=site_id,
        reason=words,
        period=str(period),
        version=version,
        digest=row.digest,
    )
    return row


def read_archive(content: bytes, period: ReportPeriod) -> dict[str, str]:
    """Return the files of a report from a ZIP archive, checked against the templates.

    Files of other names are refused, but for `version.txt` of an earlier download,
    which is left out.

    Raises
    ------
    InvalidFields
        If it is no such archive. The complaints name the file and the line.
    """
    texts = _unpack(content)
    texts.pop(VERSION_FILE, None)
    complaints = [f"Missing: {name}." for name in _FILES if name not in texts]
    unexpected = [name[:100] for name in texts if name not in _FILES]
    complaints += [f"Unexpected: {name}." for name in unexpected]
    if not complaints:
        for name in SHEETS:
            complaints += _check_sheet(name, texts[f"{name}.csv"], period)
    if complaints:
        raise InvalidFields({"file": complaints[:20]})
    return {name: texts[name] for name in _FILES}


def list_published(session: Session, site_id: int) -> Sequence[PublishedReport]:
    """Return all versions of a site's published reports, the newest first."""
    return session.scalars(
        sa.select(PublishedReport)
        .where(PublishedReport.site_id == site_id)
        .order_by(PublishedReport.id.desc())
    ).all()


def find(session: Session, site_id: int, report_id: int) -> PublishedReport:
    """Return one version of a published report.

    Raises
    ------
    NotFound
        If there is none at the site.
    """
    row = session.scalar(
        sa.select(PublishedReport).where(
            PublishedReport.id == report_id, PublishedReport.site_id == site_id
        )
    )
    if row is None:
        raise NotFound("There is no such report.")
    return row


def _of_period(site_id: int, period: ReportPeriod) -> sa.Select[PublishedReport]:
    """Select the versions of a period's report, the newest first."""
    return (
        sa.select(PublishedReport)
        .where(
            PublishedReport.site_id == site_id,
            PublishedReport.first_day == period.first,
            PublishedReport.last_day == period.last,
        )
        .order_by(PublishedReport.version.desc())
    )


def _refuse_unexplained(
    former: PublishedReport | None, files: Mapping[str, str], reason: str | None
) -> None:
    if former is None and reason:
        raise InvalidFields({"reason": ["There is no earlier version to correct."]})
    if former is not None and not reason:
        raise InvalidFields({"reason": ["Say what is corrected, and why."]})
    if former is not None and _texts_of(former.content) == dict(files):
        raise Conflict("This version was published already.")


def _describe(
    period: ReportPeriod,
    version: int,
    former: PublishedReport | None,
    reason: str | None,
    now: datetime,
) -> str:
    """Return what a version's archive says of itself."""
    lines = [f"Version {version} of the report for {period}, {now:%Y-%m-%d}."]
    if former is not None:
        lines += [
            f"It corrects version {former.version} of {former.created_at:%Y-%m-%d} "
            f"(SHA-256 {former.digest}).",
            f"Reason: {reason}",
        ]
    return "\n".join(lines) + "\n"


def _texts_of(content: bytes) -> dict[str, str]:
    """Return the CSV files of a stored archive."""
    texts = _unpack(content)
    texts.pop(VERSION_FILE, None)
    return texts


def _unpack(content: bytes) -> dict[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                raise InvalidFields({"file": ["It is too large when unpacked."]})
            return {
                entry.filename: archive.read(entry).decode("utf-8-sig")
                for entry in entries[: len(_FILES) + 10]
            }
    except UnicodeDecodeError:
        raise InvalidFields({"file": ["Its files must be UTF-8."]}) from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError):
        raise InvalidFields({"file": ["It is no readable ZIP archive."]}) from None


def _check_sheet(name: str, text: str, period: ReportPeriod) -> list[str]:
    """Return what is wrong with a file, by line; up to three complaints."""
    header = list(read_sheets()[name].header)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return [f"{name}.csv is no CSV: {error}."]
    if not rows or rows[0] != header:
        return [f"{name}.csv, line 1: it isn't the template's header."]
    place = header.index(PERIOD_COLUMN) if PERIOD_COLUMN in header else None
    complaints = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            complaints.append(
                f"{name}.csv, row {number}: {len(row)} cells instead of {len(header)}."
            )
        elif place is not None and row[place] != str(period):
            complaints.append(f"{name}.csv, row {number}: another reporting period.")
    return complaints[:3]
