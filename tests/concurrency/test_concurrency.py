"""Many at once: one comment stays one, one moderator wins, nothing is decided twice."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from tests.builders import ALL_HELD, Answer, Newsroom, comment
from tests.builders import hire as hire_one

COMMENTS = "/api/v1/comments"
AT_ONCE = 16
PROCESSES, THREADS = 3, 70  # at work on the queue, each thread a moderator
WAITING = 240  # comments
ROOT = Path(__file__).parents[2]

# One process of several: waits for the word, then sends the same comment.
SENDER = """
import json, sys
from tests.builders import Caller
from moderation import create_app
given = json.loads(sys.stdin.readline())
app = create_app(given["environment"])
print("ready", flush=True)
sys.stdin.readline()
with app.app_context():
    caller = Caller(app.test_client(), given["key"])
    answer = caller.post(given["path"], given["body"])
print(answer.status_code, answer.json.get("id"), flush=True)
"""

# One process of a team: each of its threads is a moderator who takes hands from the
# queue, in an order of its own, and decides them, and now and then a comment that
# is reserved for no one or for another. Prints how often each answer came.
TEAM = """
import itertools, json, random, sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from tests.builders import Caller
from moderation import create_app
given = json.loads(sys.stdin.readline())
app = create_app(given["environment"])
BY_SCORE = {"order": "score", "label": "spam"}
ORDERS = [{}, {"order": "newest"}, BY_SCORE, {"text": "fair"}]

def work(place):
    number, token = place
    draw, codes = random.Random(number), Counter()
    with app.app_context():
        staff = Caller(app.test_client(), token)
        asked = {"size": 1 + number % 5, **ORDERS[number % len(ORDERS)]}
        while True:
            answer = staff.post("/api/v1/hand", asked)
            if answer.status_code != 200:
                codes[f"hand {answer.status_code}"] += 1
                continue
            wanted = [(each["id"], each["version"]) for each in answer.json["comments"]]
            if not wanted:
                return codes
            wanted.append((draw.choice(given["ids"]), 1))
            for public, version in wanted:
                path = f"/api/v1/comments/{public}/decisions"
                body = {"verdict": "approve", "version": version}
                codes[str(staff.post(path, body).status_code)] += 1

print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(len(given["tokens"])) as pool:
    found = sum(pool.map(work, enumerate(given["tokens"])), Counter())
