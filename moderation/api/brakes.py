"""List, release, and extend brakes, which hold comments that came too fast."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.brake_bodies import (
    BrakeHours,
    BrakeListQuery,
    BrakeMoment,
    BrakeOut,
    BrakePage,
    BrakeState,
    dump_brake,
)
from moderation.api.bulk import dump_batches
from moderation.api.bulk_bodies import BulkDecisionOut
from moderation.campaigns import brake_summaries, brakes, campaigns
from moderation.database import db, start_writing
from moderation.policy.verdicts import Verdict
from moderation.review import bulk, bulk_selection
from moderation.review.verdicts import GivenVerdict
from moderation.sites.policies import load_policy
from moderation.tables.campaigns import Brake
from moderation.web.auth import asked_sites, current_person, needs_staff
from moderation.web.cursors import read_number, write_cursor
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint("brakes", __name__, url_prefix="/api/v1", description="For staff")

BRAKE = "/brakes/<int(max=2147483647):brake_id>"


@bp.route("/brakes", methods=["GET"])
@needs_staff
@bp.arguments(BrakeListQuery, location="query")
@bp.response(200, BrakePage)
@answers(403, 404, 422)
def list_brakes(query: dict[str, Any]) -> ResponseReturnValue:
    """List the brakes of your sites, the newest first."""
    limit, now, state = query["limit"], datetime.now(UTC), query.get("state")
    rows = brakes.list_brakes(
        db.session(),
        asked_sites(query),
        is_holding=None if state is None else state is BrakeState.HOLDING,
        before=read_number(query.get("cursor")),
        limit=limit + 1,
        now=now,
    )
    page = rows[:limit]
    return {
        "brakes": _dumped(page, now),
        "next": write_cursor([str(page[-1].id)]) if len(rows) > limit else None,
    }


@bp.route(BRAKE, methods=["GET"])
@needs_staff
@bp.response(200, BrakeOut)
@answers(404)
def read_brake(brake_id: int) -> ResponseReturnValue:
    """Get a brake."""
    sites = current_person().site_ids(Role.MODERATOR)
    brake = brakes.find(db.session(), sites, brake_id)
    return _dumped([brake], datetime.now(UTC))[0]


@bp.route(f"{BRAKE}/prolongation", methods=["POST"])
@needs_staff
@bp.arguments(BrakeHours)
@bp.response(200, BrakeOut)
@answers(400, 403, 404, 409, 413, 415, 422)
def prolong_brake(fields: dict[str, Any], brake_id: int) -> ResponseReturnValue:
    """Hold new comments for some hours.

    409 if the brake has let go.
    """
    person, session, now = current_person(), db.session(), datetime.now(UTC)
    start_writing(session)
    brake = brakes.prolong(
        session,
        person.site_ids(Role.MODERATOR),
        brake_id,
        hours=fields["hours"],
        staff_id=person.id,
        now=now,
    )
    session.commit()
    return _dumped([brake], now)[0]


@bp.route(f"{BRAKE}/hold", methods=["POST"])
@needs_staff
@bp.arguments(BrakeMoment)
@bp.response(201, BulkDecisionOut)
@answers(400, 404, 409, 413, 415, 422)
def hold_published(fields: dict[str, Any], brake_id: int) -> ResponseReturnValue:
    """Hold the comments published before the brake started, as one batch.

    That is the brake's `published`: what a person has decided stays. 409 if there is
    nothing of it.
    """
    person, session = current_person(), db.session()
    brake = brakes.find(session, person.site_ids(Role.MODERATOR), brake_id)
    selection = bulk_selection.select_braked(session, brake, fields["as_of"])
    request = bulk.BulkRequest(
        given=GivenVerdict(verdict=Verdict.REVIEW, reasons=[]),
        staff_id=person.id,
        as_of=fields["as_of"],
        now=datetime.now(UTC),
    )
    start_writing(session)
    batch = bulk.decide(session, selection, request)
    session.commit()
    return dump_batches([batch])[0]


@bp.route(f"{BRAKE}/release", methods=["POST"])
@needs_staff
@bp.response(200, BrakeOut)
@answers(403, 404, 409)
def release_brake(brake_id: int) -> ResponseReturnValue:
    """Release a brake: the policy alone decides new comments again.

    What it has held stays held. For an hour, nothing puts it on again by itself. 409 if
    it has let go.
    """
    person, session, now = current_person(), db.session(), datetime.now(UTC)
    start_writing(session)
    brake = brakes.release(
        session,
        person.site_ids(Role.MODERATOR),
        brake_id,
        staff_id=person.id,
        now=now,
    )
    session.commit()
    return _dumped([brake], now)[0]


@bp.route("/campaigns/<int(max=2147483647):campaign_id>/brake", methods=["POST"])
@needs_staff
@bp.arguments(BrakeHours)
@bp.response(201, BrakeOut)
@answers(400, 403, 404, 409, 413, 415, 422)
def brake_campaign(fields: dict[str, Any], campaign_id: int) -> ResponseReturnValue:
    """Hold new comments of a campaign for some hours.

    What a brake holds already, it holds on. Trusted authors are left out.
    """
    person, session, now = current_person(), db.session(), datetime.now(UTC)
    start_writing(session)
    sites = person.site_ids(Role.MODERATOR)
    campaign = campaigns.find_campaign(session, sites, campaign_id)
    brake = brakes.start_for_campaign(
        session,
        campaign,
        load_policy(session, campaign.site_id).brakes,
        hours=fields["hours"],
        staff_id=person.id,
        now=now,
    )
    session.commit()
    return _dumped([brake], now)[0]


def _dumped(rows: list[Brake], now: datetime) -> list[dict[str, Any]]:
    names = current_person().sites
    summaries = brake_summaries.summarize(db.session(), rows)
    return [dump_brake(summary, names, now) for summary in summaries]
