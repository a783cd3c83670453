"""Brakes hold comments that come too fast, never reject them, and end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.campaigns import arrivals
from moderation.database import start_writing
from moderation.policy.brakes import BRAKES, BrakeKind
from moderation.tables.campaigns import Brake, Campaign, RecentArrival
from moderation.tables.monitoring import Alarm
from moderation.tables.webhooks import Delivery
from tests.builders import (
    ALL_REJECTED,
    NOTHING_HELD,
    Caller,
    Newsroom,
    comment,
    hire,
)
from tests.campaigns.waves import BETWEEN, UNLIKE, petition, pills_wave, robot_wave
from tests.refusals import assert_refused, on_sqlite

COMMENTS = "/api/v1/comments"
FEW = {"count": 3, "minutes": 1}
WAVES = [robot_wave, pills_wave]


def brake_on(newsroom: Newsroom, *kinds: BrakeKind, **more: Any) -> None:
    """Let the site have brakes of some kinds, from the fourth comment a minute on."""
    limits = {kind.value: FEW if kind in kinds else None for kind in BrakeKind}
    brakes = {**limits, "quiet_minutes": 10}
    newsroom.set_policy(NOTHING_HELD, brakes=brakes, **more)


def send_all(newsroom: Newsroom, bodies: Sequence[dict[str, Any]]) -> list[Any]:
    site = newsroom.as_site()
    answers = [site.post(COMMENTS, body) for body in bodies]
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json for answer in answers]


def statuses(answers: Sequence[Any]) -> Counter[str]:
    return Counter(answer["status"] for answer in answers)


def pass_time(session: Session, span: timedelta) -> None:
    """Let what has come lie further back."""
    session.rollback()
    start_writing(session)
    for arrival in session.scalars(sa.select(RecentArrival)):
        arrival.at -= span
    for brake in session.scalars(sa.select(Brake)):
        brake.last_at -= span
        if brake.held_until is not None:
            brake.held_until -= span
        if brake.ended_at is not None:
            brake.ended_at -= span
    session.commit()


def brakes_of(session: Session) -> Sequence[Brake]:
    session.rollback()
    return session.scalars(sa.select(Brake).order_by(Brake.id)).all()


@pytest.mark.parametrize("wave", WAVES)
def test_a_wave_is_stopped_after_ten(
    newsroom: Newsroom,
    session: Session,
    wave: Callable[[int], list[dict[str, Any]]],
) -> None:
    newsroom.set_policy(NOTHING_HELD, brakes=BRAKES.as_json())
    answers = send_all(newsroom, wave(60))
    assert statuses(answers)["approved"] <= 12
    assert statuses(answers)["rejected"] == 0
    session.rollback()
    roots = session.scalars(
        sa.select(Campaign.size).where(Campaign.merged_into.is_(None))
    ).all()
    assert sum(roots) >= 59
    assert len(roots) == 1
    assert [brake.kind for brake in brakes_of(session)] == ["near_duplicates"]


def test_a_petition_over_a_day_is_published(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.set_policy(NOTHING_HELD, brakes=BRAKES.as_json())
    site, answers = newsroom.as_site(), []
    for body in petition():
        answers.append(site.post(COMMENTS, body).json)
        pass_time(session, timedelta(minutes=57))
    assert statuses(answers) == {"approved": 25}
    assert brakes_of(session) == []
    assert session.scalars(sa.select(Campaign.size)).all() == [25]


def test_a_petition_in_a_minute_is_held_and_not_rejected(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD, brakes=BRAKES.as_json())
    assert statuses(send_all(newsroom, petition())) == {"approved": 10, "pending": 15}


def test_what_is_approved_in_advance_is_not_braked(newsroom: Newsroom) -> None:
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES)
    signed = petition(12)
    send_all(newsroom, signed[:4])
    staff = newsroom.as_staff()
    (campaign,) = staff.get("/api/v1/campaigns").json["campaigns"]
    body = {"verdict": "approve", "hours": 1, "version": campaign["version"]}
    path = f"/api/v1/campaigns/{campaign['id']}/decisions"
    answer = staff.post(path, {**body, "as_of": datetime.now(UTC).isoformat()})
    assert answer.status_code == 201
    same = [{**each, "body": signed[0]["body"]} for each in signed[4:]]
    assert statuses(send_all(newsroom, same)) == {"approved": 8}


SAME = {
    BrakeKind.AUTHOR: {"author_email": "one@mail.example"},
    BrakeKind.NETWORK: {"ip": "192.0.2.9"},
    BrakeKind.ARTICLE: {"article": "https://gazette.example/one"},
    BrakeKind.NEAR_DUPLICATES: {"body": "Earn a lot from home with our new system!"},
}


def varied(number: int, **fields: Any) -> dict[str, Any]:
    """Return a comment that has nothing in common with the others."""
    return comment(
        **{
            "author_email": f"r{number}@mail.example",
            "ip": f"198.51.{number}.1",
            "article": f"https://gazette.example/{number}",
            **fields,
        }
    )


@pytest.mark.parametrize("kind", list(BrakeKind))
def test_each_kind_holds_what_is_one_too_many(
    newsroom: Newsroom, session: Session, kind: BrakeKind
) -> None:
    brake_on(newsroom, kind)
    bodies = [varied(number, **SAME[kind]) for number in range(5)]
    answers = send_all(newsroom, [*bodies, varied(9)])
    expected = ["approved"] * 3 + ["pending"] * 2 + ["approved"]
    assert [each["status"] for each in answers] == expected
    (brake,) = brakes_of(session)
    assert (brake.kind, brake.held) == (kind.value, 2)
    reason = {"code": "brake", "brake": brake.id, "limit": kind.value}
    assert answers[3]["reasons"] == answers[4]["reasons"] == [reason]


@pytest.mark.parametrize(
    "same",
    [
        {"author_id": "u-7"},
        {"author_email": "Two@Mail.example"},
    ],
)
def test_an_author_is_told_by_what_is_known(
    newsroom: Newsroom, same: dict[str, Any]
) -> None:
    brake_on(newsroom, BrakeKind.AUTHOR)
    answers = send_all(newsroom, [varied(number, **same) for number in range(4)])
    assert answers[-1]["status"] == "pending"


def test_aliases_of_an_address_are_one_author(newsroom: Newsroom) -> None:
    brake_on(newsroom, BrakeKind.AUTHOR)
    aliases = [f"t.wo+{number}@gmail.com" for number in range(2)]
    addresses = ["two@gmail.com", *aliases, "t.w.o@googlemail.com"]
    bodies = [varied(n, author_email=email) for n, email in enumerate(addresses)]
    assert send_all(newsroom, bodies)[-1]["status"] == "pending"


def test_no_brake_where_the_policy_has_none(newsroom: Newsroom) -> None:
    brake_on(newsroom)
    bodies = [comment(**SAME[BrakeKind.NEAR_DUPLICATES]) for _ in range(8)]
    assert statuses(send_all(newsroom, bodies)) == {"approved": 8}


def test_trusted_authors_are_neither_held_nor_counted(
    newsroom: Newsroom, session: Session
) -> None:
    brake_on(newsroom, *BrakeKind, trusted_authors=["u-1"])
    bodies = [comment(author_id="u-1", body="The same again from us.")] * 6
    assert statuses(send_all(newsroom, bodies)) == {"approved": 6}
    assert brakes_of(session) == []


def test_what_is_rejected_puts_no_brake_on(
    newsroom: Newsroom, session: Session
) -> None:
    limits = {kind.value: FEW for kind in BrakeKind}
    newsroom.set_policy(ALL_REJECTED, brakes=limits)
    assert statuses(send_all(newsroom, pills_wave(6))) == {"rejected": 6}
    assert brakes_of(session) == []


def test_a_wave_on_an_article_does_not_hold_its_readers(newsroom: Newsroom) -> None:
    """What one brake holds doesn't count for the next wider one."""
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES, BrakeKind.ARTICLE)
    place = SAME[BrakeKind.ARTICLE]
    text = SAME[BrakeKind.NEAR_DUPLICATES]
    two = [varied(number, **place, **text) for number in range(3)]
    send_all(newsroom, [{**each, **place} for each in two[:2]])
    others = [varied(number, **text) for number in range(10, 16)]
    send_all(newsroom, others)
    held = send_all(newsroom, [varied(30 + n, **place, **text) for n in range(5)])
    assert statuses(held) == {"pending": 5}
    assert send_all(newsroom, [varied(50, **place)])[0]["status"] == "approved"


