"""Migrations: from nothing to the newest, in step with the tables, harmless twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy.orm import Session

from moderation import create_app, migration
from moderation.database import Table, db
from moderation.sites import keys, policies, sites
from moderation.sites.keys import ALL_SCOPES, UNNAMED, KeyContext
from moderation.tables.accounts import StaffIdentity, StaffToken
from moderation.web.services import services_of
from tests.builders import ALL_HELD, ENVIRONMENT, NOTHING_HELD, NOW, Newsroom

BEFORE_SCOPES = "0024"  # of site keys

# Dumps of the databases of earlier releases, one SQLite file each, named by their
# version. A release adds its own: `sqlite3 moderation.sqlite .dump > 0.1.0.sql`.
RELEASES = sorted((Path(__file__).parent / "releases").glob("*.sql"))


def contents(session: Session) -> dict[str, list[Any]]:
    """Return all rows of all tables, the revision included."""
    names = set(sa.inspect(session.connection()).get_table_names())
    names.discard(migration.SEARCH)  # can't be read; its shadows can
    return {
        name: sorted(map(repr, session.execute(sa.text(f'SELECT * FROM "{name}"'))))
        for name in sorted(names)
    }


def test_an_empty_database_comes_to_the_newest_revision(empty_url: str) -> None:
    app = create_app({**ENVIRONMENT, "DATABASE_URL": empty_url})
    with app.app_context():
        assert migration.current() is None
        migration.migrate()
        assert migration.current() == migration.head()
        names = {
            name
            for name in sa.inspect(db.engine).get_table_names()
            if not name.startswith(migration.SEARCH)
        }
        assert names == {*Table.metadata.tables, "alembic_version"}
        db.session.remove()
        db.engine.dispose()


def test_tables_and_migrations_agree(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        opts = {"compare_type": True, "include_object": migration.is_of_tables}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Table.metadata) == []


def test_a_second_migration_changes_nothing(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    before = contents(session)
    session.commit()
    migration.migrate()
    assert contents(session) == before


def test_the_head_is_the_one_alembic_finds(app: Flask) -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(migration.FOLDER)).get_heads() == [migration.head()]


#: Decisions about one comment before 0019: source, verdict, and reasons; then which
#: of them, by its place, each undid.
LOG: list[tuple[str, str, list[dict[str, Any]], int | None]] = [
    ("policy", "approve", [{"code": "clear"}], None),
    ("person", "reject", [{"code": "insult"}], None),
    ("person", "approve", [{"code": "undone"}], 1),
    ("rule", "review", [{"code": "rule", "tag": "undone"}], None),
    ("person", "reject", [{"code": "spam"}], None),
    ("person", "approve", [], None),
    ("person", "reject", [{"code": "undone"}], 5),
]


def test_the_decisions_undone_are_read_from_the_log(empty_url: str) -> None:
    app = create_app({**ENVIRONMENT, "DATABASE_URL": empty_url})
    with app.app_context():
        migration.migrate("0018")
        tables = sa.MetaData()
        tables.reflect(db.engine)
        with db.engine.begin() as connection:
            ids = [_fill_before_0019(connection, tables, number) for number in (1, 2)]
        migration.migrate()
        with db.engine.connect() as connection:
            rows = connection.execute(
                sa.text("SELECT id, undoes_id FROM decisions ORDER BY id")
            ).all()
        undone = dict(tuple(row) for row in rows)
        for log in ids:
            expected = [None if place is None else log[place] for *_, place in LOG]
            assert [undone[decision_id] for decision_id in log] == expected
        db.session.remove()
        db.engine.dispose()


def _fill_before_0019(
    connection: sa.Connection, tables: sa.MetaData, number: int
) -> list[int]:
    """Store a comment with `LOG`, as before 0019; return the decisions' ids."""
    rows = {
        "sites": {"id": number, "name": f"site-{number}", "created_at": NOW},
        "articles": {
            "id": number,
            "site_id": number,
            "reference": "a",
            "reference_hash": "0" * 64,
            "created_at": NOW,
        },
        "comments": {
            "id": number,
            "site_id": number,
            "article_id": number,
            "thread": "x",
            "fingerprint": "x",
            "author_name": "Ada",
            "body": "Hello.",
            "status": "rejected",
            "version": 1,
            "revision": 1,
            "received_at": NOW,
            "due_at": NOW,
        },
    }
    for name, row in rows.items():
        connection.execute(sa.insert(tables.tables[name]), row)
    decisions = tables.tables["decisions"]
    return [
        connection.execute(
            sa.insert(decisions).returning(decisions.c.id),
            {
                "site_id": number,
                "comment_id": number,
                "revision": 1,
                "created_at": NOW,
                "source": source,
                "verdict": verdict,
                "reasons": reasons,
                "labels": {},
            },
        ).scalar_one()
        for source, verdict, reasons, _ in LOG
    ]


