"""Sends notifications: leased, written in the recipient's language, and settled."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from moderation.accounts import scope, sessions
from moderation.accounts.scope import Scope
from moderation.accounts.staff import Person, Role
from moderation.config import Settings
from moderation.database import Sessions, start_writing
from moderation.insights.digest import load_digest
from moderation.monitoring.occurrences import load_facts
from moderation.notifications import mail, outbox, preferences, site_chat
from moderation.notifications.kinds import (
    ROLE_OF,
    ChatFormat,
    NotificationChannel,
    NotificationKind,
)
from moderation.notifications.mail import MailServer
from moderation.notifications.messages import Message, to_email, to_slack, to_teams
from moderation.notifications.outbox import LeasedNotification, SendResult
from moderation.notifications.quiet_hours import end_of_quiet
from moderation.notifications.wording import NotificationFact, compose, words
from moderation.privacy import Privacy, UnreadableEmail
from moderation.tables.notifications import NotificationProfile, SiteNotifications
from moderation.webhooks.sender import send as post
from moderation.worker.dispatch import chance

OWN_SETTINGS = "/console/account#notifications"
SITE_SETTINGS = "/console/settings/notifications"
NO_KEY = "the address can't be read: its key is gone"
NO_SERVER = "no mail server is set"
#: HTTP statuses of a chat that a further attempt may change.
RETRIED = (408, 429)
#: Kinds that no quiet hours hold back: they were asked for, for this moment.
ASKED_FOR = (
    NotificationKind.DIGEST,
    NotificationKind.TEST,
    NotificationKind.CONFIRMATION,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """The needed parts of every notification."""

    sessions: Sessions
    privacy: Privacy
    server: MailServer | None  #: None: no email is sent
    networks: Sequence[str]  #: private ones that may be reached
    home: str  #: address of this service; empty: unknown
    link_key: bytes  #: of the links that confirm addresses
    spacing: timedelta  #: between two messages of a kind to one recipient


@dataclass(frozen=True, kw_only=True)
class Destination:
    """The destination of one notification."""

    address: str  #: an email address, or the URL of a chat webhook
    chat_format: ChatFormat | None
    language: str


def build(settings: Settings, open_session: Sessions, privacy: Privacy) -> Notifier:
    """Return what a worker with some settings has."""
    server = None
    if settings.smtp_host:
        server = MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            encryption=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password,
            sender=settings.smtp_sender,
        )
    return Notifier(
        sessions=open_session,
        privacy=privacy,
        server=server,
        networks=settings.callback_networks,
        home=settings.public_url,
        link_key=preferences.derive_link_key(settings.secret_key),
        spacing=timedelta(minutes=settings.notification_minutes),
    )


def send_next(
    notifier: Notifier, channel: NotificationChannel, now: datetime | None = None
) -> bool:
    """Send the next notification that is due; tell if there was one."""
    moment = now or datetime.now(UTC)
    with notifier.sessions() as session:
        if not outbox.has_due(session, channel, moment):
            return False
        start_writing(session)
        leased = outbox.take_due(session, channel, moment)
        session.commit()
    if leased is None:
        return True  # another worker's; there may be more
    try:
        written = _write(notifier, leased, moment)
    except UnreadableEmail:
        result = SendResult(fault=NO_KEY, is_final=True)
    else:
        if written is None:
            return True
        result = _send(notifier, leased, *written, at=moment)
    logger.info(
        "notification %s over %s: %s", leased.id, channel, result.fault or "sent"
    )
    with notifier.sessions() as session:
        start_writing(session)
        settled_at = now or datetime.now(UTC)
        outbox.settle(session, leased, result, now=settled_at, chance=chance())
        session.commit()
    return True


def _write(
    notifier: Notifier, leased: LeasedNotification, now: datetime
) -> tuple[Destination, Message] | None:
    """Return the message and where it goes; None: it was dropped, or put off."""
    with notifier.sessions() as session:
        if leased.recipient.staff_id is not None:
            written = _to_staff(notifier, session, leased, now)
        else:
            written = _to_site(notifier, session, leased, now)
        if isinstance(written, tuple):
            return written
    with notifier.sessions() as session:
        start_writing(session)
        if written is None:
            outbox.drop(session, leased, now)
        else:
            outbox.postpone(session, leased, written)
        session.commit()
    logger.info("notification %s isn't sent now", leased.id)
    return None


def _to_staff(
    notifier: Notifier, session: Session, leased: LeasedNotification, now: datetime
) -> tuple[Destination, Message] | datetime | None:
    """Return the message to a staff member, or until when it is put off."""
    staff_id = leased.recipient.staff_id or 0
    person = sessions.find_person(session, staff_id)
    profile = session.get(NotificationProfile, staff_id)
    if person is None or profile is None:
        return None
    destination = _destination_of(notifier, profile, leased)
    if destination is None:
        return None
    if leased.kind not in ASKED_FOR:
        quiet_until = end_of_quiet(
            now, profile.timezone, profile.quiet_from, profile.quiet_until
        )
        if quiet_until is not None:
            return quiet_until
    if leased.kind is NotificationKind.CONFIRMATION:
        token = preferences.create_link_token(profile, notifier.link_key)
        facts = [
            NotificationFact(
                text="confirmation",
                path=f"/console/notifications/{token}",
                values={"login": person.login},
            )
        ]
    else:
        facts = _facts_for(session, leased, person, now)
    return _composed(notifier, leased.kind, facts, destination, OWN_SETTINGS)


def _facts_for(
    session: Session, leased: LeasedNotification, person: Person, now: datetime
) -> list[NotificationFact]:
    """Return what is still to be sent to a staff member, in what they may see."""
    kind = leased.kind
    if kind is NotificationKind.TEST:
        return [NotificationFact(text="test")]
    is_own_job = kind is NotificationKind.JOB_FAILED  # started with any role
    own = person.scope(Role.MODERATOR if is_own_job else ROLE_OF[kind])
    quoted = site_chat.sites_that_include_texts(session, own.site_ids)
    scope.limit(session, own, person.id)
    if kind is NotificationKind.DIGEST:
        return load_digest(session, own.site_ids, now)
    return load_facts(session, kind, leased.subjects, own, quoted, now)


def _to_site(
    notifier: Notifier, session: Session, leased: LeasedNotification, now: datetime
) -> tuple[Destination, Message] | None:
    """Return the message to a site's chat."""
    site_id = leased.recipient.site_id or 0
    settings = session.get(SiteNotifications, site_id)
    url = settings and site_chat.open_url(settings, notifier.privacy)
    if settings is None or not url:
        return None
    destination = Destination(
        address=url,
        chat_format=ChatFormat(settings.chat_format or ""),
        language=settings.language,
    )
    if leased.kind is NotificationKind.TEST:
        facts = [NotificationFact(text="test")]
    else:
        whole = Scope(sections={site_id: None})
        quoted = [site_id] if settings.includes_texts else []
        facts = load_facts(session, leased.kind, leased.subjects, whole, quoted, now)
    return _composed(notifier, leased.kind, facts, destination, SITE_SETTINGS)


