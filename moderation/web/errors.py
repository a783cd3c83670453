"""The only place where errors become HTTP, all in one body."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError  # noqa: A004 - of the pool
from werkzeug.exceptions import HTTPException, InternalServerError

from moderation.errors import (
    CommentsClosed,
    Conflict,
    Forbidden,
    InvalidFields,
    ModerationError,
    NotFound,
    Overtaken,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from moderation.privacy import mask_emails
from moderation.web.bodies import CurrentOut

logger = logging.getLogger(__name__)

STATUS_OF: dict[type[ModerationError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    InvalidFields: 422,
    TooManyRequests: 429,
    Unavailable: 503,
    ModerationError: 500,
}

MAX_REASON = 200  # characters of a driver's message in the log
#: When a client may try again, in seconds, where nothing tells it better.
RETRY_AFTER_SECONDS = {429: 60, 503: 5}


#: The codes of what Flask, Werkzeug or a parser refuses. Written down, as the phrases
#: of HTTP change: RFC 9110 calls 413 "Content Too Large", and 422 otherwise as well.
HTTP_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    411: "length_required",
    413: "request_entity_too_large",
    414: "request_uri_too_long",
    415: "unsupported_media_type",
    416: "requested_range_not_satisfiable",
    422: "unprocessable_entity",
    429: "too_many_requests",
    431: "request_header_fields_too_large",
    500: "internal_server_error",
    501: "not_implemented",
    503: "service_unavailable",
}


def http_code(status: int) -> str:
    """Return the code of an HTTP error that isn't ours."""
    is_ours = status >= 500
    return HTTP_CODES.get(status, HTTP_CODES[500 if is_ours else 400])


def status_of(error: ModerationError) -> int:
    """Return the HTTP status of our errors."""
    return next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)


def body_of(error: ModerationError) -> dict[str, Any]:
    """Return the one body: `code`, `message`, and what belongs to some errors."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if isinstance(error, InvalidFields):
        body["fields"] = error.fields
    if isinstance(error, Overtaken) and error.current is not None:
        body["current"] = CurrentOut().dump(error.current)
    if isinstance(error, CommentsClosed):
        opens_at = error.opens_at and error.opens_at.isoformat()
        body["closed"] = {"by": error.closed_by, "opens_at": opens_at}
    return body


def headers_of(error: ModerationError) -> dict[str, str]:
    """Return the headers that belong to our errors, on a page as in JSON."""
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(error.retry_after_seconds)}
    return {}


def answer_domain_error(error: ModerationError) -> ResponseReturnValue:
    """Answer one of our errors."""
    status = status_of(error)
    response = jsonify(body_of(error))
    response.status_code = status
    if status == 401:  # RFC 9110 section 11.6.1: a 401 names its scheme
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers.update(headers_of(error))
    return response


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask, Werkzeug or a parser refused, keeping its headers."""
    if (error.code or 500) < 400:
        return error  # a redirect: it has no body from us
    status = error.code or 500
    answer = jsonify(code=http_code(status), message=error.description)
    answer.status_code = status
    for name, value in error.get_response().headers:
        if name not in {"Content-Type", "Content-Length"}:
            answer.headers[name] = value  # Allow, Retry-After, …
    return answer


def reason_of(error: Exception) -> str:
    """Return what the driver gives as its reason, in one line.

    The messages of these errors name files, hosts, and limits, never what a row holds.
    """
    cause = getattr(error, "orig", None) or error
    line = mask_emails(str(cause).partition("\n")[0])[:MAX_REASON]
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return f"{type(cause).__name__} {code or ''}: {line}".replace(" :", ":")


def busy_database(error: Exception) -> Unavailable:
    """Return the error for a database that can't be reached or stays locked."""
    logger.error("the database did not answer: %s", reason_of(error))
    return Unavailable("The database can't be reached at the moment; try again soon.")


def answer_busy_database(error: Exception) -> ResponseReturnValue:
    """Answer that the database is busy or away; nothing was stored."""
    return answer_domain_error(busy_database(error))


def log_fault(error: Exception) -> None:
    """Write our own fault into the log, without what a row holds."""
    if isinstance(error, DBAPIError):  # PostgreSQL's message repeats the whole row
        where = "".join(traceback.format_tb(error.__traceback__))
        name = type(error.orig).__name__
        logger.error("fault at %s: %s\n%s", request.endpoint, name, where)
    else:
        logger.error("fault at %s", request.endpoint, exc_info=error)


def answer_fault(error: Exception) -> ResponseReturnValue:
    """Answer our own fault without a word about its inside; the log has it."""
    log_fault(error)
    return answer_http_error(
        InternalServerError("Something went wrong on the server. Nothing was stored.")
    )


def name_retry(response: Response) -> Response:
    """Say in each 429 and 503, of every protocol, when to try again."""
    seconds = RETRY_AFTER_SECONDS.get(response.status_code)
    if seconds is not None:
        response.headers.setdefault("Retry-After", str(seconds))
    return response


def init_errors(app: Flask) -> None:
    """Register the handlers with an app."""
    app.after_request(name_retry)
    app.register_error_handler(ModerationError, answer_domain_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(OperationalError, answer_busy_database)
    app.register_error_handler(TimeoutError, answer_busy_database)
    app.register_error_handler(Exception, answer_fault)
