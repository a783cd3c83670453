"""Coral 5 to 9, as `mongoexport` writes its collections: a folder of JSON lines.

Source: server/src/core/server/models of Coral, July 2026 (read 2026-11).
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
    read_unix_time,
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
from moderation.importing.mongo_collections import Collections, open_collections, plain
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

COMMENTS = ("comments", "archivedComments")
ACTIONS = ("commentModerationActions", "archivedCommentModerationActions")
REPORTS = ("commentActions", "archivedCommentActions")
STATUSES = {
    "NONE": Status.APPROVED,
    "APPROVED": Status.APPROVED,
    "REJECTED": Status.REJECTED,
    "PREMOD": Status.PENDING,
    "SYSTEM_WITHHELD": Status.PENDING,
}
REASONS = {
    "SPAM": "spam",
    "AD": "spam",
    "HATE_SPEECH": "identity_attack",
    "HARASSMENT_BULLYING": "insult",
    "ABUSIVE": "toxicity",
    "OFFENSIVE": "toxicity",
    "ILLEGAL_CONTENT": "illegal",
    "IRRELEVANT_CONTENT": "off_topic",
}
REPORTED_FOR = {
    "COMMENT_REPORTED_OFFENSIVE": "toxicity",
    "COMMENT_REPORTED_ABUSIVE": "toxicity",
    "COMMENT_REPORTED_SPAM": "spam",
    "COMMENT_REPORTED_OTHER": "other",
}


def read_coral(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the comments of a folder of collections, or of single files of it."""
    files = list_collections(paths)
    if not any(name in files for name in COMMENTS) or "stories" not in files:
        raise UnreadableFile("comments.json and stories.json are needed.")
    with open_collections() as found:
        for path in files.get("stories", ()):
            found.add_all(
                "stories", read_objects(path), lambda value: _story(value, options)
            )
        for path in files.get("users", ()):
            found.add_all(
                "users", read_objects(path), lambda value: _user(value, options)
            )
        for name in ACTIONS:
            for path in files.get(name, ()):
                found.add_lists("actions", read_objects(path), _action)
        for name in REPORTS:
            for path in files.get(name, ()):
                found.add_lists("reports", read_objects(path), _report)
        for user in found.values("users"):
            block = read_block(user, options.now)
            if block is not None:
                findings.blocked_authors.append(block)
        findings.closed_articles += [
            story["url"] for story in found.values("stories") if story["is_closed"]
        ]
        for name in COMMENTS:
            for path in files.get(name, ()):
                for line, value in read_json_lines(path):
                    if value is None:
                        yield RefusedRow(id="?", says="no JSON object", line=line)
                    else:
                        yield _read_comment(plain(value), found, options, line)


