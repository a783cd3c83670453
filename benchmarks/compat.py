"""p99 of the compatibility APIs with 50 clients at once, and of a bare Flask view.

    python -m benchmarks.compat [--seconds 5] [--rounds 3] [--clients 50]

All run under the gunicorn settings that we ship, on SQLite, on the loopback, in turns
in the same run. The clients are threads of one further process, each with a
connection that it keeps, so that what the machine has is shared with them.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import hmac
import http.client
import itertools
import json
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.serving import (
    MAX_CLIENTS,
    MAX_ROUNDS,
    MAX_SECONDS,
    ROOT,
    WORDS,
    Figures,
    prepare,
    served,
    worker_memory,
)
from benchmarks.serving import PATH as BARE
from moderation.web.services import services_of

ANALYZE = "/v1alpha1/comments:analyze"
CHECK = "/1.1/comment-check"
CORAL = "/coral/benchmark/comments"
SECRET = "empsec_" + "5f" * 32
#: How long clients wait: Coral for Perspective, PyPI akismet, Coral for its phase;
#: milliseconds.
BUDGET = {ANALYZE: 800, CHECK: 1000, CORAL: 200}


def request(
    path: str, key: str, number: int, words: random.Random
) -> tuple[str, bytes, dict[str, str]]:
    """Return address, body and headers of one request, with 5 to 60 words of text."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    plain = {"Content-Type": "application/json"}
    text = " ".join(words.choices(WORDS, k=words.randint(5, 60))) + f" ({number})."
    if path == CHECK:
        fields = {
            "api_key": key,
            "blog": "https://news.example",
            "user_ip": "198.51.100.7",
            "comment_author": f"Reader {number % 500}",
            "comment_author_email": f"reader{number % 500}@mail.example",
            "comment_content": text,
            "permalink": f"https://news.example/{number % 50}",
        }
        return path, urllib.parse.urlencode(fields).encode(), form
    if path == CORAL:
        comment = {
            "action": "NEW",
            "comment": {"body": f"<div>{text}</div>", "parentID": None},
            "author": {"id": f"reader-{number % 500}", "role": "COMMENTER"},
            "story": {"id": "s-1", "url": f"https://news.example/{number % 50}"},
            "site": {"id": "site-1"},
            "tenantID": "t-1",
            "tenantDomain": "coral.news.example",
        }
        data = json.dumps(comment, indent=2).encode()
        signature = hmac.new(SECRET.encode(), data, hashlib.sha256).hexdigest()
        return path, data, {**plain, "X-Coral-Signature": f"sha256={signature}"}
    asked: dict[str, object] = {"TOXICITY": {}, "SEVERE_TOXICITY": {}, "SPAM": {}}
    body = {"comment": {"text": text}, "requestedAttributes": asked, "doNotStore": True}
    return path, json.dumps(body).encode(), {**plain, "X-Goog-Api-Key": key}


def shoot(path: str, port: int, key: str, clients: int, seconds: float) -> list[float]:
    """Post until the time is over; return how long each answer took, milliseconds."""
    took: list[float] = []
    until = time.monotonic() + seconds

    def post(number: int) -> None:
        words, numbers = random.Random(number), itertools.count(number * 1_000_000)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        mine = []
        while time.monotonic() < until:
            address, data, headers = request(path, key, next(numbers), words)
            started = time.perf_counter()
            connection.request("POST", address, data, headers)
            response = connection.getresponse()
            response.read()
            mine.append((time.perf_counter() - started) * 1000)
            if response.status not in {200, 201, 204}:
                raise SystemExit(f"answered {response.status}")
        connection.close()
        took.extend(mine)

    threads = [threading.Thread(target=post, args=(each,)) for each in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def from_elsewhere(*told: object) -> list[float]:
    """Run `shoot` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.compat", "--shoot", json.dumps(told)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    took: list[float] = json.loads(done.stdout)
    return took


def switch_on(environment: dict[str, str]) -> None:
    """Let the benchmark's site speak all protocols."""
    from moderation import create_app
    from moderation.cli.app import act_on_command_line
    from moderation.database import db, start_writing
    from moderation.sites import integrations, sites
    from moderation.sites.protocols import ALL_ON, Protocol

    app = create_app(environment)
    with app.app_context():
        act_on_command_line()
        session = db.session()
        site = sites.find_by_name(session, "benchmark")
        if site is None:
            raise SystemExit("there is no site")
        start_writing(session)
        integrations.update_integrations(session, site.id, ALL_ON)
        integrations.create_secret(
            session,
            site.id,
            Protocol.CORAL,
            SECRET,
            privacy=services_of(app).privacy,
            now=datetime.now(UTC),
            overlap=timedelta(0),
        )
        session.commit()
        db.session.remove()
        db.engine.dispose()


def measure(seconds: float, rounds: int, clients: int) -> dict[str, Figures]:
    """Serve both and let the calls take turns."""
    names = {
        BARE: "bare Flask view",
        ANALYZE: "comments:analyze",
        CHECK: "comment-check",
        CORAL: "Coral's phase",
    }
    figures = {path: Figures(name=name) for path, name in names.items()}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment, key = prepare(folder)
        environment["MODERATION_COMPAT_LIMIT"] = "100000000 per minute"
        switch_on(environment)
        bare = stack.enter_context(served("benchmarks.serving:bare()", environment))
        ours = stack.enter_context(served("wsgi:app", environment))
        for path in figures:
            from_elsewhere(path, (bare if path == BARE else ours)[0], key, clients, 1)
        for _ in range(rounds):
            for path, each in figures.items():
                port = (bare if path == BARE else ours)[0]
                took = from_elsewhere(path, port, key, clients, seconds)
                each.rates.append(len(took) / seconds)
                each.milliseconds += took
        for path, each in figures.items():
            each.memory_mb = worker_memory((bare if path == BARE else ours)[1])
    return figures


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--shoot", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.shoot:
        print(json.dumps(shoot(*json.loads(given.shoot))))
        return
    seconds = min(given.seconds, MAX_SECONDS)
    rounds, clients = min(given.rounds, MAX_ROUNDS), min(given.clients, MAX_CLIENTS)
    found = measure(seconds, rounds, clients)
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}; {rounds} rounds "
        f"of {seconds:g} s each in turn, {clients} clients; SQLite"
    )
    print(
        f"{'':<24}{'req/s':>9}{'least':>9}{'most':>9}{'p50 ms':>10}{'p99 ms':>10}"
        f"{'PSS MB/worker':>15}"
    )
    bare_rate = statistics.median(found[BARE].rates)
    for path, each in found.items():
        print(each.row())
        if path in BUDGET:
            p99 = statistics.quantiles(each.milliseconds, n=100)[98]
            share = statistics.median(each.rates) / bare_rate
            is_within = "within" if p99 <= BUDGET[path] else "OVER"
            budget = f"{is_within} its clients' {BUDGET[path]} ms"
            print(f"{'':<24}{share:.2f} of bare; p99 {budget}")


if __name__ == "__main__":
    main()
