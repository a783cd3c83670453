"""What would have happened under other thresholds or another model."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.pretrained import default_model
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.monitoring import what_if
from moderation.monitoring.what_if import BATCH_SIZE, Replay
from moderation.policy.thresholds import Moderation, Policy, Threshold
from moderation.policy.verdicts import Verdict
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.decisions import Decision
from moderation.tables.monitoring import SilentScore
from tests.builders import Caller, Newsroom

SHIPPED = default_model.load().version
PATH = "/api/v1/sites/gazette/what-if"
CUTS = {"spam": Threshold(review_at=0.5, reject_at=0.9)}
POLICY = Policy(thresholds=CUTS, default=Moderation.POST)
SINCE = datetime.now(UTC) - timedelta(days=2)
KINDS = {
    Verdict.APPROVE: "approved",
    Verdict.REVIEW: "held",
    Verdict.REJECT: "rejected",
}
WRONG: dict[tuple[Verdict, str | None], str] = {
    (Verdict.APPROVE, "reject"): "missed",
    (Verdict.REVIEW, "approve"): "wrongly_held",
    (Verdict.REJECT, "approve"): "wrongly_rejected",
}


def put(
    newsroom: Newsroom,
    spam: float | None,
    *,
    said: str | None = None,
    section: str | None = None,
    version: str = SHIPPED,
    table: type[Score] | type[SilentScore] = Score,
    comment: int | None = None,
    **more: Any,
) -> int:
    """Store a comment with its score and a person's decision."""
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    article = Article(
        site_id=newsroom.site_id,
        reference="x",
        reference_hash=f"{identifiers.new_id():064d}",
        section=section,
        created_at=now,
    )
    session.add(article)
    session.flush()
    comment_id = comment or identifiers.new_id()
    if comment is None:
        values = {"received_at": now, "due_at": now, "status": "pending", **more}
        session.add(
            Comment(
                id=comment_id,
                site_id=newsroom.site_id,
                article_id=article.id,
                thread=identifiers.encode(comment_id),
                fingerprint="",
                author_name="Ada",
                body="A text.",
                version=1,
                revision=1,
                **values,
            )
        )
        session.flush()
    session.add(
        table(
            comment_id=comment_id,
            revision=1,
            model_version=version,
            created_at=now,
            spam=spam,
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
                reasons=[],
                labels={},
            )
        )
    session.commit()
    return comment_id


def replay(
    session: Session,
    newsroom: Newsroom,
    *,
    policy: Policy = POLICY,
    version: str = SHIPPED,
    **more: Any,
) -> Replay:
    (found,) = what_if.replay(
        session, newsroom.site_id, [policy], version, **{"since": SINCE, **more}
    )
    return found


@pytest.mark.parametrize(
    ("spam", "said", "counted"),
    [
        (0.49, None, {"approved": 1}),
        (0.5, None, {"held": 1}),
        (0.9, None, {"rejected": 1}),
        (0.1, "reject", {"approved": 1, "missed": 1}),
        (0.1, "approve", {"approved": 1}),
        (0.6, "approve", {"held": 1, "wrongly_held": 1}),
        (0.6, "reject", {"held": 1}),
        (0.95, "approve", {"rejected": 1, "wrongly_rejected": 1}),
        (None, None, {"held": 1}),  # a missing score is for a person
    ],
)
def test_a_comment_is_counted_as_it_would_have_been(
    session: Session,
    newsroom: Newsroom,
    spam: float | None,
    said: str | None,
    counted: dict[str, int],
) -> None:
    put(newsroom, spam, said=said)
    total = vars(replay(session, newsroom).total)
    total.pop("minutes")
    expected = dict.fromkeys(total, 0) | {"comments": 1} | counted
    assert total == expected


def test_minutes_follow_from_what_is_held(session: Session, newsroom: Newsroom) -> None:
    for _ in range(3):
        put(newsroom, 0.6)
    assert replay(session, newsroom, seconds_per_look=30).total.minutes == 1.5


def test_sections_are_told_apart_and_may_hold_everything(
    session: Session, newsroom: Newsroom
) -> None:
    put(newsroom, 0.1, section="Sport", said="reject")
    put(newsroom, 0.1)
    policy = Policy(
        thresholds=CUTS, default=Moderation.POST, sections={"Sport": Moderation.PRE}
    )
    found = replay(session, newsroom, policy=policy)
    assert found.sections["Sport"].held == 1
    assert found.sections["Sport"].missed == 0
    assert found.sections[None].approved == 1
    assert found.total.comments == 2


