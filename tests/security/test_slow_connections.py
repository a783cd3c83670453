"""Silent and slow clients hold no thread: Slowloris (2009), R-U-Dead-Yet (2010).

Slowloris kept Apache's threads by heads that never ended, in the protests after the
Iranian election of June 2009; R-U-Dead-Yet did the same by bodies of a byte at a time.
"""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from moderation import create_app
from moderation.database import db
from tests.builders import ENVIRONMENT, comment, open_newsroom
from tests.processes import ROOT, free_port, is_up, wait_until

pytestmark = pytest.mark.apart

SESSION = (
    b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
)
HELD = {
    "silent": b"",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-a: ",
    "half a body": SESSION + b"Content-Length: 1000\r\n\r\n{",
    "half a chunk": SESSION + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    "a huge body": SESSION + b"Content-Length: 900000000\r\n\r\n{",
    "a huge batch": (
        b"POST /api/v1/comments/batch HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/json\r\nContent-Length: 30000000\r\n\r\n{"
    ),
}
COUNT = 12  # of each: over the four threads of the one worker


@pytest.fixture(scope="module")
def path(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the service's database."""
    folder = tmp_path_factory.mktemp("slow")
    return Path(shutil.copy(sqlite_template, folder / "slow.sqlite"))


@pytest.fixture(scope="module")
def live(path: Path) -> Iterator[tuple[str, str]]:
    """Address and site key of the service as it ships, with short deadlines."""
    settings = {**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{path}"}
    app = create_app(settings)
    with app.app_context():
        key = open_newsroom(app, "gazette").key
        db.session.remove()
        db.engine.dispose()
    address = f"127.0.0.1:{free_port()}"
    kept = {name: value for name, value in os.environ.items() if "MODER" not in name}
    short = {"MODERATION_HEAD_SECONDS": "3", "MODERATION_BODY_SECONDS": "3"}
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--workers", "1"]
    process = subprocess.Popen(
        [*command, "--bind", address, "--log-level", "error"],
        cwd=ROOT,
        env={**kept, **settings, **short, "MODERATION_LOG_LEVEL": "WARNING"},
    )
    try:
        wait_until(lambda: is_up(f"http://{address}"), seconds=120)
        yield f"http://{address}", key
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def server(live: tuple[str, str]) -> str:
    """Address of the service."""
    return live[0]


def connect(url: str, data: bytes = b"") -> socket.socket:
    """Open a connection, send something, and leave it open."""
    host, _, port = url.removeprefix("http://").partition(":")
    client = socket.create_connection((host, int(port)), timeout=30)
    client.sendall(data)
    return client


def read_to_end(client: socket.socket) -> bytes:
    """Return what the server sends until it closes; a reset ends it, too."""
    received = b""
    with client:
        try:
            while data := client.recv(65536):
                received += data
        except ConnectionResetError:
            pass
    return received


def test_a_locked_database_does_not_make_health_checks_slow(
    live: tuple[str, str], path: Path
) -> None:
    server, key = live
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    clients = []
    for number in range(COUNT):
        body = json.dumps(comment(external_id=f"locked-{number}")).encode()
        head = (
            "POST /api/v1/comments HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        clients.append(connect(server, head.encode() + body))
    health = [requests.get(f"{server}/healthz", timeout=1) for _ in range(COUNT)]
    answered, _, _ = select.select(clients, [], [], 0)
    other.execute("ROLLBACK")
    other.close()
    assert {each.status_code for each in health} == {200}
    assert not answered  # all of them were waiting
    stored = {read_to_end(client).partition(b"\r\n")[0] for client in clients}
    assert stored == {b"HTTP/1.1 201 CREATED"}


def test_slow_clients_hold_no_thread_and_are_dropped(live: tuple[str, str]) -> None:
    server, key = live
    clients = {
        kind: [connect(server, data) for _ in range(COUNT)]
        for kind, data in HELD.items()
    }
    health = requests.get(f"{server}/healthz", timeout=30)
    stored = requests.post(
        f"{server}/api/v1/comments",
        json=comment(),
        headers={"Authorization": f"Bearer {key}"},
        timeout=30,
    )
    assert (health.status_code, stored.status_code) == (200, 201)
    answers = {
        kind: {read_to_end(client).partition(b"\r\n")[0] for client in held}
        for kind, held in clients.items()
    }
    late = b"HTTP/1.1 408 Request Timeout"
    assert answers == {
        "silent": {b""},
        "half a head": {late},
        "half a body": {late},
        "half a chunk": {late},
        "a huge body": {b"HTTP/1.1 413 REQUEST ENTITY TOO LARGE"},
        "a huge batch": {b"HTTP/1.1 401 UNAUTHORIZED"},
    }


def test_a_byte_at_a_time_is_a_request_if_it_ends_in_time(server: str) -> None:
    client = connect(server)
    for byte in b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":
        client.send(bytes([byte]))
    assert read_to_end(client).startswith(b"HTTP/1.1 200 OK")


def test_late_clients_get_the_one_error_body(server: str) -> None:
    head, _, body = read_to_end(connect(server, HELD["half a head"])).partition(
        b"\r\n\r\n"
    )
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["code"] == "request_timeout"


def test_pipelined_requests_are_answered_in_order(server: str) -> None:
    health = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    chunked = (
        SESSION + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    )
    last = b"GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = read_to_end(connect(server, health + b"\r\n" + chunked + last))
    assert re.findall(rb"HTTP/1.1 (\d+) ", received) == [b"200", b"422", b"404"]


def test_a_client_that_waits_for_leave_gets_it(server: str) -> None:
    client = connect(
        server, SESSION + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    )
    assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(b"{}")
    assert client.recv(100).startswith(b"HTTP/1.1 422 ")
    client.close()


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\nHost: x\n\n", b"400"),
        (SESSION + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n", b"400"),
        (SESSION + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (SESSION + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", b"400"),
        (SESSION + b"Transfer-Encoding: chunked\r\n\r\n1_0\r\n" + b"x" * 20, b"400"),
        (SESSION + b"Transfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n", b"400"),
        (SESSION + b"Transfer-Encoding: gzip\r\n\r\n", b"400"),
        (b"GET /" + b"x" * 9000, b"414"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20_000 + b"\r\n", b"431"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(
    server: str, request_bytes: bytes, status: bytes
) -> None:
    assert read_to_end(connect(server, request_bytes)).split()[1] == status
