"""Errors in the shape that Content Moderator's specification names.

Source: Azure/azure-rest-api-specs, ContentModerator v1.0, `APIError` (read 2026-11).
"""

from __future__ import annotations

from flask import Response, jsonify, make_response
from flask.typing import ResponseReturnValue

from moderation.compat.errors import Fault, called, retry_after, sort

INVALID_KEY = (
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to "
    "provide a valid key for an active subscription and use a correct regional API "
    "endpoint for your resource."
)
MISSING_KEY = (
    "Access denied due to missing subscription key. Make sure to include subscription "
    "key when making requests to an API."
)

# (HTTP status, code, message; None: ours)
ERRORS: dict[Fault, tuple[int, str, str | None]] = {
    Fault.NO_KEY: (401, "401", MISSING_KEY),
    Fault.BAD_KEY: (401, "401", INVALID_KEY),
    Fault.SCOPE_MISSING: (403, "403", None),
    Fault.ORIGIN_REFUSED: (403, "403", None),
    Fault.SWITCHED_OFF: (403, "403", None),
    Fault.TOO_MANY: (429, "429", None),
    Fault.MALFORMED: (400, "BadRequest", None),
    Fault.TOO_LARGE: (413, "RequestEntityTooLarge", None),
    Fault.UNKNOWN: (404, "404", None),
    Fault.UNAVAILABLE: (503, "ServiceUnavailable", None),
    Fault.BROKEN: (500, "InternalServerError", None),
}


def answer(error: Exception) -> ResponseReturnValue:
    """Answer any error in Azure's shape."""
    fault, message = sort(error)
    status, code, text = ERRORS[fault]
    if fault is Fault.UNKNOWN:
        text = f"Resource not found: {called()}"
    if fault is Fault.TOO_MANY:
        seconds = retry_after(error)
        text = f"Rate limit is exceeded. Try again in {seconds} seconds."
        response = _body(code, text)
        response.headers["Retry-After"] = seconds
        return response, status
    return _body(code, text or message), status


def _body(code: str, message: str) -> Response:
    return make_response(jsonify(Error={"Code": code, "Message": message}))
