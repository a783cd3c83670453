"""Names of authors, attacked with hidden characters and letters drawn alike.

Based on "Trojan Source" (CVE-2021-42574: bidirectional overrides), the look-alike
domain `аррӏе.com` of 2017, and CWE-1007 (insufficient distinction of homoglyphs).
"""

from __future__ import annotations

from urllib.parse import quote

import pytest

from moderation.accounts import memberships, staff
from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.text import names
from tests.builders import (
    ALL_REJECTED,
    NOTHING_HELD,
    NOW,
    PASSWORD,
    Newsroom,
    comment,
)

DECEPTIVE = [
    "\u202eruotarepo",
    "\u2066Ada\u2069",
    "Ada\u200e",
    "admin\u200b",
    "ad\u00admin",
    "a\u200dda",
    "Ada\u3164",
    "Ada\U000e0041",
    "\u0410dmin",
    "M\u03bfderator",
    "\uff21dmin",
    "ADMIN",
    "M0derator",
    "Moderator Jane",
    "a d m i n",
    "Gazette \u2713",
    "G\u00e1zette",
    "P\u0430ul",
]
HONEST = [
    "Ada",
    "Jos\u00e9 Mu\u00f1oz",
    "S\u00f8ren",
    "\u0410\u043d\u043d\u0430 (Anna)",
    "\u0391\u03b8\u03b7\u03bd\u03ac",
    "\u0645\u062d\u0645\u062f",
    "\u0645\u06cc\u200c\u0631\u0648\u0645",
    "\u0645\u062d\u0645\u062f\u200f!",
    "\u5c71\u7530\u592a\u90ce",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "Administratrix",
    "dredge_99",
    "Gazette reader",
    "123",
    "...",
]


@pytest.mark.parametrize("name", DECEPTIVE, ids=ascii)
def test_a_deceptive_name_is_held_with_its_reason(
    newsroom: Newsroom, name: str
) -> None:
    newsroom.set_policy(NOTHING_HELD)
    answer = newsroom.send(author_name=name)
    assert answer["verdict"] == "review"
    assert answer["reasons"] == [{"code": "deceptive_name"}]


@pytest.mark.parametrize("name", HONEST, ids=ascii)
def test_a_name_in_any_script_deceives_no_one(name: str) -> None:
    assert not names.is_deceptive(name, "gazette")
    assert not names.imitates(name, ["gazette"])


def test_a_login_of_staff_in_look_alikes_is_held(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD)
    session = db.session()
    start_writing(session)
    cook = staff.create_staff(session, "cook", PASSWORD, NOW)
    memberships.update_role(session, cook.id, newsroom.site_id, Role.MODERATOR)
    session.commit()
    disguised = newsroom.send(author_name="\u0421\u043e\u043e\u043a")
    assert disguised["reasons"] == [{"code": "deceptive_name"}]
    russian = newsroom.send(author_name="\u0421\u043e\u043d\u044f")
    assert russian["verdict"] == "approve"
    # A reader may have the name of staff whom no page shows.
    assert newsroom.send(author_name="Cook")["verdict"] == "approve"


def test_a_rejection_stays_one(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_REJECTED)
    assert newsroom.send(author_name="admin")["verdict"] == "reject"


def test_an_edit_to_a_deceptive_name_is_held(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD)
    sent = newsroom.send()
    answer = newsroom.as_site().patch(
        f"/api/v1/comments/{sent['id']}",
        {"body": "Another text.", "author_name": "Gazett\u0435"},
    )
    assert answer.json["verdict"] == "review"
    assert answer.json["reasons"] == [{"code": "deceptive_name"}]


def test_a_trusted_author_is_spared(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD, trusted_authors=["7"])
    answer = newsroom.send(author_name="Gazette", author_id="7")
    assert answer["verdict"] == "approve"


def test_a_name_is_published_without_hidden_characters(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD)
    sent = newsroom.send(
        author_name="\u202eAda\u200b \u0645\u06cc\u200c\u0631\u0648\u0645"
    )
    decided = newsroom.as_staff().post(
        f"/api/v1/comments/{sent['id']}/decisions", {"verdict": "approve", "version": 1}
    )
    assert decided.status_code == 201
    path = f"/api/v1/articles/{quote(comment()['article'], safe='')}/comments"
    (published,) = newsroom.as_site().get(path).json["comments"]
    assert published["author_name"] == "Ada \u0645\u06cc\u200c\u0631\u0648\u0645"


@pytest.mark.parametrize("name", DECEPTIVE, ids=ascii)
def test_what_is_left_of_a_name_hides_nothing(name: str) -> None:
    assert not names.has_hidden(names.without_hidden(name))


@pytest.mark.parametrize("text", ["\u200d", "\u200c!", "\u115f\u200b", ""], ids=ascii)
def test_nothing_but_hidden_characters_is_no_imitation(text: str) -> None:
    assert not names.imitates(text, ["", "\u200b"])
