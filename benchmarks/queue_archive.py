"""Archives for `benchmarks.queue`: databases filled by SQL alone, without scoring."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.comments.articles import reference_hash
from moderation.comments.search_index import gram_text
from moderation.sites.policies import default_policy

AGE = timedelta(days=365)  # of the oldest
SITES = (1, 2)  # nine in ten comments are at the first
PRIMES = (
    *(179424673, 198491317, 217645177, 236887691),
    *(256203161, 275604541, 295075147, 314606869),
)
FIELD = 2**31 - 1  # a prime
CAMPAIGNS = 20


@dataclass
class Archive:
    """A database with as many comments, built and opened."""

    size: int
    engine: sa.Engine
    seconds: float = 0.0  #: that building took

    def session(self) -> Session:
        """Return a session of its own."""
        return Session(self.engine, expire_on_commit=False)


@contextlib.contextmanager
def made(server: str | None, folder: Path, size: int, keep: bool) -> Iterator[Archive]:
    """Make a migrated database and fill it, or take one that was kept."""
    if server is None:
        path = folder / f"queue_{size}.sqlite"
        yield built(f"sqlite:///{path}", size, is_new=not path.exists())
        return
    name = f"benchmark_queue_{size}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    url = sa.make_url(server).set(database=name)
    archive = None
    try:
        with admin.connect() as connection:
            known = "SELECT datname FROM pg_database"
            is_new = name not in connection.scalars(sa.text(known)).all()
            if is_new:
                connection.execute(sa.text(f"CREATE DATABASE {name}"))
        archive = built(url.render_as_string(hide_password=False), size, is_new=is_new)
        yield archive
    finally:
        if archive is not None:
            archive.engine.dispose()
        if not keep:
            with admin.connect() as connection:
                connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def built(url: str, size: int, *, is_new: bool) -> Archive:
    """Migrate and fill a database, if it is new, and open it."""
    from moderation import create_app, migration
    from moderation.database import db

    environment = {**secrets_of(), "DATABASE_URL": url}
    engine = sa.create_engine(url)
    if not is_new:
        return Archive(size, engine)
    with create_app(environment).app_context():
        migration.migrate()
        db.session.remove()
        db.engine.dispose()
    started = time.monotonic()
    fill(engine, size)
    return Archive(size, engine, time.monotonic() - started)


def secrets_of() -> dict[str, str]:
    """Return the secrets that a service needs, made up."""

    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {
        "MODERATION_SECRET_KEY": secrets.token_urlsafe(32),
        "MODERATION_EMAIL_KEYS": f"k1:{key()}",
        "MODERATION_EMAIL_INDEX_KEY": key(),
    }


def fill(engine: sa.Engine, size: int) -> None:
    """Store comments, with their indexes made at the end: much the quicker way."""
    is_sqlite = engine.dialect.name == "sqlite"
    connection = engine.raw_connection()
    cursor = connection.cursor()
    if is_sqlite:  # no one else is connected, and a broken database is built again
        for pragma in ("journal_mode = OFF", "foreign_keys = OFF", "synchronous = OFF"):
            cursor.execute(f"PRAGMA {pragma}")
        connection.create_function("gram_text", 2, gram_text, deterministic=True)
        cursor.execute("PRAGMA cache_size = -1000000")
        cursor.execute("BEGIN")
    else:
        cursor.execute("SET maintenance_work_mem = '1GB'")
    dropped = _drop_indexes(cursor, is_sqlite)
    for statement in statements(size, is_sqlite):
        cursor.execute(statement)
    mark = "?" if is_sqlite else "%s"
    cursor.executemany(
        f"UPDATE articles SET reference_hash = {mark} WHERE id = {mark}",
        [
            (reference_hash(f"article {number}"), number + 1)
            for number in range(max(1, size // 100))
        ],
    )
    for statement in dropped:
        cursor.execute(statement)
    connection.commit()
    if is_sqlite:
        cursor.execute("PRAGMA journal_mode = WAL")
    connection.invalidate()
    if not is_sqlite:
        with engine.connect() as analysing:
            analysing.execution_options(isolation_level="AUTOCOMMIT")
            analysing.exec_driver_sql("VACUUM ANALYZE")
            with contextlib.suppress(sa.exc.DBAPIError):
                analysing.exec_driver_sql("CREATE EXTENSION pg_prewarm")
                analysing.exec_driver_sql(
                    "SELECT sum(pg_prewarm(oid)) FROM pg_class "
                    "WHERE relkind IN ('r', 'i') AND relname NOT LIKE 'pg\\_%%'"
                )


def _drop_indexes(cursor: Any, is_sqlite: bool) -> list[str]:
    """Drop the indexes of comments; return what makes them again."""
    if is_sqlite:
        query = (
            "SELECT type, name, sql FROM sqlite_master WHERE type = 'index' "
            "AND tbl_name IN ('comments', 'decisions') AND sql IS NOT NULL"
        )
    else:
        query = (
            "SELECT 'index', indexname, indexdef FROM pg_indexes "
            "WHERE tablename IN ('comments', 'decisions', 'search_texts') "
            "AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint)"
        )
    cursor.execute(query)
    found = cursor.fetchall()
    for kind, name, _ in found:
        cursor.execute(f"DROP {kind} {name}")
    refill = (
        "INSERT INTO comments_text(rowid, grams) "
        "SELECT comment_id, gram_text(name, body) FROM search_texts ORDER BY comment_id"
    )
    return [sql for _, _, sql in found] + ([refill] if is_sqlite else [])


def statements(size: int, is_sqlite: bool) -> Iterator[str]:
    """Return the SQL that fills an archive; the same numbers on both databases."""

    def series(length: int) -> str:
        if is_sqlite:
            return (
                "(WITH RECURSIVE counter(i) AS (SELECT 0 UNION ALL SELECT i + 1 "
                f"FROM counter WHERE i < {length - 1}) SELECT i FROM counter)"
            )
        return f"(SELECT i FROM generate_series(0::bigint, {length - 1}) AS s(i))"

    def moment(seconds: str) -> str:
        if is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {seconds}, 'unixepoch') || '000'"
        return f"to_timestamp({seconds})"

    def whole(prime: int, below: int) -> str:
        # A quadratic in a prime field: even, and of two primes unrelated.
        mixed = f"((i * {prime}) % {FIELD})"
        return f"((({mixed} * ({mixed} + {prime})) % {FIELD}) % {below})"

    def draw(prime: int) -> str:  # 0 to 1
        return f"({whole(prime, 1_000_000)} / 1000000.0)"

    now = datetime.now(UTC)
    oldest = now - AGE
    first, last = identifiers.first_id(oldest), identifiers.first_id(now)
    comment_id = f"{first} + i * {(last - first) // size}"
    seconds = f"({oldest.timestamp()} + i * {AGE.total_seconds() / size})"
    written, authors = max(1, size // 100), max(1, size // 20)
    is_pending = f"{draw(700001)} < 0.1"
    columns = {
        "id": comment_id,
        "site_id": f"CASE WHEN {whole(15485863, 10)} = 0 THEN 2 ELSE 1 END",
        "article_id": f"1 + (i * 31) % {written}",
        "thread": f"CAST({comment_id} AS TEXT)",
        "fingerprint": "''",
        "author_name": f"'Reader ' || ((i * 37) % {authors})",
        "email_index": f"CASE WHEN {draw(573259391)} < 0.1 THEN 'once ' || i "
        f"ELSE 'index ' || ((i * 37) % {authors}) END",
        "body": f"'comment number ' || i || ' says common' || {whole(32452843, 2)} || "
        f"' usual' || {whole(49979687, 100)} || ' rare' || ((i * 41) % {written}) || "
        "' and goes on for a while, as comments do, about the bridge over the river'",
        "language": f"CASE WHEN {draw(86028121)} < 0.9 THEN 'en' "
        f"WHEN {draw(86028121)} < 0.99 THEN 'de' ELSE 'fr' END",
        "status": f"CASE WHEN {is_pending} THEN 'pending' "
        f"WHEN {draw(700001)} < 0.2 THEN 'rejected' ELSE 'approved' END",
        "escalated_at": f"CASE WHEN {draw(700001)} < 0.0005 THEN {moment(seconds)} END",
        "campaign_id": f"CASE WHEN {draw(899809343)} < 0.001 "
        f"THEN 1 + i % {CAMPAIGNS} END",
        "version": "1",
        "revision": "1",
        "received_at": moment(seconds),
        "due_at": moment(f"({seconds} + 900 + 27900 * {draw(104395301)})"),
        "held_reason": f"CASE WHEN {draw(700001)} >= 0.3 THEN NULL "
        f"WHEN {draw(122949823)} < 0.8 THEN 'score' "
        f"WHEN {draw(122949823)} < 0.999 THEN 'premoderation' ELSE 'rule' END",
        "margin": f"{draw(141650939)} / 2",
        "report_weight": f"CASE WHEN {draw(160481183)} < 0.002 OR ({is_pending} "
        f"AND {draw(160481183)} < 0.02) THEN i % 9 + 0.5 ELSE 0 END",
        **{
            f"score_{label}": draw(prime)
            for label, prime in zip(
                LABELS,
                PRIMES,
                strict=True,
            )
        },
    }
    yield (
        "INSERT INTO sites (id, name, created_at) "
        f"SELECT i + 1, 'site' || i, {moment('0')} FROM {series(2)} AS n"
    )
    for site_id in SITES:
        yield (
            "INSERT INTO site_policies (id, site_id, body, created_at) VALUES "
            f"({site_id}, {site_id}, '{json.dumps(default_policy({}))}', {moment('0')})"
        )
    yield "UPDATE sites SET policy_id = id"
    yield (
        "INSERT INTO staff (id, login, password_hash, created_at) "
        "SELECT i + 1, CASE i WHEN 0 THEN 'bench' WHEN 1 THEN 'often' "
        f"ELSE 'seldom' END, '', {moment('0')} FROM {series(3)} AS n"
    )
    yield (
        "INSERT INTO articles (id, site_id, reference, reference_hash, section, "
        "created_at) SELECT i + 1, 1, 'article ' || i, 'hash ' || i, "
        f"'section ' || (i % 20), {moment('0')} FROM {series(written)} AS n"
    )
    yield (
        "INSERT INTO campaigns (id, site_id, size, version, created_at, last_seen_at) "
        f"SELECT i + 1, 1, 1, 1, {moment('0')}, {moment('0')} "
        f"FROM {series(CAMPAIGNS)} AS n"
    )
    yield (
        f"INSERT INTO comments ({', '.join(columns)}) "
        f"SELECT {', '.join(columns.values())} FROM {series(size)} AS n"
    )
    yield (
        "INSERT INTO search_texts (comment_id, name, body) "
        "SELECT id, lower(author_name), body FROM comments ORDER BY id"
    )
    yield (
        "INSERT INTO decisions (site_id, comment_id, revision, created_at, source, "
        "staff_id, verdict, reasons, labels, model_version) SELECT site_id, id, 1, "
        "received_at, CASE WHEN status <> 'rejected' THEN 'policy' ELSE 'person' END, "
        "CASE WHEN status <> 'rejected' THEN NULL WHEN id % 10007 = 0 THEN 3 ELSE 2 "
        "END, CASE status WHEN 'pending' THEN 'review' WHEN 'approved' THEN 'approve' "
        """ELSE 'reject' END, '[{"code": "score", "label": "spam"}]', '{}', 'm1' """
        "FROM comments ORDER BY id"
    )
    yield (
        "INSERT INTO appeals (site_id, comment_id, revision, text, created_at, "
        "decision_id) SELECT comments.site_id, comments.id, 1, 'Please.', received_at, "
        "decisions.id FROM comments JOIN decisions ON comment_id = comments.id "
        f"WHERE comments.id % {FIELD} % 1000 = 0 AND status = 'pending'"
    )
    yield (
        f"INSERT INTO scores (comment_id, revision, model_version, created_at, "
        f"{', '.join(LABELS)}) SELECT id, 1, 'm1', received_at, "
        f"{', '.join(f'score_{label}' for label in LABELS)} "
        "FROM comments WHERE status = 'pending' ORDER BY id"
    )
