"""Find who decided about a WordPress comment, from the notes of Akismet's plugin.

Source: class.akismet.php of plugin 5.5, and of older versions (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from moderation.importing.drafts import UnreadableTime, read_unix_time
from moderation.importing.php_values import UnreadablePhp, read_php
from moderation.importing.records import DecisionEvidence, SourceDecision
from moderation.policy.verdicts import Status, Verdict

HISTORY = "akismet_history"
#: Events of moderators, and the status that they lead to.
_BY_PEOPLE = {
    "report-spam": Status.REJECTED,
    "report-ham": Status.APPROVED,
    "status-approved": Status.APPROVED,
    "status-spam": Status.REJECTED,
    "status-trash": Status.REJECTED,
    "status-unapproved": Status.PENDING,
}
#: Events of programs that reject.
_BY_FILTERS = frozenset(
    {
        *("check-spam", "recheck-spam", "cron-retry-spam", "webhook-spam"),
        *("wp-disallowed", "wp-blacklisted", "akismet-skipped-disallowed"),
    }
)
_PROVING = {
    status: [name for name, led_to in _BY_PEOPLE.items() if led_to is status]
    + [name for name in sorted(_BY_FILTERS) if status is Status.REJECTED]
    for status in Status
}


@dataclass(frozen=True, kw_only=True)
class _HistoryEvent:
    name: str
    at: datetime
    user: str | None


def decide(
    status: Status, reasons: Sequence[str], history: Sequence[str]
) -> SourceDecision | None:
    """Return the decision that led to a comment's status; None: it is pending.

    The last event of a moderator that fits the status counts; else, for a rejection,
    the last one of a program. Old versions noted the user logged in when a comment
    came, which makes no moderator of them.

    Parameters
    ----------
    history
        Values of the comment's `akismet_history`.
    """
    if status is Status.PENDING:
        return None
    verdict = Verdict.APPROVE if status is Status.APPROVED else Verdict.REJECT
    # Most events prove nothing: their values aren't worth reading.
    names = _PROVING[status]
    events = [
        event
        for value in history
        if any(name in value for name in names) and (event := _read(value)) is not None
    ]
    events.sort(key=lambda event: event.at)
    for event in reversed(events):
        if event.user and _BY_PEOPLE.get(event.name) is status:
            return SourceDecision(
                verdict=verdict,
                evidence=DecisionEvidence.PERSON,
                reasons=reasons,
                at=event.at,
                by=event.user,
            )
    if status is Status.REJECTED:
        for event in reversed(events):
            if event.name in _BY_FILTERS:
                return SourceDecision(
                    verdict=verdict,
                    evidence=DecisionEvidence.FILTER,
                    reasons=reasons,
                    at=event.at,
                )
    return SourceDecision(
        verdict=verdict, evidence=DecisionEvidence.UNKNOWN, reasons=reasons
    )


def _read(value: str) -> _HistoryEvent | None:
    try:
        event = read_php(value.strip())
        if not isinstance(event, dict):
            return None
        at = read_unix_time(event.get("time"))
    except (UnreadablePhp, UnreadableTime):
        return None
    user = event.get("user")
    return _HistoryEvent(
        name=str(event.get("event")),
        at=at,
        user=user if isinstance(user, str) else None,
    )
