"""The OpenAPI document: valid, and true of what the service answers."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction, positive_data_acceptance

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.monitoring import readiness
from tests.builders import Newsroom, issue_token
from tests.operations import DOCUMENT, Operation, operations

EXAMPLES = 12  # of each operation: bounded, so that the suite stays quick

# Checks that say something else than we promise, each with its reason.
EXCLUDED: list[CheckFunction] = [
    # A JSON schema can't say all that we refuse: blank text, control characters, an
    # address that can't be, a parent on another article, a cursor that isn't ours.
    positive_data_acceptance,
]


@pytest.fixture(scope="module")
def newsroom(shared_newsroom: Newsroom) -> Newsroom:
    """One newsroom for all: the requests are meant to be of any kind."""
    with shared_newsroom.app.app_context():  # ready, as after a worker's first step
        session = db.session()
        start_writing(session)
        later = datetime.now(UTC) + timedelta(hours=1)  # the module takes minutes
        readiness.record_heartbeat(session, later)
        session.commit()
        db.session.remove()
    return shared_newsroom


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


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("called", operations(), ids=str)
def test_the_service_answers_as_documented(
    newsroom: Newsroom, api_schema: Any, called: Operation, mode: GenerationMode
) -> None:
    operation = api_schema[called.path][called.method]
    headers = {"Authorization": f"Bearer {called.caller(newsroom).credential}"}

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
        if str(called) == "DELETE /api/v1/session":
            headers["Authorization"] = f"Bearer {new_token(newsroom)}"
        case.call_and_validate(headers=headers, excluded_checks=EXCLUDED)

    with contextlib.suppress(Unsatisfiable):  # nothing to get wrong: no parameters
        check()


def new_token(newsroom: Newsroom) -> str:
    """Return a token that may be logged out."""
    session = db.session()
    start_writing(session)
    token = issue_token(newsroom.app, newsroom.staff_ids[Role.ADMIN])
    session.commit()
    return token


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()


def test_every_operation_is_explained() -> None:
    for operation in operations():
        assert operation.described.get("summary"), operation
        assert operation.described["responses"], operation


def test_every_guarded_operation_documents_its_refusals() -> None:
    for operation in operations():
        if operation.described.get("security"):
            assert "401" in operation.described["responses"], operation


def test_every_error_has_the_one_body(document: dict[str, Any]) -> None:
    for operation in operations():
        for status, answer in operation.described["responses"].items():
            if not re.fullmatch(r"4\d\d|500|default", status):
                continue
            if "$ref" in answer:
                answer = document["components"]["responses"][
                    answer["$ref"].rpartition("/")[2]
                ]
            schema = answer["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorBody"}, (
                operation,
                status,
            )


def test_every_schema_can_be_compiled(document: dict[str, Any]) -> None:
    registry = jsonschema_rs.Registry([("urn:document", document)])
    for name in document["components"]["schemas"]:
        schema = {"$ref": f"urn:document#/components/schemas/{name}"}
        assert jsonschema_rs.Draft202012Validator(schema, registry=registry)


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
