"""A training reads each comment once: the next one finds its vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.encoder.encoder import WIDTH, Encoder, Vectors
from classifiers.encoder.kept_vectors import KeptVectors
from classifiers.pretrained import default_encoder
from classifiers.serving.combined import Reads
from moderation.comments import erasure
from moderation.comments.erasure import ErasureMode
from moderation.database import db, start_writing
from moderation.jobs import JobKind, JobProgress, Task
from moderation.keyed_hashes import HashKeys
from moderation.learning import retraining
from moderation.learning.retraining import MIN_DECISIONS, Snapshot, TrainingResult
from moderation.models.serving import Scoring
from moderation.tables.comments import Comment
from moderation.tables.learning import CommentVector
from moderation.worker import duties
from tests.builders import NOW, Newsroom
from tests.decided_newsroom import decide_many, sentences


def quiet(share: float, note: str | None = None, /) -> None:
    """Take note of no progress."""


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the encoder has read."""
    texts: list[str] = []
    vectors = Encoder.vectors

    def noted(encoder: Encoder, some: Sequence[str]) -> Vectors:
        texts.extend(some)
        return vectors(encoder, some)

    monkeypatch.setattr(Encoder, "vectors", noted)
    return texts


@pytest.fixture(scope="module")
def scoring() -> Scoring:
    return Scoring(reads=Reads.ALWAYS)


@pytest.fixture
def comments(session: Session, newsroom: Newsroom) -> list[Comment]:
    decide_many(newsroom, sentences(MIN_DECISIONS))
    return list(session.scalars(sa.select(Comment).order_by(Comment.id)))


def train(newsroom: Newsroom, scoring: Scoring, number: int) -> None:
    work = duties.build(db.session, scoring, HashKeys.of([b"k" * 32]))
    task = Task(
        job_id=number,
        kind=JobKind.RETRAINING,
        site_id=newsroom.site_id,
        staff_id=None,
        attempt=1,
    )
    work[JobKind.RETRAINING](task, quiet)


def kept(session: Session) -> set[int]:
    return set(session.scalars(sa.select(CommentVector.comment_id)))


def test_a_second_training_reads_what_is_new_alone(
    session: Session,
    newsroom: Newsroom,
    comments: list[Comment],
    scoring: Scoring,
    read: list[str],
) -> None:
    train(newsroom, scoring, 1)
    assert kept(session) == {comment.id for comment in comments}
    assert set(read) >= {comment.body for comment in comments}
    edited = comments[7]
    edited.body = "Quite another text about the harvest."
    session.commit()
    read.clear()
    train(newsroom, scoring, 2)
    decided = {comment.body for comment in comments}
    assert decided & set(read) <= {edited.body}


def test_an_erased_comment_has_no_vector(
    session: Session, newsroom: Newsroom, comments: list[Comment], scoring: Scoring
) -> None:
    train(newsroom, scoring, 1)
    start_writing(session)
    erased, anonymized = comments[3], comments[4]
    erasure.erase(session, erased, NOW)
    erasure.erase_person(session, anonymized, ErasureMode.ANONYMIZE, ["Ada"], NOW)
    session.commit()
    remaining = {comment.id for comment in comments} - {erased.id, anonymized.id}
    assert kept(session) == remaining


def test_a_comment_that_is_erased_during_a_training_gets_none(
    session: Session,
    newsroom: Newsroom,
    comments: list[Comment],
    scoring: Scoring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, *others = [comment.id for comment in comments]
    trained = retraining.train

    def erased_then(data: Snapshot, progress: JobProgress) -> TrainingResult:
        result = trained(data, progress)
        start_writing(session)
        erasure.erase(session, session.get_one(Comment, first), NOW)
        session.commit()
        return result

    monkeypatch.setattr(retraining, "train", erased_then)
    train(newsroom, scoring, 1)
    assert kept(session) == set(others)


def test_vectors_that_are_kept_are_those_that_were_read() -> None:
    encoder = default_encoder.load()
    texts = ["The ferry was never cheap.", "", "Ihr seid alle Idioten", ""]
    plain = encoder.vectors(texts)
    keeping = KeptVectors(encoder)
    assert (keeping.vectors(texts) == plain).all()
    assert keeping.vectors([]).shape == (0, WIDTH)
    rows = dict(filter(None, map(keeping.find_new, texts)))
    later = KeptVectors(encoder, rows)
    assert (later.vectors(texts) == plain).all()
    assert [later.find_new(text) for text in texts] == [None] * len(texts)
    assert keeping.vectors(texts).dtype == np.int8
