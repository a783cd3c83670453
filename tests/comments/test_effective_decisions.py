"""Histories of a comment, each asked of every reader: which decision is in effect?

The readers agree: the API, the queue, the desk's lists, learning, what-if, proposed
thresholds, drift, the team's figures, triage, backtests, and QA sampling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.comments import lookup
from moderation.database import db, start_writing
from moderation.desk import recent
from moderation.insights import team
from moderation.learning import examples
from moderation.monitoring import drift, thresholds, what_if
from moderation.policy.rule_matches import RuleAction
from moderation.policy.status_changes import STATUS_AFTER
from moderation.policy.verdicts import Source, Verdict
from moderation.queue import entries, score_histogram
from moderation.queue.score_histogram import QueueSlice, ScoreRange
from moderation.review import qa_sampling
from moderation.rules import backtest
from moderation.rules.conditions import CompiledRule, Condition, ConditionKind
from moderation.tables.campaigns import Campaign
from moderation.tables.comments import Comment, Score
from moderation.tables.decisions import Decision
from moderation.tables.review import QaReview
from moderation.web.services import services_of
from tests.builders import Answer, Newsroom

API = "/api/v1/comments"
WORD = "quagmire"  # that the backtested rule looks for
BODY = (
    f"Every reader of this {WORD} can earn five hundred a day from the kitchen table, "
    "without a boss, so write today and tell your friends before the places are gone"
)


@dataclass(frozen=True)
class Stage:
    """A comment, and those who decide about it."""

    app: Flask
    newsroom: Newsroom
    comment: str  #: public id

    @property
    def number(self) -> int:
        return identifiers.decode(self.comment)

    def version(self) -> int:
        version: int = (
            self.newsroom.as_site().get(f"{API}/{self.comment}").json["version"]
        )
        return version


Step = Callable[[Stage], None]


def done(answer: Answer) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json


def gives(role: Role, verdict: str, *reasons: str) -> Step:
    """A member of staff decides."""

    def step(stage: Stage) -> None:
        body = {"verdict": verdict, "version": stage.version(), "reasons": [*reasons]}
        path = f"{API}/{stage.comment}/decisions"
        done(stage.newsroom.as_staff(role).post(path, body))

    return step


def undoes(role: Role) -> Step:
    """A member of staff revokes the decision just taken."""

    def step(stage: Stage) -> None:
        body = {"version": stage.version()}
        done(stage.newsroom.as_staff(role).post(f"{API}/{stage.comment}/undo", body))

    return step


def appeals(stage: Stage) -> None:
    """The author asks to reconsider."""
    body = {"text": "Please look again."}
    done(stage.newsroom.as_site().post(f"{API}/{stage.comment}/appeal", body))


def edits(stage: Stage) -> None:
    """The author writes another text."""
    body = {"body": f"A {WORD} of another kind altogether, said in other words."}
    done(stage.newsroom.as_site().patch(f"{API}/{stage.comment}", body))


def is_rescored(stage: Stage) -> None:
    """Another model scores the text; it decides nothing."""
    session = db.session()
    start_writing(session)
    session.add(
        Score(
            comment_id=stage.number,
            revision=1,
            model_version="another",
            created_at=datetime.now(UTC),
            spam=0.5,
        )
    )
    session.commit()
    db.session.remove()


def decides_in_bulk(stage: Stage) -> None:
    """A moderator rejects all that is pending, by score."""
    body = {
        "site": stage.newsroom.name,
        "label": "spam",
        "low": 0.0,
        "high": 1.0,
        "verdict": "reject",
        "reasons": ["insult"],
        "as_of": datetime.now(UTC).isoformat(),
    }
    done(stage.newsroom.as_staff().post("/api/v1/batches", body))


def undoes_in_bulk(stage: Stage) -> None:
    """The moderator revokes the newest batch."""
    staff = stage.newsroom.as_staff()
    newest = done(staff.get("/api/v1/batches"))["batches"][0]
    done(staff.post(f"/api/v1/batches/{newest['id']}/undo"))


def rejects_campaign(stage: Stage) -> None:
    """A moderator rejects the campaign of the comment and of twins, since erased."""
    _reject_campaign_of_twins(stage.newsroom, 1)


def reject_campaign_in_advance(newsroom: Newsroom) -> None:
    """A moderator rejects what is still to come of a campaign of twins."""
    _reject_campaign_of_twins(newsroom, 2, hours=24)


def _reject_campaign_of_twins(newsroom: Newsroom, count: int, **more: int) -> None:
    twins = [newsroom.send(body=f"{BODY} {'!' * n}")["id"] for n in range(1, count + 1)]
    session = db.session()
    campaign = session.scalars(sa.select(Campaign)).one()
    body = {
        "verdict": "reject",
        "reasons": ["insult"],
        "version": campaign.version,
        "as_of": datetime.now(UTC).isoformat(),
        **more,
    }
    path = f"/api/v1/campaigns/{campaign.id}/decisions"
    if not more:
        erase(newsroom, twins)
    done(newsroom.as_staff().post(path, body))
    if more:
        erase(newsroom, twins)


def erase(newsroom: Newsroom, comments: list[str]) -> None:
    for comment in comments:
        done(newsroom.as_site().delete(f"{API}/{comment}"))


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What every reader has to say."""

    source: Source
    verdict: Verdict
    codes: tuple[str, ...]
    people: Verdict | None = None  #: by people, about the current text
    lasting: int = 0  #: approvals and rejections of moderators that were not undone
    one_by_one: bool = False  #: the effective one is a moderator's, not in bulk
    is_pre: bool = False  #: the site holds everything first
    is_overturned: bool | None = None  #: the automatic verdict, if people judged it
    before: Callable[[Newsroom], None] | None = None  #: happens before it is sent


