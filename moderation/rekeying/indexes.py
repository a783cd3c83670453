"""Values that depend on the email index key: comments, rules, authors, repetitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.authors.identity import AuthorKeys, FoundBy, keys_of
from moderation.keyed_hashes import HashKeys
from moderation.privacy import Privacy, UnreadableEmail
from moderation.rekeying.installed import InstallationKeys, KeyPurpose
from moderation.rekeying.parts import (
    KeyedPart,
    Renewal,
    hashed,
    is_older,
    names_other_key,
    seal_off,
)
from moderation.rules.conditions import ConditionKind
from moderation.tables.authors import Author
from moderation.tables.comments import Comment
from moderation.tables.learning import Suggestion
from moderation.tables.rules import RuleConditions
from moderation.tables.sites import Site

PURPOSE = KeyPurpose.EMAIL_INDEX
AKISMET = "akismet:"  # before the idempotency key of a comment that came this way
MAX_TRIED = 50  # comments of an author in which the address is looked for


def _index_keys(keys: InstallationKeys) -> HashKeys:
    return keys.privacy.index_keys


def _renew_index(session: Session, keys: InstallationKeys, row: Any) -> Renewal:
    privacy, values = keys.privacy, {}
    if row.fingerprint and not _index_keys(keys).is_current(row.fingerprint):
        # The body as it was sent is gone: a repetition of it is answered uncompared.
        values["fingerprint"] = _index_keys(keys).name_key(row.fingerprint) or ""
    if row.email_index and not _index_keys(keys).is_current(row.email_index):
        index = _localized(privacy, row.email_index, row.site_id)
        index = index or _index_of_address(privacy, row)
        if index is None:
            return values or None
        values["email_index"] = index
    return values


def _localized(privacy: Privacy, stored: str, site_id: int) -> str | None:
    localized = privacy.localize_index(stored, site_id)
    return None if localized == stored else localized


def _index_of_address(privacy: Privacy, row: Any) -> str | None:
    email = _read_address(privacy, row)
    return privacy.index_email(email, row.site_id) if email else None


def _read_address(privacy: Privacy, row: Any) -> str | None:
    if row.email_encrypted is None:
        return None
    try:
        return privacy.decrypt_email(row.email_encrypted, row.id)
    except UnreadableEmail:
        return None


def _end_index(keys: InstallationKeys, row: Any) -> Mapping[str, Any]:
    values = {"fingerprint": ""}
    if row.email_index and not _index_keys(keys).is_current(row.email_index):
        values["email_index"] = seal_off(_index_keys(keys), row.email_index)
    return values


COMMENTS = KeyedPart(
    name="email index of comments",
    purpose=PURPOSE,
    row_id=Comment.id,
    columns=(Comment.email_index, Comment.fingerprint),
    context=(Comment.site_id, Comment.email_encrypted),
    is_old=lambda keys: sa.or_(
        names_other_key(Comment.email_index, keys.current_id(PURPOSE)),
        is_older(Comment.fingerprint, keys, PURPOSE),
    ),
    renew=_renew_index,
    end=_end_index,
)


def _renew_rule(session: Session, keys: InstallationKeys, row: Any) -> Renewal:
    privacy, body = keys.privacy, []
    for condition in row.body:
        indexes = list(condition.get("email_indexes") or ())
        for place, stored in enumerate(indexes):
            if _index_keys(keys).is_current(stored):
                continue
            index = _localized(privacy, stored, row.site_id)
            index = index or _index_of_comment(session, privacy, row.site_id, stored)
            indexes[place] = index or stored
        body.append(
            {**condition, "email_indexes": sorted(set(indexes))}
            if indexes
            else condition
        )
    return None if body == row.body else {"body": body}


def _index_of_comment(
    session: Session, privacy: Privacy, site_id: int, stored: str
) -> str | None:
    """Return the index of an address of which a comment of the site is at hand."""
    row = session.execute(
        sa.select(Comment.id, Comment.site_id, Comment.email_encrypted)
        .where(
            Comment.site_id == site_id,
            Comment.email_index == stored,
            Comment.email_encrypted.is_not(None),
        )
        .limit(1)
    ).first()
    return _index_of_address(privacy, row) if row else None


def _end_rule(keys: InstallationKeys, row: Any) -> Mapping[str, Any]:
    body = []
    for condition in row.body:
        indexes = condition.get("email_indexes")
        if indexes:
            current = _index_keys(keys)
            indexes = [
                index if current.is_current(index) else seal_off(current, index)
                for index in indexes
            ]
            condition = {**condition, "email_indexes": sorted(indexes)}
        body.append(condition)
    return {"body": body}


def _has_old_index(keys: InstallationKeys, row: Any) -> bool:
    current = _index_keys(keys)
    return any(
        not current.is_current(index)
        for condition in row.body
        for index in condition.get("email_indexes") or ()
    )


RULES = KeyedPart(
    name="email indexes in rules",
    purpose=PURPOSE,
    row_id=RuleConditions.id,
    columns=(RuleConditions.body,),
    context=(RuleConditions.site_id,),
    is_old=lambda keys: RuleConditions.kinds.contains(ConditionKind.AUTHOR.value),
    renew=_renew_rule,
    end=_end_rule,
    is_row_old=_has_old_index,
)


def _renew_author(session: Session, keys: InstallationKeys, row: Any) -> Renewal:
    """Return an author's keys, from a comment that the older ones belong to."""
    current = _index_keys(keys)
    named = {
        name: current.name_key(stored)
        for name in ("key", "address_key")
        if (stored := getattr(row, name)) and not current.is_current(stored)
    }
    if None not in named.values():
        return named
    values: dict[str, Any] = {}
    for found in _keys_of_comments(session, keys.privacy, row):
        if row.key in found.accepted:
            values["key"] = found.key
        if row.address_key and row.address_key in found.accepted_addresses:
            values["address_key"] = found.address_key
        if len(values) == len(named):
            break
    return values or None


