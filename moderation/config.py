"""The settings: read once from the environment, typed, each with its meaning."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import limits
import sqlalchemy as sa

from moderation.environment import (
    GroupRole,
    list_mail_faults,
    read_group_roles,
    read_issuer,
    read_level,
    read_mail_security,
    read_mailbox,
    read_networks,
    read_port,
    read_secrets,
)
from moderation.errors import ConfigurationError

INSTANCE = Path("instance")  # beside where the service is started
KEY_BYTES = 32  # AES-256 and HMAC-SHA-256
REQUIRED_OF = ("none", "admins", "leads", "all")
#: Given together, or not at all.
SIGN_ON = ("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_roles")
COUNTERS = ("database://", "memory://", "redis://", "rediss://")


def _text(value: str) -> str:
    return value


def _flag(value: str) -> bool:
    try:
        return {"1": True, "true": True, "0": False, "false": False}[value.lower()]
    except KeyError:
        raise ValueError("expected true or false") from None


def _count(value: str) -> int:
    number = int(value)
    if number < 0:
        raise ValueError("expected a number that is not negative")
    return number


def _seconds(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError("expected a number of seconds from 1 up")
    return number


def _percent(value: str) -> int:
    number = _count(value)
    if number > 100:
        raise ValueError("expected a number from 0 to 100")
    return number


def _address(value: str) -> str:
    try:
        sa.make_url(value)
    except sa.exc.ArgumentError:  # its message repeats the address, password and all
        raise ValueError("expected an address such as sqlite:///file") from None
    return value


def _limit(value: str) -> str:
    try:
        limits.parse(value)
    except ValueError:
        raise ValueError("expected a limit such as 10 per minute") from None
    return value


def _counters(value: str) -> str:
    if not value.startswith(COUNTERS):
        raise ValueError(f"expected one of {', '.join(COUNTERS)}")
    return value


def _origin(value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("expected an address such as https://comments.example")
    return value.rstrip("/")


def _url(value: str) -> str:
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("expected an address such as https://audit.example/heads")
    return value


def _required_of(value: str) -> str:
    if value not in REQUIRED_OF:
        raise ValueError(f"expected one of {', '.join(REQUIRED_OF)}")
    return value


def _key(value: str) -> bytes:
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("expected base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"expected {KEY_BYTES} bytes in base64")
    return key


def _keys(value: str) -> dict[str, bytes]:
    keys = {}
    for entry in value.split(","):
        key_id, colon, key = entry.strip().partition(":")
        if not colon or not key_id.isalnum():
            raise ValueError("expected id:base64, several separated by commas")
        keys[key_id] = _key(key)
    return keys


def _key_list(value: str) -> tuple[bytes, ...]:
    return tuple(_key(entry.strip()) for entry in value.split(",") if entry.strip())


def _setting(
    meaning: str, read: Callable[[str], Any] = _text, default: str | None = None
) -> Any:
    """Describe one setting; without a default it must be given."""
    return field(metadata={"meaning": meaning, "read": read, "default": default})


@dataclass(frozen=True, kw_only=True, repr=False)  # no repr: it holds secrets
class Settings:
    """Everything that an installation can set. Secrets have no default."""

    secret_key: str = _setting(
        "Keys the hashes of site keys, staff tokens and IP addresses; 32 characters "
        "or more"
    )
    email_keys: dict[str, bytes] = _setting(
        "Keys that encrypt e-mail addresses, `id:base64` of 32 bytes, the first one "
        "in use, older ones behind it after commas",
        _keys,
    )
    email_index_key: bytes = _setting(
        "Key of the blind index over e-mail addresses, base64 of 32 bytes", _key
    )
    secret_keys_accepted: tuple[str, ...] = _setting(
        "Other secret keys that are accepted while one is replaced, with commas "
        "between: see docs/keys.md",
        read_secrets,
        "",
    )
    email_index_keys_accepted: tuple[bytes, ...] = _setting(
        "Other keys of the blind index that are accepted while one is replaced, with "
        "commas between",
        _key_list,
        "",
    )
    database_url: str = _setting(
        "SQLAlchemy address of the database: SQLite or PostgreSQL "
        "(`postgresql+psycopg://…`)",
        _address,
        "sqlite:///moderation.sqlite",
    )
    model_path: str = _setting(
        "Classifier to serve where a site has promoted none; empty for the one that "
        "ships",
        default="",
    )
    claim_minutes: int = _setting(
        "How long a moderator's claim lasts, minutes", _count, "15"
    )
    looks_percent: int = _setting(
        "Most of a hand that second looks and audits may take, in percent",
        _percent,
        "20",
    )
    undo_seconds: int = _setting(
        "How long a moderator can take a decision back, seconds", _count, "30"
    )
    batch_undo_minutes: int = _setting(
        "How long a bulk decision can be undone after its end, minutes",
        _count,
        "30",
    )
    suspension_days: int = _setting(
        "How long a moderator can suspend an author at most, days; leads suspend for "
        "longer",
        _count,
        "7",
    )
    double_seconds: int = _setting(
        "How long the same text of the same author under an article is one comment, "
        "seconds; 0: it never is",
        _count,
        "60",
    )
    session_hours: int = _setting("How long a log-in lasts, hours", _count, "12")
    session_idle_minutes: int = _setting(
        "How long a log-in may go unused, minutes; 0: until it ends", _count, "120"
    )
    invitation_hours: int = _setting(
        "How long a link to set a password works, hours", _count, "72"
    )
    login_limit: str = _setting(
        "Failed log-ins per network and per username, after which the next one from "
        "an unknown device waits",
        _limit,
        "10 per minute",
    )
    login_over_http: bool = _setting(
        "Let staff log in over plain http from other machines. "
        "Anyone on the network path can read the passwords",
        _flag,
        "false",
    )
    require_totp: str = _setting(
        "Who must log in with a second factor: `none`, `admins`, `leads` (and admins), "
        "`all`",
        _required_of,
        "none",
    )
    local_login: bool = _setting(
        "Let staff log in with a username and password; `false` leaves only the "
        "OpenID Connect provider",
        _flag,
        "true",
    )
    oidc_issuer: str = _setting(
        "Issuer of the OpenID Connect provider with which staff log in, as "
        "`https://login.example`; needs the extra `moderation[oidc]`, a client ID "
        "and secret, and roles",
        read_issuer,
        "",
    )
    oidc_client_id: str = _setting("Client ID at the provider", default="")
    oidc_client_secret: str = _setting("Client secret at the provider", default="")
    oidc_groups_claim: str = _setting(
        "Claim that lists a person's groups", default="groups"
    )
    oidc_roles: tuple[GroupRole, ...] = _setting(
        "Roles of the provider's groups, `group=site:role` or "
        "`group=site:role:section`, separated by semicolons",
        read_group_roles,
        "",
    )
    form_limit: str = _setting(
        "Comments from one address through the demo form", _limit, "20 per minute"
    )
    compat_limit: str = _setting(
        "Requests with one site key over each foreign protocol",
        _limit,
        "6000 per minute",
    )
    report_limit: str = _setting(
        "Readers' reports with one site key", _limit, "600 per minute"
    )
    reporter_limit: str = _setting(
        "Reports by one reader at a site", _limit, "30 per hour"
    )
    reveal_limit: str = _setting(
        "Reveals of an author's email address by one person", _limit, "20 per day"
    )
    appeal_limit: str = _setting(
        "Appeals from one address through the status page", _limit, "10 per hour"
    )
    notice_limit: str = _setting("Notices from one network", _limit, "20 per hour")
    public_url: str = _setting(
        "Where authors reach this service, as `https://comments.example`; it begins "
        "the status links that are given to them, which else are paths alone",
        _origin,
        "",
    )
    callback_networks: tuple[str, ...] = _setting(
        "Private networks that callbacks and webhooks may reach, as `10.0.0.0/8` with "
        "commas between; otherwise none. Webhooks take `http` there alone",
        read_networks,
        "",
    )
    smtp_host: str = _setting(
        "Mail server that notifications to staff are sent through; empty: no email",
        default="",
    )
    smtp_port: int = _setting("Port of the mail server", read_port, "587")
    smtp_security: str = _setting(
        "How the connection to the mail server is encrypted: `starttls`, `tls` (from "
        "the first byte, often port 465), or `none`, which only a server on this "
        "machine may have",
        read_mail_security,
        "starttls",
    )
    smtp_in_clear: bool = _setting(
        "Allow `none` for a mail server on another machine. Anyone on the network path "
        "can read the messages and the password",
        _flag,
        "false",
    )
    smtp_user: str = _setting(
        "Username at the mail server, if it needs one", default=""
    )
    smtp_password: str = _setting("Password at the mail server", default="")
    smtp_sender: str = _setting(
        "Address that notifications are sent from; needed with a mail server",
        read_mailbox,
        "",
    )
    notification_minutes: int = _setting(
        "Least time between two messages of one kind to one person or chat, minutes",
        _count,
        "15",
    )
    audit_head_file: str = _setting(
        "File to which a worker appends the head of the audit log, best on a medium "
        "that admins can only add to",
        default="",
    )
    audit_head_url: str = _setting(
        "URL to which a worker posts the head of the audit log, signed with the secret "
        "that `moderation audit secret` prints",
        _url,
        "",
    )
    rate_limit_storage: str = _setting(
        "Where rate limits are counted: `database://` (shared by all processes), "
        "`memory://` (each process by itself), or `redis://…`",
        _counters,
        "database://",
    )
    trusted_proxies: int = _setting(
        "Reverse proxies in front whose X-Forwarded headers are believed",
        _count,
        "0",
    )
    head_seconds: int = _setting(
        "How long a request's head may take to arrive, seconds", _seconds, "15"
    )
    body_seconds: int = _setting(
        "How long a body of up to 1 MiB may take to arrive, seconds", _seconds, "25"
    )
    demo: bool = _setting("Serve the demo article page under /demo/", _flag, "false")
    log_level: str = _setting("Least severe log line written", read_level, "INFO")


def variable(name: str) -> str:
    """Return the environment variable of a setting.

    `DATABASE_URL` keeps the name that hosting platforms give it.
    """
    return "DATABASE_URL" if name == "database_url" else f"MODERATION_{name.upper()}"


def load(environment: Mapping[str, str]) -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    ConfigurationError
        Naming every variable that is missing or that can't be read; no value is
        repeated in the message.
    """
    values: dict[str, Any] = {}
    faults = []
    for each in fields(Settings):
        name = variable(each.name)
        raw = environment.get(name) or each.metadata["default"]
        if raw is None:
            faults.append(f"{name} is missing")
            continue
        try:
            values[each.name] = each.metadata["read"](raw)
        except ValueError as error:
            reason = "not a whole number" if each.metadata["read"] is _count else error
            faults.append(f"{name} can't be read: {reason}")
    if len(values.get("secret_key", "x" * KEY_BYTES)) < KEY_BYTES:
        faults.append(f"MODERATION_SECRET_KEY needs {KEY_BYTES} characters or more")
    if not faults:
        faults = _missing_for_login(values) + list_mail_faults(values)
    if faults:
        raise ConfigurationError("; ".join(faults) + ". The README lists all settings.")
    return Settings(**values)


def _missing_for_login(values: Mapping[str, Any]) -> list[str]:
    """Return the faults of settings that need each other."""
    absent = [name for name in SIGN_ON if not values[name]]
    if absent == list(SIGN_ON):
        is_closed = not values["local_login"]
        return ["MODERATION_LOCAL_LOGIN=false needs MODERATION_OIDC_ISSUER"] * is_closed
    together = ", ".join(variable(name) for name in SIGN_ON)
    return [f"{variable(name)} is missing ({together} go together)" for name in absent]