def test_it_lets_go_when_it_is_quiet(newsroom: Newsroom, session: Session) -> None:
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES)
    send_all(newsroom, pills_wave(5))
    pass_time(session, timedelta(minutes=9))
    assert send_all(newsroom, pills_wave(1))[0]["status"] == "pending"
    pass_time(session, timedelta(minutes=9))
    assert send_all(newsroom, pills_wave(1))[0]["status"] == "pending"
    pass_time(session, timedelta(minutes=11))
    assert send_all(newsroom, pills_wave(1))[0]["status"] == "approved"
    (brake,) = brakes_of(session)
    assert brake.ended_at is not None
    assert (brake.ended_by, brake.held) == (None, 4)


@pytest.mark.parametrize("kind", [BrakeKind.NETWORK, BrakeKind.ARTICLE])
def test_what_many_share_is_let_go_though_some_write_on(
    newsroom: Newsroom, session: Session, kind: BrakeKind
) -> None:
    brake_on(newsroom, kind)
    send_all(newsroom, [varied(number, **SAME[kind]) for number in range(4)])
    answers = []
    for number in range(10, 13):
        pass_time(session, timedelta(minutes=4))
        answers += send_all(newsroom, [varied(number, **SAME[kind])])
    assert [each["status"] for each in answers] == ["pending", "pending", "approved"]


