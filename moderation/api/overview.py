"""The overview: what needs attention now, and the figures of the last hours or days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.api.brake_bodies import dump_brake
from moderation.api.campaign_bodies import dump_campaign
from moderation.api.figure_bodies import dump_figures
from moderation.api.overview_bodies import AttentionOut, OverviewOut, OverviewQuery
from moderation.api.queue_bodies import SiteQuery
from moderation.database import db
from moderation.insights import attention, desk_now, overview, waves
from moderation.insights.figures import Figures
from moderation.insights.waves import Wave
from moderation.web.auth import asked_sites, current_person, needs_staff
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "overview", __name__, url_prefix="/api/v1/overview", description="For staff"
)


@bp.route("", methods=["GET"])
@needs_staff
@bp.arguments(OverviewQuery, location="query")
@bp.response(200, OverviewOut)
@answers(403, 404, 422)
def read_overview(query: dict[str, Any]) -> ResponseReturnValue:
    """Get the figures of your sites or sections for the last hours or days.

    A worker counts them within a minute.
    """
    names = current_person().sites
    found = overview.read_overview(
        db.session(),
        asked_sites(query),
        query["period"],
        datetime.now(UTC),
        query.get("section"),
    )
    sites = {names[site_id]: figures for site_id, figures in found.by_site.items()}
    return {
        **vars(found),
        "figures": dump_figures(found.figures),
        "whole_hours": dump_figures(found.whole_hours),
        "before": found.before and dump_figures(found.before),
        "course": [
            {**vars(step), "figures": dump_figures(step.figures)}
            for step in found.course
        ],
        "sections": _parts(found.by_section),
        "sites": _parts(sites),
    }


@bp.route("/attention", methods=["GET"])
@needs_staff
@bp.arguments(SiteQuery, location="query")
@bp.response(200, AttentionOut)
@answers(403, 404, 422)
def read_attention(query: dict[str, Any]) -> ResponseReturnValue:
    """List tasks that need your attention now, and who is on the desk.

    Each thing is there while it is so: nothing has to be dismissed.
    """
    person, session, now = current_person(), db.session(), datetime.now(UTC)
    site_ids, names = asked_sites(query), person.sites
    return {
        "waves": [
            _wave(wave, names, now) for wave in waves.list_waves(session, site_ids, now)
        ],
        "items": [
            {**vars(item), "site": names.get(item.site_id or 0)}
            for item in attention.list_items(session, person, site_ids, now)
        ],
        "desk": [
            {**vars(each), "site": names[each.site_id]}
            for each in desk_now.list_people(session, site_ids, now)
        ],
    }


def _parts(parts: dict[str, Figures]) -> list[dict[str, Any]]:
    return [
        {"name": name, "figures": dump_figures(parts[name])} for name in sorted(parts)
    ]


def _wave(wave: Wave, names: dict[int, str], now: datetime) -> dict[str, Any]:
    return {
        "site": names[wave.site_id],
        "campaign": wave.campaign and dump_campaign(wave.campaign, names),
        "brake": wave.brake and dump_brake(wave.brake, names, now),
        "rate": wave.rate,
    }
