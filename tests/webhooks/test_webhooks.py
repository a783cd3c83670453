"""Webhooks: each event arrives once, signed, when it can't be undone any more."""

from __future__ import annotations

import json
import logging
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker
from standardwebhooks import WebhookVerificationError

from moderation.accounts.staff import Role
from moderation.backoff import LEASE_LASTS, MAX_ATTEMPTS
from moderation.database import db, start_writing
from moderation.monitoring import drift
from moderation.monitoring.drift import Drift, DriftKind
from moderation.review import bulk, bulk_steps
from moderation.tables.comments import Comment
from moderation.tables.webhooks import Delivery, Webhook
from moderation.web.services import services_of
from moderation.webhooks import deliveries, outbox, sender
from moderation.webhooks.attempts import AttemptResult
from moderation.worker import dispatch, duties, job_attempts
from tests.builders import ALL_HELD, Answer, Newsroom, comment, sender_in
from tests.conftest import absent
from tests.receivers import Receiver, receiving
from tests.refusals import on_sqlite

ROOT = Path(__file__).parents[2]
GRACE = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
EVERY = [each.value for each in outbox.CHOSEN]
BATCHES = "/api/v1/batches"


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The service, which may reach receivers on this machine."""
    app = make_app(MODERATION_CALLBACK_NETWORKS="127.0.0.0/8")
    with app.app_context():
        yield app


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def listen(newsroom: Newsroom, url: str, types: list[str] = EVERY) -> dict[str, Any]:
    """Add a webhook and return it with its secret."""
    path = f"/api/v1/sites/{newsroom.name}/webhooks"
    answer = newsroom.as_staff(Role.ADMIN).post(path, {"url": url, "types": types})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def read(newsroom: Newsroom, webhook: dict[str, Any], tail: str = "") -> Any:
    path = f"/api/v1/webhooks/{webhook['id']}{tail}"
    answer = newsroom.as_staff(Role.ADMIN).get(path)
    assert answer.status_code == 200, answer.text
    return answer.json


def decide(
    newsroom: Newsroom, sent: dict[str, Any], verdict: str = "approve", version: int = 1
) -> None:
    path = f"/api/v1/comments/{sent['id']}/decisions"
    body = {"verdict": verdict, "version": version}
    if verdict == "reject":
        body["reasons"] = ["spam"]
    assert newsroom.as_staff().post(path, body).status_code == 201


def undo(newsroom: Newsroom, sent: dict[str, Any], version: int) -> None:
    path = f"/api/v1/comments/{sent['id']}/undo"
    answer = newsroom.as_staff().post(path, {"version": version})
    assert answer.status_code == 201, answer.text


def deliver(
    newsroom: Newsroom, after: timedelta = SECOND, grace: timedelta = GRACE
) -> int:
    """Send all that is due some time from now; return how many attempts it took."""
    post, count = sender_in(newsroom.app, grace=grace), 0
    dispatch.release(post)
    while dispatch.deliver_next(post, datetime.now(UTC) + after):
        count += 1
    return count


def test_what_the_policy_has_decided_is_told_at_once(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    webhook = listen(newsroom, receiver.url)
    sent = newsroom.send(external_id="wp-17")
    assert deliver(newsroom) == 1
    (received,) = receiver.received
    event = received.verified(webhook["secret"])
    assert received.headers["webhook-id"] == event["id"]
    assert event["id"].startswith("evt_")
    assert (event["type"], event["site"]) == ("comment.held", "gazette")
    assert datetime.fromisoformat(event["timestamp"]).utcoffset() == timedelta(0)
    assert event["data"] == {
        "comment": sent["id"],
        "external_id": "wp-17",
        "status": "pending",
        "version": 1,
        "revision": 1,
        "verdict": "review",
        "source": "policy",
        "reasons": sent["reasons"],
        "model_version": sent["model_version"],
    }
    assert deliver(newsroom) == 0


def snippet(language: str) -> str:
    """Return the code that the docs show in a language."""
    text = (ROOT / "docs" / "webhooks.md").read_text()
    (found,) = re.findall(rf"```{language}\n(.+?)```", text, re.DOTALL)
    return str(found)


@on_sqlite
def test_the_docs_show_an_event_as_it_comes(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    listen(newsroom, receiver.url)
    sent = newsroom.send(external_id="wp-17")
    deliver(newsroom)
    decide(newsroom, sent, "reject")
    deliver(newsroom, GRACE + SECOND)
    event, shown = receiver.events[-1], json.loads(snippet("json"))
    for told, said in ((event, shown), (event["data"], shown["data"])):
        assert {name: type(value) for name, value in told.items()} == {
            name: type(value) for name, value in said.items()
        }
    assert (event["type"], shown["type"]) == ("comment.rejected",) * 2


@on_sqlite
def test_the_docs_verify_in_python(newsroom: Newsroom, receiver: Receiver) -> None:
    webhook = listen(newsroom, receiver.url)
    newsroom.send()
    deliver(newsroom)
    shown: dict[str, Any] = {}
    exec(snippet("python"), shown)
    (got,) = receiver.received
    verified = shown["verified"]
    assert verified(webhook["secret"], got.body, got.headers) == got.event
    with pytest.raises(WebhookVerificationError):
        verified(webhook["secret"], got.body + b" ", got.headers)


@on_sqlite
def test_the_docs_verify_in_node(newsroom: Newsroom, receiver: Receiver) -> None:
    node = shutil.which("node") or absent("Node")
    webhook = listen(newsroom, receiver.url)
    newsroom.send()
    deliver(newsroom)
    (got,) = receiver.received
    headers = {name.lower(): value for name, value in got.headers.items()}

    def call(
        secret: str, body: str, **changed: str
    ) -> subprocess.CompletedProcess[str]:
        given = json.dumps([secret, body, {**headers, **changed}])
        code = f"{snippet('js')}console.log(verified(...{given}).id)"
        return subprocess.run([node, "-e", code], capture_output=True, text=True)

    body = got.body.decode()
    assert call(webhook["secret"], body).stdout.strip() == got.event["id"]
    for refused in (
        call("whsec_" + "A" * 43, body),
        call(webhook["secret"], body + " "),
        call(webhook["secret"], body, **{"webhook-timestamp": "1"}),
        call(webhook["secret"], body, **{"webhook-signature": "v1"}),
    ):
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "Error: " in refused.stderr


def test_another_secret_does_not_verify(newsroom: Newsroom, receiver: Receiver) -> None:
    listen(newsroom, receiver.url)
    newsroom.send()
    deliver(newsroom)
    with pytest.raises(WebhookVerificationError):
        receiver.received[0].verified("whsec_" + "A" * 43)


@pytest.mark.parametrize(
    ("verdict", "type_"),
    [("approve", "comment.approved"), ("reject", "comment.rejected")],
)
def test_what_a_person_has_decided_is_told_when_it_can_not_be_taken_back(
    newsroom: Newsroom, receiver: Receiver, verdict: str, type_: str
) -> None:
    listen(newsroom, receiver.url, [type_])
    sent = newsroom.send()
    decide(newsroom, sent, verdict)
    assert deliver(newsroom, GRACE - SECOND) == 0
    assert deliver(newsroom, GRACE + SECOND) == 1
    (event,) = receiver.events
    assert (event["type"], event["data"]["version"]) == (type_, 2)
    assert event["data"]["source"] == "person"
    assert set(event["data"]) == {  # who it was is not sent
        "comment",
        "external_id",
        "status",
        "version",
        "revision",
        "verdict",
        "source",
        "reasons",
        "model_version",
    }


@pytest.mark.parametrize("types", [EVERY, ["comment.held"], ["comment.approved"]])
def test_a_decision_that_is_taken_back_in_time_is_never_told(
    newsroom: Newsroom, receiver: Receiver, types: list[str]
) -> None:
    sent = newsroom.send()
    listen(newsroom, receiver.url, types)
    decide(newsroom, sent)
    undo(newsroom, sent, 2)
    assert deliver(newsroom, timedelta(days=1)) == 0
    assert receiver.events == []


def test_whoever_was_told_a_decision_hears_that_it_was_taken_back(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    sent = newsroom.send()
    listen(newsroom, receiver.url)
    decide(newsroom, sent)
    assert deliver(newsroom, grace=timedelta(0)) == 1  # sent before the undo came
    undo(newsroom, sent, 2)
    assert deliver(newsroom) == 1
    first, second = receiver.events
    assert (first["type"], second["type"]) == ("comment.approved", "comment.held")
    assert first["data"]["version"] < second["data"]["version"]
    assert second["data"]["reasons"] == [{"code": "undone"}]


def test_only_what_a_webhook_asks_for_is_told_and_to_its_own_site(
    newsroom: Newsroom, other_newsroom: Newsroom, receiver: Receiver, session: Session
) -> None:
    listen(newsroom, receiver.url, ["comment.rejected"])
    other_newsroom.send()
    newsroom.send()
    assert session.scalars(sa.select(Delivery)).all() == []


def test_two_webhooks_hear_of_one_event_under_one_id(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    for _ in range(2):
        listen(newsroom, receiver.url)
    newsroom.send()
    assert deliver(newsroom) == 2
    assert len({each["id"] for each in receiver.events}) == 1


def test_an_edit_is_told_with_its_revision(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    sent = newsroom.send()
    listen(newsroom, receiver.url)
    path = f"/api/v1/comments/{sent['id']}"
    assert newsroom.as_site().patch(path, {"body": "Better put."}).status_code == 200
    deliver(newsroom)
    (event,) = receiver.events
    assert (event["data"]["version"], event["data"]["revision"]) == (2, 2)


def test_reports_and_an_appeal_are_told(newsroom: Newsroom, receiver: Receiver) -> None:
    sent = newsroom.send()
    decide(newsroom, sent, "reject")
    listen(newsroom, receiver.url)
    path = f"/api/v1/comments/{sent['id']}/appeal"
    assert newsroom.as_site().post(path, {"text": "Why?"}).status_code == 201
    deliver(newsroom)
    (event,) = receiver.events
    assert (event["type"], event["data"]["source"]) == ("comment.held", "author")


def test_nothing_is_sent_of_an_erased_comment(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    listen(newsroom, receiver.url)
    sent = newsroom.send()
    path = f"/api/v1/comments/{sent['id']}"
    assert newsroom.as_site().delete(path).status_code == 204
    assert deliver(newsroom, timedelta(days=1)) == 0


def test_nothing_of_text_author_or_moderator_is_stored_or_sent(
    newsroom: Newsroom, receiver: Receiver, session: Session
) -> None:
    listen(newsroom, receiver.url)
    body = comment(body="Xylophone", author_name="Zebedee", ip="203.0.113.77")
    sent = newsroom.as_site().post("/api/v1/comments", body).json
    decide(newsroom, sent)
    deliver(newsroom, GRACE + SECOND)
    assert len(receiver.received) == 2
    rows = session.execute(sa.text("SELECT * FROM deliveries")).all()
    for text in (repr(rows), repr(receiver.received)):
        for secret in (
            "Xylophone",
            "Zebedee",
            "mail.example",
            "203.0.113",
            "-moderator",
        ):
            assert secret not in text


# Batches


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decide three comments in the request, two in a step."""
    monkeypatch.setattr(bulk, "MAX_IN_REQUEST", 3)
    monkeypatch.setattr(bulk_steps, "BATCH_SIZE", 2)


