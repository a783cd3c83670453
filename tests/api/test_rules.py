"""Rules over the API: written by admins, read by staff, never lost to a colleague."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.rules import entry_lists, store
from moderation.tables.rules import RuleConditions, RuleVersion
from tests.builders import Answer, Newsroom
from tests.refusals import assert_refused, on_sqlite

RULES = "/api/v1/sites/gazette/rules"
TRIALS = f"{RULES}/trials"
IMPORT = f"{RULES}/import"
WORDS = {"kind": "words", "entries": ["casino", "free spins"]}
BODY: dict[str, Any] = {
    "name": "Gambling",
    "mode": "on",
    "action": "hold",
    "conditions": [WORDS],
}


def write(newsroom: Newsroom, **changed: Any) -> dict[str, Any]:
    """Write a rule and return it."""
    answer = newsroom.as_staff(Role.ADMIN).post(RULES, {**BODY, **changed})
    assert answer.status_code == 201, answer.text
    rule: dict[str, Any] = answer.json
    return rule


def bring_in(newsroom: Newsroom, text: str | bytes, query: str) -> Answer:
    """Import a plain list."""
    return newsroom.as_staff(Role.ADMIN).call(
        "POST",
        f"{IMPORT}?{query}",
        data=text,
        headers={"Content-Type": "text/plain; charset=utf-8"},
    )


def test_a_rule_comes_back_as_it_was_written(newsroom: Newsroom) -> None:
    rule = write(newsroom, tag="gambling", section="Sport")
    assert rule["version"] == 1
    assert rule["written_by"] == "gazette-admin"
    assert rule["conditions"] == [
        {
            "kind": "words",
            "entries": ["casino", "free spins"],
            "count": 2,
            "ids": [],
            "names": [],
            "email_indexes": [],
            "least": None,
            "most": None,
            "field": "text",
            "of": None,
            "more_than": None,
            "minutes": None,
        }
    ]
    read = newsroom.as_staff().get(f"{RULES}/{rule['id']}").json
    assert read == rule
    [listed] = newsroom.as_staff().get(RULES).json["rules"]
    for name in ("id", "name", "mode", "action", "tag", "section", "written_at"):
        assert listed[name] == rule[name]
    assert (listed["kinds"], listed["entries"]) == (["words"], 2)


def test_what_a_change_leaves_out_stays(newsroom: Newsroom) -> None:
    rule = write(newsroom, tag="gambling")
    path = f"{RULES}/{rule['id']}"
    admin = newsroom.as_staff(Role.ADMIN)
    changed = admin.patch(path, {"version": 1, "mode": "shadow"})
    assert changed.status_code == 200
    assert changed.json["version"] == 2
    assert changed.json["mode"] == "shadow"
    for name in ("name", "action", "tag", "conditions"):
        assert changed.json[name] == rule[name]


def test_a_change_of_what_a_colleague_has_changed_is_refused(
    newsroom: Newsroom,
) -> None:
    path = f"{RULES}/{write(newsroom)['id']}"
    admin = newsroom.as_staff(Role.ADMIN)
    assert admin.patch(path, {"version": 1, "name": "First"}).status_code == 200
    late = admin.patch(path, {"version": 1, "name": "Second"})
    assert_refused(late, 409)
    assert late.json["code"] == "stale_rule"
    assert_refused(admin.delete(f"{path}?version=1"), 409)
    assert admin.get(path).json["name"] == "First"


def test_every_version_is_on_record_with_its_writer(newsroom: Newsroom) -> None:
    path = f"{RULES}/{write(newsroom)['id']}"
    admin = newsroom.as_staff(Role.ADMIN)
    admin.patch(path, {"version": 1, "conditions": [{"kind": "first_comment"}]})
    assert admin.delete(f"{path}?version=2").status_code == 204
    versions = newsroom.as_staff().get(f"{path}/versions").json["versions"]
    assert [each["version"] for each in versions] == [3, 2, 1]
    assert [each["mode"] for each in versions] == ["off", "on", "on"]
    assert [each["kinds"] for each in versions][1:] == [["first_comment"], ["words"]]
    assert {each["written_by"] for each in versions} == {"gazette-admin"}
    old = newsroom.as_staff().get(f"{path}/entries?version=1")
    assert old.text == "casino\nfree spins\n"


def test_a_deleted_rule_is_gone_but_for_its_record(newsroom: Newsroom) -> None:
    rule = write(newsroom)
    path, admin = f"{RULES}/{rule['id']}", newsroom.as_staff(Role.ADMIN)
    admin.delete(f"{path}?version=1")
    assert admin.get(RULES).json["rules"] == []
    assert_refused(admin.get(path), 404)
    assert_refused(admin.patch(path, {"version": 2, "mode": "on"}), 404)
    assert newsroom.send(body="A casino")["status"] == "approved"


def test_conditions_that_stay_are_stored_once(
    newsroom: Newsroom, session: Session
) -> None:
    path = f"{RULES}/{write(newsroom)['id']}"
    newsroom.as_staff(Role.ADMIN).patch(path, {"version": 1, "mode": "off"})
    count = sa.select(sa.func.count())
    assert session.scalar(count.select_from(RuleVersion)) == 2
    assert session.scalar(count.select_from(RuleConditions)) == 1


def test_an_address_is_kept_as_a_keyed_hash_and_still_holds(newsroom: Newsroom) -> None:
    author = {"kind": "author", "emails": ["Eve@mail.example"]}
    rule = write(newsroom, conditions=[author])
    assert "eve@" not in str(rule).casefold()
    [index] = rule["conditions"][0]["email_indexes"]
    assert newsroom.send(author_email="eve@mail.example")["status"] == "pending"
    assert newsroom.send(author_email="ada@mail.example")["status"] == "approved"
    kept = {"kind": "author", "email_indexes": [index], "names": ["Mallory"]}
    path = f"{RULES}/{rule['id']}"
    newsroom.as_staff(Role.ADMIN).patch(path, {"version": 1, "conditions": [kept]})
    assert newsroom.send(author_email="eve@mail.example")["status"] == "pending"
    assert newsroom.send(author_name="Mallory")["status"] == "pending"


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.LEAD])
def test_only_admins_write_and_try(newsroom: Newsroom, role: Role) -> None:
    path = f"{RULES}/{write(newsroom)['id']}"
    staff = newsroom.as_staff(role)
    assert staff.get(path).status_code == 200
    assert_refused(staff.post(RULES, BODY), 403)
    assert_refused(staff.patch(path, {"version": 1, "mode": "off"}), 403)
    assert_refused(staff.delete(f"{path}?version=1"), 403)
    assert_refused(staff.post(TRIALS, {"conditions": [WORDS]}), 403)
    plain = {"Content-Type": "text/plain"}
    refused = staff.call("POST", f"{IMPORT}?name=x", data="casino", headers=plain)
    assert_refused(refused, 403)


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("POST", "", BODY),
        ("GET", "/{id}", None),
        ("PATCH", "/{id}", {"version": 1, "mode": "off"}),
        ("DELETE", "/{id}?version=1", None),
        ("GET", "/{id}/versions", None),
        ("GET", "/{id}/entries", None),
        ("POST", "/trials", {"conditions": [WORDS]}),
    ],
)
def test_another_sites_admin_is_a_stranger(
    newsroom: Newsroom,
    other_newsroom: Newsroom,
    method: str,
    tail: str,
    body: dict[str, Any] | None,
) -> None:
    rule_id = write(newsroom)["id"]
    stranger, path = other_newsroom.as_staff(Role.ADMIN), tail.format(id=rule_id)
    assert_refused(stranger.call(method, RULES + path, json=body), 404)
    assert_refused(newsroom.as_site().call(method, RULES + path, json=body), 403)
    if "{id}" in tail:  # under the stranger's own site there is no such rule
        theirs = RULES.replace("gazette", "herald") + path
        assert_refused(stranger.call(method, theirs, json=body), 404)


@on_sqlite
def test_another_sites_rule_is_neither_tried_nor_replaced(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    rule_id, stranger = write(newsroom)["id"], other_newsroom.as_staff(Role.ADMIN)
    theirs = "/api/v1/sites/herald/rules"
    assert_refused(stranger.post(f"{theirs}/trials", {"rule": rule_id}), 404)
    path = f"{theirs}/import?rule={rule_id}&version=1"
    plain = {"Content-Type": "text/plain"}
    assert_refused(stranger.call("POST", path, data="x", headers=plain), 404)


@on_sqlite
def test_without_credentials_nothing_is_shown(newsroom: Newsroom) -> None:
    assert newsroom.app.test_client().get(RULES).status_code == 401


BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "name"),
    ({"name": " "}, "name"),
    ({"name": "ada@mail.example"}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"mode": "maybe"}, "mode"),
    ({"action": "burn"}, "action"),
    ({"action": "tag"}, "tag"),
    ({"tag": "x" * 51}, "tag"),
    ({"section": "a\x00b"}, "section"),
    ({"conditions": []}, "conditions"),
    ({"conditions": [WORDS] * 11}, "conditions"),
    ({"conditions": None}, "conditions"),
    ({"conditions": [{"kind": "mood"}]}, "conditions.0.kind"),
    ({"conditions": [{"kind": "words"}]}, "conditions.0.entries"),
    ({"conditions": [{"kind": "words", "entries": []}]}, "conditions.0.entries"),
    (
        {"conditions": [{"kind": "words", "entries": ["ok", " "]}]},
        "conditions.0.entries.1",
    ),
    (
        {"conditions": [{"kind": "words", "entries": ["eve@mail.example"]}]},
        "conditions.0.entries.0",
    ),
    (
        {"conditions": [WORDS, {"kind": "pattern", "entries": ["ok", "a(b"]}]},
        "conditions.1.entries.1",
    ),
    (
        {"conditions": [{"kind": "domain", "entries": ["co.uk"]}]},
        "conditions.0.entries.0",
    ),
    (
        {"conditions": [{"kind": "language", "entries": ["??"]}]},
        "conditions.0.entries.0",
    ),
    ({"conditions": [{"kind": "first_comment", "least": 1}]}, "conditions.0.least"),
    ({"conditions": [{"kind": "length"}]}, "conditions.0.least"),
    ({"conditions": [{"kind": "length", "least": -1}]}, "conditions.0.least"),
    ({"conditions": [{"kind": "length", "most": 10**30}]}, "conditions.0.most"),
    ({"conditions": [{"kind": "length", "least": 9, "most": 5}]}, "conditions.0.most"),
    (
        {"conditions": [{"kind": "author", "names": ["a@b.example"]}]},
        "conditions.0.names.0",
    ),
    (
        {"conditions": [{"kind": "author", "email_indexes": ["abc"]}]},
        "conditions.0.email_indexes.0",
    ),
    ({"surplus": 1}, "surplus"),
]


@on_sqlite
@pytest.mark.parametrize(("changed", "field"), BAD)
def test_a_bad_rule_is_refused_and_its_part_named(
    newsroom: Newsroom, changed: dict[str, Any], field: str
) -> None:
    answer = newsroom.as_staff(Role.ADMIN).post(RULES, {**BODY, **changed})
    assert_refused(answer, 422, field)
    assert newsroom.as_staff().get(RULES).json["rules"] == []


@on_sqlite
def test_a_bad_pattern_is_told_with_its_place(newsroom: Newsroom) -> None:
    conditions = [{"kind": "pattern", "entries": ["(?=x)"]}]
    answer = newsroom.as_staff(Role.ADMIN).post(
        RULES, {**BODY, "conditions": conditions}
    )
    assert answer.json["fields"]["conditions.0.entries.0"] == [
        "Not a valid pattern: invalid perl operator: (?= (at character 1)."
    ]


@on_sqlite
@pytest.mark.parametrize(
    "body", [{}, {"version": 0}, {"version": "1"}, {"version": 2**40}]
)
def test_a_change_must_name_a_version(newsroom: Newsroom, body: dict[str, Any]) -> None:
    path = f"{RULES}/{write(newsroom)['id']}"
    answer = newsroom.as_staff(Role.ADMIN).patch(path, {**body, "mode": "off"})
    assert_refused(answer, 422, "version")


@on_sqlite
def test_a_rule_that_comes_to_tag_needs_a_tag(newsroom: Newsroom) -> None:
    path = f"{RULES}/{write(newsroom)['id']}"
    admin = newsroom.as_staff(Role.ADMIN)
    assert_refused(admin.patch(path, {"version": 1, "action": "tag"}), 422, "tag")
    answer = admin.patch(path, {"version": 1, "action": "tag", "tag": "x"})
    assert answer.status_code == 200


@on_sqlite
@pytest.mark.parametrize("rule_id", ["0", "-1", "x", "1.5", "9" * 30, "2147483648"])
def test_an_odd_id_is_not_there(newsroom: Newsroom, rule_id: str) -> None:
    answer = newsroom.as_staff(Role.ADMIN).get(f"{RULES}/{rule_id}")
    assert_refused(answer, 404)


@on_sqlite
def test_a_site_has_only_so_many_rules(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_RULES", 2)
    write(newsroom)
    write(newsroom)
    answer = newsroom.as_staff(Role.ADMIN).post(RULES, BODY)
    assert_refused(answer, 409)
    assert answer.json["code"] == "too_many_rules"
    assert len(newsroom.as_staff().get(RULES).json["rules"]) == 2


@on_sqlite
def test_a_sites_lists_are_only_so_long_together(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_SITE_ENTRIES", 3)
    rule = write(newsroom)
    assert_refused(newsroom.as_staff(Role.ADMIN).post(RULES, BODY), 409)
    longer = {"kind": "words", "entries": list("abcd")}
    path = f"{RULES}/{rule['id']}"
    change = {"version": 1, "conditions": [longer]}
    assert_refused(newsroom.as_staff(Role.ADMIN).patch(path, change), 409)
    assert newsroom.as_staff().get(path).json["version"] == 1


LIST = "\ufeff# a comment\n\ncasino\n  Free   Spins  \r\ncasino\n#\nдурак\n"


def test_a_plain_list_becomes_a_rule(newsroom: Newsroom) -> None:
    answer = bring_in(newsroom, LIST, "name=Listed&mode=on&action=reject")
    assert answer.status_code == 201, answer.text
    rule = answer.json
    assert (rule["entries"], rule["mode"], rule["action"]) == (3, "on", "reject")
    assert newsroom.send(body="FREE spins!")["status"] == "rejected"
    exported = newsroom.as_staff().get(f"{RULES}/{rule['id']}/entries")
    assert exported.text == "casino\nFree Spins\nдурак\n"
    assert exported.headers["Content-Type"] == "text/plain; charset=utf-8"
    again = bring_in(newsroom, exported.text, "name=Copy").json
    assert again["entries"] == 3


def test_a_list_replaces_that_of_a_rule_and_leaves_the_rest(newsroom: Newsroom) -> None:
    first = {"kind": "first_comment"}
    rule = write(newsroom, conditions=[WORDS, first])
    query = f"rule={rule['id']}&version=1"
    assert bring_in(newsroom, "poker", query).status_code == 201
    read = newsroom.as_staff().get(f"{RULES}/{rule['id']}").json
    assert [each["kind"] for each in read["conditions"]] == ["words", "first_comment"]
    assert read["conditions"][0]["entries"] == ["poker"]
    assert read["name"] == "Gambling"
    assert_refused(bring_in(newsroom, "dice", query), 409)


@on_sqlite
def test_a_list_of_a_hundred_thousand_is_taken_whole(newsroom: Newsroom) -> None:
    text = "".join(f"wörd{number}\n" for number in range(100_000))
    rule = bring_in(newsroom, text, "name=Long&mode=on").json
    assert rule["entries"] == 100_000
    read = newsroom.as_staff().get(f"{RULES}/{rule['id']}").json
    assert read["conditions"][0]["entries"] is None
    assert read["conditions"][0]["count"] == 100_000
    assert newsroom.send(body="so wörd99999 then")["status"] == "pending"
    assert newsroom.send(body="so wörd100000 then")["status"] == "approved"
    refused = bring_in(newsroom, text + "one more", "name=Longer")
    assert_refused(refused, 422, "body")


@on_sqlite
def test_wrong_lines_are_named_and_nothing_is_taken(newsroom: Newsroom) -> None:
    text = "good\n" + "eve@mail.example\n" + "# fine\n" + "x" * 201 + "\nbetter\n"
    answer = bring_in(newsroom, text, "name=Listed")
    assert_refused(answer, 422, "line 2", "line 4")
    assert "eve@" not in answer.text
    assert newsroom.as_staff().get(RULES).json["rules"] == []


@on_sqlite
def test_of_many_wrong_lines_the_first_are_named(newsroom: Newsroom) -> None:
    answer = bring_in(newsroom, "co.uk\n" * 1000, "name=Listed&kind=domain")
    assert len(answer.json["fields"]) == entry_lists.MAX_COMPLAINTS


@on_sqlite
@pytest.mark.parametrize(
    ("text", "query", "status", "fields"),
    [
        (b"\xff\xfe", "name=x", 400, []),
        (b"", "name=x", 422, ["body"]),
        (b"# only\n", "name=x", 422, ["body"]),
        (b"x", "", 422, ["name"]),
        (b"x", "rule=1", 422, ["version"]),
        (b"x", "rule=0&version=1", 422, ["rule"]),
        (b"x", "name=x&kind=length", 422, ["kind"]),
        (b"x", "name=x&kind=language", 422, ["kind"]),
        (b"x", "name=x&action=tag", 422, ["tag"]),
        (b"a(b", "name=x&kind=pattern", 422, ["line 1"]),
        (b"x", "rule=77&version=1", 404, []),
    ],
)
def test_a_bad_import_is_refused(
    newsroom: Newsroom, text: bytes, query: str, status: int, fields: list[str]
) -> None:
    assert_refused(bring_in(newsroom, text, query), status, *fields)


@on_sqlite
def test_a_list_is_sent_as_text(newsroom: Newsroom) -> None:
    answer = newsroom.as_staff(Role.ADMIN).post(f"{IMPORT}?name=x", ["casino"])
    assert_refused(answer, 415)


@on_sqlite
def test_a_list_of_endless_length_is_refused(newsroom: Newsroom) -> None:
    answer = bring_in(newsroom, b"x" * (17 * 1024 * 1024), "name=x")
    assert_refused(answer, 413)
