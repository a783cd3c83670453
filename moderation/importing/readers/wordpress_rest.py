"""A live WordPress, over its REST API.

Source: class-wp-rest-comments-controller.php of WordPress, trunk of 2026 (read
2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from moderation.importing.drafts import (
    CommentDraft,
    ReadOptions,
    UnreadableTime,
    decode_entities,
    finish,
    read_time,
)
from moderation.importing.files import UnreadableFile, as_object, as_objects, as_text
from moderation.importing.findings import FileFindings, ReadingPlace
from moderation.importing.live_site import LiveSite
from moderation.importing.markup import Markup
from moderation.importing.readers.wordpress import STATUSES
from moderation.importing.records import (
    DecisionEvidence,
    ImportItem,
    RefusedRow,
    SourceDecision,
    external_id,
)
from moderation.policy.verdicts import Status, Verdict

PAGE_SIZE = 100  # the most that WordPress gives
MAX_POSTS = 50_000  # remembered at once
#: Asked for one at a time: `all` leaves spam and trash out.
OF_MODERATORS = ("approve", "hold", "spam", "trash")
TYPES = ("comment", "review")

Post = tuple[str, str | None, str | None]  # address, title, section


class WordPressSite:
    """Reads the comments of a site, page by page, the oldest first."""

    def __init__(self, site: LiveSite) -> None:
        self._site = site
        self._posts: dict[int, Post] = {}

    def read(
        self, _: Sequence[Path], options: ReadOptions, findings: FileFindings
    ) -> Iterator[ImportItem]:
        """Yield the comments of the site, from `findings.place` on.

        With a user, those of every status, with addresses; else published ones.
        `findings.place` follows the rows. A page that was begun comes again.

        Raises
        ------
        UnreadableFile
            If the site can't be reached, or refuses.
        """
        if self._site.user is None:
            findings.remarks.append(
                "Only published comments were read, without email addresses. With "
                "--user, pending comments, spam, and trash come in, too."
            )
            passes: list[dict[str, str]] = [{}]
        else:
            passes = [
                {"status": status, "type": kind, "context": "edit"}
                for kind in TYPES
                for status in OF_MODERATORS
            ]
        place = findings.place
        begun = [query for query in passes if place and _is_of(place, query)]
        if place is not None and begun:
            first = self._find_page(place, begun[0], options)
            passes = passes[passes.index(begun[0]) :]
        else:
            first = 1
        for query in passes:
            yield from self._read_pages(first, query, options, findings)
            first = 1

    def _find_page(
        self, place: ReadingPlace, query: dict[str, str], options: ReadOptions
    ) -> int:
        """Return the page to go on with, from which on nothing was read yet.

        It isn't that of the place where comments before it were deleted since.
        """
        for page in range(place.page, 1, -1):
            comments, _ = self._ask(page, query, options)
            if any(_number(comment) <= place.number for comment in comments):
                return page
        return 1

    def _ask(
        self, page: int, query: dict[str, str], options: ReadOptions
    ) -> tuple[list[dict[str, Any]], int]:
        """Return the comments of a page, and the number of pages."""
        since = {}
        if options.since is not None:
            # It compares local times, of a zone that isn't known.
            since["after"] = f"{options.since - timedelta(days=1):%Y-%m-%dT%H:%M:%S}"
        answer = self._site.ask(
            "wp/v2/comments",
            per_page=PAGE_SIZE,
            page=page,
            orderby="id",
            order="asc",
            **query,
            **since,
        )
        rows = answer.json()
        if not isinstance(rows, list):
            raise UnreadableFile("The site answers no list of comments.")
        # A page may be short, as some comments are not for this user.
        pages = answer.headers.get("x-wp-totalpages", "")
        count = int(pages) if pages.isascii() and pages.isdigit() else page
        return as_objects(rows), count

    def _read_pages(
        self,
        first: int,
        query: dict[str, str],
        options: ReadOptions,
        findings: FileFindings,
    ) -> Iterator[ImportItem]:
        page = count = first
        while page <= count:
            comments, count = self._ask(page, query, options)
            self._learn_posts(comments)
            for comment in comments:
                findings.place = ReadingPlace(
                    kind=query.get("type", ""),
                    status=query.get("status", ""),
                    page=page,
                    number=_number(comment),
                )
                yield self._read_comment(comment, options)
            page += 1

    def _learn_posts(self, comments: Sequence[dict[str, Any]]) -> None:
        """Read the addresses and titles of posts that come up for the first time."""
        wanted = {comment.get("post") for comment in comments}
        new = sorted(each for each in wanted if isinstance(each, int))
        new = [number for number in new if number not in self._posts and number > 0]
        if len(self._posts) > MAX_POSTS:
            self._posts.clear()
        for kind in ("posts", "pages"):
            missing = [number for number in new if number not in self._posts]
            if not missing:
                return
            answer = self._site.ask(
                f"wp/v2/{kind}",
                include=",".join(map(str, missing)),
                per_page=PAGE_SIZE,
                _embed="wp:term",
                _fields="id,link,title,_links,_embedded",
            )
            for post in as_objects(answer.json()):
                if isinstance(post.get("id"), int):
                    self._posts[post["id"]] = _read_post(post)

    def _read_comment(
        self, comment: dict[str, Any], options: ReadOptions
    ) -> ImportItem:
        number, above = as_text(comment.get("id")), as_text(comment.get("parent"))
        parent = "" if above == "0" else above
        named = external_id(options.source, parent) if parent else None
        refused = RefusedRow(id=number or "?", says="", named_parent=named)
        given = as_text(comment.get("status")) or "approved"
        if given not in STATUSES:
            refused.says = f"status {given[:40]!r}"
            return refused
        try:
            written_at = read_time(as_text(comment.get("date_gmt")))
        except UnreadableTime as error:
            refused.says = str(error)
            return refused
        content = as_object(comment.get("content"))
        raw = content.get("raw")
        known = self._posts.get(comment.get("post"), None)  # type: ignore[arg-type]
        link = as_text(comment.get("link")).partition("#")[0]
        address, title, section = known or (link, None, None)
        user = as_text(comment.get("author"))
        status, reasons = STATUSES[given]
        draft = CommentDraft(
            id=number,
            parent=parent,
            article=address,
            article_title=title,
            article_section=section,
            name=as_text(comment.get("author_name")),
            is_name_escaped=True,
            email=as_text(comment.get("author_email")) or None,
            url=as_text(comment.get("author_url")) or None,
            author_id=f"{options.source}:{user}" if user not in ("", "0") else None,
            ip=as_text(comment.get("author_ip")) or None,
            written_at=written_at,
            text=raw if isinstance(raw, str) else as_text(content.get("rendered")),
            markup=Markup.LINES if isinstance(raw, str) else Markup.HTML,
            status=status,
            decision=_decision(status, reasons),
        )
        return finish(draft, options)


def _is_of(place: ReadingPlace, query: dict[str, str]) -> bool:
    named = query.get("type", ""), query.get("status", "")
    return named == (place.kind, place.status)


def _number(comment: dict[str, Any]) -> int:
    number = comment.get("id")
    return number if isinstance(number, int) else 0


def _read_post(post: dict[str, Any]) -> Post:
    title = as_object(post.get("title")).get("rendered")
    section = None
    groups = as_object(post.get("_embedded")).get("wp:term")
    for group in groups if isinstance(groups, list) else ():
        for term in as_objects(group):
            if section is None and term.get("taxonomy") == "category":
                section = decode_entities(as_text(term.get("name")))
    link = as_text(post.get("link"))
    return link, decode_entities(as_text(title)), section


def _decision(status: Status, reasons: tuple[str, ...]) -> SourceDecision | None:
    """Return what led to a status: who has decided is not in the API."""
    if status is Status.PENDING:
        return None
    is_approved = status is Status.APPROVED
    is_spam = "spam" in reasons
    return SourceDecision(
        verdict=Verdict.APPROVE if is_approved else Verdict.REJECT,
        evidence=DecisionEvidence.FILTER if is_spam else DecisionEvidence.UNKNOWN,
        reasons=reasons,
    )
