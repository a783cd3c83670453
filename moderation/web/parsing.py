"""Bodies and parameters, read strictly: what is ambiguous is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from webargs import core
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from moderation.errors import InvalidFields
from moderation.privacy import mask_emails

WHOLE = "_schema"  # where marshmallow puts complaints about the whole object


class OptionalBody(ma.Schema):
    """A body that may be left out, with its media type: then it is an empty object."""


class StrictParser(FlaskParser):
    """Parses JSON without doubled keys, NaN or endless nesting."""

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """Return the object in the body.

        Raises
        ------
        werkzeug.exceptions.UnsupportedMediaType
            If the Content-Type isn't JSON.
        werkzeug.exceptions.RequestEntityTooLarge
            If it is longer than it may be.
        werkzeug.exceptions.BadRequest
            If it can't be read, or is no object.
        """
        if isinstance(schema, OptionalBody) and not req.mimetype:
            return {}
        if not core.is_json(req.mimetype):
            raise UnsupportedMediaType("Send the body as application/json.")
        fields = read_json(read_body(req))
        if not isinstance(fields, dict):
            raise BadRequest("The body must be a JSON object.")
        return fields

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Turn marshmallow's complaints into the one error."""
        messages: Any = error.messages
        location = next(iter(messages)) if isinstance(messages, dict) else None
        raise InvalidFields(flatten(messages[location] if location else messages))


def read_body(req: Request) -> bytes:
    """Return the whole body.

    Raises
    ------
    werkzeug.exceptions.RequestEntityTooLarge
        If it is longer than it may be. Of a body sent in chunks, without its length,
        Werkzeug returns as much as may be and leaves the rest.
    werkzeug.exceptions.BadRequest
        If the server can't read it: a chunk has no valid size, or the end is missing.
    """
    try:
        data = req.get_data(cache=True)
    except HTTPException:
        raise
    except Exception as error:
        raise BadRequest("The body can't be read to its end.") from error
    most = req.max_content_length
    if req.content_length is None and most is not None and len(data) >= most:
        raise RequestEntityTooLarge
    return data


def read_json(data: bytes) -> Any:
    """Return the value in a JSON text.

    Raises
    ------
    werkzeug.exceptions.BadRequest
        Saying where it can't be read, or that a key stands twice.
    """
    try:
        return json.loads(
            data.decode(), object_pairs_hook=_once, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError:
        raise BadRequest("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(f"The body is not valid JSON ({place}).") from None
    except RecursionError:
        raise BadRequest("The JSON in the body is nested too deeply.") from None
    except ValueError as error:  # ours, or an integer of thousands of digits
        known = isinstance(error, _Ambiguous)
        text = str(error) if known else "The body holds a number that is too long."
        raise BadRequest(text) from None


def flatten(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """Return field name (dotted) to complaints.

    >>> flatten({"a": {"b": ["Bad."]}, "_schema": ["Worse."]})
    {'a.b': ['Bad.'], '_schema': ['Worse.']}
    """
    if not isinstance(messages, dict):
        complaints = messages if isinstance(messages, list) else [messages]
        return {prefix or WHOLE: [str(each) for each in complaints]}
    flat: dict[str, list[str]] = {}
    for name, inner in messages.items():
        dotted = f"{prefix}.{_printable(name)}" if prefix else _printable(name)
        flat.update(flatten(inner, dotted))
    return flat


class _Ambiguous(ValueError):
    """The JSON can be read in more than one way."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _Ambiguous("A key stands twice in a JSON object.")
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise _Ambiguous(f"{name} is no JSON.")


LONGEST_NAME = 100  # characters of an unknown field's name that we repeat


def _printable(name: object) -> str:
    """Return a field's name as it can be sent back: short, and with nothing to hide."""
    text = mask_emails(str(name)[:LONGEST_NAME])
    return text.encode(errors="replace").decode()
