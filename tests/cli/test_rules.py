"""The command that makes a plain list a rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moderation.cli.main import main
from tests.builders import Newsroom

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def words(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A list in a file, where the commands find the database."""
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "words.txt"
    path.write_text("# ours\nknave\nscoundrel\n")
    return path


def import_words(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["import-words", "--site", "gazette", *arguments])


@pytest.mark.parametrize("action", ["hold", "reject", "raise", "lower"])
@pytest.mark.parametrize("mode", ["off", "shadow", "on"])
def test_every_action_and_mode_is_written_as_in_the_api(
    newsroom: Newsroom, words: Path, action: str, mode: str
) -> None:
    result = import_words("--action", action, "--mode", mode, str(words))
    assert result.exit_code == 0, result.output
    assert f"version 1: 2 entries, {action}, {mode}.\n" in result.output


def test_names_in_capitals_are_taken_as_before(newsroom: Newsroom, words: Path) -> None:
    result = import_words("--kind", "WORDS", "--action", "REJECT", str(words))
    assert "2 entries, reject, off.\n" in result.output


def test_a_list_replaces_the_one_of_a_rule(newsroom: Newsroom, words: Path) -> None:
    import_words(str(words))
    words.write_text("knave\n")
    result = import_words("--rule", "1", str(words))
    assert "version 2: 1 entries, hold, off.\n" in result.output


def test_an_unknown_action_is_refused_by_name(newsroom: Newsroom, words: Path) -> None:
    result = import_words("--action", "burn", str(words))
    assert result.exit_code == 2
    assert "'burn' is not one of 'hold', 'reject'" in result.output
