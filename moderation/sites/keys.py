"""The keys that sites authenticate with, and what each may do."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, InvalidFields, NotFound, TooManyKeys
from moderation.keyed_hashes import HashKeys
from moderation.sites.protocols import MAX_ORIGINS, origin_of
from moderation.tables.sites import SiteKey

KEY_LENGTH = 12  # what the Akismet plugin of WordPress accepts; 62 bits
KEY_ALPHABET = string.ascii_lowercase + string.digits
MAX_NAME_LENGTH = 100  # characters
MAX_KEYS = 100  # valid ones of a site
MAX_EXPIRES_DAYS = 3650
UNNAMED = "unnamed"

_QUERY = re.compile(r"\?[^\s'\"=]*=[^\s'\"]*")
_KEY_IN_PATH = re.compile(r"(/akismet/)(?!1\.[12]/)[^/\s'\"?]+")


class KeyScope(StrEnum):
    """A permission of a site key."""

    READ = "read"  #: list published comments, count them
    SCORE = "score"  #: score a text, which is not stored
    SUBMIT = "submit"  #: what `read` may; send comments, appeal for authors
    REPORT = "report"  #: report comments for readers
    MANAGE = "manage"  #: read, edit, and delete comments; decide as site staff


ALL_SCOPES = frozenset(KeyScope)
#: Of a key that anyone can read in a page: it reads what every reader sees, and can't
#: change or erase anything.
BROWSER_SCOPES = frozenset({KeyScope.READ, KeyScope.SCORE, KeyScope.REPORT})


@dataclass(frozen=True, kw_only=True)
class KeyContext:
    """The data of a site key that a request needs."""

    id: int
    scopes: frozenset[KeyScope] = ALL_SCOPES
    has_all_scopes: bool = False  #: it was created without a choice of scopes
    origins: tuple[str, ...] = ()  #: whose pages may use it; empty: no browser key
    last_used_at: datetime | None = None

    @property
    def is_for_browsers(self) -> bool:
        """Return whether the key may be sent to browsers."""
        return bool(self.origins)

    def has(self, scope: KeyScope) -> bool:
        """Return whether the key has a scope, or another one that includes it."""
        return scope in _with_included(self.scopes)


@dataclass(frozen=True, kw_only=True)
class KeySettings:
    """An admin's settings of a key."""

    name: str = UNNAMED
    scopes: frozenset[KeyScope] | None = None  #: None: all, as of older keys
    origins: tuple[str, ...] = ()  #: `https://host[:port]` each: a browser key
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class KeyRevocation:
    """A revoked key, and what no other key of its site may do."""

    key: SiteKey
    scopes_lost: tuple[KeyScope, ...]


def create_key(
    session: Session,
    site_id: int,
    settings: KeySettings,
    *,
    hash_keys: HashKeys,
    created_by: int | None,
    now: datetime,
) -> tuple[SiteKey, str]:
    """Create a key; return it with its secret.

    The secret of a browser key is stored, as it is no secret. That of any other key
    can't be shown again.

    Parameters
    ----------
    created_by
        ID of the admin; None: the command line.

    Raises
    ------
    InvalidFields
        Naming `name`, `scopes`, or `origins`.
    TooManyKeys
        If the site has `MAX_KEYS` valid keys.
    """
    _refuse_invalid(settings)
    valid_count = sa.select(sa.func.count()).where(
        SiteKey.site_id == site_id, is_valid(now)
    )
    if (session.scalar(valid_count) or 0) >= MAX_KEYS:
        raise TooManyKeys
    secret = "".join(secrets.choice(KEY_ALPHABET) for _ in range(KEY_LENGTH))
    key = SiteKey(
        site_id=site_id,
        key_hash=hash_keys.hash(secret),
        public_key=secret if settings.origins else None,
        name=settings.name.strip(),
        scopes=None if settings.scopes is None else _in_order(settings.scopes),
        origins=list(settings.origins) or None,
        created_at=now,
        created_by=created_by,
        expires_at=settings.expires_at,
    )
    session.add(key)
    session.flush()
    record(
        session,
        AuditAction.KEY_CREATED,
        target=(TargetKind.SITE_KEY, key.id),
        site_id=site_id,
        scopes=key.scopes,
        is_for_browsers=bool(key.origins),
    )
    return key, secret


