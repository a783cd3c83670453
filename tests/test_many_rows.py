"""Rows that are read and written by the thousand, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation.comments.articles import reference_hash
from moderation.database import db, start_writing
from moderation.many_rows import find_rows, insert_rows
from moderation.tables.comments import Article, Comment
from moderation.tables.importing import HistoryUpload
from tests.builders import Newsroom, open_newsroom

ARTICLES = cast(sa.Table, Article.__table__)
COMMENTS = cast(sa.Table, Comment.__table__)
UPLOADS = cast(sa.Table, HistoryUpload.__table__)
BEGAN = datetime(2012, 3, 1, 12, 30, 59, 123456, tzinfo=UTC)
COUNT = 2_000  # PostgreSQL reads fewer by any index


def article(site_id: int, name: str) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "reference": name,
        "reference_hash": reference_hash(name),
        "title": None,
        "created_at": BEGAN,
    }


@pytest.fixture
def session(newsroom: Newsroom) -> Session:
    session = db.session()
    start_writing(session)
    return session


def test_rows_come_out_as_they_were_put_in(
    newsroom: Newsroom, session: Session
) -> None:
    files: list[dict[str, Any]] = [
        {"name": "“Zürich” \\ 'n' \"\U0001f600\"\n\t.xml", "size": 1 << 40},
        {"name": "", "more": {"list": [1.5, None, True]}},
    ]
    rows = [
        {"site_id": newsroom.site_id, "created_at": at, "files": files, "digest": name}
        for at, name in [(BEGAN, None), (BEGAN + timedelta(days=1), "a{}b\\")]
    ]
    insert_rows(session.connection(), UPLOADS, rows)
    columns = [UPLOADS.c[name] for name in rows[0]]
    stored = session.connection().execute(sa.select(*columns).order_by(UPLOADS.c.id))
    assert [dict(row) for row in stored.mappings()] == rows


@pytest.mark.parametrize("microseconds", [0, 70, 123456])
def test_moments_are_stored_as_sqlalchemy_would_in_utc_and_never_without_a_zone(
    newsroom: Newsroom, session: Session, microseconds: int
) -> None:
    vienna = timezone(timedelta(hours=1))
    at = datetime(2012, 1, 1, 0, 30, tzinfo=vienna).replace(microsecond=microseconds)
    row = {"site_id": newsroom.site_id, "created_at": at, "files": []}
    connection = session.connection()
    insert_rows(connection, UPLOADS, [row])
    connection.execute(sa.insert(UPLOADS), row)
    raw = sa.select(sa.cast(UPLOADS.c.created_at, sa.Text()))
    first, second = connection.scalars(raw)
    assert first == second
    assert list(connection.scalars(sa.select(UPLOADS.c.created_at))) == [at, at]
    if connection.dialect.name == "sqlite":
        bare = {**row, "created_at": at.replace(tzinfo=None)}
        with pytest.raises(ValueError, match="time zone"):
            insert_rows(connection, UPLOADS, [bare])


def test_a_stored_row_is_kept_or_refused(newsroom: Newsroom, session: Session) -> None:
    connection, site_id = session.connection(), newsroom.site_id
    insert_rows(connection, ARTICLES, [article(site_id, "a") | {"title": "Old"}])
    again = [article(site_id, "a") | {"title": "New"}, article(site_id, "b")]
    insert_rows(connection, ARTICLES, again, are_stored_kept=True)
    titles = connection.execute(
        sa.select(ARTICLES.c.reference, ARTICLES.c.title).order_by("reference")
    )
    assert [tuple(row) for row in titles] == [("a", "Old"), ("b", None)]
    with pytest.raises(sa.exc.IntegrityError):
        insert_rows(connection, ARTICLES, again)
    session.rollback()


def test_rows_are_found_by_their_values_at_one_site(
    app: Flask, newsroom: Newsroom, session: Session
) -> None:
    other = open_newsroom(app, "other")
    start_writing(session)
    names = [f"page {number}" for number in range(1_100)]
    for site in (newsroom, other):
        rows = [article(site.site_id, name) for name in names[::2]]
        insert_rows(session.connection(), ARTICLES, rows)
    hashes = {reference_hash(name) for name in names}
    found = find_rows(
        session.connection(),
        [ARTICLES.c.reference, ARTICLES.c.site_id],
        ARTICLES.c.reference_hash,
        hashes,
        site_id=newsroom.site_id,
    )
    assert {row.reference for row in found} == set(names[::2])
    assert {row.site_id for row in found} == {newsroom.site_id}
    ids = list(session.scalars(sa.select(Article.id).limit(10)))
    found = find_rows(
        session.connection(), [ARTICLES.c.id], ARTICLES.c.id, [*ids, -1, 1 << 30]
    )
    assert sorted(row.id for row in found) == sorted(ids)
    assert not find_rows(session.connection(), [ARTICLES.c.id], ARTICLES.c.id, [])


def comment(site_id: int, article_id: int, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "site_id": site_id,
        "article_id": article_id,
        "thread": str(number),
        "external_id": f"wordpress:{number}",
        "fingerprint": "",
        "author_name": "Ada",
        "body": "A text of some words, as comments are.",
        "status": "approved",
        "version": 1,
        "revision": 1,
        "received_at": BEGAN,
        "due_at": BEGAN,
    }


def test_a_site_that_postgresql_has_not_counted_is_not_read_as_a_whole(
    newsroom: Newsroom, session: Session
) -> None:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return
    insert_rows(connection, ARTICLES, [article(newsroom.site_id, "a")])
    article_id = session.scalars(sa.select(Article.id)).one()
    rows = [comment(newsroom.site_id, article_id, n) for n in range(COUNT)]
    insert_rows(connection, COMMENTS, rows)
    plan = _plan_of(
        connection,
        lambda: find_rows(
            connection,
            [COMMENTS.c.id],
            COMMENTS.c.external_id,
            [f"wordpress:{number}" for number in range(COUNT)],
            site_id=newsroom.site_id,
        ),
    )
    assert "using uq_comments_site_id_external_id" in plan
    (condition,) = [line for line in plan.splitlines() if "Index Cond" in line]
    assert "external_id" in condition


def _plan_of(connection: sa.Connection, work: Callable[[], object]) -> str:
    """Return how PostgreSQL carries the statement of some work out."""
    plans = []

    def explain(
        _: sa.Connection, cursor: Any, statement: str, values: Any, *more: Any
    ) -> None:
        cursor.execute(f"EXPLAIN (ANALYZE) {statement}", values)
        plans.append("\n".join(line for (line,) in cursor.fetchall()))

    sa.event.listen(connection, "before_cursor_execute", explain)
    try:
        work()
    finally:
        sa.event.remove(connection, "before_cursor_execute", explain)
    (plan,) = plans
    return plan
