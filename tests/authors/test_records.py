"""Records: who wrote, found by an id, an address, or a name; counted and erased."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from moderation.accounts.staff import Role
from moderation.authors.identity import FoundBy, keys_of
from moderation.comments import author_records, statements
from moderation.database import db, start_writing
from moderation.keyed_hashes import HashKeys
from moderation.privacy import Privacy
from moderation.tables.authors import Author, AuthorName, AuthorNote, StandingChange
from moderation.tables.comments import Comment
from moderation.web.services import services_of
from moderation.worker import maintenance
from tests.builders import ALL_HELD, Answer, Newsroom, comment, open_newsroom
from tests.concurrency.test_concurrency import at_once
from tests.objections.test_reports import COMMENTS, decide
from tests.refusals import on_sqlite

AUTHORS = "/api/v1/authors"
IP = {"ip": "192.0.2.7"}


def listed(newsroom: Newsroom, query: str = "") -> list[dict[str, Any]]:
    """Return the authors that a moderator lists."""
    answer = newsroom.as_staff().get(f"{AUTHORS}{query}")
    assert answer.status_code == 200, answer.json
    found: list[dict[str, Any]] = answer.json["authors"]
    return found


def record_of(newsroom: Newsroom, author_id: int | None = None) -> dict[str, Any]:
    """Return an author's record; the only one, if none is named."""
    if author_id is None:
        (only,) = listed(newsroom)
        author_id = only["id"]
    answer = newsroom.as_staff().get(f"{AUTHORS}/{author_id}")
    assert answer.status_code == 200, answer.json
    record: dict[str, Any] = answer.json
    return record


def sums(newsroom: Newsroom, author_id: int | None = None) -> tuple[int, int, int]:
    record = record_of(newsroom, author_id)
    return record["pending"], record["approved"], record["rejected"]


