"""Brakes, as staff read and handle them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import marshmallow as ma
from marshmallow import validate

from moderation.api.bulk_bodies import EARLIEST, LATEST
from moderation.api.campaign_bodies import LONGEST_STAND, MemberOut, dump_member
from moderation.api.comment_bodies import PageQuery
from moderation.api.policy_bodies import BrakeLimitBody
from moderation.api.queue_bodies import SiteQuery
from moderation.campaigns.brake_summaries import BrakeSummary
from moderation.campaigns.brakes import is_let_go
from moderation.policy.brakes import BrakeKind, lets_go_at


class BrakeState(StrEnum):
    """The state of a brake."""

    HOLDING = "holding"
    ENDED = "ended"


class BrakeListQuery(SiteQuery, PageQuery):
    """Filters of a list of brakes."""

    state = ma.fields.Enum(
        BrakeState,
        by_value=True,
        metadata={"description": "Only brakes in this state"},
    )


class BrakeHours(ma.Schema):
    """For how long new comments are held."""

    hours = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=LONGEST_STAND),
        metadata={"description": "From now on, no matter how many come"},
    )


class BrakeMoment(ma.Schema):
    """Up to when what was published is meant."""

    as_of = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        validate=validate.Range(min=EARLIEST, max=LATEST),
        metadata={"description": "`as_of` of the brake that you read"},
    )


class BrakeArticle(ma.Schema):
    """An article."""

    reference = ma.fields.String(required=True)
    title = ma.fields.String(required=True, allow_none=True)


class BrakeOut(ma.Schema):
    """A brake: while it is on, new comments of its kind are held."""

    id = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)
    kind = ma.fields.Enum(
        BrakeKind,
        by_value=True,
        required=True,
        metadata={"description": "The property that its comments share"},
    )
    state = ma.fields.Enum(BrakeState, by_value=True, required=True)
    campaign = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Of `near_duplicates`"},
    )
    limit = ma.fields.Nested(
        BrakeLimitBody,
        required=True,
        allow_none=True,
        metadata={"description": "That was passed; null: a person put it on"},
    )
    sample = ma.fields.Nested(
        MemberOut,
        required=True,
        allow_none=True,
        metadata={"description": "The comment that passed the limit"},
    )
    article = ma.fields.Nested(
        BrakeArticle,
        required=True,
        allow_none=True,
        metadata={"description": "Of the sample"},
    )
    arrived = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Comments that it is about, the ones before it included; "
            "known for a day"
        },
    )
    held = ma.fields.Integer(
        required=True, metadata={"description": "Comments that it has held"}
    )
    published = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Of `arrived`, the approved comments that no person "
            "decided: `hold` holds them"
        },
    )
    since = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "Comments that arrived from then on belong to it"},
    )
    started_at = ma.fields.AwareDateTime(format="iso", required=True)
    started_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Username; null: it started automatically"},
    )
    last_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        metadata={"description": "When a comment last kept it up"},
    )
    quiet_minutes = ma.fields.Integer(required=True)
    lets_go_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={
            "description": "When it ends if no more comments come; null: it has ended"
        },
    )
    held_until = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "A person wants it to hold until then at least"},
    )
    held_by = ma.fields.String(required=True, allow_none=True)
    ended_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    ended_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Username; null: it ended automatically"},
    )
    as_of = ma.fields.AwareDateTime(format="iso", required=True)


class BrakePage(ma.Schema):
    """Brakes, the newest first."""

    brakes = ma.fields.List(ma.fields.Nested(BrakeOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


def dump_brake(
    summary: BrakeSummary, site_names: dict[int, str], now: datetime
) -> dict[str, Any]:
    """Return a brake as it stands at a moment."""
    row, article = summary.brake, summary.article
    lets_go = lets_go_at(row.last_at, row.quiet_minutes, row.held_until)
    is_over = is_let_go(row, now)
    limit = {"count": row.count, "minutes": row.minutes}
    name = summary.logins.get
    return {
        "id": row.id,
        "site": site_names[row.site_id],
        "kind": BrakeKind(row.kind),
        "state": BrakeState.ENDED if is_over else BrakeState.HOLDING,
        "campaign": row.campaign_id,
        "limit": None if row.count is None else limit,
        "sample": summary.sample and dump_member(summary.sample),
        "article": article and {"reference": article.reference, "title": article.title},
        "arrived": summary.arrived,
        "held": row.held,
        "published": summary.published,
        "since": row.since,
        "started_at": row.started_at,
        "started_by": name(row.started_by or 0),
        "last_at": row.last_at,
        "quiet_minutes": row.quiet_minutes,
        "lets_go_at": None if is_over else lets_go,
        "held_until": row.held_until,
        "held_by": name(row.held_by or 0),
        "ended_at": (row.ended_at or lets_go) if is_over else None,
        "ended_by": name(row.ended_by or 0),
        "as_of": now,
    }
