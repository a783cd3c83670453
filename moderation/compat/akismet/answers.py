"""Responses to Akismet's clients, byte for byte."""

from __future__ import annotations

import secrets

from flask import Response, g
from flask.typing import ResponseReturnValue

from moderation.comments.lookup import StoredComment
from moderation.compat.errors import Fault, called, retry_after, sort
from moderation.policy.facts import Signal
from moderation.policy.verdicts import Status
from moderation.sites.protocols import Integrations
from moderation.sites.sites import SiteContext

SPAM, HAM, INVALID, VALID = "true", "false", "invalid", "valid"
THANKS = "Thanks for making the web a better place."
DEACTIVATED = "deactivated"

#: WordPress asks again after so many seconds, and publishes by itself after twice as
#: many: time enough for a person to decide.
RECHECK_AFTER_SECONDS = 7 * 24 * 3600
BLATANT_SPAM = 0.98  # score of `spam`, 0 to 1, from which a site may drop unseen

GUID_BYTES = 16  # of one that names none of our comments
OVERUSED = "10009"  # Akismet's code for a key that is used too much
STATUS_OF = {
    Fault.TOO_MANY: 429,
    Fault.TOO_LARGE: 413,
    Fault.UNKNOWN: 404,
    Fault.UNAVAILABLE: 503,
    Fault.BROKEN: 500,
}


def text(body: str, **headers: str) -> Response:
    """Return a plain-text response; clients compare it literally."""
    response = Response(body, content_type="text/plain; charset=utf-8")
    for name, value in headers.items():
        response.headers[f"X-akismet-{name.replace('_', '-')}"] = value
    return response


def verdict(
    status: Status, guid: str, integrations: Integrations, *, is_blatant: bool
) -> Response:
    """Return the response for a comment's status."""
    if status is Status.REJECTED:
        tip = {"pro_tip": "discard"} if is_blatant and integrations.discard else {}
        return text(SPAM, guid=guid, **tip)
    if status is Status.APPROVED:
        return text(HAM, guid=guid)
    if integrations.review_as_spam:
        return text(SPAM, guid=guid)
    return text(HAM, guid=guid, recheck_after=str(RECHECK_AFTER_SECONDS))


def is_blatant(standing: StoredComment, signal: Signal | None) -> bool:
    """Return whether a rejected comment is blatant spam."""
    score = standing.score.spam if standing.score else None
    return signal is Signal.BOT or (score is not None and score >= BLATANT_SPAM)


def answer(error: Exception) -> ResponseReturnValue:
    """Answer any error, never with `true` or `false`, so that clients hold.

    No fault of the service is a 200: WordPress then holds the comment. The header makes
    clients throw that would take any other body for spam. Some publish at any error:
    for their sites, which want `review_as_spam`, a check that fails is `true`.
    """
    site = g.get("site")
    fault, message = sort(error)
    is_failed = fault.is_ours or fault is Fault.TOO_MANY
    if is_failed and called().endswith("/comment-check") and _publishes(site):
        return text(SPAM, guid=secrets.token_hex(GUID_BYTES))
    if fault is Fault.UNKNOWN:
        message = f"There is no call {called()}"
    response = text(INVALID, debug_help=_header(message))
    response.status_code = STATUS_OF.get(fault, 200)
    if fault is Fault.TOO_MANY:
        response.headers["Retry-After"] = retry_after(error)
        response.headers["X-akismet-alert-code"] = OVERUSED
        response.headers["X-akismet-alert-msg"] = _header(message)
    if fault.is_ours:
        response.headers["X-akismet-error"] = fault.value.replace(" ", "-")
    return response


def _publishes(site: SiteContext | None) -> bool:
    """Return whether a site's software publishes comments on an error."""
    return site is not None and site.integrations.review_as_spam


def _header(message: str) -> str:
    """Return a text as a valid header value."""
    return message.encode("ascii", "replace").decode().replace("\n", " ").strip()
