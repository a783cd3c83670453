"""Requests to Perspective, read from JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moderation.compat.perspective.errors import Refused
from moderation.errors import InvalidFields
from moderation.web.fields import LANGUAGE_TAG

MAX_TEXT_BYTES = 20_480  # bytes of UTF-8, as Google's limit
MAX_TOKEN_LENGTH = 4096  # characters of a clientToken, which is only sent back
MAX_LANGUAGES = 50
MAX_ATTRIBUTES = 100
MAX_NAME_LENGTH = 100  # characters of an attribute's name that an error repeats
SCORE_TYPES = ("SCORE_TYPE_UNSPECIFIED", "PROBABILITY")
KNOWN_SCORE_TYPES = (*SCORE_TYPES, "STD_DEV_SCORE", "PERCENTILE", "RAW")
BAD = "INVALID_REQUEST"
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class PerspectiveRequest:
    """The fields that both requests have."""

    text: str
    languages: tuple[str, ...]  #: as they were sent
    client_token: str | None


@dataclass(frozen=True, kw_only=True)
class AnalyzeRequest(PerspectiveRequest):
    """A request to score a text."""

    attributes: dict[str, float]  #: name to the score under which it is left out
    is_annotated: bool
    drops_unsupported: bool


@dataclass(frozen=True, kw_only=True)
class SuggestScoreRequest(PerspectiveRequest):
    """Scores that site staff suggest for a text."""

    scores: dict[str, float]  #: attribute to 0–1


def read_analysis(body: Mapping[str, Any]) -> AnalyzeRequest:
    """Return the request to `comments:analyze`.

    Raises
    ------
    Refused, InvalidFields
        In Google's words where clients look at them; naming a field otherwise.
    """
    common = _common(body)
    attributes = _mapping(body, "requestedAttributes")
    if not attributes:
        raise Refused("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")
    if len(attributes) > MAX_ATTRIBUTES:
        complaint = f"At most {MAX_ATTRIBUTES} at once."
        raise InvalidFields({"requestedAttributes": [complaint]})
    return AnalyzeRequest(
        **common,
        attributes={
            name: _threshold(name, parameters)
            for name, parameters in attributes.items()
        },
        is_annotated=_flag(body, "spanAnnotations"),
        drops_unsupported=_flag(body, "dropUnsupportedAttributes"),
    )


def read_suggestion(body: Mapping[str, Any]) -> SuggestScoreRequest:
    """Return the request to `comments:suggestscore`.

    Raises
    ------
    Refused, InvalidFields
        As `read_analysis`.
    """
    common = _common(body)
    suggested = _mapping(body, "attributeScores")
    if not suggested:
        raise Refused("Missing attribute_scores", "NO_REQUESTED_ATTRIBUTES")
    scores = {}
    for name, attribute in suggested.items():
        summary = attribute.get("summaryScore") if isinstance(attribute, dict) else None
        value: Any = summary.get("value", 0) if isinstance(summary, dict) else None
        if not _is_number(value) or not 0 <= value <= 1:
            complaint = "Needs a summaryScore with a value from 0 to 1."
            raise InvalidFields(
                {f"attributeScores.{name[:MAX_NAME_LENGTH]}": [complaint]}
            )
        scores[name] = float(value)
    return SuggestScoreRequest(**common, scores=scores)


def _common(body: Mapping[str, Any]) -> dict[str, Any]:
    comment = _mapping(body, "comment")
    text = comment.get("text")
    if text is not None and not isinstance(text, str):
        raise InvalidFields({"comment.text": ["Must be a string."]})
    text = LONE_SURROGATE.sub("\ufffd", text or "")  # as long in UTF-16
    if not text.strip():
        raise Refused("Comment must be non-empty.", "COMMENT_EMPTY")
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise Refused("Comment text too long.", "COMMENT_TOO_LONG")
    kind = comment.get("type") or "PLAIN_TEXT"
    if kind not in {"PLAIN_TEXT", "COMMENT_TYPE_UNSPECIFIED", "TEXT_TYPE_UNSPECIFIED"}:
        message = "Currently, only 'PLAIN_TEXT' comments are supported"
        raise Refused(message, BAD)
    _refuse_two_contexts(_mapping(body, "context"))
    token = body.get("clientToken")
    if token is not None and (
        not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH
    ):
        complaint = f"Must be a string of at most {MAX_TOKEN_LENGTH} characters."
        raise InvalidFields({"clientToken": [complaint]})
    _flag(body, "doNotStore")
    return {"text": text, "languages": _languages(body), "client_token": token}


def _refuse_two_contexts(context: Mapping[str, Any]) -> None:
    if context.get("entries") and context.get("articleAndParentComment"):
        raise Refused(
            "Context can have either entries or article_and_parent_comment, but both "
            "fields were populated.",
            BAD,
        )


def _languages(body: Mapping[str, Any]) -> tuple[str, ...]:
    languages = body.get("languages") or []
    if not isinstance(languages, list) or len(languages) > MAX_LANGUAGES:
        raise InvalidFields({"languages": [f"A list of up to {MAX_LANGUAGES}."]})
    for language in languages:
        if not isinstance(language, str) or not LANGUAGE_TAG.fullmatch(language[:36]):
            raise InvalidFields({"languages": ["Not a valid BCP 47 language tag."]})
    return tuple(languages)


def _threshold(name: str, parameters: Any) -> float:
    """Return the score below which an attribute is omitted."""
    if parameters is None:
        return 0.0
    if not isinstance(parameters, dict):
        complaint = "Must be an object."
        raise InvalidFields(
            {f"requestedAttributes.{name[:MAX_NAME_LENGTH]}": [complaint]}
        )
    kind = parameters.get("scoreType") or SCORE_TYPES[0]
    if kind not in SCORE_TYPES:
        named_kind = kind if kind in KNOWN_SCORE_TYPES else "given"
        raise Refused(
            f"Requested score type {named_kind} is not supported by attribute "
            f"{name[:MAX_NAME_LENGTH]}",
            BAD,
        )
    threshold = parameters.get("scoreThreshold") or 0
    if not _is_number(threshold):
        complaint = "scoreThreshold must be a number."
        raise InvalidFields(
            {f"requestedAttributes.{name[:MAX_NAME_LENGTH]}": [complaint]}
        )
    return float(threshold)


def _mapping(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidFields({name: ["Must be an object."]})
    return value


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if value not in (None, True, False):
        raise InvalidFields({name: ["Must be true or false."]})
    return bool(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
