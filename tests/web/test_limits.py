"""Rate limits, in memory and in a real Redis."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from moderation.errors import TooManyRequests
from moderation.web.limits import allow
from tests.conftest import absent

STARTS_WITHIN_SECONDS = 10


@pytest.fixture(scope="module")
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


@pytest.fixture(params=["memory", "redis"])
def storage(request: pytest.FixtureRequest) -> str:
    """Both kinds of counters."""
    if request.param == "redis":
        return str(request.getfixturevalue("redis_url"))
    return "memory://"


@pytest.fixture
def limited_app(
    make_app: Callable[..., Flask], storage: str, tmp_path: Path
) -> Iterator[Flask]:
    """The service with these counters."""
    app = make_app(MODERATION_RATE_LIMIT_STORAGE=storage)
    with app.app_context():
        yield app


def test_the_try_over_the_limit_is_refused(limited_app: Flask, tmp_path: Path) -> None:
    who = str(tmp_path)  # nobody else counts under this name
    for _ in range(3):
        allow("3 per minute", who)
    with pytest.raises(TooManyRequests):
        allow("3 per minute", who)


def test_each_one_is_counted_by_itself(limited_app: Flask, tmp_path: Path) -> None:
    allow("1 per minute", "ada", str(tmp_path))
    allow("1 per minute", "bob", str(tmp_path))


def test_processes_share_the_counters_in_redis(
    make_app: Callable[..., Flask], redis_url: str, tmp_path: Path
) -> None:
    first = make_app(MODERATION_RATE_LIMIT_STORAGE=redis_url)
    second = make_app(MODERATION_RATE_LIMIT_STORAGE=redis_url)
    with first.app_context():
        allow("1 per minute", str(tmp_path))
    with second.app_context(), pytest.raises(TooManyRequests):
        allow("1 per minute", str(tmp_path))
