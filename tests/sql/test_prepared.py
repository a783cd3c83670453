"""Prepared statements do what SQLAlchemy's own execution does, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from moderation.comments.articles import reference_hash
from moderation.database import db, start_writing
from moderation.sql.prepared import Prepared, insert
from moderation.tables.comments import Article
from moderation.tables.importing import HistoryUpload
from tests.builders import Newsroom

BEGAN = datetime(2012, 3, 1, 12, 30, 59, 123456, tzinfo=UTC)
FILES = [{"name": "“Zürich” 100% 'n' :x ?", "size": 1 << 40}]

ADD = Prepared(sa.insert(Article))
NAMED = Prepared(
    sa.select(Article.reference, Article.created_at, Article.title)
    .where(Article.reference.in_(sa.bindparam("names", expanding=True)))
    .order_by(Article.id)
    .limit(10)
)
RETITLE = Prepared(
    sa.update(Article)
    .where(Article.reference == sa.bindparam("name"))
    .values(title=sa.bindparam("newest"))
)


def article(site_id: int, name: str) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "reference": name,
        "reference_hash": reference_hash(name),
        "created_at": BEGAN,
    }


@pytest.fixture
def session(newsroom: Newsroom) -> Session:
    session = db.session()
    start_writing(session)
    return session


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Collect statements; while something does, SQLAlchemy runs them."""
    texts: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        texts.append(text)

    connection = session.connection()
    sa.event.listen(connection, "before_cursor_execute", note)
    try:
        yield texts
    finally:
        sa.event.remove(connection, "before_cursor_execute", note)


def test_lists_of_any_length_find_what_they_name(
    newsroom: Newsroom, session: Session
) -> None:
    names = ["a", "b", "100%"]
    ADD.run_many(session, [article(newsroom.site_id, name) for name in names])
    for count in range(len(names) + 1):
        values = {"names": names[:count]}
        rows = NAMED.all(session, values)
        assert [row.reference for row in rows] == names[:count]
        with statements(session) as texts:
            assert [tuple(row) for row in NAMED.all(session, values)] == rows
        assert len(texts) == 1
    first = NAMED.first(session, {"names": names})
    assert first is not None
    assert (first.created_at, first.title) == (BEGAN, None)
    assert NAMED.first(session, {"names": ["z"]}) is None


def test_changes_are_counted(newsroom: Newsroom, session: Session) -> None:
    ADD.run(session, article(newsroom.site_id, "a"))
    assert RETITLE.run(session, {"name": "a", "newest": "News"}) == 1
    assert RETITLE.run(session, {"name": "z", "newest": "News"}) == 0
    with statements(session):
        assert RETITLE.run(session, {"name": "a", "newest": None}) == 1
        ADD.run_many(session, [article(newsroom.site_id, "b")])
    session.rollback()
    assert NAMED.all(session, {"names": ["a", "b"]}) == []


def test_a_row_that_is_there_already_is_an_integrity_error(
    newsroom: Newsroom, session: Session
) -> None:
    ADD.run(session, article(newsroom.site_id, "a"))
    session.commit()
    start_writing(session)
    with pytest.raises(IntegrityError):
        ADD.run(session, article(newsroom.site_id, "a"))
    session.rollback()
    assert len(NAMED.all(session, {"names": ["a"]})) == 1


def test_an_inserted_row_is_whole_and_is_not_read_back(
    newsroom: Newsroom, session: Session
) -> None:
    row = HistoryUpload(
        site_id=newsroom.site_id, created_at=BEGAN, files=FILES, digest=None
    )
    insert(session, row)
    with statements(session) as texts:
        values = {
            column.key: getattr(row, column.key)
            for column in sa.inspect(HistoryUpload).columns
        }
    assert texts == []
    assert values["files"] == FILES
    session.expire(row)
    assert {name: getattr(row, name) for name in values} == values
    row.digest = "later"  # it belongs to the session
    session.commit()
    assert session.scalar(sa.select(HistoryUpload.digest)) == "later"
