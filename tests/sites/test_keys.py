"""Site keys: what each may do, until when, and when it was last used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.database import start_writing
from moderation.errors import Conflict, InvalidFields, NotFound, TooManyKeys
from moderation.keyed_hashes import HashKeys
from moderation.sites import keys, policies, sites
from moderation.sites.key_uses import RECORDED_EVERY, KeyUses, use_of
from moderation.sites.keys import (
    ALL_SCOPES,
    MAX_KEYS,
    KeyContext,
    KeyScope,
    KeySettings,
    mask_keys,
)
from moderation.tables.sites import SiteKey
from tests.builders import NOTHING_HELD, NOW
from tests.refusals import on_sqlite

HASH_KEY = HashKeys.of([b"h" * 32])
HOUR = timedelta(hours=1)
ORIGIN = "https://gazette.example"
ONE_MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def site_id(session: Session) -> int:
    start_writing(session)
    policy = policies.default_policy(NOTHING_HELD)
    return sites.create_site(session, "gazette", policy, NOW).id


def create(session: Session, site_id: int, **chosen: Any) -> tuple[SiteKey, str]:
    settings = KeySettings(**{"name": "front end", **chosen})
    return keys.create_key(
        session, site_id, settings, hash_keys=HASH_KEY, created_by=None, now=NOW
    )


def opened(session: Session, secret: str, now: Any = NOW) -> KeyContext | None:
    site = sites.find_by_key(session, secret, HASH_KEY, now)
    return site.key if site else None


def test_a_key_comes_back_with_what_it_may_do(session: Session, site_id: int) -> None:
    scopes = frozenset({KeyScope.REPORT, KeyScope.SCORE})
    row, secret = create(session, site_id, scopes=scopes, origins=(ORIGIN,))
    assert (row.name, row.scopes, row.origins) == (
        "front end",
        ["score", "report"],
        [ORIGIN],
    )
    assert opened(session, secret) == KeyContext(
        id=row.id, scopes=scopes, origins=(ORIGIN,)
    )


def test_a_key_without_a_choice_has_all_scopes(session: Session, site_id: int) -> None:
    key = opened(session, keys.issue_key(session, site_id, HASH_KEY, NOW))
    assert key is not None
    assert key.has_all_scopes
    assert key.scopes == ALL_SCOPES
    assert not key.is_for_browsers


def test_all_scopes_by_choice_are_not_the_same_as_none_chosen(
    session: Session, site_id: int
) -> None:
    _, secret = create(session, site_id, scopes=ALL_SCOPES)
    key = opened(session, secret)
    assert key is not None
    assert (key.scopes, key.has_all_scopes) == (ALL_SCOPES, False)


def test_a_site_found_by_name_has_no_key(session: Session, site_id: int) -> None:
    site = sites.find_by_id(session, site_id)
    assert site is not None
    assert site.key is None


@on_sqlite
@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"scopes": frozenset()}, "scopes"),
        ({"origins": (f"{ORIGIN}/page",), "scopes": {KeyScope.SCORE}}, "origins"),
        ({"origins": ("*",), "scopes": {KeyScope.SCORE}}, "origins"),
        ({"origins": (ORIGIN,) * 101, "scopes": {KeyScope.SCORE}}, "origins"),
        ({"origins": (ORIGIN,)}, "scopes"),
        ({"origins": (ORIGIN,), "scopes": {KeyScope.SUBMIT}}, "scopes"),
        (
            {"origins": (ORIGIN,), "scopes": {KeyScope.SCORE, KeyScope.MANAGE}},
            "scopes",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(
    session: Session, site_id: int, chosen: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidFields) as refused:
        create(session, site_id, **chosen)
    assert list(refused.value.fields) == [field]
    assert keys.list_keys(session, site_id) == []


def test_a_site_has_so_many_valid_keys(session: Session, site_id: int) -> None:
    rows = [
        SiteKey(site_id=site_id, key_hash=f"{number:064}", created_at=NOW)
        for number in range(MAX_KEYS)
    ]
    session.add_all(rows)
    session.flush()
    with pytest.raises(TooManyKeys):
        create(session, site_id)
    keys.revoke_key(session, site_id, rows[0].id, NOW)
    create(session, site_id)


def test_a_key_expires(session: Session, site_id: int) -> None:
    _, secret = create(session, site_id, expires_at=NOW + HOUR)
    assert opened(session, secret, NOW + HOUR - ONE_MICROSECOND)
    assert opened(session, secret, NOW + HOUR) is None


def test_keys_are_revoked_one_by_one(session: Session, site_id: int) -> None:
    (first, one), (second, other) = create(session, site_id), create(session, site_id)
    revocation = keys.revoke_key(session, site_id, first.id, NOW)
    assert (opened(session, one), revocation.scopes_lost) == (None, ())
    assert opened(session, other)
    revocation = keys.revoke_key(session, site_id, second.id, NOW)
    assert revocation.scopes_lost == tuple(KeyScope)
    again = keys.revoke_key(session, site_id, second.id, NOW + HOUR)
    assert (again.key.revoked_at, again.scopes_lost) == (NOW, ())


def test_a_revocation_names_what_no_key_may_do_any_more(
    session: Session, site_id: int
) -> None:
    create(session, site_id, scopes={KeyScope.SCORE})
    create(session, site_id, scopes={KeyScope.MANAGE}, expires_at=NOW)
    last, _ = create(session, site_id)
    revocation = keys.revoke_key(session, site_id, last.id, NOW)
    assert revocation.scopes_lost == (
        KeyScope.READ,
        KeyScope.SUBMIT,
        KeyScope.REPORT,
        KeyScope.MANAGE,
    )


def replace(session: Session, site_id: int, key_id: int) -> tuple[SiteKey, str]:
    return keys.replace_key(
        session,
        site_id,
        key_id,
        overlap=HOUR,
        hash_keys=HASH_KEY,
        created_by=None,
        now=NOW,
    )


def test_a_replaced_key_hands_on_its_settings_alone(
    session: Session, site_id: int
) -> None:
    _, bystander = create(session, site_id)
    older, secret = create(
        session,
        site_id,
        scopes={KeyScope.SCORE},
        origins=(ORIGIN,),
        expires_at=NOW + 2 * HOUR,
    )
    older.created_at = NOW - HOUR  # it lives three hours
    newer, fresh = replace(session, site_id, older.id)
    assert (newer.name, newer.scopes, newer.origins, newer.expires_at) == (
        "front end",
        ["score"],
        [ORIGIN],
        NOW + 3 * HOUR,
    )
    assert opened(session, fresh)
    assert opened(session, secret)
    assert opened(session, secret, NOW + HOUR) is None
    assert opened(session, bystander, NOW + HOUR)


def test_a_key_that_has_ended_is_not_replaced(session: Session, site_id: int) -> None:
    key, _ = create(session, site_id)
    keys.revoke_key(session, site_id, key.id, NOW)
    with pytest.raises(Conflict):
        replace(session, site_id, key.id)


def test_a_key_of_another_site_is_not_there(session: Session, site_id: int) -> None:
    policy = policies.default_policy(NOTHING_HELD)
    other_id = sites.create_site(session, "herald", policy, NOW).id
    key, secret = create(session, site_id)
    for act in (
        lambda: keys.revoke_key(session, other_id, key.id, NOW),
        lambda: replace(session, other_id, key.id),
    ):
        with pytest.raises(NotFound):
            act()
    assert opened(session, secret, NOW + 2 * HOUR)


def test_an_origin_is_known_while_a_browser_key_lists_it(
    session: Session, site_id: int
) -> None:
    key, _ = create(session, site_id, scopes={KeyScope.SCORE}, origins=(ORIGIN,))
    create(session, site_id)
    assert keys.is_origin_of_key(session, ORIGIN, NOW)
    assert not keys.is_origin_of_key(session, "https://evil.example", NOW)
    keys.revoke_key(session, site_id, key.id, NOW)
    assert not keys.is_origin_of_key(session, ORIGIN, NOW)


def test_a_use_is_recorded_once_a_minute() -> None:
    uses, key = KeyUses(), KeyContext(id=1)
    due = [
        uses.is_due(key, NOW + moment)
        for moment in (
            timedelta(0),
            RECORDED_EVERY - ONE_MICROSECOND,
            RECORDED_EVERY,
            RECORDED_EVERY + ONE_MICROSECOND,
        )
    ]
    assert due == [True, False, True, False]
    assert uses.is_due(KeyContext(id=2), NOW)


def test_a_use_that_another_process_recorded_is_not_recorded_again() -> None:
    key = KeyContext(id=1, last_used_at=NOW)
    assert not KeyUses().is_due(key, NOW + RECORDED_EVERY - ONE_MICROSECOND)
    assert KeyUses().is_due(key, NOW + RECORDED_EVERY)


def test_the_newest_use_stays(session: Session, site_id: int) -> None:
    key, _ = create(session, site_id)
    for moment in (NOW + HOUR, NOW):
        session.execute(use_of(key.id, key.key_hash, moment))
    stored = session.scalar(sa.select(SiteKey.last_used_at))
    assert stored == NOW + HOUR


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ('"POST /a?key=s3cret&alt=json HTTP/1.1"', '"POST /a?- HTTP/1.1"'),
        ("/1.2/key-sites?api_key=s3cret", "/1.2/key-sites?-"),
        ("/akismet/s3cret?op=.rest/1.1/x", "/akismet/-?-"),
        ("/akismet/s3cret/1.1/x", "/akismet/-/1.1/x"),
        ("/akismet/1.1/comment-check", "/akismet/1.1/comment-check"),
        ("Why? Because.", "Why? Because."),
    ],
)
def test_keys_are_masked(line: str, masked: str) -> None:
    assert mask_keys(line) == masked
