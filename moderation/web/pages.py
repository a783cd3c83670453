"""Pages for people: their headers, and errors in words instead of JSON."""

from __future__ import annotations

from collections.abc import Callable

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from moderation.errors import ModerationError
from moderation.web import errors

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; "
    "script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), display-capture=(), "
    "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def harden(response: Response) -> None:
    """Let a page load and run nothing but our own files, and no other frame it."""
    response.headers.update(HEADERS)


def wants_json() -> bool:
    """Return whether a script asks, not a person."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def answer_with_pages(
    bp: Blueprint, template: str, in_plain_words: Callable[[str, str], str]
) -> None:
    """Answer errors under a blueprint with a page; with JSON if a script asks.

    Parameters
    ----------
    template
        The page; it is given the `message`.
    in_plain_words
        Says an error to a person, given its code and its message in English.
    """

    def as_page(found: ResponseReturnValue) -> ResponseReturnValue:
        answer = current_app.make_response(found)
        body = answer.get_json(silent=True)
        if body is None:
            return answer  # a redirect
        message = in_plain_words(body["code"], body["message"])
        if wants_json():
            answer.set_data(current_app.json.dumps(body | {"message": message}))
            return answer
        page = make_response(render_template(template, message=message))
        page.status_code = answer.status_code
        for name, value in answer.headers:
            if name not in {"Content-Type", "Content-Length"}:
                page.headers[name] = value  # Allow, Retry-After, …
        return page

    def answer_domain_error(error: ModerationError) -> ResponseReturnValue:
        return as_page(errors.answer_domain_error(error))

    def answer_http_error(error: HTTPException) -> ResponseReturnValue:
        return as_page(errors.answer_http_error(error))

    def answer_busy_database(error: OperationalError) -> ResponseReturnValue:
        return as_page(errors.answer_busy_database(error))

    def answer_fault(error: Exception) -> ResponseReturnValue:
        return as_page(errors.answer_fault(error))

    bp.register_error_handler(ModerationError, answer_domain_error)
    bp.register_error_handler(HTTPException, answer_http_error)
    bp.register_error_handler(OperationalError, answer_busy_database)
    bp.register_error_handler(Exception, answer_fault)
