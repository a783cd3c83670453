"""Scores a text for Perspective, with spans in UTF-16 units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from classifiers.text import languages
from moderation.compat.errors import Unscored
from moderation.compat.perspective.attributes import (
    OVERALL,
    is_documented,
    label_of,
    score_of,
    unknown,
)
from moderation.compat.perspective.errors import Refused
from moderation.compat.perspective.requests import AnalyzeRequest
from moderation.database import db
from moderation.models import registry
from moderation.models.serving import Scoring
from moderation.sites.sites import SiteContext
from moderation.web.services import services

PROBABILITY = "PROBABILITY"
UNSCORED = "unscored"  # the model version where a site wants 1 instead of an error


@dataclass(frozen=True, kw_only=True)
class AnalyzeResponse:
    """A response body, and the model version that produced it."""

    body: dict[str, Any]
    model_version: str
    left_out: list[str]  #: attributes without a score here


def scorer_for(site: SiteContext) -> Scorer:
    """Return a site's scorer: the pinned version, or the active one.

    Raises
    ------
    Unscored
        If it can't be had.
    """
    scoring = services().scoring
    session, pinned = db.session(), site.integrations.model_version
    model_id = site.model_id
    if pinned is not None:
        if scoring.default is not None and scoring.default.version == pinned:
            return scoring.default
        model_id = registry.find_id(session, site.id, pinned)
        if model_id is None:
            raise Unscored("The model version that this site has pinned is not here.")
    scorer = scoring.scorer_of(session, model_id)
    if scorer is None:
        raise Unscored
    return scorer


def analyse(
    site: SiteContext, scorer: Scorer, analyze_request: AnalyzeRequest
) -> AnalyzeResponse:
    """Return the response to `comments:analyze`. CPU only.

    Raises
    ------
    Refused
        If an attribute is unknown or does not know the language.
    Unscored
        If scoring fails, unless the site wants the highest score then.
    """
    labels = _labels(site, scorer, analyze_request)
    left_out = [name for name in analyze_request.attributes if name not in labels]
    used, detected = languages_of(
        analyze_request.text, analyze_request.languages, scorer
    )
    if not all(_base(language) in scorer.languages for language in used):
        if not analyze_request.drops_unsupported:
            _refuse_language(next(iter(analyze_request.attributes)), used, detected)
        labels = {}
    scoring = services().scoring
    (scored,) = scoring.score(scorer, [Document(text=analyze_request.text)])
    version = UNSCORED if scored is None else scored.model_version
    if scored is None and not site.integrations.unscored_as_highest:
        raise Unscored
    body: dict[str, Any] = {"attributeScores": {}}
    for name, label in labels.items():
        value = 1.0 if scored is None else score_of(label, scored.scores)
        if value < analyze_request.attributes[name]:
            continue
        spans = [(0, _utf16(analyze_request.text), value)]
        if analyze_request.is_annotated and scored is not None and label != OVERALL:
            spans = _stretches(scoring, scorer, analyze_request.text, label) or spans
        body["attributeScores"][name] = {
            "spanScores": [
                {"begin": begin, "end": end, "score": _score(score)}
                for begin, end, score in spans
            ],
            "summaryScore": _score(value),
        }
    body["languages"] = list(used)
    body["detectedLanguages"] = detected
    if analyze_request.client_token is not None:
        body["clientToken"] = analyze_request.client_token
    body["modelVersion"] = version
    return AnalyzeResponse(body=body, model_version=version, left_out=left_out)


def languages_of(
    text: str, requested: tuple[str, ...], scorer: Scorer
) -> tuple[list[str], list[str]]:
    """Return the languages to score in, and the detected ones.

    A text too short to tell gets the benefit of the doubt, if its script allows.

    Raises
    ------
    Refused
        If none was requested and none can be detected.
    """
    language, _ = languages.detect(text)
    is_known = language in scorer.languages
    if language and not is_known and languages.is_supported(text, scorer.languages):
        # Short or mixed: not clearly foreign, as where the service itself decides.
        language = None
    detected = [language] if language else []
    if requested:
        return list(requested), detected
    if not detected:
        if not languages.is_supported(text, scorer.languages):
            raise Refused("Unable to detect language", "LANGUAGE_DETECTION_FAILED")
        detected = sorted(scorer.languages)[:1]
    return detected, detected


def _labels(
    site: SiteContext, scorer: Scorer, analyze_request: AnalyzeRequest
) -> dict[str, str]:
    """Return the label behind each attribute that has one.

    Raises
    ------
    Refused
        Of an attribute that Perspective never had. If none of the others has a score,
        or the site wants it so, also of those.
    """
    labels = {}
    missing = []
    for name in analyze_request.attributes:
        label = label_of(name, scorer.labels)
        if label is not None:
            labels[name] = label
        elif is_documented(name):
            missing.append(name)
        else:
            raise Refused(unknown(name), "INVALID_REQUEST")
    if missing and (site.integrations.strict_attributes or not labels):
        raise Refused(unknown(missing[0]), "INVALID_REQUEST")
    return labels


def _refuse_language(attribute: str, used: list[str], detected: list[str]) -> None:
    raise Refused(
        f"Attribute {attribute} does not support request languages: {', '.join(used)}",
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        languageNotSupportedByAttributeError={
            "detectedLanguages": detected,
            "requestedLanguages": used,
            "attribute": attribute,
        },
    )


def _stretches(
    scoring: Scoring, scorer: Scorer, text: str, label: str
) -> list[tuple[int, int, float]]:
    """Return the spans that raised a label's score, each with its score.

    Neighbouring words are one stretch; its score is that of its words alone, which is
    what a span's score means in Perspective.
    """
    joined: list[tuple[int, int]] = []
    for span in scorer.explain(Document(text=text), label):
        if joined and not text[joined[-1][1] : span.start].strip():
            joined[-1] = (joined[-1][0], span.end)
        else:
            joined.append((span.start, span.end))
    parts = [Document(text=text[start:end]) for start, end in joined]
    return [
        (_utf16(text[:start]), _utf16(text[:end]), scored.scores[label])
        for (start, end), scored in zip(
            joined, scoring.score(scorer, parts), strict=True
        )
        if scored is not None
    ]


def _utf16(text: str) -> int:
    """Return the length of a text in UTF-16 code units.

    >>> _utf16("a😀")
    3
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _base(language: str) -> str:
    return language.lower().partition("-")[0]


def _score(value: float) -> dict[str, Any]:
    return {"value": value, "type": PROBABILITY}
