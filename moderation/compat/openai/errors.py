"""Errors in OpenAI's shape."""

from __future__ import annotations

from flask import Response, jsonify, make_response

from moderation.compat.errors import Fault

# (HTTP status, type, code, message; None: ours)
ERRORS: dict[Fault, tuple[int, str, str | None, str | None]] = {
    Fault.NO_KEY: (
        401,
        "invalid_request_error",
        None,
        "You didn't provide an API key: send it as 'Authorization: Bearer KEY'.",
    ),
    Fault.BAD_KEY: (
        401,
        "invalid_request_error",
        "invalid_api_key",
        "Incorrect API key provided.",
    ),
    # OpenAI answers restricted keys 401 in these words (read 2026-11).
    Fault.SCOPE_MISSING: (401, "invalid_request_error", "missing_scope", None),
    Fault.ORIGIN_REFUSED: (403, "invalid_request_error", "permission_denied", None),
    Fault.SWITCHED_OFF: (403, "invalid_request_error", "permission_denied", None),
    Fault.TOO_MANY: (429, "requests", "rate_limit_exceeded", None),
    Fault.MALFORMED: (400, "invalid_request_error", None, None),
    Fault.TOO_LARGE: (413, "invalid_request_error", None, None),
    Fault.UNKNOWN: (404, "invalid_request_error", "unknown_url", None),
    Fault.UNAVAILABLE: (503, "server_error", None, None),
    Fault.BROKEN: (500, "server_error", None, None),
}


def answer_fault(
    status: int, kind: str, code: str | None, message: str, param: str | None = None
) -> tuple[Response, int]:
    """Return an error response in OpenAI's shape."""
    body = {"message": message, "type": kind, "param": param, "code": code}
    return make_response(jsonify(error=body), status), status
