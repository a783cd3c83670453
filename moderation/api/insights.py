"""Figures of any months as JSON and CSV, agencies, and the setup of a site."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from moderation import identifiers
from moderation.accounts import memberships
from moderation.accounts.staff import Role
from moderation.api.figure_bodies import dump_figures
from moderation.api.insights_bodies import (
    AgencyBody,
    InsightsDays,
    InsightsOut,
    SetupChange,
    SetupOut,
)
from moderation.database import db, start_writing
from moderation.insights import agencies, insights_file, months, setup
from moderation.insights.months import InsightsQuery
from moderation.web.auth import current_person, needs_staff, site_for
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "insights", __name__, url_prefix="/api/v1/sites", description="For leads"
)


@bp.route("/<site>/insights", methods=["GET"])
@needs_staff
@bp.arguments(InsightsDays, location="query")
@bp.response(200, InsightsOut)
@answers(403, 404, 422)
def read_insights(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """Get the figures of a range of days, and their parts."""
    by = query.pop("by")
    asked = InsightsQuery(site_id=site_for(Role.LEAD, site), **query)
    found = months.read_insights(db.session(), asked, by)
    rows = [{**vars(row), "figures": dump_figures(row.figures)} for row in found.rows]
    return {
        "site": site,
        "step": asked.step,
        "as_of": found.as_of,
        "figures": dump_figures(found.figures),
        "rows": rows,
    }


@bp.route("/<site>/insights/file", methods=["GET"])
@needs_staff
@bp.arguments(InsightsDays, location="query")
@answers(403, 404, 422)
@bp.response(200, {"type": "string"}, content_type="text/csv")
def download_insights(query: dict[str, Any], site: str) -> ResponseReturnValue:
    """Download the figures of a range of days as CSV.

    Cells that a spreadsheet would compute begin with an apostrophe.
    """
    by = query.pop("by")
    asked = InsightsQuery(site_id=site_for(Role.LEAD, site), **query)
    found = months.read_insights(db.session(), asked, by)
    answer = Response(insights_file.write(found, by), mimetype="text/csv")
    name = f"{site}-by-{by}-{asked.first}-{asked.last}.csv"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


@bp.route("/<site>/staff/<login>/agency", methods=["PUT"])
@needs_staff
@bp.arguments(AgencyBody)
@bp.response(200, AgencyBody)
@answers(400, 403, 404, 413, 415, 422)
def set_agency(fields: dict[str, Any], site: str, login: str) -> ResponseReturnValue:
    """Set the agency that a moderator works for at a site.

    Insights sum up its moderators' figures, those of before included.
    """
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    staff = memberships.get_member(session, site_id, login)
    agencies.set_agency(session, site_id, staff.id, fields["agency"])
    session.commit()
    return fields


@bp.route("/<site>/setup", methods=["GET"])
@needs_staff
@bp.response(200, SetupOut)
@answers(403, 404)
def read_setup(site: str) -> ResponseReturnValue:
    """Get the progress of a site's setup."""
    return _dumped(site_for(Role.ADMIN, site))


@bp.route("/<site>/setup", methods=["PUT"])
@needs_staff
@bp.arguments(SetupChange)
@bp.response(200, SetupOut)
@answers(400, 403, 404, 413, 415, 422)
def update_setup(fields: dict[str, Any], site: str) -> ResponseReturnValue:
    """Hide or show the checklist of a site's setup."""
    site_id, session = site_for(Role.ADMIN, site), db.session()
    start_writing(session)
    setup.hide(
        session,
        site_id,
        fields["is_hidden"],
        staff_id=current_person().id,
        now=datetime.now(UTC),
    )
    session.commit()
    return _dumped(site_id)


def _dumped(site_id: int) -> dict[str, Any]:
    found = setup.read_setup(db.session(), site_id, datetime.now(UTC))
    first = found.first_comment
    return {
        **{step.value: is_done for step, is_done in found.done.items()},
        "is_hidden": found.is_hidden,
        "first_comment": first
        and {
            "id": identifiers.encode(first.id),
            "author_name": first.author_name,
            "body": first.body,
            "status": first.status,
            "received_at": first.received_at,
        },
    }
