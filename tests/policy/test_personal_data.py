"""Personal data in a text: held, unless the site, the author, or staff says no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moderation.policy.facts import Facts, Signal
from moderation.policy.outcomes import decide
from moderation.policy.personal_data import PersonalDataAction, PersonalDataPolicy
from moderation.policy.reasons import ReasonCode
from moderation.policy.verdicts import Verdict
from tests.policy.builders import POST, scores

PLACES = ((3, 17),)
FOUND = Facts(scores=scores(), personal_data=PLACES)


def test_it_is_held_with_its_places() -> None:
    outcome = decide(POST, FOUND)
    assert outcome.verdict is Verdict.REVIEW
    (reason,) = outcome.reasons
    assert (reason.code, reason.spans) == (ReasonCode.PERSONAL_DATA, PLACES)


@pytest.mark.parametrize("action", [PersonalDataAction.MASK, PersonalDataAction.OFF])
def test_a_site_can_want_otherwise(action: PersonalDataAction) -> None:
    asked = PersonalDataPolicy(action=action)
    outcome = decide(replace(POST, personal_data=asked), FOUND)
    assert outcome.verdict is Verdict.APPROVE
    assert asked.is_masked is (action is PersonalDataAction.MASK)


def test_trusted_authors_and_administrators_are_spared() -> None:
    trusted = replace(FOUND, author_id="u1")
    assert decide(POST, trusted).verdict is Verdict.APPROVE
    staff = replace(FOUND, signal=Signal.STAFF)
    assert decide(POST, staff).verdict is Verdict.APPROVE


def test_a_rejection_stays_and_other_reasons_come_first() -> None:
    bot = replace(FOUND, signal=Signal.BOT)
    assert decide(POST, bot).verdict is Verdict.REJECT
    edited = replace(FOUND, is_edit_of_decided=True)
    outcome = decide(POST, edited)
    assert [reason.code for reason in outcome.reasons] == [
        ReasonCode.EDITED,
        ReasonCode.PERSONAL_DATA,
    ]


def test_a_policy_is_read_from_what_is_stored() -> None:
    assert PersonalDataPolicy.read(None) == PersonalDataPolicy()
    stored = PersonalDataPolicy(
        action=PersonalDataAction.MASK, phone_regions=("DE", "AT")
    )
    assert PersonalDataPolicy.read(stored.as_json()) == stored
