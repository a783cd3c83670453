"""Errors in Google's exact words, which clients match."""

from __future__ import annotations

import logging
from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from moderation.compat.errors import Fault, called, retry_after, sort
from moderation.errors import ModerationError

logger = logging.getLogger(__name__)

TYPE = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
SERVICE = "commentanalyzer.googleapis.com"
QUOTA_OF = {
    "analyze": ("Analysis requests (AnalyzeComment)", "analyze_requests"),
    "suggestscore": (
        "Suggestion requests (SuggestCommentScore)",
        "suggest_score_requests",
    ),
}

#: Why a valid key is refused. Source: google/api/error_reason.proto (read 2026-11).
REASONS = {
    Fault.BAD_KEY: "API_KEY_INVALID",
    Fault.SCOPE_MISSING: "API_KEY_SERVICE_BLOCKED",
    Fault.ORIGIN_REFUSED: "API_KEY_HTTP_REFERRER_BLOCKED",
}

# (HTTP status, Google's name of it, message; None: ours)
PLAIN: dict[Fault, tuple[int, str, str | None]] = {
    Fault.NO_KEY: (
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established "
        "identity). Please use API Key or other form of API consumer identity to call "
        "this API.",
    ),
    Fault.BAD_KEY: (
        400,
        "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.",
    ),
    Fault.SWITCHED_OFF: (403, "PERMISSION_DENIED", None),
    Fault.SCOPE_MISSING: (403, "PERMISSION_DENIED", None),
    Fault.ORIGIN_REFUSED: (403, "PERMISSION_DENIED", None),
    Fault.MALFORMED: (400, "INVALID_ARGUMENT", None),
    Fault.TOO_LARGE: (400, "INVALID_ARGUMENT", None),
    Fault.UNKNOWN: (404, "NOT_FOUND", "Method not found."),
    Fault.UNAVAILABLE: (503, "UNAVAILABLE", None),
    Fault.BROKEN: (500, "INTERNAL", "Internal error encountered."),
}


class Refused(ModerationError):
    """The request can't be answered, with a type that clients look at."""

    code = "refused"

    def __init__(self, message: str, error_type: str, **detail: Any) -> None:
        super().__init__(message)
        self.details = [{"@type": TYPE, "errorType": error_type, **detail}]


def answer(error: Exception) -> ResponseReturnValue:
    """Answer any error in Google's shape."""
    if isinstance(error, Refused):
        return _body(400, "INVALID_ARGUMENT", error.message, error.details)
    fault, message = sort(error)
    if fault is Fault.TOO_MANY:
        return _quota(error)
    status, name, text = PLAIN[fault]
    details: list[dict[str, Any]] = []
    if fault in {Fault.MALFORMED, Fault.TOO_LARGE}:
        details = [{"@type": TYPE, "errorType": "INVALID_REQUEST"}]
    if fault in REASONS:
        details = [_key_error(fault)]
    return _body(status, name, text or message, details)


def _key_error(fault: Fault) -> dict[str, Any]:
    return {
        "@type": ERROR_INFO,
        "reason": REASONS[fault],
        "domain": "googleapis.com",
        "metadata": {"service": SERVICE},
    }


def _quota(error: Exception) -> tuple[Response, int]:
    kind = "suggestscore" if called().endswith(":suggestscore") else "analyze"
    metric, name = QUOTA_OF[kind]
    message = (
        f"Quota exceeded for quota metric '{metric}' and limit '{metric} per minute' "
        f"of service '{SERVICE}' for consumer 'this key'."
    )
    detail = {
        "@type": ERROR_INFO,
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "service": SERVICE,
            "quota_metric": f"CommentAnalyzerService/{name}",
        },
    }
    body, status = _body(429, "RESOURCE_EXHAUSTED", message, [detail])
    body.headers["Retry-After"] = retry_after(error)
    return body, status


def _body(
    status: int, name: str, message: str, details: list[Any]
) -> tuple[Response, int]:
    error: dict[str, Any] = {"code": status, "message": message, "status": name}
    if details:
        error["details"] = details
    return jsonify(error=error), status
