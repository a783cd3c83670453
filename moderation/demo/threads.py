"""Arranges comments in reading order into threads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from moderation.comments.published import PublishedEntry


@dataclass(frozen=True, kw_only=True)
class Thread:
    """A comment with the replies to it."""

    comment: PublishedEntry
    replies: list[Thread] = field(default_factory=list)
    is_cut_off: bool = False  #: it replies to something that is not on this page


def grow(comments: Iterable[PublishedEntry]) -> list[Thread]:
    """Return the threads; each reply must come after what it replies to.

    A reply whose parent is hidden, or on the page before, begins a thread.
    """
    roots: list[Thread] = []
    threads: dict[int, Thread] = {}
    for comment in comments:
        parent = threads.get(comment.parent) if comment.parent is not None else None
        is_cut_off = parent is None and comment.parent is not None
        thread = Thread(comment=comment, is_cut_off=is_cut_off)
        (parent.replies if parent else roots).append(thread)
        threads[comment.id] = thread
    return roots
