"""An installation of three machines."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from flask import Flask

from moderation import create_app
from moderation.database import db
from tests.builders import ENVIRONMENT
from tests.postgres_databases import PostgresDatabases
from tests.scale.machines import Machine, running
from tests.scale.pooler import pooling

MACHINES = 3
REPORTS_ALLOWED = 5  # of one reader, in an hour


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Several machines, and a look into their database."""

    machines: Sequence[Machine]
    app: Flask


@pytest.fixture(scope="module")
def installation(
    postgres_databases: PostgresDatabases,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """Three machines on one PostgreSQL, behind a pooler, and one Redis."""
    name = postgres_databases.take()
    folder = tmp_path_factory.mktemp("machines")
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(pooling(postgres_databases.server, name))
        settings = {
            **ENVIRONMENT,
            "DATABASE_URL": url.render_as_string(hide_password=False),
            "MODERATION_RATE_LIMIT_STORAGE": redis_url,
            "MODERATION_REPORTER_LIMIT": f"{REPORTS_ALLOWED} per hour",
            "MODERATION_CALLBACK_NETWORKS": "127.0.0.0/8",
            "MODERATION_UNDO_SECONDS": "0",
            "MODERATION_LOG_LEVEL": "WARNING",
        }
        app = create_app(settings, instance=folder / "looking-on")
        machines = stack.enter_context(running(folder, MACHINES, settings))
        with app.app_context():
            yield Installation(machines=machines, app=app)
            db.session.remove()
            db.engine.dispose()
    postgres_databases.give_back(name)
