"""A live WordPress over its REST API, played by answers as the real one gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from moderation.importing.drafts import ReadOptions
from moderation.importing.dry_run import read_once
from moderation.importing.files import UnreadableFile
from moderation.importing.findings import FileFindings, ReadingPlace
from moderation.importing.live_site import ATTEMPTS, LiveAnswer, LiveSite
from moderation.importing.readers.wordpress_rest import WordPressSite
from moderation.importing.records import ImportRecord
from moderation.policy.verdicts import Status

BLOG = "https://blog.example/"
OPTIONS = ReadOptions(source="wordpress", now=datetime(2026, 11, 1, tzinfo=UTC))
LINK = {"https://api.w.org/": "https://blog.example/wp-json/"}


def comment(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "post": 7,
        "parent": 0,
        "author": 0,
        "author_name": "Ada",
        "date_gmt": f"2023-03-05T09:{number:02}:00",
        "content": {"rendered": f"<p>Comment {number}</p>"},
        "link": f"https://blog.example/ferry/comment-page-1/#comment-{number}",
        "status": "approved",
        **fields,
    }


class PlayedSite(LiveSite):
    """Answers from a table: path and page, or status of comments, to rows."""

    def __init__(self, answers: dict[tuple[str, str], Any], **fields: Any) -> None:
        super().__init__(url=BLOG, networks=(), sleep=self.waits.append, **fields)
        self.answers = answers
        self.asked: list[str] = []

    waits: list[float] = []  # noqa: RUF012 - emptied by `waited`

    def _get_once(self, address: str, *, is_last: bool) -> LiveAnswer | None:
        self.asked.append(address)
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        kind = query.get("type", "comment")
        key = query.get("status", "") if kind == "comment" else kind
        body = self.answers.get((parts.path, key or query.get("page", "")), [])
        status, headers = 200, {"content-type": "application/json"}
        if isinstance(body, list) and body and isinstance(body[0], LiveAnswer):
            return body.pop(0) if len(body) > 1 else body[0]
        if isinstance(body, tuple):
            status, more, body = body
            headers |= more
        return LiveAnswer(
            status=status,
            url=address,
            headers=headers,
            links=LINK if parts.path == "/" else {},
            body=json.dumps(body).encode(),
        )


@pytest.fixture(autouse=True)
def waits() -> list[float]:
    PlayedSite.waits.clear()
    return PlayedSite.waits


def read(site: LiveSite) -> list[Any]:
    return list(read_once(WordPressSite(site).read, OPTIONS, FileFindings()))


COMMENTS, POSTS = "/wp-json/wp/v2/comments", "/wp-json/wp/v2/posts"
POST = {
    "id": 7,
    "link": "https://blog.example/ferry/",
    "title": {"rendered": "The ferry &#038; the bridge"},
    "_embedded": {"wp:term": [[{"taxonomy": "category", "name": "Local &amp; near"}]]},
}


def test_all_pages_are_read_also_behind_a_short_one() -> None:
    pages = {"x-wp-totalpages": "3"}
    site = PlayedSite(
        {
            (COMMENTS, "1"): (200, pages, [comment(1)]),
            (COMMENTS, "2"): (200, pages, []),
            (COMMENTS, "3"): (200, pages, [comment(3, parent=1, post=8)]),
            (POSTS, ""): [POST],
        }
    )
    first, third = read(site)
    assert (first.external_id, first.body) == ("wordpress:1", "Comment 1")
    assert first.article == "https://blog.example/ferry/"
    assert first.article_title == "The ferry & the bridge"
    assert first.article_section == "Local & near"
    assert third.article == "https://blog.example/ferry/comment-page-1/"
    assert third.status is Status.APPROVED
    assert sum("wp/v2/comments" in each for each in site.asked) == 3


@pytest.mark.parametrize(
    ("pages", "read_again"),
    [
        ({1: [1, 2], 2: [3, 4], 3: [5]}, [3, 4, 5]),
        ({1: [3, 4], 2: [5]}, [3, 4, 5]),  # 1 and 2 were deleted
        ({1: [5], 2: []}, [5]),
    ],
)
def test_reading_goes_on_where_it_was_although_comments_were_deleted(
    pages: dict[int, list[int]], read_again: list[int]
) -> None:
    total = {"x-wp-totalpages": str(len(pages))}
    site = PlayedSite(
        {
            (COMMENTS, str(page)): (200, total, [comment(n) for n in numbers])
            for page, numbers in pages.items()
        }
    )
    findings = FileFindings()
    findings.place = ReadingPlace(kind="", status="", page=2, number=3)
    rows = list(read_once(WordPressSite(site).read, OPTIONS, findings))
    assert [int(row.id) for row in rows] == read_again
    last = next(page for page, numbers in pages.items() if 5 in numbers)
    assert findings.place == ReadingPlace(kind="", status="", page=last, number=5)


def test_a_moderator_sees_every_status_with_addresses() -> None:
    raw = {"raw": "One line\nand another", "rendered": "<p>else</p>"}
    edited = comment(2, content=raw, author_email="ada@mail.example", author_ip="::1")
    site = PlayedSite(
        {
            (COMMENTS, "approve"): [edited],
            (COMMENTS, "hold"): [comment(3, status="hold")],
            (COMMENTS, "spam"): [comment(4, status="spam")],
            (COMMENTS, "trash"): [comment(5, status="trash", parent=2)],
        },
        user="admin",
        password="abcd",
    )
    rows = {row.id: row for row in read(site)}
    assert rows["2"].body == "One line\nand another"
    assert rows["2"].author_email == "ada@mail.example"
    assert rows["3"].status is Status.PENDING
    spam, trash = rows["4"].decision, rows["5"].decision
    assert (spam.evidence, list(spam.reasons)) == ("filter", ["spam"])
    assert trash.evidence == "unknown"
    assert rows["5"].parent == "wordpress:2"
    asked = [each for each in site.asked if "comments" in each]
    assert len(asked) == 8  # four statuses, of comments and of reviews
    assert all("context=edit" in each for each in asked)


def answer(status: int, body: bytes = b"[]", **headers: str) -> LiveAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return LiveAnswer(status=status, url=BLOG, headers=named, links=LINK, body=body)


def test_a_busy_site_is_asked_again_as_late_as_it_wants(waits: list[float]) -> None:
    fine = answer(200, content_type="application/json")
    busy = [answer(503), answer(429, retry_after="7"), fine]
    assert read(PlayedSite({(COMMENTS, "1"): busy})) == []
    assert waits == [1.0, 7.0]


def test_a_site_that_stays_busy_is_given_up(waits: list[float]) -> None:
    site = PlayedSite({(COMMENTS, "1"): [answer(503)]})
    with pytest.raises(UnreadableFile, match=f"answered 503, {ATTEMPTS} times"):
        read(site)
    assert len(waits) == ATTEMPTS - 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (answer(200, b"<html>", content_type="text/html"), "security plugin"),
        (answer(200, b"{", content_type="application/json"), "can't be read"),
        (answer(200, b"{}", content_type="application/json"), "no list of comments"),
        (answer(401), "Name a user with --user"),
        (answer(404), "answers 404 to wp/v2/comments"),
        (answer(302, location="https://evil.example/"), "leads to evil.example"),
        (answer(302, location="http://blog.example/"), "leads to blog.example"),
        (answer(302, location="/wp-json/wp/v2/comments?page=1"), "in a circle"),
    ],
)
def test_what_is_no_answer_ends_the_import(given: LiveAnswer, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read(PlayedSite({(COMMENTS, "1"): [given]}))


def test_a_private_address_is_refused() -> None:
    site = LiveSite(url="http://127.0.0.1:9/", networks=())
    with pytest.raises(UnreadableFile, match="private network"):
        site.get(site.url)


def test_a_comment_that_can_t_be_read_is_refused_alone() -> None:
    rows = [comment(1, status="odd"), comment(2, date_gmt="soon"), comment(3)]
    found = read(PlayedSite({(COMMENTS, "1"): rows}))
    assert [isinstance(each, ImportRecord) for each in found] == [False, False, True]
    assert "status 'odd'" in found[0].says
