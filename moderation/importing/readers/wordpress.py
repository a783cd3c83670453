"""WordPress's export files (WXR).

Source: wp-admin/includes/export.php of WordPress, trunk of 2026 (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from moderation.importing.readers import akismet_history
from moderation.importing.records import (
    ImportItem,
    ImportNote,
    RefusedRow,
    SkippedRow,
    external_id,
)
from moderation.importing.xml_stream import XmlNode, read_nodes
from moderation.policy.verdicts import Status

NO_TIME = "0000-00-00 00:00:00"
COMMENT_TYPES = frozenset({"", "comment", "review"})
MAX_TYPE_LENGTH = 40
#: `comment_approved`: the status, and the reason of a rejection.
STATUSES: dict[str, tuple[Status, tuple[str, ...]]] = {
    "1": (Status.APPROVED, ()),
    "approve": (Status.APPROVED, ()),
    "approved": (Status.APPROVED, ()),
    "0": (Status.PENDING, ()),
    "hold": (Status.PENDING, ()),
    "unapproved": (Status.PENDING, ()),
    "spam": (Status.REJECTED, ("spam",)),
    "trash": (Status.REJECTED, ("other",)),
}
_OF_POSTS = ("title", "link", "guid", "category", "wp:post_id")
_WANTED = (*_OF_POSTS, "wp:comment", "wp:wxr_version", "wp:base_blog_url", "generator")


@dataclass(kw_only=True)
class _Post:
    """The data of a post, read before its comments."""

    title: str = ""
    link: str = ""
    guid: str = ""
    number: str = ""
    section: str | None = None

    def address(self, base_url: str | None) -> str:
        if self.link or self.guid:
            return decode_entities(self.link or self.guid) or ""
        return f"{base_url}/?p={self.number}" if base_url and self.number else ""


def read_wordpress(
    paths: Sequence[Path], options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    """Yield the comments of export files."""
    for path in paths:
        yield from _read_file(path, options, findings)
    findings.remarks.append(
        "WordPress exports no spam. Its REST API has what Akismet has not deleted yet."
    )


def _read_file(
    path: Path, options: ReadOptions, findings: FileFindings
) -> Iterator[ImportItem]:
    post, is_wordpress, base_url = _Post(), False, options.base_url
    for node in read_nodes(path, _WANTED, findings):
        if node.tag == "wp:wxr_version":
            is_wordpress = True
            if not node.text.strip().startswith("1."):
                version = node.text.strip()[:20]
                raise UnreadableFile(
                    f"{path.name} is of version {version}; this reads version 1."
                )
        elif node.tag == "wp:base_blog_url":
            base_url = base_url or node.text.strip().rstrip("/")
        elif node.tag == "wp:comment":
            if not is_wordpress:
                raise UnreadableFile(f"{path.name} is no export of WordPress.")
            yield _read_comment(node, post, base_url, options)
        elif node.parent == "item":
            if node.tag == "title":  # the first of a post
                post = _Post()
            _note(post, node)
    if not is_wordpress and findings.fault is None:
        raise UnreadableFile(f"{path.name} is no export of WordPress.")


def _note(post: _Post, node: XmlNode) -> None:
    text = node.text.strip()
    match node.tag:
        case "title":
            post.title = text
        case "link":
            post.link = text
        case "guid":
            post.guid = text
        case "wp:post_id":
            post.number = text
        case "category":
            if node.attributes.get("domain") == "category" and not post.section:
                post.section = decode_entities(text)


def _read_comment(
    node: XmlNode, post: _Post, base_url: str | None, options: ReadOptions
) -> ImportItem:
    number = node.value("wp:comment_id")
    parent = node.value("wp:comment_parent")
    parent = "" if parent == "0" else parent
    named = external_id(options.source, parent) if parent else None
    kind = node.value("wp:comment_type")
    if kind not in COMMENT_TYPES:
        return SkippedRow(id=number, why=kind[:MAX_TYPE_LENGTH], named_parent=named)
    approved = node.value("wp:comment_approved")
    if approved == "post-trashed":
        return SkippedRow(id=number, why="article_trashed", named_parent=named)
    refused = RefusedRow(id=number or "?", says="", line=node.line, named_parent=named)
    if approved not in STATUSES:
        refused.says = f"comment_approved {approved[:40]!r}"
        return refused
    notes: set[str] = set()
    try:
        written_at = _time(node, options, notes)
    except UnreadableTime as error:
        refused.says = str(error)
        return refused
    status, reasons = STATUSES[approved]
    user = node.value("wp:comment_user_id")
    meta = _meta(node)
    draft = CommentDraft(
        id=number,
        parent=parent,
        article=post.address(base_url),
        article_title=decode_entities(post.title),
        article_section=post.section,
        name=node.value("wp:comment_author"),
        is_name_escaped=True,
        email=node.value("wp:comment_author_email"),
        url=node.value("wp:comment_author_url"),
        author_id=f"{options.source}:{user}" if user not in ("", "0") else None,
        ip=node.value("wp:comment_author_IP"),
        written_at=written_at,
        text=node.texts.get("wp:comment_content", ""),
        markup=Markup.LINES,
        status=status,
        decision=akismet_history.decide(
            status, reasons, meta.get(akismet_history.HISTORY, ())
        ),
        aside=_aside(kind, meta),
        notes=notes,
        line=node.line,
    )
    return finish(draft, options)


def _time(node: XmlNode, options: ReadOptions, notes: set[str]) -> datetime | None:
    written = node.value("wp:comment_date_gmt")
    if written and written != NO_TIME:
        return read_time(written)
    local = node.value("wp:comment_date")
    if not local or local == NO_TIME:
        return None
    notes.add(ImportNote.TIME_ZONE_ASSUMED.value)
    return read_time(local, options.zone)


def _meta(node: XmlNode) -> dict[str, list[str]]:
    """Return the metadata that is of use; what Akismet was sent is never read."""
    meta: dict[str, list[str]] = {}
    for child in node.children:
        if child.tag == "wp:commentmeta":
            key = child.value("wp:meta_key")
            if key in (akismet_history.HISTORY, "rating"):
                meta.setdefault(key, []).append(child.value("wp:meta_value"))
    return meta


def _aside(kind: str, meta: dict[str, list[str]]) -> dict[str, int]:
    rating = meta.get("rating", [""])[0]
    is_rated = kind == "review" and rating.isascii() and rating.isdigit()
    return {"rating": int(rating)} if is_rated and len(rating) < 4 else {}
