"""How many recent comments have which score."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.monitoring import score_distribution
from moderation.monitoring.score_distribution import BINS, count_scores
from moderation.tables.monitoring import SilentScore
from tests.builders import Newsroom
from tests.monitoring.test_what_if import SHIPPED, SINCE, put
from tests.refusals import assert_refused

PATH = "/api/v1/sites/gazette/score-distribution"


def test_each_score_is_in_its_step(session: Session, newsroom: Newsroom) -> None:
    for spam in (0.0, 0.0249, 0.025, 0.5, 1.0, None):
        put(newsroom, spam)
    found = count_scores(session, newsroom.site_id, SHIPPED, SINCE)
    counts = found.labels["spam"]
    assert found.comments == 6
    assert len(counts) == BINS
    assert {step: count for step, count in enumerate(counts) if count} == {
        0: 2,
        1: 1,
        20: 1,
        BINS - 1: 1,
    }


def test_the_newest_are_counted_of_many(
    session: Session, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    for spam in (0.9, 0.1, 0.1):
        put(newsroom, spam)
    put(newsroom, 0.9, table=SilentScore)
    monkeypatch.setattr(score_distribution, "MAX_COMMENTS", 2)
    found = count_scores(session, newsroom.site_id, SHIPPED, SINCE)
    assert found.comments == sum(found.labels["spam"]) == found.labels["spam"][4] == 2


def test_an_admin_reads_it_of_the_site_alone(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    newsroom.send()
    other_newsroom.send()
    admin = newsroom.as_staff(Role.ADMIN)
    body = admin.get(PATH).json
    assert (body["version"], body["comments"]) == (SHIPPED, 1)
    scored = {label: sum(counts) for label, counts in body["labels"].items()}
    assert scored.pop("self_harm") == 0  # the fast scorer alone has no such label
    assert set(scored.values()) == {1}
    assert_refused(newsroom.as_staff(Role.LEAD).get(PATH), 403)
    assert_refused(admin.get(f"{PATH}?days=0"), 422, "days")
    assert_refused(admin.get(f"{PATH}?version=none-1"), 404)
