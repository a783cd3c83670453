"""Models and examples as files, over the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.pretrained import default_model
from moderation.accounts.staff import Role
from tests.builders import Caller, Newsroom
from tests.renamed_model import renamed_file

SHIPPED = default_model.load().version
SITE = "/api/v1/sites/gazette"
BINARY = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def admin(newsroom: Newsroom) -> Caller:
    """The admin of the site."""
    return newsroom.as_staff(Role.ADMIN)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A model in a file, that no registry has."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(renamed_file("visitor"))
    return path


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
