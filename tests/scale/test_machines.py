"""Three machines, one installation: what one of them does, the others know.

Each machine has a folder, a temporary folder, and an address of its own. They share
PostgreSQL, behind PgBouncer in transaction mode, and Redis.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from classifiers.pretrained import default_model
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.tables.comments import Comment, Score
from moderation.tables.decisions import Decision
from moderation.tables.jobs import Job
from moderation.tables.models import Model
from moderation.tables.webhooks import Delivery
from tests.builders import (
    ALL_HELD,
    NOW,
    PASSWORD,
    Newsroom,
    comment,
    hire,
    open_newsroom,
)
from tests.processes import wait_until
from tests.receivers import receiving
from tests.renamed_model import renamed, renamed_file
from tests.scale.conftest import REPORTS_ALLOWED, Installation
from tests.scale.machines import Machine

COMMENTS = "/api/v1/comments"
SESSION = "/api/v1/session"
SHIPPED = default_model.load().version
PATIENCE_SECONDS = 120
_numbers = itertools.count(1)


@pytest.fixture
def machines(installation: Installation) -> Sequence[Machine]:
    return installation.machines


@pytest.fixture
def newsroom(installation: Installation) -> Iterator[Newsroom]:
    """A site of the test's own."""
    yield open_newsroom(installation.app, f"site-{next(_numbers)}")
    db.session.remove()


def together(calls: Sequence[Callable[[], requests.Response]]) -> list[Any]:
    """Make calls at the same time."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call(), calls))


def send(machine: Machine, newsroom: Newsroom, **fields: Any) -> Any:
    answer = machine.call("POST", COMMENTS, newsroom.key, json=comment(**fields))
    assert answer.status_code == 201, answer.text
    return answer.json()


def count(query: sa.Select[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(query) or 0


def test_a_session_holds_on_all_machines_and_ends_on_all(
    machines: Sequence[Machine], newsroom: Newsroom
) -> None:
    body = {"login": f"{newsroom.name}-lead", "password": PASSWORD}
    first, second, third = machines
    token = first.call("POST", SESSION, "", json=body).json()["token"]
    codes = [each.call("GET", SESSION, token).status_code for each in machines]
    assert codes == [200, 200, 200]
    assert second.call("DELETE", SESSION, token).status_code == 204
    codes = [each.call("GET", SESSION, token).status_code for each in machines]
    assert codes == [401, 401, 401]
    assert third.call("POST", SESSION, "", json=body).status_code == 201


def test_a_limit_counts_what_comes_to_any_machine(
    machines: Sequence[Machine], newsroom: Newsroom
) -> None:
    newsroom.set_policy(ALL_HELD)
    codes = Counter[int]()
    for number in range(2 * REPORTS_ALLOWED):
        machine = machines[number % len(machines)]
        sent = send(machine, newsroom)
        body = {"reason": "insult", "reporter": "reader-1"}
        path = f"{COMMENTS}/{sent['id']}/reports"
        codes[machine.call("POST", path, newsroom.key, json=body).status_code] += 1
    assert codes == {201: REPORTS_ALLOWED, 429: REPORTS_ALLOWED}


def test_a_comment_has_one_claim_and_one_decision(
    machines: Sequence[Machine], newsroom: Newsroom
) -> None:
    newsroom.set_policy(ALL_HELD)
    path = f"{COMMENTS}/{send(machines[0], newsroom)['id']}"
    staff = list(zip(machines, newsroom.tokens.values(), strict=True))
    claims = together(
        [partial(m.call, "PUT", f"{path}/claim", token) for m, token in staff]
    )
    assert Counter(each.status_code for each in claims) == {200: 1, 409: 2}
    decide = {"json": {"verdict": "approve", "version": 1}}
    decisions = together(
        [partial(m.call, "POST", f"{path}/decisions", t, **decide) for m, t in staff]
    )
    assert Counter(each.status_code for each in decisions) == {201: 1, 409: 2}
    decided = sa.select(sa.func.count()).where(
        Decision.site_id == newsroom.site_id, Decision.source == "person"
    )
    assert count(decided) == 1


def test_teams_on_all_machines_decide_each_comment_once(
    machines: Sequence[Machine], newsroom: Newsroom
) -> None:
    newsroom.set_policy(ALL_HELD)
    bodies = {"comments": [comment() for _ in range(60)]}
    machines[0].call("POST", f"{COMMENTS}/batch", newsroom.key, json=bodies)
    tokens = [
        hire(newsroom, f"{newsroom.name}-{number}", (Role.MODERATOR, ""))[1]
        for number in range(2 * len(machines))
    ]

    def work(place: int) -> Counter[int]:
        machine, token = machines[place % len(machines)], tokens[place]
        codes = Counter[int]()
        while True:
            hand = machine.call("POST", "/api/v1/hand", token, json={"size": 5})
            reserved = hand.json()["comments"]
            if not reserved:
                return codes
            for each in reserved:
                path = f"{COMMENTS}/{each['id']}/decisions"
                body = {"verdict": "approve", "version": each["version"]}
                answer = machine.call("POST", path, token, json=body)
                codes[answer.status_code] += 1

    with ThreadPoolExecutor(len(tokens)) as pool:
        codes = sum(pool.map(work, range(len(tokens))), Counter[int]())
    assert codes[201] == 60
    pending = sa.select(sa.func.count()).where(
        Comment.site_id == newsroom.site_id, Comment.status == "pending"
    )
    assert count(pending) == 0


@pytest.mark.parametrize("name", ["Idempotency-Key", "external_id"])
def test_a_comment_sent_to_all_machines_is_one(
    machines: Sequence[Machine], newsroom: Newsroom, name: str
) -> None:
    body = comment(external_id="c-1" if name == "external_id" else None)
    headers = {"Idempotency-Key": "k-1"} if name != "external_id" else {}
    sending = {"json": body, "headers": headers}
    answers = together(
        [partial(m.call, "POST", COMMENTS, newsroom.key, **sending) for m in machines]
        * 3
    )
    assert Counter(each.status_code for each in answers) == {201: 1, 200: 8}
    assert len({each.text for each in answers}) == 1


def store_model(newsroom: Newsroom, name: str) -> str:
    """Store another model, which may be promoted, and return its version."""
    session = db.session()
    start_writing(session)
    gate = {"allowed": True, "reasons": []}
    session.add(
        Model(
            site_id=newsroom.site_id,
            version=renamed(name).version,
            base_version=SHIPPED,
            artifact=renamed_file(name),
            report={"active": {"version": SHIPPED}, "gate": gate},
            created_at=NOW,
        )
    )
    session.commit()
    return renamed(name).version


def test_a_promotion_holds_for_the_next_request_on_every_machine(
    machines: Sequence[Machine], newsroom: Newsroom
) -> None:
    version = store_model(newsroom, "promoted")
    before = {send(each, newsroom)["model_version"] for each in machines}
    site, admin = f"/api/v1/sites/{newsroom.name}", newsroom.tokens[Role.ADMIN]
    path = f"{site}/models/{version}/promotion"
    promotions = together(
        [partial(m.call, "POST", path, admin, json={}) for m in machines]
    )
    assert Counter(each.status_code for each in promotions) == {201: 1, 409: 2}
    after = {send(each, newsroom)["model_version"] for each in machines}
    assert machines[2].call("POST", f"{site}/rollback", admin).status_code == 201
    back = {send(each, newsroom)["model_version"] for each in machines}
    assert (before, after, back) == ({SHIPPED}, {version}, {SHIPPED})


def rescore(machine: Machine, newsroom: Newsroom) -> int:
    """Ask for a rescoring of what is pending; return the job's id."""
    path = f"/api/v1/sites/{newsroom.name}/rescorings"
    admin = newsroom.tokens[Role.ADMIN]
    answer = machine.call("POST", path, admin, json={})
    assert answer.status_code == 202, answer.text
    number: int = answer.json()["id"]
    return number


