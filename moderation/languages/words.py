"""Texts with placeholders and plurals, in one language."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from moderation.languages.plurals import FORMS, OTHER
from moderation.languages.registry import Language

PLACEHOLDER = re.compile(r"\{(\w+)\}")
#: Around what reads in the other direction than the sentence it stands in.
#: Source: Unicode Standard Annex 9, section 2.7.
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"

Text = str | dict[str, str]


class Words:
    """The texts of one language; call it with a key and the values."""

    def __init__(self, language: Language, texts: Mapping[str, Text]) -> None:
        self.language = language
        self.texts = texts
        #: all texts, for the browser
        self.as_json = json.dumps(texts, ensure_ascii=False, separators=(",", ":"))
        #: another one whenever a text has changed
        self.version = hashlib.sha256(self.as_json.encode()).hexdigest()[:12]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its values in place; markup stays markup.

        Raises
        ------
        KeyError
            If there is no such text, or it needs a value that is not given.
        """
        pieces: list[str] = PLACEHOLDER.split(self._form(key, values))
        pieces[1::2] = [self._shown(values[name]) for name in pieces[1::2]]
        if any(isinstance(value, Markup) for value in values.values()):
            return Markup("").join(pieces)  # which escapes all that is no markup
        return "".join(pieces)

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def _form(self, key: str, values: Mapping[str, object]) -> str:
        text = self.texts[key]
        if isinstance(text, str):
            return text
        count = values["count"]
        if not isinstance(count, int):
            raise KeyError(f"{key} needs a whole number as its count")
        return text.get(self.language.plural(count), text[OTHER])

    def _shown(self, value: object) -> str:
        if isinstance(value, Markup):
            return value
        if isinstance(value, int):
            return self.language.write_number(value)
        return isolated(str(value), self.language.direction)


def isolated(text: str, direction: str) -> str:
    """Return a text so that it doesn't disturb a sentence of the other direction.

    >>> isolated("Ada", "ltr")
    'Ada'
    >>> ascii(isolated("Ada", "rtl"))
    "'\\\\u2068Ada\\\\u2069'"
    """
    others = {"L"} if direction == "rtl" else {"R", "AL"}
    if any(unicodedata.bidirectional(letter) in others for letter in text):
        return f"{ISOLATE}{text}{END_OF_ISOLATE}"
    return text


def list_texts(group: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Text]]:
    """Yield the texts of a group and of the groups in it, with their keys."""
    for name, entry in group.items():
        if isinstance(entry, str) or _is_plural(entry):
            yield f"{prefix}{name}", entry
        else:
            yield from list_texts(entry, f"{prefix}{name}.")


def _is_plural(entry: Mapping[str, Any]) -> bool:
    return OTHER in entry and entry.keys() <= set(FORMS)
