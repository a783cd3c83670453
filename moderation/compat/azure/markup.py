"""The text of HTML, with the place of each character in it."""

from __future__ import annotations

import html
import re

MAX_TAG_LENGTH = 2_000  # characters; a longer one is text

#: A comment; a script or style; a tag; a character reference.
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<hidden>script|style)\b.*?(?:</(?P=hidden)\s*>|\Z)"
    rf"|</?(?P<tag>[a-z][\w:-]*+)[^>]{{0,{MAX_TAG_LENGTH}}}+>"
    r"|(?P<reference>&(?:\#\d{1,7}|\#x[\da-f]{1,6}|\w{2,32});)",
    re.DOTALL | re.IGNORECASE,
)
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "font", "i", "ins"}
    | {"mark", "q", "s", "small", "span", "strong", "sub", "sup", "u", "wbr"}
)


def read_markup(markup: str) -> tuple[str, list[int]]:
    """Return the text of HTML or XML, and where each of its characters stands there.

    A tag that begins a line of its own is a line break.

    >>> read_markup("<p>a<b>b</b>&lt;")
    ('\\nab<', [0, 3, 7, 12])
    """
    parts: list[str] = []
    places: list[int] = []
    at = 0

    def add(text: str, place: int, step: int) -> None:
        parts.append(text)
        places.extend(place + step * number for number in range(len(text)))

    for match in _MARKUP.finditer(markup):
        add(markup[at : match.start()], at, 1)
        if match["reference"]:
            add(html.unescape(match["reference"]), match.start(), 0)
        elif match["tag"] and match["tag"].lower() not in _INLINE:
            add("\n", match.start(), 0)
        at = match.end()
    add(markup[at:], at, 1)
    return "".join(parts), places
