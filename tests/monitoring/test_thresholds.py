"""Thresholds proposed from a target, on the last days' scores."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from classifiers.pretrained import default_model
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.decisions import Decision
from moderation.tables.monitoring import SilentScore
from tests.builders import Caller, Newsroom

VERSION = default_model.load().version
PATH = "/api/v1/sites/gazette/thresholds"
# Score of insult, status, and a person's verdict with its reason.
Row = tuple[float, str, str | None, str | None]
PUBLISHED: list[Row] = [
    (number / 1000, "approved", None, None) for number in range(200)
]
HARMFUL: list[Row] = [(0.9, "rejected", "reject", "insult")] * 30


@pytest.fixture
def admin(newsroom: Newsroom) -> Caller:
    """The admin of the site."""
    return newsroom.as_staff(Role.ADMIN)


def fill(
    newsroom: Newsroom, rows: list[Row], table: type[Score | SilentScore] = Score
) -> None:
    """Store comments with scores and decisions."""
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    article = Article(
        site_id=newsroom.site_id,
        reference="https://gazette.example/a",
        reference_hash="0" * 64,
        created_at=now,
    )
    session.add(article)
    session.flush()
    for score, status, said, reason in rows:
        _add(session, newsroom, article, now, table, score, status, said, reason)
    session.commit()


def _add(
    session: Session,
    newsroom: Newsroom,
    article: Article,
    now: datetime,
    table: type[Score | SilentScore],
    score: float,
    status: str,
    said: str | None,
    reason: str | None,
) -> None:
    comment_id = identifiers.new_id()
    session.add(
        Comment(
            id=comment_id,
            site_id=newsroom.site_id,
            article_id=article.id,
            thread=identifiers.encode(comment_id),
            fingerprint="",
            author_name="Ada",
            body="A text.",
            status=status,
            received_at=now,
            due_at=now,
        )
    )
    session.flush()
    session.add(
        table(
            comment_id=comment_id,
            revision=1,
            model_version=VERSION,
            created_at=now,
            insult=score,
        )
    )
    if said is not None:
        session.add(
            Decision(
                site_id=newsroom.site_id,
                comment_id=comment_id,
                revision=1,
                created_at=now,
                source="person",
                verdict=said,
                reasons=[{"code": reason}] if reason else [],
                labels={},
            )
        )


def ask(admin: Caller, **query: Any) -> Any:
    answer = admin.get(PATH, query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.mark.parametrize("table", [Score, SilentScore])
def test_both_targets_are_kept_to(
    newsroom: Newsroom, admin: Caller, table: type[Score | SilentScore]
) -> None:
    fill(newsroom, PUBLISHED + HARMFUL, table)
    found = ask(admin, one_in=100, right=0.99)
    assert found["comments"] == 230
    assert found["held"]["harmless_held"] == 2  # of 200
    assert found["held"]["harmful_held"] == 30
    assert (found["rejected"]["rejected"], found["rejected"]["wrong"]) == (30, 0)
    cut = found["thresholds"]["insult"]
    assert 0.197 < cut["review_at"] <= 0.198
    assert cut["reject_at"] == 0.9
    assert set(found["thresholds"]) == {"insult"}  # no other label has scores


def test_without_the_second_target_nothing_is_rejected(
    newsroom: Newsroom, admin: Caller
) -> None:
    fill(newsroom, PUBLISHED + HARMFUL)
    found = ask(admin, one_in=100)
    assert found["rejected"] is None
    assert found["thresholds"]["insult"]["reject_at"] is None


@pytest.mark.parametrize(
    ("row", "is_counted"),
    [
        ((0.9, "approved", None, None), 1),  # no one has objected
        ((0.9, "approved", "approve", None), 1),
        ((0.9, "rejected", "reject", "off_topic"), 0),  # a rule of the house
        ((0.9, "rejected", None, None), 0),  # the machine itself
        ((0.9, "pending", None, None), 0),
        ((0.9, "pending", "review", None), 0),
    ],
)
def test_only_what_is_known_counts(
    newsroom: Newsroom, admin: Caller, row: Row, is_counted: int
) -> None:
    fill(newsroom, [*PUBLISHED, row])
    assert ask(admin)["comments"] == 200 + is_counted


def test_too_few_comments_are_a_conflict_that_says_how_many(
    newsroom: Newsroom, admin: Caller
) -> None:
    fill(newsroom, PUBLISHED[:99] + HARMFUL)
    answer = admin.get(PATH)
    assert answer.status_code == 409
    assert answer.json["message"].startswith("Only 99 harmless comments")


def test_a_cut_for_rejections_is_never_under_the_one_for_looks(
    newsroom: Newsroom, admin: Caller
) -> None:
    high: list[Row] = [(0.5, "approved", None, None)] * 3
    fill(newsroom, PUBLISHED + HARMFUL * 10 + high)
    found = ask(admin, one_in=1000, right=0.9)
    cut = found["thresholds"]["insult"]
    assert 0.5 < cut["review_at"] < cut["reject_at"] == 0.9


@pytest.mark.parametrize(
    "query",
    [{"one_in": 1}, {"one_in": "many"}, {"right": 0.2}, {"days": 0}],
)
def test_what_makes_no_sense_is_refused(admin: Caller, query: dict[str, Any]) -> None:
    assert admin.get(PATH, query_string=query).status_code == 422


def test_an_unknown_model_is_not_found(admin: Caller) -> None:
    for version in ("nothing", "a\x00b"):
        assert admin.get(PATH, query_string={"version": version}).status_code == 404


def test_proposals_are_for_admins_of_the_site(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    assert newsroom.as_staff(Role.LEAD).get(PATH).status_code == 403
    assert other_newsroom.as_staff(Role.ADMIN).get(PATH).status_code == 404