def decide_all(newsroom: Newsroom, verdict: str = "reject") -> dict[str, Any]:
    body = {
        "site": newsroom.name,
        "label": "spam",
        "low": 0,
        "high": 1,
        "verdict": verdict,
        "as_of": datetime.now(UTC).isoformat(),
    }
    if verdict == "reject":
        body["reasons"] = ["spam"]
    answer = newsroom.as_staff().post(BATCHES, body)
    assert answer.status_code == 201, answer.text
    batch: dict[str, Any] = answer.json
    return batch


def undo_batch(newsroom: Newsroom, batch: dict[str, Any]) -> Answer:
    answer = newsroom.as_staff().post(f"{BATCHES}/{batch['id']}/undo")
    assert answer.status_code == 200, answer.text
    return answer


def work_off(newsroom: Newsroom) -> None:
    """Do all jobs that wait, as the worker does."""
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    scoring = services_of(newsroom.app).scoring
    work = duties.build(sessions, scoring, services_of(newsroom.app).lineage_key)
    while (task := job_attempts.take_next(sessions)) is not None:
        job_attempts.run_job(sessions, work, task)


def test_a_batch_is_told_when_it_can_not_be_taken_back(
    newsroom: Newsroom, receiver: Receiver, small_steps: None
) -> None:
    ids = {newsroom.send()["id"] for _ in range(5)}
    listen(newsroom, receiver.url)
    batch = decide_all(newsroom)
    step(newsroom, batch)
    assert deliver(newsroom, timedelta(minutes=5)) == 0  # it goes on still
    work_off(newsroom)
    assert deliver(newsroom, GRACE - SECOND) == 0
    assert deliver(newsroom, GRACE + SECOND) == 5
    assert {each["data"]["comment"] for each in receiver.events} == ids
    assert {each["data"]["version"] for each in receiver.events} == {2}
    assert set(receiver.types) == {"comment.rejected"}


