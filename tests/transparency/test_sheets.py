"""Sheets from a few records, counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from moderation.objections.misuse_counts import MisuseMatter
from moderation.policy.provenance import Ground
from moderation.transparency import sheets
from moderation.transparency.accuracy import (
    AuditCounts,
    AuditResult,
    AuditState,
    Gap,
    measure,
)
from moderation.transparency.categories import classify
from moderation.transparency.complaints import (
    Complaint,
    ComplaintBasis,
    ComplaintResult,
)
from moderation.transparency.measures import MeasureAutomation
from moderation.transparency.notices import NoticeAction, ReceivedNotice
from moderation.transparency.period import ReportPeriod
from moderation.transparency.rows import MAX_TEXT, RowHead, as_text, category_rows
from moderation.transparency.sheet_automation import AutomationSheet
from moderation.transparency.tally import MeasureTally

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PERIOD = ReportPeriod(first=AT.date(), last=AT.date())
HEAD = RowHead(applicability="All", service="Gazette", period=PERIOD)
SPEECH = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"


def notice(
    keyword: str, hours: tuple[float, ...], *, is_trusted: bool = False, items: int = 1
) -> ReceivedNotice:
    return ReceivedNotice(
        category=SPEECH,
        keyword=keyword,
        other="",
        received_at=AT,
        is_trusted=is_trusted,
        items=items,
        actions=[
            NoticeAction(at=AT + timedelta(hours=each), ground=Ground.ILLEGAL)
            for each in hours
        ],
        automation=MeasureAutomation.NOT,
    )


SUSPENDED = {MisuseMatter.CONTENT: 2, MisuseMatter.NOTICES: 1}
NOTICES = [
    notice("KEYWORD_DEFAMATION", (1,)),
    notice("KEYWORD_DEFAMATION", ()),  # no action: not in the median
    notice("KEYWORD_HATE_SPEECH", (4, 9), is_trusted=True, items=2),
]


def test_notices_are_counted_with_their_items_actions_and_medians() -> None:
    rows = {row[3]: row[5:15] for row in sheets.notices(HEAD, NOTICES)}
    whole = [3, 1, 4, 2, 2.5, 4.0, 3, 2, 0, 0]
    assert rows["TOTAL"] == rows[SPEECH] == whole
    assert rows["KEYWORD_DEFAMATION"] == [2, 0, 2, 0, 1.0, None, 1, 0, 0, 0]
    assert rows["STATEMENT_CATEGORY_VIOLENCE"] == [0, 0, 0, 0, None, None, 0, 0, 0, 0]
    unknown = {row[3]: row[5:15] for row in sheets.notices(HEAD, None)}
    assert set(unknown) == set(rows)
    assert unknown["TOTAL"] == [None] * 10
    automation = AutomationSheet(counts=MeasureTally(), figures=[], notices=NOTICES)
    by_name = {(row[4], row[5]): row[6] for row in automation.rows(HEAD)}
    name = "Number of notices not processed by automated means"
    assert by_name[name, "NAM Total"] == 3
    assert by_name[name, "NAM Trusted Flagger"] == 1


def test_complaints_are_counted_by_what_they_are_about() -> None:
    def filed(
        basis: ComplaintBasis, outcome: ComplaintResult, hours: float | None
    ) -> Complaint:
        decided = None if hours is None else AT + timedelta(hours=hours)
        return Complaint(basis=basis, filed_at=AT, outcome=outcome, decided_at=decided)

    complaints = [
        filed(ComplaintBasis.VISIBILITY, ComplaintResult.UPHELD, 2),
        filed(ComplaintBasis.VISIBILITY, ComplaintResult.REVERSED, 6),
        filed(ComplaintBasis.SERVICE, ComplaintResult.PARTIALLY_REVERSED, 1),
        filed(ComplaintBasis.VISIBILITY, ComplaintResult.OPEN, None),
        filed(ComplaintBasis.NO_ACTION, ComplaintResult.OMITTED, None),
    ]
    rows = list(sheets.complaints(HEAD, complaints, [], SUSPENDED, has_notices=True))
    by_name = {(str(row[4])[:48], row[5]): row[6] for row in rows}
    every = "Number of complaints submitted to the internal-complaints"[:48]
    scopes = [
        *("Total number", "Decisions upheld", "Decisions partially reversed"),
        *("Decisions reversed", "Decision omitted", "Median time"),
    ]
    assert [by_name[every, scope] for scope in scopes] == [5, 1, 1, 1, 1, 2.0]
    hidden = "Complaint regarding a decision to remove or disable"[:48]
    assert [by_name[hidden, scope] for scope in (*scopes[:4], scopes[5])] == [
        *(3, 1, 0, 1),
        4.0,
    ]
    suspended = [row[6] for row in rows if str(row[4]).startswith("Number of susp")]
    assert suspended == [2, 1, 0]
    about_money = [row for row in rows if "monetise" in str(row[4])]
    assert {row[6] for row in about_money} == {None}  # not applicable


def test_a_place_that_a_sheet_lacks_is_refused() -> None:
    terms = ("STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "KEYWORD_NUDITY", "")
    for place in (terms, (SPEECH, "", "")):
        with pytest.raises(ValueError, match="no row"):
            list(category_rows("5_own_initiative_illegal", [(place, 1)], len_of))


def len_of(items: object) -> list[int]:
    return [1]


@pytest.mark.parametrize(
    ("codes", "ground", "keyword"),
    [
        (
            ["spam", "insult"],
            Ground.TERMS,
            "KEYWORD_CYBER_BULLYING_INTIMIDATION",
        ),
        (["illegal", "insult"], Ground.ILLEGAL, "KEYWORD_DEFAMATION"),
        (["illegal"], Ground.ILLEGAL, "KEYWORD_OTHER"),
        (["of a later version"], Ground.TERMS, "KEYWORD_OTHER"),
        ([], Ground.TERMS, "KEYWORD_OTHER"),
    ],
)
def test_the_most_specific_reason_decides(
    codes: list[str], ground: Ground, keyword: str
) -> None:
    found = classify([{"code": code} for code in codes])
    assert (found.ground, found.keyword) == (ground, keyword)
    assert bool(found.other) is (keyword == "KEYWORD_OTHER")


def counted(
    rejections: dict[AuditState, tuple[int, int]],
    approvals: dict[AuditState, tuple[int, int]],
) -> AuditCounts:
    """Return counts: for each state, how many audits, and how many of them wrong."""
    counts = AuditCounts()
    for state, (number, wrong) in rejections.items():
        for each in range(number):
            result = AuditResult(state=state, is_wrong=each < wrong)
            counts.add_rejection(0.1, "insult", result)
    for state, (number, wrong) in approvals.items():
        for each in range(number):
            counts.add_approval(0.1, AuditResult(state=state, is_wrong=each < wrong))
    return counts


def test_figures_are_weighted_by_hand() -> None:
    counts = counted(
        {AuditState.NOT_DRAWN: (360, 0), AuditState.ANSWERED: (40, 4)},
        {
            AuditState.NOT_DRAWN: (1_900, 0),
            AuditState.ANSWERED: (40, 1),
            AuditState.UNANSWERED: (40, 0),
            AuditState.OVERTAKEN: (20, 8),
        },
    )
    every = measure(counts, ["insult"])[0]
    # Of 400 rejections, 36 of 40 upheld. Of 2,000 approvals: the 40 answered stand
    # for 80, so (1 * 2 + 8) of 100 were missed.
    assert every.precision.value == pytest.approx(0.9)
    assert every.recall.value == pytest.approx(360 / (360 + 200))
    assert every.accuracy.value == pytest.approx(1 - (40 + 200) / 2_400)
    assert (every.precision.rejections, every.recall.approvals) == (40, 60)


@pytest.mark.parametrize(
    ("rejections", "approvals", "gap"),
    [
        ({}, {}, Gap.NO_DECISIONS),
        ({AuditState.NOT_DRAWN: (9, 0)}, {}, Gap.FEW_AUDITS),
        ({AuditState.ANSWERED: (29, 0)}, {}, Gap.FEW_AUDITS),
        ({AuditState.OVERTAKEN: (40, 0)}, {}, Gap.FEW_COVERED),
        ({AuditState.ANSWERED: (30, 0)}, {}, None),
    ],
)
def test_a_figure_of_too_few_is_left_blank(
    rejections: dict[AuditState, tuple[int, int]],
    approvals: dict[AuditState, tuple[int, int]],
    gap: Gap | None,
) -> None:
    every = measure(counted(rejections, approvals), [])[0]
    assert every.precision.gap is gap
    assert (every.precision.value is None) is (gap is not None)
    assert every.recall.value is None


def test_without_harm_there_is_no_recall_and_a_wide_one_is_left_blank() -> None:
    answered, drawn = AuditState.ANSWERED, AuditState.NOT_DRAWN
    harmless = counted({answered: (30, 30)}, {answered: (30, 0)})
    assert measure(harmless, [])[0].recall.gap is Gap.NO_HARM
    wide = counted({answered: (30, 0)}, {answered: (30, 1), drawn: (5_000, 0)})
    assert measure(wide, [])[0].recall.gap in (Gap.WIDE, None)
    few = counted({answered: (30, 0)}, {answered: (40, 0), drawn: (90_000, 0)})
    found = measure(few, [])[0].recall
    assert found.gap is Gap.WIDE
    assert found.value is None


def test_a_text_is_cut_to_what_the_templates_allow() -> None:
    assert len(as_text("x" * (MAX_TEXT + 1))) == MAX_TEXT
