"""Authors appeal against a rejection; another moderator decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments import decisions, due_times
from moderation.comments.decisions import DecisionDraft
from moderation.comments.statements import COMPLAINT_PERIOD
from moderation.errors import Conflict, NotAppealable, NotYours
from moderation.objections import misuse
from moderation.objections.misuse_counts import (
    MisuseMatter,
    MisuseSubject,
    MisuseTarget,
)
from moderation.policy.due_times import APPEAL_PATIENCE
from moderation.policy.reasons import Reason, ReasonCode, is_hidden_from_author
from moderation.policy.verdicts import AUTOMATIC, Source, Status, Verdict
from moderation.privacy import mask_emails
from moderation.tables.accounts import Membership, Staff
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision
from moderation.tables.objections import Appeal


class AuthorState(StrEnum):
    """The state of a comment, as its author sees it."""

    WAITING = "waiting"  #: a person will look at it
    EDITED = "edited"  #: the text was changed: a person will look at the new one
    REPORTED = "reported"  #: it was published; a person will look at it again
    APPEALED = "appealed"  #: a person who did not reject it will look
    PUBLISHED = "published"  #: readers see it
    REJECTED = "rejected"  #: readers don't see it
    DELETED = "deleted"  #: it was erased


@dataclass(frozen=True, kw_only=True)
class AuthorStatus:
    """A comment's state for its author; never a score, never who decided."""

    state: AuthorState
    since: datetime
    received_at: datetime
    article: Article
    reasons: list[str]  #: codes of a rejection
    is_by_person: bool  #: whether a person has read it and gave them
    is_by_standing: bool  #: whether the author is suspended or banned
    until: datetime | None  #: when a suspension or ban ends
    appeal: Appeal | None  #: the one about this text

    @property
    def may_appeal(self) -> bool:
        """Whether the author can still ask for another look."""
        return self.state is AuthorState.REJECTED and self.appeal is None


@dataclass(frozen=True, kw_only=True)
class ReservedAppeals:
    """Appeals that a moderator must leave to others."""

    count: int
    alone: int  #: those at sites without another moderator


def appeal(session: Session, comment: Comment, text: str, now: datetime) -> Appeal:
    """Ask for another look at a rejected comment: it goes back to the queue.

    There is one appeal for each text; the same words again are the same appeal.
    `comment` is locked, or the database has one writer.

    Raises
    ------
    NotAppealable
        If it is not rejected, there was an appeal, the time is over, or the author's
        appeals are suspended.
    """
    text = mask_emails(text)
    earlier = find(session, comment)
    if earlier is not None:
        if earlier.text == text:
            return earlier
        raise NotAppealable("There was already an appeal: each text has one.")
    log = decisions.lasting_of(session, comment.id)
    if comment.status != Status.REJECTED.value or is_hidden_from_author(
        log[-1].reasons
    ):
        raise NotAppealable("Only a rejected comment can be appealed.")
    until = suspended_until(session, comment, now)
    if until is not None:
        raise NotAppealable(f"Appeals are suspended until {until:%Y-%m-%d %H:%M} UTC.")
    rejection = _rejection(log)
    if now > rejection.created_at + COMPLAINT_PERIOD:
        raise NotAppealable("The time to appeal, six months, is over.")
    made = Appeal(
        site_id=comment.site_id,
        comment_id=comment.id,
        revision=comment.revision,
        text=text,
        created_at=now,
        decision_id=rejection.id,
        rejected_by=rejection.staff_id,
    )
    session.add(made)
    due = now + APPEAL_PATIENCE
    comment.due_at = due_times.before_care(session, comment, due, now)
    comment.held_reason = ReasonCode.APPEAL.value
    new = DecisionDraft(
        verdict=Verdict.REVIEW,
        source=Source.AUTHOR,
        at=now,
        reasons=[Reason(code=ReasonCode.APPEAL)],
    )
    decisions.decide(session, comment, new)
    return made


