"""The audit log over the API: filtered, in pages, and for admins of a site alone."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.audit import export
from moderation.tables.audit import AuditEntry
from tests.audit.rows import entries, tamper
from tests.builders import PASSWORD, Caller, Newsroom
from tests.refusals import assert_refused, on_sqlite

AUDIT = "/api/v1/audit"
RULE = {
    "name": "Ads",
    "action": "hold",
    "conditions": [{"kind": "words", "entries": ["casino"]}],
}


def listed(caller: Caller, **query: Any) -> list[dict[str, Any]]:
    answer = caller.get(AUDIT, query_string=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["entries"]
    return found


def log_in(newsroom: Newsroom, role: Role, password: str = PASSWORD) -> None:
    body = {"login": f"{newsroom.name}-{role}", "password": password}
    Caller(newsroom.app.test_client(), "").post("/api/v1/session", body)


def write_rule(newsroom: Newsroom) -> None:
    path = f"/api/v1/sites/{newsroom.name}/rules"
    assert newsroom.as_staff(Role.ADMIN).post(path, RULE).status_code == 201


def test_an_entry_names_actor_site_and_target(newsroom: Newsroom) -> None:
    write_rule(newsroom)
    entry = listed(newsroom.as_staff(Role.ADMIN), action="rule.created")[0]
    admin_id = str(newsroom.staff_ids[Role.ADMIN])
    assert entry["actor"] == {"kind": "staff", "id": admin_id, "login": "gazette-admin"}
    assert entry["target"] == {"kind": "rule", "id": "1", "login": None}
    assert entry["site"] == "gazette"
    assert entry["details"]["mode"] == "off"
    assert len(entry["network"]) == 64
    assert len(entry["hash"]) == 64


def test_an_admin_sees_entries_of_their_sites_and_colleagues_alone(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session
) -> None:
    for room in (newsroom, other_newsroom):
        write_rule(room)
        log_in(room, Role.MODERATOR)
        log_in(room, Role.LEAD, "not the password")
    found = listed(newsroom.as_staff(Role.ADMIN), limit=200)
    assert {entry["site"] for entry in found} == {"gazette", None}
    logins = {
        each["login"]
        for entry in found
        for each in (entry["actor"], entry["target"] or {"login": None})
    }
    expected = {f"gazette-{role}" for role in Role}
    assert logins - {None} == expected
    actions = [entry["action"] for entry in found]
    assert actions.count("staff.logged_in") == 4  # three tokens of the builder
    assert actions.count("staff.login_failed") == 1
    assert len(entries(session)) > len(found)


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ({"actor": "staff:gazette-admin"}, {"rule.created"}),
        ({"actor": "staff"}, {"rule.created", "staff.logged_in"}),
        ({"actor": "staff:nobody"}, set()),
        ({"actor": "worker"}, set()),
        ({"target": "rule:1"}, {"rule.created"}),
        ({"target": "rule:2"}, set()),
        ({"target": "rule"}, {"rule.created"}),
        ({"action": "rule.created", "site": "gazette"}, {"rule.created"}),
        ({"site": "gazette", "action": "staff.logged_in"}, set()),
    ],
)
def test_filters(newsroom: Newsroom, query: dict[str, str], actions: set[str]) -> None:
    write_rule(newsroom)
    log_in(newsroom, Role.MODERATOR)
    found = listed(newsroom.as_staff(Role.ADMIN), **query)
    assert {entry["action"] for entry in found} == actions


def test_times_filter(newsroom: Newsroom, session: Session) -> None:
    write_rule(newsroom)
    admin, entry = newsroom.as_staff(Role.ADMIN), entries(session)[-1]
    at, later = entry.at.isoformat(), (entry.at + timedelta(seconds=1)).isoformat()
    newest = listed(admin, since=at)
    assert [each["sequence"] for each in newest] == [entry.sequence]
    assert listed(admin, since=later) == []
    assert entry.sequence not in {e["sequence"] for e in listed(admin, until=at)}


def test_a_comment_is_found_by_its_public_id(newsroom: Newsroom) -> None:
    comment_id = newsroom.send()["id"]
    newsroom.as_site().delete(f"/api/v1/comments/{comment_id}")
    target = f"comment:{comment_id}"
    (entry,) = listed(newsroom.as_staff(Role.ADMIN), target=target)
    assert entry["action"] == "comment.erased"
    assert entry["target"]["id"] == comment_id
    assert entry["actor"]["kind"] == "site_key"
    assert listed(
        newsroom.as_staff(Role.ADMIN), actor=f"site_key:{entry['actor']['id']}"
    ) == [entry]


def test_pages_hold_each_entry_once(newsroom: Newsroom) -> None:
    write_rule(newsroom)
    admin = newsroom.as_staff(Role.ADMIN)
    whole = [entry["sequence"] for entry in listed(admin, limit=200)]
    assert whole == sorted(whole, reverse=True)
    found: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = admin.get(AUDIT, query_string={"limit": 3, **cursor}).json
        found += [entry["sequence"] for entry in page["entries"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == whole


@on_sqlite
@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD])
def test_others_are_refused(newsroom: Newsroom, role: Role) -> None:
    assert_refused(newsroom.as_staff(role).get(AUDIT), 403)
    here = newsroom.as_staff(role).get(AUDIT, query_string={"site": "gazette"})
    assert_refused(here, 403)


@on_sqlite
def test_a_strangers_site_is_not_there(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    for site in ("herald", "nowhere"):
        assert_refused(admin.get(AUDIT, query_string={"site": site}), 404)
    assert_refused(newsroom.as_site().get(AUDIT), 403)


@on_sqlite
@pytest.mark.parametrize(
    "query",
    [
        {"actor": "somebody"},
        {"actor": "site_key:x"},
        {"actor": "site_key:99999999999999999999"},
        {"target": "comment:1"},
        {"target": "rule:-1"},
        {"action": "rule.read"},
        {"since": "yesterday"},
        {"cursor": "x"},
        {"limit": "0"},
    ],
)
def test_wrong_filters_are_named(newsroom: Newsroom, query: dict[str, str]) -> None:
    answer = newsroom.as_staff(Role.ADMIN).get(AUDIT, query_string=query)
    assert_refused(answer, 422, *query)


def test_reasons_are_searched_in_any_case(newsroom: Newsroom) -> None:
    author = newsroom.send()["id"]
    admin = newsroom.as_staff(Role.ADMIN)
    number = admin.get("/api/v1/authors").json["authors"][0]["id"]
    path = f"/api/v1/authors/{number}/email-reveal"
    revealed = admin.post(path, {"reason": "Second Warning, 100%"})
    assert revealed.status_code == 200, author
    whole = [entry["reason"] for entry in listed(admin) if entry["reason"]]
    assert whole
    part = whole[0][1:].upper()
    assert [entry["reason"] for entry in listed(admin, reason=part)] == whole
    assert listed(admin, reason="%") == [
        entry for entry in listed(admin) if "%" in (entry["reason"] or "")
    ]


def test_the_log_is_exported_as_it_is_listed(
    newsroom: Newsroom, other_newsroom: Newsroom, session: Session
) -> None:
    for room in (newsroom, other_newsroom):
        write_rule(room)
    admin = newsroom.as_staff(Role.ADMIN)
    query = {"action": "rule.created"}
    answer = admin.get(f"{AUDIT}/file", query_string=query)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    (entry,) = listed(admin, **query)
    assert row["sequence"] == str(entry["sequence"])
    assert (row["site"], row["actor_login"]) == ("gazette", "gazette-admin")
    assert json.loads(row["details"]) == entry["details"]
    assert row["hash"] == entry["hash"]
    newest = entries(session)[-1]
    assert newest.action == "audit.exported"
    assert newest.details == {"filters": ["action"]}


def test_an_export_holds_each_entry_once(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH_SIZE", 2)
    write_rule(newsroom)
    admin = newsroom.as_staff(Role.ADMIN)
    answer = admin.get(f"{AUDIT}/file")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    whole = [str(entry["sequence"]) for entry in listed(admin, limit=200)]
    assert [row["sequence"] for row in rows] == whole


def test_a_check_of_the_chain_names_the_first_fault(
    newsroom: Newsroom, session: Session
) -> None:
    write_rule(newsroom)
    admin, path = newsroom.as_staff(Role.ADMIN), f"{AUDIT}/verification"
    sound = admin.post(path).json
    assert sound["fault"] is None
    assert sound["count"] == len(entries(session))
    change = sa.update(AuditEntry).where(AuditEntry.sequence == 2)
    tamper(
        session, lambda connection: connection.execute(change.values(reason="Other"))
    )
    found = admin.post(path).json
    assert found["fault"] == {"kind": "changed", "sequence": 2}
    assert found["count"] == 1


@on_sqlite
def test_a_check_also_compares_heads_that_were_kept_elsewhere(
    newsroom: Newsroom, session: Session
) -> None:
    write_rule(newsroom)
    admin, path = newsroom.as_staff(Role.ADMIN), f"{AUDIT}/verification"
    last = entries(session)[-1]
    kept = f"2026-11-30T07:00:00+00:00 {last.sequence} {last.hash}"
    assert admin.post(path, {"heads": [kept]}).json["fault"] is None
    other = f"2026-11-30T07:00:00+00:00 {last.sequence} {'0' * 64}"
    found = admin.post(path, {"heads": [kept, other]}).json
    assert found["fault"] == {"kind": "replaced", "sequence": last.sequence}
    refused = admin.post(path, {"heads": [kept, "yesterday"]})
    assert refused.status_code == 422
    assert "line 2" in refused.json["fields"]


@on_sqlite
def test_checks_are_limited(newsroom: Newsroom) -> None:
    admin = newsroom.as_staff(Role.ADMIN)
    codes = [admin.post(f"{AUDIT}/verification").status_code for _ in range(7)]
    assert codes == [200] * 6 + [429]


@on_sqlite
@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD])
def test_others_neither_export_nor_check(newsroom: Newsroom, role: Role) -> None:
    person = newsroom.as_staff(role)
    assert_refused(person.get(f"{AUDIT}/file"), 403)
    assert_refused(person.post(f"{AUDIT}/verification"), 403)
