"""Background work, as admins see it."""

from __future__ import annotations

import marshmallow as ma

from moderation.jobs import JobKind, JobState


class JobOut(ma.Schema):
    """Background work and how far it is."""

    id = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)
    kind = ma.fields.Enum(JobKind, by_value=True, required=True)
    state = ma.fields.Enum(JobState, by_value=True, required=True)
    progress = ma.fields.Float(required=True, metadata={"description": "0 to 1"})
    attempts = ma.fields.Integer(
        required=True,
        metadata={"description": "How often a worker took it up, or again"},
    )
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    started_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    finished_at = ma.fields.AwareDateTime(format="iso", required=True, allow_none=True)
    cancel_asked_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={"description": "Its worker ends it as soon as it hears of it"},
    )
    asked_by = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Login; null: the command line"},
    )
    ahead = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Jobs that a worker runs before this one; 0 if it isn't "
            "queued"
        },
    )
    arguments = ma.fields.Dict(
        keys=ma.fields.String(),
        required=True,
        metadata={"description": "The job's options, by kind"},
    )
    fault = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Why it failed"}
    )
    result = ma.fields.Dict(
        keys=ma.fields.String(),
        required=True,
        allow_none=True,
        metadata={
            "description": "The job's result; for a retraining, the `version` of the "
            "model and whether the gate `allowed` it"
        },
    )


class JobLineOut(ma.Schema):
    """A line of a job's log."""

    at = ma.fields.AwareDateTime(format="iso", required=True)
    text = ma.fields.String(required=True)


class JobWithLog(JobOut):
    """A job with its log, the oldest line first."""

    log = ma.fields.List(ma.fields.Nested(JobLineOut), required=True)


class JobList(ma.Schema):
    """The newest jobs of a site, those that wait among them."""

    jobs = ma.fields.List(ma.fields.Nested(JobOut), required=True)
