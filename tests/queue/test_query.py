"""Parts of the queue over HTTP: filters, orders, search, pages, hands and counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.queue import counting, filters, pages
from moderation.tables.comments import Comment
from tests.builders import ALL_HELD, NOW, Newsroom
from tests.refusals import assert_refused, on_sqlite

QUEUE = "/api/v1/queue"
HAND = "/api/v1/hand"
COUNTS = "/api/v1/queue/counts"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def alter(session: Session, public: str, **values: Any) -> None:
    """Set columns of a comment, as if it had come in otherwise."""
    start_writing(session)
    number = identifiers.decode(public)
    session.execute(sa.update(Comment).where(Comment.id == number).values(values))
    session.commit()


@pytest.fixture
def letters(newsroom: Newsroom, session: Session) -> dict[str, str]:
    """Six comments, each with something of its own, by name."""
    bodies: dict[str, dict[str, Any]] = {
        "a": {"body": "The ferry is tied up."},
        "b": {"body": "Ferry tickets cost more. Ça va?", "author_name": "Bo"},
        "c": {"article": "https://gazette.example/park", "article_section": "Local"},
        "d": {"language": "fr", "author_email": "d@mail.example"},
        "e": {"body": "Buy <b>now</b>!", "author_email": "e@mail.example"},
        "f": {"author_email": "e+alias@mail.example", "author_name": "Bo"},
    }
    made = {name: newsroom.send(**more)["id"] for name, more in bodies.items()}
    for hour, name in enumerate("fedcba"):
        alter(session, made[name], due_at=NOW + timedelta(hours=hour))
    scores = {"a": 0.1, "b": 0.9, "c": 0.5, "d": None, "e": 0.7, "f": 0.3}
    for name, spam in scores.items():
        distance = None if spam is None else abs(spam - 0.45)
        alter(session, made[name], score_spam=spam, margin=distance)
    alter(session, made["b"], report_weight=1.5)
    alter(session, made["e"], report_weight=4.0, held_reason="reported")
    return made


def read(newsroom: Newsroom, letters: dict[str, str], query: str, **more: Any) -> str:
    """Return the names of the comments that a query finds, in its order."""
    answer = newsroom.as_staff().get(f"{QUEUE}?{query}", **more)
    assert answer.status_code == 200, answer.json
    names = {public: name for name, public in letters.items()}
    return "".join(names[each["id"]] for each in answer.json["comments"])


QUERIES = [
    ("", "fedcba"),
    ("order=newest", "fedcba"),
    ("order=score&label=spam", "becfa"),  # d has none
    ("order=uncertainty", "cfeab"),
    ("order=reports", "eb"),
    ("section=Local", "c"),
    ("article=https://gazette.example/park", "c"),
    ("article=https://gazette.example/nowhere", ""),
    ("label=spam&min_score=0.5", "ecb"),
    ("label=spam&max_score=0.3", "fa"),  # what has no score has no low one
    ("label=spam&min_score=0.3&max_score=0.7&order=score", "ecf"),
    ("language=fr", "d"),
    ("author=Bo", "fb"),
    ("author=bo", ""),
    ("reason=reported", "e"),
    ("reason=score", "fdcba"),
    ("first_time=true", "eda"),
    ("first_time=false", "fcb"),
    ("text=ferry", "ba"),
    ("text=FERRY+tied", "a"),
    ("text=now", "e"),
    ("text=ferries", ""),
    ("text=%22%27*%28%29", ""),  # no word at all
    ("campaign=7", ""),
    ("rule=7", ""),
    ("text=ferry&author=Bo", "b"),
    ("reason=score&language=fr&first_time=true&section=Local", ""),
]


# Looked up and sorted; asked on the way along the order; each asked by itself.
@pytest.mark.parametrize(("few", "common"), [(2_000, 0.1), (0, 0.1), (0, -1.0)])
def test_filters_and_orders_find_the_same_either_way(
    newsroom: Newsroom,
    letters: dict[str, str],
    few: int,
    common: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "FEW", few)
    monkeypatch.setattr(filters, "COMMON", common)
    found = {query: read(newsroom, letters, query) for query, _ in QUERIES}
    assert found == dict(QUERIES)


def test_counts_agree_with_what_is_listed(
    newsroom: Newsroom, letters: dict[str, str]
) -> None:
    staff = newsroom.as_staff()
    found = {
        query: staff.get(f"{COUNTS}?{query}").json["pending"] for query, _ in QUERIES
    }
    assert found == {query: len(names) for query, names in QUERIES}


def test_what_a_rule_has_matched_is_found_while_the_text_stands(
    newsroom: Newsroom,
) -> None:
    rule = {
        "name": "Ferries",
        "mode": "on",
        "action": "hold",
        "conditions": [{"kind": "words", "entries": ["ferry"]}],
    }
    written = newsroom.as_staff(Role.ADMIN).post("/api/v1/sites/gazette/rules", rule)
    assert written.status_code == 201, written.json
    made = newsroom.send(body="The ferry is tied up.")
    newsroom.send(body="The bridge is closed.")
    letters, query = {"a": made["id"]}, f"rule={written.json['id']}"
    assert read(newsroom, letters, query) == "a"
    path = f"/api/v1/comments/{made['id']}"
    newsroom.as_site().patch(path, {"body": "The bridge is closed, too."})
    assert read(newsroom, letters, query) == ""


def test_the_comments_of_an_author_are_told_by_address(
    newsroom: Newsroom, letters: dict[str, str]
) -> None:
    assert read(newsroom, letters, f"author_of={letters['e']}") == "fe"


def test_the_author_of_a_strangers_comment_is_not_told(
    newsroom: Newsroom, letters: dict[str, str], other_newsroom: Newsroom
) -> None:
    answer = other_newsroom.as_staff().get(f"{QUEUE}?author_of={letters['e']}")
    assert_refused(answer, 404)


@pytest.mark.parametrize(
    "order", ["due", "newest", "score&label=spam", "uncertainty", "reports"]
)
def test_pages_in_every_order_have_no_gap_and_no_repetition(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session, order: str
) -> None:
    """At two sites, with equal keys."""
    other_newsroom.set_policy(ALL_HELD)
    for number in range(8):
        made = (newsroom if number % 2 else other_newsroom).send()["id"]
        same = number // 3 / 10
        values = {"due_at": NOW, "score_spam": same, "margin": same}
        alter(session, made, **values, report_weight=same + 1)
    newsroom.also_at(other_newsroom, Role.MODERATOR)
    whole = newsroom.as_staff().get(f"{QUEUE}?order={order}").json["comments"]
    found, cursor = [], ""
    for _ in range(4):
        path = f"{QUEUE}?order={order}&limit=3{cursor}"
        page = newsroom.as_staff().get(path).json
        found += page["comments"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert [each["id"] for each in found] == [each["id"] for each in whole]
    assert len(whole) == 8


@on_sqlite
def test_a_cursor_of_another_order_is_refused(
    newsroom: Newsroom, letters: dict[str, str]
) -> None:
    staff = newsroom.as_staff()
    cursor = staff.get(f"{QUEUE}?limit=1&order=score&label=spam").json["next"]
    for order in ("newest", "due", "score&label=threat"):
        answer = staff.get(f"{QUEUE}?cursor={cursor}&order={order}")
        assert_refused(answer, 422, "cursor")


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '" OR 1=1 --',
        "'; DROP TABLE comments; --",
        "ferry NEAR/2 tied",
        "body:ferry",
        "-ferry ^ferry ferry* (ferry",
        "a" * 200,
        "\U0001f6a2 ⛴ ferry",
        "ﷺ ǅ ß ſ ı İ",
        "ferry\u200b\u0301tied",
        "مرحبا שלום 你好 한국어",
        "\U0001e900\U0001f9ff\U00016e40",  # letters newer than SQLite's tables
        "a_b__c a.b-c a@b",
        " ".join("abcdefghij" * 9),
        "& | ! <-> :* \\",
    ],
)
def test_hostile_searches_find_something_or_nothing(
    newsroom: Newsroom, text: str
) -> None:
    newsroom.send(body="The ferry is tied up.")
    for path in (QUEUE, COUNTS):
        answer = newsroom.as_staff().get(path, query_string={"text": text})
        assert answer.status_code == 200, answer.json


@on_sqlite
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"text": "a\x00b"}, "text"),
        ({"text": "a" * 201}, "text"),
        ({"text": " "}, "text"),
        ({"order": "random"}, "order"),
        ({"order": "score"}, "label"),
        ({"min_score": "0.5"}, "label"),
        ({"label": "spam", "min_score": "nan"}, "min_score"),
        ({"label": "spam", "min_score": "0.5", "max_score": "0.4"}, "max_score"),
        ({"label": "kindness"}, "label"),
        ({"language": "en' --"}, "language"),
        ({"author_of": "me"}, "author_of"),
        ({"reason": "Score;"}, "reason"),
        ({"first_time": "perhaps"}, "first_time"),
        ({"campaign": "99999999999999999999"}, "campaign"),
        ({"view": "0"}, "view"),
    ],
)
def test_filters_that_make_no_sense_are_refused(
    newsroom: Newsroom, query: dict[str, str], field: str
) -> None:
    for path in (QUEUE, COUNTS):
        answer = newsroom.as_staff().get(path, query_string=query)
        assert_refused(answer, 422, field)


def test_a_text_is_found_as_it_stands_now(newsroom: Newsroom) -> None:
    made = newsroom.send(body="The ferry is tied up.")
    letters, path = {"a": made["id"]}, f"/api/v1/comments/{made['id']}"
    newsroom.as_site().patch(path, {"body": "The bridge is closed."})
    assert read(newsroom, letters, "text=ferry") == ""
    assert read(newsroom, letters, "text=bridge") == "a"
    body = {"verdict": "approve", "version": 2}
    newsroom.as_staff().post(f"{path}/decisions", body)
    assert read(newsroom, letters, "text=bridge") == ""
    body = {"verdict": "review", "version": 3}
    newsroom.as_staff().post(f"{path}/decisions", body)
    assert read(newsroom, letters, "text=bridge") == "a"
    newsroom.as_site().delete(path)
    assert read(newsroom, letters, "text=bridge") == ""


@on_sqlite
def test_the_words_of_an_erased_comment_are_not_kept_for_the_search(
    newsroom: Newsroom, session: Session
) -> None:
    made = newsroom.send(body="The ferry is tied up.")
    newsroom.as_site().delete(f"/api/v1/comments/{made['id']}")
    match = "SELECT count(*) FROM comments_text WHERE comments_text MATCH 'fer'"
    assert session.scalar(sa.text(match)) == 0


def take(newsroom: Newsroom, role: Role = Role.MODERATOR, **body: Any) -> list[str]:
    answer = newsroom.as_staff(role).post(HAND, body)
    assert answer.status_code == 200, answer.json
    return [each["id"] for each in answer.json["comments"]]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"size": 2}, "fe"),
        ({"size": 2, "order": "newest"}, "fe"),
        ({"size": 2, "order": "score", "label": "spam"}, "be"),
        ({"text": "ferry"}, "ba"),
        ({"first_time": True, "size": 2}, "ed"),
        ({"site": "gazette", "order": "reports"}, "eb"),
    ],
)
def test_a_hand_is_taken_from_a_part_of_the_queue(
    newsroom: Newsroom, letters: dict[str, str], body: dict[str, Any], names: str
) -> None:
    assert take(newsroom, **body) == [letters[name] for name in names]


def test_hands_from_different_parts_never_share_a_comment(
    newsroom: Newsroom, letters: dict[str, str]
) -> None:
    first = take(newsroom, order="score", label="spam", size=3)
    second = take(newsroom, Role.LEAD, order="newest", size=3)
    third = take(newsroom, Role.ADMIN)
    assert sorted([*first, *second, *third]) == sorted(letters.values())


def test_a_hand_from_another_part_leaves_what_is_held_as_it_is(
    newsroom: Newsroom, letters: dict[str, str], session: Session
) -> None:
    take(newsroom, text="tied")
    number = identifiers.decode(letters["a"])
    until = sa.select(Comment.claimed_until).where(Comment.id == number)
    before: datetime | None = session.scalar(until)
    assert take(newsroom, language="fr") == [letters["d"]]
    session.rollback()
    assert session.scalar(until) == before


def test_what_is_overdue_is_said(newsroom: Newsroom, letters: dict[str, str]) -> None:
    later = newsroom.send()["id"]
    answer = newsroom.as_staff().get(QUEUE).json["comments"]
    overdue = {each["id"]: each["is_overdue"] for each in answer}
    assert overdue == {**dict.fromkeys(letters.values(), True), later: False}
    counts = newsroom.as_staff().get(COUNTS).json
    assert counts == {"pending": 7, "overdue": 6, "is_partial": False, "outage": None}


def test_counting_ends_where_a_number_says_no_more(
    newsroom: Newsroom, letters: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MAX_COUNTED", 4)
    counts = newsroom.as_staff().get(COUNTS).json
    assert counts == {"pending": 4, "overdue": 4, "is_partial": False, "outage": None}


def test_a_count_that_asks_too_many_says_at_least(
    newsroom: Newsroom, letters: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MAX_ASKED", 3)
    counts = newsroom.as_staff().get(f"{COUNTS}?first_time=true").json
    assert counts["is_partial"] is True
    assert counts["pending"] <= 3
    counts = newsroom.as_staff().get(f"{COUNTS}?reason=score").json  # an index knows
    assert counts == {"pending": 5, "overdue": 5, "is_partial": False, "outage": None}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_compiles_no_statement(session: Session) -> None:
    assert session.scalar(sa.text("SHOW jit")) == "off"
