"""A site's rules: written, tried, imported and read again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from moderation.accounts.staff import Role
from moderation.api.rule_bodies import (
    MOST_IN_BODY,
    DaysQuery,
    EntriesQuery,
    ImportQuery,
    NewRule,
    NewTrial,
    RuleChange,
    RuleList,
    RuleOut,
    RuleVersionList,
    RuleWithConditions,
    TrialOut,
    VersionQuery,
)
from moderation.database import db, start_writing
from moderation.policy import Action, Status
from moderation.rules import backtest, store
from moderation.rules.backtest import Example
from moderation.rules.conditions import Condition, Kind, Mode, Rule
from moderation.rules.store import RuleEntry
from moderation.tables.comments import Comment
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.parsing import read_body
from moderation.web.services import services

bp = StrictBlueprint(
    "rules", __name__, url_prefix="/api/v1/sites", description="For admins"
)

IMPORT_BYTES = 16 * 1024 * 1024  # 100,000 entries, with room
EXAMPLE_CHARACTERS = 500  # of a comment in a trial's answer

ID = "int(min=1, max=2147483647):rule_id"


@bp.route("/<site>/rules", methods=["GET"])
@needs_staff
@bp.arguments(DaysQuery, location="query")
@bp.response(200, RuleList)
@answers(404, 422)
def list_rules(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """List the rules of a site, with how often each matched in the last days."""
    since = _days_ago(query["days"])
    entries = store.list_rules(db.session(), site_for(Role.MODERATOR, site), since)
    rules = [{**_rule(each), "hits": each.hits} for each in entries]
    return {"rules": rules, "days": query["days"]}


@bp.route("/<site>/rules", methods=["POST"])
@needs_staff
@bp.arguments(NewRule)
@bp.response(201, RuleWithConditions)
@answers(400, 404, 409, 413, 415, 422)
def create(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Write a rule; it holds for the next comment if its mode is `on`."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    entry = store.create(session, site_id, fields, **_writer())
    session.commit()
    return _whole(entry, 1)


@bp.route(f"/<site>/rules/<{ID}>", methods=["GET"])
@needs_staff
@bp.arguments(DaysQuery, location="query")
@bp.response(200, RuleWithConditions)
@answers(404, 422)
def read(query: dict[str, Any], site: str, rule_id: int) -> ResponseReturnValue:
    """Read a rule, and where the comments stand that it matched in the last days."""
    site_id = site_for(Role.MODERATOR, site)
    return _whole(store.find(db.session(), site_id, rule_id), query["days"])


@bp.route(f"/<site>/rules/<{ID}>", methods=["PATCH"])
@needs_staff
@bp.arguments(RuleChange)
@bp.response(200, RuleWithConditions)
@answers(400, 404, 409, 413, 415, 422)
def change(fields: dict[str, Any], site: str, rule_id: int) -> ResponseReturnValue:
    """Write a further version of a rule; the older ones stay on record."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    seen = fields.pop("version")
    start_writing(session)
    entry = store.change(session, site_id, rule_id, seen, fields, **_writer())
    session.commit()
    return _whole(entry, 1)


@bp.route(f"/<site>/rules/<{ID}>", methods=["DELETE"])
@needs_staff
@bp.arguments(VersionQuery, location="query")
@bp.response(204)
@answers(404, 409, 422)
def delete(query: dict[str, Any], site: str, rule_id: int) -> None:
    """Take a rule out of use; its versions and what it matched stay on record."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    store.delete(
        session,
        site_id,
        rule_id,
        query["version"],
        staff_id=current_person().id,
        now=datetime.now(UTC),
    )
    session.commit()


@bp.route(f"/<site>/rules/<{ID}>/versions", methods=["GET"])
@needs_staff
@bp.response(200, RuleVersionList)
@answers(404)
def list_versions(site: str, rule_id: int) -> ResponseReturnValue:
    """List all that was ever written of a rule: what, when and by whom."""
    site_id = site_for(Role.MODERATOR, site)
    found = store.versions(db.session(), site_id, rule_id)
    return {"versions": [_version(each) for each in found]}


@bp.route(f"/<site>/rules/<{ID}>/entries", methods=["GET"])
@needs_staff
@bp.arguments(EntriesQuery, location="query")
@bp.response(
    200, {"type": "string"}, content_type="text/plain", description="One entry a line"
)
@answers(404, 422)
def read_entries(query: dict[str, Any], site: str, rule_id: int) -> Response:
    """Read the lists of a rule as plain text, also of an older version."""
    site_id, session = site_for(Role.MODERATOR, site), db.session()
    if "version" in query:
        number = query["version"]
        entry = store.find_version(session, site_id, rule_id, number)
    else:
        entry = store.find(session, site_id, rule_id)
    lines = store.lines_of(entry.conditions.body)
    return Response(lines, content_type="text/plain; charset=utf-8")


@bp.route("/<site>/rules/import", methods=["POST"])
@needs_staff
@bp.arguments(ImportQuery, location="query")
@bp.response(201, RuleOut)
@bp.doc(
    requestBody={
        "required": True,
        "content": {"text/plain": {"schema": {"type": "string", "minLength": 1}}},
    }
)
@answers(400, 404, 409, 413, 415, 422)
def import_list(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """Make a plain list a rule, or the list of a rule: one entry a line, # comments.

    Where a line is wrong nothing is taken, and the lines are named.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    kind: Kind = query["kind"]
    entries = store.read_lines(kind, _plain_text())
    start_writing(session)
    if "rule" in query:
        seen = store.find(session, site_id, query["rule"])
        kept = store.with_entries(seen.conditions.body, kind, entries)
        entry = store.change(
            session,
            site_id,
            query["rule"],
            query["version"],
            {"conditions": kept},
            **_writer(),
        )
    else:
        conditions = [{"kind": kind, "entries": entries}]
        fields = {**query, "conditions": conditions}
        entry = store.create(session, site_id, fields, **_writer())
    session.commit()
    return {**_rule(entry), "hits": entry.hits}


