"""Legal holds: comments that nothing may erase, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import Conflict, NotFound
from moderation.privacy import mask_emails
from moderation.tables.comments import Article, Comment
from moderation.tables.subjects import LegalHold

MAX_REASON_LENGTH = 500  # characters
LISTED = 200  # holds, the newest


class UnderLegalHold(Conflict):
    """This comment is under a legal hold. Nothing may erase it."""

    code = "under_legal_hold"


@dataclass(frozen=True, kw_only=True)
class HoldDraft:
    """A hold on a comment, or on all comments of an article."""

    comment: Comment | None = None
    article: Article | None = None
    reason: str  #: why; email addresses in it are masked
    until: datetime | None = None  #: it ends by itself; None: it doesn't
    staff_id: int | None = None  #: None: the command line


@dataclass(frozen=True, kw_only=True)
class ListedHold:
    """A hold, with what it is on."""

    hold: LegalHold
    comment_id: int | None
    article: str | None  #: as the site names it


def is_under_hold(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a comment, or its article, is under a hold."""
    return sa.exists().where(
        _is_in_force(now),
        sa.or_(
            LegalHold.comment_id == Comment.id,
            LegalHold.article_id == Comment.article_id,
        ),
    )


def refuse_held(session: Session, comment: Comment, now: datetime) -> None:
    """Refuse to erase a comment that is under a hold.

    Raises
    ------
    UnderLegalHold
        If it, or its article, is.
    """
    held = session.scalar(
        sa.select(LegalHold.id)
        .where(
            _is_in_force(now),
            sa.or_(
                LegalHold.comment_id == comment.id,
                LegalHold.article_id == comment.article_id,
            ),
        )
        .limit(1)
    )
    if held is not None:
        raise UnderLegalHold


def place(session: Session, site_id: int, draft: HoldDraft, now: datetime) -> LegalHold:
    """Put a comment, or an article, under a hold."""
    hold = LegalHold(
        site_id=site_id,
        comment_id=draft.comment.id if draft.comment else None,
        article_id=draft.article.id if draft.article else None,
        reason=mask_emails(draft.reason)[:MAX_REASON_LENGTH],
        created_at=now,
        created_by=draft.staff_id,
        until=draft.until,
    )
    session.add(hold)
    session.flush()
    _record(session, AuditAction.HOLD_PLACED, hold)
    return hold


def lift(
    session: Session, site_id: int, hold_id: int, staff_id: int | None, now: datetime
) -> LegalHold:
    """End a hold; what it kept is deleted at its time again.

    Raises
    ------
    NotFound
        If the site has no such hold that lasts.
    """
    hold = session.scalar(
        sa.select(LegalHold).where(
            LegalHold.id == hold_id, LegalHold.site_id == site_id, _is_in_force(now)
        )
    )
    if hold is None:
        raise NotFound("There is no such legal hold.")
    hold.ended_at, hold.ended_by = now, staff_id
    _record(session, AuditAction.HOLD_LIFTED, hold)
    return hold


def list_holds(
    session: Session, site_id: int, now: datetime, *, comment: Comment | None = None
) -> Sequence[ListedHold]:
    """Return a site's holds that last, the newest first; of a comment if given."""
    query = (
        sa.select(LegalHold, Article.reference)
        .outerjoin(Article, Article.id == LegalHold.article_id)
        .where(LegalHold.site_id == site_id, _is_in_force(now))
        .order_by(LegalHold.id.desc())
        .limit(LISTED)
    )
    if comment is not None:
        query = query.where(
            sa.or_(
                LegalHold.comment_id == comment.id,
                LegalHold.article_id == comment.article_id,
            )
        )
    return [
        ListedHold(hold=hold, comment_id=hold.comment_id, article=reference)
        for hold, reference in session.execute(query)
    ]


def _is_in_force(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        LegalHold.ended_at.is_(None),
        sa.or_(LegalHold.until.is_(None), LegalHold.until > now),
    )


def _record(session: Session, action: AuditAction, hold: LegalHold) -> None:
    target = (TargetKind.ARTICLE, hold.article_id or 0)
    if hold.comment_id is not None:
        target = (TargetKind.COMMENT, hold.comment_id)
    record(
        session,
        action,
        target=target,
        site_id=hold.site_id,
        reason=hold.reason,
        hold=hold.id,
    )
