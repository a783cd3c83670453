"""Damages that `moderation doctor` must find, one at a time."""

from __future__ import annotations

import base64
import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

#: With these settings, the doctor finds nothing.
SETTINGS = {
    "MODERATION_PUBLIC_URL": "https://comments.example",
    "MODERATION_TRUSTED_PROXIES": "1",
}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
OTHER_KEY = base64.b64encode(b"x" * 32).decode()


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What is done to a sound installation, and what is to be found."""

    name: str
    check: str
    severity: str
    says: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
    file: Callable[[Path], Mapping[str, str]] | None = None
    others: tuple[str, ...] = ()  #: states of other checks that come with it


def damage(
    case: Damage, environment: Mapping[str, str], folder: Path
) -> dict[str, str]:
    """Do a damage to a copy of an installation on SQLite; return its settings."""
    values = {"future": _stored(datetime.now(UTC) + timedelta(hours=1))}
    values["past"] = _stored(LONG_AGO)
    file = folder / f"{case.name}.sqlite"
    source = environment["DATABASE_URL"].removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(source)) as connection:
        connection.execute("VACUUM INTO ?", [str(file)])
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        for statement in case.statements:  # SQLite checks no reference unless asked
            connection.execute(statement, values)
    more = case.file(folder) if case.file else {}
    url = {"DATABASE_URL": f"sqlite:///{file}"}
    return {**environment, **url, **case.settings, **more}


def _stored(moment: datetime) -> str:
    """Return a moment as SQLAlchemy stores it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _false_heads(folder: Path) -> Mapping[str, str]:
    path = folder / "heads"
    path.write_text(f"2026-11-23T12:00:00+00:00 1 {'0' * 64}\n")
    return {"MODERATION_AUDIT_HEAD_FILE": str(path)}


def _broken_heads(folder: Path) -> Mapping[str, str]:
    path = folder / "heads"
    path.write_text("hello\n")
    return {"MODERATION_AUDIT_HEAD_FILE": str(path)}


def _job(state: str, column: str) -> str:
    return (
        "INSERT INTO jobs (site_id, kind, state, progress, attempts, result, "
        f"arguments, created_at, {column}) SELECT id, 'retraining', '{state}', 0, 1, "
        "'{}', '{}', :past, :past FROM sites LIMIT 1"
    )


