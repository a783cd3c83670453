"""Sheets 4 and 7 of a simulated year: every column adds up."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from moderation.objections.disputes import DisputeOutcome
from moderation.policy.provenance import Ground
from moderation.transparency import sheets
from moderation.transparency.complaints import (
    Complaint,
    ComplaintBasis,
    ComplaintResult,
)
from moderation.transparency.disputes import ReportedDispute
from moderation.transparency.measures import MeasureAutomation
from moderation.transparency.notices import NoticeAction, ReceivedNotice
from moderation.transparency.period import ReportPeriod
from moderation.transparency.rows import RowHead
from moderation.transparency.templates import OTHER, categories_of

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEAD = RowHead(
    applicability="All",
    service="Gazette",
    period=ReportPeriod(first=AT.date(), last=AT.date()),
)
COUNTS = (5, 6, 7, 8, 11, 12, 13, 14)  # columns of sheet 4 that aren't medians
SETTLED = ("Decisions upheld", "Decisions partially reversed", "Decisions reversed")


def a_notice(draw: random.Random) -> ReceivedNotice:
    category = draw.choice(categories_of("4_notices"))
    keyword = draw.choice(category.keywords) if category.keywords else ""
    actions = draw.randrange(3)
    return ReceivedNotice(
        category=category.code,
        keyword=keyword,
        other=draw.choice(["One kind", "Another kind"]) if keyword == OTHER else "",
        received_at=AT,
        is_trusted=draw.random() < 0.2,
        items=draw.randrange(1, 4),
        actions=[
            NoticeAction(
                at=AT + timedelta(hours=draw.random() * 50),
                ground=draw.choice(list(Ground)),
            )
            for _ in range(actions)
        ],
        automation=MeasureAutomation.NOT,
    )


def test_notices_add_up_by_category_and_in_all() -> None:
    draw = random.Random(4)
    rows = list(sheets.notices(HEAD, [a_notice(draw) for _ in range(600)]))
    total, categories, parts = Counter[int](), Counter[int](), Counter[int]()
    open_category = Counter[int]()
    for row in rows:
        cells = Counter({place: int(row[place] or 0) for place in COUNTS})
        code = str(row[3])
        if code == "TOTAL":
            total = cells
        elif code.startswith("STATEMENT_CATEGORY_"):
            assert +parts == +open_category
            categories += cells
            has_parts = not code.endswith("NOT_SPECIFIED_NOTICE")
            open_category, parts = (cells if has_parts else Counter()), Counter()
        else:
            parts += cells
    assert +parts == +open_category
    assert +categories == +total
    assert total[5] == 600


def test_complaints_and_disputes_add_up() -> None:
    draw = random.Random(7)
    known = [
        ComplaintBasis.VISIBILITY,
        ComplaintBasis.SERVICE,
        ComplaintBasis.NO_ACTION,
        ComplaintBasis.NO_ACTION_TRUSTED,
    ]
    filed = [
        Complaint(
            basis=draw.choice(known),
            filed_at=AT,
            outcome=draw.choice(list(ComplaintResult)),
            decided_at=None,
            restrictions=draw.randrange(2),
        )
        for _ in range(400)
    ]
    disputes = [
        ReportedDispute(
            outcome=draw.choice([None, *DisputeOutcome]),
            lasted=None,
            is_implemented=False,
        )
        for _ in range(50)
    ]
    rows = list(sheets.complaints(HEAD, filed, disputes, {}, has_notices=True))
    value = {(str(row[4]).strip(), str(row[5])): int(row[6] or 0) for row in rows}
    every = "Number of complaints submitted to the internal-complaints mechanism"
    bases = {
        name
        for name, _ in value
        if name.startswith("Complaint regarding") and value[name, "Total number"]
    }
    assert len(bases) == len(known)
    for scope in ("Total number", *SETTLED):
        assert sum(value[name, scope] for name in bases) == value[every, scope]
    still_open = sum(each.outcome is ComplaintResult.OPEN for each in filed)
    settled = [value[every, scope] for scope in (*SETTLED, "Decision omitted")]
    assert sum(settled) + still_open == value[every, "Total number"] == 400
    body = "Number of disputes submitted to out-of-court dispute settlement bodies"
    still_open = sum(each.outcome is None for each in disputes)
    settled = [value[body, scope] for scope in (*SETTLED, "Decision omitted")]
    assert sum(settled) + still_open == value[body, "Total number"] == 50
    imposed = (
        "Number of restrictions newly imposed as a result of an internal complaint"
    )
    assert value[imposed, "Total number"] == sum(each.restrictions for each in filed)
