"""Disqus's export (XML).

Source: public sample files of 2011 to 2018, and issue threads to 2025 (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from moderation.importing.drafts import (
    CommentDraft,
    ReadOptions,
    UnreadableTime,
    decode_entities,
    finish,
    read_time,
)
from moderation.importing.files import UnreadableFile
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
from moderation.importing.xml_stream import XmlNode, read_nodes
from moderation.policy.verdicts import Status, Verdict

NUMBER = "dsq:id"


def read_disqus(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the posts of exports. Threads come first or last: there are two passes."""
    threads: dict[str, tuple[str, str | None]] = {}
    for path in paths:
        for node in read_nodes(path, ("thread",), FileFindings()):
            if node.parent == "disqus" and node.value("link"):
                title = decode_entities(decode_entities(node.value("title")))
                number = node.attributes.get(NUMBER, "")
                threads[number] = node.value("link"), title
    for path in paths:
        is_disqus = False
        for node in read_nodes(path, ("thread", "post"), findings):
            is_disqus = is_disqus or node.parent == "disqus"
            if node.tag == "post" and node.parent == "disqus":
                yield _read_post(node, threads, options)
        if not is_disqus and findings.fault is None:
            raise UnreadableFile(f"{path.name} is no export of Disqus.")


def _read_post(
    node: XmlNode, threads: dict[str, tuple[str, str | None]], options: ReadOptions
) -> ImportItem:
    number = node.attributes.get(NUMBER) or node.value("id")
    above = node.child("parent")
    parent = above.attributes.get(NUMBER, "") if above is not None else ""
    named = external_id(options.source, parent) if parent else None
    of_thread = node.child("thread")
    thread = of_thread.attributes.get(NUMBER, "") if of_thread is not None else ""
    is_spam = node.value("isSpam") == "true"
    is_deleted = node.value("isDeleted") == "true"
    if is_deleted and not is_spam and not node.value("message"):
        return SkippedRow(id=number, why="deleted", named_parent=named)
    refused = RefusedRow(id=number or "?", says="", line=node.line, named_parent=named)
    if thread not in threads:
        refused.says = f"its thread {thread[:40]!r} is not in the file"
        return refused
    try:
        created = node.value("createdAt")
        written_at = read_time(created) if created else None
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    article, title = threads[thread]
    author = node.child("author") or XmlNode("author", {}, "", 0)
    username = author.value("username")
    is_account = username and author.value("isAnonymous") != "true"
    is_rejected = is_spam or is_deleted
    draft = CommentDraft(
        id=number,
        parent=parent,
        article=article,
        article_title=title,
        name=author.value("name"),
        email=author.value("email"),
        author_id=external_id(options.source, username) if is_account else None,
        ip=node.value("ipAddress"),
        written_at=written_at,
        text=node.texts.get("message", ""),
        markup=Markup.HTML,
        status=Status.REJECTED if is_rejected else Status.APPROVED,
        decision=SourceDecision(
            verdict=Verdict.REJECT if is_rejected else Verdict.APPROVE,
            evidence=DecisionEvidence.UNKNOWN,
            reasons=("spam",) if is_spam else ("other",) if is_deleted else (),
        ),
        line=node.line,
    )
    return finish(draft, options)
