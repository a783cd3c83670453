"""Sends one request to a site: out of our network, to no one else's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from moderation.webhooks.attempts import AttemptResult, DeliveryAttempt
from moderation.webhooks.guarded import open_guarded

TIMEOUT_SECONDS = (5, 15)  # to connect, to wait for the next bytes of an answer
WHOLE_SECONDS = 30.0  # a whole attempt: who sends drop by drop is cut off
TAKEN = range(200, 300)  # HTTP: nothing else is a yes, a redirect least of all
USER_AGENT = "comment-moderation-webhooks/1"
TOO_LATE = "Timeout"  # as requests names its time-outs
UNSIGNED = "the secret can't be read: its key is gone"


def send(url: str, networks: Sequence[str], **body: Any) -> AttemptResult:
    """Post something to a site; return its result.

    The address is resolved once, refused if it lies in a private or special network
    that is not among `networks`, and connected to as resolved, so that no second
    answer of the DNS leads elsewhere. Redirects are not followed. The whole takes
    `WHOLE_SECONDS` at most, and the time to resolve the name. Plain `http` is for the
    addresses in `networks` alone.
    """
    import requests  # slow to import: the worker only
    from AntiSSRF import AntiSSRFError

    from moderation.webhooks.deadline import RequestDeadline

    deadline: RequestDeadline | None = None
    try:
        with (
            open_guarded(networks, is_plain=url.startswith("http://")) as http,
            RequestDeadline(http, WHOLE_SECONDS) as deadline,
        ):
            response = http.post(
                url,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,  # the body is of no interest, however long
                **body,
            )
            response.close()
    except AntiSSRFError:
        return AttemptResult(fault="refused: not an address that may be reached")
    except (requests.RequestException, OSError, ValueError) as error:
        is_late = deadline is not None and deadline.is_over
        return AttemptResult(fault=TOO_LATE if is_late else type(error).__name__)
    if deadline.is_over:  # `http.client` takes headers that were cut off for whole
        return AttemptResult(fault=TOO_LATE)
    status = response.status_code
    return AttemptResult(status=status, fault=None if status in TAKEN else f"{status}")


def send_signed(attempt: DeliveryAttempt, networks: Sequence[str]) -> AttemptResult:
    """Send an event with a signature by each of its webhook's secrets."""
    if not attempt.secrets:
        return AttemptResult(fault=UNSIGNED)
    return post_signed(
        attempt.url,
        networks,
        event_id=attempt.event_id,
        secrets=attempt.secrets,
        body=attempt.body,
        at=attempt.at,
    )


def post_signed(
    url: str,
    networks: Sequence[str],
    *,
    event_id: str,
    secrets: Sequence[str],
    body: str,
    at: datetime,
) -> AttemptResult:
    """Post a JSON body with a signature of Standard Webhooks by each secret."""
    from standardwebhooks import Webhook

    signatures = [Webhook(secret).sign(event_id, at, body) for secret in secrets]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": event_id,
        "webhook-timestamp": f"{int(at.timestamp())}",
        "webhook-signature": " ".join(signatures),
    }
    return send(url, networks, data=body.encode(), headers=headers)
