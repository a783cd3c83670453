"""Email addresses at rest: sealed to their row, found blindly, never in clear."""

from __future__ import annotations

import base64

import pytest

from moderation.keyed_hashes import HashKeys
from moderation.privacy import (
    Privacy,
    UnreadableEmail,
    derive_key,
    has_email,
    keyed_hash,
    mask_emails,
)

OLD, NEW = b"o" * 32, b"n" * 32


def privacy(keys: dict[str, bytes] | None = None, index_key: bytes = OLD) -> Privacy:
    return Privacy(
        email_keys=keys or {"k1": OLD},
        index_keys=[index_key],
        ip_keys=HashKeys.of([OLD]),
    )


def test_an_address_comes_back_from_its_own_row() -> None:
    token = privacy().encrypt_email("jo@news.example", 7)
    assert privacy().decrypt_email(token, 7) == "jo@news.example"


def test_a_token_moved_to_another_row_is_refused() -> None:
    token = privacy().encrypt_email("jo@news.example", 7)
    with pytest.raises(UnreadableEmail):
        privacy().decrypt_email(token, 8)


def test_the_same_address_is_sealed_differently_each_time() -> None:
    sealed = {privacy().encrypt_email("jo@news.example", 7) for _ in range(10)}
    assert len(sealed) == 10


def test_a_token_names_its_key_and_nothing_of_the_address() -> None:
    token = privacy().encrypt_email("jo@news.example", 7)
    key_id, _, body = token.partition(".")
    assert key_id == "k1"
    assert b"jo" not in base64.b64decode(body)


def test_the_first_key_seals_and_older_ones_still_open() -> None:
    token = privacy().encrypt_email("jo@news.example", 7)
    rotated = privacy({"k2": NEW, "k1": OLD})
    assert rotated.decrypt_email(token, 7) == "jo@news.example"
    assert rotated.encrypt_email("jo@news.example", 7).startswith("k2.")


@pytest.mark.parametrize("keys", [{"k2": OLD}, {"k1": NEW}])
def test_a_token_under_a_lost_key_is_unreadable(keys: dict[str, bytes]) -> None:
    token = privacy().encrypt_email("jo@news.example", 7)
    with pytest.raises(UnreadableEmail) as caught:
        privacy(keys).decrypt_email(token, 7)
    assert "jo" not in str(caught.value)


@pytest.mark.parametrize("token", ["", ".", "k1", "k1.", "k1.AAAA", "k1.*", "k1.é"])
def test_a_broken_token_is_unreadable(token: str) -> None:
    with pytest.raises(UnreadableEmail):
        privacy().decrypt_email(token, 7)


def test_a_changed_token_is_unreadable() -> None:
    token = privacy().encrypt_email("jo@news.example", 7)
    flipped = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    with pytest.raises(UnreadableEmail):
        privacy().decrypt_email(flipped, 7)


def test_the_blind_index_is_equal_in_any_letter_case() -> None:
    assert privacy().index_email("Jo@News.example", 1) == privacy().index_email(
        "jo@news.example", 1
    )


def test_the_blind_index_depends_on_its_key() -> None:
    index = privacy().index_email("jo@news.example", 1)
    assert privacy(index_key=NEW).index_email("jo@news.example", 1) != index


def test_the_blind_index_differs_by_site_also_one_from_before() -> None:
    first, second = (privacy().index_email("jo@news.example", site) for site in (1, 2))
    assert first != second
    everywhere = keyed_hash(OLD, "jo@news.example")
    assert privacy().localize_index(everywhere, 1) == first
    assert privacy().localize_index(first, 1) == first
    assert everywhere in privacy().list_email_indexes("Jo@News.example", 2)
    two = Privacy(
        email_keys={"k1": OLD}, index_keys=[NEW, OLD], ip_keys=HashKeys.of([OLD])
    )
    assert two.localize_index(everywhere, 1) == everywhere
    assert first in two.list_email_indexes("jo@news.example", 1)


def test_a_fingerprint_is_no_blind_index() -> None:
    text = "jo@news.example"
    assert privacy().fingerprint(text) != privacy().index_email(text, 1)


def test_a_machine_has_another_pseudonym_at_every_site() -> None:
    assert privacy().pseudonym("192.0.2.1", 1) != privacy().pseudonym("192.0.2.1", 2)


def test_one_machine_has_one_pseudonym_however_it_is_written() -> None:
    assert privacy().pseudonym("2001:db8::1", 1) == privacy().pseudonym(
        "2001:DB8:0:0:0:0:0:1", 1
    )


def test_one_secret_gives_each_purpose_a_key_of_its_own() -> None:
    assert derive_key("secret", "ip") != derive_key("secret", "tokens")
    assert len(derive_key("secret", "ip")) == 32


def test_a_keyed_hash_depends_on_its_key() -> None:
    assert keyed_hash(OLD, "text") != keyed_hash(NEW, "text")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("", ""),
        ("no address here", "no address here"),
        ("jo@news.example", "[e-mail]"),
        ("<jo@news.example>, hello", "<[e-mail]>, hello"),
        ("a@b and c@d", "[e-mail] and [e-mail]"),
        ("jö+tag@bücher.example", "[e-mail]"),
        ("meet @ noon", "meet @ noon"),
        ("@jo said", "@jo said"),
    ],
)
def test_what_looks_like_an_address_is_masked(text: str, masked: str) -> None:
    assert mask_emails(text) == masked
    assert has_email(text) == (text != masked)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "192.0.2.254"),
        ("192.0.2.1", "::ffff:192.0.2.9"),
        ("2001:db8:0:1200::1", "2001:db8:0:12ff:1:2:3:4"),
        ("fe80::1%eth0", "fe80::2"),
        (None, "unix:"),
    ],
)
def test_addresses_of_one_network_have_one_pseudonym(
    one: str | None, other: str
) -> None:
    assert privacy().network(one) == privacy().network(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "192.0.3.1"),
        ("2001:db8:0:1200::1", "2001:db8:0:1300::1"),
        ("0.0.0.1", "::1"),
        ("192.0.2.1", None),
    ],
)
def test_networks_have_pseudonyms_of_their_own(one: str, other: str | None) -> None:
    assert privacy().network(one) != privacy().network(other)


def test_a_network_has_another_pseudonym_under_another_key() -> None:
    other = Privacy(
        email_keys={"k1": OLD}, index_keys=[OLD], ip_keys=HashKeys.of([NEW])
    )
    assert other.network("192.0.2.1") != privacy().network("192.0.2.1")
