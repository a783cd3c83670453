"""A key that every reader of a page can copy reads, changes, and erases nothing.

In March 2026, 39 documentation sites, Home Assistant's and KEDA's among them, were
found to ship an Algolia admin key in their pages where a search key was meant: anyone
could have changed and deleted what the site had stored (B. Zimmermann, "I found 39
Algolia admin keys exposed across open source documentation sites"). So here a key for
pages can't have those scopes, and a page can't use them with any key.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation.database import db, start_writing
from moderation.learning import examples
from moderation.sites import keys
from moderation.sites.keys import KeyScope, KeySettings
from moderation.tables.comments import Comment
from moderation.tables.objections import Report
from moderation.web.services import services_of
from tests.builders import Answer, Caller, Newsroom, comment, speak
from tests.protocols.test_akismet import check
from tests.refusals import assert_refused, on_sqlite

COMMENTS = "/api/v1/comments"
ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
ARTICLE = "/api/v1/articles/https:%2F%2Fgazette.example%2Fbridge/comments"
PAGE = "https://gazette.example"
OTHER_PAGE = "https://evil.example"
BROWSER = frozenset({KeyScope.SCORE, KeyScope.REPORT})
TEXT = {"comment": {"text": "Hello."}, "requestedAttributes": {"TOXICITY": {}}}
SUGGESTION = {
    "comment": {"text": "Hello."},
    "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
}
REPORT = {"reason": "insult", "reporter": "reader-1"}


@pytest.fixture
def site(newsroom: Newsroom) -> Newsroom:
    speak(newsroom)
    return newsroom


def key_for(
    site: Newsroom, *origins: str, scopes: frozenset[KeyScope] = BROWSER
) -> str:
    session = db.session()
    start_writing(session)
    _, secret = keys.create_key(
        session,
        site.site_id,
        KeySettings(name="page", scopes=scopes, origins=origins),
        hash_keys=services_of(site.app).token_key,
        created_by=None,
        now=datetime.now(UTC),
    )
    session.commit()
    return secret


def call(
    site: Newsroom, method: str, path: str, key: str, origin: str | None, **more: Any
) -> Answer:
    headers = {"Origin": origin} if origin else {}
    caller = Caller(site.app.test_client(), key)
    return caller.call(method, path, headers=headers, **more)


def ask_before(site: Newsroom, path: str, origin: str) -> Answer:
    """Send a preflight request: browsers send no header with a key in one."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    db.session.remove()
    response = site.app.test_client().options(path, headers=headers)
    db.session.remove()
    return Answer(
        status_code=response.status_code,
        json=None,
        text=response.get_data(as_text=True),
        headers=response.headers,
    )


def is_let_in(answer: Answer, origin: str) -> bool:
    return answer.headers.get("Access-Control-Allow-Origin") == origin


#: Calls that read, change, or erase, or send in a reader's name.
FORBIDDEN = [
    ("POST", COMMENTS),
    ("POST", f"{COMMENTS}/batch"),
    ("GET", f"{COMMENTS}/ID"),
    ("PATCH", f"{COMMENTS}/ID"),
    ("DELETE", f"{COMMENTS}/ID"),
    ("GET", f"{COMMENTS}/ID/appeal"),
    ("POST", f"{COMMENTS}/ID/appeal"),
]


@pytest.mark.parametrize(
    ("is_browser_key", "origin"),
    [(True, PAGE), (True, OTHER_PAGE), (True, None), (False, PAGE), (False, "null")],
)
def test_a_page_cannot_read_change_or_erase(
    site: Newsroom, session: Session, is_browser_key: bool, origin: str | None
) -> None:
    sent = site.send(body="As it was.")
    key = key_for(site, PAGE) if is_browser_key else site.key
    for method, path in FORBIDDEN:
        body: dict[str, str] | None = {} if method != "GET" else None
        answer = call(
            site, method, path.replace("ID", sent["id"]), key, origin, json=body
        )
        assert_refused(answer, 403)
        assert answer.json["code"] in {"scope_missing", "origin_refused"}
    for path in ("comment-check", "submit-spam", "submit-ham", "get-stats"):
        fields = {"api_key": key, "blog": PAGE, "user_ip": "", "guid": sent["id"]}
        answer = call(site, "POST", f"/1.1/{path}", key, origin, data=fields)
        assert answer.text == "invalid"
    session.rollback()
    stored = session.scalars(sa.select(Comment)).one()
    assert (stored.body, stored.status) == ("As it was.", "approved")


@pytest.mark.parametrize("is_browser_key", [True, False])
def test_a_page_cannot_train_the_model(
    site: Newsroom, session: Session, is_browser_key: bool
) -> None:
    key = key_for(site, PAGE) if is_browser_key else site.key
    answer = call(site, "POST", SUGGEST, key, PAGE, json=SUGGESTION)
    assert answer.status_code == 403
    assert answer.json["error"]["details"][0]["reason"] == "API_KEY_SERVICE_BLOCKED"
    assert list(examples.read_examples(session, site.site_id, LABELS)) == []


