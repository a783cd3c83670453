"""Which of the Commission's categories a decision's reasons belong to.

Version 1 of the mapping. A decision has one category, the most specific one that its
reasons give: the instructions (Annex II, part I, no. 7) rule out double counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from moderation.policy.reasons import ReasonCode
from moderation.transparency.templates import OTHER

VERSION = 1  # of the mapping below; raise it with every change of a category


class MeasureGround(StrEnum):
    """What a measure rests on."""

    ILLEGAL = "illegal"  #: illegal content
    TERMS = "terms"  #: content that the site's own rules don't allow


@dataclass(frozen=True, kw_only=True)
class Classification:
    """The ground and category of a measure."""

    ground: MeasureGround
    category: str  #: `STATEMENT_CATEGORY_…`
    keyword: str  #: `KEYWORD_…`
    other: str  #: what `KEYWORD_OTHER` stands for; empty: another keyword
    code: str  #: the reason that it follows from


#: What a rejection without a stored reason is listed as.
UNSPECIFIED = "unspecified"
ILLEGAL = "illegal"

_Place = tuple[str, str, str]
_SPEECH = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
_VIOLENCE = "STATEMENT_CATEGORY_CYBER_VIOLENCE"
_PRIVACY = "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS"
_RULES = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"

#: Of a violation of the site's own rules. The most specific reason comes first: of
#: several, it decides.
BY_TERMS: Mapping[str, _Place] = {
    "threat": (_VIOLENCE, "KEYWORD_CYBER_BULLYING_INTIMIDATION", ""),
    "identity_attack": (_SPEECH, "KEYWORD_DISCRIMINATION", ""),
    "sexually_explicit": (_RULES, "KEYWORD_ADULT_SEXUAL_MATERIAL", ""),
    "personal_data": (_PRIVACY, "KEYWORD_MISSING_PROCESSING_GROUND", ""),
    "insult": (_VIOLENCE, "KEYWORD_CYBER_BULLYING_INTIMIDATION", ""),
    "severe_toxicity": (_SPEECH, OTHER, "Hostile language"),
    "toxicity": (_SPEECH, OTHER, "Hostile language"),
    "profanity": (_RULES, OTHER, "Obscene language"),
    "spam": (_RULES, OTHER, "Unsolicited advertising"),
    ReasonCode.BOT: (_RULES, OTHER, "Unsolicited advertising"),
    "duplicate": (_RULES, OTHER, "Sent before"),
    ReasonCode.CAMPAIGN: (_RULES, OTHER, "Near-duplicates sent in numbers"),
    "off_topic": (_RULES, OTHER, "Not about the article"),
    ReasonCode.RULE: (_RULES, OTHER, "A rule of the site matched"),
    "evasion": (_RULES, OTHER, "Evasion of an earlier suspension"),
    "other": (_RULES, OTHER, "Another rule of the site"),
    UNSPECIFIED: (_RULES, OTHER, "No reason was recorded"),
}

#: Of content that a moderator called illegal, by the reason given with it.
BY_LAW: Mapping[str, _Place] = {
    "threat": (
        "STATEMENT_CATEGORY_VIOLENCE",
        "KEYWORD_INCITEMENT_VIOLENCE_HATRED",
        "",
    ),
    "identity_attack": (_SPEECH, "KEYWORD_HATE_SPEECH", ""),
    "personal_data": (_PRIVACY, "KEYWORD_MISSING_PROCESSING_GROUND", ""),
    "insult": (_SPEECH, "KEYWORD_DEFAMATION", ""),
    "spam": (
        "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        OTHER,
        "Advertising that a moderator called illegal",
    ),
    ILLEGAL: (_SPEECH, OTHER, "Illegal content of a kind that was not recorded"),
}


def classify(reasons: Iterable[Mapping[str, Any]]) -> Classification:
    """Return the ground and category of a rejection.

    Parameters
    ----------
    reasons
        As `Reason.as_json` writes them. A score counts as its label.
    """
    codes = {reason.get("label") or reason["code"] for reason in reasons}
    ground = MeasureGround.ILLEGAL if ILLEGAL in codes else MeasureGround.TERMS
    table = BY_LAW if ground is MeasureGround.ILLEGAL else BY_TERMS
    last = ILLEGAL if ground is MeasureGround.ILLEGAL else UNSPECIFIED
    code = next((code for code in table if code in codes), last)
    category, keyword, other = table[code]
    return Classification(
        ground=ground, category=category, keyword=keyword, other=other, code=str(code)
    )
