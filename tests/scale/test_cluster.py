"""Rescoring on a Dask cluster: a local one, with processes of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from classifiers.pretrained import default_model
from classifiers.serving.combined import Reads
from classifiers.serving.document import Document
from moderation import identifiers
from moderation.cluster.scoring import BulkScoring
from moderation.cluster.scoring_tasks import score_part
from moderation.comments import rescoring
from moderation.database import db
from moderation.errors import Unavailable
from moderation.jobs import Cancelled
from moderation.metrics.counters import REGISTRY
from moderation.models.serving import Scoring
from moderation.sites import sites
from moderation.tables.comments import Comment, Score
from moderation.tables.models import Model
from moderation.web.services import services_of
from moderation.worker import rescorer
from tests.builders import ALL_HELD, Newsroom
from tests.comments.test_rescoring import SHIPPED, count_scores, promote_another
from tests.conftest import absent
from tests.processes import free_port
from tests.refusals import on_sqlite

COMMENTS = 24
PART = 2  # comments


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers of one thread each, in processes of their own."""
    try:
        from distributed import LocalCluster
    except ImportError:
        absent("Dask (the extra `scale`)")
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=40
    ) as local:
        yield local


@pytest.fixture
def order(
    app: Flask, newsroom: Newsroom, session: Session, monkeypatch: pytest.MonkeyPatch
) -> rescoring.RescoringOrder:
    """What is pending, to be scored by a model that was promoted since."""
    monkeypatch.setattr(rescoring, "AT_ONCE", PART)
    newsroom.set_policy(ALL_HELD)
    for number in range(COMMENTS):
        newsroom.send(body=f"You idiot number {number}.")
    promote_another(session, newsroom)
    site = sites.find_by_id(session, newsroom.site_id)
    assert site is not None
    session.rollback()
    return rescoring.RescoringOrder(
        site_id=site.id,
        model_id=site.model_id,
        policy=site.policy,
        first_id=None,
        is_silent=False,
    )


def carry_out(
    app: Flask, order: rescoring.RescoringOrder, scheduler: str, progress: Any = None
) -> int:
    scoring = services_of(app).scoring
    with sessionmaker(db.engine)() as session:
        scorer = scoring.scorer_of(session, order.model_id)
    assert scorer is not None
    return rescorer.carry_out(
        sessionmaker(db.engine, expire_on_commit=False),
        BulkScoring(scoring=scoring, scheduler=scheduler),
        order,
        scorer,
        progress or (lambda *_: None),
        datetime.now(UTC),
    )


def count_scored_texts() -> float:
    """Return what `/metrics` says of this process."""
    labels = {"result": "scored"}
    return REGISTRY.get_sample_value("moderation_scored_texts_total", labels) or 0


def scores_of(session: Session, version: str) -> list[Any]:
    session.rollback()
    columns = (Score.comment_id, Score.insult, Score.toxicity, Score.spam)
    query = sa.select(*columns).where(Score.model_version == version)
    return [tuple(row) for row in session.execute(query.order_by(Score.comment_id))]


def test_a_cluster_scores_as_this_process_does(
    app: Flask, session: Session, order: rescoring.RescoringOrder, cluster: Any
) -> None:
    shares: list[float] = []
    counted = count_scored_texts()
    done = carry_out(
        app, order, cluster.scheduler_address, lambda share, *_: shares.append(share)
    )
    assert done == COMMENTS
    assert count_scored_texts() == counted + COMMENTS
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    scoring = services_of(app).scoring
    scorer = scoring.scorer_of(session, order.model_id)
    assert scorer is not None
    assert list(count_scores(session, scorer.version).values()) == [1] * COMMENTS
    (first, *_) = session.scalars(sa.select(Comment).order_by(Comment.id))
    (here,) = scoring.score(scorer, [Document(text=first.body, author_name="Ada")])
    assert here is not None
    row = scores_of(session, scorer.version)[0]
    assert row == (first.id, *(here.scores[x] for x in ("insult", "toxicity", "spam")))
    assert carry_out(app, order, cluster.scheduler_address) == 0  # nothing is left


