"""The state of the installation, as admins see it."""

from __future__ import annotations

import marshmallow as ma

from moderation.api.queue_bodies import OutageOut


def _moment(description: str) -> ma.fields.AwareDateTime:
    return ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": description},
    )


class QueueStatusOut(ma.Schema):
    """A site's queue."""

    pending = ma.fields.Integer(required=True)
    overdue = ma.fields.Integer(required=True)
    oldest_at = _moment("When the oldest pending comment came; null: none is pending")
    outage = ma.fields.Nested(
        OutageOut,
        required=True,
        allow_none=True,
        metadata={"description": "Comments that a fault holds; null: there are none"},
    )


class JobStatusOut(ma.Schema):
    """A site's jobs."""

    queued = ma.fields.Integer(required=True)
    running = ma.fields.Integer(required=True)
    failed = ma.fields.Integer(
        required=True, metadata={"description": "In the last 7 days"}
    )
    oldest_queued_at = _moment("When the oldest queued job was started")


class DeliveryStatusOut(ma.Schema):
    """A site's events for its webhooks."""

    due = ma.fields.Integer(required=True)
    oldest_due_at = _moment("Since when the oldest due event has been due")
    failing_webhooks = ma.fields.Integer(required=True)


class StorageOut(ma.Schema):
    """The database's size."""

    database_bytes = ma.fields.Integer(required=True)
    free_bytes = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Of the disk of an embedded database; null: unknown"},
    )


class SystemStatusOut(ma.Schema):
    """The installation, and a site's part in it."""

    version = ma.fields.String(
        required=True, metadata={"description": "Of the service"}
    )
    migration = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The database's revision"},
    )
    parts = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={"description": "As in `/readyz`: `ok`, or the fault"},
    )
    worker_seen_at = _moment("Null: none has ever run")
    model_version = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Active at the site; null: it can't be loaded"},
    )
    queue = ma.fields.Nested(QueueStatusOut, required=True)
    jobs = ma.fields.Nested(JobStatusOut, required=True)
    deliveries = ma.fields.Nested(DeliveryStatusOut, required=True)
    database = ma.fields.String(
        required=True, metadata={"description": "`sqlite` or `postgresql`"}
    )
    storage = ma.fields.Nested(StorageOut, required=True)
    backup_started_at = _moment(
        "When `moderation backup` was last started; null: not on this database"
    )
    audit_verified_at = _moment(
        "When `moderation audit verify` was last started; null: never"
    )
