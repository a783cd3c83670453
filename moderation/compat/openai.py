"""OpenAI's `POST /v1/moderations`: its 13 categories, of which five are scored."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from moderation.compat.auth import needs_key
from moderation.compat.errors import (
    RETRY_AFTER_SECONDS,
    Fault,
    Unscored,
    called,
    sort,
)
from moderation.compat.parsing import json_object
from moderation.database import db
from moderation.errors import ModerationError
from moderation.models.serving import ScoredText
from moderation.policy.thresholds import Policy
from moderation.sites.protocols import Protocol
from moderation.web.auth import current_site
from moderation.web.services import services

bp = Blueprint("openai", __name__)

# Category to the labels that must all hold for it: its score is the lowest of theirs.
# Without any nothing of ours scores it: false and 0, always.
CATEGORIES: dict[str, tuple[str, ...]] = {
    "harassment": ("insult",),
    "harassment/threatening": ("threat",),
    "hate": ("identity_attack",),
    "hate/threatening": ("identity_attack", "threat"),
    "illicit": (),
    "illicit/violent": (),
    "self-harm": (),
    "self-harm/instructions": (),
    "self-harm/intent": (),
    "sexual": ("sexually_explicit",),
    "sexual/minors": (),
    "violence": (),
    "violence/graphic": (),
}

MAX_TEXTS = 1000  # in one request
MAX_TEXT_BYTES = 100_000  # of one text, UTF-8
LIKELY = 0.5  # threshold of a label for which neither the site nor the model has one
ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Unreadable(ModerationError):
    """The input can't be moderated."""

    code = "unreadable"

    def __init__(self, message: str, openai_code: str | None = None) -> None:
        super().__init__(message)
        self.openai_code = openai_code


def _key(**_: Any) -> str | None:
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


@bp.route("/v1/moderations", methods=["POST"])
@needs_key(Protocol.OPENAI, _key)
def moderate() -> ResponseReturnValue:
    """Score texts. Nothing of them is stored or logged."""
    texts = _texts(json_object().get("input"))
    site = current_site()
    scoring = services().scoring
    scorer = scoring.scorer_of(db.session(), site.model_id)
    if scorer is None:
        raise Unscored
    results = []
    for scored in scoring.score(scorer, [Document(text=text) for text in texts]):
        if scored is None:
            raise Unscored
        if not scored.is_language_supported:
            message = (
                "A text is in a language that the model is not known to be good in."
            )
            raise Unreadable(message, "unsupported_language")
        results.append(_result(scored, _thresholds(site.policy, scorer)))
    body = {"id": f"modr-{uuid.uuid4().hex}", "model": scorer.version}
    response = make_response(jsonify({**body, "results": results}))
    response.headers["X-Model-Version"] = scorer.version
    return response


@bp.route("/v1/<path:rest>", methods=ANY)
def miss(rest: str) -> ResponseReturnValue:
    """Answer 404 in the shape of this API for an unknown path."""
    raise NotFound


def _texts(sent: Any) -> list[str]:
    """Return one text per result; a list of parts is one text.

    Raises
    ------
    Unreadable
        For any other shape, for images, and for what is too much.
    """
    if isinstance(sent, list) and sent and all(isinstance(e, dict) for e in sent):
        texts = ["\n".join(_part(part) for part in sent)]
    else:
        texts = sent if isinstance(sent, list) else [sent]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise Unreadable("'input' must be a string, a list of strings, or of parts.")
    if len(texts) > MAX_TEXTS:
        raise Unreadable(f"'input' may hold {MAX_TEXTS} texts at most.")
    if any(len(e.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES for e in texts):
        raise Unreadable(f"A text may have {MAX_TEXT_BYTES} bytes of UTF-8 at most.")
    return [text.encode("utf-8", "replace").decode() for text in texts]


def _part(part: Mapping[str, Any]) -> str:
    if part.get("type") == "image_url":
        raise Unreadable(
            "Images can't be moderated here; send text.", "unsupported_image"
        )
    text = part.get("text")
    if part.get("type") != "text" or not isinstance(text, str):
        raise Unreadable("Each part of 'input' needs the type 'text' and a 'text'.")
    return text


def _thresholds(policy: Policy, scorer: Scorer) -> dict[str, float]:
    """Return each label's threshold: the site's, or the model's."""
    proposed: Mapping[str, Any] = scorer.manifest["thresholds"]
    return {
        label: policy.thresholds[label].review_at
        if label in policy.thresholds
        else proposed.get(label, {}).get("review_at", LIKELY)
        for label in scorer.labels
    }


def _result(scored: ScoredText, thresholds: Mapping[str, float]) -> dict[str, Any]:
    good = scored.scores.keys() - scored.weak_labels
    scored_categories = {
        name: labels
        for name, labels in CATEGORIES.items()
        if labels and good >= {*labels}
    }
    held = {
        name: all(scored.scores[label] >= thresholds[label] for label in labels)
        for name, labels in scored_categories.items()
    }
    return {
        "flagged": any(held.values()),
        "categories": {name: held.get(name, False) for name in CATEGORIES},
        "category_scores": {
            name: _lowest(scored.scores, scored_categories.get(name, ()))
            for name in CATEGORIES
        },
        "category_applied_input_types": {
            name: ["text"] if name in scored_categories else [] for name in CATEGORIES
        },
    }


def _lowest(scores: Mapping[str, float], labels: Sequence[str]) -> float:
    return min((scores[label] for label in labels), default=0.0)


# (HTTP status, type, code, message; None: ours)
SAID: dict[Fault, tuple[int, str, str | None, str | None]] = {
    Fault.NO_KEY: (
        401,
        "invalid_request_error",
        None,
        "You didn't provide an API key: send it as 'Authorization: Bearer KEY'.",
    ),
    Fault.BAD_KEY: (
        401,
        "invalid_request_error",
        "invalid_api_key",
        "Incorrect API key provided.",
    ),
    Fault.SWITCHED_OFF: (403, "invalid_request_error", "permission_denied", None),
    Fault.TOO_MANY: (429, "requests", "rate_limit_exceeded", None),
    Fault.MALFORMED: (400, "invalid_request_error", None, None),
    Fault.TOO_LARGE: (413, "invalid_request_error", None, None),
    Fault.UNKNOWN: (404, "invalid_request_error", "unknown_url", None),
    Fault.UNAVAILABLE: (503, "server_error", None, None),
    Fault.BROKEN: (500, "server_error", None, None),
}


@bp.errorhandler(Exception)
def answer(error: Exception) -> ResponseReturnValue:
    """Answer any error in OpenAI's shape; its clients retry or throw."""
    if isinstance(error, Unreadable):
        return _error(
            400, "invalid_request_error", error.openai_code, error.message, "input"
        )
    fault, message = sort(error)
    status, kind, code, text = SAID[fault]
    if fault is Fault.UNKNOWN:
        text = f"Invalid URL ({called()})"
    response, _ = _error(status, kind, code, text or message)
    if fault is Fault.TOO_MANY:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response, status


def _error(
    status: int, kind: str, code: str | None, message: str, param: str | None = None
) -> tuple[Response, int]:
    body = {"message": message, "type": kind, "param": param, "code": code}
    return make_response(jsonify(error=body), status), status
