"""Email addresses encrypted and indexed blindly, addresses of machines hashed."""

from __future__ import annotations

import base64
import hmac
import ipaddress
import logging
import re
import secrets
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from moderation.errors import Unavailable
from moderation.keyed_hashes import SEPARATOR, HashKey, HashKeys

NONCE_BYTES = 12  # AES-GCM-SIV, RFC 8452 section 4

# Broader than what mail servers take: it is there to hide, not to validate.
EMAIL_PATTERN = re.compile(r"[^\s@<>\"'(),:;\[\]]{1,256}@[\w.-]{1,255}")
#: What may be one part of a link: an address in it has `@` and dots as RFC 3986
#: section 2.1 writes them, perhaps several times over.
LINK_PART = re.compile(r"[\w.+%~!$*-]+")
ENCODED_AT = re.compile("%(?:25){0,3}40")
ENCODED_DOT = re.compile("%(?:25){0,3}2e", re.IGNORECASE)
EMAIL_MASK = "[e-mail]"
MAX_KEY_ID_LENGTH = 64

logger = logging.getLogger(__name__)

NETWORK_BITS = {4: 24, 6: 56}  # of an address, by the version of IP


class UnreadableEmail(Unavailable):
    """A stored address or secret can't be decrypted with the keys at hand."""

    code = "unreadable_email"


