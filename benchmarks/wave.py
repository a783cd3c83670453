"""Count the adverts of a wave that stay published, and measure the brakes' cost.

    python -m benchmarks.wave [--senders 8] [--rounds 3] [--comments 300]

Sends two waves of 200 adverts, from 200 addresses each, and a petition of 25 signatures
within a minute, to a service on SQLite in this process, by so many senders at once. It
says how many stand approved afterward, at which second the brake took hold, and in how
many campaigns the wave lies. Then it sends unlike comments, in turns with and without
the step that counts and brakes, and says what a submission takes. Nothing is held by
its score.
"""

from __future__ import annotations

import argparse
import random
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from benchmarks.serving import WORDS
from moderation import create_app, migration
from moderation.comments import submission
from moderation.comments.automatic import Judgement
from moderation.comments.braking import apply_brakes
from moderation.database import db, start_writing
from moderation.policy.brakes import BRAKES, BrakePolicy
from moderation.policy.thresholds import Moderation
from moderation.sites import keys, policies, sites
from moderation.tables.campaigns import Brake, Campaign
from moderation.web.services import services_of
from tests.builders import ENVIRONMENT
from tests.campaigns.waves import petition, pills_wave, robot_wave

MAX_SENDERS, MAX_ROUNDS, MAX_COMMENTS = 64, 20, 10_000
PATH = "/api/v1/comments"
WAVES: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "long, three words and domains change": robot_wave,
    "short, links change": pills_wave,
    "petition": petition,
}
UNHELD: dict[str, dict[str, float | None]] = {"spam": {"review_at": 1.0}}


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--comments", type=int, default=300)
    asked = parser.parse_args()
    limits = (
        (asked.senders, MAX_SENDERS),
        (asked.rounds, MAX_ROUNDS),
        (asked.comments, MAX_COMMENTS),
    )
    if not all(0 < number <= most for number, most in limits):
        parser.error(f"up to {MAX_SENDERS}, {MAX_ROUNDS}, and {MAX_COMMENTS}")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/wave.sqlite"
        settings = {**ENVIRONMENT, "DATABASE_URL": url, "MODERATION_LOG_LEVEL": "ERROR"}
        app = create_app(settings, instance=Path(folder))
        with app.app_context():
            migration.migrate()
            _stop_waves(app, asked.senders)
            _measure_cost(app, asked.rounds, asked.comments)
            db.session.remove()
            db.engine.dispose()


def _open_site(app: Flask, brakes: BrakePolicy) -> tuple[int, str]:
    """Add a site with some brakes; return its id and key."""
    session, now = db.session(), datetime.now(UTC)
    start_writing(session)
    body = policies.default_policy(UNHELD, Moderation.POST)
    body = {**body, "brakes": brakes.as_json()}
    name = f"site-{secrets.token_hex(4)}"
    site_id = sites.create_site(session, name, body, now).id
    key = keys.issue_key(session, site_id, services_of(app).token_key, now)
    session.commit()
    return site_id, key


def _send(app: Flask, key: str, body: dict[str, Any]) -> str:
    with app.app_context():
        headers = {"Authorization": f"Bearer {key}"}
        answer = app.test_client().post(PATH, json=body, headers=headers)
        if answer.status_code != 201:
            raise SystemExit(f"answered {answer.status_code}: {answer.text}")
        status: str = answer.get_json()["status"]
        return status


def _stop_waves(app: Flask, senders: int) -> None:
    print(f"{senders} senders at once, brakes as by default")
    head = ("sent", "approved", "held", "seconds", "brake at s", "campaigns")
    print(f"{'':<38}" + "".join(f"{name:>11}" for name in head))
    for name, wave in WAVES.items():
        site_id, key = _open_site(app, BRAKES)
        bodies, began = wave(), datetime.now(UTC)
        with ThreadPoolExecutor(senders) as pool:
            jobs = [pool.submit(_send, app, key, body) for body in bodies]
            statuses = Counter(job.result() for job in jobs)
        took = (datetime.now(UTC) - began).total_seconds()
        session = db.session()
        session.rollback()
        started = sa.select(sa.func.min(Brake.started_at)).where(
            Brake.site_id == site_id
        )
        at = session.scalar(started)
        roots = sa.select(sa.func.count()).select_from(Campaign)
        roots = roots.where(Campaign.site_id == site_id, Campaign.merged_into.is_(None))
        held_at = "–" if at is None else f"{(at - began).total_seconds():.2f}"
        figures = (len(bodies), statuses["approved"], statuses["pending"])
        print(
            f"{name:<38}"
            + "".join(f"{number:>11}" for number in figures)
            + f"{took:>11.1f}{held_at:>11}{session.scalar(roots):>11}"
        )


def _measure_cost(app: Flask, rounds: int, comments: int) -> None:
    """Print what a submission takes with and without brakes, sent one by one."""
    key = _open_site(app, BRAKES)[1]
    kinds = {"without brakes": _ignore_brakes, "with brakes": apply_brakes}
    bodies = _unlike(random.Random(3))
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    worked: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(rounds * comments):
        for name, step in kinds.items():
            vars(submission)["apply_brakes"] = step
            body = next(bodies)
            start, start_work = time.perf_counter(), time.process_time()
            _send(app, key, body)
            taken[name].append((time.perf_counter() - start) * 1000)
            worked[name].append((time.process_time() - start_work) * 1000)
    print(f"\n{'a submission, ms':<38}{'median':>11}{'p95':>11}{'processor':>11}")
    for name, each in taken.items():
        processor = statistics.median(worked[name])
        figures = (statistics.median(each), _p95(each), processor)
        print(f"{name:<38}" + "".join(f"{number:>11.2f}" for number in figures))


def _ignore_brakes(*arguments: Any) -> Judgement:
    """Neither count nor hold a comment, as before there were brakes."""
    (judgement,) = (each for each in arguments if isinstance(each, Judgement))
    return judgement


def _unlike(draw: random.Random) -> Iterator[dict[str, Any]]:
    """Yield comments of many readers on many articles."""
    number = 0
    while True:
        number += 1
        yield {
            "author_name": f"Reader {number}",
            "author_email": f"reader{number}@mail.example",
            "ip": f"10.{number // 250 % 250}.{number % 250}.1",
            "body": " ".join(draw.choices(WORDS, k=draw.randint(5, 60))),
            "article": f"https://news.example/{number % 500}",
        }


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
