"""Sends requests that schemathesis makes of the OpenAPI document, as every caller."""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup

from moderation import create_app, migration
from moderation.database import db, start_writing
from moderation.monitoring import readiness
from tests.api.test_openapi import EXCLUDED
from tests.fuzz.results import Result
from tests.fuzz.targets import describe
from tests.operations import DOCUMENT, Operation, operations
from tests.security.callers import CALLERS, CallerKind, World, open_world
from tests.security.test_foreign_ids import SETTINGS

EXAMPLES = 4  # of an operation, before another one's turn
#: They would end the caller's own token.
ENDING = {"DELETE /api/v1/session"}
#: Each caller that may call an operation passes the checks; no caller gets a fault.
CHECKED = ("key", "admin")


@contextlib.contextmanager
def opened_world() -> Iterator[World]:
    """Open a service of its own, with a site of every kind of object."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.sqlite")
        url = {"DATABASE_URL": f"sqlite:///{path}", "MODERATION_LOG_LEVEL": "CRITICAL"}
        app: Flask = create_app({**SETTINGS, **url})
        app.testing = True
        app.config["PROPAGATE_EXCEPTIONS"] = False
        with app.app_context():
            migration.migrate()
            world = open_world(app, path)
            session, later = db.session(), datetime.now(UTC) + timedelta(days=1)
            start_writing(session)
            readiness.record_heartbeat(session, later)  # else it isn't ready
            session.commit()
            yield world
            db.session.remove()
            db.engine.dispose()


def run(seconds: float, start: int) -> list[Result]:
    """Send each request as every caller, until the time is over.

    Parameters
    ----------
    start : the first seed; another one makes other requests, in another order
    """
    results = {
        caller.name: Result(engine="schemathesis", target=caller.name)
        for caller in CALLERS
    }
    with opened_world() as world:
        schema: Any = schemathesis.openapi.from_wsgi(DOCUMENT, world.app)
        called = [one for one in operations() if str(one) not in ENDING]
        random.Random(start).shuffle(called)
        until = time.monotonic() + seconds
        for number, operation in enumerate(itertools.cycle(called), start):
            if time.monotonic() >= until:
                break
            _send_some(world, schema, operation, results, number)
    return list(results.values())


def _send_some(
    world: World,
    schema: Any,
    called: Operation,
    results: Mapping[str, Result],
    number: int,
) -> None:
    mode = list(GenerationMode)[number % 2]

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[called.path][called.method].as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        for caller in CALLERS:
            result, started = results[caller.name], time.monotonic()
            fault = _fault_of(case, caller, world)
            if fault is not None:
                result.add_fault(f"{called}: {fault}", _written(case))
            result.inputs += 1
            result.seconds += time.monotonic() - started

    with contextlib.suppress(Unsatisfiable):  # nothing to get wrong: no parameters
        check()


def _fault_of(case: Any, caller: CallerKind, world: World) -> str | None:
    """Send a request as a caller; return what is wrong with the answer."""
    credential = caller.credential(world)
    headers = {"Authorization": f"Bearer {credential}"} if credential else {}
    db.session.remove()
    try:
        answer = case.call(headers=headers)
        if answer.status_code >= 500:
            return str(answer.status_code)
        if caller.name in CHECKED:
            case.validate_response(answer, excluded_checks=EXCLUDED, headers=headers)
    except (Failure, FailureGroup) as error:
        return str(error)[:300]
    except Exception as error:  # noqa: BLE001 - a fault is what is looked for
        return describe(error)
    return None


def _written(case: Any) -> bytes:
    """Return a request as it can be sent again by hand."""
    return json.dumps(
        {
            "method": case.method,
            "path": case.formatted_path,
            "query": case.query,
            "body": case.body,
        },
        default=str,
    ).encode()
