"""Values of environment variables that take more than a line to read."""

from __future__ import annotations

import base64
import binascii
import importlib.util
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import limits
import sqlalchemy as sa

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
ROLES = ("moderator", "lead", "admin")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MAIL_SECURITY = ("starttls", "tls", "none")
MAX_PORT = 65_535
MIN_SECRET_LENGTH = 32  # characters
#: Which comments the encoder may read.
ENCODER_READS = ("always", "uncertain", "never")
KEY_BYTES = 32  # AES-256 and HMAC-SHA-256
POSTGRESQL = "postgresql+psycopg"  # the driver of the extra
#: As hosting platforms and `psql` spell it.
POSTGRESQL_NAMES = ("postgres", "postgresql")
KEY_BYTES = 32  # AES-256 and HMAC-SHA-256
MIN_TOKEN_LENGTH = 16  # characters: 95 bits of what `secrets.token_urlsafe` makes
REQUIRED_OF = ("none", "admins", "leads", "all")
COUNTERS = ("database://", "memory://", "redis://", "rediss://")
SCHEDULERS = ("tls://", "tcp://")
FORMATS = ("text", "json")  # of log lines


@dataclass(frozen=True, kw_only=True)
class GroupRole:
    """The role at a site that a group of the identity provider has."""

    group: str
    site: str
    role: str  #: one of `ROLES`
    section: str = ""  #: empty: the whole site


def read_text(value: str) -> str:
    """Return a text as it is."""
    return value


def read_flag(value: str) -> bool:
    """Return whether a value says yes."""
    try:
        return {"1": True, "true": True, "0": False, "false": False}[value.lower()]
    except KeyError:
        raise ValueError("expected true or false") from None


def read_count(value: str) -> int:
    """Return a number, 0 or more."""
    number = int(value)
    if number < 0:
        raise ValueError("expected a number that is not negative")
    return number


def read_seconds(value: str) -> int:
    """Return a number of seconds, 1 or more."""
    number = int(value)
    if number < 1:
        raise ValueError("expected a number of seconds from 1 up")
    return number


def read_percent(value: str) -> int:
    """Return a number from 0 to 100."""
    number = read_count(value)
    if number > 100:
        raise ValueError("expected a number from 0 to 100")
    return number


def read_rate(value: str) -> str:
    """Return a limit of requests, such as `10 per minute`."""
    try:
        limits.parse(value)
    except ValueError:
        raise ValueError("expected a limit such as 10 per minute") from None
    return value


def read_origin(value: str) -> str:
    """Return where the service is reached, without a slash at its end."""
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("expected an address such as https://comments.example")
    return value.rstrip("/")


def read_url(value: str) -> str:
    """Return the URL of another service."""
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("expected an address such as https://audit.example/heads")
    return value


def read_scheduler(value: str) -> str:
    """Return the address of a Dask scheduler; it may be empty."""
    if value and not value.startswith(SCHEDULERS):
        raise ValueError("expected an address such as tls://scheduler.example:8786")
    return value


def read_required_of(value: str) -> str:
    """Return who must log in with a second factor."""
    if value not in REQUIRED_OF:
        raise ValueError(f"expected one of {', '.join(REQUIRED_OF)}")
    return value


def read_counters(value: str) -> str:
    """Return where rate limits are counted."""
    if not value.startswith(COUNTERS):
        raise ValueError(f"expected one of {', '.join(COUNTERS)}")
    return value


def read_metrics_token(value: str) -> str:
    """Return the token for metrics; empty: there is none."""
    if value and len(value) < MIN_TOKEN_LENGTH:
        raise ValueError(f"expected {MIN_TOKEN_LENGTH} characters or more")
    if not value.isascii() or any(letter.isspace() for letter in value):
        raise ValueError("expected ASCII characters without spaces")
    return value


def read_host_and_port(value: str) -> tuple[str, int] | None:
    """Return a host and a port to listen on; None: nowhere."""
    if not value:
        return None
    host, colon, port = value.rpartition(":")
    if not (host and colon):
        raise ValueError("expected host:port, as 127.0.0.1:9465")
    return host.strip("[]"), read_port(port)


def read_log_format(value: str) -> str:
    """Return how log lines are written."""
    if value not in FORMATS:
        raise ValueError(f"expected one of {', '.join(FORMATS)}")
    return value


def read_encoder(value: str) -> str:
    """Return which comments the encoder reads."""
    if value not in ENCODER_READS:
        raise ValueError(f"expected one of {', '.join(ENCODER_READS)}")
    return value


