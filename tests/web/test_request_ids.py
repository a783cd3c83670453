"""IDs of requests, and log lines in JSON: complete, and without anyone's data."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from moderation import logs
from moderation.logs import JsonFormatter, TextFormatter
from tests.builders import Newsroom, comment
from tests.refusals import on_sqlite

GIVEN = "proxy-7.f00_BA"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The service, which logs in JSON."""
    app = make_app(MODERATION_LOG_FORMAT="json")
    with app.app_context():
        yield app


def line(**more: object) -> logging.LogRecord:
    record = logging.makeLogRecord(
        {"name": "a.room", "levelname": "INFO", "msg": "%s texts", "args": (7,)}
    )
    vars(record).update(more)
    return record


@on_sqlite
def test_each_answer_has_an_id_of_its_own(app: Flask) -> None:
    client = app.test_client()
    ids = {client.get("/healthz").headers["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3
    assert client.get("/nowhere").headers["X-Request-ID"] not in ids


@on_sqlite
@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        (GIVEN, True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("short", False),
        ("", False),
        ("with space", False),
        ("<script>alert", False),
        ("ünicode-id", False),
    ],
)
def test_a_proxy_s_id_is_taken_if_it_is_harmless(
    app: Flask, given: str, is_taken: bool
) -> None:
    sent = given.encode().decode("latin-1")
    answer = app.test_client().get("/healthz", headers={"X-Request-ID": sent})
    assert (answer.headers["X-Request-ID"] == given) is is_taken


@on_sqlite
def test_a_line_for_each_request_names_its_route_and_no_more(
    app: Flask, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "moderation.access")
    secret = "qzsentinel"
    newsroom.as_site().post(
        f"/api/v1/comments?{secret}=1",
        comment(author_name=secret, author_email=f"{secret}@mail.example"),
        headers={"X-Request-ID": GIVEN, "User-Agent": secret, "Referer": secret},
    )
    app.test_client().get(f"/status/{secret}")
    app.test_client().get(f"/{secret}")
    lines = [
        JsonFormatter().format(record)
        for record in caplog.records
        if record.name == "moderation.access"
    ]
    assert len(lines) == 3
    assert not any(secret in each for each in lines)
    first = json.loads(lines[0])
    assert set(first) >= {"time", "level", "logger", "message", "method", "endpoint"}
    assert (first["endpoint"], first["status"]) == ("comments.create_comment", 422)
    assert json.loads(lines[2])["endpoint"] in {"none", "console.miss"}


def test_a_line_in_json_is_one_line_with_the_request_and_the_traceback() -> None:
    token = logs.request_id.set(GIVEN)
    try:
        try:
            raise ValueError("broken\nin two lines")
        except ValueError:
            text = JsonFormatter().format(line(exc_info=sys.exc_info()))
        plain = TextFormatter().format(line())
    finally:
        logs.request_id.reset(token)
    assert "\n" not in text
    found = json.loads(text)
    assert (found["message"], found["request_id"]) == ("7 texts", GIVEN)
    assert "ValueError: broken" in found["error"]
    assert plain.endswith(f"INFO a.room: 7 texts [{GIVEN}]")
    assert "request_id" not in json.loads(JsonFormatter().format(line()))
