"""Liveness of the process, and readiness of all that it needs."""

from __future__ import annotations

from datetime import UTC, datetime

import marshmallow as ma
from flask.typing import ResponseReturnValue

from moderation.database import db
from moderation.monitoring import readiness
from moderation.monitoring.readiness import OK
from moderation.web.openapi import StrictBlueprint
from moderation.web.services import services

bp = StrictBlueprint("health", __name__, description="For operators")


class Health(ma.Schema):
    """The process answers."""

    status = ma.fields.String(required=True)


class Readiness(Health):
    """Each part that is needed: `ok`, or what is wrong with it."""

    database = ma.fields.String(required=True)
    migrations = ma.fields.String(required=True)
    model = ma.fields.String(required=True)
    encoder = ma.fields.String(required=True)
    disk = ma.fields.String(required=True)
    email_keys = ma.fields.String(required=True)
    keys = ma.fields.String(required=True)
    worker = ma.fields.String(required=True)
    webhooks = ma.fields.String(required=True)
    notifications = ma.fields.String(required=True)


@bp.route("/healthz", methods=["GET"])
@bp.response(200, Health)
def read_health() -> ResponseReturnValue:
    """Return 200 while the process answers, for load balancers."""
    return {"status": OK}


@bp.route("/readyz", methods=["GET"])
@bp.response(200, Readiness)
@bp.alt_response(503, schema=Readiness, description="Something is not ok")
def read_readiness() -> ResponseReturnValue:
    """Return the state of each part of the service, for alerts.

    Without a model comments are still taken: they wait for people, unscored.
    """
    parts = read_parts(datetime.now(UTC))
    is_ready = set(parts.values()) == {OK}
    answer = {"status": OK if is_ready else "not ready", **parts}
    return answer, 200 if is_ready else 503


def read_parts(now: datetime) -> dict[str, str]:
    """Return each part that the service needs: `ok`, or what is wrong with it."""
    made = services()
    return readiness.read_parts(
        db.session(),
        scoring=made.scoring,
        privacy=made.privacy,
        keys=made.keys,
        now=now,
    )
