"""What isn't documented is refused and named: at every operation, in every body."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Caller, Newsroom, comment
from tests.operations import Operation, objects_in, operations
from tests.refusals import assert_refused

EVERY = pytest.mark.parametrize("operation", operations(), ids=str)
WITH_PARAMETERS = pytest.mark.parametrize(
    ("operation", "name"),
    [
        (each, name)
        for each in operations()
        for name in each.parameters
        if name not in each.lists
    ],
    ids=str,
)
WITH_BODY = [each for each in operations() if each.body is not None]
WITHOUT_BODY = [each for each in operations() if "requestBody" not in each.described]
NESTED = [(each, body) for each in WITH_BODY for body in objects_in(each.body or {})]


@pytest.fixture(scope="module")
def newsroom(shared_newsroom: Newsroom) -> Newsroom:
    """One newsroom for all: what is refused changes nothing."""
    return shared_newsroom


def send(caller: Caller, operation: Operation, query: str, **more: Any) -> Any:
    return caller.call(operation.method.upper(), operation.address + query, **more)


def test_there_are_bodies_in_bodies() -> None:
    assert len(NESTED) >= 6


@EVERY
def test_an_unknown_parameter_is_named(
    newsroom: Newsroom, operation: Operation
) -> None:
    caller = operation.caller(newsroom)
    answer = send(caller, operation, "?undocumented=true")
    assert_refused(answer, 422, "undocumented")


@WITH_PARAMETERS
def test_a_repeated_parameter_is_named(
    newsroom: Newsroom, operation: Operation, name: str
) -> None:
    caller = operation.caller(newsroom)
    answer = send(caller, operation, f"?{name}=1&{name}=1")
    assert_refused(answer, 422, name)


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_an_unknown_field_is_named(newsroom: Newsroom, operation: Operation) -> None:
    caller = operation.caller(newsroom)
    answer = send(caller, operation, "", json={"undocumented": True})
    assert answer.status_code == 422
    assert answer.json["fields"]["undocumented"] == ["Unknown field."]


@pytest.mark.parametrize(("operation", "body"), NESTED, ids=str)
def test_an_unknown_field_of_a_field_is_named(
    newsroom: Newsroom, operation: Operation, body: dict[str, Any]
) -> None:
    answer = send(operation.caller(newsroom), operation, "", json=body)
    assert answer.status_code == 422
    (name,) = body
    complaints = answer.json["fields"]
    (place,) = (each for each in complaints if each.endswith(".undocumented"))
    assert place.startswith(f"{name}.")
    assert complaints[place] == ["Unknown field."]


@pytest.mark.parametrize("operation", WITHOUT_BODY, ids=str)
def test_a_field_where_no_body_is_taken_is_named(
    newsroom: Newsroom, operation: Operation
) -> None:
    caller = operation.caller(newsroom)
    answer = send(caller, operation, "", json={"undocumented": True})
    assert_refused(answer, 422, "undocumented")


@pytest.mark.parametrize("data", ["[1]", "7", "{", '{"a": 1, "a": 2}', "x=1"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_any_other_body_where_none_is_taken_is_refused(
    newsroom: Newsroom, data: str, kind: str
) -> None:
    answer = newsroom.as_staff().call(
        "DELETE", "/api/v1/hand", data=data, content_type=kind
    )
    assert_refused(answer, 422, "_schema")


@pytest.mark.parametrize("data", ["", "{}", "null"])
def test_a_body_that_says_nothing_is_no_body(newsroom: Newsroom, data: str) -> None:
    answer = newsroom.as_staff().call(
        "DELETE", "/api/v1/hand", data=data, content_type="application/json"
    )
    assert answer.status_code == 204


@EVERY
def test_strangers_are_refused_first(newsroom: Newsroom, operation: Operation) -> None:
    if not operation.described.get("security"):
        return
    stranger = Caller(newsroom.app.test_client(), "nobody")
    assert_refused(send(stranger, operation, "?undocumented=1"), 401)


def test_nothing_is_stored_at_a_dry_run(newsroom: Newsroom) -> None:
    caller = newsroom.as_site()
    body = comment(external_id="one")
    assert_refused(caller.post("/api/v1/comments?dry_run=true", body), 422, "dry_run")
    assert caller.post("/api/v1/comments", body).status_code == 201


def test_all_that_is_wrong_with_a_query_is_named(newsroom: Newsroom) -> None:
    answer = newsroom.as_staff().get("/api/v1/decided?author=Ada&limit=1&limit=2")
    assert_refused(answer, 422, "author", "limit")


def test_an_address_in_a_name_is_not_repeated(newsroom: Newsroom) -> None:
    answer = newsroom.as_staff().get("/api/v1/queue?ada@mail.example=1")
    assert answer.status_code == 422
    assert "ada@mail.example" not in answer.text
