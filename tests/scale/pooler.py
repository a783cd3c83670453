"""A real PgBouncer in transaction mode, in front of the tests' PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

from tests.conftest import absent
from tests.processes import free_port, wait_until

CONNECTIONS = 6  # to the database, for all clients together
CONFIGURATION = """
[databases]
* = host={host} port={port} user={user}{password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 200
default_pool_size = {connections}
"""


@contextmanager
def pooling(server: sa.URL, database: str) -> Iterator[sa.URL]:
    """Run PgBouncer, and give the address of a database behind it."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        absent("PgBouncer (the program pgbouncer)")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "pgbouncer.ini")
        file.write_text(
            CONFIGURATION.format(
                host=server.query.get("host", server.host),
                port=server.query.get("port", server.port or 5432),
                user=server.username,
                password=f" password={server.password}" if server.password else "",
                own_port=port,
                connections=CONNECTIONS,
            )
        )
        command = [program, "--quiet", str(file)]
        if os.geteuid() == 0:  # as which it refuses to run
            os.chmod(folder, 0o755)
            command += ["--user", _owner(str(server.query.get("host", "")))]
        process = subprocess.Popen(command)
        pooled = sa.URL.create(
            "postgresql+psycopg",
            username=server.username,
            host="127.0.0.1",
            port=port,
            database=database,
            query={"prepare_threshold": "none"},
        )
        try:
            wait_until(lambda: answers(pooled))
            yield pooled
        finally:
            process.terminate()
            process.wait(30)


def _owner(socket_folder: str) -> str:
    """Return the user who can reach PostgreSQL's socket, if there is one."""
    if not socket_folder:
        return "nobody"
    return pwd.getpwuid(os.stat(socket_folder).st_uid).pw_name


def answers(url: sa.URL) -> bool:
    """Tell whether a query is answered."""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(sa.text("SELECT 1")))
    except (sa.exc.OperationalError, psycopg.OperationalError):
        return False
