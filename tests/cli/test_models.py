"""The commands about models, as an admin types them."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from classifiers.pretrained import default_model
from moderation.cli.main import main
from moderation.database import start_writing
from moderation.tables.jobs import Job
from moderation.tables.models import Model, Promotion
from tests.builders import NOW, Newsroom
from tests.decided_newsroom import decide_many, sentences

SHIPPED = default_model.load().version


@pytest.fixture(autouse=True)
def _commands_find_the_database(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def refused(session: Session, newsroom: Newsroom) -> str:
    """A stored model that its gate refused."""
    start_writing(session)
    session.add(
        Model(
            site_id=newsroom.site_id,
            version="bad-1",
            base_version=SHIPPED,
            artifact=default_model.PATH.read_bytes(),
            report={
                "active": {"version": SHIPPED},
                "gate": {"allowed": False, "reasons": ["It is worse."]},
            },
            created_at=NOW,
        )
    )
    session.commit()
    return "bad-1"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--site", "gazette"])


def test_retrain_refuses_too_few_decisions(newsroom: Newsroom) -> None:
    decide_many(newsroom, sentences(4))
    result = run("retrain")
    assert result.exit_code == 1
    assert "Retraining needs 300 decisions" in result.output
    assert "there are 4" in result.output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # it is slow
def test_retrain_shows_both_models_and_what_the_gate_says(
    session: Session, newsroom: Newsroom
) -> None:
    decide_many(newsroom, sentences(300))
    result = run("retrain")
    assert result.exit_code == 0, result.output
    version = session.scalars(sa.select(Model.version)).one()
    assert version.startswith("gazette-1-")
    assert f"active {SHIPPED}, candidate {version}" in result.output
    assert "The gate lets" in result.output
    assert session.scalars(sa.select(Job.state)).one() == "succeeded"


def test_promote_tells_why_not(newsroom: Newsroom, refused: str) -> None:
    result = run("promote", refused)
    assert result.exit_code == 1
    assert "It is worse." in result.output


def test_promote_with_a_reason_then_rollback(
    session: Session, newsroom: Newsroom, refused: str
) -> None:
    forced = run("promote", refused, "--despite-gate", "A wave of spam.")
    assert forced.output == (
        f"At gazette, {refused} decides from now on; before, it was {SHIPPED}.\n"
    )
    assert session.scalars(sa.select(Promotion.despite_gate)).one() == "A wave of spam."
    assert f"* {refused}" in run("models").output
    assert run("rollback").exit_code == 0
    assert f"* {SHIPPED}" in run("models").output


def test_a_reason_that_explains_nothing_is_refused(
    newsroom: Newsroom, refused: str
) -> None:
    result = run("promote", refused, "--despite-gate", "ok")
    assert result.exit_code == 2
    assert "--despite-gate" in result.output


def test_an_unknown_site_is_named(newsroom: Newsroom) -> None:
    result = CliRunner().invoke(main, ["rollback", "--site", "nowhere"])
    assert result.exit_code == 1
    assert "nowhere" in result.output
