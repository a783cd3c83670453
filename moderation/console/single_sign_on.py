"""Logging in with the organization's own log-in (OpenID Connect)."""

from __future__ import annotations

import hmac
import logging
from dataclasses import astuple
from datetime import UTC, datetime, timedelta

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.exc import IntegrityError

from moderation.accounts import identities
from moderation.accounts.identities import ProviderIdentity
from moderation.console.blueprint import bp, refuse_in_clear, t
from moderation.console.session import first_page
from moderation.database import db, start_writing
from moderation.errors import (
    Conflict,
    ModerationError,
    NoMappedGroup,
    NotFound,
    SignOnDenied,
    SignOnFailed,
    StaffDisabled,
    UsernameTaken,
)
from moderation.review.sign_on import sign_on
from moderation.tables.accounts import Staff
from moderation.web import errors
from moderation.web.actors import act_as_provider
from moderation.web.auth import TOKEN_COOKIE
from moderation.web.cookies import forget_cookie, give_cookie, read_cookie
from moderation.web.limits import allow
from moderation.web.login import issue_signed_on
from moderation.web.openid import OpenIdProvider, SignOnStart, error_code
from moderation.web.services import services

logger = logging.getLogger(__name__)

#: Holds what the browser must bring back; scripts can't read it. `Lax`: the provider's
#: page leads here, and `Strict` would leave it behind.
START_COOKIE = "moderation_sign_on"
START_LASTS = timedelta(minutes=10)  # to log in at the provider
SIGN_ON_LIMIT = "120 per minute"  # from one address: a whole newsroom can have the same
DENIED = "access_denied"  # RFC 6749, section 4.1.2.1


@bp.get("/oidc")
def start_sign_on() -> ResponseReturnValue:
    """Send the browser to the provider."""
    provider = _provider()
    refuse_in_clear()
    allow(SIGN_ON_LIMIT, "sign-on-from", request.remote_addr or "")
    url, start = provider.start(_callback_url())
    answer = redirect(url)
    value = _starts().dumps(astuple(start))
    give_cookie(answer, START_COOKIE, value, max_age=START_LASTS, samesite="Lax")
    return answer


@bp.get("/oidc/callback")
def finish_sign_on() -> ResponseReturnValue:
    """Log in the person whom the provider has vouched for.

    The page that answers leads on by itself: the browser would leave the new cookie
    behind in a redirect, which still counts as the provider's.
    """
    provider = _provider()
    allow(SIGN_ON_LIMIT, "sign-on-from", request.remote_addr or "")
    start = _read_start(provider)
    code = request.args.get("code", "")
    identity = provider.finish(code, start, _callback_url())
    act_as_provider()
    try:
        staff = _let_in(identity)
    except (NoMappedGroup, StaffDisabled, UsernameTaken) as error:
        _record_refusal(identity, error)
        if not isinstance(error, UsernameTaken):
            raise
        message = t("account.sign_on.username_taken", subject=identity.subject)
        page = render_template("console/shared/refused.html", message=message)
        return page, errors.status_of(error)
    token, expires_at = issue_signed_on(staff)
    answer = make_response(
        render_template("console/account/signed_on.html", href=first_page(staff.id))
    )
    give_cookie(answer, TOKEN_COOKIE, token, expires=expires_at, samesite="Strict")
    forget_cookie(answer, START_COOKIE, samesite="Lax")
    return answer


def _provider() -> OpenIdProvider:
    provider = services().provider
    if provider is None:
        raise NotFound
    return provider


def _callback_url() -> str:
    """Return where the provider sends the browser: the host that has the cookie."""
    return url_for(".finish_sign_on", _external=True)


def _read_start(provider: OpenIdProvider) -> SignOnStart:
    """Return what this browser has started, if the provider answers just that.

    Raises
    ------
    SignOnFailed
        If it has started nothing, or something else, or too long ago.
    SignOnDenied
        If the provider did not let the person in.
    """
    try:
        seconds = START_LASTS.total_seconds()
        values = _starts().loads(read_cookie(START_COOKIE), max_age=int(seconds))
        state, nonce, code_verifier = values
    except (BadData, TypeError, ValueError) as error:
        logger.info("single sign-on: the browser has started none")
        raise SignOnFailed from error
    is_same = hmac.compare_digest(
        state.encode(), request.args.get("state", "").encode()
    )
    # RFC 9207: an answer of another provider, to which its code would be lost.
    if not is_same or request.args.get("iss", provider.issuer) != provider.issuer:
        logger.warning("single sign-on: the answer is to another request")
        raise SignOnFailed
    if "error" in request.args:
        code = error_code(request.args["error"])
        logger.info("single sign-on: the provider refused: %s", code)
        raise SignOnDenied if code == DENIED else SignOnFailed
    return SignOnStart(state=state, nonce=nonce, code_verifier=code_verifier)


def _let_in(identity: ProviderIdentity) -> Staff:
    """Give a person the roles of their groups, and commit.

    Raises
    ------
    NoMappedGroup, StaffDisabled, UsernameTaken
        If the person may not log in here.
    """
    try:
        staff = _sign_on(identity)
    except (Conflict, IntegrityError):
        # Another log-in of the same person may have come first, and taken the name.
        db.session.rollback()
        staff = _sign_on(identity)
    if staff is None:
        raise NoMappedGroup
    return staff


def _record_refusal(identity: ProviderIdentity, error: ModerationError) -> None:
    """Record that a person was refused, and commit."""
    logger.info("single sign-on: a person was refused: %s", error.code)
    session = db.session()
    session.rollback()
    start_writing(session)
    identities.record_refusal(session, identity, error.code)
    session.commit()


def _sign_on(identity: ProviderIdentity) -> Staff | None:
    session = db.session()
    start_writing(session)
    group_roles = services().settings.oidc_roles
    staff = sign_on(session, identity, group_roles, datetime.now(UTC))
    session.commit()
    return staff


def _starts() -> URLSafeTimedSerializer:
    """Return what signs the start of a log-in."""
    oldest_first = [key.secret for key in reversed(services().token_key.keys)]
    return URLSafeTimedSerializer(oldest_first, salt="single-sign-on")
