"""Commands: the report, what it lacks, and statements."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from moderation.cli.main import main
from moderation.transparency.templates import SHEETS
from tests.builders import Newsroom
from tests.cli import typed
from tests.transparency.year import YearSeeder

pytestmark = pytest.mark.usefixtures("commands_find_the_database")
YEAR = ("--from", "2026-01-01", "--to", "2026-12-31")


def test_a_report_is_written_checked_and_recorded(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session, tmp_path: Path
) -> None:
    YearSeeder(newsroom, session).seed(60)
    result = typed.run("transparency", "report", *YEAR, "--provider", "Gazette Ltd")
    assert result.exit_code == 0, result.output
    folder = tmp_path / "transparency-report"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(SHEETS)
    summary = (folder / "1_summary.csv").read_text()
    assert "All,gazette,Name of the service provider,Gazette Ltd" in summary
    every = CliRunner().invoke(
        main, ["transparency", "report", *YEAR, "--out", "both", "--check"]
    )
    assert every.exit_code == 0, every.output
    assert not (tmp_path / "both").exists()
    assert "no automatic decisions were audited" in every.output
    assert "herald: " in every.output
    wrong = typed.run("transparency", "report", *YEAR[2:], "--from", "2027-01-01")
    assert wrong.exit_code == 2


def test_statements_are_written_once_nothing_can_be_undone(
    newsroom: Newsroom, session: Session, tmp_path: Path
) -> None:
    YearSeeder(newsroom, session).seed(60)
    past = ("--from", "2026-01-01", "--to", "2026-06-30")
    result = typed.run("transparency", "statements", *past)
    assert result.exit_code == 0, result.output
    lines = (tmp_path / "statements.jsonl").read_text().splitlines()
    statements = [each for line in lines for each in json.loads(line)["statements"]]
    assert f"{len(statements)} statements" in result.output
    assert statements
    early = typed.run("transparency", "statements", *YEAR[:2], "--to", "2099-01-01")
    assert early.exit_code == 1
    assert "can still be undone" in early.output
