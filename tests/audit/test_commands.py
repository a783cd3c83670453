"""The commands about the audit log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from moderation.audit.chain import hash_entry
from moderation.audit.heads import append_head
from moderation.audit.verification import read_head
from moderation.cli.main import main
from tests.audit.rows import entries, fill, tamper
from tests.audit.test_verification import delete, set_head, update
from tests.builders import AUDIT_KEY, NOW, Newsroom

pytestmark = pytest.mark.usefixtures("commands_find_the_database")


@pytest.fixture
def commands_find_the_database(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Type commands in an empty folder, with the settings of the service under test."""
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["audit", *words])


def test_a_sound_log_is_verified(session: Session) -> None:
    fill(session, 3)
    result = run("verify")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("4 entries are sound. Head: ")  # its own, too
    assert read_head(session).hash in result.output


def test_the_first_fault_is_named_and_the_exit_code_is_one(session: Session) -> None:
    fill(session, 3)
    tamper(session, update(2, reason="another one"))
    result = run("verify")
    assert (result.exit_code, result.output) == (1, "Error: Entry 2 was changed.\n")


def test_a_head_file_finds_what_the_chain_hides(
    session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "heads"
    fill(session, 2)
    earlier = read_head(session)
    append_head(path, earlier, NOW)
    fill(session, 3)
    append_head(path, read_head(session), NOW)
    assert run("verify", "--head", str(path)).exit_code == 0
    tamper(session, delete(3, 4, 5, 6))
    tamper(session, set_head(earlier.sequence, earlier.hash))
    assert run("verify").exit_code == 0
    result = run("verify", "--head", str(path))
    # The two commands typed since are entries 3 and 4.
    expected = "Error: Entry 5 is missing: the end of the log was deleted.\n"
    assert (result.exit_code, result.output) == (1, expected)


def test_a_file_that_holds_no_heads_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "heads"
    path.write_text("2026-11-29 12\n")
    result = run("verify", "--head", str(path))
    assert result.exit_code == 1
    assert "line 1: Must be a time" in result.output


def test_the_export_can_be_verified_elsewhere(session: Session) -> None:
    fill(session, 2)
    rows = [json.loads(line) for line in run("export").output.splitlines()]
    assert [row["sequence"] for row in rows] == [1, 2, 3]
    stored = entries(session)
    previous = "0" * 64
    for row, entry in zip(rows, stored, strict=True):
        assert row["previous_hash"] == previous
        previous = row["hash"]
        assert hash_entry(AUDIT_KEY, {**row, "at": entry.at}) == row["hash"]
        assert row["at"] == entry.at.isoformat()
    later = run("export", "--after", "2").output.splitlines()
    assert [json.loads(line)["sequence"] for line in later] == [3, 4]


def test_entries_are_shown_by_filters(newsroom: Newsroom, session: Session) -> None:
    shown = run("show", "--action", "staff.role_changed", "--limit", "1").output
    assert "staff.role_changed  by command_line:0  on staff:gazette-admin" in shown
    assert 'at gazette  {"roles": ["admin"]}' in shown
    assert len(shown.splitlines()) == 1
    assert len(run("show", "--target", "staff:gazette-lead").output.splitlines()) == 2
    assert run("show", "--actor", "worker").output == ""
    assert run("show", "--until", "2020-01-01").output == ""
    of_site = run("show", "--site", "gazette", "--since", "2020-01-01").output
    assert "site.added" in of_site
    assert "staff.logged_in" not in of_site
    assert "staff.logged_in" in run("show").output
    wrong = run("show", "--actor", "somebody")
    assert wrong.exit_code == 1
    assert "actor: Must be KIND" in wrong.output
