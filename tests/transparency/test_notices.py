"""A notice, its decision, and a complaint, as a report and statements count them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from moderation.transparency import sheets
from moderation.transparency.complaints import (
    ComplaintBasis,
    ComplaintResult,
    read_complaints,
)
from moderation.transparency.measures import MeasureOrigin, read_measures
from moderation.transparency.notices import read_notices
from moderation.transparency.period import ReportPeriod
from moderation.transparency.rows import RowHead
from moderation.transparency.statements import check_statements
from tests.builders import Newsroom
from tests.comments.test_statements import switch_on
from tests.objections.test_appeals import appeal
from tests.objections.test_notices import (
    NOTICES,
    PLATFORM,
    decide,
    illegal,
    kept,
    noticed,
    verdict,
)


def test_a_notice_is_counted_with_its_action_and_statement(
    newsroom: Newsroom, session: Session
) -> None:
    switch_on(newsroom, **PLATFORM)
    bad, good = newsroom.send()["id"], newsroom.send()["id"]
    notice = noticed(newsroom, bad, good, keyword="DEFAMATION")["notice"]
    noticed(newsroom, good, category=None, email="other@mail.example")
    answer = decide(newsroom, notice, verdict(illegal(bad), kept(good)))
    assert answer.status_code == 201, answer.text
    text = {"text": "The other one, too."}
    complaint = newsroom.as_site().post(f"{NOTICES}/{notice}/complaint", text)
    assert complaint.status_code == 201, complaint.text
    assert appeal(newsroom, bad).status_code == 201
    session.rollback()

    today = datetime.now(UTC).date()
    period = ReportPeriod(first=today - timedelta(days=1), last=today)
    notices = read_notices(session, newsroom.site_id, period)
    head = RowHead(applicability="", service="", period=period)
    rows = {row[3]: row[5:15] for row in sheets.notices(head, notices)}
    (_, _, _, _, hours, *_) = rows["KEYWORD_DEFAMATION"]
    assert isinstance(hours, float)
    assert rows["KEYWORD_DEFAMATION"] == [1, 0, 2, 0, hours, None, 1, 0, 0, 0]
    assert rows["STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE"][:3] == [1, 0, 1]
    assert rows["TOTAL"] == [2, 0, 3, 0, hours, None, 1, 0, 0, 0]

    measures = list(read_measures(session, newsroom.site_id, period))
    (measure,) = measures
    assert measure.origin is MeasureOrigin.NOTICE
    assert measure.legal_ground == "§ 186 StGB"
    (statement,) = check_statements(measures).statements
    assert statement["source_type"] == "SOURCE_ARTICLE_16"
    assert statement["illegal_content_legal_ground"] == "§ 186 StGB"
    assert statement["illegal_content_explanation"] == "An untrue fact."

    filed = read_complaints(session, newsroom.site_id, period)
    assert {(each.basis, each.outcome) for each in filed} == {
        (ComplaintBasis.VISIBILITY, ComplaintResult.OPEN),
        (ComplaintBasis.NO_ACTION, ComplaintResult.OPEN),
    }
