"""Reads a comment from Akismet's fields, leniently, so that none is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma

from moderation.api.comment_bodies import EARLIEST, MOST_BODY_BYTES, NewComment
from moderation.compat.parsing import storable
from moderation.errors import InvalidFields
from moderation.policy.facts import Signal
from moderation.privacy import Privacy, mask_emails
from moderation.text.plain import is_blank

KEY_PREFIX = "akismet:"  # of the idempotency key of a comment that came this way
NO_NAME = "(no name)"
MAX_NAME_LENGTH = 100  # characters, as in `api.comment_bodies`
MAX_ARTICLE_LENGTH = 2048
MAX_AGENT_LENGTH = 512
TRUTHS = {"1", "true", "on", "yes"}

# https://akismet.com/developers/detailed-docs/comment-check/ (read 2026-11-23)
SPAM_AUTHOR = "viagra-test-123"
SPAM_EMAIL = "akismet-guaranteed-spam@example.com"
ADMINISTRATOR = "administrator"
# What clients name their hidden field by themselves, next to `honeypot_field_name`.
HIDDEN_FIELDS = ("POST_ak_hp_textarea", "akismet_api_honeypot_field")

_rules = NewComment().fields


def is_test(sent: Mapping[str, str]) -> bool:
    """Return whether `is_test` is set: then nothing is stored."""
    return sent.get("is_test", "").strip().lower() not in {"", "0", "false", "no"}


def is_to_discard(sent: Mapping[str, str]) -> bool:
    """Return whether a client tests the answer for blatant spam."""
    return sent.get("test_discard", "").strip().lower() in TRUTHS


def signal_of(sent: Mapping[str, str]) -> Signal | None:
    """Return the signal that the site's software sends about the author."""
    roles = {role.strip().lower() for role in sent.get("user_role", "").split(",")}
    if ADMINISTRATOR in roles:
        return Signal.STAFF
    author = sent.get("comment_author", "").strip().lower()
    email = sent.get("comment_author_email", "").strip().lower()
    if author == SPAM_AUTHOR or email == SPAM_EMAIL:
        return Signal.TEST
    hidden = [sent.get("honeypot_field_name", ""), *HIDDEN_FIELDS]
    if any(sent.get(name, "").strip() for name in hidden if name):
        return Signal.BOT
    return None


def fields_of(sent: Mapping[str, str], site_name: str, now: datetime) -> dict[str, Any]:
    """Return the fields of `submission.submit`.

    What is of no use in our fields (half an address, a date that is none) is
    left out; email addresses are masked where others would see them.

    Raises
    ------
    InvalidFields
        If the text is longer than can be kept: a part of it must not be judged alone.
    """
    body = storable(sent.get("comment_content", "")).strip()
    if len(body.encode()) > MOST_BODY_BYTES:
        complaint = f"Longer than {MOST_BODY_BYTES} bytes."
        raise InvalidFields({"comment_content": [complaint]})
    kept: dict[str, Any] = {
        "author_name": _line(sent.get("comment_author", ""), MAX_NAME_LENGTH)
        or NO_NAME,
        "body": body,
        "article": _line(_article(sent), MAX_ARTICLE_LENGTH) or site_name,
        "user_agent": _line(
            sent.get("user_agent") or sent.get("comment_agent", ""), MAX_AGENT_LENGTH
        ),
        "written_at": _moment(sent.get("comment_date_gmt", ""), now),
        "author_email": _checked("author_email", sent.get("comment_author_email")),
        "author_url": _checked("author_url", sent.get("comment_author_url")),
        "ip": _checked("ip", sent.get("user_ip")),
        "author_id": _author_id(sent),
        "signal": signal_of(sent),
    }
    return {name: value for name, value in kept.items() if value is not None}


def list_keys_of(fields: Mapping[str, Any], privacy: Privacy) -> list[str]:
    """Return what may be stored as a comment's idempotency key, newest form first.

    Text, author and place; not what changes between a check and a report (the type,
    the time, the machine's address).
    """
    named = ("article", "author_name", "author_email", "author_url", "body")
    content = "\x1f".join(str(fields.get(name, "")) for name in named)
    return [KEY_PREFIX + digest for digest in privacy.list_fingerprints(content)]


def _article(sent: Mapping[str, str]) -> str:
    return sent.get("permalink") or sent.get("blog") or sent.get("referrer") or ""


def _line(text: str, longest: int) -> str | None:
    line = mask_emails(" ".join(storable(text).split()))[:longest]
    return None if is_blank(line) else line


def _checked(name: str, value: str | None) -> Any:
    """Return a value checked by the rules of our API; None if it breaks them."""
    if not value or not value.strip():
        return None
    try:
        return _rules[name].deserialize(value)
    except ma.ValidationError:
        return None


def _author_id(sent: Mapping[str, str]) -> Any:
    """Return the ID of a logged-in author; 0 means that no one is logged in."""
    value = (sent.get("user_id") or sent.get("user_ID") or "").strip()
    return None if value in {"", "0"} else _checked("author_id", value)


def _moment(text: str, now: datetime) -> datetime | None:
    """Return the time of writing in UTC; None if invalid or in the future."""
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed
    if not EARLIEST <= moment <= now:
        return None
    return moment.astimezone(UTC)
