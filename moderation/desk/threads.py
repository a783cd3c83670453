"""The thread around a comment, with comments of any status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from moderation import identifiers
from moderation.comments import decisions
from moderation.comments.lookup import find
from moderation.queue.entries import QueueEntry, entries_of
from moderation.review.blindness import is_blind, pending_state, shown_decisions
from moderation.sites import policies
from moderation.tables.comments import Comment
from moderation.tables.review import QaReview

MAX_COMMENTS = 500  # of a thread in one answer


@dataclass(frozen=True, kw_only=True)
class ThreadEntry:
    """A comment of a thread."""

    queued: QueueEntry
    depth: int  #: 0 for the comment on the article, 1 for a reply to it, and so on
    is_erased: bool  #: its text and author are gone; replies to it stay


@dataclass(frozen=True, kw_only=True)
class CommentThread:
    """A top-level comment and the replies to it, as far as they are shown."""

    comments: list[ThreadEntry]  #: in reading order
    omitted_before: int  #: comments above the requested one that are left out
    omitted_after: int  #: comments below the requested one that are left out


def load_thread(
    session: Session,
    comment_id: int,
    site_ids: Sequence[int],
    *,
    staff_id: int,
    now: datetime,
) -> CommentThread:
    """Return the thread that a comment belongs to, of every status.

    Of a long thread, the comments that the requested one replies to and its nearest
    neighbors in reading order are shown, `MAX_COMMENTS` in all.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    """
    comment = find(session, site_ids, comment_id)
    path = _path(comment)
    ids = _list_ids(session, path[0])
    place = ids.index(comment_id)
    shown = _window(ids, place, path[:-1])
    rows = session.scalars(sa.select(Comment).where(Comment.id.in_(shown))).all()
    by_id = {row.id: row for row in rows}
    entries = entries_of(session, [by_id[key] for key in shown], now)
    entries = _as_seen(session, entries, staff_id)
    here = shown.index(comment_id)
    return CommentThread(
        comments=[
            ThreadEntry(
                queued=entry,
                depth=len(_path(entry.comment)) - 1,
                is_erased=entry.comment.deleted_at is not None,
            )
            for entry in entries
        ],
        omitted_before=place - here,
        omitted_after=(len(ids) - place) - (len(shown) - here),
    )


def _path(comment: Comment) -> list[int]:
    """Return the ids from the top-level comment down to a comment."""
    return identifiers.read_thread(comment.thread)


def _list_ids(session: Session, root_id: int) -> list[int]:
    """Return the ids of a thread in reading order, by the index of parents."""
    reply = aliased(Comment)
    root = sa.select(Comment.id, Comment.thread).where(Comment.id == root_id)
    tree = root.cte("tree", recursive=True)
    tree = tree.union_all(
        sa.select(reply.id, reply.thread).where(reply.parent_id == tree.c.id)
    )
    rows = session.execute(sa.select(tree.c.id, tree.c.thread))
    return [row.id for row in sorted(rows, key=lambda row: row.thread)]


def _window(ids: Sequence[int], place: int, ancestors: Sequence[int]) -> list[int]:
    """Return the ancestors, and the ids around a place, in reading order."""
    size = MAX_COMMENTS - len(ancestors)
    start = max(0, min(place - size // 2, len(ids) - size))
    around = ids[start : start + size]
    return [*(key for key in ancestors if key not in {*around}), *around]


def _as_seen(
    session: Session, entries: Sequence[QueueEntry], staff_id: int
) -> list[QueueEntry]:
    """Return entries without what a moderator mustn't know who reviews one for QA."""
    ids = [entry.comment.id for entry in entries]
    reviews = session.scalars(
        sa.select(QaReview).where(
            QaReview.comment_id.in_(ids),
            QaReview.claimed_by == staff_id,
            QaReview.closed_at.is_(None),
        )
    )
    blind = {row.comment_id: row for row in reviews if is_blind(row)}
    return [
        _disguised(session, entry, blind[entry.comment.id])
        if entry.comment.id in blind
        else entry
        for entry in entries
    ]


def _disguised(session: Session, entry: QueueEntry, look: QaReview) -> QueueEntry:
    log = decisions.log_of(session, entry.comment.id)
    policy = policies.load_policy(session, entry.comment.site_id)
    return replace(
        entry,
        state=pending_state(entry.comment, look),
        decision=shown_decisions(look, log, policy)[-1],
        is_blind=True,
    )
