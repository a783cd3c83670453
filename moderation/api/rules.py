"""A site's rules: written, imported, and read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from moderation.accounts.staff import Role
from moderation.api.condition_bodies import dump_condition
from moderation.api.rule_bodies import (
    DaysQuery,
    EntriesQuery,
    ImportedRule,
    ImportQuery,
    NewRule,
    RuleChange,
    RuleList,
    RuleVersionList,
    RuleWithConditions,
    VersionQuery,
    dump_rule,
    dump_rule_version,
)
from moderation.database import db, start_writing
from moderation.rules import backtest, entry_lists, records, store
from moderation.rules.conditions import ConditionKind
from moderation.rules.records import RuleEntry
from moderation.rules.store import Writer
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.parsing import read_body
from moderation.web.services import services

bp = StrictBlueprint(
    "rules", __name__, url_prefix="/api/v1/sites", description="For admins"
)
IMPORT_BYTES = 16 * 1024 * 1024  # 100,000 entries, with room
ID = "int(min=1, max=2147483647):rule_id"


@bp.route("/<site>/rules", methods=["GET"])
@needs_staff
@bp.arguments(DaysQuery, location="query")
@bp.response(200, RuleList)
@answers(404, 422)
def list_rules(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """List the rules of a site, with their matches of the last days."""
    since = days_ago(query["days"])
    entries = records.list_rules(db.session(), site_for(Role.MODERATOR, site), since)
    rules = [{**dump_rule(each), "hits": each.hits} for each in entries]
    return {"rules": rules, "days": query["days"]}


@bp.route("/<site>/rules", methods=["POST"])
@needs_staff
@bp.arguments(NewRule)
@bp.response(201, RuleWithConditions)
@answers(400, 404, 409, 413, 415, 422)
def create_rule(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Create a rule; in mode `on`, it applies from the next comment."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    entry = store.create_rule(session, site_id, fields, _writer())
    session.commit()
    return _whole(entry, 1)


@bp.route(f"/<site>/rules/<{ID}>", methods=["GET"])
@needs_staff
@bp.arguments(DaysQuery, location="query")
@bp.response(200, RuleWithConditions)
@answers(404, 422)
def read_rule(query: dict[str, Any], site: str, rule_id: int) -> ResponseReturnValue:
    """Get a rule, and the statuses of comments that it matched in the last days."""
    site_id = site_for(Role.MODERATOR, site)
    return _whole(records.find_rule(db.session(), site_id, rule_id), query["days"])


@bp.route(f"/<site>/rules/<{ID}>", methods=["PATCH"])
@needs_staff
@bp.arguments(RuleChange)
@bp.response(200, RuleWithConditions)
@answers(400, 404, 409, 413, 415, 422)
def update_rule(fields: dict[str, Any], site: str, rule_id: int) -> ResponseReturnValue:
    """Store a new version of a rule; the older ones stay on record."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    seen = fields.pop("version")
    start_writing(session)
    entry = store.update_rule(session, site_id, rule_id, seen, fields, _writer())
    session.commit()
    return _whole(entry, 1)


@bp.route(f"/<site>/rules/<{ID}>", methods=["DELETE"])
@needs_staff
@bp.arguments(VersionQuery, location="query")
@bp.response(204)
@answers(404, 409, 422)
def delete_rule(query: dict[str, Any], site: str, rule_id: int) -> None:
    """Delete a rule; its versions and matches stay on record."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    store.delete_rule(
        session,
        site_id,
        rule_id,
        query["version"],
        _writer(),
    )
    session.commit()


@bp.route(f"/<site>/rules/<{ID}>/versions", methods=["GET"])
@needs_staff
@bp.response(200, RuleVersionList)
@answers(404)
def list_rule_versions(site: str, rule_id: int) -> ResponseReturnValue:
    """List all versions of a rule, with their times and authors."""
    site_id = site_for(Role.MODERATOR, site)
    found = records.list_versions(db.session(), site_id, rule_id)
    return {"versions": [dump_rule_version(each) for each in found]}


@bp.route(f"/<site>/rules/<{ID}>/entries", methods=["GET"])
@needs_staff
@bp.arguments(EntriesQuery, location="query")
@bp.response(
    200, {"type": "string"}, content_type="text/plain", description="One entry a line"
)
@answers(404, 422)
def read_rule_entries(query: dict[str, Any], site: str, rule_id: int) -> Response:
    """Get the lists of a rule as plain text, also of an older version."""
    site_id, session = site_for(Role.MODERATOR, site), db.session()
    if "version" in query:
        number = query["version"]
        entry = records.find_version(session, site_id, rule_id, number)
    else:
        entry = records.find_rule(session, site_id, rule_id)
    lines = entry_lists.format_lines(entry.conditions.body)
    return Response(lines, content_type="text/plain; charset=utf-8")


@bp.route("/<site>/rules/import", methods=["POST"])
@needs_staff
@bp.arguments(ImportQuery, location="query")
@bp.response(201, ImportedRule)
@bp.doc(
    requestBody={
        "required": True,
        "content": {"text/plain": {"schema": {"type": "string", "minLength": 1}}},
    }
)
@answers(400, 404, 409, 413, 415, 422)
def import_rule(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """Import a plain list as a rule or into one: one entry a line, # comments.

    Where a line is wrong nothing is taken, and the lines are named, unless they are to
    be skipped. Answers what the rule would have matched of the newest comments.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    kind: ConditionKind = query["kind"]
    skips_wrong = query.pop("skip_wrong")
    read = entry_lists.read_lines(kind, _plain_text(), skips_wrong=skips_wrong)
    kept: list[dict[str, Any]] = [{"kind": kind, "entries": read.entries}]
    section = query.get("section")
    if "rule" in query:
        seen = records.find_rule(session, site_id, query["rule"])
        kept = entry_lists.replace_entries(seen.conditions.body, kind, read.entries)
        section = seen.version.section
    trial = backtest.try_on_newest(  # before the one writer's turn: it takes a second
        session, site_id, kept, section=section, now=datetime.now(UTC)
    )
    start_writing(session)
    if "rule" in query:
        entry = store.update_rule(
            session,
            site_id,
            query["rule"],
            query["version"],
            {"conditions": kept},
            _writer(),
        )
    else:
        fields = {**query, "conditions": kept}
        entry = store.create_rule(session, site_id, fields, _writer())
    session.commit()
    return {
        **dump_rule(entry),
        "hits": entry.hits,
        "trial": trial,
        "left_out": read.wrong_count,
        "complaints": read.complaints,
    }


@bp.before_request
def _allow_long_lists() -> None:
    if request.endpoint == "rules.import_rule":
        request.max_content_length = IMPORT_BYTES


def _plain_text() -> str:
    if request.mimetype != "text/plain":
        raise UnsupportedMediaType("Send the list as text/plain.")
    try:
        return read_body(request).decode()
    except UnicodeDecodeError:
        raise BadRequest("The list is not UTF-8.") from None


def _writer() -> Writer:
    return Writer(
        privacy=services().privacy,
        staff_id=current_person().id,
        now=datetime.now(UTC),
    )


def days_ago(days: int) -> datetime:
    """Return the moment so many days before now."""
    return datetime.now(UTC) - timedelta(days=days)


def _whole(entry: RuleEntry, days: int) -> dict[str, Any]:
    rule_id = entry.rule.id
    standings = backtest.count_statuses(db.session(), rule_id, days_ago(days))
    return {
        **dump_rule(entry),
        "conditions": [dump_condition(each) for each in entry.conditions.body],
        "standings": standings,
    }