def suspended_until(
    session: Session, comment: Comment, now: datetime
) -> datetime | None:
    """Return until when a comment's author can't appeal (DSA Art. 23(2)); None: can."""
    if comment.author_record_id is None:
        return None
    author = MisuseTarget(
        site_id=comment.site_id,
        subject=MisuseSubject.AUTHOR,
        author_id=comment.author_record_id,
    )
    return misuse.suspended_until(session, author, now, [MisuseMatter.COMPLAINTS])


def hear(session: Session, comment: Comment, decision: Decision) -> None:
    """Note how a person decided, if an appeal about the text was open."""
    if decision.verdict == Verdict.REVIEW.value:
        return  # no decision yet
    session.execute(
        sa.update(Appeal)
        .where(
            Appeal.comment_id == comment.id,
            Appeal.revision == comment.revision,
            Appeal.heard_at.is_(None),
        )
        .values(
            heard_at=decision.created_at,
            outcome=decision.verdict,
            heard_decision_id=decision.id,
        )
    )


def reopen(session: Session, decision: Decision) -> None:
    """Open the appeal again that a decision had settled, now that it is undone."""
    session.execute(
        sa.update(Appeal)
        .where(
            Appeal.comment_id == decision.comment_id,
            Appeal.heard_decision_id == decision.id,
        )
        .values(
            heard_at=None,
            outcome=None,
            heard_decision_id=None,
            answer=None,
            is_partial=False,
            is_unfounded=None,
        )
    )


def answer(
    session: Session,
    comment: Comment,
    staff_id: int,
    text: str,
    *,
    is_partial: bool,
    is_unfounded: bool = False,
) -> Appeal:
    """Store the reasons with which a moderator has decided an appeal.

    Parameters
    ----------
    is_partial
        The comment stays rejected for a part, or for another reason.
    is_unfounded
        The appeal was manifestly unfounded.

    Raises
    ------
    Conflict
        If there is no decided appeal, it has an answer, or a comment that is published
        was reversed only in part.
    NotYours
        If another moderator has decided it.
    """
    made = find(session, comment)
    if made is None or made.heard_decision_id is None:
        raise Conflict("There is no decided appeal about this text.")
    decision = session.get_one(Decision, made.heard_decision_id)
    if decision.staff_id != staff_id:
        raise NotYours("Who decided the appeal gives the reasons.")
    if made.answer is not None:
        raise Conflict("The appeal has an answer already.")
    if is_partial and made.outcome != Verdict.REJECT.value:
        raise Conflict("The comment is published: the appeal was granted in whole.")
    if is_unfounded and (is_partial or made.outcome != Verdict.REJECT.value):
        raise Conflict("The appeal was granted, if only in part: it had grounds.")
    made.answer, made.is_partial = mask_emails(text), is_partial
    made.is_unfounded = is_unfounded
    target = (TargetKind.COMMENT, comment.id)
    record(
        session,
        AuditAction.APPEAL_ANSWERED,
        target=target,
        site_id=comment.site_id,
        is_partial=is_partial,
        is_unfounded=is_unfounded,
    )
    return made


def find(session: Session, comment: Comment) -> Appeal | None:
    """Return the appeal about a comment's current text."""
    return session.scalar(
        sa.select(Appeal).where(
            Appeal.comment_id == comment.id, Appeal.revision == comment.revision
        )
    )


def open_for(
    session: Session, comments: Sequence[Comment]
) -> dict[int, tuple[Appeal, Decision]]:
    """Return open appeals, with the rejections they are against."""
    texts = [(comment.id, comment.revision) for comment in comments]
    rows = session.execute(
        sa.select(Appeal, Decision)
        .join(Decision, Decision.id == Appeal.decision_id)
        .where(
            sa.tuple_(Appeal.comment_id, Appeal.revision).in_(texts),
            Appeal.heard_at.is_(None),
        )
    )
    return {row.comment_id: (row, rejection) for row, rejection in rows}


