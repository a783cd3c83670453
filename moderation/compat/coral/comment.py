"""Reads Coral's comment into fields and facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from moderation.compat.parsing import storable
from moderation.errors import InvalidFields
from moderation.models.serving import ScoredText
from moderation.policy.facts import Facts, Signal

MAX_BYTES = 65_535  # of a comment, as in `api.comment_bodies`
STAFF = {"STAFF", "MODERATOR", "ADMIN"}
ACTIONS = ("NEW", "EDIT")


def read_fields(sent: Any) -> dict[str, Any]:
    """Return the fields of Coral's comment that are scored.

    Raises
    ------
    InvalidFields
        If there is no text, or it is longer than may be judged.
    """
    comment = sent.get("comment") if isinstance(sent, dict) else None
    body = comment.get("body") if isinstance(comment, dict) else None
    if not isinstance(body, str):
        raise InvalidFields({"comment.body": ["Must be a string."]})
    if sent.get("action") not in ACTIONS:
        raise InvalidFields({"action": [f"One of {', '.join(ACTIONS)}."]})
    if len(body.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InvalidFields({"comment.body": [f"Over {MAX_BYTES} bytes."]})
    return {"body": plain(storable(body))}


def read_facts(sent: Mapping[str, Any], scored: ScoredText | None) -> Facts:
    """Return the facts about Coral's comment for the policy."""
    author = sent.get("author")
    author_fields = author if isinstance(author, dict) else {}
    author_id = author_fields.get("id")
    return replace(
        Facts.of(scored),
        author_id=author_id if isinstance(author_id, str) else None,
        signal=Signal.STAFF if author_fields.get("role") in STAFF else None,
    )


def read_username(sent: Mapping[str, Any]) -> str | None:
    """Return the author's name; None: Coral sends the id and the role alone.

    Coral 9.11 sends no name by itself; sites that add one have it checked.
    """
    author = sent.get("author")
    username = author.get("username") if isinstance(author, dict) else None
    return storable(username) if isinstance(username, str) and username else None


class _Text(HTMLParser):
    """Collects the visible text and the link targets."""

    BREAKS = frozenset({"br", "div", "p", "li", "blockquote"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BREAKS:
            self.parts.append("\n")
        self.parts += [
            f" {value} " for name, value in attrs if name == "href" and value
        ]

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain(body: str) -> str:
    """Return the text of a comment that may be HTML.

    >>> plain('a <b>b</b>un<a href="https://x.example">c</a> 1 < 2')
    'a bun https://x.example c 1 < 2'
    """
    if "<" not in body and "&" not in body:
        return body
    reader = _Text()
    reader.feed(body)
    reader.close()
    return "".join(reader.parts).strip()
