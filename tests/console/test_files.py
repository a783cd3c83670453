"""How the files of the console lie: by page, short, and each job in one module."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from moderation.console import texts
from moderation.console.texts import SHARED, texts_of_pages
from moderation.languages.registry import DEFAULT, TextPart, read_own

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


def test_the_catalogue_has_one_file_for_a_page() -> None:
    assert set(read_own(DEFAULT, TextPart.CONSOLE)) == PAGES | {SHARED, AUTHORS}


@pytest.mark.parametrize("page", sorted(PAGES | {SHARED}))
def test_a_page_uses_its_own_texts_and_shared_ones(page: str) -> None:
    files = [*(STATIC / page).glob("*.js"), *(TEMPLATES / page).glob("*.html")]
    groups = {found for path in files for found in TEXT.findall(path.read_text())}
    assert groups & PAGES <= {page}


def test_a_key_that_is_there_twice_is_a_fault() -> None:
    with pytest.raises(ValueError, match=r"desk\.skip"):
        texts_of_pages({"desk": {"skip": "Skip"}, "shared": {"desk": {"skip": "Skip"}}})


def test_groups_lie_in_groups_and_plurals_are_texts() -> None:
    counted = {"one": "{count} comment", "other": "{count} comments"}
    desk = {"skip": "Skip", "key": {"map": {"a": "Approve", "other": "Other"}}}
    shared = {"page": {"counted": counted}, "reason": {"spam": "Spam"}}
    assert texts_of_pages({"desk": desk, "shared": shared}) == {
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