print(json.dumps(found), flush=True)
"""


def at_once(app: Flask, calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Make all calls at the same moment, each in a thread and context of its own."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer:
        with app.app_context():
            barrier.wait()
            return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def count(session: Session, table: type[Any]) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.mark.parametrize("name", ["Idempotency-Key", "external_id"])
def test_the_same_comment_many_times_at_once_is_one(
    app: Flask, newsroom: Newsroom, session: Session, name: str
) -> None:
    body = comment(external_id="c-1" if name == "external_id" else None)
    headers = {"Idempotency-Key": "k-1"} if name != "external_id" else {}
    send = [lambda: newsroom.as_site().post(COMMENTS, body, headers=headers)] * AT_ONCE
    answers = at_once(app, send)
    codes = Counter(answer.status_code for answer in answers)
    assert codes == {201: 1, 200: AT_ONCE - 1}
    assert len({json.dumps(answer.json) for answer in answers}) == 1
    assert (count(session, Comment), count(session, Decision)) == (1, 1)


def test_first_comments_of_an_article_at_once_make_one_article(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    send = [lambda: newsroom.as_site().post(COMMENTS, comment())] * AT_ONCE
    answers = at_once(app, send)
    assert {answer.status_code for answer in answers} == {201}
    assert (count(session, Article), count(session, Comment)) == (1, AT_ONCE)


def test_different_comments_under_one_key_at_once_leave_one(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    send = [
        lambda: newsroom.as_site().post(COMMENTS, comment(external_id="c-1"))
    ] * AT_ONCE
    codes = Counter(answer.status_code for answer in at_once(app, send))
    assert codes == {201: 1, 409: AT_ONCE - 1}
    assert count(session, Comment) == 1


def test_two_moderators_claiming_at_once_have_one_winner(
    app: Flask, newsroom: Newsroom
) -> None:
    newsroom.set_policy(ALL_HELD)
    path = f"{COMMENTS}/{newsroom.send()['id']}/claim"
    calls = [
        lambda role=role: newsroom.as_staff(role).put(path)
        for role in (Role.MODERATOR, Role.LEAD, Role.ADMIN)
    ]
    codes = Counter(answer.status_code for answer in at_once(app, calls))
    assert codes == {200: 1, 409: 2}


def test_two_moderators_deciding_at_once_have_one_winner(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    path = f"{COMMENTS}/{newsroom.send()['id']}/decisions"
    verdicts = [
        {"verdict": "approve", "version": 1},
        {"verdict": "reject", "version": 1, "reasons": ["spam"]},
    ]
    calls = [
        lambda role=role, body=body: newsroom.as_staff(role).post(path, body)
        for role in Role
        for body in verdicts
    ]
    codes = Counter(answer.status_code for answer in at_once(app, calls))
    assert codes == {201: 1, 409: 5}
    assert count(session, Decision) == 2  # the policy's and one person's


def test_an_edit_and_a_decision_at_once_never_publish_what_nobody_saw(
    app: Flask, newsroom: Newsroom
) -> None:
    newsroom.set_policy(ALL_HELD)
    decision = {"verdict": "approve", "version": 1}
    for _ in range(5):
        path = f"{COMMENTS}/{newsroom.send()['id']}"
        calls: list[Callable[[], Answer]] = [
            lambda path=path: newsroom.as_site().patch(path, {"body": "New."}),  # type: ignore[misc]
            lambda path=path: newsroom.as_staff().post(  # type: ignore[misc]
                f"{path}/decisions", decision
            ),
        ]
        edited, decided = at_once(app, calls)
        assert edited.status_code == 200
        assert decided.status_code in {201, 409}
        assert newsroom.as_site().get(path).json["status"] == "pending"


def test_a_team_at_work_decides_each_comment_once(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    bodies = {"comments": [comment() for _ in range(100)]}
    items = newsroom.as_site().post(f"{COMMENTS}/batch", bodies).json["comments"]
    ids = [item["comment"]["id"] for item in items]
    decision = {"verdict": "approve", "version": 1}

    def work(role: Role, backwards: bool) -> list[int]:
        codes = []
        with app.app_context():
            staff = newsroom.as_staff(role)
            for each in reversed(ids) if backwards else ids:
                answer = staff.post(f"{COMMENTS}/{each}/decisions", decision)
                codes.append(answer.status_code)
        return codes

    with ThreadPoolExecutor(4) as pool:
        roles = [Role.MODERATOR, Role.LEAD, Role.ADMIN, Role.LEAD]
        codes = list(pool.map(work, roles, [False, True, False, True]))
    assert Counter(code for each in codes for code in each) == {201: 100, 409: 300}
    by_person = sa.select(Decision.comment_id).where(Decision.source == "person")
    session.rollback()
    decided = session.scalars(by_person).all()
    assert len(decided) == len(set(decided)) == 100


def hire(newsroom: Newsroom, number: int) -> list[str]:
    """Return the tokens of as many further moderators."""
    return [
        hire_one(newsroom, f"{newsroom.name}-{index}", (Role.MODERATOR, ""))[1]
        for index in range(number)
    ]


def test_hundreds_in_several_processes_decide_each_comment_once(
    newsroom: Newsroom, session: Session, environment: dict[str, str]
) -> None:
    newsroom.set_policy(ALL_HELD)
    bodies = {"comments": [comment() for _ in range(WAITING)]}
    items = newsroom.as_site().post(f"{COMMENTS}/batch", bodies).json["comments"]
    ids = [item["comment"]["id"] for item in items]
    tokens = hire(newsroom, PROCESSES * THREADS)
    teams = [start(TEAM) for _ in range(PROCESSES)]
    for number, team in enumerate(teams):
        mine = tokens[number::PROCESSES]
        given = {"environment": environment, "tokens": mine, "ids": ids}
        tell(team, json.dumps(given))
    for team in teams:
        assert answer_of(team) == "ready"
    for team in teams:
        tell(team, "go")
    codes = sum((Counter(json.loads(answer_of(team))) for team in teams), Counter())
    for team in teams:
        team.communicate(timeout=30)
    assert codes["201"] == WAITING
    assert set(codes) <= {"201", "409", "503", "hand 503"}  # 503: busy, asked again
    session.rollback()
    by_person = sa.select(Decision.comment_id).where(Decision.source == "person")
    decided = session.scalars(by_person).all()
    assert len(decided) == len(set(decided)) == WAITING
    left = sa.select(sa.func.count()).where(Comment.status == "pending")
    assert session.scalar(left) == 0


def start(script: str) -> subprocess.Popen[str]:
    """Run a script in a process of its own, which reads orders from its input."""
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def tell(process: subprocess.Popen[str], line: str) -> None:
    """Write a line to a process."""
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def answer_of(process: subprocess.Popen[str]) -> str:
    """Read a line from a process."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_processes_sending_the_same_comment_make_one(
    newsroom: Newsroom, session: Session, environment: dict[str, str]
) -> None:
    given = {
        "environment": environment,
        "key": newsroom.key,
        "path": COMMENTS,
        "body": comment(external_id="c-1"),
    }
    senders = [start(SENDER) for _ in range(3)]
    for sender in senders:
        tell(sender, json.dumps(given))
    for sender in senders:
        assert answer_of(sender) == "ready"
    for sender in senders:
        tell(sender, "go")
    lines = [answer_of(sender).split() for sender in senders]
    for sender in senders:
        sender.communicate(timeout=30)
    assert sorted(code for code, _ in lines) == ["200", "200", "201"]
    assert len({made for _, made in lines}) == 1
    assert count(session, Comment) == 1
