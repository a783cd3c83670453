"""The words of the console: one catalogue a language, with placeholders and plurals.

    catalogue/en/desk.json     {"skip": "Skip"}                     desk.skip
                               {"said": {"reject": "reject"}}       desk.said.reject
    catalogue/en/shared.json   {"label": {"spam": "Spam"}}          label.spam

Each language has a folder, each page a file in it; `shared.json` has what several pages
use. A key is the path to the text: the page, the groups, the name. Groups of
`shared.json` stand without a page. A text is a string with `{placeholders}`, or one
string for each plural form of the language (`other` is always among them); the value
`count` chooses the form. Templates and browser modules both write `t("desk.skip")`. A
key that is put together begins with a whole group (`t("label." ~ label)`), so that a
test can see which texts are used.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

CATALOGUE = Path(__file__).parent / "catalogue"
SHARED = "shared"  # the file whose groups belong to no page
PLACEHOLDER = re.compile(r"\{(\w+)\}")
#: Around what reads in the other direction than the sentence it stands in.
#: Source: Unicode Standard Annex 9, section 2.7.
ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"

Text = str | dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language that the console speaks."""

    code: str  #: BCP 47
    name: str  #: its own name for itself
    direction: str  #: `ltr` or `rtl`
    plural: Callable[[int], str]  #: the form for a number
    forms: tuple[str, ...]  #: all that `plural` may answer


def _english_plural(number: int) -> str:
    return "one" if number == 1 else "other"


def _arabic_plural(number: int) -> str:
    """Return the form; the rules are those of CLDR 48 for `ar`."""
    if number < 3:
        return ("zero", "one", "two")[number]
    rest = number % 100
    if 3 <= rest <= 10:
        return "few"
    return "many" if rest >= 11 else "other"


#: The first one is shown where a browser asks for none of them.
LANGUAGES = {
    language.code: language
    for language in (
        Language(
            code="en",
            name="English",
            direction="ltr",
            plural=_english_plural,
            forms=("one", "other"),
        ),
        Language(
            code="ar",
            name="العربية",
            direction="rtl",
            plural=_arabic_plural,
            forms=("zero", "one", "two", "few", "many", "other"),
        ),
    )
}
DEFAULT = next(iter(LANGUAGES))
#: Of all languages: what makes an object of the catalogue a text, not a group of texts.
PLURAL_FORMS = frozenset().union(*(language.forms for language in LANGUAGES.values()))


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
        return text[self.language.plural(count)]

    def _shown(self, value: object) -> str:
        if isinstance(value, Markup):
            return value
        if isinstance(value, int):
            return f"{value:,}"
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


@functools.cache
def words(code: str) -> Words:
    """Return the texts of a language, read once.

    Raises
    ------
    ValueError
        If two texts have the same key.
    """
    texts: dict[str, Text] = {}
    for path in sorted((CATALOGUE / code).glob("*.json")):
        page = "" if path.stem == SHARED else f"{path.stem}."
        for key, text in list_texts(json.loads(path.read_text(encoding="utf-8")), page):
            if key in texts:
                raise ValueError(f"{path} has {key} again")
            texts[key] = text
    return Words(LANGUAGES[code], texts)


def list_texts(group: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Text]]:
    """Yield the texts of a group and of the groups in it, with their keys."""
    for name, entry in group.items():
        if isinstance(entry, str) or _is_plural(entry):
            yield f"{prefix}{name}", entry
        else:
            yield from list_texts(entry, f"{prefix}{name}.")


def _is_plural(entry: Mapping[str, Any]) -> bool:
    return "other" in entry and entry.keys() <= PLURAL_FORMS
