"""Passwords: hashed, compared, and refused if they are easy to guess."""

from __future__ import annotations

import functools
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 12  # characters; NIST SP 800-63B-4 asks for 8 next to a second factor
MAX_COMPARED = 72  # characters; zxcvbn takes seconds for some longer texts
#: Guesses that a password must withstand: zxcvbn's score 3, "safely unguessable:
#: moderate protection from offline slow-hash scenario". Source: Wheeler, "zxcvbn:
#: low-budget password strength estimation", USENIX Security 2016.
MIN_GUESSES = 10**8


def find_fault(password: str, login: str) -> str | None:
    """Return why a password is refused; None: it is good enough.

    Common passwords, names, words, dates, keyboard rows, repetitions, and the
    username are recognized, also combined and with letters replaced. The lists come
    with zxcvbn: passwords of public breaches, English words, and names.
    """
    if len(password) < MIN_LENGTH:
        return f"Must have {MIN_LENGTH} characters or more."
    from zxcvbn import zxcvbn  # only who sets a password needs its lists

    estimate = zxcvbn(password[:MAX_COMPARED], [login])
    if estimate["guesses"] < MIN_GUESSES:
        return "Is too easy to guess: use several unrelated words, or a random text."
    return None


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password. Slow by design (CPU)."""
    return _hasher().hash(password)


def is_right(password_hash: str, password: str) -> bool:
    """Return whether a password has a hash. Slow by design (CPU).

    An empty hash takes the same time and is never right.
    """
    try:
        return _hasher().verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id, RFC 9106's second recommendation


@functools.cache
def _nobodys_hash() -> str:
    """Return a hash to check for unknown usernames, in equal time."""
    return _hasher().hash(secrets.token_hex())
