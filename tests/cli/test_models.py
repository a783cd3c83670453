"""The commands about models, as an admin types them."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session

from classifiers.pretrained import default_model
from moderation.cli.main import main
from moderation.database import start_writing
from moderation.tables.models import Model, Promotion
from tests.builders import NOW, Newsroom
from tests.cli.typed import run

pytestmark = pytest.mark.usefixtures("commands_find_the_database")

SHIPPED = default_model.load().version


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


def test_a_model_goes_out_and_comes_in_as_a_file(
    newsroom: Newsroom, tmp_path: Path, model_file: Path
) -> None:
    out = tmp_path / "out.safetensors"
    assert run("export-model", SHIPPED, str(out)).exit_code == 0
    assert out.with_suffix(".md").read_text().startswith(f"# Model {SHIPPED}")
    result = run("import-model", str(model_file))
    assert result.exit_code == 0, result.output
    assert "visitor-" in result.output
    assert run("import-model", str(model_file)).exit_code == 1
    out.write_bytes(out.read_bytes()[:-100])
    damaged = run("import-model", str(out))
    assert (damaged.exit_code, "no model" in damaged.output) == (1, True)