@bp.route("/<site>/rules/trials", methods=["POST"])
@needs_staff
@bp.arguments(NewTrial)
@bp.response(200, TrialOut)
@answers(400, 404, 413, 415, 422)
def try_out(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Try a rule on the comments of the last days; nothing is changed.

    The newest comments are tried, up to some thousands; `is_cut` tells if there were
    more.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    rule = _tried(site_id, fields)
    trial = backtest.try_out(session, site_id, rule, _days_ago(fields["days"]))
    return {**vars(trial), "examples": [_example(each) for each in trial.examples]}


@bp.before_request
def _allow_long_lists() -> None:
    if request.endpoint == "rules.import_list":
        request.max_content_length = IMPORT_BYTES


def _plain_text() -> str:
    if request.mimetype != "text/plain":
        raise UnsupportedMediaType("Send the list as text/plain.")
    try:
        return read_body(request).decode()
    except UnicodeDecodeError:
        raise BadRequest("The list is not UTF-8.") from None


def _writer() -> dict[str, Any]:
    privacy = services().privacy
    return {
        "privacy": privacy,
        "staff_id": current_person().id,
        "now": datetime.now(UTC),
    }


def _days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def _tried(site_id: int, fields: Mapping[str, Any]) -> Rule:
    """Return the rule to try: a stored one, or one of the given conditions."""
    if "rule" in fields:
        entry = store.find(db.session(), site_id, fields["rule"])
        body, section = entry.conditions.body, entry.version.section
    else:
        privacy = services().privacy
        body = [store.stored(each, privacy) for each in fields["conditions"]]
        section = fields.get("section")
    return Rule(
        id=0,
        version=0,
        name="",
        action=Action.TAG,
        section=section,
        conditions=tuple(Condition.read(each) for each in body),
    )


def _version(entry: RuleEntry) -> dict[str, Any]:
    row, conditions = entry.version, entry.conditions
    return {
        "id": row.rule_id,
        "version": row.number,
        "name": row.name,
        "mode": Mode(row.mode),
        "action": Action(row.action),
        "tag": row.tag,
        "section": row.section,
        "kinds": [Kind(each) for each in conditions.kinds.split(",")],
        "entries": conditions.entries + conditions.patterns,
        "written_at": row.created_at,
        "written_by": entry.login,
    }


def _rule(entry: RuleEntry) -> dict[str, Any]:
    return {**_version(entry), "created_at": entry.rule.created_at}


def _whole(entry: RuleEntry, days: int) -> dict[str, Any]:
    rule_id = entry.rule.id
    standings = backtest.standings_of(db.session(), rule_id, _days_ago(days))
    return {
        **_rule(entry),
        "conditions": [_condition(each) for each in entry.conditions.body],
        "standings": standings,
    }


def _condition(stored: Mapping[str, Any]) -> dict[str, Any]:
    entries = stored.get("entries", [])
    return {
        "kind": Kind(stored["kind"]),
        "entries": entries if len(entries) <= MOST_IN_BODY else None,
        "count": len(entries),
        "ids": stored.get("ids", []),
        "names": stored.get("names", []),
        "email_indexes": stored.get("email_indexes", []),
        "least": stored.get("least"),
        "most": stored.get("most"),
    }


def _example(example: Example) -> dict[str, Any]:
    row: Comment = example.comment
    return {
        "id": row.id,
        "author_name": row.author_name,
        "body": row.body[:EXAMPLE_CHARACTERS],
        "status": Status(row.status),
        "decided_by": example.source,
        "received_at": row.received_at,
        "spans": [span for span in example.spans if span[1] <= EXAMPLE_CHARACTERS],
    }
