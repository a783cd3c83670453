"""Values of environment variables that take more than a line to read."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
ROLES = ("moderator", "lead", "admin")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MAIL_SECURITY = ("starttls", "tls", "none")
MAX_PORT = 65_535
MIN_SECRET_LENGTH = 32  # characters


@dataclass(frozen=True, kw_only=True)
class GroupRole:
    """The role at a site that a group of the identity provider has."""

    group: str
    site: str
    role: str  #: one of `ROLES`
    section: str = ""  #: empty: the whole site


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
