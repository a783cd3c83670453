"""Keyed hashes: they name their key, and older ones are accepted."""

from __future__ import annotations

import pytest

from moderation.keyed_hashes import LENGTH, HashKey, HashKeys
from moderation.privacy import derive_key, keyed_hash

OLD, NEW = b"o" * 32, b"n" * 32
BOTH, ALONE = HashKeys.of([NEW, OLD]), HashKeys.of([OLD])


def test_a_hash_names_its_key_and_tells_nothing_of_it() -> None:
    stored = ALONE.hash("text")
    key_id, digest = stored.split(".")
    assert key_id == HashKey.of(OLD).id != HashKey.of(NEW).id
    assert keyed_hash(OLD, "text").startswith(digest)
    assert len(stored) == LENGTH
    assert "oooo" not in repr(ALONE.current)


def test_what_an_older_key_made_is_accepted_in_every_form() -> None:
    for stored in (ALONE.hash("text"), keyed_hash(OLD, "text"), BOTH.hash("text")):
        assert BOTH.matches(stored, "text")
        assert not BOTH.matches(stored, "another text")
    assert not ALONE.matches(BOTH.hash("text"), "text")
    assert BOTH.list_hashes("text")[0] == BOTH.hash("text")


def test_only_a_single_key_is_known_to_have_made_a_nameless_hash() -> None:
    before = keyed_hash(OLD, "text")
    assert ALONE.name_key(before) == ALONE.hash("text")
    assert BOTH.name_key(before) is None
    assert ALONE.name_key(ALONE.hash("text")) is None
    assert [BOTH.is_current(keys.hash("text")) for keys in (BOTH, ALONE)] == [
        True,
        False,
    ]


def test_a_derived_key_keeps_the_id() -> None:
    derived = ALONE.derive("tokens").current
    assert derived.id == ALONE.current.id
    assert derived.secret == derive_key("o" * 32, "tokens")


def test_at_least_one_key_is_needed() -> None:
    with pytest.raises(ValueError, match="at least one"):
        HashKeys([])
