"""A web process refuses requests beyond a bound, and those that waited too long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from moderation.server import lanes
from moderation.server.lanes import Lane, is_for_desk


@dataclass
class Occupied:
    """One thread, which is busy until it is released."""

    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    is_free: threading.Event = field(default_factory=threading.Event)
    handled: list[str] = field(default_factory=list)

    def handle(self, connection: str) -> bool:
        """Wait, then note which connection it was."""
        self.is_free.wait()
        self.handled.append(connection)
        return True

    def lane(self, max_waiting: int) -> Lane:
        """Return a lane whose thread has a request already."""
        lane = Lane("sites", self.pool, max_waiting)
        has_begun = threading.Event()

        def occupy() -> None:
            has_begun.set()
            self.is_free.wait()

        self.pool.submit(occupy)
        has_begun.wait()
        return lane


@pytest.fixture
def occupied() -> Iterator[Occupied]:
    """A busy thread, released at the end."""
    occupied = Occupied()
    yield occupied
    occupied.is_free.set()
    occupied.pool.shutdown()


@pytest.mark.parametrize(("max_waiting", "taken"), [(1, 1), (2, 2), (0, 5)])
def test_as_many_wait_as_the_bound_says(
    occupied: Occupied, max_waiting: int, taken: int
) -> None:
    lane = occupied.lane(max_waiting)
    futures = [lane.submit(occupied.handle, f"request {n}") for n in range(5)]
    assert [future is not None for future in futures] == [n < taken for n in range(5)]
    occupied.is_free.set()
    for future in futures[:taken]:
        assert future is not None
        assert future.result()
    assert lane.submit(occupied.handle, "a later one") is not None


def test_requests_that_have_waited_too_long_are_canceled(
    occupied: Occupied, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = occupied.lane(9)
    monkeypatch.setattr(lanes, "WAIT_SECONDS", 0.0)
    late = lane.submit(occupied.handle, "late")
    monkeypatch.setattr(lanes, "WAIT_SECONDS", 600.0)
    lane.submit(occupied.handle, "in time")
    assert list(lane.cancel_late()) == ["late"]
    assert late is not None
    assert late.cancelled()
    occupied.is_free.set()
    occupied.pool.shutdown()
    assert occupied.handled == ["in time"]


@dataclass(frozen=True)
class Head:
    """The head of a request, as gunicorn has parsed it."""

    path: str = "/api/v1/queue"
    headers: tuple[tuple[str, str], ...] = ()


@pytest.mark.parametrize(
    ("head", "is_desk"),
    [
        (Head(path="/console/desk"), True),
        (Head(path="/api/v1/session"), True),
        (Head(headers=(("COOKIE", "a=b; moderation_token=x"),)), True),
        (Head(headers=(("COOKIE", "__Host-moderation_token=x"),)), True),
        (Head(headers=(("COOKIE", "a=b"),)), False),
        (Head(headers=(("AUTHORIZATION", "Bearer moderation_token="),)), False),
        (Head(path="/api/v1/comments"), False),
    ],
)
def test_the_desk_is_known_by_its_cookie_or_path(head: Head, is_desk: bool) -> None:
    assert is_for_desk(head) is is_desk


def test_the_answer_says_when_to_try_again() -> None:
    head, _, body = lanes.OVERLOADED.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 5" in head
    assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in head  # a page's script reads it
    assert b"\r\nAccess-Control-Expose-Headers: Retry-After\r\n" in head
    assert f"Content-Length: {len(body)}".encode() in head