def test_models_keep_what_refers_to_them(empty_url: str) -> None:
    app = create_app({**ENVIRONMENT, "DATABASE_URL": empty_url})
    with app.app_context():
        migration.migrate("0019")
        tables = sa.MetaData()
        tables.reflect(db.engine)
        model = {
            "id": 7,
            "version": "a-1",
            "base_version": "b-1",
            "artifact": b"weights",
            "learnt_from": b"marks",
            "report": {"gate": {}},
            "created_at": NOW,
        }
        promotion = {"model_id": 7, "action": "promotion", "created_at": NOW}
        with db.engine.begin() as connection:
            for number in (1, 2):
                site = {"id": number, "name": f"site-{number}", "created_at": NOW}
                connection.execute(sa.insert(tables.tables["sites"]), site)
            of_one = {"site_id": 1}
            connection.execute(sa.insert(tables.tables["models"]), model | of_one)
            connection.execute(
                sa.insert(tables.tables["promotions"]), promotion | of_one
            )
            connection.execute(sa.update(tables.tables["sites"]).values(model_id=7))
        row_of = sa.select(tables.tables["models"])
        before = db.session.execute(row_of).all()
        db.session.commit()
        migration.migrate()
        assert db.session.execute(row_of).all() == before
        db.session.commit()
        with db.engine.begin() as connection:
            again = model | {"id": 8, "site_id": 2}
            connection.execute(sa.insert(tables.tables["models"]), again)
        twice = model | {"id": 9, "site_id": 2}
        with pytest.raises(sa.exc.IntegrityError), db.engine.begin() as connection:
            connection.execute(sa.insert(tables.tables["models"]), twice)
        with pytest.raises(sa.exc.IntegrityError), db.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM models WHERE id = 7"))
        db.session.remove()
        db.engine.dispose()


def test_counters_and_devices_come_beside_staff(empty_url: str) -> None:
    app = create_app({**ENVIRONMENT, "DATABASE_URL": empty_url})
    with app.app_context():
        migration.migrate("0020")
        person = {"id": 5, "login": "ada", "password_hash": "x", "created_at": NOW}
        before = sa.MetaData()
        before.reflect(db.engine)
        with db.engine.begin() as connection:
            connection.execute(sa.insert(before.tables["staff"]), person)
        migration.migrate("0021")
        tables = sa.MetaData()
        tables.reflect(db.engine)
        names = {"known_devices", "failed_attempts", "rate_counts"}
        assert set(tables.tables) - set(before.tables) == names
        device = {
            "staff_id": 5,
            "token_hash": "a" * 64,
            "credentials_hash": "b" * 64,
            "failure_count": 0,
            "created_at": NOW,
            "expires_at": NOW,
        }
        devices = sa.insert(tables.tables["known_devices"])
        with db.engine.begin() as connection:
            connection.execute(devices, device)
        for wrong in (device, device | {"token_hash": "c" * 64, "staff_id": 6}):
            with pytest.raises(sa.exc.IntegrityError), db.engine.begin() as connection:
                connection.execute(devices, wrong)
        db.session.remove()
        db.engine.dispose()


def test_existing_keys_keep_all_scopes(empty_url: str) -> None:
    app = create_app({**ENVIRONMENT, "DATABASE_URL": empty_url})
    with app.app_context():
        migration.migrate(BEFORE_SCOPES)
        tables = sa.MetaData()
        tables.reflect(db.engine)
        policy = policies.default_policy(NOTHING_HELD)
        rows: dict[str, dict[str, Any]] = {
            "sites": {"id": 1, "name": "gazette", "created_at": NOW},
            "site_policies": {"id": 1, "site_id": 1, "body": policy, "created_at": NOW},
            "site_keys": {
                "id": 7,
                "site_id": 1,
                "key_hash": services_of(app).token_key.list_hashes("4t8w2m6x9k1d")[1],
                "created_at": NOW,
            },
        }
        with db.engine.begin() as connection:
            for name, row in rows.items():
                connection.execute(sa.insert(tables.tables[name]), row)
            connection.execute(sa.update(tables.tables["sites"]).values(policy_id=1))
        migration.migrate()
        hash_keys = services_of(app).token_key
        site = sites.find_by_key(db.session(), "4t8w2m6x9k1d", hash_keys)
        assert site is not None
        assert site.key == KeyContext(id=7, scopes=ALL_SCOPES, has_all_scopes=True)
        (listed,) = keys.list_keys(db.session(), 1)
        assert (listed.name, listed.scopes, listed.expires_at) == (UNNAMED, None, None)
        db.session.remove()
        db.engine.dispose()


