"""Whether the process lives, and whether all that it needs is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import marshmallow as ma
import sqlalchemy as sa
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from moderation import migration
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
    disk = ma.fields.String(required=True)
    email_keys = ma.fields.String(required=True)
    keys = ma.fields.String(required=True)
    worker = ma.fields.String(required=True)
    webhooks = ma.fields.String(required=True)
    notifications = ma.fields.String(required=True)


@bp.route("/healthz", methods=["GET"])
@bp.response(200, Health)
def read_health() -> ResponseReturnValue:
    """Tell that the process answers; send traffic by this one."""
    return {"status": OK}


@bp.route("/readyz", methods=["GET"])
@bp.response(200, Readiness)
@bp.alt_response(503, schema=Readiness, description="Something is not ok")
def read_readiness() -> ResponseReturnValue:
    """Tell what is missing; raise an alarm by this one.

    Without a model comments are still taken: they wait for people, unscored.
    """
    parts = {"database": _try(_ask_database), "migrations": _try(_compare_migrations)}
    parts["model"] = services().scoring.fault or OK
    now, session = datetime.now(UTC), db.session()
    parts |= {
        "disk": _try(lambda: readiness.check_disk(session)),
        "email_keys": _try(
            lambda: readiness.check_email_keys(session, services().privacy)
        ),
        "keys": _try(lambda: readiness.check_keys(session, services().keys)),
        "worker": _try(lambda: readiness.check_worker(session, now)),
        "webhooks": _try(lambda: readiness.check_webhooks(session, now)),
        "notifications": _try(lambda: readiness.check_notifications(session, now)),
    }
    is_ready = set(parts.values()) == {OK}
    answer = {"status": OK if is_ready else "not ready", **parts}
    return answer, 200 if is_ready else 503


def _try(check: Callable[[], str]) -> str:
    try:
        return check()
    except SQLAlchemyError as error:
        db.session.rollback()
        return f"does not answer ({type(error).__name__})"


def _ask_database() -> str:
    db.session.execute(sa.text("SELECT 1"))
    return OK


def _compare_migrations() -> str:
    at, needed = migration.current(), migration.head()
    return OK if at == needed else f"at {at}, {needed} is needed"
