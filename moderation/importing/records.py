"""The record of an imported comment: what readers make, the store takes, we export.

As JSON it has the fields of `RECORD_FIELDS`; absent, null, and empty mean the same.
See docs/importing.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from classifiers.text.labels import HARMS
from moderation.policy.verdicts import Status, Verdict

NONE_HOLDS: Final = "none_holds"
ANONYMOUS = "Anonymous"


class DecisionEvidence(StrEnum):
    """The source's evidence of who decided."""

    PERSON = "person"  #: a moderator whom the source names
    FILTER = "filter"  #: a program, and no moderator contradicted it
    UNKNOWN = "unknown"  #: the source doesn't tell


class ImportNote(StrEnum):
    """A reader's change or assumption."""

    BAD_UTF8 = "bad_utf8"
    CONTROL_CHARACTERS_REMOVED = "control_characters_removed"
    EMAIL_IN_NAME = "email_in_name"
    EMAIL_INVALID = "email_invalid"
    IP_DROPPED = "ip_dropped"
    NAME_MISSING = "name_missing"
    NAME_SHORTENED = "name_shortened"
    PARENT_DELETED = "parent_deleted"
    PARENT_ELSEWHERE = "parent_elsewhere"
    PARENT_MISSING = "parent_missing"
    TIME_IN_FUTURE = "time_in_future"
    TIME_MISSING = "time_missing"
    TIME_ZONE_ASSUMED = "time_zone_assumed"
    URL_DROPPED = "url_dropped"


@dataclass(kw_only=True, slots=True)
class SourceDecision:
    """The other system's decision about a comment."""

    verdict: Verdict
    evidence: DecisionEvidence
    reasons: Sequence[str] = ()  #: our codes
    at: datetime | None = None
    by: str | None = None  #: the moderator's name there; stored as a keyed hash


@dataclass(kw_only=True, slots=True)
class ImportRecord:
    """One comment of another system, in our terms."""

    id: str  #: there, without the name of the source
    external_id: str  #: `SOURCE:ID`
    parent: str | None = None  #: `external_id`; resolved by `parents`
    article: str
    article_title: str | None = None
    article_section: str | None = None
    author_name: str
    author_email: str | None = None
    author_url: str | None = None
    author_id: str | None = None
    ip: str | None = None
    written_at: datetime
    edited_at: datetime | None = None
    body: str
    status: Status
    decision: SourceDecision | None = None
    teaches: Mapping[str, bool] | None = None  #: label to whether it holds; {}: none
    scores: Sequence[Mapping[str, Any]] = ()
    reports: Mapping[str, int] = field(default_factory=dict)
    pick: bool = False
    aside: Mapping[str, Any] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    named_parent: str | None = None  #: `external_id` as the source has it


@dataclass(kw_only=True, slots=True)
class SkippedRow:
    """A row that is no comment, or a comment that its author or an editor deleted."""

    id: str
    why: str
    named_parent: str | None = None  #: `external_id`, for replies that go up


@dataclass(kw_only=True, slots=True)
class RefusedRow:
    """A row that should have become a comment."""

    id: str  #: `?`: it has none
    says: str
    line: int | None = None  #: from 1, where the format has lines
    named_parent: str | None = None


ImportItem = ImportRecord | SkippedRow | RefusedRow


def external_id(source: str, number: str) -> str:
    """Return the id under which a comment of a source is stored."""
    return f"{source}:{number}"


def learned_labels(
    status: Status, decision: SourceDecision | None
) -> dict[str, bool] | None:
    """Return what a decision teaches: {} that no label holds, None nothing.

    Approvals of moderators, and what was published, teach that none holds. A
    moderator's rejection teaches the labels among its reasons. A program's, or one of
    unknown origin, teaches spam alone: authors also delete comments.
    """
    if decision is None or status is Status.PENDING:
        return None
    if decision.verdict is Verdict.APPROVE:
        return None if decision.evidence is DecisionEvidence.FILTER else {}
    known = HARMS if decision.evidence is DecisionEvidence.PERSON else ("spam",)
    return {label: True for label in known if label in decision.reasons} or None


def write_moment(moment: datetime | None) -> str | None:
    """Return a moment in RFC 3339, in UTC."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_json(record: ImportRecord) -> dict[str, Any]:
    """Return a record as JSON, without what is empty."""
    decision = record.decision
    teaches: Any = record.teaches
    if teaches is not None:
        is_plain = all(teaches.values())
        teaches = (sorted(teaches) or NONE_HOLDS) if is_plain else dict(teaches)
    body = {
        "external_id": record.external_id,
        "parent": record.parent,
        "article": record.article,
        "article_title": record.article_title,
        "article_section": record.article_section,
        "author_name": record.author_name,
        "author_email": record.author_email,
        "author_url": record.author_url,
        "author_id": record.author_id,
        "ip": record.ip,
        "written_at": write_moment(record.written_at),
        "edited_at": write_moment(record.edited_at),
        "body": record.body,
        "status": record.status.value,
        "decision": None if decision is None else _decision(decision),
        "teaches": teaches,
        "scores": [dict(score) for score in record.scores],
        "reports": dict(record.reports),
        "pick": record.pick or None,
        "aside": dict(record.aside),
        "notes": sorted(record.notes),
    }
    return {name: value for name, value in body.items() if value}


RECORD_FIELDS = (
    *("external_id", "parent", "article", "article_title", "article_section"),
    *("author_name", "author_email", "author_url", "author_id", "ip", "written_at"),
    *("edited_at", "body", "status", "decision", "teaches", "scores", "reports"),
    *("pick", "aside", "notes"),
)


def _decision(decision: SourceDecision) -> dict[str, Any]:
    body = {
        "verdict": decision.verdict.value,
        "evidence": decision.evidence.value,
        "at": write_moment(decision.at),
        "by": decision.by,
        "reasons": list(decision.reasons),
    }
    return {name: value for name, value in body.items() if value}
