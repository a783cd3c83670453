"""Bodies of the compatibility APIs: the protocol's own answer, never a fault.

Based on CVE-2023-25577 (Werkzeug: a form of very many parts took all memory) and on
UTF-7, in which script once passed the filters of large sites: what a client says of its
encoding is not believed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.database import db
from tests.builders import Newsroom, speak
from tests.protocols.test_coral import SECRET, keep
from tests.refusals import on_sqlite

EXAMPLES = 40
bounded = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

# Half characters too: JSON can say them.
texts = st.text(st.characters(), max_size=40)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=8,
)


def shaped(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects with some of these fields, holding anything."""
    fields = dict.fromkeys(names, anything)
    return st.fixed_dictionaries({}, optional=fields)


@pytest.fixture
def site(newsroom: Newsroom) -> Newsroom:
    speak(newsroom)
    keep(newsroom, SECRET)
    return newsroom


def send(site: Newsroom, path: str, data: bytes, **headers: str) -> Any:
    db.session.remove()
    kind = headers.pop("kind", "application/json")
    headers["Authorization"] = f"Bearer {site.key}"
    client = site.app.test_client()
    return client.post(path, data=data, content_type=kind, headers=headers)


@on_sqlite
def test_perspective_answers_anything_in_googles_shape(site: Newsroom) -> None:
    names = (
        "comment",
        "requestedAttributes",
        "attributeScores",
        "languages",
        "context",
    )

    @bounded
    @given(
        shaped(*names, "clientToken", "spanAnnotations", "doNotStore"),
        st.sampled_from(["analyze", "suggestscore"]),
        st.booleans(),
    )
    def check(body: dict[str, Any], call: str, is_filled: bool) -> None:
        if is_filled:
            body = {
                "comment": {"text": "A text."},
                "requestedAttributes": {"TOXICITY": {}},
                "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
                **body,
            }
        path = f"/v1alpha1/comments:{call}"
        answer = send(site, path, json.dumps(body).encode())
        assert answer.status_code in {200, 400}, answer.text
        assert answer.status_code == 200 or answer.json["error"]["status"]

    check()


@on_sqlite
def test_openai_answers_anything_in_its_shape(site: Newsroom) -> None:
    @bounded
    @given(shaped("input", "model"))
    def check(body: dict[str, Any]) -> None:
        answer = send(site, "/v1/moderations", json.dumps(body).encode())
        assert answer.status_code in {200, 400}, answer.text
        assert answer.status_code == 200 or answer.json["error"]["type"]

    check()


@on_sqlite
def test_coral_is_answered_whatever_it_signs(site: Newsroom) -> None:
    @bounded
    @given(shaped("action", "comment", "author", "story"), st.booleans())
    def check(body: dict[str, Any], is_filled: bool) -> None:
        if is_filled:
            body = {"action": "NEW", "comment": {"body": "A text."}, **body}
        data = json.dumps(body).encode()
        right = hmac.new(SECRET.encode(), data, hashlib.sha256).hexdigest()
        headers = {"X-Coral-Signature": f"sha256={right}"}
        answer = send(site, "/coral/gazette/comments", data, **headers)
        assert answer.status_code in {200, 204, 400}, answer.text

    check()


@on_sqlite
def test_akismet_says_one_of_its_words(site: Newsroom) -> None:
    names = st.sampled_from(
        [
            "comment_content",
            "comment_author",
            "comment_author_email",
            "comment_author_url",
            "comment_date_gmt",
            "permalink",
            "user_ip",
            "user_agent",
            "user_id",
            "user_role",
            "guid",
            "is_test",
            "callback",
            "honeypot_field_name",
            "blog_charset",
        ]
    )
    calls = st.sampled_from(["comment-check", "submit-spam", "submit-ham"])

    @bounded
    @given(st.dictionaries(names, texts, max_size=8), calls)
    def check(fields: dict[str, str], call: str) -> None:
        sent = {
            "api_key": site.key,
            "blog": "http://b.example",
            "user_ip": "",
            **fields,
        }
        answer = send(site, f"/1.1/{call}", json.dumps(sent).encode())
        words = {"true", "false", "invalid"}
        if call != "comment-check":
            words = {"Thanks for making the web a better place.", "invalid"}
        assert answer.status_code == 200, answer.text
        assert answer.text in words

    check()


@on_sqlite
@pytest.mark.parametrize(
    "path",
    [
        "/1.1/comment-check",
        "/1.1/verify-key",
        "/v1alpha1/comments:analyze",
        "/v1/moderations",
        "/contentmoderator/moderate/v1.0/ProcessText/Screen?classify=1&PII=1",
    ],
)
def test_raw_bytes_are_no_fault(site: Newsroom, path: str) -> None:
    @bounded
    @given(
        st.binary(max_size=60),
        st.sampled_from(
            [
                "application/json",
                "application/x-www-form-urlencoded; charset=utf-7",
                "multipart/form-data; boundary=x",
                "charset=utf-8",
                "text/plain",
                "text/html; charset=utf-16",
            ]
        ),
    )
    def check(data: bytes, kind: str) -> None:
        answer = send(site, path, data, kind=kind)
        assert answer.status_code < 500, answer.text

    check()
