"""The OpenAPI document: valid, and true of what the service answers."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction, positive_data_acceptance

from moderation import create_app
from moderation.accounts import staff
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.web.services import services_of
from tests.builders import ALL_HELD, ENVIRONMENT, Newsroom, open_newsroom

DOCUMENT = "/api/v1/openapi.json"
EXAMPLES = 12  # of each operation: bounded, so that the suite stays quick

# Checks that say something else than we promise, each with its reason.
EXCLUDED: list[CheckFunction] = [
    # A JSON schema can't say all that we refuse: blank text, control characters, an
    # address that can't be, a parent on another article, a cursor that isn't ours.
    positive_data_acceptance,
]

METHODS = {"get", "put", "post", "patch", "delete"}


def documented_operations() -> list[tuple[str, str]]:
    """Return path and method of all that is documented."""
    app = create_app({**ENVIRONMENT, "DATABASE_URL": "sqlite://"})
    document = app.test_client().get(DOCUMENT).json
    assert document is not None
    paths = document["paths"]
    return [
        (path, method)
        for path in sorted(paths)
        for method in sorted(METHODS & set(paths[path]))
    ]


@pytest.fixture(scope="module")
def newsroom(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Newsroom]:
    """One newsroom for all: the requests are meant to be of any kind."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("openapi"))
    app = create_app({**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{path}"})
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        made = open_newsroom(app, "gazette")
        made.set_policy(ALL_HELD)
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def app(newsroom: Newsroom) -> Flask:
    return newsroom.app


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get(DOCUMENT)
    assert answer.status_code == 200
    assert isinstance(answer.json, dict)
    return answer.json


@pytest.fixture(scope="module")
def api_schema(newsroom: Newsroom) -> Any:
    return schemathesis.openapi.from_wsgi(DOCUMENT, newsroom.app)


def credential_of(newsroom: Newsroom, operation: Any) -> str:
    """Return the credential that an operation asks for."""
    demands = operation.definition.raw.get("security", [])
    schemes = {name for demand in demands for name in demand}
    return newsroom.key if "siteKey" in schemes else newsroom.tokens[Role.ADMIN]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize(("path", "method"), documented_operations())
def test_the_service_answers_as_documented(
    newsroom: Newsroom, api_schema: Any, path: str, method: str, mode: GenerationMode
) -> None:
    operation = api_schema[path][method]
    headers = {"Authorization": f"Bearer {credential_of(newsroom, operation)}"}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, headers=headers))
    def check(case: Any) -> None:
        db.session.remove()
        if path == "/api/v1/session" and method == "delete":
            headers["Authorization"] = f"Bearer {new_token(newsroom)}"
        case.call_and_validate(headers=headers, excluded_checks=EXCLUDED)

    with contextlib.suppress(Unsatisfiable):  # nothing to get wrong: no parameters
        check()


def new_token(newsroom: Newsroom) -> str:
    """Return a token that may be logged out."""
    session = db.session()
    start_writing(session)
    token, _ = staff.issue_token(
        session,
        newsroom.staff_ids[Role.ADMIN],
        services_of(newsroom.app).token_key,
        datetime.now(UTC),
        timedelta(hours=1),
    )
    session.commit()
    return token


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def test_every_operation_is_explained(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation.get("summary"), name
        assert operation["responses"], name


def test_every_guarded_operation_documents_its_refusals(
    document: dict[str, Any],
) -> None:
    for name, operation in operations(document):
        if operation.get("security"):
            assert "401" in operation["responses"], name


def test_every_error_has_the_one_body(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if not re.fullmatch(r"4\d\d|500|default", status):
                continue
            if "$ref" in answer:
                answer = document["components"]["responses"][
                    answer["$ref"].rpartition("/")[2]
                ]
            schema = answer["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorBody"}, (name, status)


def test_limits_are_stated(document: dict[str, Any]) -> None:
    fields = document["components"]["schemas"]["NewComment"]["properties"]
    for name in ("author_name", "article", "external_id", "author_email"):
        assert fields[name]["maxLength"], name


def test_no_answer_of_the_document_holds_an_address(document: dict[str, Any]) -> None:
    holding = {
        name
        for name, schema in document["components"]["schemas"].items()
        if "author_email" in schema.get("properties", {})
    }
    assert holding == {"NewComment"}


def test_the_page_to_browse_it_loads_nothing_from_outside(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/api/v1/docs/")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", text)
    for address in re.findall(r"""(?:src|href)=["']([^"']+)""", text):
        path = address if address.startswith("/") else f"/api/v1/docs/{address}"
        with client.get(path) as part:
            assert part.status_code == 200, address