DAMAGES = (
    Damage(
        name="unknown setting",
        check="settings",
        severity="warning",
        says=("MODERATION_CLAIM_MINUTE is set", "Correct its name"),
        settings={"MODERATION_CLAIM_MINUTE": "3"},
    ),
    Damage(
        name="no address",
        check="settings",
        severity="warning",
        says=("MODERATION_PUBLIC_URL isn't set",),
        settings={"MODERATION_PUBLIC_URL": ""},
    ),
    Damage(
        name="address in clear",
        check="settings",
        severity="warning",
        says=("begins with http://", "TLS"),
        settings={"MODERATION_PUBLIC_URL": "http://comments.example"},
    ),
    Damage(
        name="no proxy",
        check="settings",
        severity="fault",
        says=("MODERATION_TRUSTED_PROXIES is 0",),
        settings={"MODERATION_TRUSTED_PROXIES": "0"},
    ),
    Damage(
        name="risks",
        check="settings",
        severity="warning",
        says=("MODERATION_LOGIN_OVER_HTTP", "MODERATION_DEMO", "memory://"),
        settings={
            "MODERATION_LOGIN_OVER_HTTP": "true",
            "MODERATION_DEMO": "true",
            "MODERATION_RATE_LIMIT_STORAGE": "memory://",
        },
    ),
    Damage(
        name="older revision",
        check="migrations",
        severity="fault",
        says=("at revision 0001", "Back up, then run `moderation migrate`"),
        statements=("UPDATE alembic_version SET version_num = '0001'",),
        others=("not checked",),
    ),
    Damage(
        name="later release",
        check="migrations",
        severity="fault",
        says=("a later release made",),
        statements=("UPDATE alembic_version SET version_num = '9999'",),
        others=("not checked",),
    ),
    Damage(
        name="no tables",
        check="migrations",
        severity="fault",
        says=("no tables", "moderation migrate"),
        statements=("DROP TABLE alembic_version",),
        others=("not checked",),
    ),
    Damage(
        name="orphans",
        check="integrity",
        severity="fault",
        says=("rows refer to rows that are gone", "comments → articles"),
        statements=("DELETE FROM articles",),
    ),
    Damage(
        name="other email key",
        check="keys",
        severity="fault",
        says=("MODERATION_EMAIL_KEYS", "docs/keys.md"),
        settings={"MODERATION_EMAIL_KEYS": f"k2:{OTHER_KEY}"},
    ),
    Damage(
        name="changed audit entry",
        check="audit log",
        severity="fault",
        says=("Entry 1 of the audit log was changed", "docs/audit.md"),
        statements=(
            "DROP TRIGGER audit_entries_no_update",
            "UPDATE audit_entries SET reason = 'x' WHERE sequence = 1",
        ),
    ),
    Damage(
        name="log cut off",
        check="audit log",
        severity="fault",
        says=("was cut off before entry",),
        statements=(
            "DROP TRIGGER audit_entries_no_delete",
            "DELETE FROM audit_entries "
            "WHERE sequence = (SELECT max(sequence) FROM audit_entries)",
        ),
    ),
    Damage(
        name="other head",
        check="audit log",
        severity="fault",
        says=("of the audit log was replaced",),
        file=_false_heads,
    ),
    Damage(
        name="broken heads",
        check="audit log",
        severity="fault",
        says=("isn't as the service wrote it",),
        file=_broken_heads,
    ),
    Damage(
        name="broken model",
        check="models",
        severity="warning",
        says=("is damaged", "can't be promoted"),
        statements=("UPDATE models SET artifact = x'00'",),
    ),
    Damage(
        name="broken active model",
        check="models",
        severity="fault",
        says=("is the active one", "moderation rollback --site gazette"),
        statements=(
            "UPDATE models SET artifact = x'00'",
            "UPDATE sites SET model_id = (SELECT id FROM models)",
        ),
    ),
    Damage(
        name="other model",
        check="models",
        severity="warning",
        says=("The model other-1 of gazette is damaged",),
        statements=("UPDATE models SET version = 'other-1'",),
    ),
    Damage(
        name="no default model",
        check="models",
        severity="fault",
        says=("default model can't be loaded", "MODERATION_MODEL_PATH"),
        settings={"MODERATION_MODEL_PATH": "/nowhere/at-all"},
    ),
    Damage(
        name="comment without decision",
        check="comments",
        severity="fault",
        says=("without any decision",),
        statements=("DELETE FROM decisions",),
        others=("fault",),  # references of the decisions' own
    ),
    Damage(
        name="status of no decision",
        check="comments",
        severity="fault",
        says=("1 comment is stored", "newest decision"),
        statements=("UPDATE comments SET status = 'approved'",),
    ),
    Damage(
        name="not searchable",
        check="comments",
        severity="warning",
        says=("no search finds", "moderation doctor --fix"),
        statements=("DELETE FROM search_texts",),
    ),
    Damage(
        name="future",
        check="clock",
        severity="fault",
        says=("in the future", "time synchronization"),
        statements=("UPDATE heartbeats SET beaten_at = :future",),
    ),
    Damage(
        name="no worker",
        check="worker",
        severity="fault",
        says=("has never run", "moderation worker"),
        statements=("DELETE FROM heartbeats",),
    ),
    Damage(
        name="dead worker",
        check="worker",
        severity="fault",
        says=("no heartbeat for",),
        statements=("UPDATE heartbeats SET beaten_at = :past",),
    ),
    Damage(
        name="queued job",
        check="backlogs",
        severity="warning",
        says=("1 jobs have been queued for over 10 minutes",),
        statements=(_job("queued", "started_at"),),
    ),
    Damage(
        name="lost job",
        check="backlogs",
        severity="warning",
        says=("1 jobs lost their worker",),
        statements=(_job("running", "leased_until"),),
    ),
    Damage(
        name="unscored",
        check="backlogs",
        severity="warning",
        says=("held unscored", "moderation rescore --site gazette"),
        statements=(
            "UPDATE comments SET held_reason = 'unscored', received_at = :past",
        ),
    ),
    Damage(
        name="mail server",
        check="backlogs",
        severity="warning",
        says=("Mail server: refused", "MODERATION_SMTP"),
        statements=(
            "UPDATE mail_server_state SET failing_since = :past, fault = 'refused'",
        ),
    ),
)
