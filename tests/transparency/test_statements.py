"""Statements for the European database: its rules, and no personal data."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from moderation.transparency.categories import BY_LAW, BY_TERMS, classify
from moderation.transparency.limits import find_faults
from moderation.transparency.measures import (
    Measure,
    MeasureAutomation,
    MeasureOrigin,
    MeasureRestriction,
)
from moderation.transparency.personal_data import find_personal_data
from moderation.transparency.statements import (
    LeftOut,
    StatementWords,
    check_statements,
    collect_statements,
)
from tests.builders import Newsroom
from tests.transparency.year import YEAR, YearSeeder

AT = datetime(2026, 5, 4, 8, 30, tzinfo=UTC)
INSULT = Measure(
    reference="d7",
    comment_id=7,
    at=AT,
    content_at=AT - timedelta(days=1),
    language="de",
    restriction=MeasureRestriction.DISABLED,
    until=None,
    classification=classify([{"code": "score", "label": "insult"}]),
    origin=MeasureOrigin.OWN_INITIATIVE,
    is_detected_automatically=True,
    automation=MeasureAutomation.FULLY,
    author_name="Ada Lovelace",
)


def refusals(statement: Mapping[str, Any]) -> list[str]:
    """Return what `StatementStoreRequest` would refuse, written down on its own.

    A stand-in for the database: its rules as its source has them in June 2026, kept
    apart from those of the service.
    """
    wrong = []
    for name, longest in {
        "puid": 500,
        "decision_facts": 5000,
        "incompatible_content_ground": 500,
        "incompatible_content_explanation": 2000,
        "illegal_content_legal_ground": 500,
        "illegal_content_explanation": 2000,
        "category_specification_other": 500,
    }.items():
        if len(statement.get(name, "")) > longest:
            wrong.append(name)
    if not re.fullmatch(r"[a-zA-Z0-9\-_]+", statement["puid"]):
        wrong.append("puid")
    if "decision_visibility" not in statement and "decision_provision" not in statement:
        wrong.append("decision")
    ground = {
        "DECISION_GROUND_ILLEGAL_CONTENT": "illegal_content_legal_ground",
        "DECISION_GROUND_INCOMPATIBLE_CONTENT": "incompatible_content_ground",
    }[statement["decision_ground"]]
    if not statement.get(ground):
        wrong.append(ground)
    if not statement["category"].startswith("STATEMENT_CATEGORY_"):
        wrong.append("category")
    for name in ("content_date", "application_date"):
        if not "2020-01-01" <= statement[name] <= "2038-01-01":
            wrong.append(name)
    if not re.fullmatch("[A-Z]{2}", statement.get("content_language", "EN")):
        wrong.append("content_language")
    if statement["automated_detection"] not in ("Yes", "No"):
        wrong.append("automated_detection")
    return wrong


def test_a_thousand_random_measures_are_within_the_databases_limits() -> None:
    draw = random.Random(3)
    codes = [*BY_TERMS, *BY_LAW, "score", "nothing-known"]
    measures = [
        replace(
            INSULT,
            reference=f"d{number}",
            language=draw.choice(("de", "en", None, "zh-Hant", "")),
            restriction=draw.choice(list(MeasureRestriction)),
            until=draw.choice((None, AT + timedelta(days=30))),
            classification=classify(
                [{"code": code} for code in draw.sample(codes, draw.randint(0, 3))]
            ),
            origin=draw.choice(
                [each for each in MeasureOrigin if each is not MeasureOrigin.ORDER]
            ),
            is_detected_automatically=draw.random() < 0.5,
            automation=draw.choice(list(MeasureAutomation)),
        )
        for number in range(1000)
    ]
    words = {each.reference: StatementWords(ground="§ 185 StGB") for each in measures}
    file = check_statements(measures, words=words)
    assert len(file.statements) == 1000
    assert not file.faults
    assert [refusals(each) for each in file.statements] == [[]] * 1000
    batches = [json.loads(line)["statements"] for line in file.lines()]
    assert [len(batch) for batch in batches] == [100] * 10


def test_a_years_statements_are_those_of_its_measures(
    newsroom: Newsroom, session: Session
) -> None:
    year = YearSeeder(newsroom, session).seed(400)
    file = collect_statements(session, newsroom.site_id, YEAR)
    assert not file.faults
    assert not any(refusals(each) for each in file.statements)
    fully = [
        each
        for each in file.statements
        if each["automated_decision"] == "AUTOMATED_DECISION_FULLY"
    ]
    is_flood = [each.system == "campaign" for each in year.automatic]
    assert file.left_out[LeftOut.FLOOD] == sum(is_flood)
    rejections = sum(each.is_rejection for each in year.automatic)
    assert len(fully) == rejections - sum(is_flood)
    puids = [each["puid"] for each in file.statements]
    assert len(set(puids)) == len(puids)


@pytest.mark.parametrize(
    "text",
    [
        "Written by ada@mail.example.",
        "Written by ada%40mail.example.",
        "Call 030 / 123 45 67 first.",
        "Paid to DE89 3704 0044 0532 0130 00.",
        "Sent from 192.0.2.44 at night.",
        "Sent from 2001:db8::17 at night.",
        "The same as @ada_l elsewhere.",
        "Ada lovelace wrote it.",
        "As gazette-lead said.",
    ],
)
def test_a_statement_with_personal_data_stays_here(text: str) -> None:
    words = {"d7": StatementWords(facts=text)}
    file = check_statements([INSULT], ["gazette-lead"], words)
    assert file.statements == []
    assert file.left_out == {LeftOut.PERSONAL_DATA: 1}
    assert [fault.fields for fault in file.faults] == [["decision_facts"]]
    assert text not in repr(file)


@pytest.mark.parametrize(
    "text",
    [
        "The comment insults the author of the article, § 185 StGB, of 2026-05-04.",
        "3 comments in 10 minutes; the limit is 2.",
        "Rule 4.1.2 of the site's rules",
    ],
)
def test_plain_texts_hold_no_personal_data(text: str) -> None:
    assert find_personal_data(text, ["Ada", "Al"]) == frozenset()


def test_what_needs_no_statement_is_counted() -> None:
    illegal = replace(INSULT, classification=classify([{"code": "illegal"}]))
    flood = replace(INSULT, is_flood=True)
    ordered = replace(INSULT, origin=MeasureOrigin.ORDER)
    file = check_statements([illegal, flood, ordered])
    assert file.left_out == dict.fromkeys(
        (LeftOut.LEGAL_GROUND, LeftOut.FLOOD, LeftOut.ORDER), 1
    )
    too_long = {"d7": StatementWords(explanation="x" * 2001)}
    refused = check_statements([INSULT], words=too_long)
    assert refused.left_out == {LeftOut.LIMITS: 1}
    assert refused.faults[0].fields == ["incompatible_content_explanation"]


def test_limits_name_each_fault() -> None:
    good = check_statements([INSULT]).statements[0]
    assert find_faults(good) == []
    changes: dict[str, Any] = {
        "puid": "no spaces",
        "content_date": "04.05.2026",
        "application_date": "2019-12-31",
        "content_language": "de",
        "category": "SPAM",
        "content_type": "CONTENT_TYPE_TEXT",
        "territorial_scope": ["XX"],
        "decision_facts": "",
        "automated_detection": True,
        "invented": "x",
    }
    for name, value in changes.items():
        assert find_faults({**good, name: value}) == [name]
    del good["decision_visibility"]
    assert find_faults(good) == ["decisions"]
