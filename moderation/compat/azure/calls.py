"""Azure Content Moderator's `ProcessText/Screen` and `DetectLanguage`.

Source: Azure/azure-rest-api-specs, ContentModerator v1.0 (read 2026-11).
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from moderation.compat.auth import needs_key
from moderation.compat.azure import errors
from moderation.compat.azure.requests import read_options, read_text
from moderation.compat.azure.screening import detect_language, screen, status
from moderation.compat.errors import Unscored
from moderation.database import db
from moderation.sites.keys import KeyScope
from moderation.sites.protocols import Protocol
from moderation.web.auth import current_site
from moderation.web.services import services

bp = Blueprint("azure", __name__)
bp.register_error_handler(Exception, errors.answer)

ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
PROCESS_TEXT = "/contentmoderator/moderate/v1.0/ProcessText"


def _key(**_: Any) -> str | None:
    """Return the request's key, from the places where Azure took it."""
    header = request.headers.get("Ocp-Apim-Subscription-Key")
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else None
    return header or bearer or request.args.get("subscription-key")


@bp.route(f"{PROCESS_TEXT}/Screen", methods=["POST"], strict_slashes=False)
@needs_key(Protocol.AZURE, _key, KeyScope.SCORE)
def screen_text() -> ResponseReturnValue:
    """Screen a text. Nothing of it is stored or logged."""
    options, text = read_options(request), read_text(request)
    body, version = screen(db.session(), current_site(), text, options)
    response = make_response(jsonify(body))
    response.headers["X-Model-Version"] = version
    return response


@bp.route(f"{PROCESS_TEXT}/DetectLanguage", methods=["POST"], strict_slashes=False)
@needs_key(Protocol.AZURE, _key, KeyScope.SCORE)
def name_language() -> ResponseReturnValue:
    """Detect the language of a text. Nothing of it is stored or logged."""
    text = read_text(request)
    scorer = services().scoring.scorer_for(db.session(), current_site())
    if scorer is None:
        raise Unscored
    return jsonify(
        DetectedLanguage=detect_language(text.visible, scorer),
        Status=status(),
        TrackingId=uuid.uuid4().hex,
    )


@bp.route("/contentmoderator/<path:rest>", methods=ANY)
def miss(rest: str) -> ResponseReturnValue:
    """Answer 404 in the shape of this API for an unknown path."""
    raise NotFound
