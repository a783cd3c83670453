"""Register the routes of the REST API, its document, and a page to browse it."""

from __future__ import annotations

from flask import Flask, Response, request

from moderation.api import (
    account,
    article_addresses,
    articles,
    audit,
    authors,
    backtest,
    brakes,
    bulk,
    campaigns,
    cards,
    comment_list,
    comments,
    desk,
    disputes,
    drift_alerts,
    escalations,
    exports,
    health,
    imports,
    insights,
    integrations,
    jobs,
    keys,
    learning,
    legal,
    misuse,
    models,
    notes,
    notices,
    notifications,
    nudges,
    objections,
    openness,
    overview,
    persons,
    policies,
    publication,
    queue,
    reference,
    rehearsal,
    retention,
    review,
    rules,
    saved_views,
    score_histogram,
    scores,
    session,
    shadow,
    site_notifications,
    sites,
    staff,
    system,
    team,
    threads,
    transparency,
    webhooks,
    what_if,
)
from moderation.web.errors import init_errors
from moderation.web.openapi import DocumentedApi

BLUEPRINTS = (
    comments.bp,
    comment_list.bp,
    objections.bp,
    articles.bp,
    session.bp,
    account.bp,
    sites.bp,
    article_addresses.bp,
    staff.bp,
    system.bp,
    queue.bp,
    review.bp,
    threads.bp,
    cards.bp,
    desk.bp,
    notes.bp,
    authors.bp,
    escalations.bp,
    team.bp,
    overview.bp,
    insights.bp,
    transparency.bp,
    publication.bp,
    saved_views.bp,
    exports.bp,
    score_histogram.bp,
    scores.bp,
    nudges.bp,
    bulk.bp,
    campaigns.bp,
    brakes.bp,
    policies.bp,
    openness.bp,
    legal.bp,
    notices.bp,
    misuse.bp,
    disputes.bp,
    rules.bp,
    backtest.bp,
    learning.bp,
    models.bp,
    jobs.bp,
    imports.bp,
    shadow.bp,
    what_if.bp,
    rehearsal.bp,
    drift_alerts.bp,
    webhooks.bp,
    notifications.bp,
    site_notifications.bp,
    audit.bp,
    persons.bp,
    retention.bp,
    keys.bp,
    integrations.bp,
    health.bp,
)

#: For a year a browser takes no other way to this host. Whether its subdomains have
#: https, this service can't know.
HTTPS_LASTS = "max-age=31536000"


def init_api(app: Flask) -> None:
    """Register the API with an app."""
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
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HTTPS_LASTS)
    return response
