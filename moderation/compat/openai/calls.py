"""OpenAI's `POST /v1/moderations`."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from classifiers.serving.document import Document
from moderation.compat.auth import needs_key
from moderation.compat.errors import Fault, Unscored, called, retry_after, sort
from moderation.compat.openai.errors import ERRORS, answer_fault
from moderation.compat.openai.requests import Unreadable, read_texts
from moderation.compat.openai.results import build_result, build_unread
from moderation.compat.parsing import json_object
from moderation.compat.thresholds import get_thresholds
from moderation.database import db
from moderation.sites.keys import KeyScope
from moderation.sites.protocols import Protocol
from moderation.web.auth import current_site
from moderation.web.services import services

bp = Blueprint("openai", __name__)
UNSUPPORTED_LANGUAGE = "unsupported_language"
UNKNOWN_LANGUAGE = (
    "The text is in a language that the model is not known to be good in."
)
ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def _key(**_: Any) -> str | None:
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


@bp.route("/v1/moderations", methods=["POST"])
@needs_key(Protocol.OPENAI, _key, KeyScope.SCORE)
def moderate() -> ResponseReturnValue:
    """Score texts. Nothing of them is stored or logged."""
    texts = read_texts(json_object().get("input"))
    site = current_site()
    scoring = services().scoring
    scorer = scoring.scorer_for(db.session(), site)
    if scorer is None:
        raise Unscored
    scored = scoring.score(scorer, [Document(text=text) for text in texts])
    if None in scored:
        raise Unscored
    found = [each for each in scored if each is not None]
    if not any(each.is_language_supported for each in found):
        raise Unreadable(UNKNOWN_LANGUAGE, UNSUPPORTED_LANGUAGE)
    thresholds = get_thresholds(site.policy, scorer)
    results = [
        build_result(each, thresholds)
        if each.is_language_supported
        else build_unread(UNSUPPORTED_LANGUAGE, UNKNOWN_LANGUAGE)
        for each in found
    ]
    body = {"id": f"modr-{uuid.uuid4().hex}", "model": scorer.version}
    response = make_response(jsonify({**body, "results": results}))
    response.headers["X-Model-Version"] = scorer.version
    return response


@bp.route("/v1/<path:rest>", methods=ANY)
def miss(rest: str) -> ResponseReturnValue:
    """Answer 404 in the shape of this API for an unknown path."""
    raise NotFound


@bp.errorhandler(Exception)
def answer(error: Exception) -> ResponseReturnValue:
    """Answer any error in OpenAI's shape; its clients retry or throw."""
    if isinstance(error, Unreadable):
        return answer_fault(
            400, "invalid_request_error", error.openai_code, error.message, "input"
        )
    fault, message = sort(error)
    status, kind, code, text = ERRORS[fault]
    if fault is Fault.UNKNOWN:
        text = f"Invalid URL ({called()})"
    if fault is Fault.SCOPE_MISSING:
        text = f"You have insufficient permissions for this operation. {message}"
    response, _ = answer_fault(status, kind, code, text or message)
    if fault is Fault.TOO_MANY:
        response.headers["Retry-After"] = retry_after(error)
    return response, status
