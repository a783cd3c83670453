"""The demo's article page: read and written through HTTP, without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from moderation import identifiers
from moderation.api.comment_bodies import MOST_BODY_BYTES
from moderation.cli import demo
from moderation.comments import published as publication
from moderation.comments.published import PublishedEntry
from moderation.database import db, start_writing
from moderation.demo import article, forms, reading, seeding
from moderation.demo.threads import grow
from moderation.errors import NotFound
from moderation.policy.verdicts import Status
from moderation.sites import keys, policies, sites
from moderation.sites.keys import BROWSER_SCOPES, KeySettings
from moderation.sites.sites import SiteContext
from moderation.tables.comments import Comment
from moderation.web.services import services_of
from tests.builders import ALL_HELD, ALL_REJECTED, NOTHING_HELD, NOW

FORM_TYPE = "application/x-www-form-urlencoded"
EMAIL = "rita.vale@mail.example"
TOKEN = "a" * 22
AS_SCRIPT = {"Accept": "application/json"}
SENT_TOKEN = "1-2-3-4"

type_of_policy = dict[str, dict[str, float | None]]


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The service with the demo's page and its site, which publishes everything."""
    app = make_app(MODERATION_DEMO="true")
    with app.app_context():
        session = db.session()
        start_writing(session)
        sites.create_site(
            session,
            article.SITE,
            policies.default_policy(NOTHING_HELD),
            datetime.now(UTC),
        )
        session.commit()
        yield app


@pytest.fixture
def site(session: Session) -> SiteContext:
    """The demo's site."""
    found = sites.find_by_name(session, article.SITE)
    assert found is not None
    return found


def form(**values: str) -> dict[str, str]:
    """Return what a reader types."""
    return {
        "author_name": "Rita Vale",
        "author_email": EMAIL,
        "author_url": "",
        "body": "I will miss the old railings.",
        "parent": "",
        "token": TOKEN,
        **values,
    }


def send(client: FlaskClient, **values: str) -> TestResponse:
    """Send the form as a browser without JavaScript does."""
    return client.post("/demo/", data=form(**values))


def put_in_force(session: Session, site: SiteContext, policy: type_of_policy) -> None:
    """Give the demo's site other thresholds."""
    start_writing(session)
    body = policies.default_policy(policy)
    policies.create_policy(session, site.id, body, staff_id=None, now=NOW)
    session.commit()


def stored(session: Session) -> list[Comment]:
    """Return the comments in the order of their arrival."""
    session.expire_all()
    return list(session.scalars(sa.select(Comment).order_by(Comment.id)))


def approve_all(session: Session) -> None:
    """Show every comment to readers."""
    start_writing(session)
    session.execute(sa.update(Comment).values(status=Status.APPROVED.value))
    session.commit()


def test_the_demo_is_one_site_for_its_page_and_its_start() -> None:
    assert article.SITE == demo.SITE


def test_page_shows_the_article_and_the_form(client: FlaskClient) -> None:
    page = client.get("/demo/")
    assert page.status_code == 200
    assert article.TITLE in page.text
    assert "Your email address will not be published" in page.text
    for name in ("author_name", "author_email", "body"):
        assert re.search(rf'id="{name}"[^>]* required', page.text)
    assert not re.search(r'id="author_url"[^>]* required', page.text)


def test_page_may_load_and_run_nothing_but_its_own(client: FlaskClient) -> None:
    page = client.get("/demo/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    inline = r"<style|style=|<script(?! src=)|\son\w+="
    assert not re.search(inline, page.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert address.startswith(("/demo/", "#")), address


@pytest.mark.parametrize("name", ["article.css", "bridge.svg", "icon.svg"])
def test_files_of_the_page_are_served(client: FlaskClient, name: str) -> None:
    with client.get(f"/demo/static/{name}") as answer:
        assert answer.status_code == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_published_comment_stands_on_the_page(client: FlaskClient) -> None:
    answer = send(client, author_url="https://rita.example/")
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert "Your comment is published" in page.text
    assert "I will miss the old railings." in page.text
    assert (
        '<a href="https://rita.example/" rel="nofollow ugc noopener noreferrer">'
        in page.text
    )
    assert EMAIL not in page.text


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (ALL_HELD, "held: a moderator will look at it before it appears"),
        (ALL_REJECTED, "was not published: an automatic check"),
    ],
)
def test_author_is_told_what_became_of_the_comment(
    client: FlaskClient,
    session: Session,
    site: SiteContext,
    policy: type_of_policy,
    words: str,
) -> None:
    put_in_force(session, site, policy)
    page = client.get(send(client).location)
    assert words in page.text
    assert "I will miss the old railings." not in page.text