def is_anothers(staff_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that a comment is no appeal against this person."""
    return ~(
        sa.exists()
        .where(
            Appeal.comment_id == Comment.id,
            Appeal.revision == Comment.revision,
            Appeal.rejected_by == staff_id,
            Appeal.heard_at.is_(None),
        )
        .correlate(Comment)
    )


def refuse_own(session: Session, comment: Comment, staff_id: int) -> None:
    """Refuse a person who would decide an appeal against their own rejection.

    Raises
    ------
    NotYours
        If it is one.
    """
    made = find(session, comment)
    if made and made.heard_at is None and made.rejected_by == staff_id:
        raise NotYours


def count_kept(
    session: Session, site_ids: Sequence[int], staff_id: int
) -> ReservedAppeals:
    """Count the open appeals against a moderator, and those without another one."""
    rows = session.execute(
        sa.select(Appeal.site_id, sa.func.count())
        .join(Comment, Comment.id == Appeal.comment_id)
        .where(
            Appeal.rejected_by == staff_id,
            Appeal.heard_at.is_(None),
            Appeal.site_id.in_(site_ids),
            Comment.revision == Appeal.revision,
            Comment.deleted_at.is_(None),
        )
        .group_by(Appeal.site_id)
    ).all()
    counts = {row[0]: row[1] for row in rows}
    manned = set(_sites_with_others(session, list(counts), staff_id))
    return ReservedAppeals(
        count=sum(counts.values()),
        alone=sum(count for site, count in counts.items() if site not in manned),
    )


def tell(session: Session, comment: Comment) -> AuthorStatus:
    """Return what the author of a comment may know of it."""
    log = decisions.lasting_of(session, comment.id)
    made, newest = find(session, comment), log[-1]
    state = _state(comment, newest, made)
    rejection = _rejection(log) if state is AuthorState.REJECTED else None
    ban = _ban(rejection)
    is_first = state is AuthorState.WAITING and newest.revision == 1
    return AuthorStatus(
        state=state,
        since=comment.deleted_at
        or (comment.received_at if is_first else newest.created_at),
        received_at=comment.received_at,
        article=session.get_one(Article, comment.article_id),
        reasons=codes_of(rejection) if rejection else [],
        is_by_person=rejection is not None and rejection.source not in AUTOMATIC,
        is_by_standing=ban is not None,
        until=datetime.fromisoformat(ban["until"]) if ban and "until" in ban else None,
        appeal=made,
    )


def codes_of(rejection: Decision) -> list[str]:
    """Return the reasons as an author sees them: a label in the place of its score."""
    codes = [reason.get("label") or reason["code"] for reason in rejection.reasons]
    return list(dict.fromkeys(codes))


def _ban(rejection: Decision | None) -> Mapping[str, Any] | None:
    """Return the reason of a rejection by which its author is suspended or banned."""
    codes = {ReasonCode.SUSPENDED.value, ReasonCode.BANNED.value}
    reasons = rejection.reasons if rejection else []
    return next((reason for reason in reasons if reason["code"] in codes), None)


def _state(comment: Comment, newest: Decision, made: Appeal | None) -> AuthorState:
    if comment.deleted_at is not None:
        return AuthorState.DELETED
    is_hidden = is_hidden_from_author(newest.reasons)
    if comment.status != Status.PENDING.value and not is_hidden:
        is_shown = comment.status == Status.APPROVED.value
        return AuthorState.PUBLISHED if is_shown else AuthorState.REJECTED
    if made is not None and made.heard_at is None:
        return AuthorState.APPEALED
    if newest.source == Source.READERS.value:
        return AuthorState.REPORTED
    return AuthorState.EDITED if newest.revision > 1 else AuthorState.WAITING


def _rejection(lasting: Iterable[Decision]) -> Decision:
    """Return the decision by which a rejected comment is rejected."""
    rejections = [row for row in lasting if row.verdict == Verdict.REJECT.value]
    return rejections[-1]


def _sites_with_others(
    session: Session, site_ids: Sequence[int], staff_id: int
) -> Sequence[int]:
    return session.scalars(
        sa.select(Membership.site_id)
        .distinct()
        .join(Staff, Staff.id == Membership.staff_id)
        .where(
            Membership.site_id.in_(site_ids),
            Membership.staff_id != staff_id,
            Staff.disabled_at.is_(None),
        )
    ).all()
