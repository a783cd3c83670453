"""A demo instance, made as `make run` makes it, for the commands of our pages."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from classifiers.pretrained import default_model
from moderation import create_app
from moderation.accounts import memberships
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.jobs import JobKind, JobState
from moderation.sites import policies, sites
from moderation.tables.accounts import Staff
from moderation.tables.jobs import Job
from moderation.tables.models import Model
from moderation.tables.sites import Site, SiteKey
from tests.decided_newsroom import decide_many, sentences
from tests.docs.pages import ROOT
from tests.renamed_model import renamed, renamed_file

START_SECONDS = 240  # it takes some five
DECISIONS = 310  # that a retraining needs


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A running demo, in a folder of its own."""

    folder: Path
    url: str
    known: dict[str, Any]  #: what it says in `instance/demo.json`
    environment: dict[str, str]  #: of the shell that runs commands there

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Open its database in this process."""
        instance = self.folder / "instance"
        secrets = dict(
            line.split("=", 1)
            for line in (instance / "secrets.env").read_text().splitlines()
        )
        with create_app(secrets, instance=instance).app_context():
            yield
            db.session.remove()
            db.engine.dispose()

    def token(self) -> str:
        """Log its admin in."""
        login, password = self.known["admin_login"], self.known["admin_password"]
        answer = requests.post(
            f"{self.url}/api/v1/session",
            json={"login": login, "password": password},
            timeout=30,
        )
        return str(answer.json()["token"])

    def pending_id(self, token: str) -> str:
        """Return the comment that the queue has first."""
        answer = requests.get(
            f"{self.url}/api/v1/queue",
            params={"limit": "1", "site": self.known["site"]},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        return str(answer.json()["comments"][0]["id"])


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo with gunicorn and a worker, on SQLite."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / ".venv").symlink_to(sys.prefix)
    for name in ("wsgi.py", "gunicorn.conf.py"):
        (folder / name).symlink_to(ROOT / name)
    port, other_port = free_port(), free_port()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{other_port} --workers 1",
        "MODERATION_LOG_LEVEL": "WARNING",
        "MODERATION_ENCODER": "never",  # the same figures as in this process
        # Each page logs in: on a fast machine, more than ten times a minute.
        "MODERATION_LOGIN_LIMIT": "1000 per minute",
        "LANG": "C.UTF-8",
    }
    words = [sys.executable, "-m", "moderation", "demo", "--port", str(port)]
    running = subprocess.Popen(
        words, cwd=folder, env={**environment, "GUNICORN_CMD_ARGS": "--workers 1"}
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, running)
        known = json.loads((folder / "instance" / "demo.json").read_text())
        known["site"] = "demo"
        yield Demo(folder=folder, url=url, known=known, environment=environment)
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=30)


def free_port() -> int:
    """Return a port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert running.poll() is None, "the demo has ended"
        assert time.monotonic() < deadline, "the demo does not start"
        try:
            if requests.get(f"{url}/readyz", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)


def open_gazette() -> int:
    """Make the site that our pages speak of, with the demo's admin; return its id."""
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    policy = policies.default_policy(default_model.load().manifest["thresholds"])
    site_id = sites.create_site(session, "gazette", policy, now).id
    admin = session.scalars(sa.select(Staff).where(Staff.login == "admin")).one()
    memberships.update_role(session, admin.id, site_id, Role.ADMIN)
    session.commit()
    return site_id


def add_candidate(site_id: int) -> tuple[str, int]:
    """Give a site a model that its gate lets pass, and as many decisions as to train.

    Returns the model's version and the id of the job that made it.
    """
    session, now = db.session(), datetime.now(UTC)
    site: Any = type("Site", (), {"site_id": site_id})
    decide_many(site, sentences(DECISIONS))
    start_writing(session)
    shipped = default_model.load().version
    version = renamed("gazette").version
    model = Model(
        site_id=site_id,
        version=version,
        base_version=shipped,
        artifact=renamed_file("gazette"),
        report={
            "active": {"version": shipped},
            "gate": {"allowed": True, "reasons": []},
        },
        created_at=now,
    )
    job = Job(
        site_id=site_id,
        kind=JobKind.RETRAINING.value,
        state=JobState.SUCCEEDED.value,
        progress=1.0,
        attempts=1,
        result={"version": version},
        arguments={},
        created_at=now,
    )
    session.add_all([model, job])
    session.commit()
    return version, job.id


def next_key_id() -> int:
    """Return the id of the site key that is created next."""
    newest = db.session.scalar(sa.select(sa.func.max(SiteKey.id)))
    return (newest or 0) + 1


def put_gazette_away() -> None:
    """Let the next page find no site of that name."""
    session = db.session()
    start_writing(session)
    count = session.scalar(sa.select(sa.func.count()).select_from(Site))
    session.execute(
        sa.update(Site).where(Site.name == "gazette").values(name=f"former-{count}")
    )
    session.commit()
