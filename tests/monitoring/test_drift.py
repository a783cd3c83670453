"""A change beyond chance raises an alert, and no other change does."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.monitoring import drift
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.decisions import Decision
from moderation.tables.monitoring import Alarm
from moderation.worker import maintenance
from tests.builders import Caller, Newsroom

NOW = datetime.now(UTC)
ALARMS = "/api/v1/sites/gazette/alarms"


def fill(
    newsroom: Newsroom,
    *,
    spam_after: float = 0.2,
    german_after: float = 0.1,
    overturned_after: float = 0.1,
    count: int = 300,
) -> None:
    """Store five weeks of comments; in the last week they are otherwise."""
    session, draw = db.session(), random.Random(1)
    start_writing(session)
    article = Article(
        site_id=newsroom.site_id, reference="x", reference_hash="0" * 64, created_at=NOW
    )
    session.add(article)
    session.flush()
    for number in range(2 * count):
        is_late = number >= count
        days = draw.uniform(0.1, 6.9) if is_late else draw.uniform(7.1, 34)
        at = NOW - timedelta(days=days)
        comment_id = identifiers.first_id(at) + number
        is_german = draw.random() < (german_after if is_late else 0.1)
        is_overturned = draw.random() < (overturned_after if is_late else 0.1)
        session.add(
            Comment(
                id=comment_id,
                site_id=newsroom.site_id,
                article_id=article.id,
                thread=identifiers.encode(comment_id),
                fingerprint="",
                author_name="Ada",
                body="A text.",
                language="de" if is_german else "en",
                status="approved",
                version=1,
                revision=1,
                received_at=at,
                due_at=at,
            )
        )
        session.flush()
        spam = draw.random() * (spam_after if is_late else 0.2)
        session.add(
            Score(
                comment_id=comment_id,
                revision=1,
                model_version="m",
                created_at=at,
                spam=spam,
            )
        )
        verdict = "reject" if is_overturned else "approve"
        for source, status_before, given in (
            ("policy", None, "approve"),
            ("person", "approved", verdict),
        ):
            session.add(
                Decision(
                    site_id=newsroom.site_id,
                    comment_id=comment_id,
                    revision=1,
                    created_at=at,
                    source=source,
                    status_before=status_before,
                    verdict=given,
                    reasons=[],
                    labels={},
                )
            )
            session.flush()
    session.commit()


def test_nothing_changed_is_no_alarm(session: Session, newsroom: Newsroom) -> None:
    fill(newsroom)
    assert drift.find_drifts(session, newsroom.site_id, NOW) == []


@pytest.mark.parametrize(
    ("changed", "kind", "subject"),
    [
        ({"spam_after": 0.6}, "scores", "spam"),
        ({"german_after": 0.5}, "languages", "de"),
        ({"overturned_after": 0.5}, "agreement", "person"),
    ],
)
def test_a_change_is_found_with_examples(
    session: Session,
    newsroom: Newsroom,
    changed: dict[str, float],
    kind: str,
    subject: str,
) -> None:
    fill(newsroom, **changed)  # type: ignore[arg-type]  # no count among them
    (found,) = drift.find_drifts(session, newsroom.site_id, NOW)
    assert (found.kind.value, found.subject) == (kind, subject)
    assert found.chance < drift.FALSE_ALARMS
    assert found.after > found.before
    assert len(found.examples) == drift.EXAMPLES


def test_too_few_comments_tell_nothing(session: Session, newsroom: Newsroom) -> None:
    fill(newsroom, spam_after=0.9, count=drift.MIN_COMMENTS - 1)
    assert drift.find_drifts(session, newsroom.site_id, NOW) == []


def test_an_alarm_is_raised_once_and_seen(
    session: Session, newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    fill(newsroom, german_after=0.5)
    sessions = sessionmaker(db.engine)
    assert maintenance.watch_drift(sessions, NOW) == 1
    assert maintenance.watch_drift(sessions, NOW + timedelta(hours=1)) == 0
    admin = newsroom.as_staff(Role.ADMIN)
    listed = admin.get(ALARMS).json
    (alarm,) = listed["alarms"]
    assert listed["false_alarms_a_day"] == drift.FALSE_ALARMS
    assert (alarm["kind"], alarm["subject"], alarm["seen_at"]) == (
        "languages",
        "de",
        None,
    )
    assert len(alarm["details"]["examples"]) == drift.EXAMPLES
    path = f"/api/v1/alarms/{alarm['id']}/seen"
    assert other_newsroom.as_staff(Role.ADMIN).post(path).status_code == 404
    assert newsroom.as_staff(Role.LEAD).post(path).status_code == 404
    assert newsroom.as_site().post(path).status_code == 403
    assert newsroom.app.test_client().post(path).status_code == 401
    first = admin.post(path).json
    assert first["seen_at"] is not None
    assert admin.post(path).json == first
    assert session.scalar(sa.select(sa.func.count()).select_from(Alarm)) == 1


def test_alarms_are_for_the_sites_admins(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    stranger: Caller = other_newsroom.as_staff(Role.ADMIN)
    assert stranger.get(ALARMS).status_code == 404
    assert newsroom.as_staff(Role.LEAD).get(ALARMS).status_code == 403
    assert newsroom.as_site().get(ALARMS).status_code == 403
    assert newsroom.app.test_client().get(ALARMS).status_code == 401
    assert newsroom.as_staff(Role.ADMIN).get(ALARMS).json["alarms"] == []


@pytest.mark.parametrize("alarm", ["1", "0", "x", "2147483648"])
def test_unknown_alarms_are_not_found(newsroom: Newsroom, alarm: str) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    assert admin.post(f"/api/v1/alarms/{alarm}/seen").status_code == 404
