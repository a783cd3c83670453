"""Threads and counts as pages read them: with a browser key, from caches, in limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask

from moderation.database import db, start_writing
from moderation.sites import keys, sites
from moderation.sites.keys import BROWSER_SCOPES, KeyScope, KeySettings
from moderation.text.addresses import Folding
from moderation.web.services import services_of
from tests.builders import ALL_HELD, Answer, Newsroom, open_newsroom
from tests.refusals import assert_refused, on_sqlite

PAGE = "https://gazette.example"
OTHER_PAGE = "https://evil.example"
ARTICLE = "https://gazette.example/bridge"
THREAD = f"/api/v1/articles/{quote(ARTICLE, safe='')}/comments"
COUNTS = "/api/v1/articles/counts"
PUBLIC = {"public", "max-age=30", "stale-while-revalidate=60"}


def page_key(
    newsroom: Newsroom, scopes: frozenset[KeyScope] = BROWSER_SCOPES, *origins: str
) -> str:
    """Return a browser key of the newsroom's pages."""
    session = db.session()
    start_writing(session)
    _, secret = keys.create_key(
        session,
        newsroom.site_id,
        KeySettings(name="page", scopes=scopes, origins=origins or (PAGE,)),
        hash_keys=services_of(newsroom.app).token_key,
        created_by=None,
        now=datetime.now(UTC),
    )
    session.commit()
    return secret


def read(
    newsroom: Newsroom, path: str, headers: dict[str, str] | None = None
) -> Answer:
    """Read as a page does, without a header that holds a key."""
    db.session.remove()
    response = newsroom.app.test_client().get(path, headers=headers or {})
    db.session.remove()
    return Answer(
        status_code=response.status_code,
        json=response.get_json(silent=True),
        text=response.get_data(as_text=True),
        headers=response.headers,
    )


def counts_path(*urls: str, **query: str) -> str:
    return f"{COUNTS}?{urlencode({'url': urls, **query}, doseq=True)}"


def test_a_page_reads_the_thread_with_its_key_in_the_address(
    newsroom: Newsroom,
) -> None:
    sent = newsroom.send(author_id="u-1", ip="192.0.2.1")
    path = f"{THREAD}?key={page_key(newsroom)}"
    answer = read(newsroom, path, {"Origin": PAGE})
    assert answer.status_code == 200
    assert [each["id"] for each in answer.json["comments"]] == [sent["id"]]
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert set(answer.headers["Cache-Control"].split(", ")) == PUBLIC
    assert {"Origin", "Authorization"} <= set(answer.headers["Vary"].split(", "))
    for secret in ("mail.example", "u-1", "192.0.2.1"):
        assert secret not in answer.text
    known = {"Origin": PAGE, "If-None-Match": answer.headers["ETag"]}
    again = read(newsroom, path, known)
    assert (again.status_code, again.text) == (304, "")
    assert again.headers["Access-Control-Allow-Origin"] == PAGE
    assert set(again.headers["Cache-Control"].split(", ")) == PUBLIC
    newsroom.send()
    assert read(newsroom, path, known).status_code == 200


@on_sqlite
def test_answers_without_a_page_vary_by_the_page_as_well(newsroom: Newsroom) -> None:
    """A cache would else hand what was fetched without a page to one, to no use."""
    answer = read(newsroom, f"{THREAD}?key={page_key(newsroom)}")
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Origin" not in answer.headers


@on_sqlite
def test_a_page_of_another_origin_is_refused_and_nothing_is_cached(
    newsroom: Newsroom,
) -> None:
    key = page_key(newsroom)
    for path in (f"{THREAD}?key={key}", counts_path(ARTICLE, key=key)):
        for origin in (OTHER_PAGE, "null", f"{PAGE}:8443", "http://gazette.example"):
            answer = read(newsroom, path, {"Origin": origin})
            assert_refused(answer, 403)
            assert answer.json["code"] == "origin_refused"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Access-Control-Allow-Origin" not in answer.headers


@on_sqlite
def test_only_a_browser_key_that_reads_may_be_in_an_address(newsroom: Newsroom) -> None:
    reading = page_key(newsroom, frozenset({KeyScope.READ}))
    assert read(newsroom, f"{THREAD}?key={reading}").status_code == 200
    scoring = page_key(newsroom, frozenset({KeyScope.SCORE}))
    answer = read(newsroom, f"{THREAD}?key={scoring}", {"Origin": PAGE})
    assert_refused(answer, 403)
    for wrong in (
        newsroom.key,
        "",
        "4t8w2m6x9k1d",
        "x" * 90,
        newsroom.tokens.popitem()[1],
    ):
        assert_refused(read(newsroom, f"{THREAD}?key={quote(wrong)}"), 401)
    # A key in the header decides, even if the address has another one.
    answer = newsroom.as_site().get(f"{THREAD}?key={reading}")
    assert answer.headers["Cache-Control"] == "private, no-cache"


@on_sqlite
def test_a_revoked_key_reads_nothing(newsroom: Newsroom) -> None:
    key = page_key(newsroom)
    session = db.session()
    start_writing(session)
    row = keys.list_keys(session, newsroom.site_id)[-1]
    keys.revoke_key(session, newsroom.site_id, row.id, datetime.now(UTC))
    session.commit()
    assert_refused(read(newsroom, f"{THREAD}?key={key}"), 401)
    assert keys.find_page_key(db.session(), newsroom.site_id, datetime.now(UTC)) is None