def test_every_bad_field_is_named_beside_it_and_the_text_is_kept(
    client: FlaskClient,
) -> None:
    page = send(
        client,
        author_name=" ",
        author_email="rita at mail.example",
        author_url="javascript:alert(1)",
        body="Kept <b>as typed</b>.",
    )
    assert page.status_code == 422
    for name in ("author_name", "author_email", "author_url"):
        assert re.search(rf'id="{name}-complaint">[^<]+<', page.text), name
        assert re.search(rf'id="{name}"[^>]*aria-invalid="true"', page.text), name
    assert 'id="body-complaint" hidden' in page.text
    assert "\nKept &lt;b&gt;as typed&lt;/b&gt;.</textarea>" in page.text
    assert 'value="rita at mail.example"' in page.text
    assert 'value="javascript:alert(1)"' in page.text
    assert "<title>Not sent:" in page.text
    assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("author_name", ""),
        ("author_name", "x" * 101),
        ("author_name", "write to me@mail.example"),
        ("author_name", "\u200b"),
        ("author_name", "a\x00b"),
        ("author_email", ""),
        ("author_email", "two@at@mail.example"),
        ("author_email", "Rita <rita@mail.example>"),
        ("author_email", '"quoted"@mail.example'),
        ("author_url", "data:text/html,x"),
        ("author_url", "https://user:pass@rita.example/"),
        ("body", ""),
        ("body", " \n\t "),
        ("body", "\x00"),
        ("body", "\x1b[31m"),
        ("body", "é" * (MOST_BODY_BYTES // 2 + 1)),
        ("parent", "nonsense"),
        ("parent", identifiers.encode(7)),
    ],
)
def test_bad_value_is_refused_with_a_complaint(
    client: FlaskClient, session: Session, field: str, value: str
) -> None:
    page = send(client, **{field: value})
    assert page.status_code == 422
    assert "Please mend what is marked" in page.text
    assert stored(session) == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "Line one\n\nline <two>",
        "\u202eright to left\u202c שלום مرحبا",
        "{{ 7 * 7 }} {% raw %}",
        "z" * 10_000,
        "🙂🏳️‍🌈",
    ],
)
def test_text_is_shown_as_it_was_typed(
    client: FlaskClient, session: Session, text: str
) -> None:
    send(client, body=text)
    approve_all(session)  # in any language that the model detects
    page = client.get("/demo/")
    escaped = text.replace("<", "&lt;").replace(">", "&gt;")
    assert f'<p class="text" dir="auto">{escaped}</p>' in page.text
    assert "<script>" not in page.text


def test_a_line_break_in_a_name_is_refused(client: FlaskClient) -> None:
    assert send(client, author_name="Rita\nVale").status_code == 422


def test_author_name_is_isolated_from_the_line_around_it(client: FlaskClient) -> None:
    page = client.get(send(client, author_name="\u0645\u062d\u0645\u062f").location)
    assert "<bdi>\u0645\u062d\u0645\u062f</bdi>" in page.text


def test_reply_without_javascript(client: FlaskClient, session: Session) -> None:
    send(client)
    parent = identifiers.encode(stored(session)[0].id)
    page = client.get(f"/demo/?reply={parent}")
    assert "Replying to <strong><bdi>Rita Vale</bdi></strong>" in page.text
    assert f'name="parent" value="{parent}"' in page.text
    page = client.get(
        send(client, author_name="Tom", body="So will I.", parent=parent).location
    )
    replies = page.text.split('<ol class="replies">', 1)[1]
    assert "So will I." in replies.split("</ol>", 1)[0]