A, B = Role.MODERATOR, Role.LEAD
CLEAR = Expected(source=Source.POLICY, verdict=Verdict.APPROVE, codes=("clear",))
HELD = replace(CLEAR, verdict=Verdict.REVIEW, codes=("premoderation",), is_pre=True)
REJECTED = Expected(
    source=Source.PERSON,
    verdict=Verdict.REJECT,
    codes=("insult",),
    people=Verdict.REJECT,
    lasting=1,
    one_by_one=True,
    is_overturned=True,
)
APPROVED = replace(
    REJECTED,
    verdict=Verdict.APPROVE,
    codes=(),
    people=Verdict.APPROVE,
    is_overturned=False,
)
IN_BULK = replace(REJECTED, one_by_one=False, is_pre=True, is_overturned=None)
IN_ADVANCE = Expected(
    source=Source.CAMPAIGN,
    verdict=Verdict.REJECT,
    codes=("campaign",),
    lasting=2,  # about the twins
    is_pre=True,
    before=reject_campaign_in_advance,
)
REJECT, APPROVE = gives(A, "reject", "insult"), gives(A, "approve")
OVERRULE, AGREE = gives(B, "reject", "insult"), gives(B, "approve")

HISTORIES: dict[str, tuple[list[Step], Expected]] = {
    "nobody": ([], CLEAR),
    "approved": ([APPROVE], APPROVED),
    "rejected": ([REJECT], REJECTED),
    "a slip undone": ([OVERRULE, undoes(B)], CLEAR),
    "rejected, approval undone": ([REJECT, AGREE, undoes(B)], REJECTED),
    "approved, rejection undone": ([APPROVE, OVERRULE, undoes(B)], APPROVED),
    "decided twice": ([REJECT, AGREE], replace(APPROVED, lasting=2)),
    "undone and decided again": ([REJECT, undoes(A), APPROVE], APPROVED),
    "second decision, then undone": (
        [REJECT, undoes(A), APPROVE, undoes(A)],
        CLEAR,
    ),
    "sent back": (
        [REJECT, gives(B, "review")],
        Expected(
            source=Source.PERSON,
            verdict=Verdict.REVIEW,
            codes=(),
            people=Verdict.REVIEW,
            lasting=1,
        ),
    ),
    "sending back undone": ([REJECT, gives(B, "review"), undoes(B)], REJECTED),
    "appealed": (
        [REJECT, appeals],
        Expected(
            source=Source.AUTHOR,
            verdict=Verdict.REVIEW,
            codes=("appeal",),
            people=Verdict.REJECT,
            lasting=1,
            is_overturned=True,
        ),
    ),
    "appeal granted": ([REJECT, appeals, AGREE], replace(APPROVED, lasting=2)),
    "appeal decision undone": (
        [REJECT, appeals, AGREE, undoes(B)],
        Expected(
            source=Source.AUTHOR,
            verdict=Verdict.REVIEW,
            codes=("appeal",),
            people=Verdict.REJECT,
            lasting=1,
            is_overturned=True,
        ),
    ),
    "edited after a decision": (
        [APPROVE, edits],
        Expected(
            source=Source.POLICY,
            verdict=Verdict.REVIEW,
            codes=("edited",),
            lasting=1,
            is_overturned=False,
        ),
    ),
    "rescored": ([REJECT, is_rescored], REJECTED),
    "held": ([], HELD),
    "held, undone": ([REJECT, undoes(A)], HELD),
    "in bulk": (
        [decides_in_bulk],
        IN_BULK,
    ),
    "in bulk, undone": ([decides_in_bulk, undoes_in_bulk], HELD),
    "in bulk, approved, undone": (
        [decides_in_bulk, AGREE, undoes(B)],
        IN_BULK,
    ),
    "campaign": (
        [rejects_campaign],
        IN_BULK,
    ),
    "campaign, undone": ([rejects_campaign, undoes_in_bulk], HELD),
    "standing decision": ([], IN_ADVANCE),
    "standing decision, overruled, undone": ([AGREE, undoes(B)], IN_ADVANCE),
}


