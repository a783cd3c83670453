"""Values that depend on the secret key: credentials, pseudonyms, training marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.keyed_hashes import HashKeys
from moderation.learning import lineage
from moderation.rekeying.installed import InstallationKeys, KeyPurpose
from moderation.rekeying.parts import KeyedPart, Renewal, hashed
from moderation.tables.accounts import (
    KnownDevice,
    RecoveryCode,
    StaffLink,
    StaffToken,
)
from moderation.tables.comments import Comment
from moderation.tables.legal import TrustedFlagger
from moderation.tables.models import Model
from moderation.tables.objections import Report
from moderation.tables.sites import SiteKey

SECRET = KeyPurpose.SECRET
BATCH_SIZE = 10_000  # comment ids in memory at a time


def _lineage_keys(keys: InstallationKeys) -> HashKeys:
    return keys.secrets.derive("lineage")


def _renew_marks(session: Session, keys: InstallationKeys, row: Any) -> Renewal:
    """Return a model's marks under the key in use.

    The rows of erased comments keep their ids, so that no mark is lost.
    """
    current = _lineage_keys(keys)
    if row.learnt_with is None and len(current.keys) == 1:
        return {"learnt_with": current.current.id}
    key = lineage.find_key(current, row.learnt_with)
    if key is None:
        return None
    ids = session.scalars(
        sa.select(Comment.id)
        .where(Comment.site_id == row.site_id)
        .execution_options(yield_per=BATCH_SIZE)
    )
    marked = (
        comment_id
        for comment_id in ids
        if lineage.is_marked(row.learnt_from, lineage.mark(key, comment_id))
    )
    return {
        "learnt_from": lineage.pack_marks(current, marked),
        "learnt_with": current.current.id,
    }


def _has_old_marks(keys: InstallationKeys) -> sa.ColumnElement[bool]:
    is_current = Model.learnt_with == keys.current_id(SECRET)
    return sa.and_(Model.learnt_from.is_not(None), is_current.is_not(sa.true()))


def _end_marks(keys: InstallationKeys, row: Any) -> Mapping[str, Any]:
    return {"learnt_from": None}


MARKS = KeyedPart(
    name="marks of what models were trained on",
    purpose=SECRET,
    row_id=Model.id,
    columns=(Model.learnt_with,),
    context=(Model.learnt_from, Model.site_id),
    is_old=_has_old_marks,
    renew=_renew_marks,
    end=_end_marks,
)

CREDENTIALS = (
    MARKS,
    hashed(
        "site keys",
        SECRET,
        SiteKey.id,
        SiteKey.key_hash,
        revoked_at=SiteKey.revoked_at,
    ),
    hashed(
        "sessions and API tokens",
        SECRET,
        StaffToken.id,
        StaffToken.token_hash,
        revoked_at=StaffToken.revoked_at,
    ),
    hashed(
        "links to set a password",
        SECRET,
        StaffLink.id,
        StaffLink.token_hash,
        revoked_at=StaffLink.revoked_at,
    ),
    hashed("recovery codes", SECRET, RecoveryCode.id, RecoveryCode.code_hash),
    hashed(
        "known devices",
        SECRET,
        KnownDevice.id,
        KnownDevice.token_hash,
        KnownDevice.credentials_hash,
    ),
    hashed(
        "tokens of trusted flaggers",
        SECRET,
        TrustedFlagger.id,
        TrustedFlagger.token_hash,
    ),
    hashed("IP addresses of comments", SECRET, Comment.id, Comment.ip_pseudonym),
    hashed("readers who reported", SECRET, Report.id, Report.reporter),
)
