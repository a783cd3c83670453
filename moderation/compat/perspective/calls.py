"""Perspective's endpoints: analyze, suggestscore, and the discovery document."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from moderation.compat.auth import enter, needs_key
from moderation.compat.parsing import json_object, storable
from moderation.compat.perspective import discovery, errors
from moderation.compat.perspective.requests import read_analysis, read_suggestion
from moderation.compat.perspective.scoring import (
    analyse,
    labels_of,
    languages_of,
    scorer_for,
)
from moderation.database import db, start_writing
from moderation.learning import suggestions
from moderation.learning.suggestions import SuggestedScores
from moderation.sites.keys import KeyScope
from moderation.sites.protocols import Protocol
from moderation.web import cors
from moderation.web.auth import current_site
from moderation.web.services import services

bp = Blueprint("perspective", __name__)
bp.register_error_handler(Exception, errors.answer)

ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
ANALYZE = "/v1alpha1/comments:analyze"
MODEL_VERSION = "X-Model-Version"
LEFT_OUT = "X-Attributes-Left-Out"
BROWSER_ENDPOINTS = {"perspective.analyze", "perspective.ask_before"}


def _key(**_: Any) -> str | None:
    """Return the request's key, from the places where Google's clients put it."""
    key = request.args.get("key") or request.headers.get("X-Goog-Api-Key")
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return key or (token.strip() if scheme.lower() == "bearer" else None)


@bp.route(ANALYZE, methods=["POST"], provide_automatic_options=False)
@needs_key(Protocol.PERSPECTIVE, _key, KeyScope.SCORE)
def analyze() -> ResponseReturnValue:
    """Score a text. Nothing of it is stored or logged, with any `doNotStore`."""
    analyze_request = read_analysis(json_object())
    site = current_site()
    answer = analyse(site, scorer_for(site), analyze_request)
    response = make_response(jsonify(answer.body))
    response.headers[MODEL_VERSION] = answer.model_version
    return _warned(response, answer.left_out)


@bp.route("/v1alpha1/comments:suggestscore", methods=["POST"])
@needs_key(Protocol.PERSPECTIVE, _key, KeyScope.REPORT, is_for_browsers=False)
def suggest_score() -> ResponseReturnValue:
    """Store scores that site staff suggest for a text, for training.

    Not from a browser: with the key in a page, anyone could train the site's model.
    """
    suggestion, site = read_suggestion(json_object()), current_site()
    scorer = scorer_for(site)
    # The models of single attributes don't learn.
    labels = labels_of(site, suggestion.scores, scorer.labels)
    left_out = [name for name in suggestion.scores if name not in labels]
    scores = {label: suggestion.scores[name] for name, label in labels.items()}
    languages, detected = languages_of(suggestion.text, suggestion.languages, scorer)
    session = db.session()
    start_writing(session)
    with contextlib.suppress(IntegrityError):  # the same was kept just now
        suggestions.record_suggestion(
            session,
            site.id,
            SuggestedScores(
                text=storable(suggestion.text),
                scores=scores,
                source=Protocol.PERSPECTIVE,
                token=storable(suggestion.client_token or ""),
                language=languages[0],
            ),
            privacy=services().privacy,
            now=datetime.now(UTC),
        )
        session.commit()
    session.rollback()
    body: dict[str, Any] = {"requestedLanguages": list(suggestion.languages)}
    body["detectedLanguages"] = detected
    body["attributesLeftOut"] = left_out
    if suggestion.client_token is not None:
        body["clientToken"] = suggestion.client_token
    answer = {name: value for name, value in body.items() if value}
    return _warned(make_response(jsonify(answer)), left_out)


def _warned(response: Response, left_out: list[str]) -> Response:
    """Return the response with a header that names attributes without a score."""
    if left_out:
        response.headers[LEFT_OUT] = ", ".join(left_out)
    return response


@bp.route("/$discovery/rest", methods=["GET"])
def discover() -> ResponseReturnValue:
    """Return the discovery document."""
    version = request.args.get("version", discovery.VERSION)
    if version != discovery.VERSION:
        raise NotFound
    return jsonify(discovery.document(request.host_url))


@bp.route("/v1alpha1/<path:rest>", methods=ANY)
def miss(rest: str) -> ResponseReturnValue:
    """Answer 404 in the shape of this API for an unknown path."""
    raise NotFound


@bp.route(ANALYZE, methods=["OPTIONS"])
def ask_before() -> ResponseReturnValue:
    """Answer a browser's preflight request, with a key in the query or without one."""
    key = request.args.get("key")  # browsers send no header with a key here
    if key is None:
        g.pop("site", None)
    else:
        enter(Protocol.PERSPECTIVE, key, KeyScope.SCORE)
    return "", 204


@bp.after_request
def let_browsers_in(response: Response) -> Response:
    """Add the CORS headers to what `analyze` and its preflight request return."""
    if request.endpoint not in BROWSER_ENDPOINTS:
        return response
    return cors.let_in(response, g.get("site"), takes_site_origins=True)
