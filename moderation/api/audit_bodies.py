"""The audit log, as it is listed."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from moderation.api.comment_bodies import PageQuery
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.actors import ActorKind
from moderation.audit.verification import AuditFaultKind
from moderation.web.fields import Line
from moderation.web.parsing import OptionalBody

LONGEST_REFERENCE = 100  # characters
MAX_HEAD_LENGTH = 200  # characters
MAX_HEADS = 10_000  # of one request


class AuditFilterQuery(ma.Schema):
    """Filters of the audit log."""

    site = ma.fields.String(
        validate=validate.Length(max=63),
        metadata={"description": "Only of this site; by default, of all your sites"},
    )
    actor = Line(
        longest=LONGEST_REFERENCE,
        metadata={
            "description": "The actor: `staff:USERNAME`, `site_key:ID`, or a kind "
            "alone, such as `command_line`"
        },
    )
    target = Line(
        longest=LONGEST_REFERENCE,
        metadata={
            "description": "The target: `staff:USERNAME`, `KIND:ID`, or a kind alone, "
            "such as `rule`"
        },
    )
    action = ma.fields.Enum(AuditAction, by_value=True)
    reason = Line(
        longest=LONGEST_REFERENCE,
        metadata={"description": "Part of the reason, in upper or lower case"},
    )
    since = ma.fields.AwareDateTime(
        format="iso", metadata={"description": "At or after this time"}
    )
    until = ma.fields.AwareDateTime(
        format="iso", metadata={"description": "Before this time"}
    )


class AuditQuery(AuditFilterQuery, PageQuery):
    """Filters and page size of the audit log."""


class AuditActorOut(ma.Schema):
    """The actor of an audit entry."""

    kind = ma.fields.String(
        required=True, validate=validate.OneOf([kind.value for kind in ActorKind])
    )
    id = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Of the person or the site key; on the command line, the "
            "user id of the operating system"
        },
    )
    login = ma.fields.String(required=True, allow_none=True)


class AuditTargetOut(ma.Schema):
    """The target of an audit entry."""

    kind = ma.fields.String(
        required=True, validate=validate.OneOf([kind.value for kind in TargetKind])
    )
    id = ma.fields.String(required=True, allow_none=True)
    login = ma.fields.String(required=True, allow_none=True)


class AuditEntryOut(ma.Schema):
    """An entry of the audit log."""

    sequence = ma.fields.Integer(
        required=True, metadata={"description": "Counts all entries, without gaps"}
    )
    at = ma.fields.AwareDateTime(format="iso", required=True)
    action = ma.fields.Enum(AuditAction, by_value=True, required=True)
    actor = ma.fields.Nested(AuditActorOut, required=True)
    network = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Keyed hash of the network that it came from"},
    )
    site = ma.fields.String(required=True, allow_none=True)
    target = ma.fields.Nested(AuditTargetOut, required=True, allow_none=True)
    details = ma.fields.Dict(
        keys=ma.fields.String(),
        required=True,
        metadata={"description": "Ids, counts, names of fields; depends on the action"},
    )
    reason = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why, as the actor wrote it"},
    )
    hash = ma.fields.String(
        required=True,
        metadata={"description": "Of this entry and of the hash of the one before it"},
    )


class AuditPage(ma.Schema):
    """Entries, newest first."""

    entries = ma.fields.List(ma.fields.Nested(AuditEntryOut), required=True)
    next = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The `cursor` of the next page; null: it is the last"},
    )


class NewAuditVerification(OptionalBody):
    """A check of the whole audit log."""

    heads = ma.fields.List(
        Line(longest=MAX_HEAD_LENGTH),
        load_default=list,
        validate=validate.Length(max=MAX_HEADS),
        metadata={
            "description": "Earlier heads that were kept elsewhere: lines of "
            "MODERATION_AUDIT_HEAD_FILE"
        },
    )


class AuditFaultOut(ma.Schema):
    """The first fault in the chain of the audit log."""

    kind = ma.fields.Enum(AuditFaultKind, by_value=True, required=True)
    sequence = ma.fields.Integer(required=True)


class AuditVerificationOut(ma.Schema):
    """The result of a check of the whole audit log."""

    count = ma.fields.Integer(
        required=True,
        metadata={"description": "Sound entries, up to the first fault"},
    )
    fault = ma.fields.Nested(AuditFaultOut, required=True, allow_none=True)
    verified_at = ma.fields.AwareDateTime(format="iso", required=True)
