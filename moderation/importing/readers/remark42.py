"""Remark42's backups: a line about the site, then one comment a line.

Source: backend/app/migrator/native.go of Remark42, August 2026 (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
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
    as_object,
    as_objects,
    as_text,
    read_json_lines,
)
from moderation.importing.findings import BlockedAuthor, FileFindings
from moderation.importing.markup import Markup
from moderation.importing.records import (
    DecisionEvidence,
    ImportItem,
    RefusedRow,
    SkippedRow,
    SourceDecision,
    external_id,
)
from moderation.policy.standings import Standing
from moderation.policy.verdicts import Status, Verdict

VERSIONS = (0, 1)
ANONYMOUS_PREFIX = "anonymous_"


def read_remark42(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the comments of backups. All that is left there is published."""
    for path in paths:
        addresses: dict[str, str] | None = None
        for line, value in read_json_lines(path):
            if addresses is None:
                addresses = _read_head(path, value, options, findings)
            elif value is None:
                yield RefusedRow(id="?", says="no JSON object", line=line)
            else:
                yield _read_comment(value, addresses, options, line)
        if addresses is None:
            raise UnreadableFile(f"{path.name} is no backup of Remark42.")


def _read_head(
    path: Path, head: Any, options: ReadOptions, findings: FileFindings
) -> dict[str, str]:
    """Return the address of each account that has one."""
    if not isinstance(head, dict) or "version" not in head:
        raise UnreadableFile(f"{path.name} is no backup of Remark42.")
    if head["version"] not in VERSIONS:
        version = as_text(head["version"])[:20]
        raise UnreadableFile(
            f"{path.name} is of version {version}; this reads version 1."
        )
    addresses = {}
    for user in as_objects(head.get("users")):
        number = as_text(user.get("id"))
        details = user.get("details")
        if isinstance(details, dict) and (email := as_text(details.get("email"))):
            addresses[number] = email
        blocked = user.get("blocked")
        if isinstance(blocked, dict) and blocked.get("status") is True:
            account = external_id(options.source, number)
            until = _until(as_text(blocked.get("until")))
            findings.blocked_authors.append(
                BlockedAuthor(
                    author_id=account,
                    until=until,
                    standing=Standing.SUSPENDED if until else Standing.BANNED,
                )
            )
    findings.closed_articles += [
        as_text(post.get("url"))
        for post in as_objects(head.get("posts"))
        if post.get("read_only") is True
    ]
    return addresses


def _until(text: str) -> datetime | None:
    try:
        until = read_time(text)
    except UnreadableTime:
        return None
    return until if until.year > 1 else None  # `0001-01-01` is Go's zero: never


def _read_comment(
    value: dict[str, Any], addresses: dict[str, str], options: ReadOptions, line: int
) -> ImportItem:
    number, parent = as_text(value.get("id")), as_text(value.get("pid"))
    named = external_id(options.source, parent) if parent else None
    if value.get("delete") is True:
        return SkippedRow(id=number, why="deleted", named_parent=named)
    refused = RefusedRow(id=number or "?", says="no id", line=line, named_parent=named)
    if not number:
        return refused
    user, locator, edit = (as_object(value.get(n)) for n in ("user", "locator", "edit"))
    account = as_text(user.get("id"))
    is_account = account and not account.startswith(ANONYMOUS_PREFIX)
    try:
        written_at = read_time(as_text(value.get("time")))
        edited = as_text(edit.get("time"))
        edited_at = read_time(edited) if edited else None
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    original, score = as_text(value.get("orig")), value.get("score")
    draft = CommentDraft(
        id=number,
        parent=parent,
        article=as_text(locator.get("url")),
        article_title=as_text(value.get("title")),
        name=as_text(user.get("name")),
        is_name_escaped=True,
        email=addresses.get(account),
        author_id=external_id(options.source, account) if is_account else None,
        ip=as_text(user.get("ip")),
        is_ip_useless=True,  # a hash
        written_at=written_at,
        edited_at=edited_at,
        text=original or as_text(value.get("text")),
        markup=Markup.PLAIN if original else Markup.HTML,
        status=Status.APPROVED,
        decision=SourceDecision(
            verdict=Verdict.APPROVE, evidence=DecisionEvidence.UNKNOWN
        ),
        pick=value.get("pin") is True,
        aside={"score": score} if isinstance(score, int) and score else {},
        line=line,
    )
    return finish(draft, options)
