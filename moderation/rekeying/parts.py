"""Parts of the database that depend on a key: their old rows, and the renewal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.database import Table
from moderation.keyed_hashes import SEPARATOR, HashKeys
from moderation.notifications import preferences, site_chat
from moderation.privacy import (
    UnreadableEmail,
    bind_to_comment,
    bind_to_site,
    bind_to_staff,
)
from moderation.rekeying.installed import InstallationKeys, KeyPurpose
from moderation.tables.accounts import SecondFactor
from moderation.tables.comments import Comment
from moderation.tables.notifications import NotificationProfile, SiteNotifications
from moderation.tables.sites import SiteSecret
from moderation.tables.webhooks import Callback, Webhook
from moderation.webhooks import akismet_callbacks, endpoints

#: New values of some columns of a row; None: they can't be made.
Renewal = Mapping[str, Any] | None
Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, kw_only=True)
class KeyedPart:
    """Columns of one table that hang on a key.

    `renew` returns None where a value can't be made under the key in use. `end` does
    what is done with such a value when its key ends; it always can.
    """

    name: str
    purpose: KeyPurpose
    row_id: Column  #: a whole number: rows are gone through in its order
    columns: tuple[Column, ...]  #: that hang on the key; a change is guarded by them
    context: tuple[Column, ...] = ()  #: what else `renew` and `end` read
    is_old: Callable[[InstallationKeys], sa.ColumnElement[bool]]
    #: None: no value can be made again
    renew: Callable[[Session, InstallationKeys, Any], Renewal] | None
    end: Callable[[InstallationKeys, Any], Mapping[str, Any]]
    #: where the condition alone can't tell; None: it can
    is_row_old: Callable[[InstallationKeys, Any], bool] | None = None

    @property
    def table(self) -> type[Table]:
        """The table of the columns."""
        return cast(type[Table], self.row_id.class_)


def names_other_key(column: Column, key_id: str) -> sa.ColumnElement[bool]:
    """Return the condition that a value is there, and not made by a key."""
    is_current = column.startswith(f"{key_id}{SEPARATOR}", autoescape=True)
    return sa.and_(column.is_not(None), column != "", sa.not_(is_current))


def is_older(
    column: Column, keys: InstallationKeys, purpose: KeyPurpose, prefix: str = ""
) -> sa.ColumnElement[bool]:
    """Return the condition that a hash wasn't made by the key in use.

    One that names no key was made by the only one, if there are no others.
    """
    condition = names_other_key(column, prefix + keys.current_id(purpose))
    if len(keys.list_keys(purpose)) == 1:
        condition = sa.and_(condition, column.contains(SEPARATOR))
    return sa.and_(condition, column.startswith(prefix)) if prefix else condition


def seal_off(keys: HashKeys, stored: str) -> str:
    """Return a hash that differs where old ones differ, and finds nothing.

    Even with the old key, no one can find out any more what it was made of.
    """
    return keys.hash(f"ended:{stored}")


def sealed(
    name: str,
    row_id: Column,
    columns: tuple[Column, ...],
    bind: Callable[[Any], bytes],
    context: tuple[Column, ...] = (),
) -> KeyedPart:
    """Return a part that is encrypted under the email keys."""
    names = [column.key for column in columns]

    def is_old(keys: InstallationKeys) -> sa.ColumnElement[bool]:
        key_id = keys.current_id(KeyPurpose.EMAIL)
        return sa.or_(*(names_other_key(column, key_id) for column in columns))

    def renew(session: Session, keys: InstallationKeys, row: Any) -> Renewal:
        values = {}
        for name in names:
            token = getattr(row, name)
            try:
                values[name] = token and keys.privacy.reseal(token, bind(row))
            except UnreadableEmail:
                return None
        return values

    def end(keys: InstallationKeys, row: Any) -> Mapping[str, Any]:
        # It stays: what no one can read does no harm, and columns may need a value.
        return {}

    return KeyedPart(
        name=name,
        purpose=KeyPurpose.EMAIL,
        row_id=row_id,
        columns=columns,
        context=context,
        is_old=is_old,
        renew=renew,
        end=end,
    )


def hashed(
    name: str,
    purpose: KeyPurpose,
    row_id: Column,
    *columns: Column,
    prefix: str = "",
    revoked_at: Column | None = None,
) -> KeyedPart:
    """Return a part of keyed hashes that can't be made again.

    They are accepted under the older key until it ends; used ones may be renewed then.

    Parameters
    ----------
    prefix
        Before the hash; values without it are something else.
    revoked_at
        When a credential was revoked, which is set when its key ends.
    """

    def keys_of(keys: InstallationKeys) -> HashKeys:
        return HashKeys(keys.list_keys(purpose))

    def is_old(keys: InstallationKeys) -> sa.ColumnElement[bool]:
        return sa.or_(*(is_older(column, keys, purpose, prefix) for column in columns))

    def end(keys: InstallationKeys, row: Any) -> Mapping[str, Any]:
        current, values = keys_of(keys), dict[str, Any]()
        for column in columns:
            stored = (getattr(row, column.key) or "").removeprefix(prefix)
            if stored and not current.is_current(stored):
                values[column.key] = prefix + seal_off(current, stored)
        if revoked_at is not None and getattr(row, revoked_at.key) is None:
            values[revoked_at.key] = datetime.now(UTC)
        return values

    return KeyedPart(
        name=name,
        purpose=purpose,
        row_id=row_id,
        columns=columns,
        context=() if revoked_at is None else (revoked_at,),
        is_old=is_old,
        renew=None,
        end=end,
    )


SEALED = (
    sealed(
        "email addresses of comments",
        Comment.id,
        (Comment.email_encrypted,),
        lambda row: bind_to_comment(row.id),
    ),
    sealed(
        "second factors",
        SecondFactor.staff_id,
        (SecondFactor.sealed_secret,),
        lambda row: bind_to_staff("second_factor", row.staff_id),
    ),
    sealed(
        "signing secrets of integrations",
        SiteSecret.id,
        (SiteSecret.sealed,),
        lambda row: bind_to_site(row.protocol, row.site_id),
        (SiteSecret.protocol, SiteSecret.site_id),
    ),
    sealed(
        "secrets of webhooks",
        Webhook.id,
        (Webhook.sealed_secret, Webhook.former_secret),
        lambda row: bind_to_site(endpoints.PURPOSE, row.site_id),
        (Webhook.site_id,),
    ),
    sealed(
        "keys of Akismet callbacks",
        Callback.comment_id,
        (Callback.sealed_key,),
        lambda row: bind_to_site(akismet_callbacks.PURPOSE, row.site_id),
        (Callback.site_id,),
    ),
    sealed(
        "email addresses of staff",
        NotificationProfile.staff_id,
        (NotificationProfile.sealed_email,),
        lambda row: bind_to_staff(preferences.EMAIL_PURPOSE, row.staff_id),
    ),
    sealed(
        "chat webhooks of staff",
        NotificationProfile.staff_id,
        (NotificationProfile.sealed_chat_url,),
        lambda row: bind_to_staff(preferences.CHAT_PURPOSE, row.staff_id),
    ),
    sealed(
        "chat webhooks of sites",
        SiteNotifications.site_id,
        (SiteNotifications.sealed_chat_url,),
        lambda row: bind_to_site(site_chat.PURPOSE, row.site_id),
    ),
)
