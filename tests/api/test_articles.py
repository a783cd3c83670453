"""What readers see: approved comments only, threaded, in pages, cacheable."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.builders import ALL_HELD, ALL_REJECTED, Answer, Newsroom
from tests.refusals import assert_refused

ARTICLE = "https://gazette.example/bridge"


def path_of(article: str) -> str:
    return f"/api/v1/articles/{quote(article, safe='')}/comments"


def read(newsroom: Newsroom, query: str = "", article: str = ARTICLE) -> Answer:
    answer = newsroom.as_site().get(path_of(article) + query)
    assert answer.status_code == 200, answer.json
    return answer


def shown(newsroom: Newsroom, query: str = "", article: str = ARTICLE) -> list[Any]:
    comments: list[Any] = read(newsroom, query, article).json["comments"]
    return comments


def test_an_article_without_comments_has_an_empty_page(newsroom: Newsroom) -> None:
    assert read(newsroom, article="never heard of").json == {
        "comments": [],
        "next": None,
    }


def test_only_approved_comments_are_shown(newsroom: Newsroom) -> None:
    kept, deleted = newsroom.send(), newsroom.send()
    newsroom.as_site().delete(f"/api/v1/comments/{deleted['id']}")
    for policy in (ALL_HELD, ALL_REJECTED):
        newsroom.set_policy(policy)
        newsroom.send()
    assert [each["id"] for each in shown(newsroom)] == [kept["id"]]


def test_a_reader_sees_nothing_that_is_not_public(newsroom: Newsroom) -> None:
    newsroom.send(author_id="u-1", ip="192.0.2.1", user_agent="Browser")
    (each,) = shown(newsroom)
    assert set(each) == {
        "id",
        "parent",
        "depth",
        "author_name",
        "author_url",
        "body",
        "published_at",
        "edited_at",
        "is_erased",
    }


def test_replies_follow_what_they_reply_to(newsroom: Newsroom) -> None:
    first = newsroom.send()["id"]
    second = newsroom.send()["id"]
    reply = newsroom.send(parent=first)["id"]
    deeper = newsroom.send(parent=reply)["id"]
    last = newsroom.send(parent=first)["id"]
    told = [(each["id"], each["parent"], each["depth"]) for each in shown(newsroom)]
    assert told == [
        (first, None, 0),
        (reply, first, 1),
        (deeper, reply, 2),
        (last, first, 1),
        (second, None, 0),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 200])
def test_pages_follow_each_other_without_gap_or_repetition(
    newsroom: Newsroom, limit: int
) -> None:
    root = newsroom.send()["id"]
    newsroom.send(parent=root)
    newsroom.send()
    whole = [each["id"] for each in shown(newsroom)]
    found, cursor = [], ""
    for _ in range(5):
        page = read(newsroom, f"?limit={limit}{cursor}").json
        found += [each["id"] for each in page["comments"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == whole


@pytest.mark.parametrize(
    "article",
    [
        "id-7",
        "https://gazette.example/a?b=c&d=e#f",
        "https://gazette.example/comments",
        "дом/улица",
        "a b",
        "a//b",
        "100%",
        "<script>",
    ],
)
def test_an_article_is_found_by_the_name_it_was_sent_with(
    newsroom: Newsroom, article: str
) -> None:
    made = newsroom.send(article=article)
    assert [each["id"] for each in shown(newsroom, article=article)] == [made["id"]]


def test_an_article_of_another_site_is_another_article(
    newsroom: Newsroom, other_newsroom: Newsroom
) -> None:
    newsroom.send()
    assert shown(other_newsroom) == []


def test_an_unchanged_page_is_not_sent_again(newsroom: Newsroom) -> None:
    newsroom.send()
    tag = read(newsroom).headers["ETag"]
    again = newsroom.as_site().get(path_of(ARTICLE), headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.text == ""


def test_a_changed_page_is_sent_again(newsroom: Newsroom) -> None:
    tag = read(newsroom).headers["ETag"]
    newsroom.send()
    again = newsroom.as_site().get(path_of(ARTICLE), headers={"If-None-Match": tag})
    assert again.status_code == 200


def test_a_page_is_kept_by_whoever_asked_only(newsroom: Newsroom) -> None:
    control = read(newsroom).headers["Cache-Control"]
    assert "private" in control
    assert "no-cache" in control


def test_staff_use_the_queue_not_the_articles(newsroom: Newsroom) -> None:
    assert_refused(newsroom.as_staff().get(path_of(ARTICLE)), 403)