def test_markup_in_a_name_is_shown_as_it_was_typed(client: FlaskClient) -> None:
    page = client.get(send(client, author_name="<b onclick=x>Bob</b>").location)
    assert "<bdi>&lt;b onclick=x&gt;Bob&lt;/b&gt;</bdi>" in page.text


@pytest.mark.parametrize("wanted", ["nonsense", "%00", "%ff", "0000000000007", "'"])
def test_reply_to_nothing_says_so(client: FlaskClient, wanted: str) -> None:
    page = client.get(f"/demo/?reply={wanted}")
    assert page.status_code == 200
    assert "no longer here" in page.text


def test_reply_stays_a_reply_after_an_error(
    client: FlaskClient, session: Session
) -> None:
    send(client)
    parent = identifiers.encode(stored(session)[0].id)
    page = send(client, parent=parent, body="")
    assert f'name="parent" value="{parent}"' in page.text
    assert "Replying to <strong><bdi>Rita Vale</bdi></strong>" in page.text


def test_held_comment_cannot_be_looked_at_through_a_reply(
    client: FlaskClient, session: Session, site: SiteContext
) -> None:
    put_in_force(session, site, ALL_HELD)
    send(client)
    held = identifiers.encode(stored(session)[0].id)
    for place in ("reply", "at"):
        assert "Rita Vale" not in client.get(f"/demo/?{place}={held}").text


def test_same_form_sent_twice_is_one_comment(
    client: FlaskClient, session: Session
) -> None:
    assert send(client).location == send(client).location
    assert len(stored(session)) == 1


def test_another_text_in_the_same_form_is_another_comment(
    client: FlaskClient, session: Session
) -> None:
    send(client)
    send(client, body="Going back, I had another thought.")
    assert len(stored(session)) == 2


def test_same_text_under_another_address_was_sent_already(
    client: FlaskClient,
) -> None:
    send(client)
    page = send(client, author_email="other@mail.example")
    assert page.status_code == 409
    assert "You have sent this comment already." in page.text
    assert "I will miss the old railings." in page.text


def test_form_without_a_token_is_taken(client: FlaskClient, session: Session) -> None:
    for token in ("", "x", "\x00" * 22):
        assert send(client, token=token).status_code == 303
    assert len(stored(session)) == 3


def test_address_and_browser_of_the_author_are_kept_with_care(
    client: FlaskClient, session: Session
) -> None:
    client.post(
        "/demo/", data=form(), headers={"User-Agent": "Browser\t1 " + "x" * 600}
    )
    (comment,) = stored(session)
    assert comment.ip_pseudonym is not None
    assert "127.0.0.1" not in comment.ip_pseudonym
    assert comment.user_agent is not None
    assert comment.user_agent.startswith("Browser1 x")


@pytest.mark.parametrize("origin", ["", "unknown", "::1%eth0", "a.sock"])
def test_unreadable_origin_refuses_nobody(
    client: FlaskClient, session: Session, origin: str
) -> None:
    answer = client.post(
        "/demo/",
        data=form(),
        headers={"User-Agent": "\u00ad"},
        environ_overrides={"REMOTE_ADDR": origin},
    )
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://evil.other.test"},
        {"Referer": "http://evil.other.test/demo/"},
    ],
    ids=str,
)
def test_a_form_of_another_site_is_refused(
    client: FlaskClient, session: Session, headers: dict[str, str]
) -> None:
    answer = client.post("/demo/", data=form(), headers=headers)
    assert answer.status_code == 403
    assert stored(session) == []


