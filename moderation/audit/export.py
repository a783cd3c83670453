"""The audit log as CSV: the entries that a list shows, read some at a time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

from sqlalchemy.orm import Session

from moderation.audit.listing import AuditFilters, find_usernames, list_entries
from moderation.audit.references import Reference, show_reference
from moderation.tables.audit import AuditEntry
from moderation.text.csv_files import csv_text

BATCH_SIZE = 500  # entries in memory at a time
COLUMNS = (
    "sequence",
    "at",
    "action",
    "actor_kind",
    "actor_id",
    "actor_login",
    "network",
    "site",
    "target_kind",
    "target_id",
    "target_login",
    "details",
    "reason",
    "hash",
)


def write_csv(
    session: Session,
    filters: AuditFilters,
    site_ids: Collection[int],
    site_names: Mapping[int, str],
) -> Iterator[str]:
    """Yield a header and the entries, newest first, as parts of a CSV file.

    Parameters
    ----------
    site_ids
        As `list_entries`.
    site_names
        Names of sites by ID; an entry of another site has none.
    """
    yield csv_text([COLUMNS])
    before = None
    while True:
        entries = list_entries(
            session, filters, site_ids=site_ids, before=before, limit=BATCH_SIZE
        )
        usernames = find_usernames(session, entries)
        yield csv_text(_row(entry, usernames, site_names) for entry in entries)
        if len(entries) < BATCH_SIZE:
            return
        before = entries[-1].sequence
        session.expunge_all()


def _row(
    entry: AuditEntry, usernames: dict[int, str], site_names: Mapping[int, str]
) -> list[str]:
    target: Reference | None = None
    if entry.target_kind is not None:
        target = show_reference(entry.target_kind, entry.target_id, usernames)
    return [
        str(entry.sequence),
        entry.at.isoformat(),
        entry.action,
        *_cells(show_reference(entry.actor_kind, entry.actor_id, usernames)),
        entry.network or "",
        site_names.get(entry.site_id or 0, ""),
        *_cells(target),
        json.dumps(entry.details, ensure_ascii=False, sort_keys=True),
        entry.reason or "",
        entry.hash,
    ]


def _cells(reference: Reference | None) -> list[str]:
    if reference is None:
        return ["", "", ""]
    return [reference.kind, reference.id or "", reference.login or ""]
