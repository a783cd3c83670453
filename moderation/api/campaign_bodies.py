"""Campaigns, as staff read and decide them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.bulk_bodies import MAX_LISTED, BulkVerdict
from moderation.api.comment_bodies import PageQuery
from moderation.api.desk_bodies import status_counts
from moderation.api.queue_bodies import SiteQuery
from moderation.campaigns.campaigns import CampaignOrder, CampaignSummary
from moderation.policy.brakes import lets_go_at
from moderation.policy.verdicts import Status, Verdict
from moderation.tables.campaigns import Brake
from moderation.tables.comments import Comment
from moderation.web.fields import CommentId

LONGEST_STAND = 72  # hours: a long weekend; then a person looks again
GREATEST_ID = 2**31 - 1


class VerdictInAdvance(ma.Schema):
    """The standing decision about a campaign's later comments."""

    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    by = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    until = ma.fields.AwareDateTime(format="iso", required=True)


class BrakeInShort(ma.Schema):
    """The brake that holds new comments of a campaign."""

    id = ma.fields.Integer(required=True)
    held = ma.fields.Integer(
        required=True, metadata={"description": "Comments that it has held"}
    )
    lets_go_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "When it ends if no more comments come"},
    )


class MemberOut(ma.Schema):
    """A comment of a campaign, in short."""

    id = CommentId(required=True)
    body = ma.fields.String(required=True)
    author_name = ma.fields.String(required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)
    received_at = ma.fields.AwareDateTime(format="iso", required=True)


class CampaignOut(ma.Schema):
    """Near-duplicate comments of one site."""

    id = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    size = ma.fields.Integer(required=True)
    pending = ma.fields.Integer(required=True)
    approved = ma.fields.Integer(required=True)
    rejected = ma.fields.Integer(required=True)
    authors = ma.fields.Integer(
        required=True, metadata={"description": "Different addresses"}
    )
    networks = ma.fields.Integer(
        required=True,
        metadata={"description": "Different IP addresses, as far as the site sent any"},
    )
    articles = ma.fields.Integer(required=True)
    last_minute = ma.fields.Integer(
        required=True, metadata={"description": "Comments that came within it"}
    )
    last_hour = ma.fields.Integer(required=True)
    is_arriving = ma.fields.Boolean(
        required=True,
        metadata={"description": "Its newest comment came within the last hour"},
    )
    first_seen_at = ma.fields.AwareDateTime(format="iso", required=True)
    last_seen_at = ma.fields.AwareDateTime(format="iso", required=True)
    sample = ma.fields.Nested(
        MemberOut,
        required=True,
        allow_none=True,
        metadata={"description": "Its first comment"},
    )
    standing = ma.fields.Nested(VerdictInAdvance, required=True, allow_none=True)
    brake = ma.fields.Nested(
        BrakeInShort,
        required=True,
        allow_none=True,
        metadata={"description": "The brake that holds its new comments"},
    )


class CampaignListQuery(SiteQuery, PageQuery):
    """Filters of a list of campaigns."""

    least = ma.fields.Integer(
        load_default=3,
        strict=False,
        validate=validate.Range(min=2, max=GREATEST_ID),
        metadata={"description": "Comments that a campaign has at least"},
    )
    open = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Only campaigns with pending comments"},
    )
    order = ma.fields.Enum(
        CampaignOrder,
        by_value=True,
        load_default=CampaignOrder.HARM,
        metadata={
            "description": "`harm`: first campaigns with published and new comments, "
            "then those with pending, then those with published ones; `newest`: by "
            "the newest comment"
        },
    )


class CampaignPage(ma.Schema):
    """Campaigns, in the order that was asked for."""

    campaigns = ma.fields.List(ma.fields.Nested(CampaignOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class CampaignMember(MemberOut):
    """A comment of a campaign, and whether its author is trusted."""

    is_trusted = ma.fields.Boolean(
        required=True,
        metadata={"description": "Left out of a rejection unless `include_trusted`"},
    )


class CampaignWithMembers(CampaignOut):
    """A campaign with some of its comments, the newest first."""

    comments = ma.fields.List(ma.fields.Nested(CampaignMember), required=True)
    trusted = ma.fields.Dict(
        keys=ma.fields.Enum(Status, by_value=True),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "Comments of trusted authors, by status"},
    )
    next = ma.fields.String(required=True, allow_none=True)
    as_of = ma.fields.AwareDateTime(format="iso", required=True)


class NewCampaignDecision(BulkVerdict):
    """One decision for a campaign."""

    version = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=GREATEST_ID),
        metadata={"description": "The campaign's version that you saw"},
    )
    hours = ma.fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=LONGEST_STAND),
        metadata={"description": "Decide new near-duplicates the same, for so long"},
    )
    statuses = ma.fields.List(
        ma.fields.Enum(Status, by_value=True),
        load_default=lambda: [Status.PENDING],
        validate=validate.Length(min=1, max=len(Status)),
        metadata={
            "description": "Decide its comments of these statuses; pending ones only "
            "if left out. To take down a whole campaign: `approved` and `pending`"
        },
    )
    excluded = ma.fields.List(
        CommentId(),
        load_default=list,
        validate=validate.Length(max=MAX_LISTED),
        metadata={"description": "Comments to leave out"},
    )

    include_trusted = ma.fields.Boolean(
        load_default=False,
        metadata={
            "description": "Also reject, or return to the queue, comments of trusted "
            "authors, which are left out by default"
        },
    )

    @ma.validates_schema
    def _can_be_done(self, fields: dict[str, Any], **kwargs: Any) -> None:
        if fields["verdict"] is not Verdict.REVIEW:
            return
        if fields["statuses"] == [Status.PENDING]:
            raise ma.ValidationError({"verdict": ["Must be approve or reject."]})
        if "hours" in fields:
            raise ma.ValidationError({"hours": ["Can't be combined with review."]})


class NewMerger(ma.Schema):
    """The campaign that receives the comments of another one."""

    into = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=GREATEST_ID),
        metadata={"description": "The campaign, of the same site, that is kept"},
    )
    version = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=GREATEST_ID),
        metadata={"description": "Of the campaign that is merged, as you saw it"},
    )


def dump_campaign(
    summary: CampaignSummary, site_names: dict[int, str]
) -> dict[str, Any]:
    """Return near-duplicates at a glance."""
    row, standing = summary.campaign, summary.standing
    return {
        "id": row.id,
        "site": site_names[row.site_id],
        "version": row.version,
        "size": row.size,
        **status_counts(summary),
        "authors": summary.authors,
        "networks": summary.networks,
        "articles": summary.articles,
        "last_minute": summary.last_minute,
        "last_hour": summary.last_hour,
        "is_arriving": summary.is_arriving,
        "first_seen_at": row.created_at,
        "last_seen_at": row.last_seen_at,
        "sample": summary.sample and dump_member(summary.sample),
        "standing": standing
        and {
            "verdict": Verdict(standing.verdict),
            "by": summary.said_by,
            "created_at": standing.created_at,
            "until": standing.until,
        },
        "brake": summary.brake and _dump_brake(summary.brake),
    }


def _dump_brake(brake: Brake) -> dict[str, Any]:
    lets_go = lets_go_at(brake.last_at, brake.quiet_minutes, brake.held_until)
    return {"id": brake.id, "held": brake.held, "lets_go_at": lets_go}


def dump_member(row: Comment) -> dict[str, Any]:
    """Return a comment of a campaign, in short."""
    return {
        "id": row.id,
        "body": row.body,
        "author_name": row.author_name,
        "status": Status(row.status),
        "received_at": row.received_at,
    }
