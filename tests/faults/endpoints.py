"""Receivers of webhooks that don't do as receivers should."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[socket.socket, threading.Event], None]


def _hang(client: socket.socket, over: threading.Event) -> None:
    over.wait()


def _drip(client: socket.socket, over: threading.Event) -> None:
    """Send a byte a second: each comes before any timeout between two bytes."""
    for byte in b"HTTP/1.1 204 No Content\r\nX-Padding: " + b"x" * 1000:
        client.sendall(bytes([byte]))
        if over.wait(1):
            return


def _send(data: bytes) -> Answer:
    return lambda client, over: client.sendall(data)


#: By name: how one answers.
FAILING: dict[str, Answer] = {
    "hangs": _hang,
    "sends a byte a second": _drip,
    "answers garbage": _send(b"\x00\xff not HTTP at all\r\n\r\n"),
    "closes": _send(b""),
    "redirects": _send(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
        b"Content-Length: 0\r\n\r\n"
    ),
}
#: It promises a body that never comes. The status counts: the event is delivered.
LYING = _send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nyes")


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """Open a receiver; give its URL."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)

    def serve(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.recv(65536)
            answer(client, over)

    def accept() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/events"
    finally:
        over.set()
        thread.join()
        listener.close()