class Privacy:
    """Protects personal data before it is stored.

    Parameters
    ----------
    email_keys
        Key id to 32-byte key; the first one encrypts, all of them decrypt.
    index_keys
        32-byte keys of the blind index; the first one is in use, all are accepted.
    ip_keys
        Keys of the pseudonyms of IP addresses and readers, the same.
    """

    def __init__(
        self,
        *,
        email_keys: Mapping[str, bytes],
        index_keys: Sequence[bytes],
        ip_keys: HashKeys,
    ) -> None:
        self.email_keys = dict(email_keys)
        self._ciphers = {name: AESGCMSIV(key) for name, key in email_keys.items()}
        self._current = next(iter(email_keys))
        self.index_keys = HashKeys.of(index_keys)
        self._ip_keys = ip_keys

    @property
    def email_key_id(self) -> str:
        """The id of the key that encrypts."""
        return self._current

    def reseal(self, token: str, binding: bytes) -> str:
        """Return a token sealed again under the key in use.

        Raises
        ------
        UnreadableEmail
            If it can't be opened.
        """
        return self._seal(self._open(token, binding), binding)

    def encrypt_email(self, email: str, comment_id: int) -> str:
        """Return `key id.base64`, which only this comment's row can open."""
        return self._seal(email, bind_to_comment(comment_id))

    def seal_secret(self, secret: str, purpose: str, site_id: int) -> str:
        """Return a site's secret as `key id.base64`, for one purpose at one site."""
        return self._seal(secret, bind_to_site(purpose, site_id))

    def open_secret(self, token: str, purpose: str, site_id: int) -> str:
        """Return the secret in a token.

        Raises
        ------
        UnreadableEmail
            If the key is gone, or the token was made for something else.
        """
        return self._open(token, bind_to_site(purpose, site_id))

    def seal_factor(self, secret: str, staff_id: int) -> str:
        """Return the secret of a person's second factor as `key id.base64`."""
        return self._seal(secret, bind_to_staff("second_factor", staff_id))

    def open_factor(self, token: str, staff_id: int) -> str:
        """Return the secret in a token of that person.

        Raises
        ------
        UnreadableEmail
            If the key is gone, or the token is another person's.
        """
        return self._open(token, bind_to_staff("second_factor", staff_id))

    def seal_for_staff(self, secret: str, purpose: str, staff_id: int) -> str:
        """Return a person's own secret as `key id.base64`, for one purpose."""
        return self._seal(secret, bind_to_staff(purpose, staff_id))

    def open_for_staff(self, token: str, purpose: str, staff_id: int) -> str:
        """Return the secret in a token of that person.

        Raises
        ------
        UnreadableEmail
            If the key is gone, or the token was made for something else.
        """
        return self._open(token, bind_to_staff(purpose, staff_id))

    def seal_for_notice(self, text: str, field: str, notice_id: int) -> str:
        """Return a field of a notice's sender as `key id.base64`."""
        return self._seal(text, bind_to_notice(field, notice_id))

    def open_for_notice(self, token: str, field: str, notice_id: int) -> str:
        """Return what a token of a notice holds.

        Raises
        ------
        UnreadableEmail
            If the key is gone, or the token was made for something else.
        """
        return self._open(token, bind_to_notice(field, notice_id))

    def decrypt_email(self, token: str, comment_id: int) -> str:
        """Return the address in a comment's token.

        Raises
        ------
        UnreadableEmail
            If the key is gone, or the token was changed or moved from another row.
        """
        return self._open(token, bind_to_comment(comment_id))

    def _seal(self, text: str, binding: bytes) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, text.encode(), binding)
        return f"{self._current}.{base64.b64encode(nonce + sealed).decode()}"

    def _open(self, token: str, binding: bytes) -> str:
        key_id, _, body = token.partition(".")
        try:
            sealed = base64.b64decode(body, validate=True)
            plain = self._ciphers[key_id].decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], binding
            )
        except (KeyError, ValueError, InvalidTag) as error:
            # What follows the key's id, or all of a broken token, isn't for the log.
            named = key_id if key_id in self._ciphers or key_id.isalnum() else "none"
            logger.error(
                "a value sealed as %s under the key %s can't be read; "
                "MODERATION_EMAIL_KEYS has %s",
                binding.decode(),
                named[:MAX_KEY_ID_LENGTH],
                ", ".join(self._ciphers),
            )
            raise UnreadableEmail from error
        return plain.decode()

    def index_email(self, email: str, site_id: int) -> str:
        """Return the blind index of an address, different at every site.

        It is equal for equal addresses, in any letter case, and names its key.
        """
        return self._index(self.index_keys.current, email, site_id)

    def list_email_indexes(self, email: str, site_id: int) -> tuple[str, ...]:
        """Return all that may be stored for an address, the newest form first.

        Before the index differed by site, it was 64 hexadecimal digits.
        """
        indexes = []
        for key in self.index_keys.keys:
            indexes.append(self._index(key, email, site_id))
            indexes.append(_hmac(key.secret, email.casefold()))
        return tuple(indexes)

    def localize_index(self, stored: str, site_id: int) -> str:
        """Return an index that was the same at every site as that of one site.

        No address is needed. Another one is returned as it is, and so are all while
        several keys are accepted: it is unknown which one made it.
        """
        if SEPARATOR in stored or len(self.index_keys.keys) > 1:
            return stored
        return _localize(self.index_keys.current, stored, site_id)

    @staticmethod
    def _index(key: HashKey, email: str, site_id: int) -> str:
        return _localize(key, _hmac(key.secret, email.casefold()), site_id)

    def author_key(self, site_id: int, found_by: str, value: str) -> str:
        """Return a keyed hash that finds an author's record, different at every site.

        Parameters
        ----------
        found_by
            What the value is, so that an id never finds what an address does.
        """
        return self.index_keys.hash(_author_text(site_id, found_by, value))

    def list_author_keys(
        self, site_id: int, found_by: str, value: str
    ) -> tuple[str, ...]:
        """Return all that may be stored as `author_key`, the newest form first."""
        return self.index_keys.list_hashes(_author_text(site_id, found_by, value))

    def fingerprint(self, text: str) -> str:
        """Return a keyed hash of a body, which may hold an address."""
        return self.index_keys.hash("fingerprint:" + text)

    def list_fingerprints(self, text: str) -> tuple[str, ...]:
        """Return all that may be stored as `fingerprint`, the newest form first."""
        return self.index_keys.list_hashes("fingerprint:" + text)

    def pseudonym(self, ip: str, site_id: int) -> str:
        """Return a keyed hash of an IP address, different at every site."""
        return self._ip_keys.hash(_machine_text(ip, site_id))

    def list_pseudonyms(self, ip: str, site_id: int) -> tuple[str, ...]:
        """Return all that may be stored as `pseudonym`, the newest form first."""
        return self._ip_keys.list_hashes(_machine_text(ip, site_id))

    def network(self, ip: str | None) -> str:
        """Return a keyed hash of the network of an IP address, the same at every site.

        A network is a /24 of IPv4 or a /56 of IPv6, which a single household often
        has. What is no IP address, as behind a Unix socket, is one network.
        """
        # Kept for days at most, and in the audit log, which is never changed.
        key = self._ip_keys.current.secret
        return _hmac(key, f"network:{_network_of(ip or '')}")

    def reader(self, reporter: str, site_id: int) -> str:
        """Return a keyed hash of a site's id of a reader, different at every site."""
        return self._ip_keys.hash(_reader_text(reporter, site_id))

    def list_readers(self, reporter: str, site_id: int) -> tuple[str, ...]:
        """Return all that may be stored as `reader`, the newest form first."""
        return self._ip_keys.list_hashes(_reader_text(reporter, site_id))


