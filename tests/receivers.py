"""Real receivers of webhooks: they write down what they are sent, and check it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request, as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        """What it tells."""
        return json.loads(self.body)

    def verified(self, secret: str) -> Any:
        """Return what it tells, if it is signed with this secret, just now."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """A site's own software, at an address of this machine."""

    def __init__(self, path: str) -> None:
        self.received: list[Received] = []
        self.status = 204
        #: called while a request is being answered
        self.meanwhile: Callable[[Any], None] = lambda _: None
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                got = Received(
                    headers=dict(self.headers.items()), body=self.rfile.read(length)
                )
                told.received.append(got)
                told.meanwhile(self)
                self.send_response(told.status)
                if 300 <= told.status < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.home = f"http://127.0.0.1:{self.server.server_port}"
        self.url = f"{self.home}{path}"

    @property
    def events(self) -> list[Any]:
        """The events that it received, in order."""
        return [each.event for each in self.received]

    @property
    def types(self) -> list[str]:
        """The types of the events that it received."""
        return [each["type"] for each in self.events]


@contextmanager
def receiving(path: str = "/events") -> Iterator[Receiver]:
    """Open a receiver."""
    receiver = Receiver(path)
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()
