"""Databases on a real PostgreSQL, emptied and used again: making one takes longer.

A copy of the template is 600 files, half a second; most tests write to ten tables.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field

import psycopg
import sqlalchemy as sa

#: Times the size of an empty one, from which on a database isn't used again: what is
#: deleted still takes room, and plans would be made for large tables.
MAX_GROWTH = 2

# What a test can leave behind other than rows: other tables, statistics, settings.
_FINGERPRINT = sa.text(
    """
    SELECT md5(concat_ws('|',
        (SELECT string_agg(concat_ws(',', c.relname, a.attname, a.atttypid,
                           a.attnotnull), ';' ORDER BY c.relname, a.attnum)
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped),
        (SELECT string_agg(concat_ws(',', conname, convalidated), ';' ORDER BY conname)
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
        (SELECT string_agg(concat_ws(',', tgname, tgenabled), ';' ORDER BY tgname)
         FROM pg_trigger WHERE NOT tgisinternal),
        (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace),
        (SELECT count(*) FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid
         WHERE c.relnamespace = 'public'::regnamespace),
        (SELECT count(*) FROM pg_db_role_setting d JOIN pg_database b
         ON b.oid = d.setdatabase WHERE b.datname = current_database())))
    """
)
_TABLES = sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
_OTHERS = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_SIZE = sa.text("SELECT pg_database_size(current_database())")
# Rows go whose triggers forbid it, and in any order.
_EMPTYING = sa.text("""
DO $$
DECLARE one record; is_filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one.tablename) INTO is_filled;
        IF is_filled THEN EXECUTE format('DELETE FROM %I', one.tablename); END IF;
    END LOOP;
    FOR one IN SELECT sequencename FROM pg_sequences
               WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', one.sequencename);
    END LOOP;
END $$
""")


@dataclass
class PostgresDatabases:
    """Copies of a migrated database, for one test after another."""

    server: sa.URL
    template: str
    #: rows that a migrated database has, by table, as JSON
    seeds: dict[str, str] = field(init=False)
    fingerprint: str = field(init=False)
    size: int = field(init=False)  #: bytes
    free: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note what the template is like."""
        with self._connected(self.template) as connection:
            self.fingerprint = connection.scalar(_FINGERPRINT)
            self.size = connection.scalar(_SIZE)
            self.seeds = {}
            for table in connection.scalars(_TABLES).all():
                rows = connection.scalar(
                    sa.text(f'SELECT json_agg(t) FROM "{table}" AS t')
                )
                if rows:
                    self.seeds[table] = json.dumps(rows)

    def take(self) -> str:
        """Return the name of a database as after the migrations."""
        if self.free:
            return self.free.pop()
        name = f"test_{secrets.token_hex(6)}"
        as_admin(self.server, f"CREATE DATABASE {name} TEMPLATE {self.template}")
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next test, or drop it."""
        if self._has_been_emptied(name):
            self.free.append(name)
        else:
            as_admin(self.server, f"DROP DATABASE {name} WITH (FORCE)")

    def drop_all(self) -> None:
        """Leave nothing on the server."""
        while self.free:
            as_admin(self.server, f"DROP DATABASE {self.free.pop()} WITH (FORCE)")
        as_admin(self.server, f"DROP DATABASE {self.template} WITH (FORCE)")

    def _has_been_emptied(self, name: str) -> bool:
        try:
            with self._connected(name) as connection:
                connection.execute(_OTHERS)
                if (
                    connection.scalar(_FINGERPRINT) != self.fingerprint
                    or connection.scalar(_SIZE) > MAX_GROWTH * self.size
                ):
                    return False
                connection.execute(_EMPTYING)
                for table, rows in self.seeds.items():
                    read = f'json_populate_recordset(NULL::"{table}", :rows)'
                    seeded = f'INSERT INTO "{table}" SELECT * FROM {read}'
                    connection.execute(sa.text(seeded), {"rows": rows})
                connection.commit()
        except sa.exc.ProgrammingError as error:
            if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                return False  # only a superuser empties tables against their triggers
            raise
        return True

    def _connected(self, name: str) -> sa.Connection:
        engine = sa.create_engine(
            self.server.set(database=name), poolclass=sa.pool.NullPool
        )
        return engine.connect()


def as_admin(server: sa.URL, statement: str) -> None:
    """Run a statement about whole databases."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()
