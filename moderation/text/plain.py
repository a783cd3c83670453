"""Plain text that readers see, and addresses that may be linked."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from moderation.text.names import INVISIBLE

WEB_ADDRESS = re.compile(r"https?://[^\s\\<>\"'`{}|^]+", re.IGNORECASE)


def is_blank(text: str) -> bool:
    """Tell whether a reader would see nothing at all.

    >>> is_blank("\u200b \u3164"), is_blank("!")
    (True, False)
    """
    return not any(
        unicodedata.category(each)[0] in "LNPS" and each not in INVISIBLE
        for each in text
    )


def is_web_address(text: str) -> bool:
    """Tell whether a text is an http or https address that can be linked safely."""
    if not WEB_ADDRESS.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
