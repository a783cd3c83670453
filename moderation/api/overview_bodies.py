"""The overview: figures of the last hours or days, and what needs attention now."""

from __future__ import annotations

import marshmallow as ma

from moderation.accounts.memberships import MAX_SECTION_LENGTH
from moderation.api.brake_bodies import BrakeOut
from moderation.api.campaign_bodies import CampaignOut
from moderation.api.figure_bodies import PeriodFiguresOut
from moderation.api.queue_bodies import SiteQuery
from moderation.insights.attention import AttentionKind
from moderation.insights.overview import Period
from moderation.web.fields import Line


class OverviewQuery(SiteQuery):
    """Sites and period of an overview."""

    period = ma.fields.Enum(
        Period,
        by_value=True,
        load_default=Period.DAY,
        metadata={"description": "From the end of the current hour back, in UTC"},
    )
    section = Line(longest=MAX_SECTION_LENGTH)


class OverviewStepOut(ma.Schema):
    """A part of the period."""

    start = ma.fields.AwareDateTime(format="iso", required=True)
    figures = ma.fields.Nested(PeriodFiguresOut, required=True)
    pending = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "When last seen in it; null: not recorded"},
    )
    oldest_seconds = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "The most that a pending comment's age was; null: not "
            "recorded"
        },
    )


class FiguresOfPartOut(ma.Schema):
    """The figures of one section or site."""

    name = ma.fields.String(
        required=True,
        metadata={"description": "Empty: articles without a section"},
    )
    figures = ma.fields.Nested(PeriodFiguresOut, required=True)


class OverviewOut(ma.Schema):
    """The figures of a period."""

    period = ma.fields.Enum(Period, by_value=True, required=True)
    since = ma.fields.AwareDateTime(format="iso", required=True)
    until = ma.fields.AwareDateTime(format="iso", required=True)
    as_of = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={
            "description": "The time up to which a worker has counted; null: nothing "
            "yet"
        },
    )
    figures = ma.fields.Nested(PeriodFiguresOut, required=True)
    whole_hours = ma.fields.Nested(
        PeriodFiguresOut,
        required=True,
        metadata={"description": "Of the whole hours alone, to compare with `before`"},
    )
    before = ma.fields.Nested(
        PeriodFiguresOut,
        required=True,
        allow_none=True,
        metadata={
            "description": "The same hours a week earlier (`28d`: 28 days earlier); "
            "null: not all of them were counted"
        },
    )
    course = ma.fields.List(ma.fields.Nested(OverviewStepOut), required=True)
    oldest_seconds = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Age of the oldest pending comment now"},
    )
    sections = ma.fields.List(ma.fields.Nested(FiguresOfPartOut), required=True)
    sites = ma.fields.List(ma.fields.Nested(FiguresOfPartOut), required=True)


class AttentionItemOut(ma.Schema):
    """Something that needs attention now."""

    kind = ma.fields.Enum(AttentionKind, by_value=True, required=True)
    count = ma.fields.Integer(required=True)
    is_exact = ma.fields.Boolean(
        required=True, metadata={"description": "false: there are at least `count`"}
    )
    since = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "Of the one that has needed attention for longest"},
    )
    site = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null: of all the sites together"},
    )
    facts = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={
            "description": "`id` of the webhook, job, or alert; `host`, `job`, `drift` "
            "and its `subject`"
        },
    )


class WaveOut(ma.Schema):
    """Comments that come fast: a campaign, or what a brake holds."""

    site = ma.fields.String(required=True)
    campaign = ma.fields.Nested(CampaignOut, required=True, allow_none=True)
    brake = ma.fields.Nested(
        BrakeOut,
        required=True,
        allow_none=True,
        metadata={"description": "null: new comments aren't held"},
    )
    rate = ma.fields.List(
        ma.fields.Integer(),
        required=True,
        metadata={
            "description": "Comments of the campaign in each of the last ten minutes, "
            "the current one last"
        },
    )


class DeskPersonOut(ma.Schema):
    """A moderator who has reserved comments now."""

    login = ma.fields.String(required=True)
    comments = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)


class AttentionOut(ma.Schema):
    """Tasks that need attention now, the most urgent first."""

    waves = ma.fields.List(ma.fields.Nested(WaveOut), required=True)
    items = ma.fields.List(ma.fields.Nested(AttentionItemOut), required=True)
    desk = ma.fields.List(
        ma.fields.Nested(DeskPersonOut),
        required=True,
        metadata={"description": "By username"},
    )
