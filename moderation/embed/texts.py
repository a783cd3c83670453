"""The texts of `embed.js` and of the thread page."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path

from moderation.languages.registry import (
    LANGUAGES,
    TextPart,
    nearest,
    offered,
    read_texts,
)

SCRIPT = Path(__file__).parent / "static" / "embed.js"
PLACE = "{/* texts */}"  # in the script: an object of texts by language


@functools.cache
def script() -> str:
    """Return `embed.js` with the texts of all languages."""
    texts = {
        code: {
            "dir": LANGUAGES[code].direction,
            **read_texts(code, TextPart.EMBED)["script"],
        }
        for code in offered(TextPart.EMBED)
    }
    written = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
    return SCRIPT.read_text(encoding="utf-8").replace(PLACE, written)


def find_language(requested: str) -> str:
    """Return the language of the texts for a BCP 47 tag.

    >>> find_language("ar-EG"), find_language("tlh")
    ('ar', 'en')
    """
    return nearest(requested, offered(TextPart.EMBED))


def thread_texts(language: str) -> Mapping[str, str]:
    """Return the texts of the thread page."""
    texts: Mapping[str, str] = read_texts(language, TextPart.EMBED)["thread"]
    return texts