def mask_emails(text: str) -> str:
    """Return the text with everything that looks like an email address masked.

    >>> mask_emails("write to jo@news.example!")
    'write to [e-mail]!'
    >>> mask_emails("https://x.example/?to=jo%40news.example&a=1")
    'https://x.example/?to=[e-mail]&a=1'
    """
    if "@" in text:
        text = EMAIL_PATTERN.sub(EMAIL_MASK, text)
    return LINK_PART.sub(_masked, text) if _may_encode(text) else text


def has_email(text: str) -> bool:
    """Tell whether something in the text looks like an email address."""
    if "@" in text and EMAIL_PATTERN.search(text):
        return True
    return _may_encode(text) and any(map(_is_encoded_email, LINK_PART.findall(text)))


def _may_encode(text: str) -> bool:
    """Tell whether there may be an encoded `@`; most texts are done with here."""
    return "%" in text and "40" in text


def _masked(part: re.Match[str]) -> str:
    return EMAIL_MASK if _is_encoded_email(part[0]) else part[0]


def _is_encoded_email(part: str) -> bool:
    """Tell whether a name, an encoded `@`, and a host with a dot follow another."""
    name, *hosts = ENCODED_AT.split(part)
    for host in hosts:
        if name and "." in ENCODED_DOT.sub(".", host).strip(".-%"):
            return True
        name = host
    return False


def derive_key(secret: str, purpose: str) -> bytes:
    """Return a 32-byte key for one purpose, so that one secret serves several."""
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")


def keyed_hash(key: bytes, text: str) -> str:
    """Return HMAC-SHA-256 of the text, 64 hexadecimal digits."""
    return _hmac(key, text)


def bind_to_comment(comment_id: int) -> bytes:
    """Return what ties a sealed address to its comment."""
    return f"comments.email:{comment_id}".encode()


def bind_to_site(purpose: str, site_id: int) -> bytes:
    """Return what ties a sealed secret to its site and purpose."""
    return f"sites.{purpose}:{site_id}".encode()


def bind_to_staff(purpose: str, staff_id: int) -> bytes:
    """Return what ties a sealed secret to its person and purpose."""
    return f"staff.{purpose}:{staff_id}".encode()


def _localize(key: HashKey, index: str, site_id: int) -> str:
    return key.derive(f"email index:{site_id}").hash(index)


def _author_text(site_id: int, found_by: str, value: str) -> str:
    return f"author:{site_id}:{found_by}:{value}"


def _machine_text(ip: str, site_id: int) -> str:
    return f"{site_id}:{ipaddress.ip_address(ip).packed.hex()}"


def _reader_text(reporter: str, site_id: int) -> str:
    return f"reader:{site_id}:{reporter}"


def bind_to_notice(field: str, notice_id: int) -> bytes:
    """Return what binds a sealed field to its notice."""
    return f"notices.{field}:{notice_id}".encode()


def _network_of(ip: str) -> str:
    """Return the network of an address.

    >>> _network_of("192.0.2.77"), _network_of("::ffff:192.0.2.78")
    ('192.0.2.0/24', '192.0.2.0/24')
    >>> _network_of("2001:db8:0:12ff::1"), _network_of("unix:")
    ('2001:db8:0:1200::/56', 'unknown')
    """
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    bits = NETWORK_BITS[address.version]
    # As bytes: a link-local address may carry a zone, which a network can't have.
    return str(ipaddress.ip_network((address.packed, bits), strict=False))


def _hmac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()
