"""A wave from many senders at once: few of its comments are published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation.policy.brakes import BRAKES
from moderation.tables.campaigns import Brake, Campaign
from tests.builders import NOTHING_HELD, Newsroom
from tests.campaigns.waves import pills_wave, robot_wave

SENDERS = 8
MAX_PUBLISHED = 20  # of 200


@pytest.mark.parametrize("wave", [robot_wave, pills_wave])
def test_of_200_adverts_at_most_20_stay_published(
    app: Flask,
    newsroom: Newsroom,
    session: Session,
    wave: Callable[[], list[dict[str, Any]]],
) -> None:
    newsroom.set_policy(NOTHING_HELD, brakes=BRAKES.as_json())

    def send(body: dict[str, Any]) -> str:
        with app.app_context():
            answer = newsroom.as_site().post("/api/v1/comments", body)
            assert answer.status_code == 201, answer.text
            status: str = answer.json["status"]
            return status

    with ThreadPoolExecutor(SENDERS) as pool:
        statuses = Counter(pool.map(send, wave()))
    assert statuses["approved"] <= MAX_PUBLISHED
    assert statuses["pending"] == 200 - statuses["approved"]
    session.rollback()
    held = session.scalar(sa.select(sa.func.sum(Brake.held)))
    assert held == statuses["pending"]
    roots = sa.select(Campaign.size).where(Campaign.merged_into.is_(None))
    sizes = session.scalars(roots).all()
    assert len(sizes) == 1
    assert sum(sizes) >= 200 - SENDERS
