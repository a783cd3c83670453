"""Sites: their keys, their policy, and what of them a request needs."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.errors import Conflict, InvalidFields, NotFound
from moderation.policy.thresholds import (
    REPORT_THRESHOLD,
    Moderation,
    Policy,
    Threshold,
)
from moderation.privacy import Privacy, keyed_hash
from moderation.sites import protocols
from moderation.sites.protocols import Integrations, Protocol
from moderation.tables.sites import Site, SiteKey, SitePolicy, SiteSecret
from moderation.tables.webhooks import Webhook

KEY_LENGTH = 12  # what the Akismet plugin of WordPress accepts; 62 bits
KEY_ALPHABET = string.ascii_lowercase + string.digits
LISTED_POLICIES = 30  # the newest ones
SITE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, kw_only=True)
class SiteContext:
    """What a request needs to know of its site, read in one query."""

    id: int
    name: str
    policy_id: int
    policy: Policy
    model_id: int | None
    integrations: Integrations = field(default_factory=Integrations)
    rules_version: int = 0  #: counts the changes of the site's rules; 0: it has none
    has_webhooks: bool = False  #: somebody wants to hear of events


def create_site(
    session: Session, name: str, policy: Mapping[str, Any], now: datetime
) -> Site:
    """Add a site with its first policy.

    Raises
    ------
    InvalidFields
        If the name is not 1 to 63 lower-case letters, digits and hyphens.
    Conflict
        If the name is taken.
    """
    if not SITE_NAME.fullmatch(name):
        complaint = "Must be 1 to 63 lower-case letters, digits and hyphens."
        raise InvalidFields({"name": [complaint]})
    if session.scalar(sa.select(Site.id).where(Site.name == name)) is not None:
        raise Conflict("A site of this name exists.")
    site = Site(name=name, created_at=now)
    session.add(site)
    session.flush()
    write_policy(session, site.id, policy, staff_id=None, now=now)
    return site


def issue_key(session: Session, site_id: int, hash_key: bytes, now: datetime) -> str:
    """Give a site a further key and return it; it can't be shown again."""
    key = "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))
    session.add(
        SiteKey(site_id=site_id, key_hash=keyed_hash(hash_key, key), created_at=now)
    )
    return key


def rotate_key(
    session: Session, site_id: int, hash_key: bytes, now: datetime, overlap: timedelta
) -> str:
    """Give a site a new key and return it; the older ones end after the overlap."""
    session.execute(
        sa.update(SiteKey)
        .where(SiteKey.site_id == site_id, _is_open(SiteKey.revoked_at, now + overlap))
        .values(revoked_at=now + overlap)
    )
    return issue_key(session, site_id, hash_key, now)


def looks_like_key(text: str) -> bool:
    """Tell whether a credential has the form of a site key."""
    return len(text) == KEY_LENGTH and set(text) <= set(KEY_ALPHABET)


def find_by_key(
    session: Session, key: str, hash_key: bytes, now: datetime | None = None
) -> SiteContext | None:
    """Return the site whose unrevoked key this is; now, if no other time is given."""
    moment = now or datetime.now(UTC)
    return _context(session, _BY_KEY, keyed_hash(hash_key, key), moment)


def find_by_id(session: Session, site_id: int) -> SiteContext | None:
    """Return what a request needs to know of a site."""
    return _context(session, _BY_ID, site_id)


def find_by_name(session: Session, name: str) -> SiteContext | None:
    """Return what a request needs to know of a site."""
    return _context(session, _BY_NAME, name)


def get_by_name(session: Session, name: str) -> SiteContext:
    """Return what a request needs to know of a site.

    Raises
    ------
    NotFound
        If there is none of that name.
    """
    site = find_by_name(session, name) if SITE_NAME.fullmatch(name) else None
    if site is None:
        raise NotFound(f"There is no site {name!r}.")
    return site


# Built once: to put a statement together costs more than to run it.
_WANTED: sa.BindParameter[Any] = sa.bindparam("wanted")
_NOW: sa.BindParameter[Any] = sa.bindparam("now", type_=SiteKey.created_at.type)


def _is_open(
    revoked_at: InstrumentedAttribute[datetime | None],
    now: datetime | sa.BindParameter[Any],
) -> sa.ColumnElement[bool]:
    return sa.or_(revoked_at.is_(None), revoked_at > now)


def has_webhooks(site_id: int | InstrumentedAttribute[int]) -> sa.Exists:
    """Return the condition that a site has an active webhook."""
    return sa.exists().where(Webhook.site_id == site_id, Webhook.is_on)


_SITE_AND_POLICY = sa.select(
    Site.id,
    Site.name,
    Site.model_id,
    Site.integrations,
    Site.rules_version,
    has_webhooks(Site.id),
    SitePolicy.id,
    SitePolicy.body,
).join(SitePolicy, SitePolicy.id == Site.policy_id)
_BY_ID = _SITE_AND_POLICY.where(Site.id == _WANTED)
_BY_NAME = _SITE_AND_POLICY.where(Site.name == _WANTED)
_BY_KEY = _SITE_AND_POLICY.join(SiteKey, SiteKey.site_id == Site.id).where(
    SiteKey.key_hash == _WANTED, _is_open(SiteKey.revoked_at, _NOW)
)


