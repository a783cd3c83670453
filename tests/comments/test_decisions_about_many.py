"""Decisions about many comments at once, where nothing is left to decide."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments import decisions
from moderation.comments.decisions import DecisionDraft
from moderation.database import start_writing
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from tests.builders import Newsroom

ALL_DECISIONS = sa.select(sa.func.count(Decision.id))


def test_about_no_comments_nothing_is_recorded(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send()
    before = session.scalar(ALL_DECISIONS)
    session.rollback()
    start_writing(session)
    new = DecisionDraft(
        verdict=Verdict.APPROVE, source=Source.PERSON, at=datetime.now(UTC), staff_id=1
    )
    nobodys = sa.select(Comment.id).where(sa.false())
    assert decisions.decide_many(session, nobodys, new, before=Status.PENDING) == []
    undone = decisions.undo_many(session, {}, new, before=Status.APPROVED, batch_id=1)
    assert undone == []
    session.commit()
    assert session.scalar(ALL_DECISIONS) == before
