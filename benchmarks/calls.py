"""The requests that `benchmarks.serving` and `benchmarks.profile` send."""

from __future__ import annotations

import itertools
import json
import random
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

JSON = "application/json"
ARTICLES, AUTHORS = 50, 500
BATCH_SIZE = 500
#: Stands for a number that no other text has: the same text twice is one comment.
MARK = "@@"
TEXT = (
    "the bridge over the river was closed again this morning and nobody at city hall "
    "could tell us why it takes two years to mend what was built in one while the "
    "ferry stays tied up and every shop on the lane loses its customers thank you for "
    "asking the right questions I would add that buses could run earlier"
)
WORDS = TEXT.split()


@dataclass(frozen=True, kw_only=True)
class Request:
    """A POST request, with `MARK` in each text."""

    path: str
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def make_text(words: random.Random) -> str:
    """Return a text of the usual length: 5 to 60 words, and `MARK`."""
    text = " ".join(words.choices(WORDS, k=words.randint(5, 60)))
    return f"{text} ({MARK})."


def make_comment(number: int, words: random.Random) -> dict[str, str]:
    """Return a comment as sites send it."""
    author = number % AUTHORS
    return {
        "author_name": f"Reader {author}",
        "author_email": f"reader{author}@mail.example",
        "body": make_text(words),
        "article": f"https://news.example/{number % ARTICLES}",
    }


def _json(path: str, fields: object, key: str) -> Request:
    headers = {"Content-Type": JSON, "Authorization": f"Bearer {key}"}
    return Request(path=path, body=json.dumps(fields), headers=headers)


def post(number: int, words: random.Random, key: str) -> Request:
    """Return a comment for our API."""
    return _json("/api/v1/comments", make_comment(number, words), key)


def batch(number: int, words: random.Random, key: str) -> Request:
    """Return a full batch for our API."""
    numbers = range(number * BATCH_SIZE, (number + 1) * BATCH_SIZE)
    comments = [make_comment(each, words) for each in numbers]
    return _json("/api/v1/comments/batch", {"comments": comments}, key)


def check(number: int, words: random.Random, key: str) -> Request:
    """Return a comment as clients of Akismet send it."""
    comment = make_comment(number, words)
    fields = {
        "api_key": key,
        "blog": "https://news.example",
        "user_ip": "198.51.100.7",
        "comment_author": comment["author_name"],
        "comment_author_email": comment["author_email"],
        "comment_content": comment["body"],
        "permalink": comment["article"],
    }
    return Request(
        path="/1.1/comment-check",
        body=urllib.parse.urlencode(fields, safe=MARK),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )


def analyze(number: int, words: random.Random, key: str) -> Request:
    """Return a text as clients of Perspective send it; it isn't stored."""
    body = {
        "comment": {"text": make_text(words)},
        "requestedAttributes": {"TOXICITY": {}, "SEVERE_TOXICITY": {}, "SPAM": {}},
        "doNotStore": True,
    }
    path = "/v1alpha1/comments:analyze"
    return Request(
        path=path,
        body=json.dumps(body),
        headers={"Content-Type": JSON, "X-Goog-Api-Key": key},
    )


def isso(number: int, words: random.Random, key: str) -> Request:
    """Return a comment for Isso, which asks for no key."""
    comment = make_comment(number, words)
    fields = {
        "author": comment["author_name"],
        "email": comment["author_email"],
        "text": comment["body"],
        "title": f"Article {number % ARTICLES}",
    }
    path = f"/new?uri=%2F{number % ARTICLES}%2F"
    return Request(
        path=path,
        body=json.dumps(fields),
        headers={"Content-Type": JSON},
    )


CALLS: dict[str, Callable[[int, random.Random, str], Request]] = {
    call.__name__: call for call in (post, batch, check, analyze, isso)
}


def list_requests(call: str, key: str) -> Iterator[Request]:
    """Return requests without end, with `MARK` still in them."""
    words = random.Random(time.time_ns())
    for number in itertools.count():
        yield CALLS[call](number, words, key)


def first_number() -> int:
    """Return a number that texts of earlier runs don't reach."""
    return time.time_ns() // 1_000_000 % 1_000_000_000
