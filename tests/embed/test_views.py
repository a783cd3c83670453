"""`embed.js` as it is served, and the thread page for readers without script."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from moderation.embed import views
from moderation.embed.texts import PLACE, script
from moderation.languages.registry import TextPart, offered, read_texts
from moderation.policy.reasons import REPORT_REASONS
from tests.api.test_page_reads import PUBLIC, page_key, read
from tests.builders import ALL_HELD, Newsroom
from tests.refusals import on_sqlite

SCRIPT = Path(views.__file__).with_name("static").joinpath("embed.js").read_text()
MAX_BYTES, MAX_COMPRESSED = 12_900, 4_900  # without texts
MAX_BYTES_OF_A_LANGUAGE = 2_500
ARTICLE = "https://gazette.example/bridge"


def path_of(key: str, article: str = ARTICLE, **query: str) -> str:
    return f"/embed/thread?{urlencode({'key': key, 'article': article, **query})}"


def test_the_script_stays_small() -> None:
    assert len(SCRIPT.encode()) < MAX_BYTES
    assert len(gzip.compress(SCRIPT.encode(), 9, mtime=0)) < MAX_COMPRESSED


def test_the_script_makes_no_markup_of_strings_and_keeps_nothing() -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\("
    )
    forbidden += r"|\.cookie|localStorage|sessionStorage|indexedDB|\.style\b|import\("
    assert re.findall(forbidden, SCRIPT) == []


def test_the_script_reports_what_the_api_takes() -> None:
    (listed,) = re.findall(r'const REASONS = "([^"]+)"', SCRIPT)
    assert set(listed.split()) <= set(REPORT_REASONS)
    for code in offered(TextPart.EMBED):
        texts = read_texts(code, TextPart.EMBED)["script"]
        assert len(texts["reasons"].split("|")) == len(listed.split())


def test_the_served_script_has_the_texts_of_all_languages() -> None:
    assert PLACE in SCRIPT
    assert PLACE not in script()
    added = len(script().encode()) - len(SCRIPT.encode())
    assert added < MAX_BYTES_OF_A_LANGUAGE * len(offered(TextPart.EMBED))
    for code in offered(TextPart.EMBED):
        assert json.dumps(code) in script()


@on_sqlite
def test_any_page_may_load_the_script(client: FlaskClient) -> None:
    with client.get("/embed.js") as answer:
        assert answer.get_data(as_text=True) == script()
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        tag = answer.headers["ETag"]
    with client.get("/embed.js", headers={"If-None-Match": tag}) as answer:
        assert answer.status_code == 304
    with client.get("/embed.css") as answer:
        assert answer.mimetype == "text/css"


@on_sqlite
def test_the_thread_page_shows_published_comments_as_text(newsroom: Newsroom) -> None:
    first = newsroom.send(author_name="<b>Bob</b>", author_url="https://bob.example/")
    newsroom.send(parent=first["id"], body="A <i>reply</i>.")
    newsroom.set_policy(ALL_HELD)
    newsroom.send(body="Held.")
    answer = read(newsroom, path_of(page_key(newsroom)))
    assert answer.status_code == 200
    assert "&lt;b&gt;Bob&lt;/b&gt;" in answer.text
    assert "A &lt;i&gt;reply&lt;/i&gt;." in answer.text
    assert 'rel="nofollow ugc noopener noreferrer"' in answer.text
    assert "In reply to" in answer.text
    for secret in ("Held.", "mail.example"):
        assert secret not in answer.text
    assert set(answer.headers["Cache-Control"].split(", ")) == PUBLIC
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert not re.search(r"<script|<style|style=|\son\w+=", answer.text)


@on_sqlite
def test_the_thread_page_leads_back_to_the_keys_own_pages_alone(
    newsroom: Newsroom,
) -> None:
    key = page_key(newsroom)
    assert f'<a href="{ARTICLE}">' in read(newsroom, path_of(key)).text
    for article in (
        "https://evil.example/",
        "javascript:alert(1)",
        "https://gazette.example.evil.example/",
        "id-7",
    ):
        answer = read(newsroom, path_of(key, article))
        assert answer.status_code == 200
        assert "Back to the article" not in answer.text


@on_sqlite
def test_the_thread_page_is_in_arabic_and_in_pages(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "COMMENTS_ON_PAGE", 2)
    for number in range(3):
        newsroom.send(body=f"Number {number}.")
    first = read(newsroom, path_of(page_key(newsroom), lang="ar-EG")).text
    assert '<html lang="ar" dir="rtl">' in first
    assert "Number 2." not in first
    (more,) = re.findall(r'id="more" href="([^"]+)"', first)
    second = read(newsroom, more.replace("&amp;", "&")).text
    assert "Number 2." in second
    assert "من أول تعليق" in second


@on_sqlite
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"key": ""}, 401),
        ({"key": "4t8w2m6x9k1d"}, 401),
        ({"article": ""}, 422),
        ({"article": "a\0b"}, 422),
        ({"article": "x" * 2049}, 422),
        ({"after": "x"}, 422),
        ({"after": "WyJ4Il0"}, 422),
    ],
)
def test_a_bad_address_is_answered_with_a_page(
    newsroom: Newsroom, query: dict[str, str], status: int
) -> None:
    parameters = {"key": page_key(newsroom), "article": ARTICLE, **query}
    answer = read(newsroom, f"/embed/thread?{urlencode(parameters)}")
    assert answer.status_code == status
    assert "This page can’t be shown" in answer.text
    assert "public" not in answer.headers["Cache-Control"]


@on_sqlite
def test_a_server_key_is_no_key_for_the_thread_page(newsroom: Newsroom) -> None:
    assert read(newsroom, path_of(newsroom.key)).status_code == 401
