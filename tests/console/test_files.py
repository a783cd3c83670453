"""How the files of the console lie: by page, short, and each job in one module."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from moderation.console import texts
from moderation.console.texts import LANGUAGES, SHARED, Words, words

CONSOLE = Path(texts.__file__).parent
STATIC = CONSOLE / "static"
TEMPLATES = CONSOLE / "templates" / "console"
SCRIPTS = sorted(STATIC.rglob("*.js"))
PAGES = {path.name for path in TEMPLATES.iterdir()} - {SHARED}
AUTHORS = "author"  # pages outside the console that use its catalogue
#: Pages that show a comment on the card of the desk.
CARD_OF = {"comments": {"desk"}, "comment": {"desk"}}
MAX_SCRIPT = 300  # lines
MAX_TEMPLATE_LINE = 160  # characters
IMPORT = re.compile(r'^(?:import|\} from|import .* from) "([^"]+)";', re.MULTILINE)
TEXT = re.compile(r"""\b(?:t|parts|has)\(\s*["'`]([a-z_]+)\.""")
#: A loop that waits between two looks at the same thing.
PAUSE = re.compile(r"new Promise\([^;]*setTimeout")


def name(path: Path) -> str:
    """Return a script's name as it is written here."""
    return path.relative_to(STATIC).as_posix()


def scripts_with(pattern: str | re.Pattern[str]) -> set[str]:
    """Return the scripts in which a pattern occurs."""
    return {name(path) for path in SCRIPTS if re.search(pattern, path.read_text())}


def test_there_is_something_to_look_at() -> None:
    assert len(SCRIPTS) > 40
    assert len(PAGES) > 10


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_SCRIPT


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: p.name
)
def test_lines_of_templates_fit_on_a_screen(path: Path) -> None:
    assert max(map(len, path.read_text().splitlines())) <= MAX_TEMPLATE_LINE


@pytest.mark.parametrize("folder", [STATIC, TEMPLATES], ids=lambda path: path.name)
def test_files_lie_in_the_folder_of_their_page(folder: Path) -> None:
    assert [path.name for path in folder.iterdir() if path.is_file()] == []
    assert {path.name for path in folder.iterdir()} <= PAGES | {SHARED}


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_imports_from_its_page_and_from_what_is_shared(path: Path) -> None:
    imported = {
        (path.parent / found).resolve().relative_to(STATIC.resolve()).parts[0]
        for found in IMPORT.findall(path.read_text())
    }
    assert imported - {path.parent.name, SHARED} <= CARD_OF.get(path.parent.name, set())


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_catalogue_has_one_file_for_a_page(code: str) -> None:
    files = {path.stem for path in (texts.CATALOGUE / code).iterdir()}
    assert files == PAGES | {SHARED, AUTHORS}


def test_languages_have_the_same_groups_in_the_same_files() -> None:
    assert len({frozenset(keys_by_file(code)) for code in LANGUAGES}) == 1


def keys_by_file(code: str) -> set[tuple[str, str]]:
    """Return the names of files with the keys that are in them, plural forms apart."""
    return {
        (path.name, key)
        for path in (texts.CATALOGUE / code).iterdir()
        for key in keys_of(json.loads(path.read_text(encoding="utf-8")))
    }


def keys_of(group: dict[str, object], prefix: str = "") -> set[str]:
    keys: set[str] = set()
    for key, entry in group.items():
        if isinstance(entry, dict) and "other" not in entry:
            keys |= keys_of(entry, f"{prefix}{key}.")
        else:
            keys.add(f"{prefix}{key}")
    return keys


@pytest.mark.parametrize("page", sorted(PAGES | {SHARED}))
def test_a_page_uses_its_own_texts_and_shared_ones(page: str) -> None:
    files = [*(STATIC / page).glob("*.js"), *(TEMPLATES / page).glob("*.html")]
    groups = {found for path in files for found in TEXT.findall(path.read_text())}
    assert groups & PAGES <= {page}


def test_a_key_that_is_there_twice_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "CATALOGUE", tmp_path)
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "desk.json").write_text('{"skip": "Skip"}')
    (tmp_path / "en" / "shared.json").write_text('{"desk": {"skip": "Skip"}}')
    with pytest.raises(ValueError, match=r"desk\.skip"):
        words.__wrapped__("en")


def test_groups_lie_in_groups_and_plurals_are_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "CATALOGUE", tmp_path)
    (tmp_path / "en").mkdir()
    counted = {"one": "{count} comment", "other": "{count} comments"}
    desk = {"skip": "Skip", "key": {"map": {"a": "Approve", "other": "Other"}}}
    shared = {"page": {"counted": counted}, "reason": {"spam": "Spam"}}
    (tmp_path / "en" / "desk.json").write_text(json.dumps(desk))
    (tmp_path / "en" / "shared.json").write_text(json.dumps(shared))
    found: Words = words.__wrapped__("en")
    assert found.texts == {
        "desk.skip": "Skip",
        "desk.key.map.a": "Approve",
        "desk.key.map.other": "Other",
        "page.counted": counted,
        "reason.spam": "Spam",
    }


def test_one_module_speaks_to_the_service() -> None:
    # The texts are needed before anything else, and are no part of the API.
    assert scripts_with(r"\bfetch\(") == {"shared/api.js", "shared/texts.js"}


def test_one_module_follows_what_goes_on() -> None:
    assert scripts_with(PAUSE) == {"shared/follower.js"}
    assert scripts_with(r"function follow\(") == {"shared/follower.js"}


def test_one_module_writes_the_banner_and_one_the_toast() -> None:
    assert scripts_with(r"""at\(["'`]banner""") == {"shared/banner.js"}
    assert scripts_with(r"""at\(["'`]status["'`]\)""") == {"shared/toast.js"}


def test_no_script_keeps_loose_state() -> None:
    """A module's `let` is a timer, a counter or a promise: one, not a dozen."""
    loose = {
        name(path): len(re.findall(r"^let ", path.read_text(), re.MULTILINE))
        for path in SCRIPTS
    }
    assert {script: count for script, count in loose.items() if count > 2} == {}
