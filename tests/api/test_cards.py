"""A comment of any status as the desk shows it."""

from __future__ import annotations

import pytest

from moderation.accounts.staff import Role
from tests.builders import ALL_HELD, ALL_REJECTED, Newsroom, open_newsroom

CARD = "/api/v1/comments/{}/card"


@pytest.mark.parametrize(
    ("thresholds", "status"), [(ALL_HELD, "pending"), (ALL_REJECTED, "rejected")]
)
def test_a_comment_of_any_status_has_a_card(
    newsroom: Newsroom, thresholds: dict[str, dict[str, float | None]], status: str
) -> None:
    newsroom.set_policy(thresholds)
    made = newsroom.send(body="You absolute moron.")
    answer = newsroom.as_staff().get(CARD.format(made["id"]))
    assert answer.status_code == 200
    card = answer.json
    assert (card["status"], card["version"]) == (status, made["version"])
    assert "".join(piece["text"] for piece in card["pieces"]) == "You absolute moron."
    assert card["held_for"][0]["code"] == "score"
    assert card["author_record"] is not None


def test_a_card_claims_nothing_and_names_who_has(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    made = newsroom.send()
    path = CARD.format(made["id"])
    assert newsroom.as_staff(Role.LEAD).get(path).json["claimed_by"] is None
    newsroom.as_staff(Role.ADMIN).post("/api/v1/hand", {"size": 1})
    card = newsroom.as_staff(Role.LEAD).get(path).json
    assert card["claimed_by"] == f"{newsroom.name}-{Role.ADMIN}"


def test_a_card_of_another_site_is_not_found(newsroom: Newsroom) -> None:
    made = newsroom.send()
    other = open_newsroom(newsroom.app, "herald")
    assert other.as_staff().get(CARD.format(made["id"])).status_code == 404
    assert newsroom.as_staff().get(CARD.format("0" * 13)).status_code == 404


def test_a_view_keeps_the_status_of_a_list(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_REJECTED)
    made = newsroom.send(author_name="Bo Quill")
    newsroom.send(author_name="Ada")
    staff = newsroom.as_staff()
    filters = {"status": "rejected", "author": "quill", "decided_by": "automatically"}
    body = {"name": "Quill", "filters": filters, "order": "newest"}
    view = staff.post("/api/v1/views", body).json
    assert view["filters"] == filters
    listed = staff.get(f"/api/v1/comments?view={view['id']}").json["comments"]
    assert [row["id"] for row in listed] == [made["id"]]


def test_counts_say_when_they_were_read(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send()
    staff = newsroom.as_staff()
    answer = staff.get("/api/v1/comments/counts").json
    newsroom.send()
    body = {
        "site": newsroom.name,
        "verdict": "approve",
        "filter": {"status": "pending"},
        "as_of": answer["as_of"],
    }
    batch = staff.post("/api/v1/batches", body).json
    assert (answer["counts"]["pending"]["number"], batch["decided"]) == (1, 1)
