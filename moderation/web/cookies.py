"""Cookies that no other host can set where there is https."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from flask import request
from werkzeug.wrappers import Response

#: Browsers take such a cookie over https alone, without a domain, for all paths.
#: Source: RFC 6265bis, section 4.1.3.2.
HOST_PREFIX = "__Host-"


def read_cookie(name: str) -> str:
    """Return a cookie's value; empty if there is none.

    Over https, one without the prefix counts if there is no other: it was given over
    http, or by an earlier release.
    """
    plain = request.cookies.get(name, "")
    if not request.is_secure:
        return plain
    return request.cookies.get(HOST_PREFIX + name) or plain


def give_cookie(
    answer: Response,
    name: str,
    value: str,
    *,
    samesite: Literal["Strict", "Lax"],
    expires: datetime | None = None,
    max_age: timedelta | None = None,
) -> None:
    """Give the browser a cookie that scripts can't read."""
    answer.set_cookie(
        HOST_PREFIX + name if request.is_secure else name,
        value,
        expires=expires,
        max_age=max_age,
        secure=request.is_secure,
        httponly=True,
        samesite=samesite,
    )
    if request.is_secure and name in request.cookies:
        answer.delete_cookie(name, httponly=True, samesite=samesite)


def forget_cookie(
    answer: Response, name: str, *, samesite: Literal["Strict", "Lax"]
) -> None:
    """Let the browser forget a cookie, under either name."""
    answer.delete_cookie(name, httponly=True, samesite=samesite)
    if request.is_secure:
        prefixed = HOST_PREFIX + name
        answer.delete_cookie(prefixed, secure=True, httponly=True, samesite=samesite)