def test_a_brake_that_takes_hold_is_told_once(
    newsroom: Newsroom, session: Session
) -> None:
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES)
    admin = newsroom.as_staff(Role.ADMIN)
    hook = {"url": "https://cms.gazette.example/in", "types": ["alarm.raised"]}
    assert admin.post("/api/v1/sites/gazette/webhooks", hook).status_code == 201
    send_all(newsroom, pills_wave(6))
    (alarm,) = admin.get("/api/v1/sites/gazette/alarms").json["alarms"]
    (brake,) = brakes_of(session)
    assert (alarm["kind"], alarm["subject"]) == ("brake", "near_duplicates")
    said = {"brake": brake.id, "campaign": brake.campaign_id, "count": 3, "minutes": 1}
    assert {name: alarm["details"][name] for name in said} == said
    (event,) = session.scalars(sa.select(Delivery)).all()
    assert (event.type, event.body["kind"]) == ("alarm.raised", "brake")
    assert session.scalars(sa.select(Alarm.id)).all() == [alarm["id"]]


def test_an_edit_into_a_wave_is_held(newsroom: Newsroom) -> None:
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES)
    sent = send_all(newsroom, [varied(number) for number in range(5)])
    site = newsroom.as_site()
    advert = SAME[BrakeKind.NEAR_DUPLICATES]
    edited = [
        site.patch(f"{COMMENTS}/{each['id']}", advert).json["status"] for each in sent
    ]
    assert edited == ["approved"] * 3 + ["pending"] * 2


def test_an_edit_away_from_a_wave_is_counted_no_more(
    newsroom: Newsroom, session: Session
) -> None:
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES)
    text = SAME[BrakeKind.NEAR_DUPLICATES]
    sent = send_all(newsroom, [varied(number, **text) for number in range(3)])
    path = f"{COMMENTS}/{sent[2]['id']}"
    newsroom.as_site().patch(path, {"body": "I have thought better of it since then."})
    late = send_all(newsroom, [varied(9, **text)])
    assert late[0]["status"] == "approved"
    assert brakes_of(session) == []


def test_a_brake_goes_on_when_campaigns_merge(
    newsroom: Newsroom, session: Session
) -> None:
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES)
    one, other = UNLIKE
    bodies = [one] * 4 + [other] * 2 + [BETWEEN, one]
    answers = send_all(newsroom, [varied(n, body=b) for n, b in enumerate(bodies)])
    assert [each["status"] for each in answers[3:4] + answers[6:]] == ["pending"] * 3
    session.rollback()
    (root,) = session.scalars(sa.select(Campaign).where(Campaign.merged_into.is_(None)))
    assert root.size == 8
    (brake,) = brakes_of(session)
    assert brake.campaign_id == root.id


