"""Counts of misuse by an author or a notifier, as moderators recorded it.

Absolute numbers, and of how many, as DSA Art. 23(3) asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.tables.authors import Author
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision, is_lasting
from moderation.tables.legal import (
    MisuseMeasure,
    Notice,
    NoticeComplaint,
    Statement,
)
from moderation.tables.objections import Appeal

COUNTED_FOR = timedelta(days=90)  # the window of the counts


class MisuseSubject(StrEnum):
    """Whose misuse it is."""

    AUTHOR = "author"  #: of comments
    NOTIFIER = "notifier"  #: of notices


class MisuseMatter(StrEnum):
    """The misused right: the report counts suspensions by it."""

    CONTENT = "content"  #: manifestly illegal comments
    NOTICES = "notices"  #: manifestly unfounded notices
    COMPLAINTS = "complaints"  #: manifestly unfounded complaints, appeals among them


#: The matters of each subject; the first one is meant where none is named.
MATTERS = {
    MisuseSubject.AUTHOR: (MisuseMatter.CONTENT, MisuseMatter.COMPLAINTS),
    MisuseSubject.NOTIFIER: (MisuseMatter.NOTICES, MisuseMatter.COMPLAINTS),
}


@dataclass(frozen=True, kw_only=True)
class MisuseTarget:
    """An author, or a sender of notices, at a site."""

    site_id: int
    subject: MisuseSubject
    author_id: int | None = None
    notifier: str | None = None  #: as in `notices.notifier`

    def measures(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that a measure is about this target."""
        return [
            MisuseMeasure.site_id == self.site_id,
            MisuseMeasure.subject == self.subject.value,
            MisuseMeasure.author_id.is_not_distinct_from(self.author_id),
            MisuseMeasure.notifier.is_not_distinct_from(self.notifier),
        ]


@dataclass(frozen=True, kw_only=True)
class MisuseCount:
    """Counts that a lead must weigh (DSA Art. 23(3)): misuses, and of how many."""

    manifest: int  #: manifestly illegal comments, or unfounded notices or complaints
    all: int  #: comments at the site, or notices or complaints in the window
    days: int = COUNTED_FOR.days

    def as_json(self) -> dict[str, int]:
        """Return the counts as they are stored with a measure."""
        return {"manifest": self.manifest, "all": self.all, "days": self.days}


def count(
    session: Session, target: MisuseTarget, matter: MisuseMatter, now: datetime
) -> MisuseCount:
    """Count what an author or a notifier misused in the last `COUNTED_FOR`."""
    since = now - COUNTED_FOR
    if matter is MisuseMatter.CONTENT:
        return _count_comments(session, target, since)
    if matter is MisuseMatter.NOTICES:
        return _count_notices(session, target, since)
    if target.subject is MisuseSubject.AUTHOR:
        return _count_appeals(session, target, since)
    return _count_complaints(session, target, since)


def _count_comments(
    session: Session, target: MisuseTarget, since: datetime
) -> MisuseCount:
    manifest = session.scalar(
        sa.select(sa.func.count())
        .select_from(Statement)
        .join(Decision, Decision.id == Statement.decision_id)
        .where(*_manifest_of(target, since))
    )
    author = session.get_one(Author, target.author_id)
    written = author.pending + author.approved + author.rejected
    return MisuseCount(manifest=manifest or 0, all=written)


def _manifest_of(target: MisuseTarget, since: datetime) -> list[sa.ColumnElement[bool]]:
    return [
        Statement.author_id == target.author_id,
        Statement.created_at > since,
        Statement.is_manifest.is_(True),
        is_lasting(),
    ]


def _count_appeals(
    session: Session, target: MisuseTarget, since: datetime
) -> MisuseCount:
    row = session.execute(
        sa.select(*_counts_of(Appeal.is_unfounded))
        .select_from(Appeal)
        .join(Comment, Comment.id == Appeal.comment_id)
        .where(Comment.author_record_id == target.author_id, Appeal.created_at > since)
    ).one()
    return MisuseCount(manifest=row[0], all=row[1])


def _count_notices(
    session: Session, target: MisuseTarget, since: datetime
) -> MisuseCount:
    row = session.execute(
        sa.select(*_counts_of(Notice.is_unfounded))
        .select_from(Notice)
        .where(*_sent_by(target), Notice.created_at > since)
    ).one()
    return MisuseCount(manifest=row[0], all=row[1])


def _count_complaints(
    session: Session, target: MisuseTarget, since: datetime
) -> MisuseCount:
    row = session.execute(
        sa.select(*_counts_of(NoticeComplaint.is_unfounded))
        .select_from(NoticeComplaint)
        .join(Notice, Notice.id == NoticeComplaint.notice_id)
        .where(*_sent_by(target), NoticeComplaint.created_at > since)
    ).one()
    return MisuseCount(manifest=row[0], all=row[1])


def _counts_of(is_unfounded: Any) -> tuple[sa.ColumnElement[int], ...]:
    return sa.func.count().filter(is_unfounded.is_(True)), sa.func.count()


def _sent_by(target: MisuseTarget) -> tuple[sa.ColumnElement[bool], ...]:
    return Notice.site_id == target.site_id, Notice.notifier == target.notifier


def newest_manifest(
    session: Session, target: MisuseTarget, now: datetime
) -> Statement | None:
    """Return the newest statement about a manifestly illegal comment of an author."""
    return session.scalar(
        sa.select(Statement)
        .join(Decision, Decision.id == Statement.decision_id)
        .where(*_manifest_of(target, now - COUNTED_FOR))
        .order_by(Statement.id.desc())
        .limit(1)
    )
