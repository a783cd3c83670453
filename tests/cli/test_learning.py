"""The commands about what is learnt, and the files that go in and out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from classifiers.data.datasets import read_jsonl
from classifiers.pretrained import default_model
from moderation import jobs
from moderation.accounts.staff import Role
from moderation.cli.main import main
from moderation.database import start_writing
from moderation.jobs import JobKind
from tests.builders import ALL_HELD, Caller, Newsroom
from tests.decided_newsroom import decide_many, sentences

SHIPPED = default_model.load().version
SITE = "/api/v1/sites/gazette"
BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture(autouse=True)
def _commands_find_the_database(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def admin(newsroom: Newsroom) -> Caller:
    """The admin of the site."""
    return newsroom.as_staff(Role.ADMIN)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A model in a file, that no registry has."""
    scorer = default_model.load()
    data = default_model.PATH.read_bytes().replace(b"shipped", b"visitor")
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    assert scorer.version == SHIPPED
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--site", "gazette"])


def test_what_if_shows_both_side_by_side(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    result = run("what-if", "--cut", "toxicity=1")
    assert result.exit_code == 0, result.output
    lines = {line[:22].strip(): line.split() for line in result.output.splitlines()}
    assert lines["in force"][2:5] == ["1", "0", "1"]  # comments, approved, held
    assert lines["asked for"][2:5] == ["1", "1", "0"]


@pytest.mark.parametrize("cut", ["flirtation=1", "spam", "spam=x", "spam=0.9,0.1"])
def test_a_bad_cut_is_refused(newsroom: Newsroom, cut: str) -> None:
    assert run("what-if", "--cut", cut).exit_code == 2


def test_rescore_tells_how_many(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    result = run("rescore")
    assert result.exit_code == 0, result.output
    assert "0 texts were scored." in result.output  # they have the scores already
    assert run("rescore", "--days", "3").exit_code == 2


def test_jobs_are_listed_and_ended(session: Session, newsroom: Newsroom) -> None:
    start_writing(session)
    job = jobs.enqueue(
        session,
        newsroom.site_id,
        JobKind.RETRAINING,
        staff_id=None,
        now=datetime.now(UTC),
    )
    session.commit()
    assert "queued" in run("jobs").output
    assert "cancelled" in run("cancel-job", str(job.id)).output
    assert run("cancel-job", str(job.id)).exit_code == 1


def test_a_model_goes_out_and_comes_in_as_a_file(
    newsroom: Newsroom, tmp_path: Path, file: Path
) -> None:
    out = tmp_path / "out.safetensors"
    assert run("export-model", SHIPPED, str(out)).exit_code == 0
    assert out.with_suffix(".md").read_text().startswith(f"# Model {SHIPPED}")
    result = run("import-model", str(file))
    assert result.exit_code == 0, result.output
    assert "visitor-" in result.output
    assert run("import-model", str(file)).exit_code == 1
    out.write_bytes(out.read_bytes()[:-100])
    damaged = run("import-model", str(out))
    assert (damaged.exit_code, "no model" in damaged.output) == (1, True)


def test_examples_go_out_without_anything_of_a_person(
    newsroom: Newsroom, admin: Caller, tmp_path: Path
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
    answer = admin.get(f"{SITE}/examples")
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    assert answer.text == result.output


def test_lineage_tells_that_no_model_has_read_it(newsroom: Newsroom) -> None:
    sent = newsroom.send()
    assert "No model" in run("lineage", sent["id"]).output
    assert run("lineage", "x").exit_code == 1


def test_an_imported_model_needs_a_written_reason(
    newsroom: Newsroom, admin: Caller, file: Path
) -> None:
    sent = admin.call("POST", f"{SITE}/models", data=file.read_bytes(), headers=BINARY)
    assert sent.status_code == 201, sent.json
    version = sent.json["version"]
    assert sent.json["gate"]["allowed"] is False
    path = f"{SITE}/models/{version}"
    assert admin.get(path).json["report"] is None
    assert "It was imported" in admin.get(f"{path}/card").text
    assert admin.post(f"{path}/promotion", {}).status_code == 409
    reason = {"despite_gate": "It served us well at the other site."}
    assert admin.post(f"{path}/promotion", reason).status_code == 201
    assert newsroom.send()["model_version"] == version


@pytest.mark.parametrize("data", [b"", b"no model", b"\x00" * 100])
def test_what_is_no_model_is_refused(admin: Caller, data: bytes) -> None:
    answer = admin.call("POST", f"{SITE}/models", data=data, headers=BINARY)
    assert answer.status_code == 422
    assert "file" in answer.json["fields"]


def test_a_model_as_something_else_is_refused(admin: Caller) -> None:
    assert admin.post(f"{SITE}/models", {}).status_code == 415


REQUESTS = [
    ("POST", "/models"),
    ("GET", f"/models/{SHIPPED}/file"),
    ("GET", f"/models/{SHIPPED}/card"),
    ("GET", "/examples"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_files_are_for_the_sites_admins(
    newsroom: Newsroom, other_newsroom: Newsroom, method: str, path: str
) -> None:
    url = SITE + path
    stranger = other_newsroom.as_staff(Role.ADMIN)
    assert stranger.call(method, url, headers=BINARY).status_code == 404
    lead = newsroom.as_staff(Role.LEAD)
    assert lead.call(method, url, headers=BINARY).status_code == 403
    assert newsroom.as_site().call(method, url, headers=BINARY).status_code == 403
    client = newsroom.app.test_client()
    assert client.open(url, method=method, headers=BINARY).status_code == 401


@pytest.mark.parametrize("path", ["file", "card"])
def test_unknown_models_have_no_files(admin: Caller, path: str) -> None:
    assert admin.get(f"{SITE}/models/none-1/{path}").status_code == 404