def test_what_is_a_day_ago_is_forgotten(newsroom: Newsroom, session: Session) -> None:
    brake_on(newsroom, BrakeKind.AUTHOR)
    send_all(newsroom, [varied(1)])
    start_writing(session)
    now = datetime.now(UTC)
    assert arrivals.delete_old(session, now) == 0
    assert arrivals.delete_old(session, now + arrivals.KEPT) == 3
    session.commit()


def api_brakes(newsroom: Newsroom, **query: Any) -> list[Any]:
    answer = newsroom.as_staff().get("/api/v1/brakes", query_string=query)
    assert answer.status_code == 200, answer.json
    rows: list[Any] = answer.json["brakes"]
    return rows


def test_a_brake_is_listed_with_what_it_holds(newsroom: Newsroom) -> None:
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES)
    sent = send_all(newsroom, pills_wave(6))
    (brake,) = api_brakes(newsroom)
    assert (brake["kind"], brake["state"]) == ("near_duplicates", "holding")
    assert (brake["arrived"], brake["held"], brake["published"]) == (6, 3, 3)
    assert brake["limit"] == FEW
    assert brake["sample"]["id"] == sent[3]["id"]
    assert brake["article"]["reference"] == "https://gazette.example/3"
    assert brake["lets_go_at"] > brake["last_at"]
    (campaign,) = newsroom.as_staff().get("/api/v1/campaigns").json["campaigns"]
    assert campaign["brake"]["id"] == brake["id"]
    assert campaign["brake"]["held"] == 3


def test_what_was_published_is_held_with_one_key_and_undone(
    newsroom: Newsroom,
) -> None:
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES)
    sent = send_all(newsroom, pills_wave(6))
    staff, site = newsroom.as_staff(), newsroom.as_site()
    path = f"{COMMENTS}/{sent[0]['id']}/decisions"
    kept = staff.post(path, {"verdict": "approve", "version": sent[0]["version"]})
    assert kept.status_code == 201, kept.json
    (brake,) = api_brakes(newsroom)
    assert brake["published"] == 2
    hold = f"/api/v1/brakes/{brake['id']}/hold"
    batch = staff.post(hold, {"as_of": brake["as_of"]})
    assert batch.status_code == 201, batch.json
    assert (batch.json["verdict"], batch.json["decided"]) == ("review", 2)
    now = [site.get(f"{COMMENTS}/{each['id']}").json["status"] for each in sent]
    assert now == ["approved"] + ["pending"] * 5
    assert_refused(staff.post(hold, {"as_of": brake["as_of"]}), 409)
    undone = staff.post(f"/api/v1/batches/{batch.json['id']}/undo")
    assert undone.status_code == 200, undone.json
    now = [site.get(f"{COMMENTS}/{each['id']}").json["status"] for each in sent]
    assert now == ["approved"] * 3 + ["pending"] * 3


def test_a_person_releases_a_brake_and_it_stays_off(
    newsroom: Newsroom, session: Session
) -> None:
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES)
    send_all(newsroom, pills_wave(5))
    (brake,) = api_brakes(newsroom, state="holding")
    path = f"/api/v1/brakes/{brake['id']}/release"
    released = newsroom.as_staff().post(path).json
    by = f"{newsroom.name}-moderator"
    assert (released["state"], released["ended_by"]) == ("ended", by)
    assert statuses(send_all(newsroom, pills_wave(6))) == {"approved": 6}
    assert_refused(newsroom.as_staff().post(path), 409)
    assert api_brakes(newsroom, state="holding") == []
    assert [each["id"] for each in api_brakes(newsroom, state="ended")] == [brake["id"]]
    pass_time(session, timedelta(minutes=61))
    assert statuses(send_all(newsroom, pills_wave(4))) == {"approved": 3, "pending": 1}


def test_a_person_lets_a_brake_hold_for_hours(
    newsroom: Newsroom, session: Session
) -> None:
    brake_on(newsroom, BrakeKind.NEAR_DUPLICATES)
    send_all(newsroom, pills_wave(4))
    (brake,) = api_brakes(newsroom)
    path = f"/api/v1/brakes/{brake['id']}/prolongation"
    answer = newsroom.as_staff().post(path, {"hours": 3})
    assert answer.json["held_by"] == f"{newsroom.name}-moderator"
    assert answer.json["lets_go_at"] == answer.json["held_until"]
    pass_time(session, timedelta(minutes=170))
    assert send_all(newsroom, pills_wave(1))[0]["status"] == "pending"
    pass_time(session, timedelta(minutes=12))
    assert send_all(newsroom, pills_wave(1))[0]["status"] == "approved"
    assert_refused(newsroom.as_staff().post(path, {"hours": 3}), 409)


