"""Where a restriction comes from, as docs/law.md has it."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.policy.provenance import (
    Automation,
    Exemption,
    Finder,
    PastDecision,
    exemption_of,
    main_code,
    trace,
)
from moderation.policy.verdicts import Source

SCORE = {"code": "score", "label": "insult", "score": 0.9}
PRE = {"code": "premoderation"}


def past(source: Source, *reasons: dict[str, Any]) -> PastDecision:
    return PastDecision(source=source, reasons=reasons)


HELD = past(Source.POLICY, SCORE)
VOLUNTARY, REPORTS = Finder.VOLUNTARY, Finder.OTHER_NOTIFICATION
FULLY, PARTIALLY, NONE = Automation.FULLY, Automation.PARTIALLY, Automation.NONE


@pytest.mark.parametrize(
    ("source", "before", "more", "expected"),
    [
        (Source.POLICY, [], {}, (VOLUNTARY, True, FULLY)),
        (Source.RULE, [], {}, (VOLUNTARY, True, FULLY)),
        (Source.CAMPAIGN, [], {}, (VOLUNTARY, True, FULLY)),
        (Source.PERSON, [HELD], {}, (VOLUNTARY, True, PARTIALLY)),
        (Source.PERSON, [past(Source.POLICY, PRE)], {}, (VOLUNTARY, False, NONE)),
        (Source.PERSON, [HELD], {"is_blind": True}, (VOLUNTARY, True, NONE)),
        (
            Source.PERSON,
            [HELD, past(Source.READERS, {"code": "reported"})],
            {},
            (REPORTS, False, NONE),
        ),
        (
            Source.PERSON,
            [HELD],
            {"notice": Finder.NOTICE},
            (Finder.NOTICE, False, NONE),
        ),
        (Source.AKISMET, [HELD], {}, (VOLUNTARY, None, NONE)),
    ],
)
def test_a_rejection_is_traced(
    source: Source, before: list[PastDecision], more: Any, expected: tuple[Any, ...]
) -> None:
    found = trace(source, [SCORE], before, **more)
    assert (found.finder, found.is_found_automatically, found.automation) == expected


def test_a_suspension_finds_nothing_in_the_text() -> None:
    found = trace(Source.POLICY, [{"code": "suspended"}], [])
    assert (found.is_found_automatically, found.automation) == (False, FULLY)


@pytest.mark.parametrize(
    ("code", "reasons", "before", "has_contact", "expected"),
    [
        ("insult", [SCORE], [], True, None),
        ("insult", [SCORE], [], False, Exemption.NO_CONTACT),
        ("spam", [{"code": "spam"}], [], True, None),
        ("spam", [{"code": "campaign"}], [], True, Exemption.HIGH_VOLUME),
        (
            "spam",
            [{"code": "spam"}],
            [past(Source.POLICY, {"code": "brake"})],
            True,
            Exemption.HIGH_VOLUME,
        ),
        ("insult", [{"code": "shadow_banned"}], [], False, Exemption.SHADOW_BAN),
    ],
)
def test_some_authors_are_owed_none(
    code: str, reasons: Any, before: Any, has_contact: bool, expected: Exemption | None
) -> None:
    assert exemption_of(code, reasons, before, has_contact=has_contact) is expected


def test_a_law_comes_before_other_reasons() -> None:
    assert main_code([{"code": "insult"}, {"code": "illegal"}]) == "illegal"
    assert main_code([{"code": "rule", "tag": "holiday"}]) == "rule"
