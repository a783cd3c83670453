"""Score texts without storing them: for forms, imports, and tools of a site."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from classifiers.serving.document import Document
from moderation.api.score_bodies import ScoresOut, TextsToScore
from moderation.database import db
from moderation.errors import InvalidFields, Unavailable
from moderation.languages.registry import DEFAULT
from moderation.models.serving import ScoredText
from moderation.policy import nudges
from moderation.policy.thresholds import Policy
from moderation.sites.keys import KeyScope
from moderation.web import cors
from moderation.web.auth import current_site, needs_site
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services
from moderation.web.site_keys import limit_page

bp = StrictBlueprint(
    "scores", __name__, url_prefix="/api/v1/scores", description="Without storing"
)


MAX_TEXTS_OF_PAGE = 10  # with a browser key: what an author writes at a time
LARGEST_REQUEST = 8 * 1024 * 1024  # bytes: 500 texts of 2,700 letters, each escaped


@bp.before_request
def _allow_many_texts() -> None:
    request.max_content_length = LARGEST_REQUEST


@bp.route("", methods=["POST"])
@needs_site(KeyScope.SCORE)
@bp.arguments(TextsToScore)
@bp.response(200, ScoresOut)
@answers(400, 413, 415, 422, 429, 503)
def score_texts(fields: dict[str, Any]) -> ResponseReturnValue:
    """Score up to 500 texts, in 8 MiB, with the active model. Stores nothing.

    Nothing of a text is logged. `reasons` are the scores from which the site holds a
    comment; rules, authors' records, and campaigns aren't asked. A browser key may be
    used, for up to 10 texts. `nudge` is a sentence for the author, if there is a
    reason.
    """
    site, scoring = current_site(), services().scoring
    limit_page(site, services().settings.nudge_limit, "scores")
    is_of_page = site.key is not None and site.key.is_for_browsers
    if is_of_page and len(fields["texts"]) > MAX_TEXTS_OF_PAGE:
        complaint = f"At most {MAX_TEXTS_OF_PAGE} with a browser key."
        raise InvalidFields({"texts": [complaint]})
    scorer = scoring.scorer_for(db.session(), site)
    if scorer is None:
        raise Unavailable("No model can score just now.")
    documents = [_document(each) for each in fields["texts"]]
    language = fields["language"] or DEFAULT
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
            for label, threshold in policy.harm_thresholds.items()
            if good.get(label, -1.0) >= threshold.review_at
        ],
        "nudge": {"code": nudge, "text": text, "language": found} if nudge else None,
    }
