"""Counts requests and their time, by route."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from moderation.metrics.counters import NO_ENDPOINT, REQUEST_SECONDS, REQUESTS


def init_metrics(app: Flask) -> None:
    """Count each request of an app."""
    app.before_request(_start)
    app.after_request(_count)


def _start() -> None:
    g.request_started = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or NO_ENDPOINT
    REQUESTS.labels(endpoint, f"{response.status_code // 100}xx").inc()
    started = g.pop("request_started", None)
    if started is not None:
        REQUEST_SECONDS.labels(endpoint).observe(time.perf_counter() - started)
    return response
