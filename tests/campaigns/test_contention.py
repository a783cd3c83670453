"""A campaign that the database refuses is looked for again, so that brakes count it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from moderation.campaigns import clustering, membership
from moderation.comments import intake
from moderation.tables.comments import Comment
from tests.builders import Newsroom

ADVERT = "Cheap pills without a prescription, order them at http://pills.example/now"


@pytest.mark.parametrize(("refusals", "joined"), [(1, 2), (intake.PLACINGS, 0)])
def test_a_refused_campaign_is_looked_for_again(
    newsroom: Newsroom,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    refusals: int,
    joined: int,
) -> None:
    newsroom.send(author_name="seller 1", body=ADVERT)
    count, left = membership.count_in, [refusals]

    def refuse(*given: Any) -> int:
        if left[0]:
            left[0] -= 1
            raise OperationalError("UPDATE campaigns", {}, Exception("deadlock"))
        return count(*given)

    monkeypatch.setattr(clustering, "count_in", refuse)
    newsroom.send(author_name="seller 2", body=ADVERT)
    assert left == [0]
    of_campaign = sa.select(sa.func.count(Comment.campaign_id))
    assert session.scalar(of_campaign) == joined
