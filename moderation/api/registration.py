"""Which routes the REST API has, with its document and a page to browse it."""

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
    drift_alerts,
    escalations,
    exports,
    health,
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
    objections,
    openness,
    overview,
    persons,
    policies,
    queue,
    reference,
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
    saved_views.bp,
    exports.bp,
    score_histogram.bp,
    scores.bp,
    bulk.bp,
    campaigns.bp,
    brakes.bp,
    policies.bp,
    openness.bp,
    legal.bp,
    notices.bp,
    misuse.bp,
    rules.bp,
    backtest.bp,
    learning.bp,
    models.bp,
    jobs.bp,
    shadow.bp,
    what_if.bp,
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
