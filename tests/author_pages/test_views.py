"""The authors' page: how a comment stands, in plain words, and the one appeal."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from moderation.accounts.staff import Role
from moderation.database import db
from moderation.tables.objections import Appeal
from tests.builders import ALL_HELD, ALL_REJECTED, Newsroom, open_newsroom
from tests.objections.test_reports import COMMENTS, decide, report_often
from tests.refusals import on_sqlite

WORDS = "It was irony, as the next sentence says."


def look(newsroom: Newsroom, sent: dict[str, Any], **kwargs: Any) -> str:
    """Return the page of a comment that was sent, as text."""
    answer = visit(newsroom, sent["status_url"], **kwargs)
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True))


def visit(newsroom: Newsroom, path: str, **kwargs: Any) -> TestResponse:
    """Ask for a page as anybody would."""
    db.session.remove()
    answer = newsroom.app.test_client().open(path, **kwargs)
    db.session.remove()
    return answer


def appeal(
    newsroom: Newsroom, sent: dict[str, Any], text: str = WORDS, **kwargs: Any
) -> TestResponse:
    """Send the form."""
    path = sent["status_url"]
    return visit(newsroom, path, method="POST", data={"text": text}, **kwargs)


def rejected(newsroom: Newsroom) -> dict[str, Any]:
    """Return the receipt of a comment that a moderator has rejected since."""
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send()
    decide(newsroom, sent["id"], "reject")
    return sent


def test_a_held_comment_waits(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    page = look(newsroom, newsroom.send(article_title="Bridge closed"))
    assert "Your comment is waiting for a moderator" in page
    assert "Bridge closed" in page
    assert "https://gazette.example/bridge" in page
    assert "<form" not in page


def test_a_published_comment_is_told_with_its_article(newsroom: Newsroom) -> None:
    page = look(newsroom, newsroom.send())
    assert "Your comment is published" in page
    assert 'href="https://gazette.example/bridge"' in page


def test_an_article_without_an_address_is_no_link(newsroom: Newsroom) -> None:
    page = look(newsroom, newsroom.send(article="javascript:alert(1)"))
    assert "javascript" not in page
    assert "An article of the site" in page


def test_a_rejection_is_told_in_plain_words_and_no_more(newsroom: Newsroom) -> None:
    page = look(newsroom, rejected(newsroom))
    assert "Your comment was not published" in page
    assert "It looks like advertising or spam." in page
    assert "gazette-moderator" not in page
    assert "A moderator read it" in page


def test_the_machines_rejection_is_told_without_its_score(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_REJECTED)
    page = look(newsroom, newsroom.send())
    assert "no person has read it yet" in page
    assert "It is rude or hostile enough" in page
    assert "0." not in page


def test_what_is_not_published_cannot_be_read_here(newsroom: Newsroom) -> None:
    newsroom.set_policy(ALL_HELD)
    sent = newsroom.send(body="Qzunpublished words.", author_name="Qzname")
    decide(newsroom, sent["id"], "reject")
    appeal(newsroom, sent, "Qzappeal words.")
    page = look(newsroom, sent)
    assert "Your appeal is waiting for a moderator" in page
    assert "Qz" not in page


def test_the_appeal_goes_back_to_a_moderator(
    newsroom: Newsroom, session: Session
) -> None:
    sent = rejected(newsroom)
    answer = appeal(newsroom, sent, "Ask eve@mail.example")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(sent["status_url"])
    assert session.scalars(sa.select(Appeal.text)).all() == ["Ask [e-mail]"]
    page = look(newsroom, sent)
    assert "Your appeal is waiting for a moderator" in page
    assert "<form" not in page


@pytest.mark.parametrize(
    ("verdict", "told"),
    [("approve", "the comment is published"), ("reject", "stays unpublished")],
)
def test_the_author_hears_what_came_of_the_appeal(
    newsroom: Newsroom, verdict: str, told: str
) -> None:
    sent = rejected(newsroom)
    appeal(newsroom, sent)
    decide(newsroom, sent["id"], verdict, Role.LEAD)
    page = look(newsroom, sent)
    assert "Your appeal was heard" in page
    assert told in page
    assert "<form" not in page


def test_a_second_appeal_is_answered_with_how_it_stands(newsroom: Newsroom) -> None:
    sent = rejected(newsroom)
    appeal(newsroom, sent)
    answer = appeal(newsroom, sent, "And another thing.")
    assert answer.status_code == 409
    assert "Your appeal is waiting" in answer.get_data(as_text=True)


@on_sqlite
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Please write, in plain text"),
        (" \u200b", "Please write, in plain text"),
        ("a\x00b", "Please write, in plain text"),
        ("x" * 4001, "This is too long"),
        ("é" * 2001, "This is too long"),
    ],
)
def test_a_bad_appeal_is_given_back(newsroom: Newsroom, text: str, told: str) -> None:
    sent = rejected(newsroom)
    answer = appeal(newsroom, sent, text)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert 'role="alert"' in page


@on_sqlite
def test_what_was_typed_is_kept_and_escaped(newsroom: Newsroom) -> None:
    sent = rejected(newsroom)
    page = appeal(newsroom, sent, "<script>" + "x" * 4000).get_data(as_text=True)
    assert "&lt;script&gt;xx" in page
    assert "<script" not in page


@on_sqlite
@pytest.mark.parametrize("origin", ["cross-site", "same-site"])
def test_another_sites_form_is_refused(newsroom: Newsroom, origin: str) -> None:
    sent = rejected(newsroom)
    answer = appeal(newsroom, sent, headers={"Sec-Fetch-Site": origin})
    assert answer.status_code == 403
    assert "Why should it be published?" in look(newsroom, sent)


@on_sqlite
def test_appeals_from_one_address_are_limited(make_app: Callable[..., Flask]) -> None:
    app = make_app(MODERATION_APPEAL_LIMIT="1 per hour")
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        first, second = rejected(newsroom), rejected(newsroom)
        assert appeal(newsroom, first).status_code == 303
        answer = appeal(newsroom, second, "Keep these words.")
        assert answer.status_code == 429
        assert "Keep these words." in answer.get_data(as_text=True)


@on_sqlite
def test_nobody_keeps_or_finds_the_page(newsroom: Newsroom) -> None:
    answer = visit(newsroom, newsroom.send()["status_url"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Accept-Language" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers


@on_sqlite
@pytest.mark.parametrize(
    "path",
    ["/status/x", "/status/", "/status/" + "0" * 45, "/status/%00", "/status/x/y"],
)
def test_a_wrong_link_is_answered_with_a_page(newsroom: Newsroom, path: str) -> None:
    for method in ("GET", "POST"):
        answer = visit(newsroom, path, method=method)
        assert answer.status_code in {404, 405}
        assert "traceback" not in answer.get_data(as_text=True).casefold()


@on_sqlite
def test_an_erased_comment_is_told_as_deleted(newsroom: Newsroom) -> None:
    sent = newsroom.send(article_title="Bridge closed")
    newsroom.as_site().delete(f"{COMMENTS}/{sent['id']}")
    page = look(newsroom, sent)
    assert "Your comment was deleted" in page
    assert "Bridge closed" not in page
    assert appeal(newsroom, sent).status_code == 404


def test_a_reported_comment_is_told_so(newsroom: Newsroom) -> None:
    sent = newsroom.send()
    report_often(newsroom, sent["id"], 3)
    assert "Readers have reported it" in look(newsroom, sent)


@on_sqlite
@pytest.mark.parametrize(
    ("asked", "code", "direction"),
    [
        ("ar-EG,ar;q=0.9", "ar", "rtl"),
        ("de,en;q=0.5", "de", "ltr"),
        ("nl,en;q=0.5", "en", "ltr"),
        ("", "en", "ltr"),
    ],
)
def test_the_page_speaks_the_language_asked_for(
    newsroom: Newsroom, asked: str, code: str, direction: str
) -> None:
    headers = {"Accept-Language": asked}
    page = look(newsroom, newsroom.send(), headers=headers)
    assert f'<html lang="{code}" dir="{direction}">' in page


@on_sqlite
def test_a_public_address_begins_the_link(make_app: Callable[..., Flask]) -> None:
    app = make_app(MODERATION_PUBLIC_URL="https://comments.example/")
    with app.app_context():
        sent = open_newsroom(app, "gazette").send()
        assert sent["status_url"].startswith("https://comments.example/status/")


def test_a_repeated_request_gets_the_same_link(newsroom: Newsroom) -> None:
    first = newsroom.send(external_id="c-1", body="The same.")
    again = newsroom.as_site().post(
        COMMENTS,
        {
            "author_name": "Ada",
            "author_email": "ada@mail.example",
            "body": "The same.",
            "article": "https://gazette.example/bridge",
            "external_id": "c-1",
        },
    )
    assert again.status_code == 200
    assert again.json["status_url"] == first["status_url"]


@pytest.mark.parametrize(
    ("asked", "language", "text"),
    [
        ("ar", "ar", "كن لطيفًا."),
        ("en-GB, fr", "en", "Be kind."),
        ("fr", "ar", "كن لطيفًا."),
    ],
)
def test_the_house_rules_are_shown_as_text_in_the_readers_language(
    newsroom: Newsroom, asked: str, language: str, text: str
) -> None:
    rules = {"en": "Be kind.\n\n<b>Stay on topic.</b>", "ar": "كن لطيفًا."}
    before = newsroom.send(body="First.")
    assert 'class="rules"' not in look(newsroom, before)
    newsroom.set_policy(ALL_HELD, house_rules=rules)
    answer = visit(
        newsroom, newsroom.send()["status_url"], headers={"Accept-Language": asked}
    )
    page = answer.get_data(as_text=True)
    assert f'<div lang="{language}" dir="auto">' in page
    assert f"<p>{text}</p>" in page
    escaped = "<p>&lt;b&gt;Stay on topic.&lt;/b&gt;</p>"
    assert (escaped in page) is (language == "en")
