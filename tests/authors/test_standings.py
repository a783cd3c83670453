"""Standings: what they do to comments, who may give them, their end and undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.accounts.staff import Role
from moderation.database import db, start_writing
from moderation.policy.thresholds import Moderation
from moderation.tables.audit import AuditEntry
from moderation.tables.authors import Author, StandingChange
from moderation.tables.review import DecisionBatch
from moderation.tables.webhooks import Delivery
from moderation.worker import maintenance
from tests.author_pages.test_views import look
from tests.authors.test_records import AUTHORS, listed, record_of
from tests.builders import (
    ALL_HELD,
    ALL_REJECTED,
    NOTHING_HELD,
    Answer,
    Caller,
    DeafScorer,
    Newsroom,
    hire,
    replace_default_scorer,
    sender_in,
)
from tests.objections.test_reports import COMMENTS
from tests.refusals import on_sqlite

NO_STANDING = {"current": None, "batch": None}


def soon(**lasts: float) -> str:
    return (datetime.now(UTC) + timedelta(**lasts)).isoformat()


def give(
    newsroom: Newsroom,
    standing: str,
    role: Role = Role.LEAD,
    author_id: int | None = None,
    **fields: Any,
) -> Answer:
    """Give an author a standing; the only author, if none is named."""
    if author_id is None:
        (only,) = listed(newsroom)
        author_id = only["id"]
    body = {"standing": standing, "reason": "spam", **fields}
    if standing == "suspended":
        body.setdefault("until", soon(days=6))
    return newsroom.as_staff(role).put(f"{AUTHORS}/{author_id}/standing", body)


def codes(sent: dict[str, Any]) -> tuple[str, list[str]]:
    return sent["status"], [reason["code"] for reason in sent["reasons"]]


@pytest.mark.parametrize(
    ("standing", "status", "code"),
    [
        ("premoderated", "pending", "premoderated_author"),
        ("suspended", "rejected", "suspended"),
        ("banned", "rejected", "banned"),
        ("shadow_banned", "rejected", "shadow_banned"),
    ],
)
def test_a_restriction_decides_what_comes_next(
    newsroom: Newsroom, standing: str, status: str, code: str
) -> None:
    newsroom.send(author_email="a.da@gmail.com", author_name="Ada")
    assert give(newsroom, standing).status_code == 200
    alias = {"author_email": "ada+x@gmail.com", "author_name": "ＡＤＡ"}
    sent = newsroom.send(**alias)
    assert codes(sent) == (status, [code])
    assert ("until" in sent["reasons"][0]) == (standing == "suspended")
    edited = newsroom.as_site().patch(f"{COMMENTS}/{sent['id']}", {"body": "Again."})
    assert edited.json["reasons"][0]["code"] == code
    assert codes(newsroom.send(author_email="other@mail.example"))[0] == "approved"


def test_trust_spares_holds_and_premoderation_but_no_rejection(
    newsroom: Newsroom,
) -> None:
    newsroom.send()
    assert (
        give(newsroom, "trusted", Role.MODERATOR, reason="regular").status_code == 200
    )
    newsroom.set_policy(NOTHING_HELD, Moderation.PRE)
    assert codes(newsroom.send()) == ("approved", ["trusted_author"])
    newsroom.set_policy(ALL_HELD)
    assert codes(newsroom.send()) == ("approved", ["trusted_author"])
    newsroom.set_policy(ALL_REJECTED)
    assert codes(newsroom.send()) == ("pending", ["score"])


@on_sqlite
def test_a_ban_is_no_fault_of_ours(newsroom: Newsroom) -> None:
    """It rejects although scoring failed, as a person decided so; else it is held."""
    newsroom.send()
    replace_default_scorer(newsroom.app, DeafScorer())
    assert give(newsroom, "banned").status_code == 200
    assert codes(newsroom.send()) == ("rejected", ["banned"])
    lifted = newsroom.as_staff(Role.LEAD).delete(standing_path(newsroom))
    assert lifted.json == NO_STANDING
    assert codes(newsroom.send()) == ("pending", ["unscored"])


def test_a_ban_rejects_what_is_there_as_a_batch(newsroom: Newsroom) -> None:
    published = newsroom.send()["id"]
    newsroom.set_policy(ALL_HELD)
    pending = newsroom.send()["id"]
    other = newsroom.send(author_email="eve@mail.example")["id"]
    both: dict[str, Any] = {"also_reject": ["pending", "approved"]}
    (author,) = listed(newsroom, "?order=last_seen&limit=2")[1:]
    answer = give(newsroom, "banned", author_id=author["id"], **both)
    batch = answer.json["batch"]
    assert (batch["decided"], batch["kind"], batch["state"]) == (2, "filter", "done")
    assert record_of(newsroom, author["id"])["rejected"] == 2
    site = newsroom.as_site()
    assert site.get(f"{COMMENTS}/{other}").json["status"] == "pending"
    path = f"/api/v1/batches/{batch['id']}/undo"
    assert newsroom.as_staff(Role.LEAD).post(path).status_code == 200
    statuses = [
        site.get(f"{COMMENTS}/{each}").json["status"] for each in (published, pending)
    ]
    assert statuses == ["approved", "pending"]
    record = record_of(newsroom, author["id"])
    assert (record["approved"], record["pending"], record["rejected"]) == (1, 1, 0)
    assert record["standing"] == "banned"
    none = give(newsroom, "suspended", author_id=author["id"], also_reject=[])
    assert none.json["batch"] is None


@on_sqlite
def test_lists_and_batches_take_an_author(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    newsroom.send(author_email="eve@mail.example")
    sent = newsroom.send()["id"]
    author = listed(newsroom)[0]["id"]
    desk = newsroom.as_staff()
    for path in ("/api/v1/queue", COMMENTS):
        found = desk.get(f"{path}?site=gazette&author_record={author}").json["comments"]
        assert [(row["id"], row["author_record"]) for row in found] == [(sent, author)]


def standing_path(newsroom: Newsroom) -> str:
    (only,) = listed(newsroom)
    return f"{AUTHORS}/{only['id']}/standing"


def test_a_standing_ends_by_itself(newsroom: Newsroom) -> None:
    newsroom.send()
    give(newsroom, "suspended")
    session = db.session()
    start_writing(session)
    past = datetime.now(UTC) - timedelta(seconds=1)
    session.execute(sa.update(Author).values(standing_until=past))
    session.commit()
    assert codes(newsroom.send()) == ("approved", ["clear"])
    assert record_of(newsroom)["standing"] is None
    assert record_of(newsroom)["current"] is None
    assert listed(newsroom, "?standing=suspended") == []


def test_logging_in_or_out_evades_nothing(newsroom: Newsroom) -> None:
    newsroom.send(author_id="7")
    give(newsroom, "banned")
    assert codes(newsroom.send()) == ("rejected", ["banned"])  # logged out
    assert codes(newsroom.send(author_email="new@mail.example"))[0] == "approved"


def test_who_types_an_address_cannot_ban_its_owner(newsroom: Newsroom) -> None:
    newsroom.send()
    give(newsroom, "banned")
    verified = newsroom.send(author_id="7")
    assert codes(verified) == ("pending", ["restricted_address"])
    owner = next(row for row in listed(newsroom) if row["found_by"] == "verified")
    give(newsroom, "trusted", author_id=owner["id"], reason="regular")
    assert codes(newsroom.send(author_id="7"))[0] == "approved"
    shown = record_of(newsroom, owner["id"])
    assert [row["standing"] for row in shown["same_address"]] == ["banned"]


def test_a_restriction_comes_before_the_sites_own_trust(newsroom: Newsroom) -> None:
    newsroom.set_policy(NOTHING_HELD, trusted_authors=["7"])
    newsroom.send(author_id="7")
    give(newsroom, "premoderated")
    assert codes(newsroom.send(author_id="7")) == ("pending", ["premoderated_author"])


ROLES = [
    (Role.MODERATOR, "trusted", None, 200),
    (Role.MODERATOR, "premoderated", None, 200),
    (Role.MODERATOR, "suspended", 7, 200),
    (Role.MODERATOR, "suspended", 8, 403),
    (Role.MODERATOR, "banned", None, 403),
    (Role.MODERATOR, "shadow_banned", None, 403),
    (Role.LEAD, "suspended", 400, 200),
    (Role.LEAD, "banned", 1, 200),
    (Role.LEAD, "shadow_banned", None, 200),
    (Role.ADMIN, "banned", None, 200),
]


@on_sqlite
@pytest.mark.parametrize(("role", "standing", "days", "status"), ROLES)
def test_who_may_give_what(
    newsroom: Newsroom, role: Role, standing: str, days: int | None, status: int
) -> None:
    newsroom.send()
    until: dict[str, Any] = {"until": soon(days=days)} if days else {}
    answer = give(newsroom, standing, role, **until)
    assert answer.status_code == status, answer.json
    told = newsroom.as_staff(role).get(f"{AUTHORS}/{listed(newsroom)[0]['id']}").json
    assert (standing in told["you_may"]["standings"]) == (
        status == 200 or standing == "suspended"
    )
    assert (told["current"] is not None) == (status == 200)


@on_sqlite
def test_a_moderator_changes_no_ban_of_a_lead(newsroom: Newsroom) -> None:
    newsroom.send()
    give(newsroom, "banned")
    path, moderator = standing_path(newsroom), newsroom.as_staff()
    assert moderator.delete(path).status_code == 403
    assert moderator.post(f"{path}/undo").status_code == 403
    assert give(newsroom, "trusted", Role.MODERATOR).status_code == 403
    rights = record_of(newsroom)["you_may"]
    assert rights == {
        **{
            "standings": [],
            "suspension_days": 0,
            "lift": False,
            "undo": False,
            "reveal_email": False,
            "reveal_needs_code": False,
        }
    }


@on_sqlite
def test_an_undo_brings_back_the_standing_before(newsroom: Newsroom) -> None:
    newsroom.send()
    path, lead = standing_path(newsroom), newsroom.as_staff(Role.LEAD)
    assert lead.post(f"{path}/undo").status_code == 409
    assert lead.delete(path).json == NO_STANDING
    give(newsroom, "premoderated", note="Again and again, jo@news.example")
    give(newsroom, "banned", reason="insult")
    back = lead.post(f"{path}/undo").json["current"]
    assert (back["standing"], back["reason"]) == ("premoderated", "spam")
    assert back["note"] == "Again and again, [e-mail]"
    lead.delete(path)
    assert lead.post(f"{path}/undo").json["current"]["standing"] == "premoderated"
    assert lead.post(f"{path}/undo").json["current"] is None
    assert lead.post(f"{path}/undo").status_code == 409
    assert codes(newsroom.send())[0] == "approved"


@on_sqlite
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"standing": "suspended", "until": None}, "until"),
        ({"standing": "banned", "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"standing": "banned", "until": "2999-01-01T00:00:00Z"}, "until"),
        ({"standing": "mute"}, "standing"),
        ({"standing": "banned", "reason": "dislike"}, "reason"),
        ({"standing": "banned", "reason": None}, "reason"),
        ({"standing": "banned", "note": "\x00"}, "note"),
        ({"standing": "banned", "also_reject": ["rejected"]}, "also_reject"),
        ({"standing": "trusted", "also_reject": ["approved"]}, "also_reject"),
    ],
)
def test_unsound_standings_are_refused(
    newsroom: Newsroom, fields: dict[str, Any], field: str
) -> None:
    newsroom.send()
    standing = fields.pop("standing")
    answer = give(newsroom, standing, **fields)
    assert answer.status_code == 422
    assert field in answer.json["fields"]


def test_each_change_is_an_event_and_an_audit_entry(newsroom: Newsroom) -> None:
    hook = {"url": "https://b.example/", "types": ["author.standing_changed"]}
    path = "/api/v1/sites/gazette/webhooks"
    assert newsroom.as_staff(Role.ADMIN).post(path, hook).status_code == 201
    newsroom.send(author_id="u-7")
    give(newsroom, "suspended", note="Secret words")
    newsroom.as_staff(Role.LEAD).post(f"{standing_path(newsroom)}/undo")
    bodies = db.session.scalars(sa.select(Delivery.body).order_by(Delivery.id)).all()
    assert [body["standing"] for body in bodies] == ["suspended", None]
    assert bodies[0]["author_id"] == "u-7"
    assert "Secret" not in repr(bodies)
    actions = db.session.scalars(
        sa.select(AuditEntry.action)
        .where(AuditEntry.target_kind == "author")
        .order_by(AuditEntry.sequence)
    ).all()
    assert actions == ["author.standing_set", "author.standing_undone"]


def test_the_suspended_author_is_told_until_when(newsroom: Newsroom) -> None:
    newsroom.send()
    give(newsroom, "suspended")
    page = look(newsroom, newsroom.send())
    assert "The site takes no comments from you until" in page
    assert "Moderators of the site decided this about you before" in page
    assert "Ask for another look" in page
    give(newsroom, "banned")
    assert "The site takes no more comments from you." in look(
        newsroom, newsroom.send()
    )


def test_a_shadow_ban_shows_to_staff_and_site_only(newsroom: Newsroom) -> None:
    newsroom.send()
    give(newsroom, "shadow_banned")
    sent = newsroom.send()
    assert codes(sent) == ("rejected", ["shadow_banned"])
    page = look(newsroom, sent)
    assert "Your comment is waiting for a moderator" in page
    assert "Ask for another look" not in page
    path = f"{COMMENTS}/{sent['id']}/appeal"
    told = newsroom.as_site().get(path).json
    assert (told["state"], told["reasons"], told["may_appeal"]) == (
        "waiting",
        [],
        False,
    )
    appeal = newsroom.as_site().post(path, {"text": "But why?"})
    assert (appeal.status_code, appeal.json["code"]) == (409, "not_appealable")
    held = newsroom.as_site().get(f"{COMMENTS}/{sent['id']}").json
    assert held["status"] == "rejected"


EARNED = {"earned_trust": {"approved": 2, "days": 0}}


def test_a_record_earns_trust_and_loses_it(newsroom: Newsroom) -> None:
    newsroom.send()
    newsroom.send()
    newsroom.set_policy(NOTHING_HELD, Moderation.PRE, **EARNED)
    assert codes(newsroom.send()) == ("approved", ["earned_trust"])
    newcomer = newsroom.send(author_email="new@mail.example")
    assert codes(newcomer) == ("pending", ["premoderation"])
    newsroom.set_policy(ALL_REJECTED, Moderation.PRE, **EARNED)
    assert codes(newsroom.send()) == ("rejected", ["score"])
    newsroom.set_policy(NOTHING_HELD, Moderation.PRE, **EARNED)
    assert codes(newsroom.send()) == ("pending", ["premoderation"])


@on_sqlite
def test_earned_trust_takes_its_days(newsroom: Newsroom) -> None:
    newsroom.send()
    trust = {"earned_trust": {"approved": 1, "days": 1}}
    newsroom.set_policy(NOTHING_HELD, Moderation.PRE, **trust)
    assert codes(newsroom.send())[0] == "pending"
    session = db.session()
    start_writing(session)
    day = datetime.now(UTC) - timedelta(days=1)
    session.execute(sa.update(Author).values(first_seen_at=day))
    session.commit()
    assert codes(newsroom.send()) == ("approved", ["earned_trust"])


def test_a_claimed_comment_stays_with_its_moderator(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()["id"]
    newsroom.as_staff().post("/api/v1/hand", {})
    give(newsroom, "banned")
    edited = newsroom.as_site().patch(f"{COMMENTS}/{sent}", {"body": "Again."}).json
    assert edited["status"] == "pending"
    assert [row["code"] for row in edited["reasons"]][:2] == ["claimed", "banned"]


@on_sqlite
def test_a_person_of_one_section_restricts_nobody_elsewhere(
    newsroom: Newsroom,
) -> None:
    sport = {"article": "https://gazette.example/s", "article_section": "Sport"}
    newsroom.send(**sport)
    newsroom.send()
    hidden = newsroom.send(author_email="eve@mail.example", author_name="Eve")
    assert hidden
    _, token = hire(newsroom, "sport", (Role.LEAD, "Sport"))
    limited = Caller(newsroom.app.test_client(), token)
    (only,) = limited.get(AUTHORS).json["authors"]
    assert only["approved"] == 1
    path = f"{AUTHORS}/{only['id']}"
    record = limited.get(path).json
    assert (record["approved"], record["you_may"]["standings"]) == (1, [])
    assert sum(month["approved"] for month in record["months"]) == 1
    kinds = [row["kind"] for row in limited.get(f"{path}/timeline").json["entries"]]
    assert kinds == ["decision", "comment"]
    body = {"standing": "premoderated", "reason": "spam"}
    assert limited.put(f"{path}/standing", body).status_code == 403
    for row in listed(newsroom):
        if row["name"] == "Eve":
            assert limited.get(f"{AUTHORS}/{row['id']}").status_code == 404
    lookup = {"site": "gazette", "email": "eve@mail.example"}
    assert limited.post(f"{AUTHORS}/lookup", lookup).json == {"authors": []}


def statuses(newsroom: Newsroom, *ids: str) -> list[str]:
    site = newsroom.as_site()
    return [site.get(f"{COMMENTS}/{each}").json["status"] for each in ids]


def test_an_undo_also_undoes_the_batch(newsroom: Newsroom) -> None:
    published = newsroom.send()["id"]
    newsroom.set_policy(ALL_HELD)
    pending = newsroom.send()["id"]
    give(newsroom, "banned", also_reject=["pending", "approved"])
    assert statuses(newsroom, published, pending) == ["rejected", "rejected"]
    undo = f"{standing_path(newsroom)}/undo"
    undone = newsroom.as_staff(Role.LEAD).post(undo).json
    assert undone["current"] is None
    assert (undone["batch"]["state"], undone["batch"]["restored"]) == ("undone", 2)
    assert statuses(newsroom, published, pending) == ["approved", "pending"]


def test_a_batch_stays_once_its_time_is_over(newsroom: Newsroom) -> None:
    published = newsroom.send()["id"]
    give(newsroom, "banned", also_reject=["approved"])
    session = db.session()
    start_writing(session)
    session.execute(
        sa.update(DecisionBatch).values(
            finished_at=datetime.now(UTC) - timedelta(days=1)
        )
    )
    session.commit()
    undo = f"{standing_path(newsroom)}/undo"
    undone = newsroom.as_staff(Role.LEAD).post(undo).json
    assert (undone["current"], undone["batch"]["state"]) == (None, "done")
    assert statuses(newsroom, published) == ["rejected"]


def test_a_standing_that_ended_is_told_once(newsroom: Newsroom) -> None:
    """The first worker to run also sends what was missed while none ran."""
    hook = {"url": "https://b.example/", "types": ["author.standing_changed"]}
    path = "/api/v1/sites/gazette/webhooks"
    newsroom.as_staff(Role.ADMIN).post(path, hook)
    newsroom.send(author_id="u-7")
    give(newsroom, "suspended", until=soon(days=2))
    sessions = sender_in(newsroom.app).sessions
    after = datetime.now(UTC) + timedelta(days=3)
    assert maintenance.end_standings(sessions, datetime.now(UTC)) is False
    assert record_of(newsroom)["standing"] == "suspended"
    for _ in range(2):
        assert maintenance.end_standings(sessions, after) is False
    bodies = db.session.scalars(sa.select(Delivery.body).order_by(Delivery.id)).all()
    assert [(body["author_id"], body["standing"]) for body in bodies] == [
        ("u-7", "suspended"),
        ("u-7", None),
    ]
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "author.standing_ended")
    ).all()
    assert [entry.details["former"] for entry in entries] == ["suspended"]
    assert record_of(newsroom)["standing"] is None


def test_an_undo_brings_back_nothing_that_has_ended(newsroom: Newsroom) -> None:
    newsroom.send()
    give(newsroom, "suspended", until=soon(days=2))
    give(newsroom, "banned")
    session = db.session()
    start_writing(session)
    past = datetime.now(UTC) - timedelta(days=1)
    first = sa.select(sa.func.min(StandingChange.id)).scalar_subquery()
    session.execute(
        sa.update(StandingChange).where(StandingChange.id == first).values(until=past)
    )
    session.commit()
    undo = f"{standing_path(newsroom)}/undo"
    assert newsroom.as_staff(Role.LEAD).post(undo).json == NO_STANDING
