"""Team statistics for leads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.team_bodies import TeamOut, TeamQuery
from moderation.database import db
from moderation.desk import comment_card
from moderation.insights import team
from moderation.queue.query import QueueQuery
from moderation.sites import policies
from moderation.web.auth import needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint("team", __name__, url_prefix="/api/v1", description="For leads")


@bp.route("/sites/<site>/team", methods=["GET"])
@needs_staff
@bp.arguments(TeamQuery, location="query")
@bp.response(200, TeamOut)
@answers(404, 422)
def read_team(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """Get team statistics."""
    site_id, session, now = site_for(Role.LEAD, site), db.session(), datetime.now(UTC)
    since = now - timedelta(days=query["days"])
    found = team.build_report(session, site_id, since=since, now=now)
    policy = policies.load_policy(session, site_id)
    counts = comment_card.count(session, QueueQuery(site_ids=[site_id]), now)
    return {
        **vars(found),
        "pending": counts.pending,
        "overdue": counts.overdue,
        "members": [_member(each) for each in found.members],
        "site": site,
        "since": since,
        "second_look_share": policy.second_look_share,
        "audit_share": policy.audit_share,
    }


def _member(member: team.TeamMember) -> dict[str, Any]:
    held = member.held
    articles = [
        {"title": title, "comments": number}
        for title, number in (held.articles if held else [])
    ]
    return {**vars(member), "held": held and {**vars(held), "articles": articles}}
