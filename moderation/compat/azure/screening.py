"""Screens a text for Azure's callers: categories, terms, and personal data."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from classifiers.serving.document import Document
from classifiers.serving.scorer import Scorer
from classifiers.text import languages
from moderation.compat.azure.language_codes import to_long, to_short
from moderation.compat.azure.pii import find_pii
from moderation.compat.azure.requests import ScreenedText, ScreenOptions
from moderation.compat.errors import Unscored
from moderation.compat.thresholds import get_thresholds
from moderation.errors import InvalidFields, NotFound
from moderation.models.serving import ScoredText
from moderation.policy.rule_matches import RuleAction
from moderation.rules.conditions import Subject
from moderation.rules.matching import CandidateMatch
from moderation.rules.records import find_rule
from moderation.sites.sites import SiteContext
from moderation.web.services import services

#: The list of words that the model takes for profane: Azure's built-in one.
BUILT_IN_LIST = 0
MAX_TERMS = 100  # in one answer
OK = 3000  # Azure's status of a text that was screened
UNKNOWN_LANGUAGE = (
    "The text is in a language that the model is not known to be good in."
)
#: Category to the labels whose highest score it is.
CATEGORIES: dict[str, tuple[str, ...]] = {
    "Category1": ("sexually_explicit",),
    "Category2": ("sexually_explicit",),
    "Category3": (
        "toxicity",
        "severe_toxicity",
        "insult",
        "profanity",
        "identity_attack",
        "threat",
    ),
}
PROFANITY = "profanity"
STRICT = frozenset({RuleAction.HOLD, RuleAction.REJECT})


@dataclass(frozen=True, kw_only=True)
class _Screened:
    """The findings about a text."""

    text: ScreenedText
    scored: ScoredText
    scores: Mapping[str, float]  #: of labels that may be believed in its language
    thresholds: Mapping[str, float]
    rules: tuple[CandidateMatch, ...]


def screen(
    session: Session, site: SiteContext, text: ScreenedText, options: ScreenOptions
) -> tuple[dict[str, Any], str]:
    """Return the answer to `Screen`, and the version of the model. CPU only.

    Raises
    ------
    Unscored
        If the text can't be scored, or the site's rules can't be asked.
    InvalidFields
        If the site has no rule of the number that is asked for.
    """
    scorer = services().scoring.scorer_for(session, site)
    if scorer is None:
        raise Unscored
    screened = _ask(session, site, scorer, text, options)
    units = _units(text)
    language = options.language or detect_language(text.visible, scorer)
    answer: dict[str, Any] = {
        "OriginalText": text.original,
        "NormalizedText": text.visible,
    }
    if options.is_corrected:
        answer["AutoCorrectedText"] = text.visible
    answer["Misrepresentation"] = None
    if options.has_personal_data:
        regions = site.policy.personal_data.phone_regions
        answer["PII"] = find_pii(text.visible, units.visible, regions)
    is_known = _is_known(options, scorer, screened.scored)
    if options.is_classified:
        answer["Classification"] = _classification(screened, is_known=is_known)
    answer["Language"] = language
    terms = _terms(scorer, screened, options, is_known=is_known)
    answer["Terms"] = [
        {
            "Index": units.visible(start),
            "OriginalIndex": units.original(start),
            "ListId": list_id,
            "Term": text.visible[start:end],
        }
        for start, end, list_id in terms[:MAX_TERMS]
    ] or None
    return {
        **answer,
        "Status": status("" if is_known else UNKNOWN_LANGUAGE),
        "TrackingId": uuid.uuid4().hex,
    }, screened.scored.model_version


def detect_language(text: str, scorer: Scorer) -> str:
    """Return the language of a text, ISO 639-3.

    A text too short to tell gets the benefit of the doubt, if its script allows.
    """
    detected, _ = languages.detect(text)
    if detected is None and languages.is_supported(text, scorer.languages):
        detected = min(scorer.languages)
    return to_long(detected)


def status(exception: str = "") -> dict[str, Any]:
    """Return the status of a screened text."""
    return {"Code": OK, "Description": "OK", "Exception": exception}


def _ask(
    session: Session,
    site: SiteContext,
    scorer: Scorer,
    text: ScreenedText,
    options: ScreenOptions,
) -> _Screened:
    """Score a text and match the site's rules."""
    if options.list_id:
        try:
            find_rule(session, site.id, options.list_id)
        except NotFound as error:
            raise InvalidFields({"listId": [error.message]}) from error
    subject = Subject(body=text.visible)
    matched = services().rulesets.match(session, site, subject)
    (scored,) = services().scoring.score(scorer, [Document(text=text.visible)])
    if scored is None or not matched.is_known:
        raise Unscored
    good = scored.scores.keys() - scored.weak_labels
    return _Screened(
        text=text,
        scored=scored,
        scores={label: scored.scores[label] for label in good},
        thresholds=get_thresholds(site.policy, scorer),
        rules=tuple(each for each in matched.matches if _holds(each)),
    )