def test_a_page_of_the_key_scores_and_reports(site: Newsroom) -> None:
    sent, key = site.send(), key_for(site, PAGE)
    for path, body in [
        (ANALYZE, TEXT),
        (f"{COMMENTS}/{sent['id']}/reports", REPORT),
    ]:
        assert is_let_in(ask_before(site, path, PAGE), PAGE)
        assert not is_let_in(ask_before(site, path, OTHER_PAGE), OTHER_PAGE)
        answer = call(site, "POST", path, key, PAGE, json=body)
        assert answer.status_code in {200, 201}, answer.text
        assert is_let_in(answer, PAGE)
        refused = call(site, "POST", path, key, OTHER_PAGE, json=body)
        assert refused.status_code == 403
        assert not is_let_in(refused, OTHER_PAGE)


@on_sqlite
def test_a_preflight_opens_only_what_pages_may_call(site: Newsroom) -> None:
    sent = site.send()
    key_for(site, PAGE)
    for path in (
        COMMENTS,
        f"{COMMENTS}/{sent['id']}",
        f"{COMMENTS}/{sent['id']}/appeal",
        SUGGEST,
    ):
        assert not is_let_in(ask_before(site, path, PAGE), PAGE), path


def test_a_page_of_another_site_is_let_in_by_no_key_but_its_own(
    site: Newsroom, other_newsroom: Newsroom
) -> None:
    """The preflight can't tell the keys apart; the request itself does."""
    speak(other_newsroom)
    theirs, ours = key_for(other_newsroom, OTHER_PAGE), key_for(site, PAGE)
    assert is_let_in(ask_before(site, ANALYZE, OTHER_PAGE), OTHER_PAGE)
    answer = call(site, "POST", ANALYZE, ours, OTHER_PAGE, json=TEXT)
    assert answer.status_code == 403
    assert not is_let_in(answer, OTHER_PAGE)
    answer = call(site, "POST", ANALYZE, theirs, OTHER_PAGE, json=TEXT)
    assert answer.status_code == 200


def test_one_reader_of_a_page_is_one_reporter(site: Newsroom, session: Session) -> None:
    """Also under invented names: reports of many would hide any comment."""
    sent, key = site.send(), key_for(site, PAGE)
    path = f"{COMMENTS}/{sent['id']}/reports"
    statuses = [
        call(site, "POST", path, key, PAGE, json={**REPORT, "reporter": name})
        for name in ("reader-1", "reader-2", "reader-3")
    ]
    assert [answer.status_code for answer in statuses] == [201, 200, 200]
    assert len(session.scalars(sa.select(Report)).all()) == 1


def test_origins_of_a_site_let_older_keys_score_alone(site: Newsroom) -> None:
    speak(site, origins=(PAGE,))
    sent = site.send()
    answer = call(site, "POST", ANALYZE, site.key, PAGE, json=TEXT)
    assert (answer.status_code, is_let_in(answer, PAGE)) == (200, True)
    path = f"{COMMENTS}/{sent['id']}/reports"
    answer = call(site, "POST", path, site.key, PAGE, json=REPORT)
    assert not is_let_in(answer, PAGE)
    server_key = key_for(site, scopes=frozenset({KeyScope.SCORE}))
    answer = call(site, "POST", ANALYZE, server_key, PAGE, json=TEXT)
    assert not is_let_in(answer, PAGE)


@on_sqlite
def test_our_own_pages_are_no_browser_of_others(site: Newsroom) -> None:
    """The page that shows the API sends its own origin with what one tries there."""
    answer = call(site, "POST", COMMENTS, site.key, "http://localhost", json=comment())
    assert answer.status_code == 201


def test_a_recheck_cannot_rewrite_without_the_scope(
    site: Newsroom, session: Session
) -> None:
    guid = check(site).headers["X-akismet-guid"]
    submitting = key_for(site, scopes=frozenset({KeyScope.SUBMIT}))
    answer = check(site, api_key=submitting, guid=guid, comment_content="Rewritten.")
    assert answer.get_data(as_text=True) == "invalid"
    session.rollback()
    assert session.scalars(sa.select(Comment.body)).one() != "Rewritten."
    check(site, guid=guid, comment_content="Rewritten.")
    session.rollback()
    assert session.scalars(sa.select(Comment.body)).one() == "Rewritten."


@on_sqlite
def test_our_own_api_reads_no_key_from_a_query(site: Newsroom) -> None:
    for name in ("key", "api_key", "access_token"):
        db.session.remove()
        answer = site.app.test_client().get(f"{ARTICLE}?{name}={site.key}")
        assert answer.status_code == 401
        assert site.key not in answer.get_data(as_text=True)
