"""Faults are reported and lose nothing: models, databases, workers, large bodies."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from classifiers.pretrained import default_model
from classifiers.serving.document import Document
from moderation import create_app, identifiers
from moderation.database import db
from moderation.models.serving import Scoring
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from moderation.web.services import services_of
from tests.builders import (
    Caller,
    Newsroom,
    comment,
    open_newsroom,
    replace_default_scorer,
    replace_services,
)
from tests.processes import free_port, is_up, running, wait_until
from tests.refusals import assert_refused, on_sqlite

ROOT = Path(__file__).parents[2]
COMMENTS = "/api/v1/comments"
UNREACHABLE = "postgresql+psycopg://nobody@127.0.0.1:1/none"


class Raising:
    """A model that can't score one word."""

    version = "raising-1"
    languages = frozenset({"en"})
    weak: ClassVar[dict[str, frozenset[str]]] = {}
    home = None

    def score_many(self, documents: Sequence[Document]) -> list[dict[str, float]]:
        if any("unlucky" in document.text for document in documents):
            raise RuntimeError("this model breaks")
        return [{"toxicity": 0.0} for _ in documents]


@dataclass(frozen=True)
class Constant:
    """A model that says the same of everything."""

    scores: Mapping[str, float]
    version: str = "constant-1"
    languages: frozenset[str] = frozenset({"en"})
    weak: Mapping[str, frozenset[str]] = field(default_factory=dict)
    home: Any = None

    def score_many(self, documents: Sequence[Document]) -> list[dict[str, float]]:
        return [dict(self.scores) for _ in documents]


def serve(app: Flask, model: Any) -> None:
    replace_default_scorer(app, model)


def assert_unscored(answer: dict[str, Any]) -> None:
    assert (answer["status"], answer["verdict"]) == ("pending", "review")
    assert {each["code"] for each in answer["reasons"]} == {"unscored"}


def test_without_a_model_comments_wait_unscored(app: Flask, newsroom: Newsroom) -> None:
    serve(app, None)
    answer = newsroom.send()
    assert_unscored(answer)
    assert answer["scores"] is answer["model_version"] is None
    (waiting,) = newsroom.as_staff().get("/api/v1/queue").json["comments"]
    assert waiting["id"] == answer["id"]


@on_sqlite
@pytest.mark.parametrize("cut", [0, 7, 8, 1000, -1])
def test_a_broken_model_file_is_told_and_comments_wait(
    make_app: Callable[..., Flask], tmp_path: Path, cut: int
) -> None:
    shipped = next(Path(default_model.__file__).parent.glob("*.safetensors"))
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(shipped.read_bytes()[:cut])
    app = make_app(MODERATION_MODEL_PATH=str(broken))
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        assert_unscored(newsroom.send())
        ready = app.test_client().get("/readyz")
        assert ready.status_code == 503
        assert ready.json is not None
        assert ready.json["model"] != "ok"


def test_a_model_that_raises_leaves_the_comment_unscored(
    app: Flask, newsroom: Newsroom
) -> None:
    serve(app, Raising())
    assert_unscored(newsroom.send(body="an unlucky word"))


def test_one_text_that_breaks_the_model_does_not_break_its_batch(
    app: Flask, newsroom: Newsroom
) -> None:
    serve(app, Raising())
    bodies = ["A fair point.", "An unlucky word.", "Another fair point."]
    sent = {"comments": [comment(body=body) for body in bodies]}
    items = newsroom.as_site().post(f"{COMMENTS}/batch", sent).json["comments"]
    assert [item["status_code"] for item in items] == [201] * 3
    versions = [item["comment"]["model_version"] for item in items]
    assert versions == ["raising-1", None, "raising-1"]


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -0.1, 1.1])
@on_sqlite
def test_a_score_that_is_no_probability_is_a_fault_not_a_pass(
    app: Flask, newsroom: Newsroom, score: float
) -> None:
    serve(app, Constant({"toxicity": score}))
    assert_unscored(newsroom.send())


@on_sqlite
def test_a_label_that_the_model_does_not_know_is_a_fault_not_a_pass(
    app: Flask, newsroom: Newsroom
) -> None:
    serve(app, Constant({"toxicity": 0.0}))
    newsroom.set_policy({"threat": {"review_at": 0.5, "reject_at": None}})
    answer = newsroom.send()
    assert_unscored(answer)
    assert answer["reasons"] == [{"code": "unscored", "label": "threat"}]
    assert answer["scores"] == {"toxicity": 0.0}