def states(job_ids: Sequence[int]) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Job.state).where(Job.id.in_(job_ids))))


def test_each_job_and_each_event_is_one_worker_s(
    installation: Installation, machines: Sequence[Machine], newsroom: Newsroom
) -> None:
    sites = [
        open_newsroom(installation.app, f"{newsroom.name}-{number}")
        for number in range(4)
    ]
    sent = []
    with receiving() as receiver:
        for site in sites:
            path = f"/api/v1/sites/{site.name}/webhooks"
            wanted = {"url": receiver.url, "types": ["comment.held"]}
            admin = site.tokens[Role.ADMIN]
            added = machines[0].call("POST", path, admin, json=wanted)
            assert added.status_code == 201, added.text
            site.set_policy(ALL_HELD)
            version = store_model(site, "rescoring")
            sent += [send(machines[place % 3], site) for place in range(6)]
            promoted = f"/api/v1/sites/{site.name}/models/{version}/promotion"
            machines[1].call("POST", promoted, admin, json={})
        job_ids = [rescore(machines[2], site) for site in sites]
        wait_until(lambda: set(states(job_ids)) == {"succeeded"}, PATIENCE_SECONDS)
        waiting = sa.select(sa.func.count()).where(Delivery.state != "delivered")
        wait_until(lambda: count(waiting) == 0, PATIENCE_SECONDS)
        received = Counter(event["data"]["comment"] for event in receiver.events)
    assert received == {each["id"]: 1 for each in sent}
    db.session.rollback()
    jobs = db.session.scalars(sa.select(Job).where(Job.id.in_(job_ids))).all()
    assert [(job.attempts, job.result["scored"]) for job in jobs] == [(1, 6)] * 4
    scores = sa.select(Score.comment_id).where(Score.model_version == version)
    scored = db.session.scalars(scores).all()
    assert len(scored) == len(set(scored)) == len(sent)


def test_a_machine_without_power_is_missed_by_nobody(
    machines: Sequence[Machine], newsroom: Newsroom
) -> None:
    newsroom.set_policy(ALL_HELD)
    kept = send(machines[0], newsroom)
    machines[0].cut_power()
    for machine in machines[1:]:
        path = f"{COMMENTS}/{kept['id']}"
        assert machine.call("GET", path, newsroom.key).status_code == 200
        send(machine, newsroom)
    version = store_model(newsroom, "after")
    admin = newsroom.tokens[Role.ADMIN]
    path = f"/api/v1/sites/{newsroom.name}/models/{version}/promotion"
    assert machines[1].call("POST", path, admin, json={}).status_code == 201
    job_id = rescore(machines[2], newsroom)
    wait_until(lambda: states([job_id]) == ["succeeded"], PATIENCE_SECONDS)