def test_counts_are_of_published_comments_in_any_spelling(newsroom: Newsroom) -> None:
    for _ in range(2):
        newsroom.send(article=ARTICLE)
    erased = newsroom.send(article=ARTICLE)["id"]
    newsroom.as_site().delete(f"/api/v1/comments/{erased}")
    newsroom.send(article="id-7")
    newsroom.set_policy(ALL_HELD)
    newsroom.send(article=ARTICLE)
    urls = (
        "http://GAZETTE.example:80/bridge?utm_source=mail#comments",
        "id-7",
        "https://gazette.example/unknown",
        ARTICLE,
    )
    answer = read(newsroom, counts_path(*urls, key=page_key(newsroom)))
    assert answer.status_code == 200, answer.text
    assert [(each["url"], each["count"]) for each in answer.json["counts"]] == [
        *((urls[0], 2), (urls[1], 1), (urls[2], 0), (urls[3], 2)),
    ]
    assert all(each["is_open"] for each in answer.json["counts"])
    known = {"If-None-Match": answer.headers["ETag"]}
    again = read(newsroom, counts_path(*urls, key=page_key(newsroom)), known)
    assert again.status_code == 304


@on_sqlite
def test_counts_follow_the_spellings_that_the_site_has_set(newsroom: Newsroom) -> None:
    newsroom.send(article="https://gazette.example/a/")
    session = db.session()
    start_writing(session)
    sites.update_article_folding(session, newsroom.site_id, {Folding.TRAILING_SLASH})
    session.commit()
    newsroom.send(article="https://gazette.example/b/")
    answer = newsroom.as_site().get(
        counts_path("https://gazette.example/a/", "https://gazette.example/b")
    )
    assert [each["count"] for each in answer.json["counts"]] == [1, 1]


@on_sqlite
def test_counts_tell_where_comments_are_closed(newsroom: Newsroom) -> None:
    newsroom.send(article=ARTICLE)
    site = newsroom.as_site()
    openness = f"/api/v1/articles/{quote(ARTICLE, safe='')}/openness"
    assert site.put(openness, {"setting": "closed"}).status_code == 200
    (counted,) = site.get(counts_path(ARTICLE)).json["counts"]
    assert counted == {"url": ARTICLE, "count": 1, "is_open": False}


@on_sqlite
def test_counts_of_another_site_are_other_counts(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    newsroom.send(article=ARTICLE)
    answer = other_newsroom.as_site().get(counts_path(ARTICLE))
    assert [each["count"] for each in answer.json["counts"]] == [0]


@on_sqlite
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "url"),
        ("url=", "url.0"),
        ("url=a%00b", "url.0"),
        ("url=" + "x" * 2049, "url.0"),
        ("&".join(f"url={number}" for number in range(51)), "url"),
        ("url=a&urls=b", "urls"),
        ("url=a&key=4t8w2m6x9k1d&key=4t8w2m6x9k1e", "key"),
    ],
)
def test_a_bad_request_for_counts_names_its_field(
    newsroom: Newsroom, query: str, field: str
) -> None:
    assert_refused(newsroom.as_site().get(f"{COUNTS}?{query}"), 422, field)


@on_sqlite
def test_a_copied_key_is_bounded_by_network(make_app: Callable[..., Flask]) -> None:
    app = make_app(
        MODERATION_READ_LIMIT="2 per hour", MODERATION_NUDGE_LIMIT="2 per hour"
    )
    with app.app_context():
        newsroom = open_newsroom(app, "gazette")
        key = page_key(newsroom)
        path = f"{THREAD}?key={key}"
        assert [read(newsroom, path).status_code for _ in range(3)] == [200, 200, 429]
        assert read(newsroom, path).headers["Cache-Control"] == "no-store"
        assert read(newsroom, counts_path(ARTICLE, key=key)).status_code == 200
        answers = [post(newsroom, "/api/v1/nudges", key, SHOWN) for _ in range(3)]
        assert [each.status_code for each in answers] == [204, 204, 429]
        texts = {"texts": [{"text": "Hello."}]}
        answers = [post(newsroom, "/api/v1/scores", key, texts) for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 429]
        assert newsroom.as_site().get(THREAD).status_code == 200  # a server isn't


@on_sqlite
def test_a_page_scores_what_one_author_writes(newsroom: Newsroom) -> None:
    key = page_key(newsroom)
    many = {"texts": [{"text": "Hello."}] * 11}
    assert_refused(post(newsroom, "/api/v1/scores", key, many), 422, "texts")
    assert newsroom.as_site().post("/api/v1/scores", many).status_code == 200


SHOWN = {"code": "hurts", "event": "shown"}


def post(newsroom: Newsroom, path: str, key: str, body: Any) -> Answer:
    db.session.remove()
    headers = {"Authorization": f"Bearer {key}", "Origin": PAGE}
    response = newsroom.app.test_client().post(path, json=body, headers=headers)
    db.session.remove()
    return Answer(
        status_code=response.status_code,
        json=response.get_json(silent=True),
        text=response.get_data(as_text=True),
        headers=response.headers,
    )


@on_sqlite
@pytest.mark.parametrize(
    "path",
    [THREAD, COUNTS, "/api/v1/nudges", "/api/v1/scores", "/api/v1/sites/x/nudges"],
)
def test_a_preflight_is_answered_for_pages_of_a_key_alone(
    newsroom: Newsroom, path: str
) -> None:
    page_key(newsroom)
    is_for_pages = "/sites/" not in path
    for origin, is_listed in ((PAGE, True), (OTHER_PAGE, False), ("null", False)):
        headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        db.session.remove()
        answer = newsroom.app.test_client().options(path, headers=headers)
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed == (origin if is_listed and is_for_pages else None)
