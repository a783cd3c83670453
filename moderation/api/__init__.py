"""The service's own REST API, with its document and a page to browse it."""

from __future__ import annotations

from flask import Flask, Response

from moderation.api import (
    alarms,
    articles,
    campaigns,
    comments,
    desk,
    health,
    jobs,
    models,
    objections,
    policies,
    queue,
    reference,
    remarks,
    rules,
    saved_views,
    session,
    shadow,
    team,
    triage,
    webhooks,
    whatif,
)
from moderation.api.documenting import DocumentedApi
from moderation.api.errors import init_errors
from moderation.api.limits import init_limits
from moderation.config import Settings

BLUEPRINTS = (
    comments.bp,
    objections.bp,
    articles.bp,
    session.bp,
    queue.bp,
    desk.bp,
    remarks.bp,
    team.bp,
    saved_views.bp,
    triage.bp,
    campaigns.bp,
    policies.bp,
    rules.bp,
    models.bp,
    jobs.bp,
    shadow.bp,
    whatif.bp,
    alarms.bp,
    webhooks.bp,
    health.bp,
)


def init_api(app: Flask, settings: Settings) -> None:
    """Register the API with an app."""
    init_limits(app, settings.rate_limit_storage)
    documented = DocumentedApi(app)
    for bp in BLUEPRINTS:
        documented.register_blueprint(bp)
    app.register_blueprint(reference.bp)
    init_errors(app)
    app.after_request(_harden)


def _harden(response: Response) -> Response:
    """Let browsers neither guess at, run, frame nor keep what the API answers."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault(
        "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"
    )
    response.headers.setdefault("Cache-Control", "no-store")
    return response