@on_sqlite
def test_an_edit_without_a_model_waits_unscored(app: Flask, newsroom: Newsroom) -> None:
    made = newsroom.send()
    serve(app, None)
    edited = newsroom.as_site().patch(f"{COMMENTS}/{made['id']}", {"body": "Now."})
    assert_unscored(edited.json)


@on_sqlite
def test_a_lost_model_of_the_registry_is_no_pass(session: Session) -> None:
    assert Scoring().scorer_of(session, 404) is None


@on_sqlite
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", COMMENTS),
        ("POST", f"{COMMENTS}/batch"),
        ("GET", f"{COMMENTS}/{identifiers.encode(7)}"),
        ("GET", "/api/v1/articles/a/comments"),
        ("GET", "/api/v1/queue"),
    ],
)
@pytest.mark.parametrize("url", [UNREACHABLE, "sqlite:////nowhere/at/all.sqlite"])
def test_an_unreachable_database_is_told_in_the_one_shape(
    make_app: Callable[..., Flask],
    newsroom: Newsroom,
    caplog: pytest.LogCaptureFixture,
    url: str,
    method: str,
    path: str,
) -> None:
    app = make_app(DATABASE_URL=url)
    with app.app_context():
        caller = newsroom.as_staff() if "queue" in path else newsroom.as_site()
        answer = type(caller)(app.test_client(), caller.credential).call(
            method, path, json=comment()
        )
    assert_refused(answer, 503)
    assert answer.json["code"] == "unavailable"
    logged = [
        each
        for each in caplog.records
        if each.levelno >= logging.ERROR and each.name == "moderation.web.errors"
    ]
    (message,) = (each.getMessage() for each in logged)
    assert message.startswith("the database did not answer: OperationalError")
    assert "unable to open" in message or "Connection refused" in message


