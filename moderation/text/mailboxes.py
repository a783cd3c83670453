"""Email addresses that lead to one mailbox, in one spelling."""

from __future__ import annotations

# Gmail ignores dots in the part before the @, and takes googlemail.com for gmail.com.
# Sources: https://support.google.com/mail/answer/7436150 and
# https://support.google.com/mail/answer/10313 (read 2026-11). Other providers that
# ignore dots can be added here; the records of their authors are then found again.
DOTS_IGNORED = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def canonical_address(email: str) -> str:
    """Return the address that an alias stands for.

    Letter case is folded and a `+tag` dropped at every provider; dots before the @
    are dropped where the provider ignores them (`DOTS_IGNORED`). What would leave
    nothing before the @ is kept.

    >>> canonical_address("A.Lovelace+news@GoogleMail.com")
    'alovelace@gmail.com'
    >>> canonical_address("a.lovelace+news@mail.example")
    'a.lovelace@mail.example'
    >>> canonical_address("+@mail.example")
    '+@mail.example'
    """
    local, at, domain = email.casefold().rpartition("@")
    name = local.partition("+")[0] or local
    if domain in DOTS_IGNORED:
        name = name.replace(".", "") or name
        domain = DOTS_IGNORED[domain]
    return f"{name}{at}{domain}"
