"""The migration that adds the audit log, from the state before it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from moderation import create_app, migration
from moderation.audit.chain import GENESIS
from moderation.audit.verification import read_head
from moderation.database import db
from tests.audit.rows import fill
from tests.builders import ENVIRONMENT, NOW

BEFORE = "0023"


def test_a_database_of_before_gets_an_empty_log(empty_url: str) -> None:
    app = create_app({**ENVIRONMENT, "DATABASE_URL": empty_url})
    with app.app_context():
        migration.migrate(BEFORE)
        assert not sa.inspect(db.engine).has_table("audit_entries")
        tables = sa.MetaData()
        tables.reflect(db.engine, only=["sites"])
        sites = tables.tables["sites"]
        with db.engine.begin() as connection:
            connection.execute(sa.insert(sites).values(name="gazette", created_at=NOW))
        migration.migrate()
        session = db.session()
        assert session.scalars(sa.select(sites.c.name)).all() == ["gazette"]
        head = read_head(session)
        assert (head.sequence, head.hash) == (0, GENESIS)
        fill(session, 1)
        with pytest.raises(DBAPIError, match="only ever added"), db.engine.begin() as c:
            c.execute(sa.text("DELETE FROM audit_entries"))
        db.session.remove()
        db.engine.dispose()
