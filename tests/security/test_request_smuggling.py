"""Requests whose length two servers read differently, so that one hides inside.

Based on CVE-2024-1135 and CVE-2024-6827 (gunicorn took requests with a
`Transfer-Encoding` that a proxy in front read otherwise) and CWE-444.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import ENVIRONMENT
from tests.protocols.conftest import wait_for

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 20
HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(b"0\r\n\r\n" + HIDDEN)
AMBIGUOUS = {
    "both lengths": POST + LENGTH + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
    "both, the other way": POST + CHUNKED + LENGTH + b"\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": POST + b"Content-Length: 0\r\n" + LENGTH + b"\r\n" + HIDDEN,
    "a list of lengths": POST + b"Content-Length: 0, 5\r\n\r\n" + HIDDEN,
    "a signed length": POST + b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "a length in letters": POST + b"Content-Length: 0x0\r\n\r\n" + HIDDEN,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "a space before the colon": POST + b"Content-Length : 0\r\n\r\n" + HIDDEN,
    "a space in the name": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n" + HIDDEN,
    "an unknown encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + HIDDEN,
    "two encodings": POST
    + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "an odd size of a chunk": POST + CHUNKED + b"\r\n0x0\r\n\r\n" + HIDDEN,
    "a folded header": b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n" + HIDDEN,
    "no carriage return": b"GET / HTTP/1.1\nHost: x\n\n" + HIDDEN,
    "a null in a header": b"GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n" + HIDDEN,
}


@pytest.fixture(scope="module")
def port(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """Port of a gunicorn as it ships."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("smuggling"))
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        free: int = found.getsockname()[1]
    settings = {**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{path}"}
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--workers", "1"]
    process = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{free}", "--log-level", "critical"],
        cwd=ROOT,
        env={**os.environ, **settings, "MODERATION_LOG_LEVEL": "ERROR"},
    )
    try:
        wait_for(free)
        yield free
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def answers(port: int, data: bytes) -> bytes:
    """Send bytes; return all that comes until the server closes."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        while part := client.recv(65536):
            received += part
    return received


def test_two_honest_requests_are_answered(port: int) -> None:
    assert answers(port, HIDDEN + HIDDEN).count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_an_ambiguous_request_is_refused_with_what_follows(
    port: int, name: str
) -> None:
    received = answers(port, AMBIGUOUS[name])
    assert received.count(b"HTTP/1.1 ") == 1
    assert received.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))
