"""Talk 4, as `mongoexport` writes its collections: a folder of JSON lines.

Source: strategies/legacy/models.go of coral-importer (read 2026-11).
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
)
from moderation.importing.files import (
    UnreadableFile,
    as_object,
    as_objects,
    as_text,
    read_json_lines,
)
from moderation.importing.findings import FileFindings
from moderation.importing.markup import Markup
from moderation.importing.mongo_collections import Collections, open_collections, plain
from moderation.importing.readers.coral import (
    list_collections,
    needed_moment,
    read_block,
    read_moment,
    read_objects,
)
from moderation.importing.records import (
    DecisionEvidence,
    ImportItem,
    RefusedRow,
    SkippedRow,
    SourceDecision,
    external_id,
)
from moderation.policy.verdicts import Status, Verdict

STATUSES = {
    "NONE": Status.APPROVED,
    "ACCEPTED": Status.APPROVED,
    "REJECTED": Status.REJECTED,
    "PREMOD": Status.PENDING,
    "SYSTEM_WITHHELD": Status.PENDING,
}
#: Of flags by readers; the others are machines'.
REPORTED_FOR = {
    "COMMENT_OFFENSIVE": "toxicity",
    "COMMENT_SPAM": "spam",
    "COMMENT_OTHER": "other",
}


def read_talk(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the comments of a folder of collections."""
    files = list_collections(paths)
    if "comments" not in files or "assets" not in files:
        raise UnreadableFile("comments.json and assets.json are needed.")
    with open_collections() as found:
        for path in files["assets"]:
            found.add_all(
                "assets", read_objects(path), lambda value: _asset(value, options)
            )
        for path in files.get("users", ()):
            found.add_all(
                "users", read_objects(path), lambda value: _user(value, options)
            )
        for path in files.get("actions", ()):
            found.add_lists("reports", read_objects(path), _report)
        for user in found.values("users"):
            block = read_block(user, options.now)
            if block is not None:
                findings.blocked_authors.append(block)
        findings.closed_articles += [
            asset["url"] for asset in found.values("assets") if asset["is_closed"]
        ]
        for path in files["comments"]:
            for line, value in read_json_lines(path):
                if value is None:
                    yield RefusedRow(id="?", says="no JSON object", line=line)
                else:
                    yield _read_comment(plain(value), found, options, line)


def _asset(value: dict[str, Any], options: ReadOptions) -> tuple[str, dict[str, Any]]:
    closed_at = read_moment(value.get("closedAt"))
    return as_text(value.get("id")), {
        "url": as_text(value.get("url")),
        "title": as_text(value.get("title")),
        "section": as_text(value.get("section")),
        "is_closed": closed_at is not None and closed_at <= options.now,
    }


def _user(value: dict[str, Any], options: ReadOptions) -> tuple[str, dict[str, Any]]:
    """Keep what is needed of a user; passwords are never read."""
    number = as_text(value.get("id"))
    addresses = [
        as_text(profile.get("id"))
        for profile in as_objects(value.get("profiles"))
        if profile.get("provider") == "local"
    ]
    status = as_object(value.get("status"))
    return number, {
        "name": as_text(value.get("username")),
        "email": addresses[0] if addresses else "",
        "author_id": external_id(options.source, number),
        "is_banned": as_object(status.get("banned")).get("status") is True,
        "is_premoderated": False,
        "suspended_until": [as_object(status.get("suspension")).get("until")],
    }


def _report(value: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    reason = REPORTED_FOR.get(as_text(value.get("group_id")))
    is_flag = (
        value.get("action_type") == "FLAG" and value.get("item_type") == "COMMENTS"
    )
    if not is_flag or reason is None or not value.get("user_id"):
        return None
    return as_text(value.get("item_id")), {"reason": reason}


def _read_comment(
    value: dict[str, Any], found: Collections, options: ReadOptions, line: int
) -> ImportItem:
    number, parent = as_text(value.get("id")), as_text(value.get("parent_id"))
    named = external_id(options.source, parent) if parent else None
    texts = as_objects(value.get("body_history"))
    body = as_text(texts[-1].get("body")) if texts else as_text(value.get("body"))
    if value.get("deleted_at") or not body:
        return SkippedRow(id=number, why="deleted", named_parent=named)
    refused = RefusedRow(id=number or "?", says="", line=line, named_parent=named)
    stated = as_text(value.get("status"))
    if stated not in STATUSES:
        refused.says = f"status {stated[:40]!r}"
        return refused
    asset_id = as_text(value.get("asset_id"))
    asset = found.get("assets", asset_id)
    if asset is None:
        refused.says = f"its article {asset_id[:40]!r} is not in the files"
        return refused
    author_id = as_text(value.get("author_id"))
    author = found.get("users", author_id) or {
        "name": "",
        "email": "",
        "author_id": external_id(options.source, author_id) if author_id else None,
    }
    try:
        written_at = needed_moment(value.get("created_at"))
        decision = _decide(stated, as_objects(value.get("status_history")))
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    tags = {
        as_text(as_object(tag.get("tag")).get("name"))
        for tag in as_objects(value.get("tags"))
    }
    draft = CommentDraft(
        id=number,
        parent=parent,
        article=asset["url"],
        article_title=asset["title"],
        article_section=asset["section"],
        name=author["name"],
        email=author["email"],
        author_id=author["author_id"],
        written_at=written_at,
        edited_at=read_moment(texts[-1].get("created_at")) if len(texts) > 1 else None,
        text=body,
        markup=Markup.PLAIN,
        status=STATUSES[stated],
        decision=decision,
        scores=_scores(as_object(value.get("metadata"))),
        reports=_count_reports(found.list("reports", number)),
        pick="FEATURED" in tags,
        aside={"earlier_texts": len(texts) - 1} if len(texts) > 1 else {},
        line=line,
    )
    return finish(draft, options)


def _decide(stated: str, history: Sequence[dict[str, Any]]) -> SourceDecision | None:
    """Return the last decision that led to a status; a reason is never given."""
    if STATUSES[stated] is Status.PENDING:
        return None
    fitting = [entry for entry in history if entry.get("type") == stated]
    of_people = [entry for entry in fitting if entry.get("assigned_by")]
    is_rejected = stated == "REJECTED"
    last = next(reversed(of_people or (fitting if is_rejected else [])), None)
    evidence = DecisionEvidence.UNKNOWN
    if of_people:
        evidence = DecisionEvidence.PERSON
    elif last is not None:
        evidence = DecisionEvidence.FILTER
    return SourceDecision(
        verdict=Verdict.REJECT if is_rejected else Verdict.APPROVE,
        evidence=evidence,
        reasons=("other",) if is_rejected else (),
        at=needed_moment(last.get("created_at")) if last else None,
        by=as_text(last.get("assigned_by")) if last and of_people else None,
    )


def _scores(about: dict[str, Any]) -> list[dict[str, Any]]:
    scores = []
    for model, score in as_object(about.get("perspective")).items():
        value = as_object(score).get("summaryScore")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            scores.append(
                {"from": "perspective", "attribute": model[:60], "value": float(value)}
            )
    if about.get("akismet") is True:
        scores.append({"from": "akismet", "attribute": "spam", "value": 1.0})
    return scores


def _count_reports(reports: Sequence[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for report in reports:
        counts[report["reason"]] = counts.get(report["reason"], 0) + 1
    return counts