def _keys_of_comments(
    session: Session, privacy: Privacy, author: Any
) -> Iterator[AuthorKeys]:
    """Yield the keys that an author's newest comments lead to."""
    comments = session.execute(
        sa.select(
            Comment.id,
            Comment.site_id,
            Comment.author_id,
            Comment.author_name,
            Comment.email_encrypted,
            Comment.ip_pseudonym,
        )
        .where(Comment.author_record_id == author.id, Comment.deleted_at.is_(None))
        .order_by(Comment.id.desc())
        .limit(MAX_TRIED)
    ).all()
    for comment in comments:
        found = keys_of(
            privacy,
            author.site_id,
            author_id=(
                comment.author_id if author.found_by == FoundBy.VERIFIED.value else None
            ),
            email=_read_address(privacy, comment),
            name=comment.author_name,
            networks=[comment.ip_pseudonym] if comment.ip_pseudonym else [],
        )
        if found is not None:
            yield found


def _end_author(keys: InstallationKeys, row: Any) -> Mapping[str, Any]:
    current = _index_keys(keys)
    return {
        name: seal_off(current, stored)
        for name in ("key", "address_key")
        if (stored := getattr(row, name)) and not current.is_current(stored)
    }


AUTHORS = KeyedPart(
    name="records of authors",
    purpose=PURPOSE,
    row_id=Author.id,
    columns=(Author.key, Author.address_key),
    context=(Author.site_id, Author.found_by),
    is_old=lambda keys: sa.or_(
        names_other_key(Author.key, keys.current_id(PURPOSE)),
        names_other_key(Author.address_key, keys.current_id(PURPOSE)),
    ),
    renew=_renew_author,
    end=_end_author,
)

#: Rules first: their indexes are found by those of comments.
INDEXED = (
    RULES,
    COMMENTS,
    AUTHORS,
    hashed(
        "repetitions over Akismet",
        PURPOSE,
        Comment.id,
        Comment.idempotency_key,
        prefix=AKISMET,
    ),
    hashed(
        "repetitions of suggestions", PURPOSE, Suggestion.id, Suggestion.fingerprint
    ),
)


def announce_rules(session: Session, site_ids: set[int]) -> None:
    """Let every process read the rules of some sites again."""
    session.execute(
        sa.update(Site)
        .where(Site.id.in_(site_ids))
        .values(rules_version=Site.rules_version + 1)
    )
