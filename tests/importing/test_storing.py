"""What is sent to the database for a batch of imported comments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from moderation.comments.articles import add_alias, reference_hash
from moderation.comments.history import HistoricComment, HistoryStore
from moderation.database import db, start_writing
from moderation.policy.verdicts import Status
from moderation.sites import sites
from moderation.tables.authors import Author, AuthorName
from moderation.tables.comments import Article, Comment
from moderation.tables.importing import HistoryImport
from moderation.web.services import services_of
from tests.builders import Newsroom

BEGAN = datetime(2015, 3, 1, tzinfo=UTC)


def historic(number: int, **fields: Any) -> HistoricComment:
    values: dict[str, Any] = {
        "external_id": f"wordpress:{number}",
        "parent": None,
        "article": f"https://news.example/{number}/",
        "article_title": f"Story {number}",
        "article_section": None,
        "author_name": "Ada",
        "author_email": f"reader{number}@mail.example",
        "author_url": None,
        "author_id": None,
        "ip": None,
        "written_at": BEGAN + timedelta(minutes=number),
        "edited_at": None,
        "body": f"Text {number}",
        "status": Status.APPROVED,
        "codes": (),
        "decided_at": None,
        "provenance": {
            "evidence": "person",
            "decided_by": None,
            "labels": None,
            "is_harmful": None,
            "details": {},
        },
    }
    return HistoricComment(**values | fields)


@pytest.fixture
def session(newsroom: Newsroom) -> Session:
    session = db.session()
    start_writing(session)
    return session


@pytest.fixture
def open_store(
    app: Flask, newsroom: Newsroom, session: Session
) -> Callable[[], HistoryStore]:
    run = HistoryImport(
        site_id=newsroom.site_id,
        source="wordpress",
        format="wordpress",
        digest="",
        started_at=BEGAN,
    )
    session.add(run)
    session.flush()
    site = sites.get_by_name(session, newsroom.name)
    privacy = services_of(app).privacy
    return lambda: HistoryStore(site, privacy, run.id, datetime.now(UTC))


@pytest.fixture
def store(open_store: Callable[[], HistoryStore]) -> HistoryStore:
    return open_store()


def count_statements(
    session: Session, store: HistoryStore, comments: list[HistoricComment]
) -> int:
    statements = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    connection = session.connection()
    sa.event.listen(connection, "before_cursor_execute", note)
    try:
        batch = store.store(session, comments)
    finally:
        sa.event.remove(connection, "before_cursor_execute", note)
    assert len(batch.added) == len(comments)
    return len(statements)


def test_many_comments_take_as_many_statements_as_few(
    session: Session, store: HistoryStore
) -> None:
    few = count_statements(session, store, [historic(n) for n in range(2)])
    many = count_statements(session, store, [historic(n) for n in range(2, 150)])
    assert many == few


def test_articles_are_found_in_every_spelling_and_keep_their_titles(
    session: Session, open_store: Callable[[], HistoryStore]
) -> None:
    address = "https://news.example/ferry/"
    names = [address, "HTTPS://News.Example/ferry/", address.replace("://", ":/")]
    titles = ["Ferry", "Other", None]
    open_store().store(
        session,
        [
            historic(number, article=name, article_title=title)
            for number, (name, title) in enumerate(zip(names, titles, strict=True))
        ],
    )
    (article,) = session.scalars(sa.select(Article))
    assert (article.title, article.section) == ("Ferry", None)
    assert article.created_at == BEGAN
    old_name = "https://old.example/ferry/"
    add_alias(session, article, reference_hash(old_name))
    session.flush()
    open_store().store(
        session,
        [historic(7, article=old_name, article_title="New", article_section="Local")],
    )
    session.refresh(article)
    assert (article.title, article.section) == ("Ferry", "Local")
    (stored,) = session.scalars(
        sa.select(Comment).where(Comment.external_id == "wordpress:7")
    )
    assert stored.article_id == article.id


def test_an_author_s_names_are_noted_once(
    session: Session, store: HistoryStore
) -> None:
    ada = {"author_email": "ada@mail.example"}
    names = ["Ada", "Ada L.", "Ada"]
    store.store(
        session,
        [
            historic(number, author_name=name, **ada)
            for number, name in enumerate(names)
        ],
    )
    later = [historic(3, author_name="Ada", **ada), historic(4, author_name="A", **ada)]
    store.store(session, later)
    (author,) = session.scalars(sa.select(Author))
    assert (author.name, author.approved) == ("A", 5)
    assert author.last_seen_at == later[-1].written_at
    noted = session.scalars(sa.select(AuthorName.name).order_by(AuthorName.name))
    assert list(noted) == ["A", "Ada", "Ada L."]
