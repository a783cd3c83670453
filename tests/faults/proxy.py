"""A way to a database that a test can cut, as a switched-off network does."""

from __future__ import annotations

import contextlib
import socket
import threading

RECEIVE_BYTES = 65536


class Proxy:
    """Passes connections from a port of this machine on to a Unix socket."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self.port = 0
        self.connect()

    def connect(self) -> None:
        """Let connections in, at the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(
            target=self._accept, args=(self._listener,), daemon=True
        ).start()

    def cut(self) -> None:
        """End all connections, and refuse new ones."""
        _close(self._listener)
        with self._lock:
            for each in self._open:
                _close(each)
            self._open.clear()

    def lead_to(self, path: str) -> None:
        """Pass on to another socket from now on; end what is open."""
        self.cut()
        self._path = path
        self.connect()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            with self._lock:
                self._open += [client, server]
            try:
                server.connect(self._path)
            except OSError:  # the database has died
                _close(client)
                _close(server)
                continue
            for source, target in ((client, server), (server, client)):
                threading.Thread(
                    target=_pass_on, args=(source, target), daemon=True
                ).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(RECEIVE_BYTES):
            target.sendall(data)
    _close(source)
    _close(target)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
