"""Build the OpenAPI document, and the blueprint that reads strictly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask
from flask_smorest import Api, Blueprint

from moderation.web.bodies import ErrorBody
from moderation.web.errors import answer_http_error
from moderation.web.parsing import StrictParser
from moderation.web.strictness import strict

View = TypeVar("View", bound=Callable[..., Any])

SPECIFICATION = {
    "API_TITLE": "Comment moderation",
    "API_VERSION": "1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": "Moderate reader comments: score them, decide "
            "automatically, and queue the rest for moderators. Every error has the "
            "same body: `code` for programs, `message` for people, `fields` with the "
            "problems of each invalid field. Query parameters and fields that are not "
            "documented are refused with 422."
        },
        "components": {
            "securitySchemes": {
                "siteKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A site's key, 12 characters. Each operation names "
                    "the scope that the key needs.",
                },
                "staffToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "From `POST /api/v1/session`",
                },
            }
        },
    },
}


class StrictBlueprint(Blueprint):  # type: ignore[misc]  # flask-smorest is untyped
    """A blueprint that refuses what its operations don't document."""

    ARGUMENTS_PARSER = StrictParser()

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Register a view that refuses undocumented parameters and fields with 422.

        Its name is the operation's, by which generated clients call it.
        """
        register = super().route(rule, **options)

        def decorate(view: View) -> View:
            registered: View = register(
                documented(strict(view), 422, operationId=view.__name__)
            )
            return registered

        return decorate

    def register_views_in_doc(
        self, api: DocumentedApi, *told: Any, **more: Any
    ) -> None:
        """Leave describing the views to who asks for the document.

        Not one process in a hundred is asked for it, and it takes longer than all else
        of a start.
        """
        api.undescribed.append(
            partial(super().register_views_in_doc, api, *told, **more)
        )


class DocumentedApi(Api):  # type: ignore[misc]  # flask-smorest is untyped
    """flask-smorest's Api with our one error body."""

    ERROR_SCHEMA = ErrorBody

    def __init__(self, app: Flask) -> None:
        self.undescribed: list[Callable[[], None]] = []  #: views, until someone asks
        self._describing = threading.Lock()
        super().__init__(app)

    def document(self) -> dict[str, Any]:
        """Return the document, made when someone first asks for it."""
        self._describe()
        document: dict[str, Any] = self.spec.to_dict()
        return document

    def _openapi_json(self) -> Any:
        """Answer the document."""
        self._describe()
        return super()._openapi_json()

    def _describe(self) -> None:
        with self._describing:
            while self.undescribed:
                self.undescribed.pop(0)()

    def handle_http_exception(self, error: Any) -> Any:
        """Answer as everywhere else."""
        return answer_http_error(error)

    def init_app(self, app: Flask, **kwargs: Any) -> None:
        """Set the document's options, then as flask-smorest does."""
        app.config.update(SPECIFICATION)
        super().init_app(app, **kwargs)


#: Of errors. RFC 9110, section 11.6.1: a 401 names its scheme.
HEADERS_OF: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string", "enum": ["Bearer"]}}},
    429: {
        "Retry-After": {
            "description": "Seconds until the limit allows the request",
            "schema": {"type": "integer", "minimum": 1},
        }
    },
}


def documented(view: View, *statuses: int, **manual: Any) -> View:
    """Add errors (and further parts of OpenAPI) to the document of a view."""
    responses = {str(status): _refusal(status) for status in statuses}
    described: View = Blueprint.doc(responses=responses, **manual)(view)
    return described


def _refusal(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ErrorBody"}
    refusal = {
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": {"schema": schema}},
    }
    headers = HEADERS_OF.get(status)
    return refusal | {"headers": headers} if headers else refusal


def answers(*statuses: int) -> Callable[[View], View]:
    """Document the errors that a view answers with."""
    return lambda view: documented(view, *statuses)
