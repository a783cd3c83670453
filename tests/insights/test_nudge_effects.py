"""How authors take nudges: counted without texts or persons, read by leads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.insights import nudge_effects
from moderation.insights.nudge_effects import NudgeEffect, NudgeEffects, NudgeEvent
from moderation.policy.nudges import Nudge
from moderation.statistics import wilson_interval
from moderation.tables.insights import NudgeCount
from tests.builders import Newsroom
from tests.refusals import assert_refused, on_sqlite

NUDGES = "/api/v1/nudges"
READ = "/api/v1/sites/gazette/nudges"
DAYS = {"from": "2026-11-01", "to": "2026-11-30"}
SHOWN, EDITED, SENT = NudgeEvent.SHOWN, NudgeEvent.EDITED, NudgeEvent.SENT


def count(
    newsroom: Newsroom, day: str, nudge: Nudge, events: Iterable[NudgeEvent]
) -> None:
    session = db.session()
    start_writing(session)
    for event in events:
        nudge_effects.count(
            session, newsroom.site_id, nudge, event, date.fromisoformat(day)
        )
    session.commit()


def test_effects_are_counted_by_day_and_nudge(newsroom: Newsroom) -> None:
    count(newsroom, "2026-11-02", Nudge.HURTS, [SHOWN, SHOWN, SHOWN, EDITED, SENT])
    count(newsroom, "2026-11-03", Nudge.SWEARS, [SHOWN, SENT])
    count(newsroom, "2026-12-01", Nudge.SWEARS, [SHOWN])
    body = newsroom.as_staff(Role.LEAD).get(READ, query_string=DAYS).json
    in_all = body["in_all"]
    numbers = [in_all[name] for name in ("shown", "edited", "withdrawn", "sent")]
    assert numbers == [4, 1, 1, 2]
    interval = wilson_interval(1, 4)
    assert interval
    assert in_all["shares"]["edited"] == pytest.approx(vars(interval))
    assert [(each["code"], each["shown"]) for each in body["nudges"]] == [
        ("hurts", 3),
        ("swears", 1),
    ]
    assert [(each["day"], each["withdrawn"]) for each in body["days"]] == [
        ("2026-11-02", 1),
        ("2026-11-03", 0),
    ]


def test_a_page_counts_and_nothing_but_numbers_is_stored(
    newsroom: Newsroom, session: Session
) -> None:
    site = newsroom.as_site()
    for event in ("shown", "edited"):
        assert site.post(NUDGES, {"code": "hurts", "event": event}).status_code == 204
    session.rollback()
    rows = session.execute(sa.select(NudgeCount.__table__)).mappings().all()
    assert [dict(row) for row in rows] == [
        {
            "site_id": newsroom.site_id,
            "day": datetime.now(UTC).date(),
            "nudge": "hurts",
            "shown": 1,
            "edited": 1,
            "sent": 0,
        }
    ]


@on_sqlite
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": "hurts"}, "event"),
        ({"code": "hurts", "event": "withdrawn"}, "event"),
        ({"code": "unknown", "event": "shown"}, "code"),
        ({"code": "hurts", "event": "shown", "text": "You idiot."}, "text"),
    ],
)
def test_anything_else_is_refused(
    newsroom: Newsroom, body: dict[str, str], field: str
) -> None:
    assert_refused(newsroom.as_site().post(NUDGES, body), 422, field)


@on_sqlite
def test_leads_of_the_site_alone_read_them(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    for caller, status in (
        (newsroom.as_staff(Role.MODERATOR), 403),
        (newsroom.as_site(), 403),
        (other_newsroom.as_staff(Role.ADMIN), 404),
    ):
        assert_refused(caller.get(READ, query_string=DAYS), status)
    backwards = {"from": DAYS["to"], "to": DAYS["from"]}
    answer = newsroom.as_staff(Role.LEAD).get(READ, query_string=backwards)
    assert_refused(answer, 422, "to")


def test_made_up_events_give_no_share_over_one() -> None:
    effects = NudgeEffects(shown=1, edited=5, sent=5)
    assert effects.withdrawn == 0
    share = effects.share(NudgeEffect.EDITED)
    assert share
    assert share.value == 0.5
    assert NudgeEffects(shown=0, edited=0, sent=0).share(NudgeEffect.SENT) is None
