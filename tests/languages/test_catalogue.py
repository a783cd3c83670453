"""The catalogue: whole in every language of the console, and found by itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from moderation.languages import registry
from moderation.languages.plurals import FORMS
from moderation.languages.registry import (
    DEFAULT,
    LANGUAGES,
    TextPart,
    list_languages,
    nearest,
    offered,
    read_own,
)
from moderation.languages.words import PLACEHOLDER, Text, Words, list_texts

SHIPPED = offered(TextPart.CONSOLE)  # such a language must be whole
TRANSLATIONS = [code for code in SHIPPED if code != DEFAULT]
FOLDER = registry.CATALOGUE.parent.parent
#: Texts that a language may well share with English: names, units, signs, loan words.
MAX_SAME = 0.06


def texts_of(code: str) -> dict[str, Text]:
    """Return all texts of a language's own folder by part and key."""
    return {
        f"{part}/{key}": text
        for part in TextPart
        for key, text in list_texts(read_own(code, part), "")
    }


def forms_of(text: Text) -> list[str]:
    return [*text.values()] if isinstance(text, dict) else [text]


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


class Markup(HTMLParser):
    """Collects the tags of a text with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(self.get_starttag_text() or tag)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_a_language_has_the_texts_of_english(code: str) -> None:
    ours, theirs = texts_of(DEFAULT), texts_of(code)
    assert sorted(set(ours) - set(theirs)) == [], "not translated"
    assert sorted(set(theirs) - set(ours)) == [], "no such text in English"
    kinds = {key for key in ours if isinstance(ours[key], str)}
    assert {key for key in theirs if isinstance(theirs[key], str)} == kinds


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != DEFAULT])
def test_placeholders_and_markup_are_those_of_english(code: str) -> None:
    ours = texts_of(DEFAULT)
    for key, text in texts_of(code).items():
        named = {name for each in forms_of(ours[key]) for name in placeholders(each)}
        tags = sorted(Markup(forms_of(ours[key])[-1]).tags)
        used = {name for each in forms_of(text) for name in placeholders(each)}
        assert used - {"count"} == named - {"count"}, key
        for each in forms_of(text):
            assert sorted(Markup(each).tags) == tags, key
        if "count" in named:
            assert "count" in placeholders(forms_of(text)[-1]), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_plurals_have_the_forms_of_their_language(code: str) -> None:
    for key, text in texts_of(code).items():
        if isinstance(text, dict):
            assert set(text) == set(LANGUAGES[code].forms), key


@pytest.mark.parametrize("code", TRANSLATIONS)
def test_a_translation_is_not_left_in_english(code: str) -> None:
    ours = texts_of(DEFAULT)
    same = [
        key
        for key, text in texts_of(code).items()
        if text == ours[key] and re.search(r"[a-z]", PLACEHOLDER.sub("", str(text)))
    ]
    assert len(same) <= MAX_SAME * len(ours), same


@pytest.mark.parametrize("code", LANGUAGES)
def test_files_are_those_of_the_parts(code: str) -> None:
    parts = {*TextPart} - {TextPart.CONSOLE}
    known = {"console", "language.json", *(f"{part}.json" for part in parts)}
    assert {path.name for path in (registry.CATALOGUE / code).iterdir()} <= known
    pages = set(read_own(code, TextPart.CONSOLE))
    assert pages <= set(read_own(DEFAULT, TextPart.CONSOLE))


def test_only_english_says_nothing_of_machines() -> None:
    """Remove a language's mark when a person has read its texts, and add it here."""
    assert {code for code in LANGUAGES if not LANGUAGES[code].machine_made} == {DEFAULT}