@pytest.fixture(params=HISTORIES)
def played(
    request: pytest.FixtureRequest, app: Flask, newsroom: Newsroom
) -> tuple[Stage, Expected]:
    """A comment with its history, and what readers should say."""
    steps, expected = HISTORIES[request.param]
    shares: dict[str, Any] = {"second_look_share": 1.0, "audit_share": 1.0}
    if expected.is_pre:
        newsroom.set_policy({}, **shares)
    else:
        nothing = {"toxicity": {"review_at": 1.0, "reject_at": None}}
        newsroom.set_policy(nothing, **shares)
    if expected.before:
        expected.before(newsroom)
    stage = Stage(app, newsroom, newsroom.send(body=BODY)["id"])
    for step in steps:
        step(stage)
    return stage, expected


def test_every_reader_agrees(played: tuple[Stage, Expected], session: Session) -> None:
    stage, expected = played
    for reader in READERS:
        reader(session, stage, expected)
        session.rollback()


def api_tells(session: Session, stage: Stage, expected: Expected) -> None:
    answer = done(stage.newsroom.as_site().get(f"{API}/{stage.comment}"))
    assert answer["status"] == STATUS_AFTER[expected.verdict].value
    assert answer["verdict"] == expected.verdict.value
    assert tuple(reason["code"] for reason in answer["reasons"]) == expected.codes
    row = session.get_one(Comment, stage.number)
    decision = lookup.stored(session, row).decision
    assert (decision.source, decision.verdict) == (expected.source, expected.verdict)


def queue_tells(session: Session, stage: Stage, expected: Expected) -> None:
    row = session.get_one(Comment, stage.number)
    (entry,) = entries.entries_of(session, [row], datetime.now(UTC))
    assert (entry.decision.source, entry.decision.verdict) == (
        expected.source,
        expected.verdict,
    )
    listed = done(stage.newsroom.as_staff().get("/api/v1/queue"))["comments"]
    is_pending = expected.verdict is Verdict.REVIEW
    assert [row["id"] for row in listed] == [stage.comment] * is_pending


def recent_tells(session: Session, stage: Stage, expected: Expected) -> None:
    for source in Source:
        for verdict in Verdict:
            listed = recent.list_decided(
                session,
                [stage.newsroom.site_id],
                source=source,
                verdict=verdict,
                before=None,
                limit=10,
                staff_id=0,
            )
            is_it = (source, verdict) == (expected.source, expected.verdict)
            assert len(listed) == is_it


def history_tells(session: Session, stage: Stage, expected: Expected) -> None:
    path = f"{API}/{stage.comment}/history"
    log = done(stage.newsroom.as_staff(Role.ADMIN).get(path))["decisions"]
    rows = session.scalars(
        sa.select(Decision).filter_by(comment_id=stage.number).order_by(Decision.id)
    ).all()
    assert len(log) == len(rows)  # undone ones and undos included
    undone = {row.undoes_id for row in rows}
    lasting = [
        shown
        for shown, row in zip(log, rows, strict=True)
        if row.undoes_id is None and row.id not in undone
    ]
    assert lasting[-1]["verdict"] == expected.verdict.value
    assert lasting[-1]["source"] == expected.source.value