def test_what_comes_to_a_closed_section_is_refused(
    session: Session, newsroom: Newsroom
) -> None:
    put(newsroom, 0.1, section="Courts", said="reject")
    put(newsroom, 0.95, section="Courts")
    put(newsroom, 0.1)
    policy = Policy(
        thresholds=CUTS,
        default=Moderation.POST,
        sections={"Courts": Moderation.CLOSED},
    )
    found = replay(session, newsroom, policy=policy)
    assert (found.total.comments, found.total.refused) == (3, 2)
    assert found.total.approved == 1
    assert found.total.missed == found.total.rejected == found.total.held == 0
    assert found.sections["Courts"].refused == 2


def test_only_the_models_own_scores_count(session: Session, newsroom: Newsroom) -> None:
    comment = put(newsroom, 0.95)
    put(newsroom, 0.1, version="other-1", table=SilentScore, comment=comment)
    put(newsroom, 0.95)
    found = replay(session, newsroom, version="other-1")
    assert (found.total.comments, found.total.approved, found.unscored) == (1, 1, 1)


def test_a_comment_scored_silently_and_then_for_good_is_one(
    session: Session, newsroom: Newsroom
) -> None:
    comment = put(newsroom, 0.1)
    put(newsroom, 0.1, table=SilentScore, comment=comment, said="approve")
    assert replay(session, newsroom).total.comments == 1


