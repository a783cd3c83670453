"""Imports made-up histories with decisions and other services' scores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import sessionmaker

from moderation.database import db
from moderation.jobs import JobKind
from moderation.web.services import services_of
from moderation.worker import duties, loops
from tests.cli.typed import run

FIRST = datetime(2023, 12, 31, 12, 0, tzinfo=UTC)  # IDs change their sign on the way
HOUR = timedelta(hours=1)
CLEAN = "The library opens an hour earlier on market days."
HARSH = "You are a stupid, worthless idiot and everyone hates you."


def record(number: int, **fields: Any) -> dict[str, Any]:
    """Return an imported comment; a moderator approved it, if nothing else is given."""
    moment = FIRST + number * HOUR
    return {
        "external_id": f"old:{number}",
        "article": "https://gazette.example/old",
        "author_name": "Ada",
        "author_id": f"u{number}",
        "written_at": moment.isoformat(),
        "body": CLEAN,
        "status": "approved",
        **decided("approve", "person"),
        **fields,
    }


def decided(verdict: str, evidence: str, **fields: Any) -> dict[str, Any]:
    """Return the fields of a record about its decision."""
    status = {"approve": "approved", "reject": "rejected"}[verdict]
    return {
        "status": status,
        "decision": {"verdict": verdict, "evidence": evidence, **fields},
    }


def perspective(value: float) -> dict[str, Any]:
    """Return the field of a record with a score of Perspective."""
    return {
        "scores": [{"from": "perspective", "attribute": "TOXICITY", "value": value}]
    }


def import_records(records: Sequence[dict[str, Any]], name: str = "old.jsonl") -> None:
    """Import records into the gazette."""
    Path(name).write_text("".join(json.dumps(each) + "\n" for each in records))
    result = run("import", "jsonl", name)
    assert result.exit_code == 0, result.output


def work_on_rehearsals(app: Flask) -> None:
    """Do what a worker does with rehearsals."""
    services = services_of(app)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    work = duties.build(sessions, services.scoring, services.lineage_key)
    while loops.run_next(sessions, work, JobKind.REHEARSAL):
        pass
