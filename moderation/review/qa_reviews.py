"""Second reviews and audits: decided comments, reserved like pending ones.

The reviewer doesn't see what was decided, by whom, or that anything was. A second
review is about a moderator's decision: if both agree, nothing changes, else a lead
decides. An audit is about an automatic decision: the reviewer's verdict replaces it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments import claims
from moderation.comments.claims import ENDED, UNCLAIMED, Claim, is_unclaimed
from moderation.errors import AlreadyClaimed, NotUndoable, StaleVersion
from moderation.policy.verdicts import Verdict
from moderation.review.moderator import Moderator
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.review import QaReview


class QaReviewKind(StrEnum):
    """Whose decision is looked at."""

    SECOND = "second"  #: a person's
    AUDIT = "audit"  #: an automatic one


class QaReviewState(StrEnum):
    """The state of a QA review."""

    OPEN = "open"  #: no one has answered
    AGREED = "agreed"  #: the same verdict
    DISPUTED = "disputed"  #: two people differ: a lead has to decide
    SETTLED = "settled"  #: a lead has decided between the two
    DIFFERED = "differed"  #: another verdict, which stands
    LAPSED = "lapsed"  #: no one looked in time
    OVERTAKEN = "overtaken"  #: the comment has changed meanwhile


def _is_current(*among: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return the condition that the comment is as it was, and as asked for."""
    return sa.exists().where(
        Comment.id == QaReview.comment_id,
        Comment.version == QaReview.version,
        Comment.deleted_at.is_(None),
        *among,
    )


def take(
    session: Session,
    moderator: Moderator,
    claim: Claim,
    *,
    most: int,
    among: Sequence[sa.ColumnElement[bool]] = (),
) -> list[QaReview]:
    """Renew a moderator's claims on QA samples, and claim more, up to `most` of them.

    No one reviews what this person has decided or answered before; what two people
    differ about goes to a lead who is neither of them.

    Parameters
    ----------
    among
        Conditions on the comment, as of a filter of the queue.
    """
    staff_id, now = claim.staff_id, claim.now
    held = claims.renew(
        session,
        QaReview,
        claim,
        QaReview.closed_at.is_(None),
        QaReview.site_id.in_(moderator.site_ids),
        _is_current(*among),
    )
    own = sa.exists().where(
        Decision.comment_id == QaReview.comment_id, Decision.staff_id == staff_id
    )
    for_all = sa.and_(
        QaReview.state == QaReviewState.OPEN.value, QaReview.escalated_at.is_(None)
    )
    # Rows that another moderator is claiming are passed over, not waited for.
    wanted = (
        sa.select(QaReview.id)
        .join(Comment, Comment.id == QaReview.comment_id)
        .where(
            QaReview.site_id.in_(moderator.site_ids),
            QaReview.closed_at.is_(None),
            QaReview.expires_at > now,
            is_unclaimed(QaReview, now),
            Comment.version == QaReview.version,
            Comment.deleted_at.is_(None),
            sa.or_(for_all, moderator.lead_scope.condition()),
            sa.or_(QaReview.staff_id.is_(None), QaReview.staff_id != staff_id),
            ~own,
            *among,
        )
        .order_by(QaReview.due_at, QaReview.id)
        .limit(max(0, most - len(held)))
        .with_for_update(skip_locked=True, of=QaReview)
        .cte("wanted")
    )
    taken = claims.take(
        session, QaReview, claim, QaReview.id.in_(sa.select(wanted.c.id))
    )
    return [*held, *taken]


def held_by(session: Session, comment_id: int, *, staff_id: int) -> QaReview | None:
    """Return the look at a comment that a person holds."""
    return session.scalar(
        sa.select(QaReview)
        .where(
            QaReview.comment_id == comment_id,
            QaReview.claimed_by == staff_id,
            QaReview.closed_at.is_(None),
        )
        .limit(1)
    )


def release(session: Session, *, staff_id: int, comment_id: int | None = None) -> None:
    """Release a person's claims on QA samples: of one comment, or all."""
    conditions: list[sa.ColumnElement[bool]] = [QaReview.closed_at.is_(None)]
    if comment_id is not None:
        conditions.append(QaReview.comment_id == comment_id)
    claims.release(session, QaReview, staff_id, *conditions)


def answer(
    session: Session,
    look: QaReview,
    *,
    staff_id: int,
    verdict: Verdict,
    reasons: Sequence[str],
    labels: Mapping[str, bool],
    now: datetime,
) -> None:
    """Record a second person's verdict; the comment stays as it is.

    Raises
    ------
    AlreadyClaimed, StaleVersion
        If another one holds it by now; if the comment has changed.
    """
    is_agreed = look.first_verdict == verdict.value
    answered = session.scalar(
        sa.update(QaReview)
        .where(
            QaReview.id == look.id,
            QaReview.state == QaReviewState.OPEN.value,
            QaReview.claimed_by == staff_id,
            _is_current(),
        )
        .values(
            state=(QaReviewState.AGREED if is_agreed else QaReviewState.DISPUTED).value,
            staff_id=staff_id,
            answered_at=now,
            verdict=verdict.value,
            reasons=[{"code": code} for code in reasons],
            labels=dict(labels),
            closed_at=now if is_agreed else None,
            shown_version=QaReview.shown_version + 1,
            **ENDED,
        )
        .returning(QaReview.id)
        .execution_options(synchronize_session=False)
    )
    if answered is None:
        raise _refusal(session, look, staff_id)
    session.refresh(look)


