"""Gunicorn's threaded worker, whose threads get requests that are all here.

The main loop of the worker receives heads and bodies without waiting for any of them,
and gives a thread to what is complete. A client that is silent or slow costs a socket
and some memory, and the deadlines below end that, too.

Source: "Slowloris" (2009) and "R-U-Dead-Yet" (2010) hold threads by unfinished heads
and bodies; nginx's `proxy_request_buffering` and `lingering_close` are the model here.
"""

from __future__ import annotations

import contextlib
import errno
import json
import selectors
import socket
import ssl
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn.sock import ssl_wrap_socket
from gunicorn.util import close
from gunicorn.workers.gthread import TConn, ThreadWorker

from moderation.server.arrivals import Arrival, Incomplete
from moderation.server.lanes import (
    DESK_THREADS,
    MAX_WAITING,
    OVERLOADED,
    Lane,
    is_for_desk,
)

HEAD_SECONDS = 15.0  # from the connection, or a request's first byte, to its head
BODY_SECONDS = 25.0  # from the head to the end of a body that is buffered
STREAM_SECONDS = 300.0  # the same of a large one, which needs a credential
SEND_SECONDS = 30.0  # for each piece of an answer
LINGER_SECONDS = 10.0  # in which a client may send on what no one reads
MAX_LINGER_BYTES = 32 * 1024 * 1024
MAX_BODY_BYTES = 1024 * 1024  # held in memory, where the application sets no limit
MAX_HELD_BYTES = 128 * 1024 * 1024  # of all unfinished requests of a worker
RECEIVE_BYTES = 64 * 1024
HEALTH = "/healthz"  # has a thread of its own

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LATE = json.dumps(
    {"code": "request_timeout", "message": "The request did not arrive in time."}
).encode()
TIMED_OUT = (
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
) % (len(_LATE), _LATE)


class ClientSocket(socket.socket):
    """A socket on which no answer waits longer than `SEND_SECONDS`."""

    def setblocking(self, flag: bool) -> None:
        """Wait for the client, but not for ever; gunicorn's threads ask for this."""
        self.settimeout(SEND_SECONDS if flag else 0)


