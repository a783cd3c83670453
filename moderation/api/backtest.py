"""A rule tried on the comments of the last days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.backtest_bodies import NewTrial, TrialOut, dump_example
from moderation.api.rules import days_ago
from moderation.database import db
from moderation.rules import backtest, records, store
from moderation.rules.conditions import CompiledRule
from moderation.web.auth import needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers
from moderation.web.services import services

bp = StrictBlueprint(
    "backtest", __name__, url_prefix="/api/v1/sites", description="For admins"
)


@bp.route("/<site>/rules/trials", methods=["POST"])
@needs_staff
@bp.arguments(NewTrial)
@bp.response(200, TrialOut)
@answers(400, 404, 413, 415, 422)
def backtest_rule(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Backtest a rule on the comments of the last days. Changes nothing.

    The newest comments are tried, up to some thousands; `is_cut` tells if there were
    more.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    rule = _tried(site_id, fields)
    trial = backtest.run_backtest(session, site_id, rule, days_ago(fields["days"]))
    return {**vars(trial), "examples": [dump_example(each) for each in trial.examples]}


def _tried(site_id: int, fields: Mapping[str, Any]) -> CompiledRule:
    """Return the rule to try: a stored one, or one of the given conditions."""
    if "rule" in fields:
        entry = records.find_rule(db.session(), site_id, fields["rule"])
        body, section = entry.conditions.body, entry.version.section
    else:
        privacy = services().privacy
        body = [
            store.condition_to_json(condition, privacy, site_id)
            for condition in fields["conditions"]
        ]
        section = fields.get("section")
    return backtest.untitled_rule(body, section)
