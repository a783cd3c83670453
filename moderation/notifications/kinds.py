"""Pure: what staff can be notified of, over which channels."""

from __future__ import annotations

from enum import StrEnum

from moderation.accounts.staff import Role
from moderation.languages.registry import TextPart, offered


class NotificationKind(StrEnum):
    """The subject of a notification."""

    OVERDUE = "overdue"  #: comments are overdue; a subject is a site
    ESCALATED = "escalated"  #: to the leads; a subject is an escalation
    WAVE = "wave"  #: a brake holds comments; a subject is a brake
    DRIFT = "drift"  #: a drift alert; a subject is one
    JOB_FAILED = "job_failed"  #: a subject is a job
    NOTICE = "notice"  #: of illegal content: of a threat to life, or overdue
    DIGEST = "digest"  #: figures of the last day; a subject is a site
    TEST = "test"  #: asked for by the person or an admin; without subjects
    CONFIRMATION = "confirmation"  #: the link that confirms an address


class NotificationChannel(StrEnum):
    """The channel of a notification."""

    EMAIL = "email"
    CHAT = "chat"  #: an incoming webhook of a chat


class ChatFormat(StrEnum):
    """Whose incoming webhook it is."""

    SLACK = "slack"
    TEAMS = "teams"


class NotificationState(StrEnum):
    """The state of a notification."""

    WAITING = "waiting"  #: to be sent, perhaps again
    SENT = "sent"
    FAILED = "failed"  #: given up
    DROPPED = "dropped"  #: what it was about was over, or its recipient had left


#: What a staff member chooses from.
CHOSEN = tuple(
    kind
    for kind in NotificationKind
    if kind not in (NotificationKind.TEST, NotificationKind.CONFIRMATION)
)
#: What a site's chat can get: a digest is a person's.
CHOSEN_OF_SITES = tuple(kind for kind in CHOSEN if kind is not NotificationKind.DIGEST)

#: The least role that is notified.
ROLE_OF = {
    NotificationKind.OVERDUE: Role.MODERATOR,
    NotificationKind.ESCALATED: Role.LEAD,
    NotificationKind.WAVE: Role.MODERATOR,
    NotificationKind.DRIFT: Role.ADMIN,
    NotificationKind.JOB_FAILED: Role.ADMIN,
    NotificationKind.NOTICE: Role.MODERATOR,
    NotificationKind.DIGEST: Role.MODERATOR,
}

#: Until a staff member has chosen: what needs someone, over each channel that they
#: have set up.
DEFAULT_CHOICES: dict[NotificationKind, tuple[NotificationChannel, ...]] = {
    kind: () if kind is NotificationKind.DIGEST else tuple(NotificationChannel)
    for kind in CHOSEN
}
LANGUAGES = offered(TextPart.NOTIFICATIONS)  # codes, the default first