def _context(
    session: Session,
    query: sa.Select[Any],
    wanted: int | str,
    now: datetime | None = None,
) -> SiteContext | None:
    values = {"wanted": wanted} if now is None else {"wanted": wanted, "now": now}
    session.flush()  # past the ORM, which would do so, and hand the columns through
    row = session.connection().execute(query, values).first()
    if row is None:
        return None
    site_id, name, model_id, spoken, rules_version, listens, policy_id, body = row
    return SiteContext(
        id=site_id,
        name=name,
        model_id=model_id,
        policy_id=policy_id,
        policy=read_policy(body),
        integrations=protocols.read(spoken),
        rules_version=rules_version,
        has_webhooks=listens,
    )


def set_integrations(session: Session, site_id: int, wanted: Integrations) -> None:
    """Switch foreign protocols on and off at a site.

    Raises
    ------
    InvalidFields
        If an address in it is none.
    """
    protocols.check(wanted)
    session.execute(
        sa.update(Site).where(Site.id == site_id).values(integrations=wanted.as_json())
    )


def add_secret(
    session: Session,
    site_id: int,
    protocol: Protocol,
    secret: str,
    *,
    privacy: Privacy,
    now: datetime,
    overlap: timedelta,
) -> None:
    """Keep a secret that a site's software signs with; older ones end after a while."""
    session.execute(
        sa.update(SiteSecret)
        .where(
            SiteSecret.site_id == site_id,
            SiteSecret.protocol == protocol.value,
            _is_open(SiteSecret.revoked_at, now + overlap),
        )
        .values(revoked_at=now + overlap)
    )
    session.add(
        SiteSecret(
            site_id=site_id,
            protocol=protocol.value,
            sealed=privacy.seal_secret(secret, protocol.value, site_id),
            created_at=now,
        )
    )


def secrets_of(
    session: Session,
    site_id: int,
    protocol: Protocol,
    *,
    privacy: Privacy,
    now: datetime,
) -> list[str]:
    """Return the secrets that a site's software may sign with, the newest first."""
    sealed = session.scalars(
        sa.select(SiteSecret.sealed)
        .where(
            SiteSecret.site_id == site_id,
            SiteSecret.protocol == protocol.value,
            _is_open(SiteSecret.revoked_at, now),
        )
        .order_by(SiteSecret.id.desc())
    )
    return [privacy.open_secret(each, protocol.value, site_id) for each in sealed]


def write_policy(
    session: Session,
    site_id: int,
    body: Mapping[str, Any],
    *,
    staff_id: int | None,
    now: datetime,
) -> SitePolicy:
    """Put a new policy in force; the older one stays on record."""
    policy = SitePolicy(
        site_id=site_id, body=dict(body), created_at=now, staff_id=staff_id
    )
    session.add(policy)
    session.flush()
    session.execute(
        sa.update(Site).where(Site.id == site_id).values(policy_id=policy.id)
    )
    return policy


def list_policies(session: Session, site_id: int) -> Sequence[SitePolicy]:
    """Return the newest policies of a site, the one in force first."""
    return session.scalars(
        sa.select(SitePolicy)
        .where(SitePolicy.site_id == site_id)
        .order_by(SitePolicy.id.desc())
        .limit(LISTED_POLICIES)
    ).all()


def policy_of(session: Session, site_id: int) -> Policy:
    """Return the policy in force at a site."""
    body = session.scalars(
        sa.select(SitePolicy.body)
        .join(Site, Site.policy_id == SitePolicy.id)
        .where(Site.id == site_id)
    ).one()
    return read_policy(body)


def read_policy(body: Mapping[str, Any]) -> Policy:
    """Return the policy that a stored body describes."""
    return Policy(
        thresholds={
            label: Threshold(review_at=cut["review_at"], reject_at=cut["reject_at"])
            for label, cut in body["thresholds"].items()
        },
        default=Moderation(body["default"]),
        sections={name: Moderation(value) for name, value in body["sections"].items()},
        trusted_authors=frozenset(body["trusted_authors"]),
        report_threshold=body.get("report_threshold", REPORT_THRESHOLD),
        second_look_share=body.get("second_look_share", 0.0),
        audit_share=body.get("audit_share", 0.0),
    )


def first_policy(
    thresholds: Mapping[str, Mapping[str, float | None]],
    default: Moderation = Moderation.POST,
) -> dict[str, Any]:
    """Return the body of a policy with a model's proposed thresholds.

    Without any (there is no model) a person looks at everything first.
    """
    if not thresholds:
        default = Moderation.PRE
    return {
        "thresholds": {
            label: {"review_at": cut["review_at"], "reject_at": cut.get("reject_at")}
            for label, cut in thresholds.items()
        },
        "default": default.value,
        "sections": {},
        "trusted_authors": [],
        "report_threshold": REPORT_THRESHOLD,
    }
