"""Checks of an installation outside of its data: settings, files, programs, clock."""

from __future__ import annotations

import ipaddress
import re
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

from moderation import migration
from moderation.config import Settings, variable
from moderation.installation import FILE_VARIABLE, PRIVATE
from moderation.monitoring import readiness
from moderation.monitoring.findings import Examined, Finding, fault, warning
from moderation.monitoring.readiness import OK
from moderation.tables.audit import AuditEntry
from moderation.tables.jobs import Heartbeat

#: Our variables that are no setting of the service.
OTHER_VARIABLES = {FILE_VARIABLE}
MAX_CLOCK_DIFFERENCE = timedelta(seconds=5)  # between this machine and the database's
MAX_FUTURE = timedelta(seconds=60)  # of what is stored
LOW_BYTES = 1024**3  # free space at which a warning comes early
MIB = 1024**2
ENCRYPTED_SCHEMES = {"tls", "wss"}  # of a Dask scheduler


def check_settings(examined: Examined) -> list[Finding]:
    """Check for names that no setting has, and for values that can't be meant."""
    settings = examined.settings
    known = {variable(field.name) for field in fields(Settings)} | OTHER_VARIABLES
    names = [name for name in examined.environment if name.startswith("MODERATION_")]
    findings = []
    for name in sorted(set(names) - known):
        findings += warning(
            f"{name} is set, but there is no such setting.",
            "Correct its name, or remove it. docs/settings.md lists all settings.",
        )
    origin = settings.public_url
    if not origin:
        findings += warning(
            "MODERATION_PUBLIC_URL isn't set: links for authors and staff are paths.",
            "Set it to the address of the service, such as https://comments.example.",
        )
    elif origin.startswith("http://"):
        findings += warning(
            "MODERATION_PUBLIC_URL begins with http://: anyone on the network path can "
            "read what staff and authors send.",
            "Put a reverse proxy with TLS in front: docs/deploy.md.",
        )
    elif not settings.trusted_proxies:
        findings += fault(
            "MODERATION_PUBLIC_URL begins with https://, but "
            "MODERATION_TRUSTED_PROXIES is 0: behind a proxy, staff can't log in, and "
            "all readers have one address.",
            "Set MODERATION_TRUSTED_PROXIES to the number of proxies in front.",
        )
    return findings + _risky(settings)


def _risky(settings: Settings) -> list[Finding]:
    findings = []
    if settings.login_over_http:
        findings += warning(
            "MODERATION_LOGIN_OVER_HTTP is on: anyone on the network path can read "
            "passwords.",
            "Remove it once the service is behind TLS.",
        )
    if settings.demo:
        findings += warning(
            "MODERATION_DEMO is on: anyone can comment at /demo/.", "Remove it."
        )
    if settings.rate_limit_storage.startswith("memory://"):
        findings += warning(
            "MODERATION_RATE_LIMIT_STORAGE is memory://: each process counts rate "
            "limits for itself, so that they are higher than set.",
            "Use database:// or redis://….",
        )
    return findings


def check_files(examined: Examined) -> list[Finding]:
    """Check that only its owner can read the settings file."""
    path = examined.settings_file
    if path is None or not path.exists():
        return []
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & ~PRIVATE:
        return []
    return fault(
        f"{path} has mode {mode:03o}: other users of this machine can read the "
        "secrets.",
        f"Run `chmod 600 {path}`. If others can log in to this machine, replace the "
        "keys: docs/keys.md.",
        lambda: path.chmod(PRIVATE),
    )


def check_migrations(examined: Examined) -> list[Finding]:
    """Check that the database is at the revision of this release."""
    current, newest = migration.current(), migration.head()
    if current == newest:
        return []
    if current is None:
        return fault("The database has no tables.", "Run `moderation migrate`.")
    if current > newest:
        return fault(
            f"The database is at revision {current}, which a later release made; this "
            f"one knows {newest}.",
            "Install the later release, or restore an earlier backup: docs/upgrade.md.",
        )
    return fault(
        f"The database is at revision {current}; this release needs {newest}.",
        "Back up, then run `moderation migrate`: docs/upgrade.md.",
    )