def list_collections(paths: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the files of a folder by the collections that are in them."""
    files: dict[str, list[Path]] = {}
    for path in paths:
        members = sorted(path.iterdir()) if path.is_dir() else [path]
        for member in members:
            if member.name.endswith((".json", ".json.gz")):
                files.setdefault(member.name.partition(".")[0], []).append(member)
    return files


def read_objects(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a collection without MongoDB's types."""
    return (plain(value) for _, value in read_json_lines(path) if value is not None)


def _story(value: dict[str, Any], options: ReadOptions) -> tuple[str, dict[str, Any]]:
    about = as_object(value.get("metadata"))
    closed_at = read_moment(value.get("closedAt"))
    return as_text(value.get("id")), {
        "url": as_text(value.get("url")),
        "title": as_text(about.get("title")),
        "section": as_text(about.get("section")),
        "is_closed": closed_at is not None and closed_at <= options.now,
    }


def _user(value: dict[str, Any], options: ReadOptions) -> tuple[str, dict[str, Any]]:
    """Keep what is needed of a user, without the address, which is sealed apart."""
    number = as_text(value.get("id"))
    own = [
        as_text(profile.get("id"))
        for profile in as_objects(value.get("profiles"))
        if profile.get("type") == "sso"
    ]
    status = as_object(value.get("status"))
    suspensions = as_objects(as_object(status.get("suspension")).get("history"))
    return number, {
        "name": as_text(value.get("username")),
        "email": as_text(value.get("email")),
        "author_id": own[0] if own else external_id(options.source, number),
        "is_banned": as_object(status.get("ban")).get("active") is True,
        "is_premoderated": as_object(status.get("premod")).get("active") is True,
        "suspended_until": [
            as_object(suspension.get("from")).get("finish")
            for suspension in suspensions
        ],
    }


def read_block(user: dict[str, Any], now: datetime) -> BlockedAuthor | None:
    """Return how a user is kept from writing; None: not at all, or no longer."""
    author_id = user["author_id"]
    if user["is_banned"]:
        return BlockedAuthor(author_id=author_id, until=None)
    ends = [read_moment(each) for each in user["suspended_until"]]
    until = max((end for end in ends if end is not None and end > now), default=None)
    if until is not None:
        return BlockedAuthor(
            author_id=author_id, until=until, standing=Standing.SUSPENDED
        )
    if user["is_premoderated"]:
        return BlockedAuthor(
            author_id=author_id, until=None, standing=Standing.PREMODERATED
        )
    return None


def read_moment(value: Any) -> datetime | None:
    """Return a time that may be missing or false, as that of a story that is open."""
    if value is None or isinstance(value, bool):
        return None
    try:
        moment: datetime = needed_moment(value)
    except UnreadableTime:
        return None
    return moment


def _action(value: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    code = as_object(value.get("rejectionReason")).get("code")
    return as_text(value.get("commentID")), {
        "revision": as_text(value.get("commentRevisionID")),
        "status": as_text(value.get("status")),
        "by": as_text(value.get("moderatorID")),
        "code": as_text(code),
        "at": value.get("createdAt"),
    }


def _report(value: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    reason = REPORTED_FOR.get(as_text(value.get("reason")))
    if value.get("actionType") == "ILLEGAL":
        reason = "illegal"
    if reason is None or not value.get("userID"):
        return None  # a machine's, or about no comment
    return as_text(value.get("commentID")), {
        "revision": as_text(value.get("commentRevisionID")),
        "reason": reason,
    }


def needed_moment(value: Any) -> Any:
    """Return a time as `plain` leaves it: a text, or milliseconds.

    Raises
    ------
    UnreadableTime
        If it is none.
    """
    if isinstance(value, (int, float)):
        return read_unix_time(value / 1000)
    return read_time(as_text(value))


def _read_comment(
    value: dict[str, Any], found: Collections, options: ReadOptions, line: int
) -> ImportItem:
    number = as_text(value.get("id"))
    above = value.get("ancestorIDs")
    first = as_text(above[0]) if isinstance(above, list) and above else ""
    parent = as_text(value.get("parentID")) or first
    named = external_id(options.source, parent) if parent else None
    revisions = as_objects(value.get("revisions"))
    if value.get("deletedAt") or not revisions:
        return SkippedRow(id=number, why="deleted", named_parent=named)
    refused = RefusedRow(id=number or "?", says="", line=line, named_parent=named)
    stated = as_text(value.get("status"))
    if stated not in STATUSES:
        refused.says = f"status {stated[:40]!r}"
        return refused
    story_id = as_text(value.get("storyID"))
    story = found.get("stories", story_id)
    if story is None:
        refused.says = f"its story {story_id[:40]!r} is not in the files"
        return refused
    revision = revisions[-1]
    author_id = as_text(value.get("authorID"))
    author = found.get("users", author_id) or {
        "name": "",
        "email": "",
        "author_id": external_id(options.source, author_id) if author_id else None,
    }
    try:
        written_at = needed_moment(value.get("createdAt"))
        edited_at = (
            needed_moment(revision.get("createdAt")) if len(revisions) > 1 else None
        )
        decision = _decide(stated, found.list("actions", number), revision)
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    tags = {as_text(tag.get("type")) for tag in as_objects(value.get("tags"))}
    draft = CommentDraft(
        id=number,
        parent=parent,
        article=story["url"],
        article_title=story["title"],
        article_section=as_text(value.get("section")) or story["section"],
        name=author["name"],
        email=author["email"],
        author_id=author["author_id"],
        written_at=written_at,
        edited_at=edited_at,
        text=as_text(revision.get("body")),
        markup=Markup.HTML,
        status=STATUSES[stated],
        decision=decision,
        scores=_scores(as_object(revision.get("metadata"))),
        reports=_reports(found.list("reports", number), as_text(revision.get("id"))),
        pick="FEATURED" in tags,
        aside={"earlier_texts": len(revisions) - 1} if len(revisions) > 1 else {},
        line=line,
    )
    return finish(draft, options)


def _decide(
    stated: str, actions: Sequence[dict[str, Any]], revision: dict[str, Any]
) -> SourceDecision | None:
    """Return the decision on a text: the last one that led to its status."""
    if STATUSES[stated] is Status.PENDING:
        return None
    number = as_text(revision.get("id"))
    fitting = [
        action
        for action in actions
        if action["revision"] == number and action["status"] == stated
    ]
    verdict = Verdict.REJECT if stated == "REJECTED" else Verdict.APPROVE
    of_people = [action for action in fitting if action["by"]]
    last = next(reversed(of_people or fitting), None)
    evidence = DecisionEvidence.UNKNOWN
    if of_people:
        evidence = DecisionEvidence.PERSON
    elif last is not None and verdict is Verdict.REJECT:
        evidence = DecisionEvidence.FILTER
    reason = REASONS.get(last["code"] if last else "", "other")
    return SourceDecision(
        verdict=verdict,
        evidence=evidence,
        reasons=(reason,) if verdict is Verdict.REJECT else (),
        at=needed_moment(last["at"])
        if last and evidence is not DecisionEvidence.UNKNOWN
        else None,
        by=last["by"] if last and of_people else None,
    )


def _scores(about: dict[str, Any]) -> list[dict[str, Any]]:
    scores = []
    perspective = as_object(about.get("perspective"))
    if isinstance(perspective.get("score"), (int, float)):
        attribute = as_text(perspective.get("model"))[:60]
        value = float(perspective["score"])
        scores.append({"from": "perspective", "attribute": attribute, "value": value})
    if about.get("akismet") is True:
        scores.append({"from": "akismet", "attribute": "spam", "value": 1.0})
    return scores


def _reports(reports: Sequence[dict[str, Any]], revision: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for report in reports:
        if report["revision"] == revision:
            counts[report["reason"]] = counts.get(report["reason"], 0) + 1
    return counts
