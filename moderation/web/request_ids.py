"""An ID for each request: the proxy's, or a new one; in every log line and answer."""

from __future__ import annotations

import logging
import re
import secrets
import time

from flask import Flask, Response, g, request

from moderation import logs
from moderation.metrics.counters import NO_ENDPOINT

logger = logging.getLogger("moderation.access")

HEADER = "X-Request-ID"
#: What is taken from outside: nothing that breaks a log line, or is long.
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
ID_BYTES = 12


def init_request_ids(app: Flask, *, is_logged: bool) -> None:
    """Give each request an ID.

    Parameters
    ----------
    is_logged
        Log each request: its route, not its path, which could name a person or hold
        a token; no address, no name.
    """

    def start() -> None:
        given = request.headers.get(HEADER, "")
        is_accepted = ACCEPTED.fullmatch(given) is not None
        logs.request_id.set(given if is_accepted else secrets.token_hex(ID_BYTES))
        g.request_begun = time.perf_counter()

    def end(response: Response) -> Response:
        response.headers[HEADER] = logs.request_id.get()
        if is_logged:
            seconds = time.perf_counter() - g.get("request_begun", time.perf_counter())
            fields = {
                "method": request.method,
                "endpoint": request.endpoint or NO_ENDPOINT,
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1),
            }
            logger.info("request", extra={"fields": fields})
        return response

    def forget(_: BaseException | None) -> None:
        logs.request_id.set("")

    app.before_request(start)
    app.after_request(end)
    app.teardown_request(forget)
