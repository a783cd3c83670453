"""Webhooks and their deliveries, in and out."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from moderation.api.comment_bodies import PageQuery
from moderation.api.rule_bodies import WHOLE_NUMBER
from moderation.web.fields import CommentId, WebAddress
from moderation.webhooks.deliveries import MAX_COUNTED, DeliveryState
from moderation.webhooks.outbox import CHOSEN, EventType

OVERLAP_HOURS = 24  # in which a receiver learns the new secret, if not asked otherwise
LONGEST_OVERLAP_HOURS = 168
TYPES = [each.value for each in CHOSEN]


class NewWebhook(ma.Schema):
    """A webhook's URL and event types."""

    url = WebAddress(
        required=True,
        metadata={
            "description": "`https`, out of any private network; others (and `http`) "
            "only in the networks that the installation allows"
        },
    )
    types = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(TYPES)),
        required=True,
        validate=validate.Length(min=1, max=len(TYPES)),
        metadata={"description": "The types of events that it gets"},
    )
    is_on = ma.fields.Boolean(load_default=True, truthy={True}, falsy={False})


class SeenWebhookVersion(ma.Schema):
    """The version of a webhook that an admin saw."""

    version = ma.fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=WHOLE_NUMBER)
    )


class WebhookChange(NewWebhook, SeenWebhookVersion):
    """A webhook as it should be."""

    is_on = ma.fields.Boolean(required=True, truthy={True}, falsy={False})


class WebhookVersionQuery(ma.Schema):
    """The version of a webhook."""

    version = ma.fields.Integer(
        required=True, validate=validate.Range(min=1, max=WHOLE_NUMBER)
    )


class NewWebhookSecret(SeenWebhookVersion):
    """Options for replacing a webhook's secret."""

    overlap_hours = ma.fields.Integer(
        strict=True,
        load_default=OVERLAP_HOURS,
        validate=validate.Range(min=0, max=LONGEST_OVERLAP_HOURS),
        metadata={
            "description": "How long events are also signed with the older one; 0 if "
            "another person may know it"
        },
    )


class WebhookOut(ma.Schema):
    """A webhook and how it answers."""

    id = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)
    url = ma.fields.String(required=True)
    types = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(TYPES)), required=True
    )
    is_on = ma.fields.Boolean(required=True)
    version = ma.fields.Integer(
        required=True, metadata={"description": "Counts the changes"}
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    created_by = ma.fields.String(required=True, allow_none=True)
    changed_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    changed_by = ma.fields.String(required=True, allow_none=True)
    former_secret_until = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={
            "description": "Until then, events are also signed with the older secret"
        },
    )
    answered_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "When it last took an event"},
    )
    failing_since = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "Since when it accepts no event"},
    )
    fault = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why the last attempt failed"},
    )
    gone_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "It answered 410 Gone, which switched it off"},
    )
    waiting = ma.fields.Integer(
        required=True,
        metadata={"description": f"Events to be sent, counted up to {MAX_COUNTED}"},
    )
    failed = ma.fields.Integer(
        required=True,
        metadata={"description": f"Events given up, counted up to {MAX_COUNTED}"},
    )


class WebhookWithSecret(WebhookOut):
    """A webhook with its new secret."""

    secret = ma.fields.String(
        required=True,
        metadata={"description": "`whsec_` and base64: it can't be shown again"},
    )


class WebhookList(ma.Schema):
    """The webhooks of a site, the oldest first."""

    webhooks = ma.fields.List(ma.fields.Nested(WebhookOut), required=True)


class DeliveryQuery(PageQuery):
    """Filters of a list of deliveries."""

    state = ma.fields.Enum(DeliveryState, by_value=True)


class DeliveryOut(ma.Schema):
    """An event on its way to a webhook."""

    id = ma.fields.Integer(required=True)
    event = ma.fields.String(
        required=True,
        metadata={"description": "Its id: `webhook-id`, in each attempt and replay"},
    )
    type = ma.fields.Enum(EventType, by_value=True, required=True)
    comment = CommentId(required=True, allow_none=True)
    state = ma.fields.Enum(DeliveryState, by_value=True, required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    due_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={
            "description": "It is sent then, at the soonest; null: it is settled, or "
            "its bulk decision goes on"
        },
    )
    attempts = ma.fields.Integer(required=True)
    settled_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "When it was delivered, or given up"},
    )
    status = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "HTTP status that the last attempt was answered with"},
    )
    fault = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why the last attempt failed"},
    )
    data = ma.fields.Dict(
        keys=ma.fields.String(),
        required=True,
        metadata={"description": "The kind of event"},
    )


class DeliveryPage(ma.Schema):
    """Deliveries of a webhook, the newest first."""

    deliveries = ma.fields.List(ma.fields.Nested(DeliveryOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class ReplayedOut(ma.Schema):
    """The number of events that are sent again."""

    replayed = ma.fields.Integer(required=True)