def test_numbers_are_written_as_the_language_writes_them() -> None:
    german = LANGUAGES["de"]
    assert german.write_number(1234567) == "1.234.567"
    assert german.write_number(-0.5, 2) == "−0,50"
    assert german.write_number(0.25, 1, sign="+") == "+0,2"
    assert german.write_percent(12.34, 1) == "12,3\u00a0%"
    assert LANGUAGES["en"].write_percent(1234.5, 1) == "1,234.5%"


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (999, 0, "999"),
        (1234, 0, "1234"),
        (-1234.5, 1, "−1234,5"),
        (9999.6, 1, "9999,6"),
        (9999.96, 1, "10.000,0"),
        (9999.6, 0, "10.000"),
        (12345, 0, "12.345"),
    ],
)
def test_spanish_groups_from_five_digits_as_browsers_do(
    value: float, decimals: int, written: str
) -> None:
    assert LANGUAGES["es"].write_number(value, decimals) == written


def test_a_language_of_a_region_has_its_own_folder_or_its_base() -> None:
    assert nearest("pt-BR", ["en", "pt", "pt-BR"]) == "pt-BR"
    assert nearest("PT-AO", ["en", "pt", "pt-BR"]) == "pt"
    assert nearest("", ["en", "pt"]) == DEFAULT


def test_a_text_that_is_missing_is_english() -> None:
    english = {"page": {"a": "A", "b": {"one": "1", "other": "many"}}, "c": "C"}
    own = {"page": {"b": {"few": "f", "other": "o"}}}
    assert registry.overlaid(english, own) == {
        "page": {"a": "A", "b": {"one": "1", "few": "f", "other": "o"}},
        "c": "C",
    }
    t = Words(LANGUAGES["ar"], {"b": {"one": "1", "other": "{count} in English"}})
    assert t("b", count=2) == "2 in English"


#: Prints texts of a language that no code names.
VISIT = """
import json
from moderation.console.texts import words
from moderation.embed.texts import find_language, script
from moderation.languages.registry import LANGUAGES
from moderation.notifications.kinds import LANGUAGES as MESSAGES

pirate = words("qaa")
print(json.dumps({
    "label": LANGUAGES["qaa"].label,
    "skip": pirate("desk.skip"),
    "login": pirate("account.login.password"),
    "embed": find_language("qaa"),
    "has_messages": "qaa" in MESSAGES,
    "is_in_script": "Arr" in script(),
}))
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the service, to which a folder can be added."""
    ignored = shutil.ignore_patterns("__pycache__", "static")
    shutil.copytree(FOLDER, tmp_path / "moderation", ignore=ignored)
    static = FOLDER / "embed" / "static"
    shutil.copytree(static, tmp_path / "moderation" / "embed" / "static")
    return tmp_path


def put(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    for name, texts in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(texts), encoding="utf-8")


def test_a_folder_is_a_language_and_no_code_changes(copied: Path) -> None:
    about = {
        "name": "Pirate",
        "machine_made": "parrot",
        "direction": "ltr",
        "plural": {"one": "n = 1"},
        "numbers": {"group": "'", "decimal": ",", "percent": "{number} %"},
    }
    folder = copied / "moderation" / "languages" / "catalogue" / "qaa"
    put(
        folder,
        {
            "language.json": about,
            "console/desk.json": {"skip": "Arr"},
            "embed.json": {"script": {"comments": "Arr"}},
        },
    )
    done = subprocess.run(
        [sys.executable, "-c", VISIT],
        cwd=copied,
        env={**os.environ, "PYTHONPATH": f"{copied}{os.pathsep}{FOLDER.parent}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    english = texts_of(DEFAULT)
    assert json.loads(done.stdout) == {
        "label": "Pirate (parrot)",
        "skip": "Arr",
        "login": english["console/account.login.password"],
        "embed": "qaa",
        "has_messages": False,
        "is_in_script": True,
    }


def test_a_catalogue_is_listed_with_english_first(tmp_path: Path) -> None:
    about = json.loads((registry.CATALOGUE / DEFAULT / "language.json").read_text())
    put(tmp_path, {f"{code}/language.json": about for code in ("cs", "en", "bg")})
    (tmp_path / "notes").mkdir()
    assert list(list_languages(tmp_path)) == ["en", "bg", "cs"]
    assert list_languages(tmp_path)["cs"].forms == ("one", "other")
    assert set(FORMS) > {"one", "other"}
