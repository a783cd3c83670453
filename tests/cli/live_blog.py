"""A live WordPress of ten comments, for this process and one that is killed."""

from __future__ import annotations

import json
from typing import Any

from moderation.importing.live_site import LiveAnswer, LiveSite

URL = "https://blog.example/"
PAGE_SIZE = 2
STATUSES = {2: "spam", 9: "hold"}  # all others are approved
PARENTS = {5: 2, 7: 6}  # one is read before its parent
#: Pages of comments that this process has asked for.
asked: list[tuple[str, int]] = []


def ask(site: LiveSite, path: str, **query: Any) -> LiveAnswer:
    """Answer in place of `LiveSite.ask`."""
    rows: list[dict[str, Any]] = []
    pages = 1
    if path == "wp/v2/comments" and query["type"] == "comment":
        status, page = query["status"].replace("approve", "approved"), query["page"]
        asked.append((query["status"], page))
        ids = [n for n in range(1, 11) if STATUSES.get(n, "approved") == status]
        pages = -(-len(ids) // PAGE_SIZE)
        rows = [_comment(n) for n in ids[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
    return LiveAnswer(
        status=200,
        url=URL,
        headers={"content-type": "application/json", "x-wp-totalpages": str(pages)},
        links={},
        body=json.dumps(rows).encode(),
    )


def _comment(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "post": 7,
        "parent": PARENTS.get(number, 0),
        "author": 0,
        "author_name": f"Reader {number % 3}",
        "author_email": f"reader{number % 3}@mail.example",
        "date_gmt": f"2023-03-05T09:{number:02}:00",
        "content": {"raw": f"Comment {number}"},
        "link": f"{URL}ferry/#comment-{number}",
        "status": STATUSES.get(number, "approved"),
    }
