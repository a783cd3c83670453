"""A live gunicorn for the clients that other people have written."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from moderation import create_app
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.sites import keys as site_keys
from moderation.sites.keys import KeyScope, KeySettings
from moderation.web.services import services_of
from tests.builders import (
    ALL_HELD,
    ALL_REJECTED,
    ENVIRONMENT,
    Newsroom,
    open_newsroom,
    speak,
)
from tests.conftest import absent

ROOT = Path(__file__).parents[2]
CLIENTS = Path(__file__).parent / "clients"
NODE_SECONDS = 60
#: All that a line could hold of a key.
ACCESS_LOG_FORMAT = (
    '%(h)s "%(r)s" %(s)s %(m)s %(U)s %(q)s "%(f)s" %({authorization}i)s '
    "%({x-goog-api-key}i)s %({raw_uri}e)s %({http_authorization}e)s"
)


@dataclass(frozen=True, kw_only=True)
class Live:
    """A served site that publishes, one that holds and one that rejects."""

    url: str
    port: int
    keys: dict[str, str]  #: verdict to the key of the site that gives it
    tokens: dict[str, str]  #: verdict to the token of a moderator of that site
    scoped: dict[str, str]  #: scope to a key that has it alone, of the approving site
    logs: tuple[Path, Path]  #: gunicorn's own: accesses, errors
    environment: dict[str, str]  #: settings of the service
    database: Path

    def drive(self, client: str, verdict: str = "approve", **more: Any) -> Any:
        """Run a client for Node against the service; return what it found."""
        node = shutil.which("node")
        if node is None or not (CLIENTS / "node_modules").is_dir():
            absent("Node with the clients of tests/protocols/clients (npm ci)")
        given = {"url": self.url, "port": self.port, "key": self.keys[verdict], **more}
        done = subprocess.run(
            [str(node), "drive.mjs", client, json.dumps(given)],
            cwd=CLIENTS,
            capture_output=True,
            text=True,
            timeout=NODE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def live(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """The service under gunicorn, as it ships."""
    folder = tmp_path_factory.mktemp("live")
    path = shutil.copy(sqlite_template, folder / "live.sqlite")
    settings = {**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{path}"}
    keys: dict[str, str] = {}
    tokens: dict[str, str] = {}
    scoped: dict[str, str] = {}
    logs = folder / "access.log", folder / "error.log"
    app = create_app(settings)
    with app.app_context():
        for verdict, policy in [
            ("approve", None),
            ("review", ALL_HELD),
            ("review as spam", ALL_HELD),
            ("reject", ALL_REJECTED),
        ]:
            newsroom = open_newsroom(app, verdict.replace(" ", "-"))
            speak(newsroom, review_as_spam=verdict == "review as spam")
            if policy:
                newsroom.set_policy(policy)
            keys[verdict] = newsroom.key
            tokens[verdict] = newsroom.tokens[Role.MODERATOR]
            if verdict == "approve":
                scoped = {scope: scoped_key(newsroom, scope) for scope in KeyScope}
        db.session.remove()
        db.engine.dispose()
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--workers", "1"]
    logging = ["--log-level", "warning", "--access-logformat", ACCESS_LOG_FORMAT]
    logging += ["--access-logfile", str(logs[0]), "--error-logfile", str(logs[1])]
    process = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", *logging],
        cwd=ROOT,
        env={**os.environ, **settings, "MODERATION_LOG_LEVEL": "ERROR"},
    )
    try:
        wait_for(port)
        yield Live(
            url=f"http://127.0.0.1:{port}",
            port=port,
            keys=keys,
            tokens=tokens,
            scoped=scoped,
            logs=logs,
            environment=settings,
            database=Path(path),
        )
    finally:
        process.terminate()
        process.wait(30)


def scoped_key(newsroom: Newsroom, *scopes: KeyScope) -> str:
    """Return a new key of a newsroom's site with these scopes alone."""
    session = db.session()
    start_writing(session)
    _, secret = site_keys.create_key(
        session,
        newsroom.site_id,
        KeySettings(scopes=frozenset(scopes)),
        hash_keys=services_of(newsroom.app).token_key,
        created_by=None,
        now=datetime.now(UTC),
    )
    session.commit()
    return secret


def wait_for(port: int) -> None:
    for _ in range(1200):
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port)),
        ):
            return
        time.sleep(0.05)
    raise TimeoutError("gunicorn does not answer")


@pytest.fixture
def text() -> str:
    """A text that was never sent before: the same again would be a repetition."""
    return f"The ferry leaves at nine, said number {secrets.token_hex(4)}."
