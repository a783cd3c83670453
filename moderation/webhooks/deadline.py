"""A limit on how long a whole request of `requests` may take."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any, Self

from requests import Session
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class RequestDeadline:
    """Cuts a session's connections when the time for all of it is over.

    Time-outs count from one byte to the next: a receiver that sends a byte now and then
    would hold a thread forever.

    Parameters
    ----------
    http
        Nothing was sent by it yet.
    seconds
        From entering the context.
    """

    def __init__(self, http: Session, seconds: float) -> None:
        #: whether the time was over before the answer was: a part of one counts as none
        self.is_over = False
        self._connections: list[HTTPConnection] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        classes = {"http": self._plain(), "https": self._safe()}
        for adapter in http.adapters.values():
            pools: Any = getattr(adapter, "poolmanager")  # noqa: B009 - untyped
            pools.pool_classes_by_scheme = classes

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self.is_over = True
        for each in self._connections:
            if each.sock is not None:
                # Of the socket itself, also while its TLS shakes hands.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(each.sock, socket.SHUT_RDWR)

    def _plain(self) -> type[HTTPConnectionPool]:
        connections = self._connections

        class Connection(HTTPConnection):
            def connect(self) -> None:
                connections.append(self)
                super().connect()

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        return Pool

    def _safe(self) -> type[HTTPSConnectionPool]:
        connections = self._connections

        class Connection(HTTPSConnection):
            def connect(self) -> None:
                connections.append(self)
                super().connect()

        class Pool(HTTPSConnectionPool):
            ConnectionCls = Connection

        return Pool
