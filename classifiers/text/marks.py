"""Pseudo-words for the form of a token: links, addresses, markup, capitals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: Starts a pseudo-word ("a link stood here"). Control characters never survive
#: folding, so no text can spell one.
MARK = "\x01"

# A name is tried from its beginning only: from each of its letters, a token of 256
# hyphens costs 256 times as much.
_LINK = re.compile(
    r"(?:https?|hxxps?|ftp)://|www\.|\[url|\bhref=|"
    r"(?<![a-z0-9-])[a-z0-9-]{2,}+\.(?:com|net|org|info|biz|ru|cn|co|us|uk|io|me|xyz|top|"
    r"club|site|online|shop|tk|ml|ga|cf|ly|to|pl|de|eu|in|tv|app|live|store|win|bet|vip|"
    r"icu|casino|loan|click|link|pro|gg|cc|nl|fr|br|ca|au)(?:/|\b)",
    re.IGNORECASE,
)
#: A link that is taken apart.
_APART = re.compile(r"\[\.\]|\(\.\)|[\[({]dot[\])}]|\bd0t\b")
#: The words of a Markdown link.
_LABEL = re.compile(r"\[([^\[\]]{1,80})\]\([^)]")
_NAMED = re.compile(r"@|\.[a-z]{2}")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.]+")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>?")
#: Markup that commenters use for emphasis and quotes: it carries no meaning.
_FORMAT = re.compile(r"</?(?:b|i|u|s|p|em|strong|br|q|blockquote|cite|code|del)\s*/?>")
_MASKED = re.compile(r"[^\W\d_][*#@%$&!^-]{1,}[^\W\d_]?", re.UNICODE)


#: Letters in frames and letters of flags; they are read as letters.
_FRAMED = range(0x1F100, 0x1F200)


def _is_picture(char: str) -> bool:
    return (
        char > "\u2600"
        and ord(char) not in _FRAMED
        and unicodedata.category(char) == "So"
    )


def _is_lure(plain: str) -> bool:
    """Return whether a link hides: taken apart, or under a handle or other address."""
    if _APART.search(plain):
        return True
    return "](" in plain and any(map(_NAMED.search, _LABEL.findall(plain)))


def has_link(text: str) -> bool:
    """Return whether a text contains something like a web address."""
    return _LINK.search(text) is not None


def without_tags(plain: str) -> str:
    """Return a token with a space in place of each HTML tag."""
    return _TAG.sub(" ", plain) if "<" in plain else plain


def marks(token: str, plain: str) -> Iterator[str]:
    """Yield pseudo-words for the form of a token.

    Parameters
    ----------
    token : as written
    plain : the same in plain letters; see `characters.unmask_letters`
    """
    if _LINK.search(plain):
        yield MARK + "link"
        if "://" in plain or "www." in plain:
            yield MARK + "url"
    is_tagged = "<" in plain and _TAG.search(_FORMAT.sub("", plain))
    if is_tagged or "href=" in plain or "[url" in plain:
        yield MARK + "tag"
    if _is_lure(plain):
        yield MARK + "lure"
    if "@" in plain and _EMAIL.search(plain):
        yield MARK + "email"
    elif plain.startswith("@") and len(plain) > 2:
        yield MARK + "mention"
    if plain.startswith("#") and len(plain) > 2:
        yield MARK + "hash"
    if token.upper() == token and sum(map(str.isalpha, token)) > 2:
        yield MARK + "caps"
    if "!" in plain:
        yield MARK + ("!!" if "!!" in plain else "!")
    if "?" in plain:
        yield MARK + ("??" if "??" in plain else "?")
    if any(map(str.isdigit, plain)):
        yield MARK + ("money" if "$" in plain or "%" in plain else "number")
    if not plain.isascii() and any(map(_is_picture, plain)):
        yield MARK + "emoji"
    if _MASKED.search(plain):
        yield MARK + "masked"
