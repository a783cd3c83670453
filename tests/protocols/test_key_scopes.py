"""What a key with one scope opens over each protocol, and how the rest is refused."""

from __future__ import annotations

import socket
from typing import Any

import akismet
import httpx
import openai
import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from moderation.sites.keys import KeyScope
from tests.builders import Newsroom, speak
from tests.protocols.conftest import Live, scoped_key
from tests.protocols.test_akismet import WORDPRESS, call
from tests.protocols.test_real_clients import BLOG, ToUs, sent

ANALYSIS = {"comment": {"text": "Hi."}, "requestedAttributes": {"TOXICITY": {}}}
SUGGESTION = {
    "comment": {"text": "Hi."},
    "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}},
}
ACCOUNT_CALLS = [
    "1.1/get-subscription",
    "1.1/get-stats",
    "1.1/deactivate",
    "1.2/usage-limit",
    "1.2/key-sites",
]


@pytest.fixture
def site(newsroom: Newsroom) -> Newsroom:
    speak(newsroom)
    return newsroom


def akismet_text(site: Newsroom, operation: str, key: str) -> tuple[str, str | None]:
    fields = {**WORDPRESS, "api_key": key}
    answer = call(site.app, f"/{operation}", fields)
    return answer.get_data(as_text=True), answer.headers.get("X-akismet-debug-help")


@pytest.mark.parametrize("scope", KeyScope)
def test_akismets_calls_need_their_scopes(site: Newsroom, scope: KeyScope) -> None:
    key = scoped_key(site, scope)
    needed = dict.fromkeys(["1.1/comment-check", *ACCOUNT_CALLS], KeyScope.SUBMIT)
    needed |= dict.fromkeys(["1.1/submit-spam", "1.1/submit-ham"], KeyScope.MANAGE)
    for operation, needs in needed.items():
        text, reason = akismet_text(site, operation, key)
        if needs is scope:
            assert text != "invalid", operation
        else:
            assert (text, reason) == ("invalid", f"This key lacks the scope {needs}.")


@pytest.mark.parametrize("scope", KeyScope)
def test_akismet_takes_a_key_that_can_send(site: Newsroom, scope: KeyScope) -> None:
    key = scoped_key(site, scope)
    fields = {"key": key, "blog": BLOG}
    answer = call(site.app, "/1.1/verify-key", fields)
    is_taken = scope is KeyScope.SUBMIT
    assert answer.get_data(as_text=True) == ("valid" if is_taken else "invalid")
    reason = None if is_taken else "This key lacks the scope submit."
    assert answer.headers.get("X-akismet-debug-help") == reason


@pytest.mark.parametrize("scope", KeyScope)
def test_googles_client_is_refused_in_googles_shape(live: Live, scope: str) -> None:
    client = build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=live.scoped[scope],
        discoveryServiceUrl=f"{live.url}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    )
    comments = client.comments()
    for request, needed in [
        (comments.analyze(body=ANALYSIS), "score"),
        (comments.suggestscore(body=SUGGESTION), "report"),
    ]:
        if scope == needed:
            request.execute()
            continue
        with pytest.raises(HttpError, match=f"lacks the scope {needed}") as refused:
            request.execute()
        assert refused.value.status_code == 403
        (detail,) = refused.value.error_details
        assert detail["reason"] == "API_KEY_SERVICE_BLOCKED"
    client.close()


@pytest.mark.parametrize("scope", KeyScope)
def test_openais_client_is_refused_in_openais_shape(live: Live, scope: str) -> None:
    with openai.OpenAI(
        api_key=live.scoped[scope], base_url=f"{live.url}/v1", max_retries=0
    ) as client:
        if scope == "score":
            assert client.moderations.create(input="Hi.").results
            return
        with pytest.raises(openai.AuthenticationError, match="scope score") as refused:
            client.moderations.create(input="Hi.")
        assert refused.value.code == "missing_scope"


def test_akismets_client_checks_with_a_key_that_can_send_alone(
    live: Live, text: str
) -> None:
    config = akismet.Config(key=live.scoped["submit"], url=BLOG)
    with (
        httpx.Client(transport=ToUs(live), timeout=20) as http,
        akismet.SyncClient.validated_client(config, http) as client,
    ):
        found = client.comment_check("198.51.100.7", **sent(text))
        assert found is akismet.CheckResponse.HAM
        with pytest.raises(akismet.APIKeyError):
            client.submit_spam("198.51.100.7", **sent(text))


def test_no_log_holds_a_key(live: Live, text: str) -> None:
    """Clients put keys into queries, paths, and headers; not all have a choice."""
    key = live.keys["approve"]
    bearer = {"Authorization": f"Bearer {key}"}
    google = {"X-Goog-Api-Key": key}
    page = {"Referer": f"{live.url}/?key={key}"}
    fields = {"blog": BLOG, "user_ip": "198.51.100.7", "comment_content": text}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"/v1alpha1/comments:analyze?key={key}", {"json": ANALYSIS}),
        ("POST", "/v1alpha1/comments:analyze", {"json": ANALYSIS, "headers": google}),
        ("POST", f"/v1alpha1/nothing?alt=json&key={key}", {}),
        ("GET", f"/1.2/key-sites?api_key={key}", {}),
        ("POST", f"/akismet/{key}/1.1/comment-check", {"data": fields}),
        ("POST", f"/akismet/{key}?op=.rest.akismet.com/1.1/nothing", {}),
        ("POST", "/v1/moderations", {"json": {"input": "Hi."}, "headers": bearer}),
        ("GET", f"/api/v1/articles/a/comments?key={key}", {"headers": bearer}),
        ("GET", "/healthz", {"headers": page}),
    ]
    with httpx.Client(base_url=live.url, timeout=20) as client:
        for method, path, more in calls:
            client.request(method, path, **more)
    with socket.create_connection(("127.0.0.1", live.port)) as broken:
        broken.sendall(f"GE(T /v1alpha1/comments:analyze?key={key}\r\n\r\n".encode())
        assert broken.recv(64)  # refused, and logged as it came
    accesses, errors = (path.read_text() for path in live.logs)
    assert key not in accesses
    assert key not in errors
    for line in (
        "POST /v1alpha1/comments:analyze?- HTTP/1.1",
        "POST /akismet/-/1.1/comment-check HTTP/1.1",
        "GET /1.2/key-sites?- HTTP/1.1",
    ):
        assert line in accesses
