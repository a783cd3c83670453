"""All operations of the REST API, read from its OpenAPI document."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moderation import create_app
from moderation.accounts.staff import Role
from tests.builders import ENVIRONMENT, Caller, Newsroom

DOCUMENT = "/api/v1/openapi.json"
METHODS = {"get", "put", "post", "patch", "delete"}
EXAMPLES = {"site": "gazette", "comment_id": "0" * 13, "article": "bridge"}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A method of a path, with what the document says of it."""

    method: str
    path: str
    described: dict[str, Any] = field(repr=False, hash=False, compare=False)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def id(self) -> str:
        """The name by which generated clients call it."""
        name: str = self.described["operationId"]
        return name

    @property
    def address(self) -> str:
        """The path with something in the place of each parameter."""
        return re.sub(r"\{(\w+)\}", lambda part: EXAMPLES.get(part[1], "1"), self.path)

    @property
    def parameters(self) -> list[str]:
        """The names of its query parameters."""
        return [
            parameter["name"]
            for parameter in self.described.get("parameters", [])
            if parameter["in"] == "query"
        ]

    @property
    def lists(self) -> set[str]:
        """The names of its query parameters that may come more than once."""
        return {
            parameter["name"]
            for parameter in self.described.get("parameters", [])
            if parameter["schema"].get("type") == "array"
        }

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of its JSON body; None if it takes none."""
        content = self.described.get("requestBody", {}).get("content", {})
        schema: dict[str, Any] | None = content.get("application/json", {}).get(
            "schema"
        )
        return schema

    def caller(self, newsroom: Newsroom) -> Caller:
        """Return a caller of a newsroom who may call it."""
        schemes = {
            name for demand in self.described.get("security", []) for name in demand
        }
        is_for_sites = "siteKey" in schemes
        return newsroom.as_site() if is_for_sites else newsroom.as_staff(Role.ADMIN)


@functools.cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    app = create_app({**ENVIRONMENT, "DATABASE_URL": "sqlite://"})
    made: dict[str, Any] | None = app.test_client().get(DOCUMENT).json
    assert made is not None
    return made


@functools.cache
def operations() -> list[Operation]:
    """Return every operation of the document, by path."""
    paths = document()["paths"]
    return [
        Operation(method=method, path=path, described=paths[path][method])
        for path in sorted(paths)
        for method in sorted(METHODS & set(paths[path]))
    ]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of the document, without the reference."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if not name:
        return schema
    component: dict[str, Any] = document()["components"]["schemas"][name]
    return component


def objects_in(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield bodies with one undocumented field, in each object that a body holds.

    Each body has a dotted name of that object's place as its only key but one.
    """
    for name, inner in resolved(schema).get("properties", {}).items():
        for value in _with_surplus(inner):
            yield {name: value}


def _with_surplus(schema: dict[str, Any]) -> Iterator[Any]:
    schema = resolved(schema)
    if "properties" in schema:
        yield {"undocumented": 1}
        yield from objects_in(schema)
    for value in _with_surplus(schema["items"]) if schema.get("items") else ():
        yield [value]
    free = schema.get("additionalProperties")
    for value in _with_surplus(free) if isinstance(free, dict) else ():
        yield {"insult": value}
