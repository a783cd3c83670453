"""Site keys of requests: what each may do, from where, and when it was last used."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from flask import Response, after_this_request, request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from moderation.database import db, engine_apart, start_writing
from moderation.errors import OriginRefused, ScopeMissing
from moderation.sites import sites
from moderation.sites.key_uses import record_use
from moderation.sites.keys import BROWSER_SCOPES, KeyContext, KeyScope
from moderation.sites.sites import SiteContext
from moderation.web.origins import is_foreign
from moderation.web.services import services

logger = logging.getLogger(__name__)


def find_site(secret: str) -> SiteContext | None:
    """Return the site of a valid key, and record that the key is used."""
    now = datetime.now(UTC)
    site = sites.find_by_key(db.session(), secret, services().token_key, now)
    if site is not None:
        _record_after_response(_key_of(site), now)
    return site


def refuse_beyond_scope(
    site: SiteContext, scope: KeyScope, *, is_for_browsers: bool = True
) -> None:
    """Refuse a request that its key doesn't allow.

    From a page of another origin, every key has the scopes of a browser key alone:
    anyone who visits the page can read it.

    Parameters
    ----------
    is_for_browsers
        Whether browser keys with the scope may make the call.

    Raises
    ------
    OriginRefused
        If the page's origin isn't among those of a browser key.
    ScopeMissing
        Naming the scope.
    """
    key, origin = _key_of(site), _foreign_origin()
    if origin is not None and key.is_for_browsers and origin not in key.origins:
        raise OriginRefused
    if scope not in key.scopes:
        raise ScopeMissing(f"This key lacks the scope {scope}.")
    is_from_browser = origin is not None or key.is_for_browsers
    if is_from_browser and not (is_for_browsers and scope in BROWSER_SCOPES):
        raise ScopeMissing(f"This call needs the scope {scope}, outside a browser.")


def _key_of(site: SiteContext) -> KeyContext:
    if site.key is None:
        raise LookupError("the site was found without a key")
    return site.key


def _foreign_origin() -> str | None:
    """Return the origin of the page that sends the request, if it isn't ours."""
    origin = request.headers.get("Origin")
    return origin if origin is not None and is_foreign() else None


def _record_after_response(key: KeyContext, now: datetime) -> None:
    """Record the use of a key once the response is sent, if it is due."""
    if not services().key_uses.is_due(key, now):
        return
    # There is no app context any more when the response is closed.
    engine = engine_apart()

    def record_when_sent(response: Response) -> Response:
        response.call_on_close(lambda: _record(engine, key.id, now))
        return response

    after_this_request(record_when_sent)


def _record(engine: Engine, key_id: int, now: datetime) -> None:
    """Store the use in a transaction of its own; a fault is logged and forgotten."""
    try:
        with Session(engine) as session:
            start_writing(session)
            record_use(session, key_id, now)
            session.commit()
    except SQLAlchemyError as error:
        logger.warning(
            "last use of site key %d not recorded: %s", key_id, type(error).__name__
        )
