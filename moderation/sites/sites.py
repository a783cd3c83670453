"""Sites, and what of them a request needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, InvalidFields, NotFound, StaleSettings
from moderation.keyed_hashes import HashKeys
from moderation.policy.thresholds import Policy
from moderation.sites import protocols
from moderation.sites.keys import KeyContext, is_valid, read_scopes
from moderation.sites.policies import create_policy, read_policy_text
from moderation.sites.protocols import Integrations
from moderation.sql.prepared import Prepared
from moderation.tables.sites import Site, SiteKey, SitePolicy
from moderation.tables.webhooks import Webhook
from moderation.text.addresses import Folding

SITE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, kw_only=True)
class SiteContext:
    """The data of a site that a request needs, read in one query."""

    id: int
    name: str
    policy_id: int
    policy: Policy
    model_id: int | None
    integrations: Integrations = field(default_factory=Integrations)
    rules_version: int = 0  #: counts the changes of the site's rules; 0: it has none
    has_webhooks: bool = False  #: someone wants to hear of events
    #: which spellings of an address name one article, next to what folds everywhere
    article_folding: frozenset[Folding] = frozenset()
    key: KeyContext | None = None  #: that it was found by, if it was


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
    target = (TargetKind.SITE, site.id)
    record(session, AuditAction.SITE_ADDED, target=target, site_id=site.id)
    create_policy(session, site.id, policy, staff_id=None, now=now)
    return site


def list_site_ids(session: Session) -> Sequence[int]:
    """Return the ids of all sites."""
    return session.scalars(sa.select(Site.id).order_by(Site.id)).all()


def list_names(session: Session) -> dict[int, str]:
    """Return the names of all sites, by their ids."""
    rows = session.execute(sa.select(Site.id, Site.name).order_by(Site.name))
    return {row.id: row.name for row in rows}


def update_article_folding(
    session: Session,
    site_id: int,
    folding: Collection[Folding],
    seen: Collection[Folding] | None = None,
) -> None:
    """Set which spellings of an address name one article at a site.

    What is stored stays apart until `comments.article_merging` merges it.

    Raises
    ------
    StaleSettings
        If another setting than the one seen applies.
    """
    stored = session.scalar(
        sa.select(Site.article_folding).where(Site.id == site_id).with_for_update()
    )
    if seen is not None and read_folding(stored) != frozenset(seen):
        raise StaleSettings
    names = sorted(each.value for each in folding)
    session.execute(
        sa.update(Site).where(Site.id == site_id).values(article_folding=names or None)
    )
    record(
        session,
        AuditAction.FOLDING_CHANGED,
        target=(TargetKind.SITE, site_id),
        site_id=site_id,
        folding=names,
    )


def read_folding(names: Sequence[str] | None) -> frozenset[Folding]:
    """Return which spellings name one article, as a site's row has it."""
    return frozenset(map(Folding, names or ()))


def find_by_key(
    session: Session, key: str, hash_keys: HashKeys, now: datetime | None = None
) -> SiteContext | None:
    """Return the site of a valid key, with that key, at a given time or now."""
    moment = now or datetime.now(UTC)
    return _context(session, _BY_KEY, list(hash_keys.list_hashes(key)), moment)


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


_WANTED: sa.BindParameter[Any] = sa.bindparam("wanted")
_HASHES: sa.BindParameter[Any] = sa.bindparam("wanted", expanding=True)
_NOW: sa.BindParameter[Any] = sa.bindparam("now", type_=SiteKey.created_at.type)


def has_webhooks(site_id: int | InstrumentedAttribute[int]) -> sa.Exists:
    """Return the condition that a site has an active webhook."""
    return sa.exists().where(Webhook.site_id == site_id, Webhook.is_on)


_SITE_AND_POLICY = sa.select(
    Site.id,
    Site.name,
    Site.model_id,
    Site.integrations,
    Site.rules_version,
    has_webhooks(Site.id).label("has_webhooks"),
    Site.article_folding,
    SitePolicy.id.label("policy_id"),
    sa.cast(SitePolicy.body, sa.Text).label("policy"),
).join(SitePolicy, SitePolicy.id == Site.policy_id)
_BY_ID = Prepared(_SITE_AND_POLICY.where(Site.id == _WANTED))
_BY_NAME = Prepared(_SITE_AND_POLICY.where(Site.name == _WANTED))
_BY_KEY = Prepared(
    _SITE_AND_POLICY.join(SiteKey, SiteKey.site_id == Site.id)
    .add_columns(
        SiteKey.id.label("key_id"),
        SiteKey.scopes,
        SiteKey.origins,
        SiteKey.last_used_at,
    )
    .where(SiteKey.key_hash.in_(_HASHES), is_valid(_NOW))
)


def _context(
    session: Session,
    query: Prepared,
    value: int | str | list[str],
    now: datetime | None = None,
) -> SiteContext | None:
    values = {"wanted": value} if now is None else {"wanted": value, "now": now}
    session.flush()  # past the ORM, which would do so
    row = query.first(session, values)
    if row is None:
        return None
    site_id, name, model_id, spoken, rules_version, listens, folding = row[:7]
    policy_id, body = row[7:9]
    return SiteContext(
        id=site_id,
        name=name,
        model_id=model_id,
        policy_id=policy_id,
        policy=read_policy_text(body),
        integrations=protocols.read_integrations(spoken),
        rules_version=rules_version,
        has_webhooks=listens,
        article_folding=read_folding(folding),
        key=_key_context(*row[9:]) if now is not None else None,
    )


def _key_context(
    key_id: int,
    scopes: list[str] | None,
    origins: list[str] | None,
    last_used_at: datetime | None,
) -> KeyContext:
    return KeyContext(
        id=key_id,
        scopes=read_scopes(scopes),
        has_all_scopes=scopes is None,
        origins=tuple(origins or ()),
        last_used_at=last_used_at,
    )