def close(
    session: Session,
    look: QaReview,
    decision: Decision,
    *,
    staff_id: int,
    now: datetime,
) -> None:
    """End a look by the decision that came of it.

    Raises
    ------
    AlreadyClaimed
        If another one holds it by now.
    """
    values: dict[str, Any] = {
        **ENDED,
        "closed_at": now,
        "answer_id": decision.id,
        "version": QaReview.version + 1,
        "shown_version": QaReview.shown_version + 1,
    }
    if look.state == QaReviewState.DISPUTED.value:
        values["state"] = QaReviewState.SETTLED.value
    else:
        is_agreed = look.first_verdict == decision.verdict
        values |= {
            "state": (
                QaReviewState.AGREED if is_agreed else QaReviewState.DIFFERED
            ).value,
            "staff_id": staff_id,
            "answered_at": now,
            "verdict": decision.verdict,
            "reasons": decision.reasons,
            "labels": decision.labels,
        }
    closed = session.scalar(
        sa.update(QaReview)
        .where(
            QaReview.id == look.id,
            QaReview.state == look.state,
            QaReview.claimed_by == staff_id,
            QaReview.closed_at.is_(None),
        )
        .values(values)
        .returning(QaReview.id)
        .execution_options(synchronize_session=False)
    )
    if closed is None:
        raise AlreadyClaimed
    session.refresh(look)


def newest_answer(
    session: Session, *, staff_id: int, comment_id: int | None = None
) -> QaReview | None:
    """Return the newest second look that a person answered, at a comment or at all."""
    query = sa.select(QaReview).where(
        QaReview.staff_id == staff_id,
        QaReview.state.in_([QaReviewState.AGREED.value, QaReviewState.DISPUTED.value]),
        QaReview.answer_id.is_(None),
    )
    if comment_id is not None:
        query = query.where(QaReview.comment_id == comment_id)
    return session.scalar(query.order_by(QaReview.answered_at.desc()).limit(1))


def reopen(session: Session, look: QaReview, claim: Claim) -> None:
    """Undo an answer: the review is open again, reserved for the same moderator.

    Raises
    ------
    NotUndoable
        If a lead has it already, or the comment has changed.
    """
    values = {**_unanswered(), **claim.columns()}
    opened = session.scalar(
        sa.update(QaReview)
        .where(
            QaReview.id == look.id,
            QaReview.staff_id == claim.staff_id,
            QaReview.state == look.state,
            QaReview.answer_id.is_(None),
            is_unclaimed(QaReview, claim.now),
            _is_current(),
        )
        .values({**values, "shown_version": QaReview.shown_version + 1})
        .returning(QaReview.id)
        .execution_options(synchronize_session=False)
    )
    if opened is None:
        raise NotUndoable("It can no longer be undone. Make a new decision instead.")
    session.refresh(look)


def reopen_after(session: Session, decision_id: int, claim: Claim) -> QaReview | None:
    """Open the QA review that a decision closed, if one did, now that it is undone."""
    look = session.scalar(sa.select(QaReview).where(QaReview.answer_id == decision_id))
    if look is None:
        return None
    is_settled = look.state == QaReviewState.SETTLED.value
    fields: dict[str, Any] = (
        {"state": QaReviewState.DISPUTED.value, "closed_at": None}
        if is_settled
        else _unanswered()
    )
    for name, value in {**fields, "answer_id": None}.items():
        setattr(look, name, value)
    claims.claim_row(look, claim)
    look.version += 1
    look.shown_version += 1
    session.flush()
    return look


def _unanswered() -> dict[str, Any]:
    return {
        "state": QaReviewState.OPEN.value,
        "staff_id": None,
        "answered_at": None,
        "verdict": None,
        "reasons": None,
        "labels": None,
        "closed_at": None,
    }


def escalate(
    session: Session, look: QaReview, *, staff_id: int, version: int, now: datetime
) -> QaReview:
    """Hand a look to the leads, as a moderator does with any comment.

    Raises
    ------
    StaleVersion, AlreadyClaimed
        If it is not the version shown; if another one holds it by now.
    """
    if look.shown_version != version:
        raise StaleVersion
    changed = session.scalar(
        sa.update(QaReview)
        .where(
            QaReview.id == look.id,
            QaReview.state == QaReviewState.OPEN.value,
            QaReview.claimed_by == staff_id,
            QaReview.escalated_at.is_(None),
            _is_current(),
        )
        .values(
            escalated_at=now,
            shown_version=QaReview.shown_version + 1,
            **UNCLAIMED,
        )
        .returning(QaReview.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        raise _refusal(session, look, staff_id)
    session.refresh(look)
    return look


def take_back(
    session: Session, comment_id: int, *, claimed: Mapping[str, Any], now: datetime
) -> QaReview | None:
    """Withdraw a review from the leads; None if none is theirs, or one claims it."""
    return session.scalar(
        sa.update(QaReview)
        .where(
            QaReview.comment_id == comment_id,
            QaReview.state == QaReviewState.OPEN.value,
            QaReview.escalated_at.is_not(None),
            is_unclaimed(QaReview, now),
        )
        .values(
            {
                **claimed,
                "escalated_at": None,
                "shown_version": QaReview.shown_version + 1,
            }
        )
        .returning(QaReview)
        .execution_options(populate_existing=True, synchronize_session=False)
    )


def _refusal(session: Session, look: QaReview, staff_id: int) -> Exception:
    session.refresh(look)
    return AlreadyClaimed() if look.claimed_by != staff_id else StaleVersion()
