"""The commands about training: a candidate, its examples, what a model has read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.data.datasets import read_jsonl
from classifiers.pretrained import default_model
from moderation.accounts.staff import Role
from moderation.tables.jobs import Job
from moderation.tables.models import Model
from tests.builders import Newsroom
from tests.cli.typed import run
from tests.decided_newsroom import decide_many, sentences

pytestmark = pytest.mark.usefixtures("commands_find_the_database")

SHIPPED = default_model.load().version


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


def test_examples_go_out_without_anything_of_a_person(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    decide_many(newsroom, sentences(5))
    result = run("export-examples")
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert {key for line in lines for key in line} == {
        "text",
        "labels",
        "weight",
        "written_at",
    }
    assert "Wilhelmina" not in result.output
    path = tmp_path / "examples.jsonl"
    path.write_text(result.output)
    assert len(read_jsonl(path)) == 5
    answer = newsroom.as_staff(Role.ADMIN).get("/api/v1/sites/gazette/examples")
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    assert answer.text == result.output


def test_lineage_tells_that_no_model_has_read_it(newsroom: Newsroom) -> None:
    sent = newsroom.send()
    assert "No model" in run("lineage", sent["id"]).output
    assert run("lineage", "x").exit_code == 1
