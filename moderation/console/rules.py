"""The page where admins write rules; what it shows is asked of the API."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.console.blueprint import bp, shown_to, visitor
from moderation.policy.rule_matches import RuleAction
from moderation.rules.conditions import LISTS, ConditionKind, RuleMode


@bp.get("/rules")
@shown_to(Role.ADMIN)
def read_rules() -> ResponseReturnValue:
    """Show the rules of a site."""
    person = visitor()
    ids = person.site_ids(Role.ADMIN) if person else []
    return render_template(
        "console/rules/rules.html",
        sites=[person.sites[each] for each in ids] if person else [],
        kinds=list(ConditionKind),
        lists=LISTS,
        actions=list(RuleAction),
        modes=list(RuleMode),
    )
