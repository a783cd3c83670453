"""The words of the console: one file a page in the folder of a language.

    catalogue/en/console/desk.json     {"skip": "Skip"}               desk.skip
                                       {"written": {"note": "…"}}     desk.written.note
    catalogue/en/console/shared.json   {"label": {"spam": "Spam"}}    label.spam

`shared.json` has what several pages use. A key is the path to the text: the page, the
groups, the name. Keys of `shared.json` have no page. A text is a string with
`{placeholders}`, or one string for each plural form of the language (`other` is always
among them); the value `count` chooses the form. Templates and browser modules both
write `t("desk.skip")`. A key that is put together begins with a whole group
(`t("label." ~ label)`), so that a test can see which texts are used.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from moderation.languages import registry
from moderation.languages.registry import TextPart, read_texts
from moderation.languages.words import Text, Words, list_texts

SHARED = "shared"  # the file whose groups belong to no page
#: The first one is shown where a browser asks for none of them.
LANGUAGES = {
    code: registry.LANGUAGES[code] for code in registry.offered(TextPart.CONSOLE)
}


@functools.cache
def words(code: str) -> Words:
    """Return the texts of a language, read once."""
    return Words(LANGUAGES[code], texts_of_pages(read_texts(code, TextPart.CONSOLE)))


def texts_of_pages(pages: Mapping[str, Mapping[str, Any]]) -> dict[str, Text]:
    """Return the texts of files by their keys.

    Raises
    ------
    ValueError
        If two texts have the same key.
    """
    texts: dict[str, Text] = {}
    for page, groups in pages.items():
        for key, text in list_texts(groups, "" if page == SHARED else f"{page}."):
            if key in texts:
                raise ValueError(f"{page}.json has {key} again")
            texts[key] = text
    return texts
