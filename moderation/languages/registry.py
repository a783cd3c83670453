"""The languages and their texts: one folder a language.

    catalogue/de/language.json        its name, direction, plural forms, numbers
    catalogue/de/console/desk.json    a page of the console
    catalogue/de/notifications.json   another part: see `TextPart`

A folder that is put there is a language. It may hold a part of the texts: a part is
offered in a language if its file or folder is there, and a text that lacks is English.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from moderation.languages.plurals import FORMS, OTHER, read_rules

CATALOGUE = Path(__file__).parent / "catalogue"
DEFAULT = "en"  # where no other language is wanted; it has all texts


class TextPart(StrEnum):
    """Texts of one purpose: a file of a language's folder, or a folder of files."""

    CONSOLE = "console"  #: with the pages of authors; a folder
    NOTIFICATIONS = "notifications"  #: to staff
    EMBED = "embed"  #: `embed.js`, and the thread page
    NUDGES = "nudges"
    PERSON = "person"  #: a person's data as a page
    TERMS = "terms"  #: a site's clauses, until it has its own
    AUTOMATION = "automation"  #: the paragraph on automated moderation


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language, and how it writes numbers."""

    code: str  #: BCP 47
    name: str  #: its own name for itself
    machine_made: str | None  #: what says so, in the language; None: a person read it
    direction: str  #: `ltr` or `rtl`
    plural: Callable[[int], str]  #: the form for a number
    forms: tuple[str, ...]  #: all that `plural` may answer
    group: str  #: between thousands
    decimal: str
    percent: str  #: with `{number}`
    #: digits before the first separator, at least: with 2, 1234 has none
    min_grouping_digits: int = 1

    @property
    def label(self) -> str:
        """Its name, marked if its texts are machine-made."""
        return f"{self.name} ({self.machine_made})" if self.machine_made else self.name

    def write_number(self, value: float, decimals: int = 0, *, sign: str = "-") -> str:
        """Return a number as the language writes it, in Western digits.

        Parameters
        ----------
        sign
            `+`: with its sign, also if it is positive.

        Source: minimum grouping digits of Unicode CLDR, as browsers apply them.
        """
        grouped_from = 10 ** (self.min_grouping_digits + 2)
        comma = "," if round(abs(value), decimals) >= grouped_from else ""
        text = f"{value:{sign}{comma}.{decimals}f}".replace("-", "−")
        marks = {",": self.group, ".": self.decimal}
        return "".join(marks.get(letter, letter) for letter in text)

    def write_percent(self, value: float, decimals: int = 0, *, sign: str = "-") -> str:
        """Return a number with its percent sign."""
        number = self.write_number(value, decimals, sign=sign)
        return self.percent.format(number=number)


def list_languages(catalogue: Path) -> dict[str, Language]:
    """Return the languages of a catalogue by their codes, the default one first."""
    folders = sorted(path.parent for path in catalogue.glob("*/language.json"))
    folders.sort(key=lambda folder: folder.name != DEFAULT)
    return {folder.name: _read_language(folder) for folder in folders}


def _read_language(folder: Path) -> Language:
    about = _read(folder / "language.json")
    numbers = about["numbers"]
    return Language(
        code=folder.name,
        name=about["name"],
        machine_made=about["machine_made"],
        direction=about["direction"],
        plural=read_rules(about["plural"]),
        forms=tuple(form for form in FORMS if form in {*about["plural"], OTHER}),
        group=numbers["group"],
        decimal=numbers["decimal"],
        percent=numbers["percent"],
        min_grouping_digits=numbers.get("min_grouping_digits", 1),
    )


def _read(path: Path) -> dict[str, Any]:
    texts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return texts


LANGUAGES = list_languages(CATALOGUE)


def offered(part: TextPart) -> tuple[str, ...]:
    """Return the codes of the languages that a part is there in, the default first."""
    return tuple(
        code
        for code in LANGUAGES
        if any((CATALOGUE / code / name).exists() for name in (part, f"{part}.json"))
    )


def nearest(tag: str, codes: Collection[str]) -> str:
    """Return the code for a BCP 47 tag: the same, its base, or the default.

    >>> [nearest(tag, ["en", "de"]) for tag in ("de", "de-AT", "fr")]
    ['de', 'de', 'en']
    """
    base = tag.lower().partition("-")[0]
    return next((code for code in (tag, base) if code in codes), DEFAULT)


def read_own(code: str, part: TextPart) -> dict[str, Any]:
    """Return the texts of a part that are in the language's folder."""
    folder = CATALOGUE / code / part
    if folder.is_dir():
        return {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}
    path = folder.with_name(f"{part}.json")
    return _read(path) if path.exists() else {}


@functools.cache
def read_texts(code: str, part: TextPart) -> Mapping[str, Any]:
    """Return the texts of a part, grouped as in the file; what lacks is English."""
    return overlaid(read_own(DEFAULT, part), read_own(code, part))


def overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return groups of texts, with those of others in place where there are some."""
    return {**below, **above} | {
        name: overlaid(below[name], entry)
        for name, entry in above.items()
        if isinstance(entry, dict) and isinstance(below.get(name), dict)
    }