def test_too_many_comments_are_answered_with_the_text_kept(
    make_app: Callable[..., Flask], app: Flask
) -> None:
    client = make_app(
        MODERATION_DEMO="true", MODERATION_FORM_LIMIT="1 per year"
    ).test_client()
    send(client)
    page = send(client, body="Too quick.")
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) >= 1
    assert "\nToo quick.</textarea>" in page.text
    answer = send_json(client)
    assert answer.status_code == 429
    assert "wait a minute" in answer.get_json()["message"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"author_name=%ff", FORM_TYPE, 400),
        (b"author_name=\xff", FORM_TYPE, 400),
        (b"author_name=%ed%a0%80", FORM_TYPE, 400),
        (b"a=1&" * 1000, FORM_TYPE, 400),
        (b"author_name=a&author_name=b", FORM_TYPE, 400),
        (b"", FORM_TYPE, 422),
        (b"%00", FORM_TYPE, 422),
        (b"=", FORM_TYPE, 422),
        (b"&&&", FORM_TYPE, 422),
        (b"body=" + b"x" * 20_000_000, FORM_TYPE, 413),
        (b"body=" + b"x" * 70_000, FORM_TYPE, 422),
        (b"x", "multipart/form-data; boundary=x", 415),
        (b"x", "", 415),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_hostile_body_is_refused_with_a_page(
    client: FlaskClient, body: bytes, content_type: str, status: int
) -> None:
    answer = client.post("/demo/", data=body, content_type=content_type)
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Security-Policy"]


def send_json(client: FlaskClient, **values: object) -> TestResponse:
    """Send what `embed.js` sends."""
    sent = {**form(), "article": "https://elsewhere.example/", "language": "en"}
    del sent["token"], sent["author_url"]
    headers = {"Idempotency-Key": SENT_TOKEN}
    return client.post("/demo/comments", json={**sent, **values}, headers=headers)


def test_script_is_answered_with_the_status_and_nothing_more(
    client: FlaskClient, session: Session, site: SiteContext
) -> None:
    body = send_json(client).get_json()
    assert set(body) == {"status", "status_url"}
    assert body["status"] == "approved"
    assert client.get(body["status_url"]).status_code == 200
    page = publication.list_published(session, site, article.REFERENCE, limit=9)
    assert [each.author_name for each in page.comments] == ["Rita Vale"]
    assert send_json(client).get_json() == body  # sent twice, it is one comment
    assert len(stored(session)) == 1


def test_script_learns_no_more_than_the_author(
    client: FlaskClient, session: Session, site: SiteContext
) -> None:
    put_in_force(session, site, ALL_HELD)
    assert send_json(client).get_json()["status"] == "pending"


def test_script_is_told_every_bad_field(client: FlaskClient) -> None:
    answer = send_json(client, author_name="", author_email="x", body=None, parent=7)
    assert answer.status_code == 422
    assert list(answer.get_json()["fields"]) == ["author_name", "author_email", "body"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"[]", {}, 400),
        (b"{", {}, 400),
        (b"\xff", {}, 400),
        (b"{}", {}, 422),
        (b"{}", {"Idempotency-Key": "x" * 999}, 422),
        (b"{}", {"Sec-Fetch-Site": "cross-site"}, 403),
        (b"{}", {"Origin": "http://evil.other.test"}, 403),
        (b"{}", {"Content-Type": "text/plain"}, 415),
    ],
)
def test_hostile_json_is_refused(
    client: FlaskClient,
    session: Session,
    body: bytes,
    headers: dict[str, str],
    status: int,
) -> None:
    sent = {"Content-Type": "application/json", **AS_SCRIPT, **headers}
    answer = client.post("/demo/comments", data=body, headers=sent)
    assert answer.status_code == status
    assert set(answer.get_json()) >= {"code", "message"}
    assert stored(session) == []


def test_page_loads_the_script_where_it_has_a_key(
    client: FlaskClient, session: Session, site: SiteContext
) -> None:
    assert "embed.js" not in client.get("/demo/").text
    start_writing(session)
    settings = KeySettings(scopes=BROWSER_SCOPES, origins=("https://courier.example",))
    _, key = keys.create_key(
        session,
        site.id,
        settings,
        hash_keys=services_of(client.application).token_key,
        created_by=None,
        now=datetime.now(UTC),
    )
    session.commit()
    page = client.get("/demo/").text
    assert f'<script src="/embed.js" data-key="{key}" async>' in page
    assert 'id="comment-form"' in page  # for readers without script