@on_sqlite
def test_a_locked_database_is_told_and_stores_nothing_by_half(
    app: Flask, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = db.engine.url.database
    db.session.remove()
    db.engine.dispose()
    monkeypatch.setattr("moderation.database.BUSY_TIMEOUT_SECONDS", 0)
    other = sqlite3.connect(str(path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert_refused(newsroom.as_site().post(COMMENTS, comment()), 503)
    other.execute("ROLLBACK")
    other.close()
    for table in (Comment, Article, Decision):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert newsroom.send()["status"] == "approved"


@on_sqlite
def test_a_full_disk_is_named_in_the_log_and_loses_nothing(
    app: Flask, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    newsroom.send()
    pages = db.session.scalar(sa.text("PRAGMA page_count"))
    db.session.remove()

    def fill(connection: sqlite3.Connection, _: object, __: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(db.engine, "checkout", fill)
    body = "The ferry was never cheap. " * 2000
    answers = [newsroom.as_site().post(COMMENTS, comment(body=body))]
    while answers[-1].status_code == 201:  # into the pages that are free
        sent = comment(body=f"{len(answers)} {body}")
        answers.append(newsroom.as_site().post(COMMENTS, sent))
    sa.event.remove(db.engine, "checkout", fill)
    assert_refused(answers[-1], 503)
    assert answers[-1].headers["Retry-After"] == "5"
    assert "database or disk is full" in caplog.text
    stored = db.session.scalar(sa.select(sa.func.count()).select_from(Comment))
    assert stored == len(answers)  # the first one before, all but the last


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (COMMENTS, comment()),
        ("/v1/moderations", {"input": "Hello."}),
        ("/v1alpha1/comments:analyze", {"comment": {"text": "Hello."}}),
    ],
)
@on_sqlite
def test_each_protocol_tells_when_to_try_again(
    make_app: Callable[..., Flask], newsroom: Newsroom, path: str, body: dict[str, Any]
) -> None:
    app = make_app(DATABASE_URL="sqlite:////nowhere/at/all.sqlite")
    with app.app_context():
        answer = Caller(app.test_client(), newsroom.key).post(path, body)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


@on_sqlite
def test_a_page_of_any_origin_reads_when_to_try_again(
    make_app: Callable[..., Flask], newsroom: Newsroom
) -> None:
    # Which origins its key lets in is in the database.
    app = make_app(DATABASE_URL="sqlite:////nowhere/at/all.sqlite")
    path = f"/api/v1/articles/a/comments?key={newsroom.key}"
    with app.app_context():
        answer = app.test_client().get(path, headers={"Origin": "https://a.example"})
    assert answer.status_code == 503
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@on_sqlite
def test_a_commit_waits_for_the_disk(environment: dict[str, str]) -> None:
    # Of the service as it is: apps of tests don't wait.
    app = create_app(environment)
    with app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(sa.text("PRAGMA synchronous")) == 2  # FULL
    with app.app_context():
        db.engine.dispose()


def test_postgresql_commits_wait_for_the_disk(
    app: Flask, make_app: Callable[..., Flask]
) -> None:
    if db.engine.dialect.name != "postgresql":
        return
    name = db.engine.url.database
    with db.engine.connect() as connection:
        connection.execute(
            sa.text(f"ALTER DATABASE {name} SET synchronous_commit = off")
        )
        connection.commit()
    with make_app().app_context(), db.engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW synchronous_commit")) == "on"


def test_a_postgresql_that_neither_answers_nor_closes_is_given_up(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        return
    own = db.engine.url.update_query_dict({"connect_timeout": "3"})
    for url, seconds in ((db.engine.url, "10"), (own, "3")):
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            options = driver.info.get_parameters()
        engine.dispose()
        assert options["connect_timeout"] == seconds
        assert options["tcp_user_timeout"] == "30000"
        assert options["keepalives_idle"] == "30"


@on_sqlite
def test_threads_take_turns_to_write(app: Flask, newsroom: Newsroom) -> None:
    engine = db.engine
    order: list[str] = []
    is_waiting = threading.Event()

    def write() -> None:
        with engine.connect().execution_options(writes=True) as connection:
            file = connection.connection.dbapi_connection
            assert file is not None
            file.execute("PRAGMA busy_timeout = 0")  # SQLite itself would not wait
            is_waiting.set()
            connection.exec_driver_sql("UPDATE sites SET name = name")
            order.append("second")
            connection.commit()

    with engine.connect().execution_options(writes=True) as connection:
        connection.exec_driver_sql("UPDATE sites SET name = name")
        thread = threading.Thread(target=write)
        thread.start()
        is_waiting.wait()
        order.append("first")
        connection.commit()
    thread.join()
    assert order == ["first", "second"]


class Unsealing:
    """Stands for the keys, and fails when a comment is all but stored."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("the keys are gone")


@pytest.mark.faults
def test_a_fault_is_told_without_its_inside_and_stores_nothing(
    app: Flask, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    real = services_of(app).privacy
    replace_services(app, privacy=Unsealing())
    answer = newsroom.as_site().post(COMMENTS, comment())
    replace_services(app, privacy=real)
    assert_refused(answer, 500)
    assert "keys" not in answer.text
    assert "the keys are gone" in caplog.text  # the log has it, once
    for table in (Comment, Article, Decision):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0


# A real process from here on.


@pytest.fixture
def server(newsroom: Newsroom, environment: dict[str, str]) -> Iterator[str]:
    """Address of the service under gunicorn."""
    url = f"http://127.0.0.1:{free_port()}"
    gunicorn = ("gunicorn", "wsgi:app", "--workers", "1", "--log-level", "warning")
    quiet = {**environment, "MODERATION_LOG_LEVEL": "WARNING"}
    bind = url.removeprefix("http://")
    with running(*gunicorn, "--bind", bind, environment=quiet):
        wait_until(lambda: is_up(url), seconds=120)
        yield url


@on_sqlite
@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize(
    ("credential", "status"), [("good", 413), ("bad", 401)], ids=["413", "401"]
)
def test_a_huge_body_gets_an_answer_that_can_be_read(
    server: str, newsroom: Newsroom, is_chunked: bool, credential: str, status: int
) -> None:
    data: Any = b'{"body": "' + b"x" * 20_000_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    if credential == "good":
        headers["Authorization"] = f"Bearer {newsroom.key}"
    response = requests.post(
        server + COMMENTS,
        data=iter([data[:1000], data[1000:]]) if is_chunked else data,
        headers=headers,
        timeout=30,
    )
    assert response.status_code == status
    assert set(response.json()) == {"code", "message"}
