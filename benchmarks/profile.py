"""Where a request's processor time goes: its share by function, and a flame graph.

    python -m benchmarks.profile FOLDER [--requests 1000] [--call post]

Serves in this process, with neither server nor network. Writes `stacks.txt` (folded
stacks, as other tools read them) and `flame.svg` to the folder. Prints the statements
of one request, and its processor time next to that of a bare Flask view, which takes
turns with it: other work on the machine then falls on both.
"""

from __future__ import annotations

import argparse
import io
import itertools
import re
import signal
import statistics
import sys
import tempfile
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from types import FrameType
from typing import Any

import sqlalchemy as sa
from flask import Flask

from benchmarks import calls, serving
from benchmarks.calls import CALLS, Request

SAMPLED_EVERY = 0.001  # seconds of processor time
CHUNK = 25  # requests of each app between two of the other
MAX_REQUESTS = 100_000
WIDTH, ROW = 1600, 17  # pixels of the graph, and of one call in it
SHOWN_FROM = 0.001  # share of all time; what takes less is left out of the graph
LISTED = 40  # functions

Stacks = Counter[tuple[str, ...]]

_numbers = itertools.count(calls.first_number())


def respond(app: Flask, request: Request) -> None:
    """Send one request past any server.

    Raises
    ------
    SystemExit
        If it isn't accepted.
    """
    body = re.sub(calls.MARK, lambda _: str(next(_numbers)), request.body).encode()
    path, _, query = request.path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": urllib.parse.unquote(path),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "CONTENT_TYPE": request.headers["Content-Type"],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    statuses: list[str] = []

    def start(status: str, *_: Any) -> Callable[[bytes], object]:
        statuses.append(status)
        return bytes

    chunks = app(environ, start)
    answer = b"".join(chunks)
    chunks.close()  # type: ignore[attr-defined]  # Werkzeug's responses have it
    if statuses[0][0] != "2":
        raise SystemExit(f"answered {statuses[0]}: {answer[:200]!r}")


def measure(app: Flask, requests: Iterator[Request]) -> float:
    """Return the processor time of a request, the mean of some, in milliseconds."""
    sent = list(itertools.islice(requests, CHUNK))
    started = time.process_time()
    for request in sent:
        respond(app, request)
    return (time.process_time() - started) / CHUNK * 1000


@contextmanager
def sampling() -> Iterator[Stacks]:
    """Count the stacks of this thread, one each millisecond of processor time."""
    stacks: Stacks = Counter()

    def sample(_: int, frame: FrameType | None) -> None:
        names = []
        while frame is not None:
            code = frame.f_code
            names.append(f"{frame.f_globals.get('__name__')}:{code.co_qualname}")
            frame = frame.f_back
        stacks[tuple(reversed(names))] += 1

    former = signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, SAMPLED_EVERY, SAMPLED_EVERY)
    try:
        yield stacks
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, former)


@contextmanager
def counting_statements() -> Iterator[list[str]]:
    """Collect the statements that are sent to the database."""
    statements: list[str] = []

    def add(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(" ".join(statement.split()))

    sa.event.listen(sa.Engine, "before_cursor_execute", add)
    try:
        yield statements
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", add)


def fold(stacks: Stacks) -> str:
    """Return stacks as lines: names with semicolons between them, and a count."""
    lines = (f"{';'.join(stack)} {count}" for stack, count in stacks.items())
    return "\n".join(sorted(lines)) + "\n"


def draw(stacks: Stacks) -> str:
    """Return a flame graph: each call as wide as its share, on top of its caller."""
    total = stacks.total()
    ordered = sorted(stacks.items())
    boxes: list[str] = []

    def add(rows: list[tuple[tuple[str, ...], int]], depth: int, x: float) -> int:
        """Draw what was called at a depth; return how deep the calls went."""
        deepest = depth
        deeper = [row for row in rows if len(row[0]) > depth]
        x += sum(count for stack, count in rows if len(stack) <= depth) / total
        for name, group in itertools.groupby(deeper, lambda row: row[0][depth]):
            calls = list(group)
            share = sum(count for _, count in calls) / total
            if share >= SHOWN_FROM:
                boxes.append(_box(name, depth, x, share))
                deepest = max(deepest, add(calls, depth + 1, x))
            x += share
        return deepest

    height = (add(ordered, 0, 0.0) + 1) * ROW
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="monospace" font-size="11">'
    )
    return "\n".join([head, *boxes, "</svg>", ""])


def _box(name: str, depth: int, x: float, share: float) -> str:
    left, width = x * WIDTH, share * WIDTH
    hue = sum(name.partition(":")[0].encode()) % 360  # a module has its color
    room = int(width / 7)
    text = name if len(name) <= room else name[: max(0, room - 1)]
    return (
        f'<g><title>{escape(name)} {share:.1%}</title><rect x="{left:.1f}" '
        f'y="{depth * ROW}" width="{width:.1f}" height="{ROW - 1}" '
        f'fill="hsl({hue} 60% 75%)"/><text x="{left + 2:.1f}" '
        f'y="{depth * ROW + 12}">{escape(text)}</text></g>'
    )


def list_shares(stacks: Stacks) -> list[tuple[str, float]]:
    """Return the functions of our own with the largest shares, calls included."""
    inside: Counter[str] = Counter()
    for stack, count in stacks.items():
        for name in set(stack):
            if name.startswith(("moderation.", "classifiers.")):
                inside[name] += count
    total = stacks.total()
    return [(name, count / total) for name, count in inside.most_common(LISTED)]


def main() -> None:
    """Measure, sample, and write the files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the files are written")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--call", choices=CALLS, default="post")
    given = parser.parse_args()
    count = min(given.requests, MAX_REQUESTS)
    with tempfile.TemporaryDirectory() as folder:
        environment, key = serving.prepare(Path(folder))
        from moderation import create_app

        app, bare = create_app(environment), serving.bare()
        requests = calls.list_requests(given.call, key)
        bare_requests = calls.list_requests("post", key)
        for _ in range(10):  # warm
            measure(app, requests)
            measure(bare, bare_requests)
        with counting_statements() as statements:
            respond(app, next(requests))
        ours, constant = [], []
        with sampling() as stacks:
            for _ in range(max(1, count // CHUNK)):
                ours.append(measure(app, requests))
        for _ in range(max(1, count // CHUNK)):
            ours.append(measure(app, requests))
            constant.append(measure(bare, bare_requests))
    given.folder.mkdir(parents=True, exist_ok=True)
    (given.folder / "stacks.txt").write_text(fold(stacks))
    (given.folder / "flame.svg").write_text(draw(stacks))
    for statement in statements:
        print(statement[:100])
    for name, share in list_shares(stacks):
        print(f"{share:7.1%}  {name}")
    mine, least = statistics.median(ours[-len(constant) :]), statistics.median(constant)
    print(f"{len(statements)} statements; {mine:.2f} ms, {mine / least:.1f} bare views")


if __name__ == "__main__":
    main()
