"""Holds every answer of the REST API, in every test, against its OpenAPI document."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import jsonschema_rs
from flask import Flask, Response, current_app, request, request_finished

PREFIX = "/api/v1/"
DOCUMENT = "urn:document"
PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
# What the service answers where the document has no operation.
WITHOUT_OPERATION = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
}
FAULT = "a fault of the service"
# Werkzeug sends these without a body, even if the response has one.
BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}

_mismatches: list[str] = []


class Contract:
    """An OpenAPI document whose schemas are compiled once each."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._registry = jsonschema_rs.Registry([(DOCUMENT, document)])
        self._validator = functools.cache(self._compile)

    def complaints(self, method: str, path: str, response: Response) -> list[str]:
        """Return how an answer differs from the document; nothing if it doesn't.

        Parameters
        ----------
        path
            As in the document, with parameters in braces.
        """
        operation = self.document["paths"].get(path, {}).get(method.lower())
        if operation is None:
            return self._complaints_without_operation(response)
        if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            return [FAULT]
        status = str(response.status_code)
        # A fault of the service needs no line at each operation; a refusal does.
        if status not in operation["responses"] and response.status_code >= 500:
            status = "default"
        if status not in operation["responses"]:
            return [f"{status} is not documented"]
        place, documented = self._followed(
            ("paths", path, method.lower(), "responses", status),
            operation["responses"][status],
        )
        headers = [
            f"the header {name} is missing"
            for name, header in documented.get("headers", {}).items()
            if header.get("required", True) and name not in response.headers
        ]
        return headers + self._complaints_about_body(place, documented, response)

    def _complaints_without_operation(self, response: Response) -> list[str]:
        if response.status_code not in WITHOUT_OPERATION:
            return [f"{response.status_code} where nothing is documented"]
        place = ("components", "schemas", "ErrorBody")
        return self._complaints_by_schema(place, response.get_json(silent=True))

    def _complaints_about_body(
        self, place: tuple[str, ...], documented: Mapping[str, Any], response: Response
    ) -> list[str]:
        content = documented.get("content")
        if request.method == "HEAD" or response.status_code in BODILESS:
            return []
        if content is None:
            return ["a body is not documented"] if response.get_data() else []
        kind = response.mimetype or ""
        if kind not in content:
            return [f"{kind} is not documented"]
        if kind == "application/json":
            body = response.get_json(silent=True)
        elif content[kind]["schema"].get("format") == "binary":
            return []
        else:
            body = response.get_data(as_text=True)
        schema = (*place, "content", kind, "schema")
        return self._complaints_by_schema(schema, body)

    def _complaints_by_schema(self, place: tuple[str, ...], body: Any) -> list[str]:
        return [
            f"/{'/'.join(map(str, error.instance_path))}: {error.message[:300]}"
            for error in self._validator(place).iter_errors(body)
        ]

    def _compile(self, place: tuple[str, ...]) -> jsonschema_rs.Draft202012Validator:
        names = (name.replace("~", "~0").replace("/", "~1") for name in place)
        pointer = "/".join(names).replace("{", "%7B").replace("}", "%7D")
        return jsonschema_rs.Draft202012Validator(
            {"$ref": f"{DOCUMENT}#/{pointer}"},
            registry=self._registry,
            validate_formats=True,
        )

    def _followed(
        self, place: tuple[str, ...], part: Mapping[str, Any]
    ) -> tuple[tuple[str, ...], Mapping[str, Any]]:
        """Return where a part of the document is defined, and the part."""
        if "$ref" not in part:
            return place, part
        place = tuple(part["$ref"].removeprefix("#/").split("/"))
        return place, functools.reduce(
            lambda inner, name: inner[name], place, self.document
        )


@functools.cache
def _contract() -> Contract:
    """Return the contract of the service, read once in a process."""
    apis = current_app.extensions["flask-smorest"]["apis"]
    return Contract(apis[""]["ext_obj"].document())


def watch() -> None:
    """Look at every answer of every app in this process from now on."""
    request_finished.connect(_look_at)


def take_mismatches() -> list[str]:
    """Return the answers that differed from the document since the last call."""
    mismatches = _mismatches.copy()
    _mismatches.clear()
    return mismatches


def _look_at(app: Flask, response: Response, **_: Any) -> None:
    if "flask-smorest" not in app.extensions:
        return  # a news site of a test, which isn't the service
    rule = request.url_rule
    path = PARAMETER.sub(r"{\1}", rule.rule) if rule else request.path
    is_ours = path.startswith(PREFIX) or path in _contract().document["paths"]
    if not is_ours or _is_page(rule) or request.method == "OPTIONS":
        return
    method = "GET" if request.method == "HEAD" else request.method
    complaints = _contract().complaints(method, path, response)
    _mismatches.extend(
        f"{request.method} {path} -> {response.status_code}: {complaint}"
        for complaint in complaints
    )


def _is_page(rule: Any) -> bool:
    """Return whether a route serves the document itself, or the page to browse it."""
    return rule is not None and rule.endpoint.partition(".")[0] in {
        "api-docs",
        "reference",
    }
