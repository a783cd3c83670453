"""Campaigns: near-duplicates, one decision for all of them and those to come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.bulk import bulk_verdict, dump_batches
from moderation.api.bulk_bodies import EARLIEST, LATEST, BulkDecisionOut
from moderation.api.campaign_bodies import (
    CampaignListQuery,
    CampaignOut,
    CampaignPage,
    CampaignWithMembers,
    NewCampaignDecision,
    NewMerger,
    dump_campaign,
    dump_member,
)
from moderation.api.comment_bodies import PageQuery
from moderation.campaigns import campaigns, merging
from moderation.campaigns.campaigns import CampaignPosition, CampaignQuery
from moderation.database import db, start_writing
from moderation.errors import Forbidden
from moderation.policy.status_changes import STATUS_AFTER
from moderation.policy.verdicts import Verdict
from moderation.review import bulk, bulk_selection, trust
from moderation.web.auth import asked_sites, current_person, needs_staff
from moderation.web.cursors import (
    read_cursor,
    read_number,
    refused_cursor,
    write_cursor,
)
from moderation.web.openapi import StrictBlueprint, answers

bp = StrictBlueprint(
    "campaigns", __name__, url_prefix="/api/v1/campaigns", description="For staff"
)

CAMPAIGN = "/<int(max=2147483647):campaign_id>"


@bp.route("", methods=["GET"])
@needs_staff
@bp.arguments(CampaignListQuery, location="query")
@bp.response(200, CampaignPage)
@answers(403, 404, 422)
def list_campaigns(query: dict[str, Any]) -> ResponseReturnValue:
    """List the campaigns of your sites, the most harmful first."""
    person, limit = current_person(), query["limit"]
    now, position = _read_position(query.get("cursor"))
    found = campaigns.list_campaigns(
        db.session(),
        asked_sites(query),
        CampaignQuery(
            least=query["least"],
            is_open=query["open"],
            order=query["order"],
            after=position,
        ),
        limit=limit + 1,
        now=now,
    )
    page = found[:limit]
    return {
        "campaigns": [dump_campaign(each, person.sites) for each in page],
        "next": _cursor(page[-1], now) if len(found) > limit else None,
    }


@bp.route(CAMPAIGN, methods=["GET"])
@needs_staff
@bp.arguments(PageQuery, location="query")
@bp.response(200, CampaignWithMembers)
@answers(404, 422)
def read_campaign(query: dict[str, Any], campaign_id: int) -> ResponseReturnValue:
    """Get a campaign with its comments, the newest first.

    One that was taken over by another is answered by that one.
    """
    person, session, limit = current_person(), db.session(), query["limit"]
    now = datetime.now(UTC)
    sites = person.site_ids(Role.MODERATOR)
    campaign = campaigns.find_campaign(session, sites, campaign_id)
    (summary,) = campaigns.list_summaries(session, [campaign], now)
    found = campaigns.list_comments(
        session,
        campaign.id,
        after=read_number(query.get("cursor")),
        limit=limit + 1,
    )
    page = found[:limit]
    trusted = trust.trust_at(session, campaign.site_id, now)
    by_trusted = trust.find_trusted(session, [each.id for each in page], trusted)
    return {
        **dump_campaign(summary, person.sites),
        "comments": [
            {**dump_member(each), "is_trusted": each.id in by_trusted} for each in page
        ],
        "trusted": trust.count_trusted(session, campaign.id, trusted),
        "next": write_cursor([str(page[-1].id)]) if len(found) > limit else None,
        "as_of": now,
    }


@bp.route(f"{CAMPAIGN}/decisions", methods=["POST"])
@needs_staff
@bp.arguments(NewCampaignDecision)
@bp.response(201, BulkDecisionOut)
@answers(400, 404, 409, 413, 415, 422)
def decide_campaign(fields: dict[str, Any], campaign_id: int) -> ResponseReturnValue:
    """Decide the comments of a campaign as one batch.

    Only pending ones, unless `statuses` names others. Comments that another moderator
    has claimed are skipped, and comments that came after `as_of` are left, unless
    `hours` says that new near-duplicates are decided the same. A standing approval
    never covers a comment without a score or over a reject threshold. Comments of
    trusted authors are only rejected or held with `include_trusted`.
    """
    person, session = current_person(), db.session()
    campaign = campaigns.find_campaign(
        session, person.site_ids(Role.MODERATOR), campaign_id
    )
    now = datetime.now(UTC)
    is_whole = fields["include_trusted"] or fields["verdict"] is Verdict.APPROVE
    selection = bulk_selection.select_campaign(
        session,
        campaign,
        fields["statuses"],
        after=STATUS_AFTER[fields["verdict"]],
        excluded=fields["excluded"],
        spared=None if is_whole else trust.trust_at(session, campaign.site_id, now),
        as_of=fields["as_of"],
    )
    start_writing(session)
    hours = fields.get("hours")
    batch = bulk.decide_campaign(
        session,
        campaign,
        selection,
        bulk_verdict(fields),
        version=fields["version"],
        stands=timedelta(hours=hours) if hours else None,
    )
    session.commit()
    return dump_batches([batch])[0]


@bp.route(f"{CAMPAIGN}/merge", methods=["POST"])
@needs_staff
@bp.arguments(NewMerger)
@bp.response(200, CampaignOut)
@answers(400, 403, 404, 409, 413, 415, 422)
def merge_campaign(fields: dict[str, Any], campaign_id: int) -> ResponseReturnValue:
    """Merge a campaign into another one of its site, and return that.

    All its comments move there, and so do new near-duplicates. Its standing decision
    ends. It can't be undone.
    """
    person, session, now = current_person(), db.session(), datetime.now(UTC)
    sites = person.site_ids(Role.MODERATOR)
    start_writing(session)
    campaign = campaigns.find_campaign(session, sites, campaign_id)
    target = campaigns.find_campaign(session, sites, fields["into"])
    if campaign.site_id not in person.whole_site_ids(Role.MODERATOR):
        raise Forbidden("This needs a role in the whole site.")
    merging.merge_into(session, campaign, target, version=fields["version"], now=now)
    session.commit()
    (summary,) = campaigns.list_summaries(session, [target], now)
    return dump_campaign(summary, person.sites)


@bp.route(f"{CAMPAIGN}/standing", methods=["DELETE"])
@needs_staff
@bp.response(204)
@answers(404)
def end_standing_decision(campaign_id: int) -> None:
    """End a campaign's standing decision. Does nothing if there is none."""
    person, session = current_person(), db.session()
    start_writing(session)
    campaign = campaigns.find_campaign(
        session, person.site_ids(Role.MODERATOR), campaign_id
    )
    campaigns.end_standing_decision(
        session, campaign, staff_id=person.id, now=datetime.now(UTC)
    )
    session.commit()


def _cursor(summary: campaigns.CampaignSummary, now: datetime) -> str:
    row = summary.campaign
    moments = [now.isoformat(), row.last_seen_at.isoformat()]
    return write_cursor([*moments, str(row.id), str(summary.rank)])


def _read_position(cursor: str | None) -> tuple[datetime, CampaignPosition | None]:
    """Return when the first page was read, and where this one starts."""
    if cursor is None:
        return datetime.now(UTC), None
    began_at, seen_at, campaign_id, rank = read_cursor(cursor, 4)
    try:
        began, seen = (datetime.fromisoformat(each) for each in (began_at, seen_at))
        number, place = int(campaign_id), int(rank)
    except ValueError:
        raise refused_cursor() from None
    is_utc = began.tzinfo == UTC and seen.tzinfo == UTC
    is_in_reach = EARLIEST < began < LATEST and EARLIEST < seen < LATEST
    if not (is_utc and is_in_reach and 0 <= number < 1 << 31 and 0 <= place < 4):
        raise refused_cursor()
    return began, CampaignPosition(last_seen_at=seen, campaign_id=number, rank=place)
