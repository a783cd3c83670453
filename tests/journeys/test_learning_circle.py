"""The whole circle, through HTTP alone, with several processes that serve.

Comments in, decided by two moderators; a candidate from poisoned labels is refused, a
good one scores silently, is promoted under load, and rolled back.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from classifiers.pretrained import default_model
from moderation.accounts.staff import Role
from moderation.policy.thresholds import Moderation
from tests.builders import Newsroom, comment
from tests.decided_newsroom import Decided, sentences
from tests.processes import free_port, is_up, wait_until

SHIPPED = default_model.load().version
SITE = "/api/v1/sites/gazette"
ROOT = Path(__file__).parents[2]
COMMENTS = 340  # enough to learn from, also when some were decided wrongly
SENDERS = 4  # threads that send while the model changes
PATIENCE_SECONDS = 120  # for a training on a busy machine

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A running gunicorn with a worker."""

    url: str
    newsroom: Newsroom

    def call(self, method: str, path: str, by: Role | None = None, **more: Any) -> Any:
        """Call as the site, or as a member of its staff; return the JSON answer."""
        credential = self.newsroom.key if by is None else self.newsroom.tokens[by]
        answer = requests.request(
            method,
            self.url + path,
            headers={"Authorization": f"Bearer {credential}"},
            timeout=60,
            **more,
        )
        assert answer.status_code < 300, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def admin(self, method: str, path: str, **more: Any) -> Any:
        """Call as the site's admin."""
        return self.call(method, SITE + path, Role.ADMIN, **more)

    def retrain(self) -> dict[str, Any]:
        """Train a candidate in the worker and return it with its report."""
        job = self.admin("POST", "/retrainings")

        def state() -> str:
            read = self.call("GET", f"/api/v1/jobs/{job['id']}", Role.ADMIN)
            assert read["state"] != "failed", read
            job.update(read)
            return str(read["state"])

        wait_until(lambda: state() == "succeeded", PATIENCE_SECONDS)
        found: dict[str, Any] = self.admin("GET", f"/models/{job['result']['version']}")
        return found


@pytest.fixture
def service(newsroom: Newsroom, environment: dict[str, str]) -> Iterator[Service]:
    """The service as it is run: three processes that serve, and a worker."""
    newsroom.set_policy(
        {"insult": {"review_at": 0.0, "reject_at": None}}, Moderation.PRE
    )
    url = f"http://127.0.0.1:{free_port()}"
    kept = {key: value for key, value in os.environ.items() if "MODERATION" not in key}
    settings = {**kept, **environment, "MODERATION_LOG_LEVEL": "WARNING"}
    serving = ["gunicorn", "wsgi:app", "--workers", "3", "--log-level", "warning"]
    commands = (
        [*serving, "--bind", url.removeprefix("http://")],
        ["moderation", "worker"],
    )
    running = [
        subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env=settings)
        for words in commands
    ]
    wait_until(lambda: is_up(url), 60)
    yield Service(url=url, newsroom=newsroom)
    for process in running:
        process.terminate()
    for process in running:
        process.wait(30)


def send_and_decide(service: Service, said: list[Decided], wrong: bool = False) -> None:
    """Send comments, and decide each by one of two moderators in turn."""

    def one(place: int) -> None:
        each = said[place]
        body = comment(
            body=each.text,
            author_name=f"Reader {place}",
            author_email=f"reader{place}@mail.example",
        )
        sent = service.call("POST", "/api/v1/comments", json=body)
        is_insult = each.is_insult != wrong
        decision = {
            "version": sent["version"],
            "verdict": "reject" if is_insult else "approve",
            "reasons": ["insult"] if is_insult else [],
        }
        by = (Role.MODERATOR, Role.LEAD)[place % 2]
        service.call(
            "POST", f"/api/v1/comments/{sent['id']}/decisions", by, json=decision
        )

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(one, range(len(said))))