def learning_tells(session: Session, stage: Stage, expected: Expected) -> None:
    lessons = list(
        examples.read_training_examples(session, stage.newsroom.site_id, LABELS)
    )
    if expected.people in (None, Verdict.REVIEW) or expected.source is Source.AUTHOR:
        assert lessons == []  # no one has decided
        return
    (lesson,) = lessons
    is_insult = expected.people is Verdict.REJECT
    assert lesson.example.labels["insult"] is is_insult
    assert lesson.provenance.value != "bulk" or not expected.one_by_one


def what_if_tells(session: Session, stage: Stage, expected: Expected) -> None:
    rows = session.execute(
        sa.select(what_if._newest_of_people(stage.newsroom.site_id, 0))
    ).all()
    revision = session.get_one(Comment, stage.number).revision
    of_it = [row for row in rows if row.comment_id == stage.number]
    verdicts = [row.verdict for row in of_it if row.revision == revision]
    settled = expected.people in (Verdict.APPROVE, Verdict.REJECT)
    assert verdicts == ([expected.people] if settled else [])


def thresholds_tell(session: Session, stage: Stage, expected: Expected) -> None:
    version = services_of(stage.app).scoring.default
    assert version is not None
    query = thresholds._query(Score, stage.newsroom.site_id, version.version, 0)
    (row,) = session.execute(query).all()
    is_harmful = thresholds._is_harmful(row.status, row.verdict, row.reasons)
    by_people = {Verdict.APPROVE: False, Verdict.REJECT: True, Verdict.REVIEW: None}
    if expected.people is not None:
        assert is_harmful is by_people[expected.people]
    else:  # no one has objected to the published comment
        is_published = expected.verdict is Verdict.APPROVE
        assert is_harmful is (False if is_published else None)


def drift_tells(session: Session, stage: Stage, expected: Expected) -> None:
    now = datetime.now(UTC)
    query = drift._judged(
        stage.newsroom.site_id, now - timedelta(days=1), now + timedelta(days=1)
    )
    rows = [row.is_overturned for row in session.execute(query)]
    assert rows == ([] if expected.is_overturned is None else [expected.is_overturned])


def team_tells(session: Session, stage: Stage, expected: Expected) -> None:
    now = datetime.now(UTC)
    since = now - timedelta(days=1)
    figures = team.build_report(
        session, stage.newsroom.site_id, since=since, now=now
    ).figures
    assert figures.decisions == expected.lasting


def triage_tells(session: Session, stage: Stage, expected: Expected) -> None:
    part = QueueSlice(site_id=stage.newsroom.site_id, label="spam")
    evidence = score_histogram.load_evidence(session, part, ScoreRange(low=0, high=1))
    assert evidence.decided == expected.one_by_one
    is_rejected = expected.one_by_one and expected.verdict is Verdict.REJECT
    assert evidence.rejected == is_rejected


def backtest_tells(session: Session, stage: Stage, expected: Expected) -> None:
    condition = Condition(kind=ConditionKind.WORDS, entries=(WORD,))
    rule = CompiledRule(
        id=1, version=1, name="word", action=RuleAction.TAG, conditions=(condition,)
    )
    since = datetime.now(UTC) - timedelta(days=1)
    trial = backtest.run_backtest(session, stage.newsroom.site_id, rule, since)
    assert [example.source for example in trial.examples] == [expected.source]


def sampling_tells(session: Session, stage: Stage, expected: Expected) -> None:
    start_writing(session)
    now = datetime.now(UTC)
    qa_sampling.draw(session, key=b"k", now=now, until=now)
    drawn = session.scalars(sa.select(QaReview.first_verdict)).all()
    is_decided = expected.verdict is not Verdict.REVIEW
    assert drawn == [expected.verdict.value] * is_decided


READERS = (
    api_tells,
    queue_tells,
    recent_tells,
    history_tells,
    learning_tells,
    what_if_tells,
    thresholds_tell,
    drift_tells,
    team_tells,
    triage_tells,
    backtest_tells,
    sampling_tells,
)