def test_older_deleted_and_other_sites_comments_are_left_aside(
    session: Session, newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    put(newsroom, 0.1, deleted_at=datetime.now(UTC))
    put(other_newsroom, 0.1)
    put(newsroom, 0.1)
    assert replay(session, newsroom).total.comments == 1
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert replay(session, newsroom, since=later).total.comments == 0


def test_what_was_taken_back_is_no_verdict(
    session: Session, newsroom: Newsroom
) -> None:
    comment = put(newsroom, 0.1, said="reject")
    start_writing(session)
    session.add(
        Decision(
            site_id=newsroom.site_id,
            comment_id=comment,
            revision=1,
            created_at=datetime.now(UTC),
            source="person",
            verdict="approve",
            reasons=[{"code": "undone"}],
            labels={},
            undoes_id=session.scalar(
                sa.select(Decision.id).where(Decision.comment_id == comment)
            ),
        )
    )
    session.commit()
    assert replay(session, newsroom).total.missed == 0


LEVELS = (None, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
SECTIONS = (None, "Sport", "Culture")


def put_anything(newsroom: Newsroom, draw: random.Random) -> Comment:
    """Store a comment with scores and decisions, old and late ones among them."""
    deleted = datetime.now(UTC) if draw.random() < 0.1 else None
    comment_id = put(
        newsroom,
        draw.choice(LEVELS),
        section=draw.choice(SECTIONS),
        version=draw.choice((SHIPPED, SHIPPED, "other-1")),
        table=draw.choice((Score, Score, SilentScore)),
        deleted_at=deleted,
    )
    session = db.session()
    start_writing(session)
    comment = session.get_one(Comment, comment_id)
    comment.revision = draw.choice((1, 1, 1, 2))
    told = {"toxicity": draw.choice(LEVELS)}
    for table in (Score, SilentScore):
        of_it = table.comment_id == comment_id
        session.execute(sa.update(table).where(of_it).values(told))
    lasting: list[Decision] = []
    for _ in range(draw.randrange(4)):
        undone = lasting.pop() if lasting and draw.random() < 0.3 else None
        decision = Decision(
            site_id=newsroom.site_id,
            comment_id=comment_id,
            revision=draw.choice((comment.revision, comment.revision, 1)),
            created_at=datetime.now(UTC),
            source=draw.choice(("person", "person", "akismet", "policy")),
            verdict=draw.choice(("approve", "reject", "review")),
            reasons=[],
            labels={},
            undoes_id=undone.id if undone else None,
        )
        session.add(decision)
        session.flush()
        if undone is None:
            lasting.append(decision)
    session.commit()
    return comment


def verdict_slowly(policy: Policy, given: Mapping[str, float | None]) -> Verdict:
    """Return the strictest verdict that any label asks for."""
    found = Verdict.APPROVE
    for label, cut in policy.thresholds.items():
        score = given[label]
        if score is None:
            return Verdict.REVIEW
        if cut.reject_at is not None and score >= cut.reject_at:
            found = Verdict.REJECT
        elif score >= cut.review_at and found is Verdict.APPROVE:
            found = Verdict.REVIEW
    return found


def counted_slowly(
    session: Session, comments: Sequence[Comment], policy: Policy
) -> dict[str | None, Counter[str]]:
    """Count one comment after the other, by section, in plain Python."""
    found: dict[str | None, Counter[str]] = {}
    for comment in comments:
        asked = {
            "comment_id": comment.id,
            "revision": comment.revision,
            "model_version": SHIPPED,
        }
        score = session.scalar(sa.select(Score).filter_by(**asked)) or session.scalar(
            sa.select(SilentScore).filter_by(**asked)
        )
        if score is None or comment.deleted_at is not None:
            continue
        section = session.get_one(Article, comment.article_id).section
        given = {label: getattr(score, label) for label in policy.thresholds}
        machine = verdict_slowly(policy, given)
        if machine is Verdict.APPROVE and policy.moderation_of(section) == "pre":
            machine = Verdict.REVIEW
        log = session.scalars(
            sa.select(Decision).filter_by(comment_id=comment.id).order_by(Decision.id)
        ).all()
        undone = {row.undoes_id for row in log}
        of_people = [
            row
            for row in log
            if row.source in ("person", "akismet")
            and row.undoes_id is None
            and row.id not in undone
        ]
        said = None
        if of_people and of_people[-1].revision == comment.revision:
            said = of_people[-1].verdict
        counts = found.setdefault(section, Counter())
        counts["comments"] += 1
        counts[KINDS[machine]] += 1
        if (machine, said) in WRONG:
            counts[WRONG[machine, said]] += 1
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_all_counts_are_those_of_one_comment_after_the_other(
    session: Session, newsroom: Newsroom, other_newsroom: Newsroom, seed: int
) -> None:
    draw = random.Random(seed)
    comments = [put_anything(newsroom, draw) for _ in range(60)]
    put_anything(other_newsroom, draw)
    policies = [
        Policy(
            thresholds={
                label: Threshold(
                    review_at=draw.choice((0.2, 0.6)),
                    reject_at=draw.choice((None, 0.8)),
                )
                for label in draw.choice(((), ("spam",), ("spam", "toxicity")))
            },
            default=Moderation.POST,
            sections={"Culture": draw.choice((Moderation.PRE, Moderation.POST))},
        )
        for _ in range(BATCH_SIZE + 3)  # more than are counted in one go
    ]
    found = what_if.replay(session, newsroom.site_id, policies, SHIPPED, since=SINCE)
    for policy, each in zip(policies, found, strict=True):
        slowly = counted_slowly(session, comments, policy)
        told = {section: vars(outcome) for section, outcome in each.sections.items()}
        assert set(told) == set(slowly)
        for section, outcome in told.items():
            outcome.pop("minutes")
            assert outcome == dict.fromkeys(outcome, 0) | slowly[section]
        alive = sum(comment.deleted_at is None for comment in comments)
        assert each.total.comments + each.unscored == alive


@pytest.fixture
def admin(newsroom: Newsroom) -> Caller:
    """The admin of the site."""
    return newsroom.as_staff(Role.ADMIN)


def test_the_answer_stands_beside_what_is_in_force(
    newsroom: Newsroom, admin: Caller
) -> None:
    newsroom.set_policy({"spam": {"review_at": 0.5, "reject_at": None}})
    put(newsroom, 0.6, section="Sport")
    asked = {"thresholds": {"spam": {"review_at": 0.7}}, "seconds_per_look": 60}
    answer = admin.post(PATH, asked)
    assert answer.status_code == 200
    assert answer.json["asked"]["total"]["approved"] == 1
    assert answer.json["in_force"]["total"]["held"] == 1
    assert answer.json["in_force"]["total"]["minutes"] == 1.0
    assert answer.json["asked"]["sections"][0]["section"] == "Sport"
    assert answer.json["asked"]["version"] == SHIPPED


@pytest.mark.parametrize(
    "body",
    [
        {"days": 0},
        {"days": 366},
        {"days": 1.5},
        {"days": 10**30},
        {"seconds_per_look": 0},
        {"thresholds": {"flirtation": {"review_at": 0.5}}},
        {"thresholds": {"spam": {"review_at": 0.9, "reject_at": 0.5}}},
        {"thresholds": {"spam": {"review_at": 2}}},
        {"version": "x" * 101},
        {"more": 1},
    ],
)
def test_a_bad_question_is_refused(admin: Caller, body: dict[str, Any]) -> None:
    assert admin.post(PATH, body).status_code == 422


@pytest.mark.parametrize("version", ["none-1", "\x00", "\ud800"])
def test_an_unknown_model_is_not_found(admin: Caller, version: str) -> None:
    assert admin.post(PATH, {"version": version}).status_code == 404


def test_only_the_sites_admins_ask(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    assert newsroom.as_staff(Role.LEAD).post(PATH, {}).status_code == 403
    assert newsroom.as_site().post(PATH, {}).status_code == 403
    assert other_newsroom.as_staff(Role.ADMIN).post(PATH, {}).status_code == 404
    assert newsroom.app.test_client().post(PATH, json={}).status_code == 401
