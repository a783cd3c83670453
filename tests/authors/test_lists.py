"""Lists of authors and what happened with one: filters, orders, pages, and look-ups."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.authors import timeline
from moderation.database import db, start_writing
from moderation.tables.audit import AuditEntry
from moderation.tables.authors import Author, AuthorNote
from tests.api.test_qa_reviews import second_look
from tests.authors.test_records import AUTHORS, listed, record_of
from tests.authors.test_standings import give
from tests.builders import ALL_HELD, Newsroom, open_newsroom
from tests.objections.test_appeals import appeal
from tests.objections.test_reports import COMMENTS, decide
from tests.refusals import assert_refused, on_sqlite


def send_as(newsroom: Newsroom, name: str, **fields: Any) -> str:
    email = f"{name.casefold().replace(' ', '-')}@mail.example"
    fields = {"author_email": email, **fields}
    sent: str = newsroom.send(author_name=name, **fields)["id"]
    return sent


def names(newsroom: Newsroom, query: str) -> list[str]:
    return [row["name"] for row in listed(newsroom, query)]


FOUND = [
    ("dave", ["Dave2", "Big Dave"]),
    ("BIG D", ["Big Dave"]),
    ("cafe", ["Café Société"]),
    ("%", []),
    ("_", []),
    ("李", ["李小龙"]),
    ("nobody", []),
]


@pytest.fixture
def crowd(newsroom: Newsroom) -> Newsroom:
    for name in ("Big Dave", "Dave2", "Café Société", "李小龙"):
        email = f"{len(name)}{ord(name[0])}@mail.example"
        newsroom.send(author_name=name, author_email=email)
    return newsroom


@pytest.mark.parametrize(("part", "expected"), FOUND)
def test_an_author_is_found_by_a_part_of_a_name(
    crowd: Newsroom, part: str, expected: list[str]
) -> None:
    assert names(crowd, f"?name={quote(part)}") == expected


def test_a_name_that_unfolds_to_thousands_of_letters_is_stored(
    newsroom: Newsroom,
) -> None:
    send_as(newsroom, "ﷺ" * 100, author_email="long@mail.example")
    assert len(names(newsroom, f"?name={quote('ﷺ')}")) == 1


def test_an_earlier_name_finds_its_author(newsroom: Newsroom) -> None:
    for name in ("Big Dave", "Ferry fan"):
        newsroom.send(author_name=name)
    assert names(newsroom, "?name=big") == ["Ferry fan"]


@pytest.mark.parametrize("order", ["last_seen", "rejected", "newest"])
def test_pages_hold_each_author_once(newsroom: Newsroom, order: str) -> None:
    newsroom.set_policy(ALL_HELD)
    other = open_newsroom(newsroom.app, "herald")
    newsroom.also_at(other, Role.MODERATOR)
    for site in (newsroom, other):
        for number in range(4):
            sent = send_as(site, f"Reader {number}")
            if number:
                decide(site, sent, "reject")
    moderator, seen, cursor = newsroom.as_staff(), [], ""
    while True:
        answer = moderator.get(f"{AUTHORS}?order={order}&limit=3{cursor}")
        seen += [row["id"] for row in answer.json["authors"]]
        if answer.json["next"] is None:
            break
        cursor = f"&cursor={answer.json['next']}"
    assert len(seen) == len({*seen}) == (6 if order == "rejected" else 8)


def test_the_most_rejected_come_first(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    for name, count in (("Once", 1), ("Never", 0), ("Twice", 2)):
        for number in range(2):
            sent = send_as(newsroom, name)
            if number < count:
                decide(newsroom, sent, "reject")
    assert names(newsroom, "?order=rejected") == ["Twice", "Once"]


@on_sqlite
def test_a_list_is_narrowed_by_standing_and_kind(newsroom: Newsroom) -> None:
    send_as(newsroom, "Ada", author_id="7")
    send_as(newsroom, "Bob")
    for row in listed(newsroom, "?name=bob"):
        give(newsroom, "banned", author_id=row["id"])
    assert names(newsroom, "?standing=banned") == ["Bob"]
    assert names(newsroom, "?standing=banned&found_by=verified") == []
    assert names(newsroom, "?found_by=verified") == ["Ada"]


@on_sqlite
@pytest.mark.parametrize(
    "cursor", ["x", "WyJsYXN0X3NlZW4iLCAieCIsICIxIl0", "WyJuZXdlc3QiLCAiMSIsICIxIl0"]
)
def test_another_lists_cursor_is_refused(newsroom: Newsroom, cursor: str) -> None:
    answer = newsroom.as_staff().get(f"{AUTHORS}?cursor={cursor}")
    assert_refused(answer, 422, "cursor")


def test_a_whole_address_finds_its_authors(newsroom: Newsroom) -> None:
    newsroom.send(author_email="a.da@gmail.com")
    newsroom.send(author_email="ada@gmail.com", author_id="7")
    body = {"site": "gazette", "email": "ADA+x@googlemail.com"}
    answer = newsroom.as_staff().post(f"{AUTHORS}/lookup", body)
    assert [row["found_by"] for row in answer.json["authors"]] == ["verified", "email"]
    nobody = {**body, "email": "eve@gmail.com"}
    assert newsroom.as_staff().post(f"{AUTHORS}/lookup", nobody).json == {"authors": []}
    entries = db.session.execute(
        sa.select(AuditEntry.action, AuditEntry.details).order_by(AuditEntry.sequence)
    ).all()[-2:]
    assert [row.action for row in entries] == ["author.looked_up"] * 2
    assert [row.details for row in entries] == [{"found": 2}, {"found": 0}]


@on_sqlite
def test_a_whole_address_is_no_parameter(newsroom: Newsroom) -> None:
    answer = newsroom.as_staff().get(f"{AUTHORS}?email=ada%40mail.example")
    assert answer.status_code == 422


def test_a_record_says_what_became_of_all(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    first = send_as(newsroom, "Ada", author_id="7", ip="192.0.2.7")
    send_as(newsroom, "Countess", author_id="7", ip="192.0.2.7")
    send_as(newsroom, "Countess", author_email="eve@mail.example")
    other = send_as(newsroom, "Bob", author_email="bob@mail.example", ip="192.0.2.7")
    decide(newsroom, first, "reject")
    assert appeal(newsroom, first).status_code == 201
    decide(newsroom, first, "approve", Role.LEAD)
    decide(newsroom, other, "approve")
    report = {"reason": "spam", "reporter": "7"}
    path = f"{COMMENTS}/{other}/reports"
    assert newsroom.as_site().post(path, report).status_code == 201
    path = f"{COMMENTS}/{first}/reports"
    reported = newsroom.as_site().post(path, {**report, "reporter": "9"})
    assert reported.status_code == 201
    (author,) = listed(newsroom, "?found_by=verified")
    record = record_of(newsroom, author["id"])
    figures = {name: record[name] for name in ("pending", "approved", "rejected")}
    assert figures == {"pending": 1, "approved": 1, "rejected": 0}
    assert (record["reported"], record["reports_made"]) == (1, 1)
    assert (record["reports_upheld"], record["author_id"]) == (0, "7")
    assert (record["appeals"], record["appeals_granted"]) == (1, 1)
    assert [name["name"] for name in record["names"]] == ["Countess", "Ada"]
    assert [row["name"] for row in record["same_network"]] == ["Bob"]
    assert [row["found_by"] for row in record["same_name"]] == ["email"]
    assert record["same_address"] == []
    assert len(record["months"]) == 12
    assert record["months"][-1]["approved"] == 1


def test_a_timeline_holds_all_in_order_over_pages(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    first = send_as(newsroom, "Ada")
    decide(newsroom, first, "reject")
    appeal(newsroom, first)
    decide(newsroom, first, "approve", Role.LEAD)
    report = {"reason": "spam", "reporter": "9"}
    newsroom.as_site().post(f"{COMMENTS}/{first}/reports", report)
    give(newsroom, "premoderated", note="Watch this one.")
    (author,) = listed(newsroom)
    path = f"{AUTHORS}/{author['id']}"
    newsroom.as_staff().post(f"{path}/notes", {"text": "Warned by letter."})
    entries: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = newsroom.as_staff().get(f"{path}/timeline?limit=2{cursor}").json
        entries += page["entries"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    kinds = [entry["kind"] for entry in reversed(entries)]
    assert kinds == [
        *("comment", "decision", "decision", "decision", "appeal", "decision"),
        *("report", "standing", "note"),
    ]
    assert [entry["at"] for entry in entries] == sorted(
        (entry["at"] for entry in entries), reverse=True
    )
    assert entries[0]["text"] == "Warned by letter."
    assert entries[1]["standing"] == "premoderated"
    assert entries[1]["by"] == "gazette-lead"
    only = newsroom.as_staff().get(f"{path}/timeline?kind=appeal").json["entries"]
    assert [entry["outcome"] for entry in only] == ["approve"]


@on_sqlite
def test_entries_of_one_moment_are_paged_once_each(newsroom: Newsroom) -> None:
    send_as(newsroom, "Ada")
    (author,) = listed(newsroom)
    path = f"{AUTHORS}/{author['id']}/notes"
    for number in range(5):
        newsroom.as_staff().post(path, {"text": f"Note {number}"})
    session = db.session()
    start_writing(session)
    at = datetime.now(UTC) + timedelta(minutes=1)
    session.execute(sa.update(AuthorNote).values(created_at=at))
    session.commit()
    row = db.session.get_one(Author, author["id"])
    seen, after = [], None
    while page := timeline.list_entries(db.session(), row, after=after, limit=2):
        seen += [(entry.kind, entry.id) for entry in page]
        after = page[-1].position
    assert len(seen) == len({*seen}) == 7


@on_sqlite
def test_notes_end_somewhere(newsroom: Newsroom) -> None:
    send_as(newsroom, "Ada")
    (author,) = listed(newsroom)
    path = f"{AUTHORS}/{author['id']}/notes"
    for number in range(50):
        answer = newsroom.as_staff().post(path, {"text": f"Note {number}"})
        assert answer.status_code == 201
    answer = newsroom.as_staff().post(path, {"text": "One too many"})
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_notes")


def test_a_blind_review_shows_in_no_sum(newsroom: Newsroom, session: Session) -> None:
    """The reviewer of a QA sample must not infer the verdict from an author's sums."""
    newsroom.set_policy(ALL_HELD, second_look_share=1.0)
    second_look(newsroom, session)
    lead = newsroom.as_staff(Role.LEAD)
    (blind,), (open_,) = lead.get(AUTHORS).json["authors"], listed(newsroom)
    assert (blind["pending"], blind["approved"]) == (1, 0)
    assert (open_["pending"], open_["approved"]) == (0, 1)
    path = f"{AUTHORS}/{blind['id']}"
    record = lead.get(path).json
    assert (record["pending"], record["approved"]) == (1, 0)
    assert [row["approved"] for row in record["months"]] == [0] * 12
    (entry,) = lead.get(f"{path}/timeline").json["entries"]
    assert (entry["kind"], entry["status"]) == ("comment", "pending")