def _destination_of(
    notifier: Notifier, profile: NotificationProfile, leased: LeasedNotification
) -> Destination | None:
    """Return where a staff member gets a notification; None: nowhere any more."""
    chat_format = None
    if leased.channel is NotificationChannel.EMAIL:
        is_asked = leased.kind is NotificationKind.CONFIRMATION
        if not (is_asked or profile.email_confirmed_at):
            return None
        address = preferences.open_email(profile, notifier.privacy)
    else:
        address = preferences.open_chat_url(profile, notifier.privacy)
        chat_format = ChatFormat(profile.chat_format or "") if address else None
    if address is None:
        return None
    return Destination(
        address=address, chat_format=chat_format, language=profile.language
    )


def _composed(
    notifier: Notifier,
    kind: NotificationKind,
    facts: Sequence[NotificationFact],
    destination: Destination,
    settings_path: str,
) -> tuple[Destination, Message] | None:
    if not facts:
        return None
    t = words(destination.language)
    message = compose(
        kind,
        facts,
        t=t,
        direction=t.language.direction,
        home=notifier.home,
        settings_path=settings_path,
    )
    return destination, message


def _send(
    notifier: Notifier,
    leased: LeasedNotification,
    destination: Destination,
    message: Message,
    *,
    at: datetime,
) -> SendResult:
    if destination.chat_format is None:
        if notifier.server is None:
            return SendResult(fault=NO_SERVER, is_down=True)
        email = to_email(
            message,
            sender=notifier.server.sender,
            recipient=destination.address,
            number=leased.id,
            at=at,
        )
        return mail.send(notifier.server, email)
    is_slack = destination.chat_format is ChatFormat.SLACK
    payload = to_slack(message) if is_slack else to_teams(message)
    answer = post(destination.address, notifier.networks, json=payload)
    is_refused = answer.status is not None and 400 <= answer.status < 500
    return SendResult(
        fault=answer.fault, is_final=is_refused and answer.status not in RETRIED
    )
