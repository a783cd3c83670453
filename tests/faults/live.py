"""A served site while comments come in: processes, a receiver, clients, a moderator."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import requests
import sqlalchemy as sa

from moderation import create_app
from moderation.accounts.staff import Role
from moderation.database import db
from moderation.tables.webhooks import Delivery, Webhook
from moderation.web.auth import CONSOLE_HEADER, TOKEN_COOKIE
from tests.builders import ALL_HELD, Newsroom, comment, open_newsroom
from tests.faults.ledger import Event, Ledger
from tests.processes import ROOT, children, free_port, is_up, start, wait_until
from tests.receivers import Receiver

COMMENTS = "/api/v1/comments"
SECONDS = 400  # a busy machine is slow
RETRY_SECONDS = 0.1  # clients here are quicker than `Retry-After` asks
GIVE_UP_SECONDS = 400.0  # no fault lasts that long
CLIENTS = 3  # threads that send
PAUSE_SECONDS = 0.3  # of each, between two comments
CLOCK = ROOT / "tests" / "faults" / "clock"
TYPES = ["comment.approved", "comment.held", "comment.rejected"]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class LiveNewsroom:
    """Web processes, a worker, and those who use them; its parts can be killed.

    Parameters
    ----------
    database_url
        As the processes reach it; a fault can be in between.
    direct_url
        The same database without anything in between.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        database_url: str,
        direct_url: str,
        receiver: Receiver,
        folder: Path,
    ) -> None:
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **environment,
            "DATABASE_URL": database_url,
            "MODERATION_CALLBACK_NETWORKS": "127.0.0.0/8",
            "MODERATION_LOG_LEVEL": "CRITICAL",  # faults are on purpose
            "MODERATION_UNDO_SECONDS": "1",
            "MODERATION_WAITING_REQUESTS": "6",  # a crowd of clients passes it
            "PYTHONPATH": f"{CLOCK}{os.pathsep}{ROOT}",
            "FAULT_CLOCK": str(self.clock),
        }
        self.engine = sa.create_engine(direct_url, poolclass=sa.pool.NullPool)
        self.ledger = Ledger()
        self.receiver = receiver
        self.newsroom = self._open(direct_url)
        self.webhook_id = self.add_webhook(receiver.url)
        self.start_server()
        self.start_worker()

    def _open(self, url: str) -> Newsroom:
        app = create_app({**self.environment, "DATABASE_URL": url})
        with app.app_context():
            newsroom = open_newsroom(app, "gazette")
            newsroom.set_policy(ALL_HELD)
            db.session.remove()
            db.engine.dispose()
        return newsroom

    def add_webhook(self, url: str) -> int:
        """Register a webhook; return its ID."""
        hook = {"url": url, "types": TYPES}
        app = self.newsroom.app
        with app.app_context():
            admin = self.newsroom.as_staff(Role.ADMIN)
            answer = admin.post("/api/v1/sites/gazette/webhooks", hook)
            assert answer.status_code == 201, answer.text
            db.session.remove()
            db.engine.dispose()
        webhook_id: int = answer.json["id"]
        return webhook_id

    def results_of(self, webhook_ids: Iterable[int]) -> dict[int, bool]:
        """Return of each webhook that was tried whether it has taken any event."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(Webhook.id, Webhook.answered_at).where(
                    Webhook.id.in_(list(webhook_ids)),
                    sa.or_(
                        Webhook.answered_at.is_not(None),
                        Webhook.failing_since.is_not(None),
                    ),
                )
            )
            return {webhook_id: at is not None for webhook_id, at in rows}

    def switch_off(self, webhook_ids: Iterable[int]) -> None:
        """Send nothing more to some webhooks."""
        among = Webhook.id.in_(list(webhook_ids))
        self._write(sa.update(Webhook).where(among).values(is_on=False))

    def _write(self, *statements: sa.Update) -> None:
        """Write from outside; on SQLite, the service may write for long."""

        def is_written() -> bool:
            try:
                with self.engine.begin() as connection:
                    for statement in statements:
                        connection.execute(statement)
            except sa.exc.OperationalError:
                return False
            return True

        wait_until(is_written, SECONDS)

    def start_server(self) -> None:
        """Start gunicorn with two processes, and wait until it serves."""
        words = ("gunicorn", "wsgi:app", "--workers", "2", "--log-level", "critical")
        bind = f"127.0.0.1:{self.port}"
        self.server = start(*words, "--bind", bind, environment=self.environment)
        wait_until(lambda: is_up(self.url), SECONDS)

    def start_worker(self) -> None:
        """Start the background process."""
        words = ("moderation", "worker")
        self.worker = start(*words, environment=self.environment)

    def kill_server(self) -> None:
        """Kill gunicorn with all its processes, as a power cut does."""
        for pid in [self.server.pid, *children(self.server.pid)]:
            os.kill(pid, signal.SIGKILL)
        self.server.wait()

    def kill_worker(self) -> None:
        """Kill the background process."""
        self.worker.kill()
        self.worker.wait()

    def stop(self) -> None:
        """End all processes."""
        for process in (self.server, self.worker):
            process.terminate()
        for process in (self.server, self.worker):
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.engine.dispose()

    @property
    def events(self) -> list[Event]:
        """Events as the receiver got them, each as often as it did."""
        return [
            Event(request.headers["webhook-id"], request.body)
            for request in list(self.receiver.received)
        ]

    @contextmanager
    def comments_coming_in(
        self, clients: int = CLIENTS, pause_seconds: float = PAUSE_SECONDS
    ) -> Iterator[None]:
        """Let clients send, and a moderator decide, until the context ends.

        Each client sends its comment again until it is acknowledged.
        """
        over = threading.Event()
        threads = [
            threading.Thread(target=self._send_comments, args=(over, pause_seconds))
            for _ in range(clients)
        ]
        threads.append(threading.Thread(target=self._moderate, args=(over,)))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def wait_for_accepted(self, count: int = 6) -> None:
        """Wait until so many further comments are accepted."""
        wanted = len(self.ledger.accepted) + count
        wait_until(lambda: len(self.ledger.accepted) >= wanted, SECONDS)

    def wait_for_refused(self) -> None:
        """Wait until a further comment is refused for now."""
        refused = self.ledger.refused.total()
        wait_until(lambda: self.ledger.refused.total() > refused, SECONDS)

    def drain(self) -> None:
        """Wait until the events are delivered, without the pauses between attempts."""

        self._make_due()
        wait_until(
            lambda: self.ledger.is_drained(self.engine, self.webhook_id), 2 * SECONDS
        )

    def _make_due(self) -> None:
        """End the lease of a killed worker, and the rest of the receiver."""
        mine = Delivery.webhook_id == self.webhook_id, Delivery.state == "waiting"
        self._write(
            sa.update(Delivery).where(*mine).values(due_at=BEGINNING),
            sa.update(Webhook)
            .where(Webhook.id == self.webhook_id)
            .values(quiet_until=None),
        )

    def _send_comments(self, over: threading.Event, pause_seconds: float) -> None:
        headers = {"Authorization": f"Bearer {self.newsroom.key}"}
        with requests.Session() as http:
            while not over.is_set():
                key = secrets.token_hex(16)
                sent = {**headers, "Idempotency-Key": key}
                self._send(http, sent, key, comment())
                over.wait(pause_seconds)

    def _send(
        self,
        http: requests.Session,
        headers: dict[str, str],
        key: str,
        body: dict[str, str],
    ) -> None:
        until, pause = time.monotonic() + GIVE_UP_SECONDS, threading.Event()
        while time.monotonic() < until:
            try:
                answer = http.post(
                    self.url + COMMENTS, json=body, headers=headers, timeout=30
                )
            except requests.RequestException:
                self.ledger.lose()
            else:
                if answer.status_code in (200, 201):
                    self.ledger.accept(answer.json()["id"], key, body["body"])
                    return
                if answer.status_code not in (429, 503):
                    self.ledger.unexpected.append(
                        f"{answer.status_code}: {answer.text}"
                    )
                    return
                self.ledger.refuse(
                    answer.status_code, answer.headers.get("Retry-After")
                )
            pause.wait(RETRY_SECONDS)
        self.ledger.unexpected.append(f"no one took {key}")

    def _moderate(self, over: threading.Event) -> None:
        """Decide the first comments of the queue, as a moderator's browser does."""
        pause = threading.Event()
        while not over.is_set():
            with suppress(requests.RequestException):
                queue = self.call_as_staff("GET", "/api/v1/queue?limit=3")
                if queue.status_code == 200:
                    for shown in queue.json()["comments"]:
                        self._decide(shown["id"], shown["version"])
            pause.wait(0.3)

    def _decide(self, public_id: str, version: int) -> None:
        decision = {"version": version, "verdict": "approve", "reasons": []}
        path = f"{COMMENTS}/{public_id}/decisions"
        answer = self.call_as_staff("POST", path, json=decision)
        if answer.status_code in (200, 201):
            self.ledger.decided.add(public_id)
        elif answer.status_code not in (409, 503):
            self.ledger.unexpected.append(f"{answer.status_code}: {answer.text}")

    def call_as_staff(
        self, method: str, path: str, **more: object
    ) -> requests.Response:
        """Call as a moderator's browser."""
        cookie = f"{TOKEN_COOKIE}={self.newsroom.tokens[Role.MODERATOR]}"
        headers = {"Cookie": cookie, CONSOLE_HEADER: "1"}
        return requests.request(
            method,
            self.url + path,
            headers=headers,
            timeout=30,
            **more,  # type: ignore[arg-type]
        )