def _holds(match: CandidateMatch) -> bool:
    """Return whether a text alone meets a rule that is on."""
    rule = match.rule
    needs_more = rule.section or rule.needs_first_comment or rule.rates
    return not (rule.is_shadow or needs_more)


def _is_known(options: ScreenOptions, scorer: Scorer, scored: ScoredText) -> bool:
    """Return whether the scores may be believed in the text's language."""
    if options.language and to_short(options.language) not in scorer.languages:
        return False
    return scored.is_language_supported


def _classification(screened: _Screened, *, is_known: bool) -> dict[str, Any]:
    """Return the categories' scores.

    A text that can't be judged is for a person, so that no caller takes it for
    harmless.
    """
    scores = screened.scores if is_known else {}
    in_any = {label for labels in CATEGORIES.values() for label in labels}
    is_over = any(
        scores[label] >= screened.thresholds[label] for label in in_any & scores.keys()
    )
    is_held = any(match.rule.action in STRICT for match in screened.rules)
    return {
        "ReviewRecommended": is_over or is_held or not is_known,
        **{
            name: {"Score": max(scores.get(label, 0.0) for label in labels)}
            for name, labels in CATEGORIES.items()
        },
    }


def _terms(
    scorer: Scorer, screened: _Screened, options: ScreenOptions, *, is_known: bool
) -> list[tuple[int, int, int]]:
    """Return listed words in a text: where, and the number of the list."""
    found = [
        (start, end, match.rule.id)
        for match in screened.rules
        for start, end in match.spans
        if options.list_id in (None, match.rule.id)
    ]
    if is_known and not options.list_id:
        found += _profane(scorer, screened)
    return sorted(set(found))


def _profane(scorer: Scorer, screened: _Screened) -> list[tuple[int, int, int]]:
    """Return the words that alone are as profane as the whole has to be.

    If there is none, the one that says most.
    """
    text = screened.text.visible
    threshold = screened.thresholds.get(PROFANITY, 1.0)
    if screened.scores.get(PROFANITY, -1.0) < threshold:
        return []
    spans = scorer.explain(Document(text=text), PROFANITY)
    words = [Document(text=text[span.start : span.end]) for span in spans]
    alone = scorer.score_many(words)
    strong = [
        span
        for span, scores in zip(spans, alone, strict=True)
        if scores[PROFANITY] >= threshold
    ] or sorted(spans, key=lambda span: -span.share)[:1]
    return [(span.start, span.end, BUILT_IN_LIST) for span in strong]


@dataclass(frozen=True, kw_only=True)
class _Units:
    """The positions of the visible text's code points, in UTF-16 units."""

    visible: Callable[[int], int]
    original: Callable[[int], int]


def _units(text: ScreenedText) -> _Units:
    visible = _utf16_places(text.visible)
    if text.places is None:
        return _Units(visible=visible.__getitem__, original=visible.__getitem__)
    original, places = _utf16_places(text.original), text.places
    return _Units(visible=visible.__getitem__, original=lambda at: original[places[at]])


def _utf16_places(text: str) -> list[int]:
    """Return where each code point begins, in UTF-16 units.

    >>> _utf16_places("a😀b")
    [0, 1, 3]
    """
    places, at = [], 0
    for char in text:
        places.append(at)
        at += 1 + (char > "\uffff")
    return places
