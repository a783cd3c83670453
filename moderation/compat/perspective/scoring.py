"""Scores a text for Perspective, with spans in UTF-16 units."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from classifiers.text import languages
from moderation.compat.errors import Unscored
from moderation.compat.perspective.attributes import (
    is_documented,
    label_of,
    unknown,
)
from moderation.compat.perspective.errors import Refused
from moderation.compat.perspective.modelled import add_modelled, scored_names
from moderation.compat.perspective.requests import AnalyzeRequest
from moderation.compat.perspective.sentences import split_sentences
from moderation.database import db
from moderation.models import registry
from moderation.sites.sites import SiteContext
from moderation.web.services import services

PROBABILITY = "PROBABILITY"
#: Where it begins and ends, in UTF-16 units, and its scores.
ScoredSpan = tuple[int, int, Mapping[str, float]]
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
            return scoring.default.deciding_in(site.policy.languages)
        model_id = registry.find_id(session, site.id, pinned)
        if model_id is None:
            raise Unscored("The model version that this site has pinned is not here.")
    scorer = scoring.scorer_of(session, model_id)
    if scorer is None:
        raise Unscored
    return scorer.deciding_in(site.policy.languages)


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
    attributes = analyze_request.attributes
    labels = labels_of(site, attributes, scored_names(scorer))
    left_out = [name for name in analyze_request.attributes if name not in labels]
    used, detected = languages_of(
        analyze_request.text, analyze_request.languages, scorer
    )
    if not all(_base(language) in scorer.languages for language in used):
        if not analyze_request.drops_unsupported:
            _refuse_language(next(iter(analyze_request.attributes)), used, detected)
        labels = {}
    (scored,) = services().scoring.score(scorer, [Document(text=analyze_request.text)])
    version = UNSCORED if scored is None else scored.model_version
    if scored is None and not site.integrations.unscored_as_highest:
        raise Unscored
    scores: Mapping[str, float] = dict.fromkeys(labels.values(), 1.0)
    sentences: list[ScoredSpan] = []
    if scored is not None:
        wanted = {*labels.values()}
        (scores,) = add_modelled(
            scorer, [analyze_request.text], [scored.scores], wanted
        )
        if analyze_request.is_annotated and labels:
            sentences = _sentences(scorer, analyze_request.text, wanted)
    body: dict[str, Any] = {"attributeScores": {}}
    for name, label in labels.items():
        value = scores[label]
        if value < analyze_request.attributes[name]:
            continue
        whole = [(0, _utf16(analyze_request.text), scores)]
        body["attributeScores"][name] = {
            "spanScores": [
                {"begin": begin, "end": end, "score": _score(part[label])}
                for begin, end, part in sentences or whole
            ],
            "summaryScore": _score(value),
        }
    if left_out:
        body["attributesLeftOut"] = left_out
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
        # Short or mixed text may still be in a language that the model reads.
        language = None
    detected = [language] if language else []
    if requested:
        return list(requested), detected
    if not detected:
        if not languages.is_supported(text, scorer.languages):
            raise Refused("Unable to detect language", "LANGUAGE_DETECTION_FAILED")
        detected = sorted(scorer.languages)[:1]
    return detected, detected


def labels_of(
    site: SiteContext, attributes: Collection[str], scored: Collection[str]
) -> dict[str, str]:
    """Return what each attribute is scored by, of those that have a score.

    Raises
    ------
    Refused
        Of an attribute that Perspective never had. If none of the others has a score,
        or the site wants it so, also of those.
    """
    labels = {}
    missing = []
    for name in attributes:
        label = label_of(name, scored)
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


def _sentences(scorer: Scorer, text: str, wanted: Collection[str]) -> list[ScoredSpan]:
    """Return where each sentence is, with the scores of it alone.

    Empty if one can't be scored.
    """
    places = split_sentences(text)
    parts = [text[begin:end] for begin, end in places]
    found = services().scoring.score(scorer, [Document(text=part) for part in parts])
    labels = [scored.scores for scored in found if scored is not None]
    if len(labels) < len(parts):
        return []
    spans = []
    at, units = 0, 0
    scores = add_modelled(scorer, parts, labels, wanted)
    for (begin, end), each in zip(places, scores, strict=True):
        first = units + _utf16(text[at:begin])
        at, units = end, first + _utf16(text[begin:end])
        spans.append((first, units, each))
    return spans


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
