"""Who gets a thread: a bound on the requests that wait, and threads for the desk."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from moderation.errors import Unavailable
from moderation.metrics.counters import SHED_REQUESTS

MAX_WAITING = 64  # requests, where the application sets no limit
#: Clients commonly give up after 30 seconds: an answer after that is work for no one.
WAIT_SECONDS = 20.0
DESK_THREADS = 2  # of each process
RETRY_AFTER_SECONDS = 5  # as `moderation.web.errors` has it for 503
#: In the name of the cookie of staff; see `moderation.web.auth`.
STAFF_COOKIE = "moderation_token="
#: What staff call before they have the cookie, and the pages themselves.
DESK_PATHS = ("/console", "/api/v1/session")

_BODY = json.dumps(
    {"code": Unavailable.code, "message": "Too many requests are waiting; try again."}
).encode()
#: Any page's script may read it, as in `moderation.web.cors`: it is the same for all.
OVERLOADED = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: %d\r\n"
    b"Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: Retry-After\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
) % (RETRY_AFTER_SECONDS, len(_BODY), _BODY)


def is_for_desk(request: Any) -> bool:
    """Return whether a moderator's browser sends a request.

    A client can pretend that: it then waits with those that do, under the same bound.

    Parameters
    ----------
    request
        As gunicorn has parsed its head.
    """
    if request.path.startswith(DESK_PATHS):
        return True
    return any(
        name == "COOKIE" and STAFF_COOKIE in value for name, value in request.headers
    )


class Lane:
    """Threads, and the requests that wait for one of them, the oldest first.

    Only the main loop of a worker calls it.

    Parameters
    ----------
    name
        In metrics.
    max_waiting
        How many requests may wait for a thread; 0: any number.
    """

    def __init__(
        self, name: str, threads: ThreadPoolExecutor, max_waiting: int
    ) -> None:
        self._name = name
        self._threads = threads
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[Future[bool], float, Any]] = deque()

    def submit(
        self, handle: Callable[[Any], bool], connection: Any
    ) -> Future[bool] | None:
        """Give a request to a thread, now or later; None: too many wait already."""
        self._forget_begun()
        if self._max_waiting and len(self._waiting) >= self._max_waiting:
            SHED_REQUESTS.labels(self._name).inc()
            return None
        future = self._threads.submit(handle, connection)
        self._waiting.append((future, time.monotonic() + WAIT_SECONDS, connection))
        return future

    def cancel_late(self) -> Iterator[Any]:
        """Cancel the requests that have waited too long; yield their connections."""
        self._forget_begun()
        now = time.monotonic()
        while self._waiting and self._waiting[0][1] <= now:
            future, _, connection = self._waiting.popleft()
            if future.cancel():
                SHED_REQUESTS.labels(self._name).inc()
                yield connection

    def _forget_begun(self) -> None:
        while self._waiting and (
            self._waiting[0][0].running() or self._waiting[0][0].done()
        ):
            self._waiting.popleft()
