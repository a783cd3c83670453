"""Faults of a request, classified once for all compatibility APIs."""

from __future__ import annotations

from enum import StrEnum

from flask import request
from sqlalchemy.exc import OperationalError, TimeoutError  # noqa: A004 - of the pool
from werkzeug.exceptions import HTTPException

from moderation.compat.auth import NoKey
from moderation.database import db
from moderation.errors import (
    Forbidden,
    InvalidFields,
    ModerationError,
    OriginRefused,
    ScopeMissing,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from moderation.privacy import mask_emails
from moderation.sites.keys import mask_keys
from moderation.web.errors import busy_database, log_fault

RETRY_AFTER_SECONDS = 60  # the longest that a limit per minute can still hold


class Fault(StrEnum):
    """A kind of fault that each compatibility API reports in its own format."""

    NO_KEY = "no key"
    BAD_KEY = "bad key"
    SWITCHED_OFF = "switched off"
    SCOPE_MISSING = "scope missing"
    ORIGIN_REFUSED = "origin refused"
    TOO_MANY = "too many"
    MALFORMED = "malformed"  #: the request can't be understood
    TOO_LARGE = "too large"
    UNKNOWN = "unknown"  #: no such call, or not by this method
    UNAVAILABLE = "unavailable"  #: ours: no score, no database
    BROKEN = "broken"  #: ours: a fault

    @property
    def is_ours(self) -> bool:
        """Return whether the fault is on the server's side."""
        return self in {Fault.UNAVAILABLE, Fault.BROKEN}


class Unscored(Unavailable):
    """The text can't be scored at the moment; let a person look at it."""

    code = "unscored"


OF_ERROR: dict[type[ModerationError], Fault] = {
    NoKey: Fault.NO_KEY,
    Unauthenticated: Fault.BAD_KEY,
    ScopeMissing: Fault.SCOPE_MISSING,
    OriginRefused: Fault.ORIGIN_REFUSED,
    Forbidden: Fault.SWITCHED_OFF,
    TooManyRequests: Fault.TOO_MANY,
    InvalidFields: Fault.MALFORMED,
    ModerationError: Fault.UNAVAILABLE,
}
OF_STATUS = {404: Fault.UNKNOWN, 405: Fault.UNKNOWN, 413: Fault.TOO_LARGE}


def sort(error: Exception) -> tuple[Fault, str]:
    """Return the fault behind an error, and a message without request data.

    Faults of the service are logged here, once, and unfinished writes are rolled back.
    """
    db.session.rollback()
    if isinstance(error, OperationalError | TimeoutError):
        error = busy_database(error)
    if isinstance(error, InvalidFields):
        named = [
            f"{name}: {' '.join(complaints)}"
            for name, complaints in error.fields.items()
        ]
        return Fault.MALFORMED, "; ".join(named)
    if isinstance(error, ModerationError):
        kind = next(
            OF_ERROR[error_class]
            for error_class in type(error).__mro__
            if error_class in OF_ERROR
        )
        return kind, error.message
    if isinstance(error, HTTPException):
        kind = OF_STATUS.get(error.code or 500, Fault.MALFORMED)
        return kind, error.description or error.name
    log_fault(error)
    return Fault.BROKEN, "Something went wrong on the server."


def retry_after(error: Exception) -> str:
    """Return the Retry-After of an error that is worth another try."""
    if isinstance(error, TooManyRequests):
        return str(error.retry_after_seconds)
    return str(RETRY_AFTER_SECONDS)


def called() -> str:
    """Return the request's method and path for an error message, without a key."""
    return mask_emails(f"{request.method} {mask_keys(request.path)[:100]}")