def test_further_comments_are_on_further_pages(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "COMMENTS_ON_PAGE", 2)
    for number in range(3):
        answer = send(client, body=f"Comment {number}.")
    first = client.get("/demo/").text
    assert "Comment 1." in first
    assert "Comment 2." not in first
    (more,) = re.findall(r'id="more" href="([^"]+)"', first)
    second = client.get(more).text
    assert "Comment 2." in second
    assert "Comment 1." not in second
    assert "From the first comment" in second
    assert "Comment 2." in client.get(answer.location).text  # its author sees it
    assert parse_qs(urlsplit(answer.location).query)["sent"] == ["approved"]


@pytest.mark.parametrize("cursor", ["x", "%00", "W10", "WzFd", "%F0%9F%99%82"])
def test_cursor_not_of_ours_is_refused_with_a_page(
    client: FlaskClient, cursor: str
) -> None:
    page = client.get(f"/demo/?after={cursor}")
    assert page.status_code == 422
    assert page.mimetype == "text/html"


def test_unknown_notice_is_not_shown(client: FlaskClient) -> None:
    page = client.get("/demo/?" + urlencode({"sent": "<b>won</b>"}))
    assert page.status_code == 200
    assert "won" not in page.text


def test_unknown_page_is_answered_with_a_page(client: FlaskClient) -> None:
    page = client.get("/demo/nothing")
    assert page.status_code == 404
    assert "To the article and its comments" in page.text


def test_page_without_its_site_says_so(make_app: Callable[..., Flask]) -> None:
    page = make_app(MODERATION_DEMO="true").test_client().get("/demo/")
    assert page.status_code == 503
    assert "not set up" in page.text


def test_database_out_of_reach_is_answered_with_a_page(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(MODERATION_DEMO="true", DATABASE_URL="sqlite:////nowhere/x.sqlite")
    page = app.test_client().get("/demo/")
    assert page.status_code == 503
    assert page.mimetype == "text/html"


def test_fault_of_ours_is_answered_with_a_page(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(client.application.extensions, "moderation")
    page = send(client)
    assert page.status_code == 500
    assert "Something went wrong on the server" in page.text
    assert EMAIL not in page.text


def test_comment_stands_under_the_article_in_the_api(
    client: FlaskClient, session: Session, site: SiteContext
) -> None:
    send(client)
    page = publication.list_published(session, site, article.REFERENCE, limit=9)
    assert [each.author_name for each in page.comments] == ["Rita Vale"]


def test_idempotency_key_holds_nothing_of_the_address() -> None:
    one = forms.Form(values=form(), token=TOKEN)
    other = forms.Form(values=form(author_email="x@y.example"), token=TOKEN)
    assert forms.idempotency_key(one) == forms.idempotency_key(other)


def published(number: int, parent: int | None) -> PublishedEntry:
    """Return a comment with only its place in the thread."""
    return PublishedEntry(
        id=number,
        parent=parent,
        thread="",
        author_name="Ada",
        author_url=None,
        body="",
        published_at=NOW,
        edited_at=None,
    )


def test_reply_to_what_is_not_shown_begins_a_thread() -> None:
    first, cut_off = grow([published(1, None), published(2, 1), published(4, 3)])
    assert [each.comment.id for each in first.replies] == [2]
    assert not first.is_cut_off
    assert cut_off.is_cut_off


def test_seeding_stores_every_kind_of_comment(
    app: Flask, session: Session, site: SiteContext, client: FlaskClient
) -> None:
    seeding.seed(site.id, article.ENGLISH)
    comments = stored(session)
    assert 30 <= len(comments) <= 45
    assert sum(each.parent_id is not None for each in comments) >= 10
    assert {"de", "fr", "ar"} <= {each.language for each in comments}
    now = datetime.now(UTC)
    written = [each.written_at for each in comments if each.written_at]
    assert len(written) == len(comments)
    assert now - timedelta(days=2) < min(written) <= max(written) < now
    page = client.get("/demo/").text
    assert "Ada Quill" in page
    assert "@mail.example" not in page


def test_seeding_needs_its_site(app: Flask) -> None:
    with pytest.raises(NotFound):
        seeding.seed(999, article.ENGLISH)