SAME = [
    ({"author_email": "a.b@gmail.com"}, {"author_email": "AB+news@googlemail.com"}),
    ({"author_email": "ada@mail.example"}, {"author_email": "ADA+x+y@mail.example"}),
    ({"author_id": "7"}, {"author_id": "7", "author_email": "new@mail.example"}),
]
OTHERS = [
    ({"author_email": "a.b@mail.example"}, {"author_email": "ab@mail.example"}),
    ({"author_id": "7"}, {"author_id": "8"}),
    ({"author_id": "7"}, {}),  # typing an address doesn't make one the verified author
    ({"author_id": "7"}, {"author_id": "７"}),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_one_author_has_one_record(
    newsroom: Newsroom, first: dict[str, str], second: dict[str, str]
) -> None:
    newsroom.send(**first)
    newsroom.send(**second, author_name="Somebody else")
    assert sums(newsroom) == (0, 2, 0)


@on_sqlite
@pytest.mark.parametrize(("first", "second"), OTHERS)
def test_two_authors_have_two(
    newsroom: Newsroom, first: dict[str, str], second: dict[str, str]
) -> None:
    newsroom.send(**first)
    newsroom.send(**second)
    assert len(listed(newsroom)) == 2


def test_a_record_is_of_one_site(newsroom: Newsroom) -> None:
    other = open_newsroom(newsroom.app, "herald")
    newsroom.send()
    other.send()
    keys = db.session.scalars(sa.select(Author.key)).all()
    assert len({*keys}) == 2
    assert sums(newsroom) == (0, 1, 0)


def test_a_record_counts_each_status(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    first, second = newsroom.send()["id"], newsroom.send()["id"]
    assert sums(newsroom) == (2, 0, 0)
    decide(newsroom, first, "approve")
    decide(newsroom, second, "reject")
    assert sums(newsroom) == (0, 1, 1)
    undone = newsroom.as_staff().post(f"{COMMENTS}/{second}/undo", {"version": 2})
    assert undone.status_code == 201, undone.json
    assert sums(newsroom) == (1, 1, 0)
    edited = newsroom.as_site().patch(f"{COMMENTS}/{first}", {"body": "Another text"})
    assert edited.status_code == 200
    assert sums(newsroom) == (2, 0, 0)


def test_a_batch_is_counted_and_uncounted(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    for number in range(4):
        newsroom.send(author_email=f"reader{number % 2}@mail.example")
    desk = newsroom.as_staff()
    queue = desk.get("/api/v1/queue").json["comments"]
    body = {
        **{"site": "gazette", "label": "toxicity", "low": 0, "high": 1},
        **{"verdict": "reject", "reasons": ["spam"], "as_of": "2199-01-01T00:00:00Z"},
    }
    batch = desk.post("/api/v1/batches", body)
    assert batch.status_code == 201, batch.json
    assert len(queue) == 4
    assert [row["rejected"] for row in listed(newsroom)] == [2, 2]
    desk.post(f"/api/v1/batches/{batch.json['id']}/undo")
    assert [row["pending"] for row in listed(newsroom)] == [2, 2]
    assert [row["rejected"] for row in listed(newsroom)] == [0, 0]


def test_two_first_comments_at_once_make_one_record(
    app: Flask, newsroom: Newsroom
) -> None:
    def send() -> Answer:
        return newsroom.as_site().post(COMMENTS, comment())

    answers = at_once(app, [send] * 4)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert sums(newsroom) == (0, 4, 0)


def test_without_an_address_a_name_and_its_network_tell() -> None:
    privacy = Privacy(
        email_keys={"k": b"e" * 32},
        index_keys=[b"i" * 32],
        ip_keys=HashKeys.of([b"p"]),
    )

    def key(name: str, network: str | None) -> str | None:
        keys = keys_of(
            privacy,
            1,
            author_id=None,
            email=None,
            name=name,
            networks=[network] if network else [],
        )
        assert keys is None or keys.found_by is FoundBy.NAME
        return keys.key if keys else None

    assert key("Big Dave", "n1") == key("b1g dâve", "n1") == key("BigDave", "n1")
    assert key("Big Dave", "n1") != key("Big Dave", "n2")
    assert key("Big Dave", "n1") != key("Dave", "n1")
    assert key("Big Dave", None) is None


@pytest.mark.parametrize("kept", [0, 1])
def test_erasing_the_last_comment_leaves_nothing_of_the_author(
    newsroom: Newsroom, kept: int
) -> None:
    sent = [newsroom.send(author_name=name, **IP)["id"] for name in ("Ada", "Countess")]
    (author,) = listed(newsroom)
    path = f"{AUTHORS}/{author['id']}"
    lead = newsroom.as_staff(Role.LEAD)
    ban = {"standing": "banned", "reason": "spam", "note": "Met at the fair."}
    assert lead.put(f"{path}/standing", ban).status_code == 200
    assert lead.post(f"{path}/notes", {"text": "Lives in Ferry Lane."}).json["id"]
    for comment_id in sent[kept:]:
        gone = newsroom.as_site().delete(f"{COMMENTS}/{comment_id}")
        assert gone.status_code == 204
    row = db.session.get_one(Author, author["id"])
    names = db.session.scalars(sa.select(AuthorName.name)).all()
    notes = db.session.scalars(sa.select(AuthorNote.text)).all()
    if kept:
        assert (row.name, row.approved, row.standing) == ("Ada", 1, "banned")
        assert names == ["Ada"]
        return
    assert (row.key, row.address_key, row.name, row.standing) == (None, None, "", None)
    assert (row.pending, row.approved, row.rejected) == (0, 0, 0)
    assert (names, notes) == ([], [])
    changes = db.session.scalars(sa.select(StandingChange.note)).all()
    assert changes == [None]
    assert newsroom.as_staff().get(path).status_code == 404
    assert listed(newsroom) == []


def test_an_edit_adds_a_name(newsroom: Newsroom) -> None:
    sent = newsroom.send(author_name="Ada")["id"]
    body = {"body": "Another text", "author_name": "Countess"}
    newsroom.as_site().patch(f"{COMMENTS}/{sent}", body)
    assert [row["id"] for row in listed(newsroom, "?name=count")]
    assert db.session.scalars(sa.select(AuthorName.name)).all() == ["Countess"]
    assert record_of(newsroom)["name"] == "Countess"


def forget_records(session: Session) -> None:
    """Put the database back to before there were records."""
    start_writing(session)
    session.execute(sa.update(Comment).values(author_record_id=None))
    session.execute(sa.delete(AuthorName))
    session.execute(sa.delete(Author))
    session.commit()


def test_stored_comments_are_given_records_by_the_worker(
    newsroom: Newsroom, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Before there were records, there were no statements, which name them for ever.
    monkeypatch.setattr(statements, "record", lambda *_, **__: None)
    newsroom.set_policy(ALL_HELD)
    for name in ("Ada", "Countess"):
        newsroom.send(author_name=name, author_email="a.da@gmail.com")
    rejected = newsroom.send(author_email="ada+1@gmail.com", author_name="Old Ada")
    newsroom.send(author_id="7")
    decide(newsroom, rejected["id"], "reject")
    before = [record_of(newsroom, row["id"]) for row in listed(newsroom)]
    forget_records(session)
    newsroom.send(author_email="ada@gmail.com", author_name="Ada")
    monkeypatch.setattr(author_records, "BATCH_SIZE", 2)
    privacy = services_of(newsroom.app).privacy
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    while maintenance.assign_authors(sessions, privacy):
        pass
    after = [record_of(newsroom, row["id"]) for row in listed(newsroom)]
    assert len(after) == 2
    merged = next(row for row in after if row["found_by"] == "email")
    assert (merged["pending"], merged["rejected"], merged["name"]) == (3, 1, "Ada")
    assert {name["name"] for name in merged["names"]} == {"Ada", "Countess", "Old Ada"}
    verified = next(row for row in after if row["found_by"] == "verified")
    was = next(row for row in before if row["found_by"] == "verified")
    unlike = {"id": 0, "same_name": 0}  # Ada wrote since under her name again
    assert {**verified, **unlike} == {**was, **unlike}
    assert not maintenance.assign_authors(sessions, privacy)