@on_sqlite
def test_a_comment_edited_while_the_cluster_scores_keeps_its_new_scores(
    app: Flask,
    session: Session,
    newsroom: Newsroom,
    order: rescoring.RescoringOrder,
    cluster: Any,
) -> None:
    edited: list[int] = []

    def edit(share: float, *_: Any) -> None:
        if not share or edited:
            return
        session.rollback()  # the first part is stored; others are on their way
        scored = sa.select(Score.comment_id).where(Score.model_version == version)
        query = sa.select(Comment.id).where(Comment.id.not_in(scored))
        edited.append(session.scalars(query.order_by(Comment.id).limit(1)).one())
        path = f"/api/v1/comments/{identifiers.encode(edited[0])}"
        answer = newsroom.as_site().patch(path, {"body": "A fair point."})
        assert answer.status_code == 200

    version = session.scalars(
        sa.select(Model.version).where(Model.id == order.model_id)
    ).one()
    done = carry_out(app, order, cluster.scheduler_address, edit)
    assert done == COMMENTS - 1
    session.rollback()
    revisions = sa.select(Score.revision).where(
        Score.comment_id == edited[0], Score.model_version == version
    )
    assert session.scalars(revisions).all() == [2]  # by the edit itself


@on_sqlite
def test_a_part_whose_dask_worker_is_killed_is_scored_by_another(
    app: Flask, session: Session, order: rescoring.RescoringOrder, cluster: Any
) -> None:
    killed: list[int] = []

    def kill(share: float, *_: Any) -> None:
        if share and not killed:
            worker = next(iter(cluster.workers.values()))
            killed.append(worker.pid)
            os.kill(worker.pid, signal.SIGKILL)

    assert carry_out(app, order, cluster.scheduler_address, kill) == COMMENTS
    assert killed
    rows = session.scalars(sa.select(Score.comment_id)).all()
    assert len(rows) == 2 * COMMENTS  # those of either model


@on_sqlite
def test_a_canceled_job_leaves_the_cluster(
    app: Flask, session: Session, order: rescoring.RescoringOrder, cluster: Any
) -> None:
    def cancel(share: float, *_: Any) -> None:
        if share:
            raise Cancelled

    with pytest.raises(Cancelled):
        carry_out(app, order, cluster.scheduler_address, cancel)
    session.rollback()
    assert session.scalar(sa.select(sa.func.count(Score.id))) == COMMENTS + PART


@on_sqlite
def test_without_a_scheduler_the_worker_scores(
    app: Flask,
    session: Session,
    order: rescoring.RescoringOrder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("moderation.cluster.scoring.CONNECT_SECONDS", 1)
    assert carry_out(app, order, f"tcp://127.0.0.1:{free_port()}") == COMMENTS
    assert "the Dask scheduler is away" in caplog.text


def test_a_dask_worker_of_another_release_is_refused() -> None:
    model = default_model.PATH.read_bytes()
    texts = [Document(text="Hello.")]
    (scored,) = score_part(model, SHIPPED.version, Reads.NEVER, texts)
    assert scored is not None
    with pytest.raises(Unavailable, match="Install the same release"):
        score_part(model, "another-1", Reads.NEVER, texts)


def test_a_dask_worker_has_the_encoder() -> None:
    scoring = Scoring(reads=Reads.ALWAYS)
    assert scoring.default is not None
    model, texts = default_model.PATH.read_bytes(), [Document(text="Du Idiot.")]
    scored = score_part(model, scoring.default.version, Reads.ALWAYS, texts)
    assert scored == scoring.score(scoring.default, texts)


class Odd:
    """A scorer that is no file."""

    version = "odd-1"

    def score_many(self, documents: Sequence[Document]) -> list[dict[str, float]]:
        return [{} for _ in documents]


@on_sqlite
def test_a_model_without_a_file_is_refused(app: Flask, cluster: Any) -> None:
    bulk = BulkScoring(
        scoring=services_of(app).scoring, scheduler=cluster.scheduler_address
    )
    with pytest.raises(Unavailable, match="odd-1"):
        list(bulk.score_parts(Odd(), [[1]], lambda _: Document(text="x")))  # type: ignore[arg-type]
