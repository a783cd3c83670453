"""Campaigns: found as they arrive, decided at once, and in advance if wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from moderation.accounts.staff import Role
from moderation.campaigns import clustering
from moderation.comments import intake
from moderation.database import db, start_writing
from moderation.sql.prepared import Prepared
from moderation.tables.campaigns import Campaign, Sketch, StandingVerdict
from moderation.tables.comments import Comment
from moderation.worker import maintenance
from tests.builders import (
    ALL_HELD,
    ALL_REJECTED,
    NOTHING_HELD,
    Answer,
    Newsroom,
)
from tests.campaigns.waves import BETWEEN, UNLIKE
from tests.concurrency.test_concurrency import at_once
from tests.refusals import assert_refused, on_sqlite

CAMPAIGNS = "/api/v1/campaigns"
ADVERTISEMENT = (
    "Earn up to five hundred dollars a day from home with our new system, no boss and "
    "no experience needed, just register today at https://easy-cash.example.com/?id=81 "
    "and tell your friends about it before the places are gone"
)
#: Similar enough to belong to it, but not for a standing decision.
VARIANT = (
    ADVERTISEMENT.replace("five hundred", "six thousand")
    .replace("boss", "risk")
    .replace("friends", "family")
)
OTHER = (
    "The council has promised a new bridge for years now, and all that we have seen "
    "so far are drawings, a committee, and a bill for both of them"
)


@pytest.fixture
def newsroom(newsroom: Newsroom) -> Newsroom:
    newsroom.set_policy(ALL_HELD)
    return newsroom


def send(newsroom: Newsroom, count: int, body: str = ADVERTISEMENT) -> list[Any]:
    """Send a text some times, each time a little changed."""
    return [newsroom.send(body=f"{body} {'!' * n}") for n in range(count)]


def listed(newsroom: Newsroom, **query: Any) -> list[Any]:
    answer = newsroom.as_staff().get(CAMPAIGNS, query_string=query)
    assert answer.status_code == 200, answer.json
    found: list[Any] = answer.json["campaigns"]
    return found


def read(newsroom: Newsroom, campaign_id: int, **query: Any) -> Any:
    path = f"{CAMPAIGNS}/{campaign_id}"
    answer = newsroom.as_staff().get(path, query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json


def only(newsroom: Newsroom) -> Any:
    """Return the only campaign, with its comments."""
    (found,) = listed(newsroom)
    return read(newsroom, found["id"])


def decide(newsroom: Newsroom, campaign: Any, **body: Any) -> Answer:
    body = {
        "verdict": "reject",
        "reasons": ["spam"],
        "version": campaign["version"],
        "as_of": campaign.get("as_of") or datetime.now(UTC).isoformat(),
        **body,
    }
    body = {name: value for name, value in body.items() if value is not None}
    path = f"{CAMPAIGNS}/{campaign['id']}/decisions"
    return newsroom.as_staff().post(path, body)


def status_of(newsroom: Newsroom, sent: Any) -> str:
    status: str = (
        newsroom.as_site().get(f"/api/v1/comments/{sent['id']}").json["status"]
    )
    return status


def statuses(newsroom: Newsroom, sent: Sequence[Any]) -> list[str]:
    return [status_of(newsroom, each) for each in sent]


def test_near_duplicates_become_a_campaign(newsroom: Newsroom) -> None:
    first, *others = send(newsroom, 3)
    newsroom.send(body=OTHER)
    (found,) = listed(newsroom)
    assert (found["size"], found["pending"], found["authors"]) == (3, 3, 1)
    assert found["sample"]["id"] == first["id"]
    assert (found["standing"], found["site"]) == (None, newsroom.name)
    members = read(newsroom, found["id"])["comments"]
    assert [each["id"] for each in members] == [
        each["id"] for each in reversed([first, *others])
    ]


def test_what_came_once_is_no_campaign(newsroom: Newsroom, session: Session) -> None:
    newsroom.send(body=ADVERTISEMENT)
    assert session.scalar(sa.select(Campaign.id)) is None
    assert listed(newsroom, least=2, open=False) == []


def test_thanks_is_no_campaign(newsroom: Newsroom, session: Session) -> None:
    for _ in range(3):
        newsroom.send(body="Thanks!")
    assert session.scalar(sa.select(Sketch.comment_id)) is None
    assert listed(newsroom, least=2) == []


def test_a_campaign_does_not_drift(newsroom: Newsroom) -> None:
    """What resembles only a later member, not the first text, is none of it."""
    words = ADVERTISEMENT.split()
    near = " ".join(["Well now folks listen please and", *words[6:]])
    far = " ".join([*near.split()[:-8], "unless you have got better plans for this"])
    for body in (ADVERTISEMENT, near, far):
        newsroom.send(body=body)
    assert [each["size"] for each in listed(newsroom, least=2)] == [2]


def test_sites_share_no_campaign(newsroom: Newsroom, other_newsroom: Newsroom) -> None:
    newsroom.send(body=ADVERTISEMENT)
    other_newsroom.send(body=ADVERTISEMENT)
    assert listed(newsroom, least=2, open=False) == []


def test_what_is_long_ago_is_forgotten(newsroom: Newsroom, session: Session) -> None:
    newsroom.send(body=ADVERTISEMENT)
    late = datetime.now(UTC) + clustering.WINDOW + timedelta(minutes=1)
    start_writing(session)
    assert clustering.delete_old_sketches(session, late - timedelta(hours=1)) == 0
    assert clustering.delete_old_sketches(session, late) == 1
    session.commit()
    newsroom.send(body=ADVERTISEMENT)
    assert listed(newsroom, least=2) == []


def test_a_decision_decides_all_that_wait(newsroom: Newsroom) -> None:
    sent = send(newsroom, 3)
    answer = decide(newsroom, only(newsroom))
    assert answer.status_code == 201
    batch = answer.json
    assert (batch["state"], batch["decided"], batch["skipped"]) == ("done", 3, 0)
    assert (batch["kind"], batch["verdict"]) == ("campaign", "reject")
    assert statuses(newsroom, sent) == ["rejected"] * 3
    assert listed(newsroom, open=True) == []
    (found,) = listed(newsroom, open=False)
    assert (found["rejected"], found["pending"]) == (3, 0)


def test_each_comment_has_its_decision(newsroom: Newsroom) -> None:
    sent = send(newsroom, 3)
    batch = decide(newsroom, only(newsroom)).json
    path = f"/api/v1/comments/{sent[0]['id']}/history"
    newest = newsroom.as_staff().get(path).json["decisions"][-1]
    assert (newest["source"], newest["batch"]) == ("person", batch["id"])
    assert newest["decided_by"] == f"{newsroom.name}-moderator"
    assert newest["reasons"] == [{"code": "spam"}]


def test_what_another_holds_is_skipped(newsroom: Newsroom) -> None:
    sent = send(newsroom, 3)
    campaign = only(newsroom)
    lead = newsroom.as_staff(Role.LEAD)
    lead.put(f"/api/v1/comments/{sent[1]['id']}/claim")
    batch = decide(newsroom, campaign).json
    assert (batch["decided"], batch["skipped"]) == (2, 1)
    assert statuses(newsroom, sent) == ["rejected", "pending", "rejected"]


def test_what_one_holds_oneself_is_decided(newsroom: Newsroom) -> None:
    send(newsroom, 3)
    newsroom.as_staff().post("/api/v1/hand", {})
    assert decide(newsroom, only(newsroom)).json["decided"] == 3


def test_what_waits_for_a_lead_is_skipped(newsroom: Newsroom) -> None:
    sent = send(newsroom, 3)
    campaign = only(newsroom)
    path = f"/api/v1/comments/{sent[0]['id']}/escalation"
    newsroom.as_staff().post(path, {"version": 1, "note": "Is this allowed?"})
    assert decide(newsroom, campaign).json["skipped"] == 1


def test_what_came_after_the_look_waits(newsroom: Newsroom) -> None:
    send(newsroom, 3)
    campaign = only(newsroom)
    late = newsroom.send(body=ADVERTISEMENT)
    assert decide(newsroom, campaign).json["decided"] == 3
    assert status_of(newsroom, late) == "pending"


def test_what_changed_after_the_look_waits(newsroom: Newsroom) -> None:
    sent = send(newsroom, 3)
    campaign = only(newsroom)
    path = f"/api/v1/comments/{sent[0]['id']}"
    newsroom.as_site().patch(path, {"body": f"{ADVERTISEMENT} Believe me."})
    assert decide(newsroom, campaign).json["decided"] == 2
    assert status_of(newsroom, sent[0]) == "pending"


def test_a_campaign_decided_meanwhile_is_refused(newsroom: Newsroom) -> None:
    send(newsroom, 3)
    campaign = only(newsroom)
    assert decide(newsroom, campaign, hours=1).status_code == 201
    answer = decide(newsroom, campaign, verdict="approve")
    assert_refused(answer, 409)
    assert answer.json["code"] == "stale_version"


@pytest.fixture
def mixed(newsroom: Newsroom) -> list[Any]:
    """Comments of one campaign: approved, approved, rejected, and pending."""
    newsroom.set_policy(NOTHING_HELD)
    sent = send(newsroom, 4)
    staff = newsroom.as_staff()
    reject = {"verdict": "reject", "reasons": ["spam"], "version": 1}
    for each, body in (
        (sent[2], reject),
        (sent[3], {"verdict": "review", "version": 1}),
    ):
        path = f"/api/v1/comments/{each['id']}/decisions"
        assert staff.post(path, body).status_code == 201
    return sent


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["approved", "approved", "rejected", "rejected"]),
        ({"statuses": ["approved"]}, ["rejected", "rejected", "rejected", "pending"]),
        ({"statuses": ["approved", "pending", "rejected"]}, ["rejected"] * 4),
        (
            {"statuses": ["approved", "rejected"], "verdict": "review"},
            ["pending"] * 4,
        ),
    ],
)
def test_a_decision_covers_the_statuses_that_it_names(
    newsroom: Newsroom, mixed: list[Any], body: dict[str, Any], expected: list[str]
) -> None:
    before = statuses(newsroom, mixed)
    answer = decide(newsroom, only(newsroom), **body)
    assert answer.status_code == 201, answer.json
    assert statuses(newsroom, mixed) == expected
    path = f"/api/v1/batches/{answer.json['id']}/undo"
    newsroom.as_staff().post(path)
    assert statuses(newsroom, mixed) == before


def test_ticked_comments_are_left_out(newsroom: Newsroom, mixed: list[Any]) -> None:
    every = ["approved", "pending"]
    left_out = [mixed[0]["id"], mixed[3]["id"]]
    batch = decide(newsroom, only(newsroom), statuses=every, excluded=left_out).json
    assert (batch["decided"], batch["asked"]) == (1, 1)
    expected = ["approved", "rejected", "rejected", "pending"]
    assert statuses(newsroom, mixed) == expected


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"statuses": []}, "statuses"),
        ({"statuses": ["gone"]}, "statuses.0"),
        ({"verdict": "review", "statuses": ["pending"]}, "verdict"),
        ({"verdict": "review", "statuses": ["approved"], "hours": 2}, "hours"),
        ({"excluded": ["x"]}, "excluded.0"),
    ],
)
def test_what_a_campaign_decision_can_not_mean_is_refused(
    newsroom: Newsroom, mixed: list[Any], body: dict[str, Any], field: str
) -> None:
    assert_refused(decide(newsroom, only(newsroom), **body), 422, field)


def test_where_nothing_waits_nothing_is_decided(newsroom: Newsroom) -> None:
    send(newsroom, 3)
    decide(newsroom, only(newsroom))
    (found,) = listed(newsroom, open=False)
    assert_refused(decide(newsroom, found), 409)


def test_a_verdict_in_advance_rejects_what_still_comes(newsroom: Newsroom) -> None:
    send(newsroom, 3)
    campaign = only(newsroom)
    decide(newsroom, campaign, hours=6)
    late = newsroom.send(body=ADVERTISEMENT.upper())
    assert (late["status"], late["reasons"]) == (
        "rejected",
        [{"code": "campaign", "campaign": campaign["id"]}],
    )
    (found,) = listed(newsroom, open=False)
    assert (found["size"], found["standing"]["verdict"]) == (4, "reject")
    assert found["standing"]["by"] == f"{newsroom.name}-moderator"


def test_its_decisions_name_the_campaign_as_their_source(newsroom: Newsroom) -> None:
    send(newsroom, 3)
    batch = decide(newsroom, only(newsroom), hours=6).json
    late = newsroom.send(body=ADVERTISEMENT)
    path = f"/api/v1/comments/{late['id']}/history"
    (first,) = newsroom.as_staff().get(path).json["decisions"]
    assert (first["source"], first["batch"]) == ("campaign", batch["id"])


def test_a_variant_joins_but_a_person_decides(newsroom: Newsroom) -> None:
    send(newsroom, 3)
    decide(newsroom, only(newsroom), hours=6)
    assert newsroom.send(body=VARIANT)["status"] == "pending"
    (found,) = listed(newsroom)
    assert (found["size"], found["pending"]) == (4, 1)


def test_an_approval_in_advance_overrides_no_reject_threshold(
    newsroom: Newsroom,
) -> None:
    send(newsroom, 3)
    decide(newsroom, only(newsroom), verdict="approve", reasons=[], hours=6)
    assert newsroom.send(body=ADVERTISEMENT)["status"] == "approved"
    newsroom.set_policy(ALL_REJECTED)
    late = newsroom.send(body=ADVERTISEMENT)
    assert (late["status"], late["reasons"][0]["code"]) == ("rejected", "score")


def test_a_verdict_in_advance_can_be_ended(newsroom: Newsroom) -> None:
    send(newsroom, 3)
    campaign = only(newsroom)
    decide(newsroom, campaign, hours=6)
    path = f"{CAMPAIGNS}/{campaign['id']}/standing"
    for _ in range(2):
        assert newsroom.as_staff().delete(path).status_code == 204
    assert newsroom.send(body=ADVERTISEMENT)["status"] == "pending"
    assert only(newsroom)["standing"] is None


def test_a_verdict_in_advance_lapses(newsroom: Newsroom, session: Session) -> None:
    send(newsroom, 3)
    decide(newsroom, only(newsroom), hours=1)
    start_writing(session)
    session.execute(sa.update(StandingVerdict).values(until=datetime.now(UTC)))
    session.commit()
    assert newsroom.send(body=ADVERTISEMENT)["status"] == "pending"
    assert only(newsroom)["standing"] is None


def test_a_second_verdict_in_advance_takes_the_firsts_place(
    newsroom: Newsroom, session: Session
) -> None:
    send(newsroom, 3)
    decide(newsroom, only(newsroom), hours=1)
    (found,) = listed(newsroom, open=False)
    answer = decide(newsroom, found, verdict="approve", reasons=[], hours=2)
    assert (answer.status_code, answer.json["decided"]) == (201, 0)
    assert newsroom.send(body=ADVERTISEMENT)["status"] == "approved"
    ended = sa.select(StandingVerdict.ended_at).order_by(StandingVerdict.id)
    assert [moment is None for moment in session.scalars(ended)] == [False, True]


def test_an_undone_batch_takes_its_verdict_in_advance_back(newsroom: Newsroom) -> None:
    sent = send(newsroom, 3)
    batch = decide(newsroom, only(newsroom), hours=6).json
    sent.append(newsroom.send(body=ADVERTISEMENT))
    assert statuses(newsroom, sent) == ["rejected"] * 4
    path = f"/api/v1/batches/{batch['id']}/undo"
    undone = newsroom.as_staff().post(path).json
    assert (undone["state"], undone["restored"]) == ("undone", 4)
    assert statuses(newsroom, sent) == ["pending"] * 4
    assert newsroom.send(body=ADVERTISEMENT)["status"] == "pending"


def test_an_edit_takes_a_comment_out_of_its_campaign(newsroom: Newsroom) -> None:
    sent = send(newsroom, 3)
    path = f"/api/v1/comments/{sent[2]['id']}"
    newsroom.as_site().patch(path, {"body": OTHER})
    (found,) = listed(newsroom, least=2)
    assert (found["size"], found["pending"]) == (2, 2)


def test_an_edit_into_a_campaign_joins_it(newsroom: Newsroom) -> None:
    send(newsroom, 3)
    innocent = newsroom.send(body=OTHER)
    path = f"/api/v1/comments/{innocent['id']}"
    newsroom.as_site().patch(path, {"body": ADVERTISEMENT})
    assert only(newsroom)["size"] == 4


def test_an_erased_comment_is_not_shown(newsroom: Newsroom) -> None:
    sent = send(newsroom, 4)
    newsroom.as_site().delete(f"/api/v1/comments/{sent[0]['id']}")
    found = only(newsroom)
    assert found["pending"] == 3
    assert found["sample"]["id"] == sent[1]["id"]


def test_an_erased_text_is_not_recognised(newsroom: Newsroom, session: Session) -> None:
    sent = newsroom.send(body=ADVERTISEMENT)
    newsroom.as_site().delete(f"/api/v1/comments/{sent['id']}")
    assert session.scalar(sa.select(Sketch.comment_id)) is None


def test_near_duplicates_at_once_end_in_one_campaign(
    app: Flask, newsroom: Newsroom
) -> None:
    """Where two were first at once, the next one merges what they began."""
    calls = [
        lambda n=n: newsroom.as_site().post(
            "/api/v1/comments",
            {
                "author_name": "Ada",
                "author_email": "ada@mail.example",
                "body": f"{ADVERTISEMENT} {'!' * n}",
                "article": "https://gazette.example/bridge",
            },
        )
        for n in range(6)
    ]
    answers = at_once(app, calls)
    assert {each.status_code for each in answers} == {201}
    newsroom.send(body=ADVERTISEMENT)
    assert [each["size"] for each in listed(newsroom, least=2)] == [7]


def test_two_campaigns_of_one_text_are_merged(
    newsroom: Newsroom, session: Session
) -> None:
    """As they would be if both had begun at the same moment."""
    send(newsroom, 3)
    start_writing(session)
    session.execute(sa.update(Sketch).values(seen_at=datetime(2020, 1, 1, tzinfo=UTC)))
    session.commit()
    send(newsroom, 2)
    sizes = [each["size"] for each in listed(newsroom, least=2)]
    assert sizes == [2, 3]
    start_writing(session)
    session.execute(sa.update(Sketch).values(seen_at=datetime.now(UTC)))
    session.commit()
    newsroom.send(body=ADVERTISEMENT)
    (found,) = listed(newsroom, least=2)
    assert (found["size"], found["pending"], found["version"]) == (6, 6, 2)
    merged = session.scalars(
        sa.select(Campaign.id).where(Campaign.merged_into.is_not(None))
    ).one()
    assert read(newsroom, merged)["id"] == found["id"]


def test_the_worker_forgets_all_that_is_old(
    app: Flask, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clustering, "BATCH_SIZE", 2)
    for body in (
        ADVERTISEMENT,
        OTHER,
        "this mayor is a liar",
        "a fair point well made",
    ):
        newsroom.send(body=body)
    late = datetime.now(UTC) + clustering.WINDOW + timedelta(minutes=1)
    sessions = sessionmaker(db.engine, expire_on_commit=False)
    assert maintenance.forget_texts(sessions, late) == 4


@on_sqlite
def test_without_a_sketch_a_comment_is_stored_without_a_campaign(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "sketch", lambda site_id, text: None)
    assert [each["status"] for each in send(newsroom, 3)] == ["pending"] * 3
    assert listed(newsroom, least=2, open=False) == []


@pytest.mark.parametrize("step", ["_ALIKE", "_row"])
def test_a_campaign_that_can_not_be_written_loses_no_comment(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def broken(*_: object) -> None:
        raise OperationalError("deadlock detected", {}, Exception())

    if step == "_ALIKE":
        nowhere = Prepared(sa.select(sa.column("nothing")).select_from(sa.table("no")))
        monkeypatch.setattr(clustering, "_ALIKE", nowhere)
    else:
        monkeypatch.setattr(clustering, "_row", broken)
    sent = newsroom.send(body=ADVERTISEMENT)
    assert status_of(newsroom, sent) == "pending"
    path = f"/api/v1/comments/{sent['id']}"
    answer = newsroom.as_site().patch(path, {"body": f"{ADVERTISEMENT} Really."})
    assert answer.status_code == 200


def test_the_desk_shows_the_campaign_of_a_comment(newsroom: Newsroom) -> None:
    sent = send(newsroom, 5)
    other = newsroom.send(body=OTHER)
    hand = newsroom.as_staff().post("/api/v1/hand", {}).json["comments"]
    by_id = {each["id"]: each for each in hand}
    shown = by_id[sent[0]["id"]]
    assert shown["campaign"]["size"] == shown["campaign"]["pending"] == 5
    near = [each["id"] for each in shown["near_duplicates"]]
    assert near == [each["id"] for each in sent[:1:-1]]
    alone = by_id[other["id"]]
    assert (alone["campaign"], alone["near_duplicates"]) == (None, [])


def test_a_list_goes_on_where_the_page_ended(newsroom: Newsroom) -> None:
    for body in (ADVERTISEMENT, OTHER):
        send(newsroom, 3, body)
    staff = newsroom.as_staff()
    first = staff.get(CAMPAIGNS, query_string={"limit": 1}).json
    query = {"limit": 1, "cursor": first["next"]}
    second = staff.get(CAMPAIGNS, query_string=query).json
    assert first["campaigns"][0]["id"] > second["campaigns"][0]["id"]
    assert second["next"] is None


def test_its_comments_go_on_where_the_page_ended(newsroom: Newsroom) -> None:
    sent = send(newsroom, 3)
    (found,) = listed(newsroom)
    first = read(newsroom, found["id"], limit=2)
    second = read(newsroom, found["id"], limit=2, cursor=first["next"])
    pages = [*first["comments"], *second["comments"]]
    assert [each["id"] for each in pages] == [each["id"] for each in reversed(sent)]


@on_sqlite
@pytest.mark.parametrize("cursor", ["x", "WyJhIiwiYiJd", "WyIxIl0"])
def test_a_cursor_of_another_list_is_refused(newsroom: Newsroom, cursor: str) -> None:
    answer = newsroom.as_staff().get(CAMPAIGNS, query_string={"cursor": cursor})
    assert_refused(answer, 422, "cursor")


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("verdict", "review"),
        ("verdict", "maybe"),
        ("reasons", []),
        ("reasons", ["boredom"]),
        ("version", 0),
        ("version", None),
        ("as_of", "yesterday"),
        ("as_of", "9999-12-31T23:59:59-23:00"),
        ("as_of", "0001-01-01T00:00:00+23:00"),
        ("hours", 0),
        ("hours", 73),
        ("hours", 10**30),
    ],
)
def test_a_bad_field_is_named(newsroom: Newsroom, field: str, value: Any) -> None:
    send(newsroom, 3)
    answer = decide(newsroom, only(newsroom), **{field: value})
    named = {each.partition(".")[0] for each in answer.json["fields"]}
    assert (answer.status_code, named) == (422, {field})


@on_sqlite
def test_strangers_find_no_campaign(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    send(newsroom, 3)
    campaign = only(newsroom)
    stranger = other_newsroom.as_staff(Role.ADMIN)
    path = f"{CAMPAIGNS}/{campaign['id']}"
    assert_refused(stranger.get(path), 404)
    assert_refused(stranger.delete(f"{path}/standing"), 404)
    assert_refused(decide(other_newsroom, campaign), 404)
    assert stranger.get(CAMPAIGNS).json["campaigns"] == []


@on_sqlite
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/1"),
        ("POST", "/1/decisions"),
        ("DELETE", "/1/standing"),
    ],
)
def test_only_staff_come_in(newsroom: Newsroom, method: str, path: str) -> None:
    body: Any = {} if method == "POST" else None
    answer = newsroom.as_site().call(method, CAMPAIGNS + path, json=body)
    assert_refused(answer, 403)


@on_sqlite
def test_a_campaign_never_approves_by_itself(newsroom: Newsroom) -> None:
    """However often a text comes, the policy alone decides until a person does."""
    newsroom.set_policy(NOTHING_HELD)
    assert {each["status"] for each in send(newsroom, 3)} == {"approved"}
    newsroom.set_policy(ALL_HELD)
    assert newsroom.send(body=ADVERTISEMENT)["status"] == "pending"


def test_a_held_comment_keeps_its_holder_through_a_merge(
    newsroom: Newsroom, session: Session
) -> None:
    sent = send(newsroom, 2)
    newsroom.as_staff().put(f"/api/v1/comments/{sent[0]['id']}/claim")
    newsroom.send(body=ADVERTISEMENT)
    held = sa.select(Comment.claimed_by).where(Comment.claimed_by.is_not(None))
    assert session.scalars(held).all() == [newsroom.staff_ids[Role.MODERATOR]]


def test_the_most_harmful_stands_first(newsroom: Newsroom, session: Session) -> None:
    """Published and still arriving, then pending, then published, then the rest."""
    texts = [
        f"{stem} and we all hope that it will be so for years to come, dear friends"
        for stem in (
            "The old mill was sold on Monday to a man from the north",
            "Our choir sings on Sunday at the church by the harbour wall",
            "Nobody has cleaned the pond in the park since last spring came",
            "A second ferry costs less than the bridge that they promise us",
        )
    ]
    ids: list[int] = []
    for number, text in enumerate(texts):
        newsroom.set_policy(NOTHING_HELD if number in (0, 2) else ALL_HELD)
        send(newsroom, 3, text)
    newsroom.set_policy(ALL_HELD)
    by_text = {each["sample"]["body"][:12]: each for each in listed(newsroom)}
    arriving, waiting, old, decided = (by_text[text[:12]] for text in texts)
    decide(newsroom, decided)
    start_writing(session)
    session.execute(
        sa.update(Campaign)
        .where(Campaign.id == old["id"])
        .values(last_seen_at=datetime.now(UTC) - timedelta(hours=2))
    )
    session.commit()
    wanted = [each["id"] for each in (arriving, waiting, old, decided)]
    assert [each["id"] for each in listed(newsroom)] == wanted
    staff, cursor = newsroom.as_staff(), None
    while len(ids) < len(wanted):
        query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = staff.get(CAMPAIGNS, query_string=query).json
        ids += [each["id"] for each in page["campaigns"]]
        cursor = page["next"]
    assert (ids, cursor) == (wanted, None)
    newest = [each["id"] for each in listed(newsroom, order="newest")]
    assert newest == [each["id"] for each in (decided, waiting, arriving, old)]


def test_a_campaign_tells_who_sends_and_how_fast(newsroom: Newsroom) -> None:
    for number in range(4):
        newsroom.send(
            body=ADVERTISEMENT,
            author_email=f"s{number % 3}@mail.example",
            ip=f"192.0.2.{number % 2}",
            article=f"https://gazette.example/{number}",
        )
    (found,) = listed(newsroom)
    names = ("authors", "networks", "articles", "last_minute", "last_hour")
    assert [found[name] for name in names] == [3, 2, 4, 4, 4]
    assert (found["is_arriving"], found["brake"]) == (True, None)


def test_short_spam_with_changing_links_is_one_campaign(newsroom: Newsroom) -> None:
    for number in range(6):
        newsroom.send(
            body="CHEAP VIAGRA CIALIS without prescription no doctor >> "
            f"http://rx-pharm{number % 3}.example/{number}"
        )
    newsroom.send(body="See for yourself at https://news.example/7")
    newsroom.send(body="See for yourself at https://weather.example/7")
    (found,) = listed(newsroom, least=2)
    assert found["size"] == 6


def test_great_article_is_no_campaign_and_thanks_with_words_is_harmless(
    newsroom: Newsroom,
) -> None:
    newsroom.set_policy(NOTHING_HELD)
    sent = [newsroom.send(body="Great article!") for _ in range(3)]
    sent += [newsroom.send(body="Thank you for this great article!") for _ in range(3)]
    assert {each["status"] for each in sent} == {"approved"}
    (found,) = listed(newsroom, least=2)
    assert (found["size"], found["approved"]) == (3, 3)


def test_what_resembles_two_campaigns_merges_them(
    newsroom: Newsroom, session: Session
) -> None:
    for body in (*UNLIKE, BETWEEN):
        send(newsroom, 2, body)
    roots = session.scalars(
        sa.select(Campaign.size).where(Campaign.merged_into.is_(None))
    ).all()
    assert roots == [6]


def test_what_was_decided_in_advance_is_not_handed_on_by_a_merge(
    newsroom: Newsroom,
) -> None:
    send(newsroom, 3, UNLIKE[0])
    decide(newsroom, only(newsroom), hours=6)
    send(newsroom, 2, UNLIKE[1])
    send(newsroom, 2, BETWEEN)
    assert len(listed(newsroom, least=2)) == 2
    assert newsroom.send(body=UNLIKE[1])["status"] == "pending"
