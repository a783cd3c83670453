"""Each reason has a category that the Commission's reports know."""

from __future__ import annotations

import pytest

from moderation.languages.registry import TextPart, offered
from moderation.policy.categories import (
    CLAUSES_OF,
    IF_ILLEGAL,
    KEYWORDS,
    LegalCategory,
    category_of,
)
from moderation.policy.duties import Duty, HostingKind, LegalSettings
from moderation.policy.reasons import REASON_CODES, ReasonCode
from moderation.policy.standings import REJECTING
from moderation.sites.terms import default_terms


def test_every_reason_has_a_category_and_a_clause_in_each_language() -> None:
    codes = {*REASON_CODES, *(each.value for each in REJECTING)}
    codes |= {ReasonCode.RULE.value, ReasonCode.CAMPAIGN.value, ReasonCode.BOT.value}
    assert codes <= set(CLAUSES_OF)
    assert set(IF_ILLEGAL) <= set(CLAUSES_OF)
    terms = default_terms()
    for code in codes:
        assert set(terms.clause_of(code).texts) == set(offered(TextPart.TERMS))
    assert len(KEYWORDS) == 15
    assert category_of("spam", is_illegal=True) == LegalCategory("SCAMS_AND_FRAUD")


@pytest.mark.parametrize("names", [("SPAM",), ("VIOLENCE", "PHISHING")])
def test_an_unknown_keyword_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="unknown"):
        LegalCategory(*names)


def test_settings_are_stored_and_read() -> None:
    settings = LegalSettings(
        kind=HostingKind.PLATFORM,
        is_small=False,
        voluntary=frozenset({Duty.REPORT}),
    )
    assert LegalSettings.read(settings.as_json()) == settings
    assert LegalSettings.read(LegalSettings().as_json()) == LegalSettings.read(None)
    assert settings.applying() == frozenset(Duty)
    larger = LegalSettings(kind=HostingKind.HOSTING, is_small=False)
    assert larger.is_on(Duty.REPORT)
    assert not larger.is_on(Duty.COMPLAINTS)
