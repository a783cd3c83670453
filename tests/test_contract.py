"""What an answer must keep to: each way to differ from the document is noticed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response, jsonify

from tests.contract import Contract, take_mismatches
from tests.refusals import on_sqlite

DOCUMENT = {
    "paths": {
        "/things/{id}": {
            "get": {
                "responses": {
                    "200": {
                        "headers": {"ETag": {"schema": {"type": "string"}}},
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Thing"}
                            }
                        },
                    },
                    "204": {},
                    "404": {"$ref": "#/components/responses/Missing"},
                    "default": {"$ref": "#/components/responses/Missing"},
                }
            }
        }
    },
    "components": {
        "responses": {
            "Missing": {
                "content": {
                    "application/json": {
                        "schema": {"$ref": "#/components/schemas/ErrorBody"}
                    }
                }
            }
        },
        "schemas": {
            "ErrorBody": {
                "type": "object",
                "properties": {"code": {"type": "string"}},
                "required": ["code"],
                "additionalProperties": False,
            },
            "Thing": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "at": {"type": "string", "format": "date-time"},
                },
                "required": ["id"],
                "additionalProperties": False,
            },
        },
    },
}
THING = {"id": 1, "at": "2026-11-23T12:00:00+00:00"}
TAGGED = {"ETag": '"1"'}


def complaints(
    app: Flask,
    body: Any,
    status: int = 200,
    path: str = "/things/{id}",
    headers: dict[str, str] | None = None,
) -> list[str]:
    with app.test_request_context():
        response: Response = jsonify(body)
        response.status_code = status
        response.headers.update(TAGGED if headers is None else headers)
        return Contract(DOCUMENT).complaints("GET", path, response)


@on_sqlite
@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (THING, 200, "/things/{id}"),
        (None, 204, "/things/{id}"),
        ({"code": "not_found"}, 404, "/things/{id}"),
        ({"code": "unavailable"}, 503, "/things/{id}"),
        ({"code": "not_found"}, 404, "/nothing"),
    ],
)
def test_what_is_documented_is_accepted(
    app: Flask, body: Any, status: int, path: str
) -> None:
    assert complaints(app, body, status, path) == []


@on_sqlite
@pytest.mark.parametrize(
    ("body", "status", "path", "expected"),
    [
        (THING, 201, "/things/{id}", "201 is not documented"),
        ({"code": "conflict"}, 409, "/things/{id}", "409 is not documented"),
        (THING | {"more": 1}, 200, "/things/{id}", "'more' was unexpected"),
        ({"id": "1"}, 200, "/things/{id}", "/id: "),
        ({}, 200, "/things/{id}", '"id" is a required property'),
        ({"id": 1, "at": "today"}, 200, "/things/{id}", '"date-time"'),
        ({"message": "no"}, 404, "/things/{id}", "required property"),
        ({"code": "fault"}, 500, "/things/{id}", "a fault of the service"),
        (THING, 200, "/nothing", "200 where nothing is documented"),
        ({"message": "no"}, 404, "/nothing", "required property"),
    ],
)
def test_what_is_not_documented_is_noticed(
    app: Flask, body: Any, status: int, path: str, expected: str
) -> None:
    assert expected in " ".join(complaints(app, body, status, path))


@on_sqlite
def test_a_missing_header_is_noticed(app: Flask) -> None:
    assert complaints(app, THING, headers={}) == ["the header ETag is missing"]


@on_sqlite
def test_another_content_type_is_noticed(app: Flask) -> None:
    headers = TAGGED | {"Content-Type": "text/plain"}
    assert complaints(app, THING, headers=headers) == ["text/plain is not documented"]


@on_sqlite
def test_every_answer_of_an_app_is_looked_at(app: Flask) -> None:
    app.add_url_rule("/api/v1/secret", view_func=lambda: {"id": 1})
    app.test_client().get("/api/v1/secret")
    assert take_mismatches() == [
        "GET /api/v1/secret -> 200: 200 where nothing is documented"
    ]
