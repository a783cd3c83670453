"""A site's policy: read by its staff, written by its admins, applied immediately."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.policy.brakes import BrakeKind
from moderation.tables.sites import SitePolicy
from tests.builders import Newsroom
from tests.refusals import assert_refused, on_sqlite

POLICY = "/api/v1/sites/gazette/policy"
BODY: dict[str, Any] = {
    "thresholds": {"spam": {"review_at": 0.4, "reject_at": 0.9}},
    "default": "pre",
    "sections": {"Sport": "post"},
    "trusted_authors": ["u-1"],
}

HOURS: dict[str, Any] = {
    "time_zone": "Europe/Berlin",
    "hours": {"monday": {"opens": "08:00", "closes": "24:00"}},
    "outside": "pre",
}


def test_a_policy_comes_back_as_it_was_written(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    shares = {"second_look_share": 0.05, "audit_share": 0.01}
    trust = {"earned_trust": {"approved": 20, "days": 7}}
    limit = {"count": 3, "minutes": 60}
    limits = {kind.value: limit for kind in BrakeKind}
    brakes = {**limits, "author": None, "quiet_minutes": 5}
    opening = {
        "opening_hours": HOURS,
        "close_after_days": 14,
        "section_close_after_days": {"Archive": None, "Live": 1},
        "house_rules": {"en": "Be kind."},
        "personal_data": {"action": "mask", "phone_regions": ["DE", "AT"]},
        "care": {"minutes": 10, "text": "Call the editor on duty."},
        "languages": ["de", "ko"],
    }
    body = {**BODY, **shares, **trust, **opening, "report_threshold": 2.5}
    body["brakes"] = brakes
    written = admin.put(POLICY, body)
    assert written.status_code == 200
    assert written.json == {
        **body,
        "id": written.json["id"],
        "created_at": written.json["created_at"],
    }
    assert newsroom.as_staff().get(POLICY).json == written.json


def test_a_policy_holds_for_the_next_comment(newsroom: Newsroom) -> None:
    newsroom.as_staff(Role.ADMIN).put(POLICY, {**BODY, "thresholds": {}})
    assert newsroom.send()["reasons"] == [{"code": "premoderation"}]
    assert newsroom.send(article="s", article_section="Sport")["status"] == "approved"
    assert newsroom.send(author_id="u-1")["reasons"] == [{"code": "trusted_author"}]


def test_trust_is_for_the_verified_id_never_for_a_name(newsroom: Newsroom) -> None:
    newsroom.as_staff(Role.ADMIN).put(POLICY, {**BODY, "thresholds": {}})
    assert newsroom.send(author_name="u-1", external_id="u-1")["status"] == "pending"


def test_an_older_policy_stays_on_record_with_its_writer(
    newsroom: Newsroom, session: Session
) -> None:
    newsroom.as_staff(Role.ADMIN).put(POLICY, BODY)
    rows = session.scalars(sa.select(SitePolicy).order_by(SitePolicy.id)).all()
    assert [row.staff_id for row in rows] == [None, newsroom.staff_ids[Role.ADMIN]]


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD])
def test_only_admins_write_a_policy(newsroom: Newsroom, role: Role) -> None:
    assert_refused(newsroom.as_staff(role).put(POLICY, BODY), 403)
    assert newsroom.as_staff(role).get(POLICY).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_strangers_and_site_keys_see_no_policy(
    newsroom: Newsroom, other_newsroom: Newsroom, method: str
) -> None:
    stranger, body = (
        other_newsroom.as_staff(Role.ADMIN),
        BODY if method == "PUT" else None,
    )
    assert_refused(stranger.call(method, POLICY, json=body), 404)
    assert_refused(newsroom.as_site().call(method, POLICY, json=body), 403)


@on_sqlite
@pytest.mark.parametrize("site", ["nowhere", "a%00b", "..", "%F0%9F%98%80", "x" * 500])
def test_an_unknown_site_is_not_there(newsroom: Newsroom, site: str) -> None:
    answer = newsroom.as_staff(Role.ADMIN).get(f"/api/v1/sites/{site}/policy")
    assert_refused(answer, 404)


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"thresholds": None}, "thresholds"),
        ({"thresholds": []}, "thresholds"),
        ({"thresholds": {"ugly": {"review_at": 0.5}}}, "thresholds.ugly.key"),
        ({"thresholds": {"spam": {}}}, "thresholds.spam.value.review_at"),
        ({"thresholds": {"spam": 0.5}}, "thresholds.spam.value._schema"),
        (
            {"thresholds": {"spam": {"review_at": 1.1}}},
            "thresholds.spam.value.review_at",
        ),
        (
            {"thresholds": {"spam": {"review_at": -0.1}}},
            "thresholds.spam.value.review_at",
        ),
        (
            {"thresholds": {"spam": {"review_at": 10**400}}},
            "thresholds.spam.value.review_at",
        ),
        (
            {"thresholds": {"spam": {"review_at": True}}},
            "thresholds.spam.value.review_at",
        ),
        (
            {"thresholds": {"spam": {"review_at": 0.9, "reject_at": 0.5}}},
            "thresholds.spam.value.reject_at",
        ),
        ({"default": "never"}, "default"),
        ({"default": None}, "default"),
        ({"sections": {"": "pre"}}, "sections..key"),
        ({"sections": {"Sport": "never"}}, "sections.Sport.value"),
        ({"trusted_authors": ["ada@mail.example"]}, "trusted_authors.0"),
        ({"trusted_authors": ["x"] * 10_001}, "trusted_authors"),
        ({"trusted_authors": "u-1"}, "trusted_authors"),
        ({"surplus": 1}, "surplus"),
    ],
)
def test_a_bad_policy_is_refused_and_the_old_one_holds(
    newsroom: Newsroom, changed: dict[str, Any], field: str
) -> None:
    before = newsroom.as_staff().get(POLICY).json
    answer = newsroom.as_staff(Role.ADMIN).put(POLICY, {**BODY, **changed})
    assert_refused(answer, 422, field)
    assert newsroom.as_staff().get(POLICY).json == before


@pytest.mark.parametrize(("review_at", "reject_at"), [(0, 0), (1, 1), (0.5, None)])
def test_the_ends_of_the_scale_are_accepted(
    newsroom: Newsroom, review_at: float, reject_at: float | None
) -> None:
    cut = {"review_at": review_at, "reject_at": reject_at}
    body = {**BODY, "thresholds": {"spam": cut}}
    answer = newsroom.as_staff(Role.ADMIN).put(POLICY, body)
    assert answer.json["thresholds"] == {"spam": cut}


def test_a_policy_over_a_newer_one_is_refused(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    read = admin.get(POLICY).json["id"]
    first = admin.put(POLICY, {**BODY, "replaces": read})
    assert first.status_code == 200
    second = admin.put(POLICY, {**BODY, "default": "post", "replaces": read})
    assert_refused(second, 409)
    assert second.json["code"] == "stale_policy"
    assert admin.get(POLICY).json == first.json
    again = admin.put(POLICY, {**BODY, "replaces": first.json["id"]})
    assert again.status_code == 200
    assert "replaces" not in again.json


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ({**HOURS, "time_zone": "Mars/Olympus"}, "opening_hours.time_zone"),
        ({**HOURS, "time_zone": "CET"}, "opening_hours.time_zone"),
        ({**HOURS, "hours": {}}, "opening_hours.hours"),
        ({**HOURS, "outside": "post"}, "opening_hours.outside"),
        (
            {**HOURS, "hours": {"lundi": {"opens": "08:00", "closes": "09:00"}}},
            "opening_hours.hours.lundi.key",
        ),
        *(
            (
                {**HOURS, "hours": {"monday": {"opens": opens, "closes": closes}}},
                f"opening_hours.hours.monday.value.{field}",
            )
            for opens, closes, field in [
                ("8:00", "22:00", "opens"),
                ("24:00", "22:00", "opens"),
                ("08:00\n", "22:00", "opens"),
                ("08:00", "24:01", "closes"),
                ("08:00", "08:00", "closes"),
            ]
        ),
    ],
)
def test_bad_opening_hours_are_named(
    newsroom: Newsroom, hours: dict[str, Any], field: str
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    assert_refused(admin.put(POLICY, {**BODY, "opening_hours": hours}), 422, field)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("close_after_days", 0),
        ("close_after_days", 1.5),
        ("section_close_after_days", {"Live": 4000}),
        ("house_rules", {"en": " "}),
        ("house_rules", {"not a tag": "Be kind."}),
        ("house_rules", {"en": "x" * 8001}),
        ("house_rules", {f"en-{n:03}": "Be kind." for n in range(21)}),
        ("replaces", "1"),
    ],
)
def test_bad_closing_and_house_rules_are_named(
    newsroom: Newsroom, name: str, value: Any
) -> None:
    answer = newsroom.as_staff(Role.ADMIN).put(POLICY, {**BODY, name: value})
    (field,) = answer.json["fields"]
    assert field.startswith(name)
    assert_refused(answer, 422, field)