def check_clock(examined: Examined) -> list[Finding]:
    """Check this machine's clock against the database's, and against what is stored."""
    session, findings = examined.session, []
    if session.get_bind().dialect.name == "postgresql":
        there = session.scalar(sa.select(sa.func.clock_timestamp()))
        difference = abs(datetime.now(UTC) - there) if there else timedelta(0)
        if difference > MAX_CLOCK_DIFFERENCE:
            findings += warning(
                f"The clocks of this machine and the database differ by "
                f"{difference.total_seconds():.0f} s.",
                "Switch time synchronization on, on both: `timedatectl set-ntp true`.",
            )
    stored = [
        session.scalar(
            sa.select(Heartbeat.beaten_at).order_by(Heartbeat.beaten_at.desc()).limit(1)
        ),
        session.scalar(
            sa.select(AuditEntry.at).order_by(AuditEntry.sequence.desc()).limit(1)
        ),
    ]
    ahead = max((at - examined.now for at in stored if at), default=timedelta(0))
    if ahead > MAX_FUTURE:
        findings += fault(
            f"Something is stored {ahead.total_seconds():.0f} s in the future: this "
            "machine's clock is slow, or another one's was fast.",
            "Switch time synchronization on: `timedatectl set-ntp true`.",
        )
    return findings


def check_disk(examined: Examined) -> list[Finding]:
    """Check the free space next to an embedded database."""
    state = readiness.check_disk(examined.session)
    if state != OK:
        return fault(
            f"Disk of the database: {state}.",
            "Free space now: SQLite will soon refuse to write.",
        )
    path = _embedded_file(examined)
    if path is None:
        return []
    free, size = shutil.disk_usage(path.parent).free, path.stat().st_size
    if free < max(LOW_BYTES, size):
        return warning(
            f"{free // MIB:,} MiB are free on the disk of the database, which has "
            f"{size // MIB:,} MiB.",
            "Free space, or move the database: a backup needs as much again.",
        )
    return []


def check_programs(examined: Examined) -> list[Finding]:
    """Check that PostgreSQL can be backed up from here."""
    session = examined.session
    if session.get_bind().dialect.name != "postgresql":
        return []
    version = int(session.scalar(sa.text("SHOW server_version_num")) or 0) // 10_000
    found = _version_of("pg_dump")
    if found is not None and found >= version:
        return []
    lacks = "is missing" if found is None else f"is of version {found}"
    return warning(
        f"pg_dump {lacks}; the server has version {version}: `moderation backup` can't "
        "work.",
        f"Install PostgreSQL's client programs, version {version} or later (on Debian, "
        "postgresql-client).",
    )


def check_rate_limits(examined: Examined) -> list[Finding]:
    """Check that a Redis that counts rate limits answers."""
    from limits.errors import ConfigurationError as LimitsError
    from limits.storage import storage_from_string

    storage = examined.settings.rate_limit_storage
    if not storage.startswith("redis"):
        return []
    try:
        answers = storage_from_string(storage).check()
    except LimitsError:
        answers = False
    if answers:
        return []
    return warning(
        "The Redis of MODERATION_RATE_LIMIT_STORAGE doesn't answer: each process "
        "counts rate limits for itself.",
        "Start it, or use database://.",
    )


def check_cluster(examined: Examined) -> list[Finding]:
    """Check that the Dask scheduler is encrypted, or on this machine."""
    scheduler = urlsplit(examined.settings.dask_scheduler)
    if not scheduler.netloc or scheduler.scheme in ENCRYPTED_SCHEMES:
        return []
    if _is_loopback(scheduler.hostname or ""):
        return []
    return warning(
        f"The Dask scheduler at {scheduler.netloc} is used without TLS: anyone who "
        "reaches it can run programs on its machines, and read comments on the way.",
        "Start scheduler and workers with certificates, and set "
        "MODERATION_DASK_SCHEDULER to tls://…; see docs/scale.md.",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _embedded_file(examined: Examined) -> Path | None:
    url = examined.session.get_bind().engine.url
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    path = Path(url.database).absolute()
    return path if path.is_file() else None


def _version_of(program: str) -> int | None:
    """Return the major version of a program of PostgreSQL; None: it is missing."""
    path = shutil.which(program)
    if path is None:
        return None
    words: Sequence[str] = [path, "--version"]
    done = subprocess.run(  # noqa: S603 - our own arguments, without a shell
        words, capture_output=True, text=True, check=False
    )
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found[1]) if found else None