def issue_key(
    session: Session, site_id: int, hash_keys: HashKeys, now: datetime
) -> str:
    """Create a key with all scopes; return its secret, which can't be shown again."""
    _, secret = create_key(
        session, site_id, KeySettings(), hash_keys=hash_keys, created_by=None, now=now
    )
    return secret


def list_keys(session: Session, site_id: int) -> Sequence[SiteKey]:
    """Return all keys of a site, expired and revoked ones as well, oldest first."""
    return session.scalars(
        sa.select(SiteKey).where(SiteKey.site_id == site_id).order_by(SiteKey.id)
    ).all()


def find_key(session: Session, site_id: int, key_id: int) -> SiteKey:
    """Return a key of a site.

    Raises
    ------
    NotFound
        If the site has no such key.
    """
    key = session.scalar(
        sa.select(SiteKey).where(SiteKey.id == key_id, SiteKey.site_id == site_id)
    )
    if key is None:
        raise NotFound("No such key.")
    return key


def find_page_key(session: Session, site_id: int, now: datetime) -> str | None:
    """Return the newest valid browser key of a site that a page can use for all."""
    rows = session.scalars(
        sa.select(SiteKey)
        .where(
            SiteKey.site_id == site_id, SiteKey.public_key.is_not(None), is_valid(now)
        )
        .order_by(SiteKey.id.desc())
    )
    return next(
        (row.public_key for row in rows if scopes_of(row) >= BROWSER_SCOPES), None
    )


def revoke_key(
    session: Session, site_id: int, key_id: int, now: datetime
) -> KeyRevocation:
    """Revoke a key immediately; an earlier revocation keeps its time.

    Raises
    ------
    NotFound
        If the site has no such key.
    """
    key = find_key(session, site_id, key_id)
    could = _with_included(scopes_of(key)) if is_valid_at(key, now) else frozenset()
    _end(key, now)
    session.flush()
    target = (TargetKind.SITE_KEY, key.id)
    record(session, AuditAction.KEY_REVOKED, target=target, site_id=site_id)
    rows = session.scalars(
        sa.select(SiteKey).where(SiteKey.site_id == site_id, is_valid(now))
    )
    remaining = frozenset().union(*(_with_included(scopes_of(row)) for row in rows))
    lost = tuple(scope for scope in KeyScope if scope in could - remaining)
    return KeyRevocation(key=key, scopes_lost=lost)


def replace_key(
    session: Session,
    site_id: int,
    key_id: int,
    *,
    overlap: timedelta,
    hash_keys: HashKeys,
    created_by: int | None,
    now: datetime,
) -> tuple[SiteKey, str]:
    """Create a key with the settings of another one, which expires after the overlap.

    The new key is valid for as long as the older one was when it was created. Returns
    it with its secret, which can't be shown again.

    Raises
    ------
    NotFound
        If the site has no such key.
    Conflict
        If the key is no longer valid.
    """
    older = find_key(session, site_id, key_id)
    if not is_valid_at(older, now):
        raise Conflict("This key is no longer valid. Create a new one.")
    lasts = older.expires_at - older.created_at if older.expires_at else None
    settings = KeySettings(
        name=older.name,
        scopes=None if older.scopes is None else scopes_of(older),
        origins=tuple(older.origins or ()),
        expires_at=now + lasts if lasts else None,
    )
    _end(older, now + overlap)
    hours = overlap // timedelta(hours=1)
    target = (TargetKind.SITE_KEY, older.id)
    record(
        session,
        AuditAction.KEYS_EXPIRED,
        target=target,
        site_id=site_id,
        overlap_hours=hours,
    )
    return create_key(
        session,
        site_id,
        settings,
        hash_keys=hash_keys,
        created_by=created_by,
        now=now,
    )


def rotate_key(
    session: Session,
    site_id: int,
    hash_keys: HashKeys,
    now: datetime,
    overlap: timedelta,
) -> str:
    """Create a key with all scopes; all older keys expire after the overlap.

    Returns its secret, which can't be shown again.
    """
    session.execute(
        sa.update(SiteKey)
        .where(
            SiteKey.site_id == site_id, is_unrevoked(SiteKey.revoked_at, now + overlap)
        )
        .values(revoked_at=now + overlap)
    )
    hours = overlap // timedelta(hours=1)
    record(session, AuditAction.KEYS_EXPIRED, site_id=site_id, overlap_hours=hours)
    return issue_key(session, site_id, hash_keys, now)


