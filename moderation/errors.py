"""The error tree of the service; a class's docstring is its default message.

    ModerationError
    ├── ConfigurationError
    ├── Unauthenticated
    │   └── SecondFactorNeeded
    ├── Forbidden
    │   └── SecondFactorRequired
    ├── NotFound
    ├── InvalidFields
    ├── TooManyRequests
    ├── Unavailable
    └── Conflict
        ├── DifferentBody
        ├── Overtaken
        │   ├── StaleVersion
        │   └── AlreadyClaimed
        ├── StaleRule
        ├── NotPending
        ├── Escalated
        ├── NotEscalated
        ├── NoLead
        ├── TooManyNotes
        ├── NotYours
        ├── NotAppealable
        ├── NotPromotable
        ├── TooFewDecisions
        ├── TooManyRules
        ├── StaleWebhook
        ├── TooManyWebhooks
        ├── WebhookOff
        └── UnfinishedJob

Domain errors know no HTTP: `moderation.web.errors` has the only table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class ModerationError(Exception):
    """The request could not be carried out."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)

    @property
    def message(self) -> str:
        """One sentence for the caller; never holds what the caller sent."""
        return str(self)


class ConfigurationError(ModerationError):
    """The service is not configured."""


class Unauthenticated(ModerationError):
    """A valid site key or staff token is needed in the Authorization header."""


class Forbidden(ModerationError):
    """These credentials do not allow this."""


class SecondFactorNeeded(Unauthenticated):
    """This person's log-in needs a code as well."""


class SecondFactorRequired(Forbidden):
    """Your role needs a second factor: switch it on in the console, under Account."""


class NotFound(ModerationError):
    """There is no such thing here."""


class InvalidFields(ModerationError):
    """Some fields are not valid.

    Parameters
    ----------
    fields
        Field name (dotted for nested ones) to its complaints.
    """

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__("Some fields are not valid.")
        self.fields = {name: list(complaints) for name, complaints in fields.items()}


class TooManyRequests(ModerationError):
    """Too many requests; wait a little and try again."""


class Unavailable(ModerationError):
    """The service can't do this at the moment; try again soon."""


class Conflict(ModerationError):
    """The thing is not in the state that this step needs."""


class DifferentBody(Conflict):
    """This Idempotency-Key or external_id was used before with a different body."""


@dataclass(frozen=True, kw_only=True)
class Current:
    """How a comment stands now, for whoever has seen it otherwise."""

    id: int
    version: int
    status: str
    revision: int
    body: str
    edited_at: datetime | None  #: when its author last changed the text
    claimed_by: str | None  #: login of whoever holds it now
    verdict: str  #: of the newest decision
    source: str  #: who decided
    decided_by: str | None  #: login, where a person decided
    decided_at: datetime
    reasons: list[dict[str, Any]]


class Overtaken(Conflict):
    """The comment is not as you saw it.

    Parameters
    ----------
    current
        How it is now; None where that doesn't help.
    """

    def __init__(
        self, message: str | None = None, current: Current | None = None
    ) -> None:
        super().__init__(message)
        self.current = current


class StaleVersion(Overtaken):
    """The comment changed since you saw it; read it again."""


class StaleRule(Conflict):
    """The rule changed since you saw it; read it again."""


class TooManyRules(Conflict):
    """The site's rules would be more than can be asked about each comment."""


class StaleWebhook(Conflict):
    """The webhook changed since you saw it; read it again."""


class TooManyWebhooks(Conflict):
    """The site has as many webhooks as it can have."""


class WebhookOff(Conflict):
    """The webhook is off; switch it on first."""


class AlreadyClaimed(Overtaken):
    """Another moderator holds this comment."""


class NotUndoable(Conflict):
    """This decision can't be taken back."""


class NotPending(Conflict):
    """The comment is not waiting for a decision."""


class Escalated(Conflict):
    """This comment waits for a lead."""


class NotEscalated(Conflict):
    """This comment is not with the leads, or not yours to take back."""


class NoLead(Conflict):
    """This site has no other lead who could decide it."""


class TooManyNotes(Conflict):
    """This comment has as many notes as it can have."""


class NotYours(Conflict):
    """Whoever rejected this comment can't decide the appeal against it."""


class NotAppealable(Conflict):
    """There is nothing to appeal against."""


class NotPromotable(Conflict):
    """This model can't be promoted."""


class TooFewDecisions(Conflict):
    """There are too few decisions to learn from."""


class UnfinishedJob(Conflict):
    """A job of this kind is waiting or running at this site."""
