"""An outage that heals, as a reader, a moderator, and the site's software see it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from flask import Flask

from classifiers.pretrained import default_model
from moderation.accounts.staff import Role
from tests.builders import Newsroom, comment
from tests.processes import free_port, is_up, running, wait_until
from tests.receivers import Receiver, receiving
from tests.refusals import on_sqlite

ARTICLE = "https://gazette.example/bridge"
SHIPPED = next(Path(default_model.__file__).parent.glob("*.safetensors"))
TOKEN = "only-for-tests-0123456789"
SECONDS = 60  # a busy machine is slow


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The service, which may reach receivers on this machine."""
    app = make_app(MODERATION_CALLBACK_NETWORKS="127.0.0.0/8")
    with app.app_context():
        yield app


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@on_sqlite
def test_comments_of_an_outage_are_published_without_anyone_doing_anything(
    newsroom: Newsroom, environment: dict[str, str], tmp_path: Path, receiver: Receiver
) -> None:
    """The model's file is away when the service starts, and comes back later."""
    model = tmp_path / "model.safetensors"
    hook = {"url": receiver.url, "types": ["comment.approved", "comment.held"]}
    hooks = "/api/v1/sites/gazette/webhooks"
    assert newsroom.as_staff(Role.ADMIN).post(hooks, hook).status_code == 201
    settings = {
        **environment,
        "MODERATION_MODEL_PATH": str(model),
        "MODERATION_CALLBACK_NETWORKS": "127.0.0.0/8",
        "MODERATION_LOG_LEVEL": "WARNING",
        "MODERATION_METRICS_TOKEN": TOKEN,
    }
    url = f"http://127.0.0.1:{free_port()}"
    bind = url.removeprefix("http://")
    gunicorn = ("gunicorn", "wsgi:app", "--workers", "2", "--bind", bind)
    with running(*gunicorn, environment=settings):
        wait_until(lambda: is_up(url))
        live = Live(url, newsroom)
        sent = live.site("POST", "/api/v1/comments", json=comment(article=ARTICLE))
        # The author and the readers see that it is pending, staff sees why.
        assert (sent["status"], sent["reasons"]) == ("pending", [{"code": "unscored"}])
        assert live.published() == []
        assert live.staff("/api/v1/queue/counts")["outage"]["count"] == 1
        assert live.ready()["model"] != "ok"

        shutil.copy(SHIPPED, model)
        with running("moderation", "worker", environment=settings):
            wait_until(lambda: live.published() == [sent["id"]], SECONDS)
            wait_until(lambda: live.staff("/api/v1/queue/counts")["outage"] is None)
            wait_until(lambda: live.ready()["model"] == "ok", SECONDS)
            wait_until(lambda: "comment.approved" in receiver.types, SECONDS)
            decisions = live.staff(f"/api/v1/comments/{sent['id']}/history")
            verdicts = [each["verdict"] for each in decisions["decisions"]]
            assert verdicts == ["review", "approve"]
            # Both processes of the web score again.
            answers = [
                live.site("POST", "/api/v1/comments", json=comment(article=ARTICLE))
                for _ in range(4)
            ]
            assert {answer["status"] for answer in answers} == {"approved"}
            # Either process shows what both have counted.
            counted = (
                'moderation_http_requests_total{endpoint="comments.create_comment",'
                'status="2xx"} 5.0'
            )
            assert all(counted in live.metrics() for _ in range(4))


class Live:
    """A served site, as its people call it."""

    def __init__(self, url: str, newsroom: Newsroom) -> None:
        self._url, self._newsroom = url, newsroom

    def site(self, method: str, path: str, **more: Any) -> Any:
        """Call with the site's key."""
        headers = {"Authorization": f"Bearer {self._newsroom.key}"}
        address = f"{self._url}{path}"
        return requests.request(
            method, address, headers=headers, timeout=30, **more
        ).json()

    def staff(self, path: str) -> Any:
        """Read as a moderator."""
        token = self._newsroom.tokens[Role.MODERATOR]
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{self._url}{path}", headers=headers, timeout=30).json()

    def published(self) -> list[str]:
        """Return what readers see."""
        path = f"/api/v1/articles/{quote(ARTICLE, safe='')}/comments"
        return [each["id"] for each in self.site("GET", path)["comments"]]

    def metrics(self) -> str:
        """Read what Prometheus would."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = requests.get(f"{self._url}/metrics", headers=headers, timeout=30)
        assert answer.status_code == 200
        return answer.text

    def ready(self) -> Any:
        """Read the state of the service's parts."""
        return requests.get(f"{self._url}/readyz", timeout=30).json()
