"""The service as `moderation serve` runs it, with a proxy's settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from moderation import create_app
from moderation.accounts.staff import Role
from moderation.database import db
from moderation.demo import article
from tests.builders import ENVIRONMENT, open_newsroom
from tests.docs.conftest import free_port

START_SECONDS = 60
METRICS_TOKEN = "only-for-tests-0123456789"
FORM_LIMIT = 2  # comments from one address through the demo's form


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The service behind a proxy."""

    port: int
    key: str
    token: str  #: of an admin


@pytest.fixture(scope="session")
def upstream(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upstream]:
    """The service under gunicorn, on SQLite."""
    folder = tmp_path_factory.mktemp("upstream")
    path = shutil.copy(sqlite_template, folder / "moderation.sqlite")
    settings = {
        **ENVIRONMENT,
        "DATABASE_URL": f"sqlite:///{path}",
        "MODERATION_TRUSTED_PROXIES": "1",
        "MODERATION_DEMO": "true",
        "MODERATION_METRICS_TOKEN": METRICS_TOKEN,
        "MODERATION_FORM_LIMIT": f"{FORM_LIMIT} per year",
        "MODERATION_LOG_LEVEL": "ERROR",
    }
    app = create_app(settings)
    with app.app_context():
        newsroom = open_newsroom(app, article.SITE)
        db.session.remove()
        db.engine.dispose()
    port = free_port()
    command = [sys.executable, "-m", "moderation", "serve", "--workers", "1"]
    process = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}"],
        cwd=folder,
        env={**os.environ, **settings, "GUNICORN_CMD_ARGS": "--log-level warning"},
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield Upstream(port=port, key=newsroom.key, token=newsroom.tokens[Role.ADMIN])
    finally:
        process.terminate()
        process.wait(30)


def wait_for(
    url: str, process: subprocess.Popen[bytes], verify: str | bool = True
) -> None:
    """Wait until a process answers, with any status."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "it has ended"
        assert time.monotonic() < deadline, "it does not start"
        try:
            requests.get(url, timeout=5, verify=verify)
        except (requests.ConnectionError, OSError):
            time.sleep(0.05)
        else:
            return