def test_sessions_of_before_were_begun_with_a_password(empty_url: str) -> None:
    app = create_app({**ENVIRONMENT, "DATABASE_URL": empty_url})
    with app.app_context():
        migration.migrate("0025")
        tables = sa.MetaData()
        tables.reflect(db.engine)
        person = {"id": 5, "login": "ada", "password_hash": "x", "created_at": NOW}
        token = {
            "staff_id": 5,
            "token_hash": "a" * 64,
            "created_at": NOW,
            "expires_at": NOW,
        }
        with db.engine.begin() as connection:
            connection.execute(sa.insert(tables.tables["staff"]), person)
            connection.execute(sa.insert(tables.tables["staff_tokens"]), token)
        migration.migrate("0026")
        assert not db.session.scalars(sa.select(StaffToken.is_single_sign_on)).one()
        db.session.commit()
        identity = {
            "issuer": "https://login.example",
            "subject": "s-1",
            "staff_id": 5,
            "created_at": NOW,
        }
        insert = sa.insert(StaffIdentity)
        with db.engine.begin() as connection:
            connection.execute(insert, identity)
        wrong = (identity, identity | {"subject": "s-2"}, identity | {"staff_id": 6})
        for row in wrong:
            with pytest.raises(sa.exc.IntegrityError), db.engine.begin() as connection:
                connection.execute(insert, row)
        db.session.remove()
        db.engine.dispose()


def open_release(dump: Path, path: Path) -> str:
    """Make the database of an earlier release again; return its address."""
    connection = sqlite3.connect(path)
    connection.executescript(dump.read_text())
    connection.close()
    return f"sqlite:///{path}"


def test_there_is_an_earlier_release() -> None:
    assert RELEASES


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("dump", RELEASES, ids=lambda path: path.stem)
def test_the_database_of_an_earlier_release_is_brought_up(
    make_app: Callable[..., Flask], tmp_path: Path, dump: Path
) -> None:
    url = open_release(dump, tmp_path / "release.sqlite")
    app = make_app(DATABASE_URL=url)
    with app.app_context():
        count = db.session.scalar(sa.text("SELECT count(*) FROM comments"))
        db.session.remove()
        assert count
        migration.migrate()
        assert migration.current() == migration.head()
        kept = db.session.scalar(sa.text("SELECT count(*) FROM comments"))
        assert kept == count
        db.session.remove()
        with db.engine.connect() as connection:
            opts = {"compare_type": True, "include_object": migration.is_of_tables}
            context = MigrationContext.configure(connection, opts=opts)
            assert compare_metadata(context, Table.metadata) == []
            found = connection.execute(sa.text("PRAGMA foreign_key_check")).all()
            assert found == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_code_of_the_last_release_works_on_the_migrated_database(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    """Old and new processes serve side by side while an upgrade goes on.

    Old code reads and writes the tables and columns that it knows. So each is still
    there, and a row without the new columns can be stored: docs/upgrade.md. What is to
    go must first be unused for a release.
    """
    last = max(RELEASES, key=lambda path: [int(n) for n in path.stem.split(".")])
    url = open_release(last, tmp_path / "release.sqlite")
    before = sa.create_engine(url)
    old = sa.MetaData()
    old.reflect(before)
    before.dispose()
    app = make_app(DATABASE_URL=url)
    with app.app_context():
        migration.migrate()
        new = sa.MetaData()
        new.reflect(db.engine)
    faults = []
    for name, table in old.tables.items():
        if name.startswith(migration.SEARCH):
            continue
        if name not in new.tables:
            faults.append(f"{name} is gone")
            continue
        columns = new.tables[name].columns
        faults += [
            f"{name}.{c.name} is gone" for c in table.columns if c.name not in columns
        ]
        faults += [
            f"{name}.{c.name} must be given"
            for c in columns
            if c.name not in table.columns
            and not (c.nullable or c.server_default is not None)
        ]
        faults += [
            f"{name}.{c.name} must be given now"
            for c in table.columns
            if c.name in columns and c.nullable and not columns[c.name].nullable
        ]
    assert faults == []
