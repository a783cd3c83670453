"""The Commission's category of a decision's reasons.

Categories are those of `policy.categories`. A decision has one, the most specific that
its reasons give: the instructions (Annex II, part I, no. 7) rule out double counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moderation.policy import categories
from moderation.policy.provenance import Ground
from moderation.policy.reasons import ReasonCode


@dataclass(frozen=True, kw_only=True)
class Classification:
    """The ground and category of a measure."""

    ground: Ground
    category: str  #: `STATEMENT_CATEGORY_…`
    keyword: str  #: `KEYWORD_…`
    other: str  #: the meaning of `KEYWORD_OTHER`; empty: another keyword
    code: str  #: the reason that it follows from


#: What a rejection without a stored reason is listed as.
UNSPECIFIED = "unspecified"
ILLEGAL = "illegal"

#: Of a violation of the site's own rules: the meaning of `KEYWORD_OTHER`. The most
#: specific reason comes first: of several, it decides.
BY_TERMS: Mapping[str, str] = {
    "threat": "",
    "identity_attack": "",
    "sexually_explicit": "",
    "personal_data": "",
    "insult": "",
    "severe_toxicity": "Hostile language",
    "toxicity": "Hostile language",
    "profanity": "Obscene language",
    "spam": "Unsolicited advertising",
    ReasonCode.BOT: "Unsolicited advertising",
    "duplicate": "Sent before",
    ReasonCode.CAMPAIGN: "",
    "off_topic": "Not about the article",
    ReasonCode.RULE: "A rule of the site matched",
    "evasion": "Evasion of an earlier suspension",
    "other": "Another rule of the site",
    UNSPECIFIED: "No reason was recorded",
}

#: Of content that a moderator called illegal, by the reason given with it.
BY_LAW: Mapping[str, str] = {
    "threat": "",
    "identity_attack": "",
    "personal_data": "",
    "insult": "",
    "spam": "Advertising that a moderator called illegal",
    ILLEGAL: "Illegal content of a kind that was not recorded",
}


def classify(reasons: Iterable[Mapping[str, Any]]) -> Classification:
    """Return the ground and category of a rejection.

    Parameters
    ----------
    reasons
        As `Reason.as_json` writes them. A score counts as its label.
    """
    codes = {reason.get("label") or reason["code"] for reason in reasons}
    ground = Ground.ILLEGAL if ILLEGAL in codes else Ground.TERMS
    table = BY_LAW if ground is Ground.ILLEGAL else BY_TERMS
    last = ILLEGAL if ground is Ground.ILLEGAL else UNSPECIFIED
    code = next((code for code in table if code in codes), last)
    is_illegal = ground is Ground.ILLEGAL
    place = categories.category_of(str(code), is_illegal=is_illegal)
    return Classification(
        ground=ground,
        category=f"STATEMENT_CATEGORY_{place.category}",
        keyword=f"KEYWORD_{place.keyword}",
        other=table[code] if place.keyword == categories.OTHER_KEYWORD else "",
        code=str(code),
    )
