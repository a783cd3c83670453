"""Coral 5 to 9, as `mongoexport` writes its collections: a folder of JSON lines.

Source: server/src/core/server/models of Coral, July 2026 (read 2026-11).
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
    files = _list_files(paths)
    if not any(name in files for name in COMMENTS) or "stories" not in files:
        raise UnreadableFile("comments.json and stories.json are needed.")
    with open_collections() as found:
        for path in files.get("stories", ()):
            found.add_all("stories", _objects(path), _story)
        for path in files.get("users", ()):
            found.add_all("users", _objects(path), lambda value: _user(value, options))
        for name in ACTIONS:
            for path in files.get(name, ()):
                found.add_lists("actions", _objects(path), _action)
        for name in REPORTS:
            for path in files.get(name, ()):
                found.add_lists("reports", _objects(path), _report)
        findings.blocked_authors += [
            BlockedAuthor(author_id=user["author_id"], until=None)
            for user in found.values("users")
            if user["is_banned"]
        ]
        for name in COMMENTS:
            for path in files.get(name, ()):
                for line, value in read_json_lines(path):
                    if value is None:
                        yield RefusedRow(id="?", says="no JSON object", line=line)
                    else:
                        yield _read_comment(plain(value), found, options, line)


def _list_files(paths: Sequence[Path]) -> dict[str, list[Path]]:
    files: dict[str, list[Path]] = {}
    for path in paths:
        members = sorted(path.iterdir()) if path.is_dir() else [path]
        for member in members:
            if member.name.endswith((".json", ".json.gz")):
                files.setdefault(member.name.partition(".")[0], []).append(member)
    return files


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    return (plain(value) for _, value in read_json_lines(path) if value is not None)


def _story(value: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    about = as_object(value.get("metadata"))
    return as_text(value.get("id")), {
        "url": as_text(value.get("url")),
        "title": as_text(about.get("title")),
        "section": as_text(about.get("section")),
    }


def _user(value: dict[str, Any], options: ReadOptions) -> tuple[str, dict[str, Any]]:
    """Keep what is needed of a user, without the address, which is sealed apart."""
    number = as_text(value.get("id"))
    own = [
        as_text(profile.get("id"))
        for profile in as_objects(value.get("profiles"))
        if profile.get("type") == "sso"
    ]
    ban = as_object(as_object(value.get("status")).get("ban"))
    return number, {
        "name": as_text(value.get("username")),
        "email": as_text(value.get("email")),
        "author_id": own[0] if own else external_id(options.source, number),
        "is_banned": ban.get("active") is True,
    }


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


def _moment(value: Any) -> Any:
    """Return a time as `plain` leaves it: a text, or milliseconds."""
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
        written_at = _moment(value.get("createdAt"))
        edited_at = _moment(revision.get("createdAt")) if len(revisions) > 1 else None
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
        at=_moment(last["at"])
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