def is_origin_of_key(session: Session, origin: str, now: datetime) -> bool:
    """Return whether a valid browser key of any site lists an origin."""
    listed = session.scalars(
        sa.select(SiteKey.origins).where(SiteKey.origins.is_not(None), is_valid(now))
    )
    return any(origin in (origins or ()) for origins in listed)


def mask_keys(text: str) -> str:
    """Return a URL or a log line without its queries and the keys in its paths.

    Akismet's clients and Perspective's may put a key there.

    >>> mask_keys("GET /v1alpha1/comments:analyze?key=4t8w2m6x9k1d HTTP/1.1")
    'GET /v1alpha1/comments:analyze?- HTTP/1.1'
    >>> mask_keys("/akismet/4t8w2m6x9k1d/1.1/verify-key"), mask_keys("/akismet/1.1/x")
    ('/akismet/-/1.1/verify-key', '/akismet/1.1/x')
    """
    return _KEY_IN_PATH.sub(r"\1-", _QUERY.sub("?-", text))


def is_key_format(text: str) -> bool:
    """Return whether a credential has the format of a site key."""
    return len(text) == KEY_LENGTH and set(text) <= set(KEY_ALPHABET)


def scopes_of(key: SiteKey) -> frozenset[KeyScope]:
    """Return what a key may do."""
    return read_scopes(key.scopes)


def read_scopes(stored: Iterable[str] | None) -> frozenset[KeyScope]:
    """Return scopes from stored JSON; None means all."""
    return ALL_SCOPES if stored is None else frozenset(map(KeyScope, stored))


def is_valid_at(key: SiteKey, now: datetime) -> bool:
    """Return whether a key is neither expired nor revoked at a time."""
    return all(end is None or end > now for end in (key.revoked_at, key.expires_at))


def is_valid(
    now: datetime | sa.BindParameter[Any],
) -> sa.ColumnElement[bool]:
    """Return the condition that a key is neither expired nor revoked at a time."""
    return sa.and_(
        is_unrevoked(SiteKey.revoked_at, now), is_unrevoked(SiteKey.expires_at, now)
    )


def is_unrevoked(
    revoked_at: InstrumentedAttribute[datetime | None],
    now: datetime | sa.BindParameter[Any],
) -> sa.ColumnElement[bool]:
    """Return the condition that a key or secret is valid at a time."""
    return sa.or_(revoked_at.is_(None), revoked_at > now)


def _with_included(scopes: frozenset[KeyScope]) -> frozenset[KeyScope]:
    """Return scopes with those that they include."""
    return scopes | {KeyScope.READ} if KeyScope.SUBMIT in scopes else scopes


def _end(key: SiteKey, moment: datetime) -> None:
    """Let a key be revoked at a time, unless it is revoked earlier."""
    if key.revoked_at is None or key.revoked_at > moment:
        key.revoked_at = moment


def _in_order(scopes: Iterable[KeyScope]) -> list[str]:
    return [scope.value for scope in KeyScope if scope in scopes]


def _refuse_invalid(settings: KeySettings) -> None:
    """Refuse invalid settings of a key.

    Raises
    ------
    InvalidFields
        Naming `name`, `scopes`, or `origins`.
    """
    faults = {}
    name = settings.name.strip()
    if not 0 < len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        faults["name"] = [f"Must be 1 to {MAX_NAME_LENGTH} printable characters."]
    if len(settings.origins) > MAX_ORIGINS or any(
        origin != origin_of(origin) for origin in settings.origins
    ):
        faults["origins"] = [f"Must be up to {MAX_ORIGINS} of https://host[:port]."]
    scopes = read_scopes(settings.scopes)
    if not scopes:
        faults["scopes"] = ["Must be at least one scope."]
    elif settings.origins and not scopes <= BROWSER_SCOPES:
        faults["scopes"] = ["A key with origins can only have read, score, and report."]
    if faults:
        raise InvalidFields(faults)
