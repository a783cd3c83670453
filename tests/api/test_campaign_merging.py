"""Campaigns: merged by hand, and decided without their trusted authors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.campaigns import merging
from moderation.database import start_writing
from moderation.errors import InvalidFields
from moderation.tables.campaigns import Campaign
from tests.api.test_campaigns import (
    ADVERTISEMENT,
    CAMPAIGNS,
    decide,
    listed,
    only,
    read,
    send,
    statuses,
)
from tests.api.test_campaigns import OTHER as PETITION
from tests.builders import ALL_HELD, Answer, Caller, Newsroom, hire
from tests.refusals import assert_refused


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def two_waves(newsroom: Newsroom) -> tuple[Any, Any]:
    """Send two campaigns, of three comments and of two; the larger comes first."""
    send(newsroom, 3)
    for place in range(2):
        newsroom.send(body=PETITION, author_email=f"reader{place}@mail.example")
    larger, smaller = sorted(listed(newsroom, least=2), key=lambda row: -row["size"])
    return larger, smaller


def merge(newsroom: Newsroom, campaign: Any, into: int, **fields: Any) -> Answer:
    body = {"into": into, "version": campaign["version"], **fields}
    return newsroom.as_staff().post(f"{CAMPAIGNS}/{campaign['id']}/merge", body)


def test_campaigns_are_merged_by_hand(newsroom: Newsroom) -> None:
    larger, smaller = two_waves(newsroom)
    merged = merge(newsroom, smaller, larger["id"])
    assert merged.status_code == 200, merged.json
    assert (merged.json["id"], merged.json["size"]) == (larger["id"], 5)
    assert merged.json["version"] > larger["version"]
    assert read(newsroom, smaller["id"])["id"] == larger["id"]
    newsroom.send(body=PETITION, author_email="late@mail.example")
    assert only(newsroom)["size"] == 6
    everything = decide(newsroom, only(newsroom))
    assert everything.json["decided"] == 6


def test_a_merged_campaigns_brake_goes_on(newsroom: Newsroom) -> None:
    larger, smaller = two_waves(newsroom)
    path = f"{CAMPAIGNS}/{smaller['id']}/brake"
    brake = newsroom.as_staff().post(path, {"hours": 1}).json
    newsroom.set_policy({})
    merge(newsroom, smaller, larger["id"])
    assert only(newsroom)["brake"]["id"] == brake["id"]
    assert newsroom.send(body=ADVERTISEMENT)["status"] == "pending"


def test_a_campaign_with_a_brake_keeps_its_own(newsroom: Newsroom) -> None:
    larger, smaller = two_waves(newsroom)
    brakes = [
        newsroom.as_staff().post(f"{CAMPAIGNS}/{each['id']}/brake", {"hours": 1}).json
        for each in (larger, smaller)
    ]
    assert merge(newsroom, smaller, larger["id"]).status_code == 200
    assert only(newsroom)["brake"]["id"] == brakes[0]["id"]


def test_what_cannot_be_merged_is_refused(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    larger, smaller = two_waves(newsroom)
    itself = merge(newsroom, smaller, smaller["id"])
    assert_refused(itself, 422, "into")
    assert_refused(merge(newsroom, smaller, 2**31 - 1), 404)
    stale = merge(newsroom, smaller, larger["id"], version=smaller["version"] + 1)
    assert_refused(stale, 409)
    assert_refused(merge(other_newsroom, smaller, larger["id"]), 404)
    sport = {"article": "https://gazette.example/s", "article_section": "Sport"}
    for body in (ADVERTISEMENT, PETITION):
        newsroom.send(body=body, **sport)
    _, token = hire(newsroom, "sport", (Role.LEAD, "Sport"))
    limited = Caller(newsroom.app.test_client(), token)
    fields = {"into": larger["id"], "version": smaller["version"]}
    path = f"{CAMPAIGNS}/{smaller['id']}/merge"
    assert_refused(limited.post(path, fields), 403)


def test_campaigns_of_two_sites_are_never_merged(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session
) -> None:
    larger, _ = two_waves(newsroom)
    send(other_newsroom, 3)
    (theirs,) = listed(other_newsroom)
    start_writing(session)
    campaign, target = (
        session.get_one(Campaign, each["id"]) for each in (larger, theirs)
    )
    with pytest.raises(InvalidFields):
        merging.merge_into(
            session, campaign, target, version=larger["version"], now=datetime.now(UTC)
        )


def test_trusted_authors_are_left_out_unless_asked_for(newsroom: Newsroom) -> None:
    sent = send(newsroom, 2)
    sent.append(newsroom.send(body=ADVERTISEMENT, author_email="regular@mail.example"))
    sent.append(newsroom.send(body=ADVERTISEMENT, author_id="editor-7"))
    authors = newsroom.as_staff().get("/api/v1/authors").json["authors"]
    comment = newsroom.as_staff().get(f"/api/v1/comments/{sent[2]['id']}/card").json
    assert comment["author_record"] in {row["id"] for row in authors}
    standing = {"standing": "trusted", "reason": "regular"}
    path = f"/api/v1/authors/{comment['author_record']}/standing"
    assert newsroom.as_staff().put(path, standing).status_code == 200
    newsroom.set_policy(ALL_HELD, trusted_authors=["editor-7"])
    campaign = only(newsroom)
    assert campaign["trusted"] == {"pending": 2, "approved": 0, "rejected": 0}
    marks = {row["id"]: row["is_trusted"] for row in campaign["comments"]}
    assert [marks[each["id"]] for each in sent] == [False, False, True, True]
    assert decide(newsroom, campaign).json["decided"] == 2
    assert statuses(newsroom, sent[2:]) == ["pending", "pending"]
    whole = decide(newsroom, only(newsroom), include_trusted=True)
    assert whole.json["decided"] == 2
    assert set(statuses(newsroom, sent)) == {"rejected"}
