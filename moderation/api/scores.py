"""Score texts without storing them: for forms, imports, and tools of a site."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from classifiers.serving.document import Document
from moderation.api.score_bodies import ScoresOut, TextsToScore
from moderation.database import db
from moderation.errors import Unavailable
from moderation.models.serving import ScoredText
from moderation.policy import nudges
from moderation.policy.thresholds import Policy
from moderation.sites.keys import KeyScope
from moderation.web import cors
from moderation.web.auth import current_site, needs_site
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "scores", __name__, url_prefix="/api/v1/scores", description="Without storing"
)


LARGEST_REQUEST = 8 * 1024 * 1024  # bytes: 500 texts of 2,700 letters, each escaped


@bp.before_request
def _allow_many_texts() -> None:
    request.max_content_length = LARGEST_REQUEST


@bp.route("", methods=["POST"])
@needs_site(KeyScope.SCORE)
@bp.arguments(TextsToScore)
@bp.response(200, ScoresOut)
@answers(400, 413, 415, 422, 503)
def score_texts(fields: dict[str, Any]) -> ResponseReturnValue:
    """Score up to 500 texts, in 8 MiB, with the site's active model; store nothing.

    Nothing of a text is logged. `reasons` are the scores from which the site holds a
    comment; rules, authors' records, and campaigns aren't asked. A browser key may be
    used. `nudge` is a sentence for the author, if there is a reason.
    """
    site, scoring = current_site(), services().scoring
    scorer = scoring.scorer_of(db.session(), site.model_id)
    if scorer is None:
        raise Unavailable("No model can score just now.")
    documents = [_document(each) for each in fields["texts"]]
    language = fields["language"] or nudges.DEFAULT_LANGUAGE
    results = []
    for document, scored in zip(
        documents, scoring.score(scorer, documents), strict=True
    ):
        result = _result(site.policy, scored, language)
        if fields["with_spans"]:
            for reason in result["reasons"]:
                reason["spans"] = scorer.explain(document, reason["label"])
        results.append(result)
    return {"model_version": scorer.version, "results": results}


@bp.after_request
def _let_browsers_in(response: Response) -> Response:
    site = None if request.method == "OPTIONS" else g.get("site")
    return cors.let_in(response, site)


def _document(fields: dict[str, Any]) -> Document:
    return Document(
        text=fields["text"],
        author_name=fields.get("author_name"),
        author_url=fields.get("author_url"),
        article_title=fields.get("article_title"),
    )


def _result(policy: Policy, scored: ScoredText | None, language: str) -> dict[str, Any]:
    if scored is None:
        return {
            "scores": {},
            "is_scored": False,
            "is_language_supported": False,
            "weak_labels": [],
            "reasons": [],
            "nudge": None,
        }
    good = {
        label: score
        for label, score in scored.scores.items()
        if scored.is_language_supported and label not in scored.weak_labels
    }
    limits = {label: each.review_at for label, each in policy.thresholds.items()}
    nudge = nudges.choose(good, limits)
    text, found = nudges.sentence(nudge, language) if nudge else ("", "")
    return {
        "scores": scored.scores,
        "is_scored": True,
        "is_language_supported": scored.is_language_supported,
        "weak_labels": sorted(scored.weak_labels),
        "reasons": [
            {
                "label": label,
                "score": good[label],
                "review_at": threshold.review_at,
                "reject_at": threshold.reject_at,
                "spans": [],
            }
            for label, threshold in policy.thresholds.items()
            if good.get(label, -1.0) >= threshold.review_at
        ],
        "nudge": {"code": nudge, "text": text, "language": found} if nudge else None,
    }
