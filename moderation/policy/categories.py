"""Categories of illegal content and of clauses, as the Commission's reports name them.

Source: Annex I to Implementing Regulation (EU) 2024/2835, sheet `2_categories_names`,
read 2026-11-29. Names are without their prefixes (`STATEMENT_CATEGORY_`, `KEYWORD_`).
"""

from __future__ import annotations

from dataclasses import dataclass

from moderation.policy.reasons import ReasonCode

#: Counts the changes of `CLAUSES_OF` and `IF_ILLEGAL`; stored with each statement.
MAPPING_VERSION = 1

OTHER_KEYWORD = "OTHER"
#: Of a notice whose sender names no category.
NOT_SPECIFIED = "NOT_SPECIFIED_NOTICE"

_KEYWORDS = """
ANIMAL_WELFARE: ANIMAL_HARM UNLAWFUL_SALE_ANIMALS
CONSUMER_INFORMATION: HIDDEN_ADVERTISEMENT INSUFFICIENT_INFORMATION_ON_TRADERS
 MISLEADING_INFO_GOODS_SERVICES MISLEADING_INFO_CONSUMER_RIGHTS NONCOMPLIANCE_PRICING
CYBER_VIOLENCE: CYBER_BULLYING_INTIMIDATION CYBER_HARASSMENT CYBER_INCITEMENT
 CYBER_STALKING NON_CONSENSUAL_IMAGE_SHARING NON_CONSENSUAL_MATERIAL_DEEPFAKE
CYBER_VIOLENCE_AGAINST_WOMEN: BULLYING_AGAINST_GIRLS CYBER_HARASSMENT_AGAINST_WOMEN
 CYBER_STALKING_AGAINST_WOMEN FEMALE_GENDERED_DISINFORMATION INCITEMENT_AGAINST_WOMEN
 NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN
 NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN
DATA_PROTECTION_AND_PRIVACY_VIOLATIONS: BIOMETRIC_DATA_BREACH DATA_FALSIFICATION
 MISSING_PROCESSING_GROUND RIGHT_TO_BE_FORGOTTEN
ILLEGAL_OR_HARMFUL_SPEECH: DEFAMATION DISCRIMINATION HATE_SPEECH
INTELLECTUAL_PROPERTY_INFRINGEMENTS: COPYRIGHT_INFRINGEMENT DESIGN_INFRINGEMENT
 GEOGRAPHIC_INDICATIONS_INFRINGEMENT PATENT_INFRINGEMENT TRADE_SECRET_INFRINGEMENT
 TRADEMARK_INFRINGEMENT
NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS: MISINFORMATION_DISINFORMATION
 VIOLATION_EU_LAW VIOLATION_NATIONAL_LAW
PROTECTION_OF_MINORS: AGE_SPECIFIC_RESTRICTIONS_MINORS CHILD_SEXUAL_ABUSE_MATERIAL
 CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE GROOMING_SEXUAL_ENTICEMENT_MINORS
 UNSAFE_CHALLENGES
RISK_FOR_PUBLIC_SECURITY: ILLEGAL_ORGANIZATIONS RISK_ENVIRONMENTAL_DAMAGE
 RISK_PUBLIC_HEALTH TERRORIST_CONTENT
SCAMS_AND_FRAUD: IMPERSONATION_ACCOUNT_HIJACKING INAUTHENTIC_ACCOUNTS
 INAUTHENTIC_LISTINGS INAUTHENTIC_USER_REVIEWS PHISHING PYRAMID_SCHEMES
SELF_HARM: CONTENT_PROMOTING_EATING_DISORDERS SELF_MUTILATION SUICIDE
UNSAFE_AND_PROHIBITED_PRODUCTS: PROHIBITED_PRODUCTS UNSAFE_PRODUCTS
VIOLENCE: COORDINATED_HARM INCITEMENT_VIOLENCE_HATRED HUMAN_EXPLOITATION
 HUMAN_TRAFFICKING TRAFFICKING_WOMEN_GIRLS
OTHER_VIOLATION_TC: ADULT_SEXUAL_MATERIAL AGE_SPECIFIC_RESTRICTIONS
 GEOGRAPHICAL_REQUIREMENTS GOODS_SERVICES_NOT_PERMITTED LANGUAGE_REQUIREMENTS NUDITY
"""