class Connection(TConn):  # type: ignore[misc]  # gunicorn is untyped
    """A client, and the request of its that is arriving."""

    def __init__(self, cfg: Any, sock: Any, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        self.initialized = True  # gunicorn has nothing left to set up
        self.deadline = 0.0
        self.body_deadline = 0.0
        self.lingered_bytes = 0

    def read_on(self, size: int | None) -> bytes:
        """Receive more of a large body, in a thread, before its deadline."""
        if self.parser.owes_continue:
            self.parser.owes_continue = False
            self.sock.sendall(CONTINUE)
        remaining = self.body_deadline - time.monotonic()
        if remaining <= 0:
            raise Incomplete
        self.sock.settimeout(remaining)
        try:
            data: bytes = self.sock.recv(max(RECEIVE_BYTES, min(size or 0, 1 << 20)))
        finally:
            self.sock.setblocking(True)
        return data


class BufferingWorker(ThreadWorker):  # type: ignore[misc]
    """A threaded worker that no slow client can hold."""

    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS
    max_body_bytes = MAX_BODY_BYTES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In the order of their arrival; a dict, as any of them may end.
        self.arriving: dict[Connection, None] = {}
        self.lingering: dict[Connection, None] = {}
        self.held_bytes = 0

    def init_process(self) -> None:
        """Start the threads that health checks and the desk have, then serve."""
        self.health_pool = ThreadPoolExecutor(max_workers=1)
        self.desk_pool = ThreadPoolExecutor(max_workers=DESK_THREADS)
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application, and read its limits."""
        super().load_wsgi()
        config = getattr(self.wsgi, "config", {})
        self.max_body_bytes = config.get("MAX_CONTENT_LENGTH") or MAX_BODY_BYTES
        self.head_seconds = config.get("HEAD_SECONDS", HEAD_SECONDS)
        self.body_seconds = config.get("BODY_SECONDS", BODY_SECONDS)
        max_waiting = config.get("WAITING_REQUESTS", MAX_WAITING)
        self.desk_lane = Lane("desk", self.desk_pool, max_waiting)
        self.site_lane = Lane("sites", self.tpool, max_waiting)

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, and receive what it has already sent."""
        try:
            accepted, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        sock: Any = ClientSocket(fileno=accepted.detach())
        sock.setblocking(False)
        if self.cfg.is_ssl:
            try:
                sock = ssl_wrap_socket(sock, self.cfg)
            except OSError:
                close(sock)
                return
        self.nr_conns += 1
        connection = Connection(self.cfg, sock, address, listener.getsockname())
        connection.parser = Arrival(
            self.cfg, address, self.max_body_bytes, connection.read_on
        )
        if self.nr_conns >= self.worker_connections:
            self._drop_oldest()
        self._await_request(connection)
        if connection in self.arriving:
            self.receive(connection)

    def receive(self, connection: Connection, _: object = None) -> None:
        """Take in what a client sent; hand a request on that is complete."""
        try:
            data = connection.sock.recv(RECEIVE_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
            return
        self._feed(connection, data)
        if (
            self.cfg.is_ssl
            and connection in self.arriving
            and connection.sock.pending()
        ):
            self.receive(connection)  # decrypted already: the poller would not tell

    def _feed(self, connection: Connection, data: bytes) -> None:
        arrival: Arrival = connection.parser
        now = time.monotonic()
        if not arrival.is_begun and data:
            connection.deadline = now + self.head_seconds
        had_head, held = arrival.has_head, arrival.held_bytes
        is_complete = arrival.feed(data)
        self.held_bytes += arrival.held_bytes - held
        if arrival.has_head and not had_head:
            connection.deadline = now + self.body_seconds
        if is_complete:
            self._hand_on(connection)
        elif arrival.owes_continue:
            arrival.owes_continue = False
            try:
                connection.sock.send(CONTINUE)
            except OSError:
                self._drop(connection)
        if self.held_bytes > MAX_HELD_BYTES:
            self._drop_oldest()

    def _await_request(self, connection: Connection) -> None:
        """Receive the next request of a connection, from what is here already on."""
        connection.sock.setblocking(False)
        connection.deadline = time.monotonic() + self.head_seconds
        self.arriving[connection] = None
        self.poller.register(
            connection.sock,
            selectors.EVENT_READ,
            partial(self.receive, connection),
        )

    def _hand_on(self, connection: Connection) -> None:
        self._forget(connection)
        self.enqueue_req(connection)

    def enqueue_req(self, connection: Connection) -> None:
        """Give a complete request to a thread, or refuse it where too many wait."""
        arrival: Arrival = connection.parser
        if arrival.is_streamed:
            connection.body_deadline = time.monotonic() + STREAM_SECONDS
        future: Future[bool] | None
        if arrival.error is None and arrival.mesg.path == HEALTH:
            future = self.health_pool.submit(self.handle, connection)
        else:
            is_desk = arrival.error is None and is_for_desk(arrival.mesg)
            lane = self.desk_lane if is_desk else self.site_lane
            future = lane.submit(self.handle, connection)
        if future is None:
            self._send(connection, OVERLOADED)
            self._linger(connection)
            return
        future.add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, connection, done)
        )

    def handle_request(self, request: Any, connection: Connection) -> bool:
        """Answer a request; a client that does not take its answer is a lost one."""
        try:
            is_kept: bool = super().handle_request(request, connection)
        except TimeoutError:
            raise OSError(errno.ECONNRESET, "the client does not read") from None
        return is_kept

    def finish_request(self, connection: Connection, done: Future[bool]) -> None:
        """Await the next request, or close the connection."""
        try:
            is_kept = done.result() and connection.sock.fileno() >= 0
        except Exception:  # noqa: BLE001 - gunicorn has answered and logged it
            is_kept = False
        if not is_kept:
            self._linger(connection)
            return
        rest = connection.parser.start_next()
        if rest:
            self._await_request(connection)
            self._feed(connection, rest)
            return
        connection.sock.setblocking(False)
        connection.set_timeout()
        if not self.alive:
            connection.timeout = min(connection.timeout, time.monotonic() + 2.0)
        self.keepalived_conns.append(connection)
        self.poller.register(
            connection.sock,
            selectors.EVENT_READ,
            partial(self.on_client_socket_readable, connection),
        )

    def on_client_socket_readable(self, connection: Connection, sock: Any) -> None:
        """Receive the next request of a connection that was kept."""
        self.poller.unregister(sock)
        self.keepalived_conns.remove(connection)
        self._await_request(connection)
        self.receive(connection)

    def murder_pending(self) -> None:
        """Drop what is late; called every second."""
        now = time.monotonic()
        for connection in list(self.arriving):
            is_idle = not self.alive and not connection.parser.is_begun
            if is_idle or connection.deadline <= now:
                self._time_out(connection)
        for lane in (self.site_lane, self.desk_lane):
            for connection in lane.cancel_late():
                self._send(connection, OVERLOADED)  # `finish_request` closes it
        for connection in list(self.lingering):
            if connection.deadline <= now or not self.alive:
                self._drop(connection)

    def _time_out(self, connection: Connection) -> None:
        if connection.parser.is_begun:
            self._send(connection, TIMED_OUT)
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_WR)
        self._drop(connection)

    def _send(self, connection: Connection, answer: bytes) -> None:
        """Send an answer from the main loop, without waiting for the client."""
        with contextlib.suppress(OSError):  # it is gone, or does not read
            connection.sock.send(answer)

    def _linger(self, connection: Connection) -> None:
        """Close once the client has ended: sooner, it might not see the answer."""
        try:
            connection.sock.setblocking(False)
            connection.sock.shutdown(socket.SHUT_WR)
            self.poller.register(
                connection.sock,
                selectors.EVENT_READ,
                partial(self._discard, connection),
            )
        except (OSError, ValueError):
            self._drop(connection)
            return
        connection.deadline = time.monotonic() + LINGER_SECONDS
        self.lingering[connection] = None
        self._discard(connection)

    def _discard(self, connection: Connection, _: object = None) -> None:
        try:
            size = len(connection.sock.recv(RECEIVE_BYTES))
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:
            size = 0
        connection.lingered_bytes += size
        if not size or connection.lingered_bytes > MAX_LINGER_BYTES:
            self._drop(connection)

    def _drop_oldest(self) -> None:
        """Make room: of unfinished requests, the one that began first goes."""
        oldest = next(iter(self.arriving), None)
        if oldest is not None:
            self._time_out(oldest)

    def _drop(self, connection: Connection) -> None:
        if connection in self.arriving:
            self._forget(connection)
        else:
            self.lingering.pop(connection, None)
            self._unregister(connection)
        self.nr_conns -= 1
        connection.close()

    def _forget(self, connection: Connection) -> None:
        del self.arriving[connection]
        self.held_bytes -= connection.parser.held_bytes
        self._unregister(connection)

    def _unregister(self, connection: Connection) -> None:
        with contextlib.suppress(OSError, KeyError, ValueError):  # it has closed
            self.poller.unregister(connection.sock)
