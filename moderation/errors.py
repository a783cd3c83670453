"""The error tree of the service; a class's docstring is its default message.

    ModerationError
    ├── ConfigurationError
    ├── Unauthenticated
    │   └── SecondFactorNeeded
    ├── Forbidden
    │   ├── CommentsClosed
    │   ├── LocalLoginOff
    │   ├── NoMappedGroup
    │   ├── OriginRefused
    │   ├── ScopeMissing
    │   ├── SecondFactorRequired
    │   ├── SignOnDenied
    │   ├── SignOnFailed
    │   └── StaffDisabled
    ├── NotFound
    ├── InvalidFields
    ├── TooLarge
    ├── TooManyRequests
    ├── Unavailable
    │   └── ProviderFailed
    └── Conflict
        ├── Overtaken
        │   ├── StaleVersion
        │   └── AlreadyClaimed
        └── what a state doesn't allow, each a class of its own

Domain errors know no HTTP: `moderation.web.errors` has the only table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar


class ModerationError(Exception):
    """The request could not be carried out."""

    #: In the answer, for programs: it stays the same when the class is renamed.
    code: ClassVar[str] = "moderation_error"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)

    @property
    def message(self) -> str:
        """One sentence for the caller; never holds what the caller sent."""
        return str(self)


class ConfigurationError(ModerationError):
    """The service is not configured."""

    code = "configuration_error"


class Unauthenticated(ModerationError):
    """A valid site key or staff token is needed in the Authorization header."""

    code = "unauthenticated"


class Forbidden(ModerationError):
    """These credentials do not allow this."""

    code = "forbidden"


class SecondFactorNeeded(Unauthenticated):
    """This person's log-in needs a code as well."""

    code = "second_factor_needed"


class SecondFactorRequired(Forbidden):
    """Your role needs a second factor: switch it on in the console, under Account."""

    code = "second_factor_required"


class ScopeMissing(Forbidden):
    """The token or key lacks the scope that this needs."""

    code = "scope_missing"


class OriginRefused(Forbidden):
    """This key can't be used by pages of this origin."""

    code = "origin_refused"


class LocalLoginOff(Forbidden):
    """Passwords are switched off here: log in with your organization."""

    code = "local_login_off"


class SignOnFailed(Forbidden):
    """The log-in with your organization was not completed; start it again."""

    code = "sign_on_failed"


class SignOnDenied(Forbidden):
    """Your organization did not let you log in here."""

    code = "sign_on_denied"


class NoMappedGroup(Forbidden):
    """None of your organization's groups that you are in has a role here."""

    code = "no_mapped_group"


class StaffDisabled(Forbidden):
    """This account is disabled."""

    code = "staff_disabled"


class CommentsClosed(Forbidden):
    """This article takes no comments now; nothing was stored."""

    code = "comments_closed"

    def __init__(self, closed_by: str, opens_at: datetime | None) -> None:
        super().__init__()
        self.closed_by, self.opens_at = closed_by, opens_at


class NotFound(ModerationError):
    """There is no such thing here."""

    code = "not_found"


class InvalidFields(ModerationError):
    """Some fields are not valid.

    Parameters
    ----------
    fields
        Field name (dotted for nested ones) to its complaints.
    """

    code = "invalid_fields"

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__("Some fields are not valid.")
        self.fields = {name: list(complaints) for name, complaints in fields.items()}


class TooLarge(ModerationError):
    """This is more than this installation takes."""

    code = "too_large"


class TooManyRequests(ModerationError):
    """Too many requests; wait a little and try again.

    Parameters
    ----------
    retry_after
        How long the same request would still be refused.
    """

    code = "too_many_requests"

    def __init__(self, *, retry_after: timedelta) -> None:
        self.retry_after_seconds = max(1, math.ceil(retry_after.total_seconds()))
        super().__init__(
            f"Too many requests; try again in {self.retry_after_seconds} s."
        )


