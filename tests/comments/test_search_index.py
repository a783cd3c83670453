"""The search index: filled for what was stored before it, in steps."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from moderation import identifiers
from moderation.comments import search_index
from moderation.database import db, start_writing
from moderation.tables.search import SearchBacklog
from moderation.text.folding import fold, grams
from moderation.worker import maintenance
from tests.builders import Newsroom

LIST = "/api/v1/comments"


def search(newsroom: Newsroom, text: str) -> tuple[list[str], bool]:
    answer = newsroom.as_staff().get(f"{LIST}?text={text}").json
    return [row["body"] for row in answer["comments"]], answer["is_search_complete"]


def test_what_was_stored_before_is_found_once_a_worker_has_indexed_it(
    newsroom: Newsroom, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = ["The first ferry.", "The second ferry.", "The third ferry."]
    numbers = [identifiers.decode(newsroom.send(body=body)["id"]) for body in bodies]
    erased = newsroom.send(body="Another ferry.")["id"]
    newsroom.as_site().delete(f"{LIST}/{erased}")
    start_writing(session)
    for number in numbers:
        search_index.remove(session, number)
    session.add(SearchBacklog(comment_id=identifiers.decode(erased) + 1))
    session.commit()
    assert search(newsroom, "ferry") == ([], False)
    newsroom.send(body="A ferry of today.")
    assert search(newsroom, "ferry") == (["A ferry of today."], False)
    monkeypatch.setattr(search_index, "BATCH_SIZE", 3)  # with the erased one
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    assert maintenance.index_texts(sessions)
    assert search(newsroom, "ferry") == (["A ferry of today.", *bodies[:0:-1]], False)
    assert not maintenance.index_texts(sessions)
    assert search(newsroom, "ferry") == (["A ferry of today.", *bodies[::-1]], True)
    assert not maintenance.index_texts(sessions)


def test_both_databases_keep_the_same_grams(
    newsroom: Newsroom, session: Session
) -> None:
    name, body = "Bo O'Neil", fold("It's \\ 100% «fine» 日本 ☕️ :) a'b\"c")
    marked = {search_index.NAME_MARK + gram for gram in grams(fold(name))}
    expected = grams(body) | marked
    assert set(search_index.gram_text(fold(name), body).split(" ")) == expected
    if session.get_bind().dialect.name == "postgresql":
        number = identifiers.new_id()
        query = sa.text(
            "SELECT unnest(tsvector_to_array(comments_terms(:id, :name, :body)))"
        )
        values = {"id": number, "name": fold(name), "body": body}
        slices = {
            search_index.slice_term(bits, number >> bits)
            for bits in search_index.SLICE_BITS
        }
        assert set(session.scalars(query, values)) == expected | slices
