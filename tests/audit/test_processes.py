"""Many processes record at once: one unbroken chain, and none waits forever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction
from moderation.audit.verification import verify
from tests.audit.rows import entries
from tests.builders import AUDIT_KEY, Newsroom

ROOT = Path(__file__).parents[2]
PROCESSES, THREADS, ROUNDS = 4, 3, 8

# Each thread locks a site's row after it has recorded: if `record` locked the head,
# two of them would wait for each other.
WRITER = """
import json, random, sys
from concurrent.futures import ThreadPoolExecutor
import sqlalchemy as sa
from tests.builders import TESTER
from moderation import create_app
from moderation.audit import actors
from moderation.audit.actions import AuditAction
from moderation.audit.log import record
from moderation.database import db, start_writing
from moderation.tables.sites import Site
from moderation.web.services import services_of
given = json.loads(sys.stdin.readline())
app = create_app(given["environment"])

def work(number):
    draw = random.Random(number)
    for _ in range(given["rounds"]):
        with app.app_context():
            session = db.session()
            actors.act_as(session, TESTER, services_of(app).audit_key)
            start_writing(session)
            site_id = draw.choice(given["site_ids"])
            record(session, AuditAction.SHADOW_STOPPED, site_id=site_id)
            session.execute(
                sa.update(Site)
                .where(Site.id == site_id)
                .values(rules_version=Site.rules_version + 1)
            )
            if draw.random() < 0.25:
                session.rollback()
            else:
                session.commit()
                done.append(site_id)

done = []
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(given["threads"]) as pool:
    list(pool.map(work, range(given["threads"])))
print(json.dumps(done), flush=True)
"""


def test_processes_make_one_chain(
    app: Flask,
    newsroom: Newsroom,
    other_newsroom: Newsroom,
    session: Session,
    environment: dict[str, str],
) -> None:
    given = {
        "environment": environment,
        "rounds": ROUNDS,
        "threads": THREADS,
        "site_ids": [newsroom.site_id, other_newsroom.site_id],
    }
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for writer in writers:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write(json.dumps(given) + "\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "ready\n"
    done: list[int] = []
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        output, _ = writer.communicate(timeout=120)
        done += json.loads(output)
    recorded = entries(session, AuditAction.SHADOW_STOPPED)
    assert len(done) > PROCESSES * THREADS * ROUNDS / 2
    assert sorted(entry.site_id or 0 for entry in recorded) == sorted(done)
    result = verify(session, AUDIT_KEY)
    assert result.fault is None
    assert result.count == len(entries(session))
