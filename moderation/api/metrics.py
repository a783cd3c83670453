"""Prometheus's metrics, for those who have the token of the installation."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from moderation.api.health import read_parts
from moderation.database import db
from moderation.errors import Unauthenticated
from moderation.metrics.counters import write_metrics
from moderation.monitoring import exposition
from moderation.monitoring.gauges import ServiceState
from moderation.sites import sites
from moderation.web.services import services

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
def read_metrics() -> Response:
    """Return counts of all processes, and gauges of the database.

    Without the database, the counts alone: `moderation_ready` is missing then.
    """
    token = services().settings.metrics_token
    if not token:
        raise NotFound
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise Unauthenticated
    text = write_metrics()
    try:
        text += services().gauges.read(_write_gauges)
    except SQLAlchemyError:
        db.session.rollback()
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _write_gauges() -> bytes:
    session, now, made = db.session(), datetime.now(UTC), services()
    parts = read_parts(now)
    return exposition.write_gauges(
        ServiceState(
            session=session,
            now=now,
            scoring=made.scoring,
            parts=parts,
            sites=sites.list_names(session),
        )
    )
