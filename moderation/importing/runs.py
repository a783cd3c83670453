"""An import into the database: its rows in batches, resumable after each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record as record_action
from moderation.comments import search_index
from moderation.comments.history import HistoricComment, HistoryBatch, HistoryStore
from moderation.importing.drafts import ReadOptions
from moderation.importing.findings import ReadingPlace
from moderation.importing.records import ImportRecord
from moderation.policy.verdicts import Status
from moderation.privacy import Privacy
from moderation.sites.sites import SiteContext
from moderation.tables.importing import HistoryImport

BATCH_SIZE = 1_000  # comments in one transaction
MAX_LATE = 5_000  # replies of a live site that are remembered with its place
HEAD_BYTES = 1 << 16
NOTHING: dict[str, Any] = {}
HASHED = "#"  # begins a moderator's name that is hashed already: our own export
HASH_LENGTH = 17


@dataclass(frozen=True, kw_only=True)
class ImportTarget:
    """The site of an import, and the way of storing."""

    site: SiteContext
    privacy: Privacy
    source: str
    format: str
    now: datetime
    #: pending comments come into the queue; else they are kept, rejected
    is_queued: bool = False
    staff_id: int | None = None


def digest_of(paths: Sequence[Path], options: ReadOptions) -> str:
    """Return a hash that tells whether files are read as they were before."""
    digest = hashlib.sha256()
    for path in paths:
        members = sorted(path.iterdir()) if path.is_dir() else [path]
        for member in members:
            digest.update(f"{member.name}:{member.stat().st_size}:".encode())
            with member.open("rb") as file:
                digest.update(file.read(HEAD_BYTES))
    zone = options.zone.key if options.zone else None
    others = (zone, options.base_url, options.since, sorted(options.mapping.items()))
    digest.update(repr(others).encode())
    return digest.hexdigest()


def find_unfinished(
    session: Session, target: ImportTarget, digest: str
) -> HistoryImport | None:
    """Return the newest run of the same files that has not ended."""
    return session.scalars(
        sa.select(HistoryImport)
        .where(
            HistoryImport.site_id == target.site.id,
            HistoryImport.source == target.source,
            HistoryImport.digest == digest,
            HistoryImport.finished_at.is_(None),
        )
        .order_by(HistoryImport.id.desc())
        .limit(1)
    ).first()


def note_place(
    session: Session,
    run_id: int,
    place: ReadingPlace,
    late: Sequence[tuple[str, str]],
) -> None:
    """Note how far the pages of a live site are stored."""
    session.connection().execute(
        sa.update(HistoryImport)
        .where(HistoryImport.id == run_id)
        .values(place={**asdict(place), "late": late[-MAX_LATE:]})
    )


def read_place(
    run: HistoryImport | None,
) -> tuple[ReadingPlace | None, list[tuple[str, str]]]:
    """Return where a run's reading is, and its late replies with their parents."""
    if run is None or run.place is None:
        return None, []
    fields = dict(run.place)
    late = [(child, parent) for child, parent in fields.pop("late")]
    return ReadingPlace(**fields), late


def start(
    session: Session, target: ImportTarget, digest: str, *, is_resumed: bool
) -> HistoryImport:
    """Return the record of a run: the one to resume, or a new one."""
    search_index.reset_backlog(session)
    run = find_unfinished(session, target, digest) if is_resumed else None
    if run is not None:
        return run
    run = HistoryImport(
        site_id=target.site.id,
        source=target.source,
        format=target.format,
        digest=digest,
        position=0,
        added=0,
        started_at=target.now,
        staff_id=target.staff_id,
    )
    session.add(run)
    session.flush()
    return run


def store_batch(
    session: Session,
    store: HistoryStore,
    target: ImportTarget,
    records: Sequence[ImportRecord],
    progress: tuple[int, int],
) -> HistoryBatch:
    """Store records and how far the run has come.

    Parameters
    ----------
    progress
        Id of the run, and the number of rows that are done with these.
    """
    batch = store.store(session, [_historic(each, target) for each in records])
    run_id, position = progress
    session.connection().execute(
        sa.update(HistoryImport)
        .where(HistoryImport.id == run_id)
        .values(position=position, added=HistoryImport.added + len(batch.added))
    )
    return batch


def finish(
    session: Session, run_id: int, target: ImportTarget, states: Mapping[str, int]
) -> None:
    """Record that a run has ended, in the audit log as well."""
    search_index.reset_backlog(session)
    run = session.get_one(HistoryImport, run_id, populate_existing=True)
    run.finished_at, run.place = target.now, None
    record_action(
        session,
        AuditAction.HISTORY_IMPORTED,
        target=(TargetKind.SITE, target.site.id),
        site_id=target.site.id,
        source=target.source,
        format=target.format,
        comments=run.added,
        standings=states["standings"],
        closed=states["closed"],
    )
    session.flush()


def _historic(record: ImportRecord, target: ImportTarget) -> HistoricComment:
    decision, status = record.decision, record.status
    codes = list(decision.reasons) if decision else []
    is_archived = status is Status.PENDING and not target.is_queued
    if is_archived:
        status = Status.REJECTED  # neither shown nor in the queue
    return HistoricComment(
        external_id=record.external_id,
        parent=record.parent,
        article=record.article,
        article_title=record.article_title,
        article_section=record.article_section,
        author_name=record.author_name,
        author_email=record.author_email,
        author_url=record.author_url,
        author_id=record.author_id,
        ip=record.ip,
        written_at=record.written_at,
        edited_at=record.edited_at,
        body=record.body,
        status=status,
        codes=codes,
        decided_at=decision.at if decision else None,
        provenance=_provenance(record, target, is_archived=is_archived),
    )


def _provenance(
    record: ImportRecord, target: ImportTarget, *, is_archived: bool
) -> dict[str, Any]:
    decision, labels = record.decision, record.teaches
    decided_at = decision.at if decision else None
    details: dict[str, Any] = {
        "scores": [dict(score) for score in record.scores],
        "reports": record.reports,
        "pick": record.pick,
        "aside": record.aside,
        "notes": sorted(record.notes) if record.notes else None,
        "was_pending": is_archived,
        "decided_at": decided_at.isoformat() if decided_at else None,
    }
    return {
        "evidence": decision.evidence.value if decision else None,
        "decided_by": _hash(decision.by, target) if decision and decision.by else None,
        # One value for all: what is shared is prepared for the database once.
        "labels": labels or (None if labels is None else NOTHING),
        "is_harmful": None if labels is None else any(labels.values()),
        "details": {name: value for name, value in details.items() if value} or NOTHING,
    }


def _hash(name: str, target: ImportTarget) -> str:
    if name.startswith(HASHED) and len(name) == HASH_LENGTH:
        return name
    key = f"import:{target.source}:{name}"
    return HASHED + target.privacy.fingerprint(key)[1 - HASH_LENGTH :]
