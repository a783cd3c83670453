"""Exports of Commento, Commento++, and Comentario 2: one JSON object, packed or not.

Source: api/domain_export.go of Commento++ (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ijson

from moderation.importing.drafts import (
    CommentDraft,
    ReadOptions,
    UnreadableTime,
    finish,
    read_time,
)
from moderation.importing.files import UnreadableFile, as_text, open_bytes
from moderation.importing.findings import FileFindings
from moderation.importing.markup import Markup
from moderation.importing.records import (
    DecisionEvidence,
    ImportItem,
    RefusedRow,
    SkippedRow,
    SourceDecision,
    external_id,
)
from moderation.policy.verdicts import Status, Verdict

EMPTY = "undefined"
ANONYMOUS_HEX = "anonymous"
STATES = {
    "approved": Status.APPROVED,
    "unapproved": Status.PENDING,
    "flagged": Status.PENDING,
}


def read_commento(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the comments of exports. Authors come behind: there are two passes."""
    for path in paths:
        version = next(iter(_read_items(path, "version")), None)
        if version != 1:
            raise UnreadableFile(f"{path.name} is no export of Commento of version 1.")
        authors = {
            as_text(author.get("commenterHex")): author
            for author in _read_items(path, "commenters.item")
            if isinstance(author, dict)
        }
        for comment in _read_items(path, "comments.item"):
            if isinstance(comment, dict):
                yield _read_comment(comment, authors, options)
            else:
                yield RefusedRow(id="?", says="no JSON object")


def _read_items(path: Path, prefix: str) -> Iterator[Any]:
    with open_bytes(path) as file:
        try:
            yield from ijson.items(file, prefix, use_float=True)
        except (ijson.JSONError, RecursionError) as error:
            raise UnreadableFile(f"{path.name} is no JSON that can be read.") from error


def _value(author: dict[str, Any], name: str) -> str:
    text = as_text(author.get(name))
    return "" if text == EMPTY else text


def _read_comment(
    value: dict[str, Any], authors: dict[str, dict[str, Any]], options: ReadOptions
) -> ImportItem:
    number, parent = as_text(value.get("commentHex")), as_text(value.get("parentHex"))
    parent = "" if parent == "root" else parent
    named = external_id(options.source, parent) if parent else None
    account = as_text(value.get("commenterHex"))
    text = as_text(value.get("markdown"))
    is_erased = text == "[deleted]" and account == ANONYMOUS_HEX
    if is_erased or value.get("deleted") is True:
        return SkippedRow(id=number, why="deleted", named_parent=named)
    refused = RefusedRow(id=number or "?", says="", named_parent=named)
    state = as_text(value.get("state"))
    if state not in STATES:
        refused.says = f"state {state[:40]!r}"
        return refused
    try:
        written_at = read_time(as_text(value.get("creationDate")))
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    author = authors.get(account, {})
    is_account = account not in ("", ANONYMOUS_HEX) and author.get("provider") != "anon"
    score, status = value.get("score"), STATES[state]
    flagged = [{"from": "commento", "attribute": "spam", "value": 1.0}]
    domain, page = as_text(value.get("domain")), as_text(value.get("url"))
    draft = CommentDraft(
        id=number,
        parent=parent,
        article=f"https://{domain}{page}" if domain else "",
        name=_value(author, "name"),
        email=_value(author, "email"),
        url=_value(author, "link"),
        author_id=external_id(options.source, account) if is_account else None,
        written_at=written_at,
        text=text,
        markup=Markup.PLAIN,
        status=status,
        decision=None
        if status is Status.PENDING
        else SourceDecision(verdict=Verdict.APPROVE, evidence=DecisionEvidence.UNKNOWN),
        scores=flagged if state == "flagged" else (),
        aside={"score": score} if isinstance(score, int) and score else {},
    )
    return finish(draft, options)
