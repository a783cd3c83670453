"""Values of notices that depend on keys: their senders, sealed and found again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from moderation.objections.notices import notifier_keys
from moderation.privacy import Privacy, UnreadableEmail, bind_to_notice
from moderation.rekeying.installed import InstallationKeys, KeyPurpose
from moderation.rekeying.parts import (
    KeyedPart,
    Renewal,
    names_other_key,
    seal_off,
    sealed,
)
from moderation.tables.legal import MisuseMeasure, Notice

SEALED_NOTICES = (
    sealed(
        "names of notifiers",
        Notice.id,
        (Notice.sealed_name,),
        lambda row: bind_to_notice("name", row.id),
    ),
    sealed(
        "email addresses of notifiers",
        Notice.id,
        (Notice.sealed_email,),
        lambda row: bind_to_notice("email", row.id),
    ),
)


def _key_of(privacy: Privacy, row: Any) -> str | None:
    """Return the notifier's hash under the key in use, from the sealed address."""
    if row is None or row.sealed_email is None:
        return None
    try:
        email = privacy.open_for_notice(row.sealed_email, "email", row.id)
    except UnreadableEmail:
        return None
    return notifier_keys(privacy, row.site_id, email)[0]


def _renew_notice(session: Session, keys: InstallationKeys, row: Any) -> Renewal:
    key = _key_of(keys.privacy, row)
    return None if key is None else {"notifier": key}


def _renew_measure(session: Session, keys: InstallationKeys, row: Any) -> Renewal:
    """Return the notifier of a measure, from a notice of the same sender."""
    notice = session.execute(
        sa.select(Notice.id, Notice.site_id, Notice.sealed_email)
        .where(
            Notice.site_id == row.site_id,
            Notice.notifier == row.notifier,
            Notice.sealed_email.is_not(None),
        )
        .limit(1)
    ).first()
    key = _key_of(keys.privacy, notice)
    return None if key is None else {"notifier": key}


def _end(keys: InstallationKeys, row: Any) -> Mapping[str, Any]:
    return {"notifier": seal_off(keys.privacy.index_keys, row.notifier)}


def _is_old(
    column: InstrumentedAttribute[Any], keys: InstallationKeys
) -> sa.ColumnElement[bool]:
    return names_other_key(column, keys.current_id(KeyPurpose.EMAIL_INDEX))


#: Measures first: their senders are found by those of notices.
NOTIFIERS = (
    KeyedPart(
        name="warned notifiers",
        purpose=KeyPurpose.EMAIL_INDEX,
        row_id=MisuseMeasure.id,
        columns=(MisuseMeasure.notifier,),
        context=(MisuseMeasure.site_id,),
        is_old=lambda keys: _is_old(MisuseMeasure.notifier, keys),
        renew=_renew_measure,
        end=_end,
    ),
    KeyedPart(
        name="notifiers",
        purpose=KeyPurpose.EMAIL_INDEX,
        row_id=Notice.id,
        columns=(Notice.notifier,),
        context=(Notice.site_id, Notice.sealed_email),
        is_old=lambda keys: _is_old(Notice.notifier, keys),
        renew=_renew_notice,
        end=_end,
    ),
)
