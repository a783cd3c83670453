"""Lists of comments over HTTP: orders, pages, tabs, and what a person can't see."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import start_writing
from moderation.queue import listing, streams, tab_counts
from moderation.tables.accounts import Membership
from tests.builders import ALL_HELD, Newsroom
from tests.queue.test_query import alter
from tests.refusals import assert_refused, on_sqlite

LIST = "/api/v1/comments"


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def decide(newsroom: Newsroom, public: str, verdict: str) -> None:
    body: dict[str, Any] = {"verdict": verdict, "version": 1}
    if verdict == "reject":
        body["reasons"] = ["spam"]
    answer = newsroom.as_staff().post(f"{LIST}/{public}/decisions", body)
    assert answer.status_code == 201, answer.json


@pytest.fixture
def letters(newsroom: Newsroom, session: Session) -> dict[str, str]:
    """Eight comments by name: a to d approved, e to h pending."""
    made = {}
    for place, name in enumerate("abcdefgh"):
        body = f"The {'ferry' if name in 'adg' else 'bridge'} of {name}."
        made[name] = newsroom.send(body=body, language="fr" if name < "d" else "en")[
            "id"
        ]
        alter(session, made[name], score_spam=0.3 + place / 10 if place < 6 else None)
    for name in "abcd":
        decide(newsroom, made[name], "approve")
    alter(session, made["b"], report_weight=2.0)
    alter(session, made["f"], report_weight=4.0)
    return made


def pages(
    newsroom: Newsroom, letters: dict[str, str], query: str, role: Role, limit: int = 3
) -> list[str]:
    """Return the names on each page of a list."""
    names = {public: name for name, public in letters.items()}
    found: list[str] = []
    path = f"{LIST}?{query}&limit={limit}"
    cursor = ""
    while len(found) < 20:
        answer = newsroom.as_staff(role).get(f"{path}{cursor}")
        assert answer.status_code == 200, answer.json
        found.append("".join(names[row["id"]] for row in answer.json["comments"]))
        if answer.json["next"] is None:
            break
        cursor = f"&cursor={answer.json['next']}"
    return found


ORDERED = [
    ("order=newest", ["hgf", "edc", "ba"]),
    ("order=oldest", ["abc", "def", "gh"]),
    ("status=approved&order=oldest", ["abc", "d"]),
    ("order=score&label=spam", ["fed", "c"]),  # from 0.5 on
    ("order=score&label=spam&min_score=0.7", ["fe"]),
    ("order=score&label=spam&max_score=0.65", ["dc"]),
    ("status=approved&order=score&label=spam", ["dc"]),
    ("status=pending&order=score&label=spam", ["fe"]),
    ("order=reports", ["fb"]),
    ("status=reported", ["fb"]),
    ("status=reported&order=reports", ["fb"]),
    ("status=approved&order=reports", ["b"]),
    ("text=ferry", ["gda"]),
    ("text=ferry&order=oldest", ["adg"]),
    ("text=ferry&order=score&label=spam", ["d"]),
    ("language=fr&text=bridge", ["cb"]),
    ("label=spam&max_score=0.45", ["ba"]),
    ("decided_by=gazette-moderator", ["dcb", "a"]),
    ("decided_by=gazette-moderator&status=pending", [""]),
    ("decided_by=automatically", [""]),
]


# Read along the tab; by the rarest index; a few comments at a time.
@pytest.mark.parametrize(
    ("walked", "most", "few"),
    [(1_500, 10_000, 2_000), (0, 10_000, 0), (10**9, 10_000, 0)],
)
def test_orders_and_pages_are_the_same_either_way(
    newsroom: Newsroom,
    letters: dict[str, str],
    walked: int,
    most: int,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing, "WALKED", walked)
    monkeypatch.setattr(listing, "MAX_EXAMINED", most)
    monkeypatch.setattr(listing, "FEW", few)
    monkeypatch.setattr(streams, "PROBED", 2)
    found = {
        query: pages(newsroom, letters, query, Role.MODERATOR) for query, _ in ORDERED
    }
    assert found == dict(ORDERED)


def test_no_page_looks_at_more_comments_than_allowed(
    newsroom: Newsroom, letters: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MAX_EXAMINED", 2)
    query = "label=spam&max_score=0.35"
    found = pages(newsroom, letters, query, Role.MODERATOR, limit=1)
    assert "".join(found) == "a"
    assert len(found) > 1
    assert found[0] == ""


def test_counts_say_where_they_stop(
    newsroom: Newsroom, letters: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tab_counts, "MAX_COUNTED", 4)
    monkeypatch.setattr(tab_counts, "COUNT_EXAMINED", 3)
    monkeypatch.setattr(tab_counts, "COUNT_TOGETHER", 3)
    staff = newsroom.as_staff()
    counts = staff.get(f"{LIST}/counts").json["counts"]
    assert counts["all"] == {"number": 4, "is_exact": False}
    assert counts["reported"] == {"number": 2, "is_exact": True}
    counts = staff.get(f"{LIST}/counts?language=en").json["counts"]
    assert counts["all"] == {"number": 3, "is_exact": False}
    assert counts["approved"] == {"number": 1, "is_exact": False}
    counts = staff.get(f"{LIST}/counts?text=ferry").json["counts"]
    assert counts["all"]["number"] == 3


def test_an_order_that_a_tab_lacks_is_refused(newsroom: Newsroom) -> None:
    staff = newsroom.as_staff()
    for query, field in (
        ("order=due", "order"),
        ("status=approved&order=uncertainty", "order"),
        ("status=pending&order=teach", "order"),
        ("order=score", "label"),
        ("min_score=0.5", "label"),
        ("from=2026-02-30", "from"),
        ("from=2026-01-01T00:00:00", "from"),
        ("to=9999-12-31", "to"),
        ("from=2026-02-02&to=2026-02-01", "to"),
        ("limit=101", "limit"),
        ("status=waiting", "status"),
        ("cursor=bm8", "cursor"),
    ):
        assert_refused(staff.get(f"{LIST}?{query}"), 422, field)


def test_nobody_lists_other_sections(
    newsroom: Newsroom, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = {}
    for name, section in (("a", "Local"), ("b", "World"), ("c", "Local")):
        article = f"https://gazette.example/{section}"
        letters[name] = newsroom.send(article=article, article_section=section)["id"]
    start_writing(session)
    session.execute(
        sa.update(Membership)
        .where(Membership.staff_id == newsroom.staff_ids[Role.MODERATOR])
        .values(section="Local")
    )
    session.commit()
    for query in ("", "order=oldest", "text=point", "section=World", "reason=score"):
        found = "".join(pages(newsroom, letters, query, Role.MODERATOR, limit=1))
        assert "b" not in found
    assert pages(newsroom, letters, "", Role.MODERATOR) == ["ca"]
    assert pages(newsroom, letters, "", Role.LEAD) == ["cba"]
    counts = newsroom.as_staff().get(f"{LIST}/counts").json["counts"]
    assert counts["all"] == {"number": 2, "is_exact": True}


@on_sqlite
def test_a_stranger_lists_nothing(newsroom: Newsroom, other_newsroom: Newsroom) -> None:
    newsroom.send()
    staff = other_newsroom.as_staff(Role.ADMIN)
    assert staff.get(LIST).json["comments"] == []
    assert_refused(staff.get(f"{LIST}?site=gazette"), 404)
    assert staff.get(f"{LIST}/counts").json["counts"]["all"]["number"] == 0
