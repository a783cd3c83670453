"""Akismet's endpoints, and the places where its clients put the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from moderation.compat.akismet import accounts, answers, checks
from moderation.compat.auth import enter
from moderation.compat.parsing import form
from moderation.database import db
from moderation.errors import Forbidden, ScopeMissing, Unauthenticated
from moderation.sites import keys
from moderation.sites.keys import KeyScope
from moderation.sites.protocols import Protocol
from moderation.sites.sites import SiteContext

bp = Blueprint("akismet", __name__)
bp.register_error_handler(Exception, answers.answer)

SENT = "moderation.akismet.sent"  # read once, next to the request itself
Sent = Mapping[str, str]


def _deactivate(site: SiteContext, sent: Sent) -> Response:
    """Acknowledge that a plugin was deactivated; the key stays valid."""
    return answers.text(answers.DEACTIVATED)


def _subscription(site: SiteContext, sent: Sent) -> Response:
    return jsonify(accounts.subscription(site.id, site.name))


def _stats(site: SiteContext, sent: Sent) -> Response:
    period = sent.get("from", "all")
    return jsonify(accounts.stats(db.session(), site.id, period, datetime.now(UTC)))


def _usage_limit(site: SiteContext, sent: Sent) -> Response:
    return jsonify(accounts.usage_limit(db.session(), site.id, datetime.now(UTC)))


def _key_sites(site: SiteContext, sent: Sent) -> Response:
    body = accounts.key_sites(db.session(), site.id, sent, datetime.now(UTC))
    if sent.get("format", "json") == "csv":
        return Response(accounts.as_csv(body), content_type="text/csv; charset=utf-8")
    return jsonify(body)


@dataclass(frozen=True, kw_only=True)
class AkismetCall:
    """A call, and the scope that its key needs."""

    scope: KeyScope
    answer: Callable[[SiteContext, Sent], Response]


def _submitting(answer: Callable[[SiteContext, Sent], Response]) -> AkismetCall:
    return AkismetCall(scope=KeyScope.SUBMIT, answer=answer)


def _deciding(report: checks.AkismetReport) -> AkismetCall:
    """Return a call that decides as site staff, and so trains the model."""
    answer = partial(checks.report, told=report)
    return AkismetCall(scope=KeyScope.MANAGE, answer=answer)


#: The account's figures are for keys that can send comments, never for one in a page.
CALLS = {
    "1.1/comment-check": _submitting(checks.check),
    "1.1/submit-spam": _deciding(checks.SPAM),
    "1.1/submit-ham": _deciding(checks.HAM),
    "1.1/get-subscription": _submitting(_subscription),
    "1.1/get-stats": _submitting(_stats),
    "1.1/deactivate": _submitting(_deactivate),
    "1.2/usage-limit": _submitting(_usage_limit),
    "1.2/key-sites": _submitting(_key_sites),
}
VERIFY = "1.1/verify-key"
READING = {"1.2/usage-limit", "1.2/key-sites"}  # may be asked by GET


def _sent() -> dict[str, str]:
    """Return the fields of the request, read once."""
    if SENT not in request.environ:
        request.environ[SENT] = form()
    fields: dict[str, str] = request.environ[SENT]
    return fields


def _key(*, key: str | None = None) -> str | None:
    """Return the key from the path, a field, or the first label of the host."""
    sent = _sent()
    label = request.host.partition(".")[0].lower()
    by_host = label if keys.is_key_format(label) else None
    key_text = key or sent.get("api_key") or by_host or sent.get("key")
    return key_text.strip().lower() if key_text else None


ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@bp.route("/<any('1.1','1.2'):version>/<call>", methods=ANY)
@bp.route("/akismet/<any('1.1','1.2'):version>/<call>", methods=ANY)
@bp.route("/akismet/<key>/<any('1.1','1.2'):version>/<call>", methods=ANY)
def serve(version: str, call: str, key: str | None = None) -> ResponseReturnValue:
    """Answer one call; `verify-key` accepts any key that comments can be sent with."""
    name = f"{version}/{call}"
    if name == VERIFY:
        return _verify(key)
    return _answer(name, key=key)


@bp.route("/akismet/<key>", methods=ANY)
def serve_from_query(key: str) -> ResponseReturnValue:
    """Answer a client that builds the host from its key.

    With `our.host/akismet/KEY?op=` for a key it asks for
    `our.host/akismet/KEY?op=.rest.akismet.com/1.1/comment-check`.
    """
    tail = request.query_string.decode("ascii", "replace").split("/")[-2:]
    return serve(tail[0], tail[-1].partition("&")[0], key)


def _answer(name: str, key: str | None = None) -> Response:
    call = CALLS.get(name)
    site = enter(
        Protocol.AKISMET, _key(key=key), call.scope if call else KeyScope.SUBMIT
    )
    if call is None or (request.method != "POST" and name not in READING):
        raise NotFound
    if request.method not in {"GET", "POST"}:
        raise NotFound
    return call.answer(site, _sent())


def _verify(key: str | None) -> ResponseReturnValue:
    """Answer whether a key can send comments; here the field `key` comes first.

    WordPress tests a new key with the old one in `api_key`. A key without the scope is
    refused here, where an admin types it, not at the first comment.
    """
    if request.method != "POST":
        raise NotFound
    key_text = _sent().get("key") or _key(key=key)
    key_text = key_text.strip().lower() if key_text else None
    try:
        enter(Protocol.AKISMET, key_text, KeyScope.SUBMIT)
    except ScopeMissing as error:
        return answers.text(answers.INVALID, debug_help=error.message)
    except (Unauthenticated, Forbidden):
        return answers.text(answers.INVALID)
    return answers.text(answers.VALID)
