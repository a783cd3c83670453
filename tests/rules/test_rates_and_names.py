"""Rules about how many come, and about the author's name; lists that are imported."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from tests.api.test_rules import BODY, RULES, TRIALS, WORDS, bring_in, write
from tests.builders import Newsroom
from tests.campaigns.test_brakes import pass_time, varied
from tests.refusals import assert_refused, on_sqlite

RATE: dict[str, Any] = {"kind": "rate", "of": "author", "more_than": 2, "minutes": 10}
SAME = {
    "author": {"author_email": "one@mail.example"},
    "network": {"ip": "192.0.2.9"},
    "article": {"article": "https://gazette.example/one"},
}


@pytest.mark.parametrize("of", list(SAME))
def test_a_rate_holds_from_the_one_too_many_on(newsroom: Newsroom, of: str) -> None:
    write(newsroom, conditions=[{**RATE, "of": of}])
    sent = [newsroom.send(**varied(number, **SAME[of])) for number in range(4)]
    sent.append(newsroom.send(**varied(9)))
    expected = ["approved", "approved", "pending", "pending", "approved"]
    assert [each["status"] for each in sent] == expected
    assert sent[2]["reasons"][0]["code"] == "rule"


def test_a_rate_counts_over_its_minutes_alone(
    newsroom: Newsroom, session: Session
) -> None:
    write(newsroom, conditions=[RATE])
    statuses = []
    for number in range(6):
        statuses.append(newsroom.send(**varied(number, **SAME["author"]))["status"])
        pass_time(session, timedelta(minutes=6))
    assert statuses == ["approved"] * 6


def test_a_rate_counts_what_was_rejected_too(newsroom: Newsroom) -> None:
    write(newsroom, name="No casinos", action="reject")
    write(newsroom, conditions=[RATE])
    bodies = ["A casino", "A casino", "Nothing of it"]
    sent = [
        newsroom.send(**varied(n, body=b, **SAME["author"]))
        for n, b in enumerate(bodies)
    ]
    assert [each["status"] for each in sent] == ["rejected", "rejected", "pending"]


def test_a_rate_and_words_must_both_hold(newsroom: Newsroom) -> None:
    write(newsroom, conditions=[RATE, WORDS])
    bodies = ["A casino", "Well then", "Fine then", "A casino"]
    sent = [
        newsroom.send(**varied(n, body=b, **SAME["author"]))
        for n, b in enumerate(bodies)
    ]
    expected = ["approved", "approved", "approved", "pending"]
    assert [each["status"] for each in sent] == expected


@pytest.mark.parametrize("of", list(SAME))
def test_a_trial_counts_what_came(newsroom: Newsroom, of: str) -> None:
    for number in range(5):
        newsroom.send(**varied(number, **SAME[of]))
    newsroom.send(**varied(9))
    body = {"conditions": [{**RATE, "of": of}]}
    trial = newsroom.as_staff(Role.ADMIN).post(TRIALS, body).json
    assert (trial["tried"], trial["caught"]) == (6, 3)


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"of": "campaign"}, "of"),
        ({"of": "near_duplicates"}, "of"),
        ({"more_than": 0}, "more_than"),
        ({"more_than": None}, "more_than"),
        ({"minutes": 1441}, "minutes"),
        ({"minutes": 0}, "minutes"),
        ({"entries": ["a"]}, "entries"),
        ({"field": "name"}, "field"),
    ],
)
def test_a_bad_rate_is_refused_and_its_part_named(
    newsroom: Newsroom, changed: dict[str, Any], field: str
) -> None:
    condition = {k: v for k, v in {**RATE, **changed}.items() if v is not None}
    answer = newsroom.as_staff(Role.ADMIN).post(
        RULES, {**BODY, "conditions": [condition]}
    )
    assert_refused(answer, 422, f"conditions.0.{field}")


NAMED = "Casino McCasino"
PATTERN = {"kind": "pattern", "entries": ["casin[oa]"]}


@pytest.mark.parametrize("condition", [WORDS, PATTERN])
@pytest.mark.parametrize(
    ("field", "by_name", "by_text"),
    [
        (None, "approved", "pending"),
        ("text", "approved", "pending"),
        ("name", "pending", "approved"),
        ("both", "pending", "pending"),
    ],
)
def test_words_and_patterns_search_the_field_that_they_say(
    newsroom: Newsroom,
    condition: dict[str, Any],
    field: str | None,
    by_name: str,
    by_text: str,
) -> None:
    """If left out, it is the text: what rules of before looked for."""
    chosen = {} if field is None else {"field": field}
    write(newsroom, conditions=[{**condition, **chosen}])
    assert newsroom.send(author_name=NAMED)["status"] == by_name
    assert newsroom.send(author_name="C 4 5 1 N 0 fan")["status"] in {
        by_name,
        "approved",
    }
    sent = newsroom.send(body="To the casino, then.")
    assert sent["status"] == by_text
    if by_text == "pending":
        assert sent["reasons"][0]["spans"] == [[7, 13]]


def test_the_field_of_a_list_that_is_replaced_stays(newsroom: Newsroom) -> None:
    rule = write(newsroom, conditions=[{**WORDS, "field": "name"}])
    query = f"rule={rule['id']}&version=1"
    assert bring_in(newsroom, "poker\n", query).status_code == 201
    path = f"{RULES}/{rule['id']}"
    (condition,) = newsroom.as_staff().get(path).json["conditions"]
    assert (condition["entries"], condition["field"]) == (["poker"], "name")


def test_an_import_says_what_it_would_have_matched(newsroom: Newsroom) -> None:
    for body in (
        "The boat and the bus leave at ten",
        "To the casino",
        "Fine, now>> or",
    ):
        newsroom.send(body=body)
    answer = bring_in(newsroom, "casino\nnow>>\n--and\n<a>\n", "name=Real+list").json
    trial = answer["trial"]
    assert (trial["tried"], trial["caught"]) == (3, 2)
    assert (answer["mode"], answer["left_out"], answer["complaints"]) == ("off", 0, {})
    again = f"rule={answer['id']}&version=1"
    assert bring_in(newsroom, "boat\n", again).json["trial"]["caught"] == 1


def test_lines_that_are_wrong_are_left_out_where_that_is_asked(
    newsroom: Newsroom,
) -> None:
    lines = "casino\nada@mail.example\n\n# a comment\npoker\nbob@mail.example\n"
    assert bring_in(newsroom, lines, "name=List").status_code == 422
    answer = bring_in(newsroom, lines, "name=List&skip_wrong=true").json
    assert (answer["entries"], answer["left_out"]) == (2, 2)
    assert list(answer["complaints"]) == ["line 2", "line 6"]
    assert "mail.example" not in str(answer["complaints"])


def test_a_list_of_which_nothing_is_right_is_refused(newsroom: Newsroom) -> None:
    answer = bring_in(newsroom, "a@b.example\n", "name=List&skip_wrong=true")
    assert_refused(answer, 422, "body")