def test_what_comes_of_a_campaign_is_held_for_hours(newsroom: Newsroom) -> None:
    brake_on(newsroom)
    send_all(newsroom, pills_wave(3))
    staff = newsroom.as_staff()
    (campaign,) = staff.get("/api/v1/campaigns").json["campaigns"]
    path = f"/api/v1/campaigns/{campaign['id']}/brake"
    put_on = staff.post(path, {"hours": 2})
    assert put_on.status_code == 201
    assert (put_on.json["limit"], put_on.json["published"]) == (None, 3)
    assert put_on.json["started_by"] == f"{newsroom.name}-moderator"
    assert send_all(newsroom, pills_wave(1))[0]["status"] == "pending"
    again = staff.post(path, {"hours": 5})
    assert again.json["id"] == put_on.json["id"]
    assert again.json["held_until"] > put_on.json["held_until"]


@on_sqlite
@pytest.mark.parametrize("hours", [0, 73, "1", None])
def test_bad_hours_are_named(newsroom: Newsroom, hours: Any) -> None:
    answer = newsroom.as_staff().post("/api/v1/brakes/1/prolongation", {"hours": hours})
    assert_refused(answer, 422, "hours")


@on_sqlite
def test_strangers_find_no_brake(newsroom: Newsroom, other_newsroom: Newsroom) -> None:
    brake_on(newsroom, BrakeKind.AUTHOR)
    send_all(newsroom, [varied(n, **SAME[BrakeKind.AUTHOR]) for n in range(4)])
    (brake,) = api_brakes(newsroom)
    stranger = other_newsroom.as_staff(Role.ADMIN)
    path = f"/api/v1/brakes/{brake['id']}"
    assert stranger.get("/api/v1/brakes").json["brakes"] == []
    assert_refused(stranger.get(path), 404)
    assert_refused(stranger.post(f"{path}/release"), 404)
    body = {"as_of": brake["as_of"]}
    assert_refused(stranger.post(f"{path}/hold", body), 404)
    assert_refused(newsroom.as_site().get(path), 403)


def test_people_of_a_section_handle_the_brakes_of_its_articles(
    newsroom: Newsroom,
) -> None:
    brake_on(newsroom, BrakeKind.ARTICLE, BrakeKind.AUTHOR)
    sport = {**SAME[BrakeKind.ARTICLE], "article_section": "Sport"}
    send_all(newsroom, [varied(number, **sport) for number in range(4)])
    author = {**SAME[BrakeKind.AUTHOR], "article_section": "Sport"}
    send_all(newsroom, [varied(10 + number, **author) for number in range(4)])
    news = {**SAME[BrakeKind.AUTHOR], "author_email": "two@mail.example"}
    send_all(newsroom, [varied(20 + number, **news) for number in range(4)])
    _, token = hire(newsroom, "sam", (Role.MODERATOR, "Sport"))
    sam = Caller(newsroom.app.test_client(), token)
    seen = sam.get("/api/v1/brakes").json["brakes"]
    assert [each["kind"] for each in seen] == ["author", "article"]
    of_author, of_article = (f"/api/v1/brakes/{each['id']}" for each in seen)
    assert_refused(sam.post(f"{of_author}/release"), 403)
    assert sam.post(f"{of_article}/release").status_code == 200


def test_brakes_go_on_where_the_page_ended(newsroom: Newsroom) -> None:
    brake_on(newsroom, BrakeKind.AUTHOR)
    for number in range(2):
        same = {"author_email": f"one{number}@mail.example"}
        send_all(newsroom, [varied(n, **same) for n in range(4)])
    staff = newsroom.as_staff()
    first = staff.get("/api/v1/brakes", query_string={"limit": 1}).json
    query = {"limit": 1, "cursor": first["next"]}
    second = staff.get("/api/v1/brakes", query_string=query).json
    assert first["brakes"][0]["id"] > second["brakes"][0]["id"]
    assert second["next"] is None
