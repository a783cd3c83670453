"""Findings about the installation, with their remedies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from moderation.config import Settings
from moderation.models.serving import Scoring
from moderation.rekeying.installed import InstallationKeys


class Severity(StrEnum):
    """The severity of a finding."""

    WARNING = "warning"  #: the service works, but not as it could
    FAULT = "fault"  #: something doesn't work, or is lost if nothing is done


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that isn't as it should be."""

    severity: Severity
    text: str  #: one sentence; it holds no personal data and no secret
    advice: str  #: what to do, with the command where there is one
    #: Sets it right where that is safe, without a commit; None: an admin must.
    fix: Callable[[], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class Examined:
    """The parts that the checks examine."""

    session: Session
    settings: Settings
    environment: dict[str, str]  #: as the settings were read from
    settings_file: Path | None
    keys: InstallationKeys
    audit_key: bytes
    scoring: Scoring
    now: datetime


#: Looks at one thing; no findings: it is in order.
Check = Callable[[Examined], Sequence[Finding]]


def warning(
    text: str, advice: str, fix: Callable[[], None] | None = None
) -> list[Finding]:
    """Return one warning."""
    return [Finding(severity=Severity.WARNING, text=text, advice=advice, fix=fix)]


def fault(
    text: str, advice: str, fix: Callable[[], None] | None = None
) -> list[Finding]:
    """Return one fault."""
    return [Finding(severity=Severity.FAULT, text=text, advice=advice, fix=fix)]
