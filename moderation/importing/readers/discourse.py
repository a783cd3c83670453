"""Discourse's posts as JSON lines: pages of `/posts.json`, or one post a line.

Source: the answers of Discourse's API to a key of an admin, which bring `raw`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from moderation.importing.drafts import (
    CommentDraft,
    ReadOptions,
    UnreadableTime,
    finish,
    read_time,
)
from moderation.importing.files import (
    UnreadableFile,
    as_objects,
    as_text,
    read_json_lines,
)
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

FIRST = 1  # number of the post that is the article


def read_discourse(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield posts. Their ids are `TOPIC-NUMBER`, as replies name them."""
    for path in paths:
        for line, value in read_json_lines(path):
            if value is None:
                yield RefusedRow(id="?", says="no JSON object", line=line)
                continue
            posts = as_objects(value.get("latest_posts")) or [value]
            for post in posts:
                if "topic_id" not in post:
                    raise UnreadableFile(f"{path.name} holds no posts of Discourse.")
                yield _read_post(post, options, line)


def _read_post(post: dict[str, Any], options: ReadOptions, line: int) -> ImportItem:
    topic, place = as_text(post["topic_id"]), as_text(post.get("post_number"))
    above = as_text(post.get("reply_to_post_number"))
    parent = f"{topic}-{above}" if above not in ("", str(FIRST)) else ""
    number = f"{topic}-{place}" if place else ""
    named = external_id(options.source, parent) if parent else None
    if place == str(FIRST):
        return SkippedRow(id=number, why="article")
    if post.get("post_type", 1) != 1:  # of moderators' actions and whispers
        return SkippedRow(id=number, why="note", named_parent=named)
    if post.get("user_deleted") is True:
        return SkippedRow(id=number, why="deleted", named_parent=named)
    refused = RefusedRow(id=number or "?", says="", line=line, named_parent=named)
    try:
        written_at = read_time(as_text(post.get("created_at")))
        deleted = as_text(post.get("deleted_at"))
        deleted_at = read_time(deleted) if deleted else None
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    by = as_text(post.get("deleted_by")) or None
    is_own = by is not None and by == as_text(post.get("username"))
    is_rejected = deleted_at is not None or post.get("hidden") is True
    is_person = is_rejected and by is not None and not is_own
    raw, username = as_text(post.get("raw")), as_text(post.get("username"))
    draft = CommentDraft(
        id=number,
        parent=parent,
        article=_address(post, topic, options),
        article_title=as_text(post.get("topic_title")),
        name=as_text(post.get("name")) or username,
        author_id=external_id(options.source, username) if username else None,
        written_at=written_at,
        text=raw or as_text(post.get("cooked")),
        markup=Markup.PLAIN if raw else Markup.HTML,
        status=Status.REJECTED if is_rejected else Status.APPROVED,
        decision=SourceDecision(
            verdict=Verdict.REJECT if is_rejected else Verdict.APPROVE,
            evidence=DecisionEvidence.PERSON if is_person else DecisionEvidence.UNKNOWN,
            reasons=("other",) if is_rejected else (),
            at=deleted_at if is_person else None,
            by=by if is_person else None,
        ),
        line=line,
    )
    return finish(draft, options)


def _address(post: dict[str, Any], topic: str, options: ReadOptions) -> str:
    embedded = as_text(post.get("embed_url"))
    if embedded or options.base_url is None:
        return embedded
    slug = as_text(post.get("topic_slug")) or "topic"
    return f"{options.base_url.rstrip('/')}/t/{slug}/{topic}"
