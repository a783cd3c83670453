"""Loops of a worker: repeated, and not ended by what goes wrong."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import sessionmaker

from moderation.database import db
from moderation.web.services import services_of
from moderation.worker import duties, loops
from moderation.worker.loops import Loop
from tests.refusals import on_sqlite

SHORT_SECONDS = 0.001


class Script:
    """A step that does one thing after another, then asks for the end."""

    def __init__(self, *acts: object) -> None:
        self.acts = list(acts)
        self.count = 0
        self.stopped = threading.Event()

    def __call__(self) -> object:
        self.count += 1
        act = self.acts.pop(0)
        if not self.acts:
            self.stopped.set()
        if isinstance(act, Exception):
            raise act
        return act


def run(script: Script, interval_seconds: float = SHORT_SECONDS) -> None:
    loops.run(Loop("a loop", interval_seconds, script), script.stopped)


def test_a_step_is_repeated_until_the_event_is_set() -> None:
    script = Script(None, False, 7)
    run(script)
    assert script.count == 3


def test_a_step_that_has_more_to_do_is_repeated_without_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loops, "MAX_FIRST_SECONDS", SHORT_SECONDS)
    script = Script(True, True, False)
    started = time.monotonic()
    run(script, interval_seconds=30)
    assert script.count == 3
    assert time.monotonic() - started < 20


def test_a_step_that_always_has_more_to_do_can_be_ended() -> None:
    script = Script(True)
    run(script)
    assert script.count == 1


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (
            OperationalError("SELECT 1", {}, Exception("secret")),
            "a loop: waits for the database: OperationalError",
        ),
        (RuntimeError("broken"), "a loop: failed, and will be tried again"),
    ],
)
def test_a_step_that_fails_is_logged_and_tried_again(
    fault: Exception, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(fault, None)
    run(script)
    assert script.count == 2
    (record,) = caplog.records
    assert (record.getMessage(), record.levelno) == (line, logging.ERROR)
    assert (record.exc_info is None) == isinstance(fault, OperationalError)


def test_a_failed_step_of_a_long_loop_is_not_put_off_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loops, "MAX_FIRST_SECONDS", SHORT_SECONDS)
    monkeypatch.setattr(loops, "MAX_RETRY_SECONDS", SHORT_SECONDS)
    script = Script(RuntimeError("broken"), None)
    started = time.monotonic()
    run(script, interval_seconds=30)
    assert script.count == 2
    assert time.monotonic() - started < 20


def test_loops_run_side_by_side_in_as_many_threads_as_they_want() -> None:
    meeting = threading.Barrier(4)  # breaks unless all four are there together
    stopped = threading.Event()

    def meet() -> None:
        meeting.wait(30)
        stopped.set()

    table = [Loop("one", SHORT_SECONDS, meet), Loop("three", SHORT_SECONDS, meet, 3)]
    loops.start(table, stopped)
    assert stopped.wait(30)


@on_sqlite
def test_every_loop_of_a_worker_finds_nothing_to_do_in_an_empty_service(
    app: Flask,
) -> None:
    services = services_of(app)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    work = duties.build(sessions, services.scoring, services.lineage_key)
    table = loops.table(services, sessions, work)
    steps: dict[str, Callable[[], object]] = {loop.name: loop.step for loop in table}
    assert len(steps) == len(table) == 30
    assert [name for name, step in steps.items() if step()] == []
