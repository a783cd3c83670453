"""Make a record of what a reader found: cleaned, checked, and with notes."""

from __future__ import annotations

import functools
import html
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from moderation.importing.markup import Markup, tidy, to_plain
from moderation.importing.records import (
    ANONYMOUS,
    ImportNote,
    ImportRecord,
    RefusedRow,
    SourceDecision,
    external_id,
    learned_labels,
)
from moderation.policy.verdicts import Status
from moderation.privacy import EMAIL_PATTERN
from moderation.text.plain import is_blank, is_web_address

MAX_BODY_BYTES = 65_535  # as for a comment that a site sends
MAX_RAW_LENGTH = 4 * MAX_BODY_BYTES  # characters with markup; more isn't looked into
MAX_NAME_LENGTH = 100
MAX_ID_LENGTH = 200  # with the name of the source, the column takes 255
MAX_ARTICLE_LENGTH = 2048
MAX_TITLE_LENGTH, MAX_SECTION_LENGTH = 500, 100
MAX_EMAIL_LENGTH = 254
FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK_SKEW = timedelta(minutes=5)

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_FINER = re.compile(r"(\.\d{6})\d+")
_FRAME = " \t<>()[]{}\"',;:|-"


class UnreadableTime(ValueError):
    """A time of the source that can't be read."""


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """The user's options for a file."""

    source: str  #: begins the ids of its comments
    now: datetime
    zone: ZoneInfo | None = None  #: of times without one
    base_url: str | None = None  #: of sources that know paths only
    since: datetime | None = None  #: what was written before is left out
    #: of formats that need one: our field to its column, and our values by column
    mapping: Mapping[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class CommentDraft:
    """A comment as a reader found it, in the source's terms."""

    id: str
    article: str
    text: str
    markup: Markup
    status: Status
    article_title: str | None = None
    article_section: str | None = None
    parent: str | None = None  #: its id there
    name: str | None = None
    is_name_escaped: bool = False  #: entities in the name are decoded
    email: str | None = None
    url: str | None = None
    author_id: str | None = None  #: as it is stored, with its source
    ip: str | None = None
    is_ip_useless: bool = False  #: shortened or hashed there
    written_at: datetime | None = None
    edited_at: datetime | None = None
    decision: SourceDecision | None = None
    scores: Sequence[Mapping[str, Any]] = ()
    reports: Mapping[str, int] = field(default_factory=dict)
    pick: bool = False
    aside: Mapping[str, Any] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    line: int | None = None


def finish(draft: CommentDraft, options: ReadOptions) -> ImportRecord | RefusedRow:
    """Return the record of a draft, or why there is none."""
    number, notes = draft.id.strip(), draft.notes
    parent = external_id(options.source, draft.parent) if draft.parent else None
    fault = _fault(draft, number)
    body = "" if fault else _read_body(draft)
    if not fault and is_blank(body):
        fault = "has no text"
    elif not fault and _is_long(body):
        fault = f"is longer than {MAX_BODY_BYTES} bytes"
    if fault:
        return RefusedRow(
            id=number[:MAX_ID_LENGTH] or "?",
            says=fault,
            line=draft.line,
            named_parent=parent,
        )
    ip = _read_ip(draft)
    return ImportRecord(
        id=number,
        external_id=external_id(options.source, number),
        article=draft.article.strip(),
        article_title=clean_line(draft.article_title, MAX_TITLE_LENGTH),
        article_section=clean_line(draft.article_section, MAX_SECTION_LENGTH),
        author_name=_read_name(draft),
        author_email=_read_email(draft.email, notes),
        author_url=_read_url(draft.url, notes),
        author_id=clean_line(draft.author_id, 255),
        ip=ip,
        written_at=_read_time(draft.written_at, options, notes),
        edited_at=draft.edited_at,
        body=body,
        status=draft.status,
        decision=draft.decision,
        teaches=learned_labels(draft.status, draft.decision),
        scores=draft.scores,
        reports=draft.reports,
        pick=draft.pick,
        aside=draft.aside,
        notes=notes,
        named_parent=parent,
    )


def _fault(draft: CommentDraft, number: str) -> str | None:
    if not number:
        return "no id"
    if len(number) > MAX_ID_LENGTH or _CONTROLS.search(number):
        return f"id is longer than {MAX_ID_LENGTH} characters or has signs in it"
    if not draft.article.strip():
        return "its article has no address"
    if len(draft.article) > MAX_ARTICLE_LENGTH or _CONTROLS.search(draft.article):
        return f"its article's address is longer than {MAX_ARTICLE_LENGTH} characters"
    if len(draft.text) > MAX_RAW_LENGTH:
        return f"is longer than {MAX_BODY_BYTES} bytes"
    if draft.written_at is not None and draft.written_at < FIRST_MOMENT:
        return "its time is before 1970"
    return None


def _is_long(body: str) -> bool:
    # A character takes four bytes at most.
    return len(body) * 4 > MAX_BODY_BYTES and len(body.encode()) > MAX_BODY_BYTES


def _read_body(draft: CommentDraft) -> str:
    text = to_plain(draft.text, draft.markup)
    if _CONTROLS.search(text):
        draft.notes.add(ImportNote.CONTROL_CHARACTERS_REMOVED.value)
        text = tidy(_CONTROLS.sub("", text))
    return _SURROGATES.sub("\ufffd", text)


def clean_line(text: str | None, length: int) -> str | None:
    """Return one line of text, shortened; None: nothing is left."""
    if not text:
        return None
    if text.isprintable():  # no signs, no surrogates, no white space but blanks
        line = " ".join(text.split()) if "  " in text else text.strip()
    else:
        line = _SURROGATES.sub("\ufffd", _CONTROLS.sub("", " ".join(text.split())))
    return line[:length].strip() or None


def decode_entities(text: str | None) -> str | None:
    """Return a text with its entities decoded once."""
    return html.unescape(text) if text and "&" in text else text


def _read_name(draft: CommentDraft) -> str:
    name = draft.name or ""
    if draft.is_name_escaped:
        name = html.unescape(name)
    if "@" in name and EMAIL_PATTERN.search(name):
        draft.notes.add(ImportNote.EMAIL_IN_NAME.value)
        name = EMAIL_PATTERN.sub(" ", name).strip(_FRAME)
    line = clean_line(name, len(name)) or ""
    if not line or is_blank(line):
        draft.notes.add(ImportNote.NAME_MISSING.value)
        return ANONYMOUS
    if len(line) > MAX_NAME_LENGTH:
        draft.notes.add(ImportNote.NAME_SHORTENED.value)
    return line[:MAX_NAME_LENGTH].strip()


def _read_email(email: str | None, notes: set[str]) -> str | None:
    if email is None or not (email := email.strip()):
        return None
    address = _normalized(email) if len(email) <= MAX_EMAIL_LENGTH else None
    if address is None:
        notes.add(ImportNote.EMAIL_INVALID.value)
    return address


@functools.lru_cache(maxsize=16_384)
def _normalized(email: str) -> str | None:
    try:
        return validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _read_url(url: str | None, notes: set[str]) -> str | None:
    if url is None or not (url := url.strip()):
        return None
    if is_web_address(url) and len(url) <= MAX_ARTICLE_LENGTH and "@" not in url:
        return url
    notes.add(ImportNote.URL_DROPPED.value)
    return None


def _read_ip(draft: CommentDraft) -> str | None:
    text = (draft.ip or "").strip()
    if not text:
        return None
    address = None if draft.is_ip_useless else _normalized_ip(text)
    if address is None:
        draft.notes.add(ImportNote.IP_DROPPED.value)
    return address


@functools.lru_cache(maxsize=16_384)
def _normalized_ip(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def _read_time(
    moment: datetime | None, options: ReadOptions, notes: set[str]
) -> datetime:
    if moment is None:
        notes.add(ImportNote.TIME_MISSING.value)
        return options.now
    if moment > options.now + CLOCK_SKEW:
        notes.add(ImportNote.TIME_IN_FUTURE.value)
        return options.now
    return moment


def read_time(text: str, zone: ZoneInfo | None = None) -> datetime:
    """Return a time in ISO 8601, in UTC.

    Parameters
    ----------
    zone
        Of a time that names none; None: UTC.

    Raises
    ------
    UnreadableTime
        If it is none.
    """
    # Python reads six digits of a second, some systems write nine.
    text = text.strip()
    if "." in text:
        text = _FINER.sub(r"\1", text)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone or UTC)
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnreadableTime("its time can't be read") from None


def read_unix_time(seconds: Any) -> datetime:
    """Return the time of a number of seconds since 1970.

    Raises
    ------
    UnreadableTime
        If it is none.
    """
    try:
        return FIRST_MOMENT + timedelta(microseconds=round(float(seconds) * 1_000_000))
    except (TypeError, ValueError, OverflowError):
        raise UnreadableTime("its time can't be read") from None
