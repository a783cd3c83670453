"""Monthly partitions of comments next to one table, on PostgreSQL.

    python -m benchmarks.partitions [--rows 2000000] [--months 24]

Narrow rows: the columns and indexes that the queue, the threads, and the sites' IDs
need. Times are medians of several runs, in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from benchmarks.databases import open_database

MAX_ROWS, MAX_MONTHS = 20_000_000, 120
RUNS = 15
COLUMNS = """
    id bigint NOT NULL, site_id int NOT NULL, article_id int NOT NULL,
    external_id text, status text NOT NULL, due_at bigint NOT NULL
"""
INDEXES = (
    "CREATE INDEX ON {t} (site_id, due_at, id) WHERE status = 'pending'",
    "CREATE INDEX ON {t} (article_id, id)",
)
#: What each request asks; `:id` is of a comment, `:n` its number.
QUERIES = {
    "a comment by its ID": "SELECT * FROM {t} WHERE id = :id",
    "a comment by the site's own ID": (
        "SELECT id FROM {t} WHERE site_id = 1 AND external_id = 'wp-' || :n"
    ),
    "a page of the queue": (
        "SELECT id FROM {t} WHERE site_id = 1 AND status = 'pending' AND due_at > :id"
        " ORDER BY due_at, id LIMIT 20"
    ),
    "a page of a thread": (
        "SELECT id FROM {t} WHERE article_id = :n % 5000 ORDER BY id DESC LIMIT 50"
    ),
}


def build(connection: sa.Connection, rows: int, months: int) -> dict[str, float]:
    """Make and fill both tables; return the seconds that each took."""
    run = connection.exec_driver_sql
    run(f"CREATE TABLE one ({COLUMNS}, PRIMARY KEY (id))")
    run("CREATE UNIQUE INDEX ON one (site_id, external_id)")
    run(f"CREATE TABLE parts ({COLUMNS}, PRIMARY KEY (id)) PARTITION BY RANGE (id)")
    # PostgreSQL refuses a unique index without the partitions' key: see below.
    run("CREATE INDEX ON parts (site_id, external_id)")
    each = rows // months
    for month in range(months):
        start, end = month * each, (month + 1) * each
        run(
            f"CREATE TABLE parts_{month} PARTITION OF parts"
            f" FOR VALUES FROM ({start}) TO ({end})"
        )
    took = {}
    for table in ("one", "parts"):
        for index in INDEXES:
            run(index.format(t=table))
        began = time.monotonic()
        run(
            f"INSERT INTO {table} SELECT n, 1 + mod(n, 3), mod(n, 5000), 'wp-' || n,"
            f" CASE WHEN mod(n, 1000) = 0 THEN 'pending' ELSE 'approved' END, n"
            f" FROM generate_series(0, {each * months - 1}) AS n"
        )
        took[table] = time.monotonic() - began
        connection.commit()
        run(f"ANALYZE {table}")
    connection.commit()
    return took


def refusal(connection: sa.Connection) -> str:
    """Return what PostgreSQL says to the unique index that we need."""
    try:
        connection.exec_driver_sql(
            "CREATE UNIQUE INDEX ON parts (site_id, external_id)"
        )
    except sa.exc.DBAPIError as error:
        connection.rollback()
        return str(error.orig).partition("\n")[0]
    return "none"


def median_ms(act: Callable[[], object]) -> float:
    """Return the median time of something, milliseconds."""
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def once_ms(act: Callable[[], object]) -> float:
    """Return the time of something that is done once, milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--months", type=int, default=24)
    given = parser.parse_args()
    rows, months = min(given.rows, MAX_ROWS), min(given.months, MAX_MONTHS)
    draw = random.Random(1)
    print(f"load {os.getloadavg()[0]:.1f}, {rows:,} rows, {months} partitions\n")
    with (
        tempfile.TemporaryDirectory() as name,
        open_database("postgresql", Path(name)) as database,
    ):
        engine = sa.create_engine(database.url)
        with engine.connect() as connection:
            took = build(connection, rows, months)
            print(f"unique (site_id, external_id): {refusal(connection)}\n")
            print("| | one table, ms | partitions, ms |\n| --- | ---: | ---: |")
            filling = (1000 * took["one"], 1000 * took["parts"])
            print(f"| fill | {filling[0]:.0f} | {filling[1]:.0f} |")
            for what, query in QUERIES.items():
                columns = []
                for table in ("one", "parts"):
                    statement = sa.text(query.format(t=table))

                    def ask(statement: sa.TextClause = statement) -> None:
                        number = 3 * draw.randrange(rows // 3)
                        values = {"id": number, "n": number}
                        connection.execute(statement, values).all()

                    columns.append(median_ms(ask))
                print(f"| {what} | {columns[0]:.2f} | {columns[1]:.2f} |")
            each = rows // months
            run = connection.exec_driver_sql
            delete = once_ms(lambda: run(f"DELETE FROM one WHERE id < {each}"))
            drop = once_ms(lambda: run("DROP TABLE parts_0"))
            print(f"| delete a month | {delete:.0f} | {drop:.0f} |")
        engine.dispose()


if __name__ == "__main__":
    main()