class Load:
    """Sends comments all the time, and notes which model scored each."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stopped = threading.Event()
        self.versions: list[str] = []
        self.failed: list[str] = []
        self._threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        while not self._stopped.is_set():
            try:
                sent = self._service.call("POST", "/api/v1/comments", json=comment())
                self.versions.append(sent["model_version"])
            except (AssertionError, requests.RequestException) as error:
                self.failed.append(str(error))

    def wait_for(self, version: str, seconds: float = 30) -> None:
        """Wait until every process answers with a version, for a while on end."""
        until = time.monotonic() + seconds

        def settled() -> bool:
            assert time.monotonic() < until
            return len(self.versions) > 30 and set(self.versions[-30:]) == {version}

        wait_until(settled, seconds)


def until(holds: Callable[[], Any]) -> None:
    wait_until(lambda: bool(holds()), PATIENCE_SECONDS)


def test_from_decisions_to_a_better_model_and_back(service: Service) -> None:
    made = sentences(2 * COMMENTS)
    poisoned, honest = made[:COMMENTS], made[COMMENTS:]

    # People who decide everything the wrong way round teach what the gate refuses.
    insults = [
        Decided(text=f"You stupid idiot, {x.text}", is_insult=True) for x in poisoned
    ]
    harmless = [Decided(text=x.text, is_insult=False) for x in poisoned]
    mixed = [pair[n % 2] for n, pair in enumerate(zip(insults, harmless, strict=True))]
    send_and_decide(service, mixed, wrong=True)
    bad = service.retrain()
    assert bad["gate"]["allowed"] is False
    assert any("decided the opposite" in each for each in bad["gate"]["reasons"])
    logins = {each["name"] for each in bad["report"]["contributions"]["moderators"]}
    assert logins == {"gazette-moderator", "gazette-lead"}
    refused = requests.post(
        f"{service.url}{SITE}/models/{bad['version']}/promotion",
        json={},
        headers={"Authorization": f"Bearer {service.newsroom.tokens[Role.ADMIN]}"},
        timeout=60,
    )
    assert refused.status_code == 409

    # The site deletes those comments: no model is trained on them any more.
    for each in service.call("GET", "/api/v1/decided?limit=1", Role.LEAD)["comments"]:
        assert each["status"] in {"approved", "rejected"}
    forget(service)
    send_and_decide(service, honest)
    good = service.retrain()
    assert good["gate"] == {"allowed": True, "reasons": [], "objections": []}
    assert good["report"]["comparison"]["auc"]["insult"]["gain"]["low"] > 0

    # As shadow model, it scores new comments.
    version = good["version"]
    service.admin("PUT", "/shadow", json={"version": version})
    for each in sentences(20, seed=9):
        service.call("POST", "/api/v1/comments", json=comment(body=each.text))
    until(lambda: service.admin("GET", "/shadow")["scored"] >= 20)

    # It is promoted and rolled back under load: no request fails or mixes both models.
    with Load(service) as load:
        load.wait_for(SHIPPED)
        service.admin("POST", f"/models/{version}/promotion", json={})
        load.wait_for(version)
        service.admin("POST", "/rollback")
        load.wait_for(SHIPPED)
    assert load.failed == []
    assert set(load.versions) == {SHIPPED, version}


def forget(service: Service) -> None:
    """Delete all comments of the site, as the site itself does."""
    cursor: str | None = ""
    ids: list[str] = []
    for verdict in ("approve", "reject"):
        cursor = ""
        while cursor is not None:
            path = f"/api/v1/decided?source=person&verdict={verdict}&limit=100"
            page = service.call(
                "GET", path + (f"&cursor={cursor}" if cursor else ""), Role.LEAD
            )
            ids += [each["id"] for each in page["comments"]]
            cursor = page["next"]
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(lambda x: service.call("DELETE", f"/api/v1/comments/{x}"), ids))