class Unavailable(ModerationError):
    """The service can't do this at the moment; try again soon."""

    code = "unavailable"


class ProviderFailed(Unavailable):
    """Your organization's log-in can't be used at the moment; try again soon."""

    code = "provider_failed"


class Conflict(ModerationError):
    """The thing is not in the state that this step needs."""

    code = "conflict"


class DifferentBody(Conflict):
    """This Idempotency-Key or external_id was used before with a different body."""

    code = "different_body"


@dataclass(frozen=True, kw_only=True)
class CurrentComment:
    """A comment's current state, for a caller that has an older one."""

    id: int
    version: int
    status: str
    revision: int
    body: str
    edited_at: datetime | None  #: when its author last changed the text
    claimed_by: str | None  #: login of the moderator who claims it now
    verdict: str  #: of the newest decision
    source: str  #: who decided
    decided_by: str | None  #: login, where a person decided
    decided_at: datetime
    reasons: Sequence[Mapping[str, Any]]


class Overtaken(Conflict):
    """The comment is not as you saw it.

    Parameters
    ----------
    current
        How it is now; None where that doesn't help.
    """

    code = "overtaken"

    def __init__(
        self, message: str | None = None, current: CurrentComment | None = None
    ) -> None:
        super().__init__(message)
        self.current = current


class StaleVersion(Overtaken):
    """The comment changed since you saw it; read it again."""

    code = "stale_version"


class StalePolicy(Conflict):
    """Another policy was applied since you read this one; read it again."""

    code = "stale_policy"


class StaleRule(Conflict):
    """The rule changed since you saw it; read it again."""

    code = "stale_rule"


class TooManyRules(Conflict):
    """The site's rules would be more than can be asked about each comment."""

    code = "too_many_rules"


class StaleWebhook(Conflict):
    """The webhook changed since you saw it; read it again."""

    code = "stale_webhook"


class StaleSettings(Conflict):
    """These settings changed since you saw them; read them again."""

    code = "stale_settings"


class TooManyWebhooks(Conflict):
    """The site has as many webhooks as it can have."""

    code = "too_many_webhooks"


class WebhookOff(Conflict):
    """The webhook is off; switch it on first."""

    code = "webhook_off"


class TooManyKeys(Conflict):
    """The site has as many valid keys as it can have; revoke one first."""

    code = "too_many_keys"


class AlreadyClaimed(Overtaken):
    """Another moderator holds this comment."""

    code = "already_claimed"


class NotUndoable(Conflict):
    """This decision can't be undone."""

    code = "not_undoable"


class NotPending(Conflict):
    """The comment is not waiting for a decision."""

    code = "not_pending"


class WaitsForLead(Conflict):
    """This comment waits for a lead."""

    code = "escalated"


class NotEscalated(Conflict):
    """This comment isn't escalated, or you didn't escalate it."""

    code = "not_escalated"


class NoLead(Conflict):
    """This site has no other lead who could decide it."""

    code = "no_lead"


class TooManyNotes(Conflict):
    """This comment has as many notes as it can have."""

    code = "too_many_notes"


class NotYours(Conflict):
    """The moderator who rejected this comment can't decide the appeal against it."""

    code = "not_yours"


class NotAppealable(Conflict):
    """There is nothing to appeal against."""

    code = "not_appealable"


class NotPromotable(Conflict):
    """This model can't be promoted."""

    code = "not_promotable"


class TooFewDecisions(Conflict):
    """There are too few decisions to learn from."""

    code = "too_few_decisions"


class EmailOff(Conflict):
    """Set MODERATION_SMTP_HOST and MODERATION_PUBLIC_URL to send email."""

    code = "email_off"


class ChannelNotSet(Conflict):
    """There is no confirmed address, or no chat webhook, to send to."""

    code = "channel_not_set"


class UnfinishedJob(Conflict):
    """A job of this kind is waiting or running at this site."""

    code = "unfinished_job"


class UsernameTaken(Conflict):
    """Another account has this username."""

    code = "username_taken"
