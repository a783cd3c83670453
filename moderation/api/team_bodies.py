"""Bodies of team statistics."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from moderation.accounts.staff import Role

MOST_DAYS = 90  # the log is read from there on


class TeamQuery(ma.Schema):
    """The days of team statistics."""

    days = ma.fields.Integer(
        load_default=7,
        validate=validate.Range(min=1, max=MOST_DAYS),
        metadata={"description": "So many days back from now"},
    )


class TeamFigureOut(ma.Schema):
    """A figure with its 95% interval."""

    value = ma.fields.Float(required=True)
    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)


class TeamPaceOut(ma.Schema):
    """A duration in seconds; null if nothing was timed."""

    median = ma.fields.Float(required=True, allow_none=True)
    p90 = ma.fields.Float(required=True, allow_none=True)


class TeamFiguresOut(ma.Schema):
    """Decisions and their later results; undone decisions don't count."""

    decisions = ma.fields.Integer(required=True)
    approved = ma.fields.Integer(required=True)
    rejected = ma.fields.Integer(required=True)
    in_bulk = ma.fields.Integer(
        required=True,
        metadata={"description": "Of them, together with others: these count no time"},
    )
    timed = ma.fields.Integer(
        required=True,
        metadata={"description": "Of them, single decisions about pending comments"},
    )
    overdue = ma.fields.Integer(
        required=True, metadata={"description": "Of those timed, after it was due"}
    )
    reversed = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Overturned later, by another person: a colleague, a "
            "lead, or the judge of the appeal"
        },
    )
    waited = ma.fields.Nested(
        TeamPaceOut,
        required=True,
        metadata={"description": "From its arrival to the decision"},
    )
    worked = ma.fields.Nested(
        TeamPaceOut,
        required=True,
        metadata={"description": "From the claim to the decision"},
    )


class TeamHeldArticleOut(ma.Schema):
    """An article, of whose comments someone holds some."""

    title = ma.fields.String(required=True)
    comments = ma.fields.Integer(required=True)


class TeamHeldOut(ma.Schema):
    """The comments that a moderator has claimed now."""

    comments = ma.fields.Integer(required=True)
    since = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    until = ma.fields.AwareDateTime(format="iso", required=True)
    articles = ma.fields.List(ma.fields.Nested(TeamHeldArticleOut), required=True)


class TeamAlikeOut(ma.Schema):
    """Second looks in which a person was one of the two, and how many agreed."""

    looks = ma.fields.Integer(required=True)
    agreed = ma.fields.Integer(required=True)


class TeamMemberOut(ma.Schema):
    """One person of the team."""

    login = ma.fields.String(required=True)
    role = ma.fields.Enum(
        Role,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "null: has left the site"},
    )
    held = ma.fields.Nested(TeamHeldOut, required=True, allow_none=True)
    figures = ma.fields.Nested(TeamFiguresOut, required=True)
    alike = ma.fields.Nested(TeamAlikeOut, required=True)


class TeamKappaOut(ma.Schema):
    """Cohen's kappa of second looks."""

    pairs = ma.fields.Integer(required=True)
    observed = ma.fields.Float(
        required=True, metadata={"description": "Share on which two people agree"}
    )
    expected = ma.fields.Float(
        required=True, metadata={"description": "Share on which they would by chance"}
    )
    kappa = ma.fields.Nested(
        TeamFigureOut,
        required=True,
        allow_none=True,
        metadata={"description": "1: full agreement, 0: as by chance, null: unknown"},
    )


class TeamNoiseOut(ma.Schema):
    """Disagreement of two people where one of them gives a reason."""

    code = ma.fields.String(required=True)
    looks = ma.fields.Integer(
        required=True, metadata={"description": "Where either of the two gave it"}
    )
    differed = ma.fields.Integer(
        required=True, metadata={"description": "Where only one of the two did"}
    )


class TeamAgreementOut(ma.Schema):
    """Agreement in the team's second reviews."""

    kappa = ma.fields.Nested(TeamKappaOut, required=True)
    disputed = ma.fields.Integer(
        required=True,
        metadata={"description": "Disagreements that a lead has to decide"},
    )
    upheld = ma.fields.Integer(
        required=True, metadata={"description": "Settled as the first person decided"}
    )
    corrected = ma.fields.Integer(
        required=True, metadata={"description": "Settled as the second person decided"}
    )
    noise = ma.fields.List(ma.fields.Nested(TeamNoiseOut), required=True)


class TeamAuditedOut(ma.Schema):
    """Automatic decisions that audits found to be wrong."""

    looks = ma.fields.Integer(required=True)
    wrong = ma.fields.Integer(required=True)
    rate = ma.fields.Nested(TeamFigureOut, required=True, allow_none=True)


class TeamOut(ma.Schema):
    """Team statistics; people come by name, never by rank."""

    site = ma.fields.String(required=True)
    since = ma.fields.AwareDateTime(format="iso", required=True)
    pending = ma.fields.Integer(required=True)
    overdue = ma.fields.Integer(
        required=True, metadata={"description": "Among currently pending comments"}
    )
    second_look_share = ma.fields.Float(required=True)
    audit_share = ma.fields.Float(required=True)
    figures = ma.fields.Nested(TeamFiguresOut, required=True)
    members = ma.fields.List(ma.fields.Nested(TeamMemberOut), required=True)
    agreement = ma.fields.Nested(TeamAgreementOut, required=True)
    approvals = ma.fields.Nested(
        TeamAuditedOut,
        required=True,
        metadata={"description": "Audits of automatic approvals"},
    )
    rejections = ma.fields.Nested(
        TeamAuditedOut,
        required=True,
        metadata={"description": "Audits of automatic rejections"},
    )