def _read(text: str) -> dict[str, tuple[str, ...]]:
    lines = text.strip().replace("\n ", " ").splitlines()
    pairs = (line.split(": ") for line in lines)
    return {name: (*words.split(), OTHER_KEYWORD) for name, words in pairs}


#: Category to its keywords.
KEYWORDS = _read(_KEYWORDS)
CATEGORIES = tuple(KEYWORDS)
#: The category of house rules that no other one fits: no law is counted there.
TERMS_ONLY = "OTHER_VIOLATION_TC"
#: What a notice of illegal content may be about.
NOTICE_CATEGORIES = tuple(name for name in CATEGORIES if name != TERMS_ONLY)


@dataclass(frozen=True)
class LegalCategory:
    """The category under which a restriction is counted.

    Raises
    ------
    ValueError
        If there is no such category, or it has no such keyword.
    """

    category: str  #: one of `CATEGORIES`
    keyword: str = OTHER_KEYWORD  #: one of `KEYWORDS[category]`

    def __post_init__(self) -> None:
        if self.keyword not in KEYWORDS.get(self.category, ()):
            raise ValueError(f"unknown: {self.category}, {self.keyword}")


_SPEECH, _TERMS = "ILLEGAL_OR_HARMFUL_SPEECH", TERMS_ONLY
_PRIVACY = LegalCategory(
    "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", "MISSING_PROCESSING_GROUND"
)
_BULLYING = LegalCategory("CYBER_VIOLENCE", "CYBER_BULLYING_INTIMIDATION")
_OTHER = LegalCategory(_TERMS)

#: Reason to its category where the house rules are the ground. Every code that a
#: rejection can be given for is here: a test compares.
CLAUSES_OF: dict[str, LegalCategory] = {
    "spam": _OTHER,
    "toxicity": LegalCategory(_SPEECH),
    "severe_toxicity": LegalCategory(_SPEECH),
    "insult": _BULLYING,
    "profanity": _OTHER,
    "identity_attack": LegalCategory(_SPEECH, "DISCRIMINATION"),
    "threat": _BULLYING,
    "sexually_explicit": LegalCategory(_TERMS, "ADULT_SEXUAL_MATERIAL"),
    "off_topic": _OTHER,
    "illegal": LegalCategory(_SPEECH),
    "personal_data": _PRIVACY,
    "duplicate": _OTHER,
    "other": _OTHER,
    ReasonCode.RULE.value: _OTHER,
    ReasonCode.CAMPAIGN.value: LegalCategory("SCAMS_AND_FRAUD", "INAUTHENTIC_ACCOUNTS"),
    ReasonCode.BOT.value: _OTHER,
    ReasonCode.TEST.value: _OTHER,
    ReasonCode.SUSPENDED.value: _OTHER,
    ReasonCode.BANNED.value: _OTHER,
    ReasonCode.SHADOW_BANNED.value: _OTHER,
}
#: The same where the law is the ground and the moderator names no category.
IF_ILLEGAL: dict[str, LegalCategory] = {
    "spam": LegalCategory("SCAMS_AND_FRAUD"),
    "insult": LegalCategory(_SPEECH, "DEFAMATION"),
    "identity_attack": LegalCategory(_SPEECH, "HATE_SPEECH"),
    "threat": LegalCategory("VIOLENCE", "INCITEMENT_VIOLENCE_HATRED"),
    "personal_data": _PRIVACY,
    ReasonCode.CAMPAIGN.value: LegalCategory("VIOLENCE", "COORDINATED_HARM"),
}


def category_of(code: str, *, is_illegal: bool) -> LegalCategory:
    """Return where a restriction for a reason is counted.

    >>> category_of("insult", is_illegal=True)
    LegalCategory(category='ILLEGAL_OR_HARMFUL_SPEECH', keyword='DEFAMATION')
    >>> category_of("a code of a later version", is_illegal=False).category
    'OTHER_VIOLATION_TC'
    """
    if is_illegal:
        return IF_ILLEGAL.get(code, LegalCategory(_SPEECH))
    return CLAUSES_OF.get(code, _OTHER)