def step(newsroom: Newsroom, batch: dict[str, Any]) -> bool:
    """Do one step of a batch, as a worker would; tell if more is left."""
    with sessionmaker(db.engine)() as session:
        start_writing(session)
        more, _ = bulk_steps.run_step(session, batch["id"], datetime.now(UTC))
        session.commit()
    return more


def test_a_batch_that_is_taken_back_is_never_told(
    newsroom: Newsroom, receiver: Receiver, session: Session, small_steps: None
) -> None:
    for _ in range(5):
        newsroom.send()
    listen(newsroom, receiver.url)
    batch = decide_all(newsroom)
    work_off(newsroom)
    dispatch.release(sender_in(newsroom.app))
    undo_batch(newsroom, batch)
    step(newsroom, batch)
    assert deliver(newsroom, timedelta(hours=1)) == 0  # half of it is undone
    work_off(newsroom)
    assert deliver(newsroom, timedelta(hours=1)) == 0
    assert session.scalars(sa.select(Delivery)).all() == []


def test_what_of_a_batch_was_told_is_told_again_when_taken_back(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    for _ in range(2):
        newsroom.send()
    listen(newsroom, receiver.url)
    batch = decide_all(newsroom, "approve")
    assert deliver(newsroom, grace=timedelta(0)) == 2
    undo_batch(newsroom, batch)
    assert deliver(newsroom) == 2
    assert receiver.types == ["comment.approved"] * 2 + ["comment.held"] * 2


def test_a_comment_decided_since_is_told_though_its_batch_is_taken_back(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    changed, _ = newsroom.send(), newsroom.send()
    listen(newsroom, receiver.url)
    batch = decide_all(newsroom)
    decide(newsroom, changed, "approve", version=2)
    undo_batch(newsroom, batch)
    deliver(newsroom, GRACE + SECOND)
    assert [each["data"]["comment"] for each in receiver.events] == [changed["id"]] * 2
    assert sorted(receiver.types) == ["comment.approved", "comment.rejected"]


# Alarms


def test_an_alarm_is_told_with_its_figures_and_examples(
    newsroom: Newsroom, receiver: Receiver, session: Session
) -> None:
    sent = newsroom.send()
    listen(newsroom, receiver.url, ["alarm.raised"])
    number = session.scalars(sa.select(Comment.id)).one()
    found = Drift(
        kind=DriftKind.SCORES,
        subject="spam",
        chance=1e-9,
        shift=0.4,
        before=0.1,
        after=0.5,
        examples=(number,),
    )
    for _ in range(2):  # the same one again is none
        start_writing(session)
        drift.raise_alarms(session, newsroom.site_id, [found], datetime.now(UTC))
        session.commit()
    assert deliver(newsroom) == 1
    (event,) = receiver.events
    alarms = newsroom.as_staff(Role.ADMIN).get("/api/v1/sites/gazette/alarms").json
    assert event["type"] == "alarm.raised"
    assert event["data"] == {
        "alarm": alarms["alarms"][0]["id"],
        "kind": "scores",
        "subject": "spam",
        "chance": 1e-9,
        "shift": 0.4,
        "before": 0.1,
        "after": 0.5,
        "examples": [sent["id"]],
    }


# On its way


def test_a_worker_that_is_killed_loses_nothing(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    listen(newsroom, receiver.url)
    newsroom.send()
    post, now = sender_in(newsroom.app), datetime.now(UTC) + SECOND
    killed = dispatch.take_next(post, now)
    assert killed is not None  # nothing of this worker comes any more
    assert dispatch.take_next(post, now + LEASE_LASTS - SECOND) is None
    assert dispatch.deliver_next(post, now + LEASE_LASTS)
    assert receiver.events[0]["id"] == killed.event_id
    assert not dispatch.deliver_next(post, now + LEASE_LASTS * 2)


# A worker of its own that sends what is due, one event.
WORKER = """
import json, sys
from moderation import create_app
from moderation.worker import dispatch
from tests.builders import sender_in
given = json.loads(sys.stdin.readline())
app = create_app(given)
with app.app_context():
    dispatch.deliver_next(sender_in(app))
"""


def test_a_worker_killed_while_it_sends_loses_nothing(
    newsroom: Newsroom, receiver: Receiver, environment: dict[str, str]
) -> None:
    listen(newsroom, receiver.url)
    newsroom.send()
    has_come, may_answer = threading.Event(), threading.Event()

    def wait(_: object) -> None:
        has_come.set()
        may_answer.wait(30)

    receiver.meanwhile = wait
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], stdin=subprocess.PIPE, text=True, cwd=ROOT
    )
    with worker:
        assert worker.stdin is not None
        worker.stdin.write(json.dumps(environment) + "\n")
        worker.stdin.close()
        assert has_come.wait(60)
        worker.kill()  # SIGKILL: nothing is tidied up
    may_answer.set()
    assert deliver(newsroom, SECOND) == 0  # leased still
    assert deliver(newsroom, LEASE_LASTS + timedelta(minutes=1)) == 1
    first, second = receiver.events  # twice, under one id
    assert first == second
    assert deliver(newsroom, timedelta(days=1)) == 0


def test_a_worker_that_was_overtaken_says_nothing(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    webhook = listen(newsroom, receiver.url)
    newsroom.send()
    post, now = sender_in(newsroom.app), datetime.now(UTC) + SECOND
    slow = dispatch.take_next(post, now)
    assert slow is not None
    assert dispatch.deliver_next(post, now + LEASE_LASTS)
    late = AttemptResult(fault="Timeout")
    dispatch.settle(post, slow, late, now + LEASE_LASTS * 2)
    (told,) = read(newsroom, webhook, "/deliveries")["deliveries"]
    assert (told["state"], told["fault"]) == ("delivered", None)
    assert read(newsroom, webhook)["failing_since"] is None


def test_workers_at_once_deliver_each_event_once(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    listen(newsroom, receiver.url)
    for _ in range(12):
        newsroom.send()
    post, now = sender_in(newsroom.app), datetime.now(UTC) + SECOND

    def work(_: int) -> int:
        count = 0
        while dispatch.deliver_next(post, now):
            count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(work, range(4)))
    while dispatch.deliver_next(post, now):  # what one saw locked by another
        made.append(1)
    assert sum(made) == len(receiver.events) == 12
    assert len({each["id"] for each in receiver.events}) == 12


@on_sqlite
@pytest.mark.parametrize("status", [302, 304, 400, 404, 429, 500, 503])
def test_a_refusal_is_tried_again_for_about_a_day(
    newsroom: Newsroom, receiver: Receiver, status: int
) -> None:
    webhook = listen(newsroom, receiver.url)
    newsroom.send()
    receiver.status = status
    post, start = sender_in(newsroom.app), datetime.now(UTC) + SECOND
    now, tried = start, []
    while (state := the_one(newsroom, webhook))["state"] == "waiting":
        now = max(start, datetime.fromisoformat(state["due_at"]) + timedelta(hours=1))
        assert dispatch.deliver_next(post, now)
        assert not dispatch.deliver_next(post, now)  # not at once again
        tried.append(now)
    assert len(tried) == len(receiver.received) == MAX_ATTEMPTS
    assert (state["state"], state["status"]) == ("failed", status)
    assert state["fault"] == f"{status}"
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 1
    shown = read(newsroom, webhook)
    assert (shown["failed"], shown["fault"], shown["is_on"]) == (1, f"{status}", True)
    assert shown["failing_since"] is not None


def the_one(newsroom: Newsroom, webhook: dict[str, Any]) -> Any:
    """Return the one delivery of a webhook."""
    (told,) = read(newsroom, webhook, "/deliveries")["deliveries"]
    return told


@on_sqlite
def test_a_receiver_that_takes_one_again_is_not_failing(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    webhook = listen(newsroom, receiver.url)
    newsroom.send()
    receiver.status = 500
    deliver(newsroom)
    assert read(newsroom, webhook)["failing_since"]
    receiver.status = 200
    assert deliver(newsroom, timedelta(hours=1)) == 1
    shown = read(newsroom, webhook)
    assert (shown["failing_since"], shown["fault"], shown["failed"]) == (None, None, 0)
    assert shown["answered_at"] is not None


@on_sqlite
def test_a_receiver_that_is_gone_is_switched_off(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    webhook = listen(newsroom, receiver.url)
    for _ in range(3):
        newsroom.send()
    receiver.status = 410
    assert deliver(newsroom) == 1
    shown = read(newsroom, webhook)
    assert (shown["is_on"], shown["failed"], shown["waiting"]) == (False, 3, 0)
    assert shown["gone_at"] is not None
    newsroom.send()
    assert read(newsroom, webhook)["waiting"] == 0


def test_a_dead_receiver_holds_no_other_up(
    newsroom: Newsroom, other_newsroom: Newsroom, receiver: Receiver
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    webhook = listen(newsroom, dead)
    for _ in range(5):
        newsroom.send()
    listen(other_newsroom, receiver.url)
    for _ in range(3):
        other_newsroom.send()
    assert deliver(newsroom) == 1 + 3  # one finds out that it is dead; the others wait
    assert len(receiver.events) == 3
    shown = read(newsroom, webhook)
    assert (shown["waiting"], shown["fault"]) == (5, "ConnectionError")
    # Deliveries queued for a day are given up, tried or not, and can be replayed.
    assert deliver(newsroom, timedelta(days=1, minutes=1)) >= 1
    assert read(newsroom, webhook)["failed"] == 5


@on_sqlite
def test_turns_are_taken_by_who_was_served_longest_ago(
    newsroom: Newsroom, other_newsroom: Newsroom, receiver: Receiver
) -> None:
    for each in (newsroom, other_newsroom):
        listen(each, receiver.url)
    other_newsroom.set_policy(ALL_HELD)
    for _ in range(3):
        newsroom.send()
    for _ in range(2):
        other_newsroom.send()
    post, now = sender_in(newsroom.app), datetime.now(UTC) + SECOND
    for count in range(5):
        assert dispatch.deliver_next(post, now + SECOND * count)
    sites = [each["site"] for each in receiver.events]
    assert sites[:4] in (
        ["gazette", "herald", "gazette", "herald"],
        ["herald", "gazette", "herald", "gazette"],
    )


def test_what_was_given_up_is_replayed_under_its_id(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    webhook = listen(newsroom, receiver.url)
    admin, path = newsroom.as_staff(Role.ADMIN), f"/api/v1/webhooks/{webhook['id']}"
    for _ in range(2):
        newsroom.send()
    receiver.status = 410
    deliver(newsroom)
    assert admin.post(f"{path}/replay").json["code"] == "webhook_off"
    body = {"url": receiver.url, "types": EVERY, "is_on": True, "version": 1}
    assert admin.put(path, body).json["gone_at"] is None
    receiver.status = 200
    assert admin.post(f"{path}/replay").json == {"replayed": 2}
    assert deliver(newsroom) == 2
    assert {each["id"] for each in receiver.events[1:]} >= {receiver.events[0]["id"]}
    assert admin.post(f"{path}/replay").json == {"replayed": 0}
    delivered = read(newsroom, webhook, "/deliveries?state=delivered")["deliveries"]
    assert len(delivered) == 2
    one = f"{path}/deliveries/{delivered[0]['id']}/replay"
    assert admin.post(one).status_code == 202
    assert admin.post(one).status_code == 409  # it waits already
    assert deliver(newsroom) == 1


@on_sqlite
def test_an_older_secret_signs_too_until_the_overlap_is_over(
    newsroom: Newsroom, receiver: Receiver
) -> None:
    old = listen(newsroom, receiver.url)
    path = f"/api/v1/webhooks/{old['id']}/secret"
    admin = newsroom.as_staff(Role.ADMIN)
    new = admin.post(path, {"version": 1, "overlap_hours": 1}).json
    assert new["secret"] != old["secret"]
    assert new["former_secret_until"] is not None
    newsroom.send()
    deliver(newsroom, timedelta(minutes=2))
    for secret in (old["secret"], new["secret"]):
        receiver.received[0].verified(secret)
    last = admin.post(path, {"version": 2, "overlap_hours": 0}).json
    newsroom.send()
    deliver(newsroom, timedelta(minutes=2))
    receiver.received[1].verified(last["secret"])
    for secret in (old["secret"], new["secret"]):
        with pytest.raises(WebhookVerificationError):
            receiver.received[1].verified(secret)


@on_sqlite
@pytest.mark.parametrize("networks", [(), ("10.0.0.0/8",)])
def test_what_leads_into_a_private_network_is_not_reached(
    newsroom: Newsroom, receiver: Receiver, networks: tuple[str, ...]
) -> None:
    webhook = listen(newsroom, receiver.url)
    newsroom.send()
    post = sender_in(newsroom.app, networks=networks)
    assert dispatch.deliver_next(post, datetime.now(UTC) + SECOND)
    assert receiver.received == []
    assert "refused" in the_one(newsroom, webhook)["fault"]


@on_sqlite
def test_plain_http_is_for_the_named_networks_alone(newsroom: Newsroom) -> None:
    # A public address, but not over http: nothing is sent, nothing is asked.
    answer = sender.send("http://192.0.2.1/", ("127.0.0.0/8",), data=b"{}")
    assert answer.fault == "refused: not an address that may be reached"


@on_sqlite
def test_a_receiver_that_answers_drop_by_drop_is_cut_off(
    newsroom: Newsroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "WHOLE_SECONDS", 0.3)
    webhook = listen(newsroom, receiver.url)
    newsroom.send()
    receiver.meanwhile = drip
    assert deliver(newsroom) == 1
    assert the_one(newsroom, webhook)["fault"] == "Timeout"
    assert DRIPPED  # each byte came before the time to wait for one was over


@on_sqlite
def test_an_answer_that_is_cut_off_after_its_status_is_none(
    newsroom: Newsroom,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sender, "WHOLE_SECONDS", 0.3)
    webhook = listen(newsroom, receiver.url)
    newsroom.send()

    def begin(handler: Any) -> None:
        handler.connection.send(b"HTTP/1.1 204 No Content\r\nX-Padding: ")
        drip(handler)

    receiver.meanwhile = begin
    caplog.set_level(logging.WARNING, "")
    assert deliver(newsroom) == 1
    assert the_one(newsroom, webhook)["fault"] == "Timeout"
    assert receiver.url not in caplog.text  # a path can be a secret


DRIPPED: list[int] = []


def drip(handler: Any) -> None:
    """Send one byte after the other until the client hangs up, or too long."""
    handler.connection.settimeout(0.05)
    for _ in range(400):
        try:
            assert handler.connection.recv(1) == b""  # we were hung up on
            return
        except TimeoutError:
            DRIPPED.append(handler.connection.send(b"H"))
    raise AssertionError("the client didn't hang up")


def test_deliveries_are_kept_for_thirty_days(
    newsroom: Newsroom, receiver: Receiver, session: Session
) -> None:
    webhook = listen(newsroom, receiver.url)
    sent = newsroom.send()
    deliver(newsroom)
    decide(newsroom, sent)
    post, now = sender_in(newsroom.app), datetime.now(UTC)
    assert dispatch.prune(post, now + deliveries.KEPT_FOR - timedelta(hours=1)) == 0
    path = f"/api/v1/webhooks/{webhook['id']}?version=1"
    assert newsroom.as_staff(Role.ADMIN).delete(path).status_code == 204
    assert deliver(newsroom, GRACE + SECOND) == 0  # nothing listens any more
    later = now + deliveries.KEPT_FOR + timedelta(hours=1)
    assert dispatch.prune(post, later) == 2
    session.expire_all()
    assert session.scalars(sa.select(Delivery)).all() == []
    assert session.scalars(sa.select(Webhook)).all() == []


@on_sqlite
def test_a_secret_whose_key_is_gone_is_said(
    newsroom: Newsroom, receiver: Receiver, session: Session
) -> None:
    webhook = listen(newsroom, receiver.url)
    newsroom.send()
    start_writing(session)
    session.execute(sa.update(Webhook).values(sealed_secret="k0.AAAA"))
    session.commit()
    assert deliver(newsroom) == 1
    assert the_one(newsroom, webhook)["fault"] == sender.UNSIGNED
    assert receiver.received == []


@on_sqlite
def test_a_site_without_webhooks_is_asked_nothing_more(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.send()
    asked: list[str] = []
    sa.event.listen(
        db.engine, "before_cursor_execute", lambda *given: asked.append(given[2])
    )
    newsroom.send()
    assert asked
    assert [each for each in asked if "deliveries" in each] == []
    assert len([each for each in asked if "webhooks" in each]) == 1  # of the site's row


def test_the_worker_has_what_it_takes(newsroom: Newsroom) -> None:
    post = sender_in(newsroom.app)
    assert not dispatch.deliver_next(post)
    assert not dispatch.call_back_next(post)
    dispatch.release(post)
    assert dispatch.prune(post, datetime.now(UTC)) == 0
