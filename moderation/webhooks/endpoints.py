"""A site's webhooks: where it hears of events, with what they are signed."""

from __future__ import annotations

import base64
import ipaddress
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import InvalidFields, NotFound, StaleWebhook, TooManyWebhooks
from moderation.privacy import Privacy
from moderation.tables.webhooks import Webhook
from moderation.webhooks.outbox import EventType

PURPOSE = "webhook"  # of a secret while it is kept
SECRET_PREFIX = "whsec_"  # noqa: S105 - of Standard Webhooks: a secret can be found by it
SECRET_BYTES = 32  # 24 to 64, says Standard Webhooks
#: IPv4 addresses in IPv6 of an obsolete form (RFC 4291, 2.5.5.1): `::127.0.0.1`.
IPV4_COMPATIBLE = "::/96"
MAX_WEBHOOKS = 10  # of a site: each of its facts is written once for each

# What browsers take for a number, and resolvers for an address: `127.1`, `0x7f000001`.
_NUMERIC = re.compile(r"(\d+|0x[\da-f]*)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class WebhookSettings:
    """An admin's settings of a webhook."""

    url: str
    types: Collection[EventType]
    is_on: bool


def list_all(session: Session, site_id: int) -> Sequence[Webhook]:
    """Return the webhooks of a site, the oldest first."""
    return session.scalars(
        sa.select(Webhook)
        .where(Webhook.site_id == site_id, Webhook.deleted_at.is_(None))
        .order_by(Webhook.id)
    ).all()


def find(
    session: Session,
    webhook_id: int,
    site_ids: Collection[int],
    *,
    for_update: bool = False,
) -> Webhook:
    """Return a webhook of one of the sites.

    Raises
    ------
    NotFound
        If there is no such webhook there.
    """
    query = sa.select(Webhook).where(
        Webhook.id == webhook_id,
        Webhook.site_id.in_(site_ids),
        Webhook.deleted_at.is_(None),
    )
    webhook = session.scalar(query.with_for_update() if for_update else query)
    if webhook is None:
        raise NotFound("There is no such webhook.")
    return webhook


def add(
    session: Session,
    site_id: int,
    chosen: WebhookSettings,
    *,
    networks: Sequence[str],
    privacy: Privacy,
    staff_id: int,
    now: datetime,
) -> tuple[Webhook, str]:
    """Add a webhook to a site; return it with its secret, which is shown once.

    Raises
    ------
    InvalidFields
        If its address can't be one that events are sent to.
    TooManyWebhooks
        If the site has `MAX_WEBHOOKS`.
    """
    refuse_address(chosen.url, networks)
    if len(list_all(session, site_id)) >= MAX_WEBHOOKS:
        raise TooManyWebhooks
    secret = new_secret()
    webhook = Webhook(
        site_id=site_id,
        url=chosen.url,
        types=_in_order(chosen.types),
        is_on=chosen.is_on,
        sealed_secret=privacy.seal_secret(secret, PURPOSE, site_id),
        created_at=now,
        created_by=staff_id,
    )
    session.add(webhook)
    session.flush()
    record_change(session, AuditAction.WEBHOOK_CREATED, webhook)
    return webhook, secret


def change(
    session: Session,
    webhook: Webhook,
    version: int,
    chosen: WebhookSettings,
    *,
    networks: Sequence[str],
    staff_id: int,
    now: datetime,
) -> None:
    """Change a webhook; its queued deliveries go to its new URL.

    Raises
    ------
    StaleWebhook
        If someone has changed it since that version.
    InvalidFields
        If its address can't be one that events are sent to.
    """
    is_new = chosen.url != webhook.url
    if is_new:  # one that was taken stays, even if the setting has changed since
        refuse_address(chosen.url, networks)
    _next_version(webhook, version, staff_id, now)
    before = (webhook.url, webhook.types, webhook.is_on)
    if is_new or (chosen.is_on and not webhook.is_on):
        _start_anew(webhook)
    webhook.url, webhook.types = chosen.url, _in_order(chosen.types)
    webhook.is_on = chosen.is_on
    session.flush()
    after = (webhook.url, webhook.types, webhook.is_on)
    names = zip(("url", "types", "is_on"), before, after, strict=True)
    changed = [name for name, former, current in names if former != current]
    record_change(session, AuditAction.WEBHOOK_CHANGED, webhook, changed=changed)


def rotate(
    session: Session,
    webhook: Webhook,
    version: int,
    *,
    overlap: timedelta,
    privacy: Privacy,
    staff_id: int,
    now: datetime,
) -> str:
    """Give a webhook a new secret and return it, to be shown once.

    Events are signed with the older one, too, until the overlap is over.

    Raises
    ------
    StaleWebhook
        If someone has changed it since that version.
    """
    _next_version(webhook, version, staff_id, now)
    webhook.former_secret = webhook.sealed_secret if overlap else None
    webhook.former_until = now + overlap if overlap else None
    secret = new_secret()
    webhook.sealed_secret = privacy.seal_secret(secret, PURPOSE, webhook.site_id)
    session.flush()
    hours = overlap // timedelta(hours=1)
    action = AuditAction.WEBHOOK_SECRET_ROTATED
    record_change(session, action, webhook, overlap_hours=hours)
    return secret


def delete(
    session: Session, webhook: Webhook, version: int, *, staff_id: int, now: datetime
) -> None:
    """Take a webhook out of use; nothing more is sent to it.

    Its row stays a while: a comment that is being stored may still point to it.

    Raises
    ------
    StaleWebhook
        If someone has changed it since that version.
    """
    _next_version(webhook, version, staff_id, now)
    webhook.is_on, webhook.deleted_at = False, now
    webhook.former_secret = None
    session.flush()
    record_change(session, AuditAction.WEBHOOK_DELETED, webhook)


def record_change(
    session: Session,
    action: AuditAction,
    webhook: Webhook,
    **details: Any,  # as `record` takes them
) -> None:
    """Record what was done to a webhook, without its URL: it may name a person."""
    target = (TargetKind.WEBHOOK, webhook.id)
    record(session, action, target=target, site_id=webhook.site_id, **details)


def secrets_of(webhook: Webhook, privacy: Privacy, now: datetime) -> list[str]:
    """Return the secrets that an event is signed with now, the newest first.

    Raises
    ------
    moderation.privacy.UnreadableEmail
        If the key that they are sealed with is gone.
    """
    sealed = [webhook.sealed_secret]
    if webhook.former_secret and webhook.former_until and webhook.former_until > now:
        sealed.append(webhook.former_secret)
    return [privacy.open_secret(each, PURPOSE, webhook.site_id) for each in sealed]


def new_secret() -> str:
    """Return a secret in the form that Standard Webhooks gives it."""
    drawn = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    return f"{SECRET_PREFIX}{drawn}"


def refuse_address(url: str, networks: Sequence[str]) -> None:
    """Refuse an address that events are never sent to.

    What a name resolves to is seen when something is sent: here nothing asks DNS.

    Parameters
    ----------
    networks
        The private ones that may be reached; `http` is for them alone.

    Raises
    ------
    InvalidFields
        Naming `url`.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    address = _address(host)
    inside = address is not None and any(
        address in ipaddress.ip_network(each) for each in networks
    )
    complaint = None
    if address is None and _NUMERIC.fullmatch(host.rpartition(".")[2]):
        complaint = "Not a valid IP address."
    elif not inside and _is_private(host, address):
        complaint = (
            "Lies in a private network that is not among MODERATION_CALLBACK_NETWORKS."
        )
    elif parts.scheme == "http" and not (inside or (address is None and networks)):
        complaint = (
            "Must begin with https://; http is for the networks in "
            "MODERATION_CALLBACK_NETWORKS alone."
        )
    if complaint is not None:
        raise InvalidFields({"url": [complaint]})


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_private(
    host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None
) -> bool:
    if address is not None:
        return not address.is_global or address in ipaddress.ip_network(IPV4_COMPATIBLE)
    return host == "localhost" or host.endswith(".localhost")  # RFC 6761, 6.3


def _next_version(webhook: Webhook, version: int, staff_id: int, now: datetime) -> None:
    if webhook.version != version:
        raise StaleWebhook
    webhook.version += 1
    webhook.changed_at, webhook.changed_by = now, staff_id


def _start_anew(webhook: Webhook) -> None:
    """Forget how it answered before."""
    webhook.failing_since = webhook.fault = webhook.quiet_until = None
    webhook.gone_at, webhook.failures = None, 0


def _in_order(types: Collection[EventType]) -> list[str]:
    return [each.value for each in EventType if each in types]
