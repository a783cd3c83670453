"""The context of a comment: its thread, its links, and earlier comments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.policy.verdicts import Status
from moderation.tables.accounts import Staff
from moderation.tables.comments import Comment, Revision
from moderation.tables.decisions import Decision, is_effective
from moderation.text.links import Link, list_links, read_link

MOST_ANCESTORS = 5  # the nearest ones, next to the parent
MOST_EARLIER = 3  # decisions about the same author
MOST_REVISIONS = 3  # earlier texts
EXCERPT = 280  # characters


@dataclass(frozen=True, kw_only=True)
class Ancestor:
    """A comment further up in the thread."""

    id: int
    author_name: str
    body: str  #: its beginning
    status: str


@dataclass(frozen=True, kw_only=True)
class EarlierComment:
    """The status of another comment of the same author."""

    body: str  #: its beginning
    verdict: str
    source: str
    decided_by: str | None
    created_at: datetime
    reasons: list[dict[str, Any]]


@dataclass(kw_only=True)
class CommentContext:
    """The context of one comment."""

    thread: list[Ancestor] = field(default_factory=list)  #: over the parent
    links: list[Link] = field(default_factory=list)
    earlier: list[EarlierComment] = field(default_factory=list)  #: the newest first
    revisions: list[Revision] = field(default_factory=list)  #: the oldest first


def contexts_of(
    session: Session, comments: Sequence[Comment], *, unmarked: Collection[int] = ()
) -> defaultdict[int, CommentContext]:
    """Return the context of each comment, by its ID.

    Parameters
    ----------
    unmarked
        Ids of comments that count as pending, with any status.
    """
    found: defaultdict[int, CommentContext] = defaultdict(CommentContext)
    ancestors = {
        key: replace(each, status=Status.PENDING.value) if key in unmarked else each
        for key, each in _ancestors(session, comments).items()
    }
    earlier = _earlier(session, comments)
    revisions = _revisions(session, comments)
    for comment in comments:
        above = [ancestors.get(each) for each in _above(comment)]
        found[comment.id] = CommentContext(
            thread=[each for each in above if each is not None],
            links=_links(comment),
            earlier=[
                entry
                for comment_id, entry in earlier.get(comment.author_record_id or 0, [])
                if comment_id != comment.id and comment_id not in unmarked
            ][:MOST_EARLIER],
            revisions=revisions.get(comment.id, []),
        )
    return found


def _links(comment: Comment) -> list[Link]:
    """Return where the author's website and the links of the text lead."""
    website = read_link(comment.author_url) if comment.author_url else None
    in_text = list_links(comment.body)
    return [website, *in_text] if website else in_text


def _above(comment: Comment) -> list[int]:
    """Return the ids above the parent, the root first, but only the nearest."""
    return identifiers.read_thread(comment.thread)[:-2][-MOST_ANCESTORS:]


def _ancestors(session: Session, comments: Sequence[Comment]) -> dict[int, Ancestor]:
    wanted = {each for comment in comments for each in _above(comment)}
    if not wanted:
        return {}
    rows = session.execute(
        sa.select(
            Comment.id,
            Comment.author_name,
            sa.func.substr(Comment.body, 1, EXCERPT),
            Comment.status,
        ).where(Comment.id.in_(wanted), Comment.deleted_at.is_(None))
    )
    return {
        comment_id: Ancestor(id=comment_id, author_name=name, body=body, status=status)
        for comment_id, name, body, status in rows
    }


def _earlier(
    session: Session, comments: Sequence[Comment]
) -> dict[int, list[tuple[int, EarlierComment]]]:
    """Return the effective decisions about the newest comments of each author."""
    authors = {each.author_record_id for each in comments} - {None}
    place = sa.func.row_number().over(
        partition_by=Comment.author_record_id, order_by=Comment.id.desc()
    )
    newest = (
        sa.select(Comment.id, place.label("place"))
        .where(
            Comment.author_record_id.in_(authors),
            Comment.status != "pending",
            Comment.deleted_at.is_(None),
        )
        .subquery()
    )
    # One more than is shown: the comment itself may be among them.
    shown = sa.select(newest.c.id).where(newest.c.place <= MOST_EARLIER + 1)
    rows = session.execute(
        sa.select(
            Comment.id,
            Comment.author_record_id,
            sa.func.substr(Comment.body, 1, EXCERPT),
            Decision,
            Staff.login,
        )
        .join(Decision, Decision.comment_id == Comment.id)
        .outerjoin(Staff, Staff.id == Decision.staff_id)
        .where(Comment.id.in_(shown), is_effective())
        .order_by(Comment.id.desc())
    )
    found: dict[int, list[tuple[int, EarlierComment]]] = defaultdict(list)
    for comment_id, author_id, body, decision, login in rows:
        entry = EarlierComment(
            body=body,
            verdict=decision.verdict,
            source=decision.source,
            decided_by=login,
            created_at=decision.created_at,
            reasons=decision.reasons,
        )
        found[author_id or 0].append((comment_id, entry))
    return found


def _revisions(
    session: Session, comments: Sequence[Comment]
) -> dict[int, list[Revision]]:
    edited = [comment.id for comment in comments if comment.revision > 1]
    if not edited:
        return {}
    rows = session.scalars(
        sa.select(Revision)
        .where(Revision.comment_id.in_(edited))
        .order_by(Revision.number)
    )
    found: dict[int, list[Revision]] = defaultdict(list)
    for row in rows:
        found[row.comment_id].append(row)
    return {comment_id: all_[-MOST_REVISIONS:] for comment_id, all_ in found.items()}
