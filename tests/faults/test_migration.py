"""A migration killed by `kill -9`: nothing of it stays, and the next one ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from moderation import create_app, migration
from moderation.database import Table, db
from tests.builders import ENVIRONMENT
from tests.processes import ROOT
from tests.test_migrations import contents

REVISIONS = sorted(
    path.stem.partition("_")[0]
    for path in (migration.FOLDER / "versions").glob("[0-9]*.py")
)
STEPS = 6  # that the interrupted run has before it: the newest
#: Dies when the database has come to a revision, before it is committed.
KILLED = """
import os, signal
from moderation import create_app, migration

def die(revision):
    if revision == os.environ["DIES_AT"]:
        os.kill(os.getpid(), signal.SIGKILL)

with create_app(os.environ).app_context():
    migration.migrate(on_step=die)
"""


@pytest.mark.parametrize("dies_at", [REVISIONS[-STEPS // 2], REVISIONS[-1]])
def test_a_killed_migration_changes_nothing_and_the_next_one_ends(
    empty_url: str, dies_at: str
) -> None:
    settings = {**ENVIRONMENT, "DATABASE_URL": empty_url}
    app, start = create_app(settings), REVISIONS[-STEPS]
    with app.app_context():
        migration.migrate(start)
        before = contents(db.session())
        db.session.remove()
        db.engine.dispose()
        killed = subprocess.run(
            [sys.executable, "-c", KILLED],
            env={**os.environ, **settings, "DIES_AT": dies_at},
            cwd=ROOT,
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        # On SQLite, the migrations before the killed one are committed.
        is_sqlite = db.engine.dialect.name == "sqlite"
        last = REVISIONS[REVISIONS.index(dies_at) - 1] if is_sqlite else start
        assert migration.current() == last
        if not is_sqlite:
            assert contents(db.session()) == before
        db.session.remove()
        migration.migrate()
        assert migration.current() == migration.head()
        db.session.remove()
        with db.engine.connect() as connection:
            opts = {"include_object": migration.is_of_tables}
            context = MigrationContext.configure(connection, opts=opts)
            assert compare_metadata(context, Table.metadata) == []
        db.session.remove()
        db.engine.dispose()
