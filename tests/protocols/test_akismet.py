"""Akismet 1.1 and 1.2: verdicts, reports, figures, and where the key may stand."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.database import db
from moderation.learning import examples
from moderation.policy.thresholds import Moderation
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from tests.builders import (
    ALL_HELD,
    ALL_REJECTED,
    NOTHING_HELD,
    DeafScorer,
    Newsroom,
    open_newsroom,
    replace_default_scorer,
    replace_services,
    speak,
)
from tests.concurrency.test_concurrency import at_once
from tests.refusals import on_sqlite

THANKS = "Thanks for making the web a better place."
RECHECK = "X-akismet-recheck-after"
TIP = "X-akismet-pro-tip"

# As the plugin of WordPress really sends it (its version 5.0.2 on WordPress 6.1.9).
WORDPRESS = {
    "comment_post_ID": "1",
    "comment_author": "Anna",
    "comment_author_email": "anna@mail.example",
    "comment_author_url": "",
    "comment_content": "Thank you for the timetable of the ferry.",
    "comment_type": "comment",
    "comment_parent": "0",
    "user_id": "0",
    "user_ID": "0",
    "comment_author_IP": "198.51.100.7",
    "comment_agent": "Mozilla/5.0",
    "user_ip": "198.51.100.7",
    "user_agent": "Mozilla/5.0",
    "referrer": "http://blog.example/?p=1",
    "blog": "http://blog.example",
    "blog_lang": "en_US",
    "blog_charset": "UTF-8",
    "permalink": "http://blog.example/?p=1",
    "akismet_comment_nonce": "failed",
    "POST_author": "Anna",
    "POST_email": "anna@mail.example",
    "POST_comment": "Thank you for the timetable of the ferry.",
    "REQUEST_URI": "/wp-comments-post.php",
    "REMOTE_ADDR": "198.51.100.7",
    "HTTP_HOST": "blog.example",
    "HTTP_COOKIE": "wordpress_secret=Xylophoneconcerto",
    "comment_post_modified_gmt": "2026-11-23 18:39:32",
}


@pytest.fixture
def site(newsroom: Newsroom) -> Newsroom:
    speak(newsroom)
    return newsroom


def call(app: Flask, path: str, fields: dict[str, Any], **kwargs: Any) -> Any:
    db.session.remove()
    answer = app.test_client().post(path, data=fields, **kwargs)
    db.session.remove()
    return answer


def check(site: Newsroom, operation: str = "comment-check", **fields: Any) -> Any:
    """Call with the key as a field; `None` leaves a field out."""
    sent = {**WORDPRESS, "api_key": site.key, **fields}
    sent = {name: value for name, value in sent.items() if value is not None}
    return call(site.app, f"/1.1/{operation}", sent)


def stored(session: Session) -> list[Comment]:
    session.rollback()
    return list(session.scalars(sa.select(Comment).order_by(Comment.id)))


VERDICTS = [
    (NOTHING_HELD, "false", "approved", False),
    (ALL_HELD, "false", "pending", True),
    (ALL_REJECTED, "true", "rejected", False),
]


@pytest.mark.parametrize(("thresholds", "body", "status", "is_provisional"), VERDICTS)
def test_a_check_becomes_a_comment_and_its_verdict_the_answer(
    site: Newsroom,
    session: Session,
    thresholds: Any,
    body: str,
    status: str,
    is_provisional: bool,
) -> None:
    site.set_policy(thresholds)
    answer = check(site)
    assert answer.status_code == 200
    assert answer.data == body.encode()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert (RECHECK in answer.headers) is is_provisional
    assert TIP not in answer.headers
    assert "X-akismet-debug-help" not in answer.headers
    (comment,) = stored(session)
    assert comment.status == status
    assert answer.headers["X-akismet-guid"] == identifiers.encode(comment.id)
    assert comment.author_name == "Anna"
    assert comment.email_encrypted
    article = session.get_one(Article, comment.article_id)
    assert article.reference == "http://blog.example/?p=1"


def test_moderators_see_what_came_in_and_wordpress_hears_of_their_decision(
    site: Newsroom,
) -> None:
    site.set_policy(ALL_HELD)
    guid = check(site).headers["X-akismet-guid"]
    (waiting,) = site.as_staff().get("/api/v1/queue").json["comments"]
    assert waiting["id"] == guid
    body = {"verdict": "reject", "version": 1, "reasons": ["spam"]}
    path = f"/api/v1/comments/{guid}/decisions"
    assert site.as_staff().post(path, body).status_code == 201
    for fields in ({"guid": guid}, {"recheck_reason": "recheck_queue"}):
        answer = check(site, **fields)
        assert answer.data == b"true"
        assert answer.headers["X-akismet-guid"] == guid


def test_an_edited_comment_is_judged_anew(site: Newsroom, session: Session) -> None:
    guid = check(site).headers["X-akismet-guid"]
    changed = "Another text about the ferry."
    answer = check(site, guid=guid, comment_content=changed, recheck_reason="edit")
    assert answer.headers["X-akismet-guid"] == guid
    (comment,) = stored(session)
    assert (comment.body, comment.revision) == (changed, 2)


def test_an_edit_of_what_was_reported_goes_to_a_person(
    site: Newsroom, session: Session
) -> None:
    guid = check(site).headers["X-akismet-guid"]
    check(site, "submit-ham", guid=guid)
    answer = check(site, guid=guid, comment_content="Changed.", recheck_reason="edit")
    assert (answer.data, RECHECK in answer.headers) == (b"false", True)
    assert stored(session)[0].status == "pending"


@pytest.mark.parametrize("with_guid", [True, False])
@pytest.mark.parametrize(
    ("operation", "status", "verdict", "taught"),
    [
        ("submit-spam", "rejected", "reject", {"spam": True}),
        ("submit-ham", "approved", "approve", {"spam": False}),
    ],
)
def test_a_report_is_a_decision_with_its_source(
    site: Newsroom,
    session: Session,
    operation: str,
    status: str,
    verdict: str,
    taught: dict[str, bool],
    with_guid: bool,
) -> None:
    site.set_policy(ALL_HELD)
    guid = check(site).headers["X-akismet-guid"]
    more = {"guid": guid if with_guid else None, "reporter": "editor"}
    answer = check(site, operation, **more)
    assert (answer.status_code, answer.text) == (200, THANKS)
    (comment,) = stored(session)
    assert comment.status == status
    decision = session.scalars(sa.select(Decision).order_by(Decision.id)).all()[-1]
    assert (decision.source, decision.verdict) == ("akismet", verdict)
    (example,) = examples.read_examples(session, site.site_id, LABELS)
    assert example.labels == taught


def test_a_report_of_an_unseen_comment_stores_it(
    site: Newsroom, session: Session
) -> None:
    assert check(site, "submit-spam", blog=None, user_ip=None).text == THANKS
    (comment,) = stored(session)
    assert comment.status == "rejected"


def test_a_report_in_json_without_a_blog_is_taken(
    site: Newsroom, session: Session
) -> None:
    fields = {
        "api_key": site.key,
        "user_ip": "",
        "comment_content": "Buy now.",
        "permalink": "https://news.example/a",
        "is_test": False,
    }
    db.session.remove()
    answer = site.app.test_client().post("/1.1/submit-spam", json=fields)
    assert answer.text == THANKS
    assert len(stored(session)) == 1


def test_a_moderator_who_saw_the_earlier_version_is_told(site: Newsroom) -> None:
    site.set_policy(ALL_HELD)
    guid = check(site).headers["X-akismet-guid"]
    check(site, "submit-spam", guid=guid)
    path = f"/api/v1/comments/{guid}/decisions"
    body = {"verdict": "approve", "version": 1}
    assert site.as_staff().post(path, body).status_code == 409


TESTS = [
    ({"comment_author": "viagra-test-123"}, b"true"),
    ({"comment_author_email": "akismet-guaranteed-spam@example.com"}, b"true"),
    ({"user_role": "administrator"}, b"false"),
    ({"user_role": "editor,administrator"}, b"false"),
    ({"POST_ak_hp_textarea": "x"}, b"true"),
    ({"honeypot_field_name": "hp", "hp": "x"}, b"true"),
    ({"honeypot_field_name": "hp", "hp": ""}, b"false"),
    ({"akismet_api_honeypot_field": "x"}, b"true"),
]


@on_sqlite
@pytest.mark.parametrize("is_test", [None, "1"])
@pytest.mark.parametrize(("fields", "body"), TESTS)
def test_test_values_roles_and_hidden_fields_decide(
    site: Newsroom,
    session: Session,
    fields: dict[str, str],
    body: bytes,
    is_test: str | None,
) -> None:
    answer = check(site, **fields, is_test=is_test)
    assert answer.data == body
    assert RECHECK not in answer.headers
    assert answer.headers["X-akismet-guid"]
    assert len(stored(session)) == (0 if is_test else 1)


def test_what_a_blog_has_taken_is_held_where_comments_are_closed(
    site: Newsroom, session: Session
) -> None:
    site.set_policy(NOTHING_HELD, Moderation.CLOSED)
    assert check(site).data == b"false"
    (row,) = stored(session)
    assert (row.status, row.held_reason) == ("pending", "closed")


def test_an_administrator_is_published_under_any_policy(site: Newsroom) -> None:
    site.set_policy(ALL_REJECTED)
    assert check(site, user_role="administrator").data == b"false"


def test_discarding_is_for_sites_that_want_it(site: Newsroom) -> None:
    answer = check(site, POST_ak_hp_textarea="x")
    assert TIP not in answer.headers
    speak(site, discard=True)
    answer = check(site, POST_ak_hp_textarea="x", comment_content="Another.")
    assert answer.headers[TIP] == "discard"
    answer = check(site, test_discard="1", is_test="1")
    assert (answer.data, answer.headers[TIP]) == (b"true", "discard")


def test_what_waits_is_spam_to_clients_without_a_third_state(site: Newsroom) -> None:
    speak(site, review_as_spam=True)
    site.set_policy(ALL_HELD)
    answer = check(site)
    assert answer.data == b"true"
    assert RECHECK not in answer.headers


def test_a_failed_scoring_holds_the_comment(site: Newsroom, session: Session) -> None:
    replace_default_scorer(site.app, DeafScorer())
    for _ in range(2):
        answer = check(site)
        assert answer.status_code == 503
        assert answer.data not in {b"true", b"false"}
        assert answer.headers["X-akismet-debug-help"]
        assert answer.headers["X-akismet-error"]
    (comment,) = stored(session)
    assert comment.status == "pending"
    assert check(site, POST_ak_hp_textarea="x").status_code == 503
    assert check(site, is_test="1").status_code == 503


def test_a_failure_is_spam_to_clients_that_publish_at_an_error(site: Newsroom) -> None:
    speak(site, review_as_spam=True)
    replace_default_scorer(site.app, DeafScorer())
    assert check(site).data == b"true"
    replace_services(site.app, scoring=None)  # a fault of the service
    answer = check(site, comment_content="Another.")
    assert (answer.status_code, answer.data) == (200, b"true")
    assert TIP not in answer.headers


@on_sqlite
@pytest.mark.parametrize("name", ["blog", "user_ip"])
def test_a_missing_field_is_invalid(site: Newsroom, name: str) -> None:
    left_out: dict[str, Any] = {name: None}
    answer = check(site, **left_out)
    assert (answer.status_code, answer.data) == (200, b"invalid")
    assert f'Empty "{name}" value' in answer.headers["X-akismet-debug-help"]


def test_an_empty_machine_address_is_taken(site: Newsroom) -> None:
    assert check(site, user_ip="").data == b"false"


def test_a_key_is_verified(site: Newsroom) -> None:
    for fields, body in [
        ({"key": site.key}, b"valid"),
        ({"key": site.key.upper()}, b"valid"),
        ({"api_key": site.key}, b"valid"),
        ({"key": "a" * 12}, b"invalid"),
        ({"key": site.key, "api_key": "b" * 12}, b"valid"),
        ({"key": "b" * 12, "api_key": site.key}, b"invalid"),
        ({}, b"invalid"),
    ]:
        blog = {"blog": "http://blog.example"}
        answer = call(site.app, "/1.1/verify-key", {**fields, **blog})
        assert (answer.status_code, answer.data) == (200, body), fields


def test_the_key_is_read_from_every_place(site: Newsroom) -> None:
    paths = [
        (f"/1.1/comment-check?api_key={site.key}", "localhost"),
        ("/1.1/comment-check", f"{site.key}.rest.akismet.com"),
        (f"/akismet/{site.key}/1.1/comment-check", "localhost"),
        (f"/akismet/{site.key}?op=.rest.akismet.com/1.1/comment-check", "localhost"),
    ]
    for path, host in paths:
        answer = call(site.app, path, WORDPRESS, headers={"Host": host})
        assert answer.data == b"false", path
    keyed = {**WORDPRESS, "api_key": site.key}
    assert call(site.app, "/akismet/1.1/comment-check", keyed).data == b"false"


@on_sqlite
@pytest.mark.parametrize(
    "path",
    [
        "/1.1/comment-check",
        "/1.1/submit-spam",
        "/1.1/submit-ham",
        "/1.2/usage-limit",
        "/1.2/key-sites",
        "/1.1/get-stats",
        "/1.1/get-subscription",
        "/1.1/deactivate",
    ],
)
def test_without_a_good_key_every_call_is_invalid(
    site: Newsroom, newsroom: Newsroom, path: str
) -> None:
    for key in (None, "a" * 12, "short", "é" * 12):
        fields = {**WORDPRESS, "api_key": key} if key else WORDPRESS
        answer = call(site.app, path, fields)
        assert (answer.status_code, answer.data) == (200, b"invalid")
        assert "X-akismet-debug-help" in answer.headers
    speak(newsroom, protocols=frozenset())
    assert call(site.app, path, {"api_key": site.key}).data == b"invalid"


def test_an_unknown_call_is_none(site: Newsroom) -> None:
    for path in ("/1.1/nothing", "/1.2/comment-check"):
        answer = call(site.app, path, {"api_key": site.key})
        assert (answer.status_code, answer.data) == (404, b"invalid")
    assert site.app.test_client().get("/1.1/verify-key").status_code == 404


def test_the_account_calls_answer_what_wordpress_reads(site: Newsroom) -> None:
    site.set_policy(ALL_REJECTED)
    guid = check(site).headers["X-akismet-guid"]
    check(site, "submit-ham", guid=guid)
    key = {"api_key": site.key, "key": site.key}
    subscription = call(site.app, "/1.1/get-subscription", key).json
    assert subscription["status"] == "active"
    assert subscription["next_billing_date"] is False
    stats = call(site.app, "/1.1/get-stats", {**key, "from": "6-months"}).json
    assert (stats["spam"], stats["ham"], stats["false_positives"]) == (1, 0, 1)
    assert list(stats["breakdown"])
    assert call(site.app, "/1.1/deactivate", {"key": site.key}).text == "deactivated"
    assert check(site).status_code == 200


def test_usage_and_sites_are_told(site: Newsroom) -> None:
    check(site)
    query = f"?api_key={site.key}"
    client = site.app.test_client()
    used = client.get(f"/1.2/usage-limit{query}").json
    assert used == {
        "limit": "none",
        "usage": 1,
        "percentage": "0.00",
        "throttled": False,
    }
    found = client.get(f"/1.2/key-sites{query}").json
    assert found is not None
    (rows,) = [value for value in found.values() if isinstance(value, list)]
    assert rows == [
        {
            "site": "blog.example",
            "api_calls": "1",
            "spam": "0",
            "ham": "1",
            "missed_spam": "0",
            "false_positives": "0",
            "is_revoked": False,
        }
    ]
    assert (found["limit"], found["offset"], found["total"]) == (500, 0, 1)
    text = client.get(f"/1.2/key-sites{query}&format=csv&order=spam").text
    assert text.startswith("Active sites for ")
    assert "blog.example,1,0,1" in text
    for bad in ("month=x", "month=9999-12", "order=x", "limit=-1", "offset=x"):
        assert client.get(f"/1.2/key-sites{query}&{bad}").text == "invalid"


def test_too_many_checks_are_no_verdict(make_app: Any) -> None:
    app = make_app(MODERATION_COMPAT_LIMIT="1 per minute")
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        speak(newsroom)
        assert check(newsroom).data == b"false"
        answer = check(newsroom)
        assert (answer.status_code, answer.data) == (429, b"invalid")
        assert answer.headers["Retry-After"]
        assert answer.headers["X-akismet-alert-code"] == "10009"


HOSTILE = [
    {"comment_content": "\x00\x1b a\r\nb"},
    {"comment_content": ""},
    {"comment_author": "", "comment_author_email": "", "comment_author_url": ""},
    {"comment_author": "jo@mail.example", "permalink": "mailto:jo@mail.example"},
    {"comment_author_url": "javascript:alert(1)", "user_ip": "nowhere"},
    {"comment_author_email": "no address", "comment_date_gmt": "9999-12-31"},
    {"comment_date_gmt": "0001-01-01T00:00:00+14:00", "user_id": "jo@mail.example"},
    {"comment_author": "a" * 10_000, "user_agent": "b" * 10_000},
    {"guid": "not a guid", "user_role": "," * 1000},
    {"honeypot_field_name": "api_key" * 100},
]


@on_sqlite
@pytest.mark.parametrize("fields", HOSTILE, ids=lambda fields: next(iter(fields)))
def test_odd_fields_lose_no_comment(
    site: Newsroom, session: Session, fields: dict[str, str]
) -> None:
    assert check(site, **fields).data in {b"true", b"false"}
    (comment,) = stored(session)
    assert "mail.example" not in comment.author_name
    assert comment.author_id is None


def test_a_text_too_long_to_keep_is_no_verdict(site: Newsroom) -> None:
    answer = check(site, comment_content="a" * 65_536)
    assert answer.data == b"invalid"
    many: dict[str, Any] = {f"f{n}": "" for n in range(1001)}
    assert check(site, **many).data == b"invalid"


@on_sqlite
@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-8", "utf-7", "nonsense"])
def test_a_form_is_read_in_its_charset(
    site: Newsroom, session: Session, charset: str
) -> None:
    encoding = "utf-8" if charset in {"utf-7", "nonsense"} else charset
    content = "Schöne Grüße".encode(encoding)
    quoted = "".join(f"%{each:02X}" for each in content)
    data = (
        f"api_key={site.key}&blog=http://b.example&user_ip=&blog_charset={charset}"
        f"&comment_content={quoted}"
    )
    kind = "application/x-www-form-urlencoded"
    db.session.remove()
    site.app.test_client().post("/1.1/comment-check", data=data, content_type=kind)
    assert stored(session)[0].body == "Schöne Grüße"


def test_what_the_server_knows_of_itself_is_not_stored(
    site: Newsroom, session: Session
) -> None:
    from tests.leaks.test_leaks import dump

    check(site)
    told = dump(session)
    for secret in ("Xylophoneconcerto", "anna@mail.example", "198.51.100.7"):
        assert secret not in told


def test_the_same_check_many_times_at_once_is_one_comment(
    site: Newsroom, session: Session
) -> None:
    calls: list[Any] = [lambda: check(site)] * 8
    answers = at_once(site.app, calls)
    assert {each.text for each in answers} == {"false"}
    (comment,) = stored(session)
    guids = {each.headers["X-akismet-guid"] for each in answers}
    assert guids == {identifiers.encode(comment.id)}