def read_key(value: str) -> bytes:
    """Return a key of `KEY_BYTES` bytes from base64."""
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("expected base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"expected {KEY_BYTES} bytes in base64")
    return key


def read_keys(value: str) -> dict[str, bytes]:
    """Return keys by their ids, the one in use first."""
    keys = {}
    for entry in value.split(","):
        key_id, colon, key = entry.strip().partition(":")
        if not colon or not key_id.isalnum():
            raise ValueError("expected id:base64, several separated by commas")
        keys[key_id] = read_key(key)
    return keys


def read_key_list(value: str) -> tuple[bytes, ...]:
    """Return keys, separated by commas; an empty value has none."""
    return tuple(read_key(entry.strip()) for entry in value.split(",") if entry.strip())


def read_level(value: str) -> str:
    """Return the name of a log level."""
    if value.upper() not in LOG_LEVELS:
        raise ValueError(f"expected one of {', '.join(LOG_LEVELS)}")
    return value.upper()


def read_secrets(value: str) -> tuple[str, ...]:
    """Return secrets, separated by commas; an empty value has none."""
    secrets = tuple(entry.strip() for entry in value.split(",") if entry.strip())
    if any(len(secret) < MIN_SECRET_LENGTH for secret in secrets):
        raise ValueError(f"expected {MIN_SECRET_LENGTH} characters or more each")
    return secrets


def read_port(value: str) -> int:
    """Return a TCP port."""
    if not value.isdecimal() or not 0 < int(value) <= MAX_PORT:
        raise ValueError(f"expected a number from 1 to {MAX_PORT}")
    return int(value)


def read_mail_security(value: str) -> str:
    """Return how the connection to a mail server is encrypted."""
    if value not in MAIL_SECURITY:
        raise ValueError(f"expected one of {', '.join(MAIL_SECURITY)}")
    return value


def read_mailbox(value: str) -> str:
    """Return an email address without a display name; it may be empty."""
    name, at, host = value.rpartition("@")
    is_plain = value.isascii() and value.isprintable() and not set(value) & set(" <>,")
    if value and not (is_plain and name and at and host):
        raise ValueError("expected an address such as moderation@news.example")
    return value


def read_networks(value: str) -> tuple[str, ...]:
    """Return networks, separated by commas."""
    names = [each.strip() for each in value.split(",") if each.strip()]
    try:
        return tuple(str(ipaddress.ip_network(each)) for each in names)
    except ValueError:
        raise ValueError("expected networks such as 10.0.0.0/8") from None


def read_issuer(value: str) -> str:
    """Return the address of an OpenID Connect provider; it may be empty."""
    parts = urlsplit(value)
    is_local = parts.scheme == "http" and parts.hostname in LOOPBACK
    is_secure = parts.scheme == "https" and bool(parts.hostname)
    is_plain = not (parts.query or parts.fragment or parts.username)
    if value and not (is_plain and (is_secure or is_local)):
        raise ValueError("expected an https address such as https://login.example")
    return value


def read_group_roles(value: str) -> tuple[GroupRole, ...]:
    """Return the roles of groups, separated by semicolons."""
    entries = [entry.strip() for entry in value.split(";") if entry.strip()]
    return tuple(_read_group_role(entry) for entry in entries)


def _read_group_role(entry: str) -> GroupRole:
    group, _, place = entry.rpartition("=")  # a group's own name may hold one
    site, _, rest = place.partition(":")
    role, colon, section = rest.partition(":")
    is_complete = bool(group and site and (section or not colon))
    if not is_complete or role not in ROLES or (section and role == "admin"):
        raise ValueError(
            "expected group=site:role or group=site:role:section, several separated "
            f"by semicolons; the roles are {', '.join(ROLES)}, and an admin has no "
            "section"
        )
    return GroupRole(group=group.strip(), site=site, role=role, section=section)


def list_mail_faults(values: Mapping[str, Any]) -> list[str]:
    """Return the faults of the mail server's settings."""
    host = values["smtp_host"]
    if not host:
        return []
    faults = [] if values["smtp_sender"] else ["MODERATION_SMTP_SENDER is missing"]
    is_readable = values["smtp_security"] == "none" and host not in LOOPBACK
    if is_readable and not values["smtp_in_clear"]:
        faults.append(
            "MODERATION_SMTP_SECURITY=none needs a mail server on this machine or "
            "MODERATION_SMTP_IN_CLEAR=true"
        )
    if bool(values["smtp_user"]) != bool(values["smtp_password"]):
        faults.append("MODERATION_SMTP_USER and MODERATION_SMTP_PASSWORD go together")
    return faults


def read_database_url(value: str) -> str:
    """Return the URL of a database, with the driver that the service uses."""
    try:
        url = sa.make_url(value)
    except (sa.exc.ArgumentError, ValueError):  # it repeats the URL, password and all
        raise ValueError("expected a URL such as sqlite:///file") from None
    threshold = url.query.get("prepare_threshold", "none")
    if threshold != "none" and not str(threshold).isdecimal():
        raise ValueError("expected a number, or none, as prepare_threshold")
    if url.drivername in POSTGRESQL_NAMES:
        url = url.set(drivername=POSTGRESQL)
        return url.render_as_string(hide_password=False)
    if url.drivername not in (POSTGRESQL, "sqlite", "sqlite+pysqlite"):
        raise ValueError(f"expected sqlite:///… or {POSTGRESQL}://…")
    return value


def list_missing_extras(values: Mapping[str, Any]) -> list[str]:
    """Return the faults of settings that need a package that isn't installed."""
    needs = (
        ("DATABASE_URL", "database_url", POSTGRESQL, "postgres", "psycopg"),
        (
            "MODERATION_RATE_LIMIT_STORAGE",
            "rate_limit_storage",
            "redis",
            "redis",
            "redis",
        ),
        (
            "MODERATION_DASK_SCHEDULER",
            "dask_scheduler",
            SCHEDULERS,
            "scale",
            "distributed",
        ),
    )
    return [
        f"{variable} needs an extra: run `pip install 'moderation[{extra}]'`"
        for variable, name, start, extra, package in needs
        if values[name].startswith(start) and importlib.util.find_spec(package) is None
    ]
