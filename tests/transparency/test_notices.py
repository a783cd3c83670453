"""Notices, complaints, and laws that were named, as a report counts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.transparency.categories import MeasureGround
from moderation.transparency.complaints import (
    ComplaintBasis,
    ComplaintResult,
    read_complaints,
)
from moderation.transparency.measures import MeasureOrigin, read_measures
from moderation.transparency.notices import read_notices
from moderation.transparency.period import ReportPeriod
from tests.builders import Newsroom
from tests.comments.test_statements import switch_on
from tests.objections.test_notices import (
    NOTICES,
    decide,
    illegal,
    kept,
    noticed,
    verdict,
)


def test_notices_and_what_followed_are_counted(
    newsroom: Newsroom, session: Session
) -> None:
    today = datetime.now(UTC).date()
    period = ReportPeriod(first=today, last=today + timedelta(days=1))
    assert read_notices(session, newsroom.site_id, period) is None
    switch_on(newsroom, kind="platform", is_small=False)
    bad, good = newsroom.send()["id"], newsroom.send()["id"]
    notice = noticed(newsroom, bad, good)["notice"]
    session.rollback()
    (received,) = read_notices(session, newsroom.site_id, period) or ()
    assert (received.items, received.actions, received.automation) == (2, [], None)
    decide(newsroom, notice, verdict(illegal(bad), kept(good)))
    path = f"{NOTICES}/{notice}/complaint"
    newsroom.as_site().post(path, {"text": "The other as well."})
    body = verdict(illegal(good), outcome="partially_reversed")
    newsroom.as_staff(Role.LEAD).post(f"{path}/decision", body)

    session.rollback()
    (received,) = read_notices(session, newsroom.site_id, period) or ()
    assert received.category == "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
    assert [one.ground for one in received.actions] == [MeasureGround.ILLEGAL] * 2
    measures = list(read_measures(session, newsroom.site_id, period))
    assert {one.origin for one in measures} == {MeasureOrigin.NOTICE}
    assert {one.classification.ground for one in measures} == {MeasureGround.ILLEGAL}
    (complaint,) = read_complaints(session, newsroom.site_id, period)
    assert complaint.basis is ComplaintBasis.NO_ACTION
    assert complaint.outcome is ComplaintResult.PARTIALLY_REVERSED
