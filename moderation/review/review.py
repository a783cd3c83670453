"""Moderators at work: the queue, decisions, taking one back, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments import decisions
from moderation.comments.submissions import Standing, find
from moderation.errors import (
    AlreadyClaimed,
    Conflict,
    Current,
    Escalated,
    NotUndoable,
    StaleVersion,
)
from moderation.objections import appeals, reports
from moderation.policy import (
    PEOPLE,
    VERDICT_FOR,
    Reason,
    ReasonCode,
    Source,
    Status,
    StatusChangeRefused,
    Verdict,
    status_after,
)
from moderation.queue import active_learning, query
from moderation.queue.query import Order, Position, Wanted
from moderation.review import escalations, notes, qa_reviews
from moderation.review.claims import is_free
from moderation.review.escalations import EscalationEntry
from moderation.review.qa_reviews import Kind, State
from moderation.sites import sites
from moderation.tables.accounts import Staff
from moderation.tables.comments import Article, Comment, Revision, Score
from moderation.tables.decisions import Decision
from moderation.tables.review import Correction, Look, Note


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """A pending comment with what a moderator needs to decide it."""

    comment: Comment
    article: Article
    decision: Decision  #: why it waits: the newest that nobody took back
    score: Score | None
    claimed_by: str | None  #: login of whoever holds it now
    is_overdue: bool  #: a person should have looked by now


def list_pending(
    session: Session,
    wanted: Wanted,
    *,
    after: Position | None,
    limit: int,
    now: datetime,
) -> list[QueueEntry]:
    """Return up to `limit` comments of a part of the queue, in its order.

    What teaches most is chosen anew each time: it has a first page only.
    """
    if wanted.order is Order.TEACH:
        ids = active_learning.choose(session, wanted, limit=limit)
        rows = session.scalars(sa.select(Comment).where(Comment.id.in_(ids))).all()
        found: Sequence[Comment] = query.in_order(rows, wanted)
    else:
        found = query.read(session, wanted, after=after, limit=limit)
    return entries_of(session, found, now)


def entries_of(
    session: Session, comments: Sequence[Comment], now: datetime
) -> list[QueueEntry]:
    """Return comments with what a moderator needs, in the given order."""
    ids = [comment.id for comment in comments]
    rows = session.execute(
        sa.select(Comment.id, Article, Staff.login)
        .join(Article, Article.id == Comment.article_id)
        .outerjoin(
            Staff, sa.and_(Staff.id == Comment.claimed_by, Comment.claimed_until > now)
        )
        .where(Comment.id.in_(ids))
    )
    about = {comment_id: (article, login) for comment_id, article, login in rows}
    standing = _standing_decisions(session, ids)
    scores = _scores(session, comments)
    return [
        QueueEntry(
            comment=comment,
            article=about[comment.id][0],
            decision=standing[comment.id],
            score=scores.get(comment.id),
            claimed_by=about[comment.id][1],
            is_overdue=comment.due_at <= now,
        )
        for comment in comments
    ]


def decide(
    session: Session,
    comment_id: int,
    *,
    staff_id: int,
    site_ids: Sequence[int],
    lead_site_ids: Sequence[int] = (),
    version: int,
    verdict: Verdict,
    reasons: Sequence[str],
    labels: Mapping[str, bool],
    now: datetime,
) -> Decision:
    """Record a person's decision about the version that this person saw.

    What waits for a lead is decided where the person is one: at `lead_site_ids`. Where
    the person looks again at what was decided, the answer is as for any comment: it
    doesn't tell.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    StaleVersion
        If it has changed since.
    AlreadyClaimed
        If another moderator holds it.
    Escalated
        If it waits for a lead.
    NotYours
        If it is an appeal against this person's own rejection.
    Conflict
        If the verdict says nothing new to the queue (review of what is pending).
    """
    comment = find(session, site_ids, comment_id)
    given = _Given(verdict=verdict, reasons=reasons, labels=labels)
    look = qa_reviews.held_by(session, comment_id, staff_id=staff_id)
    if look is not None and qa_reviews.is_blind(look):
        if look.shown_version != version:
            raise StaleVersion  # without how it stands, which would tell
        return _answer(session, comment, look, given, staff_id, lead_site_ids, now)
    repeated = _repeated(session, comment_id, staff_id, version, verdict)
    if repeated is not None:
        return repeated
    decision = _decide(session, comment, version, given, staff_id, lead_site_ids, now)
    if look is not None and look.state == State.DISPUTED.value:
        qa_reviews.close(session, look, decision, staff_id=staff_id, now=now)
    return decision


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What a person says."""

    verdict: Verdict
    reasons: Sequence[str]
    labels: Mapping[str, bool]


def _answer(
    session: Session,
    comment: Comment,
    look: Look,
    given: _Given,
    staff_id: int,
    lead_site_ids: Sequence[int],
    now: datetime,
) -> Decision:
    """Take the verdict of somebody who looks again at what was decided.

    On a person's decision it is kept beside that; on the machine's, and of a lead who
    was asked, it stands.
    """
    if given.verdict is Verdict.REVIEW:
        raise Conflict("The comment is in the queue already.")
    if look.kind == Kind.SECOND.value and look.escalated_at is None:
        qa_reviews.answer(session, look, staff_id=staff_id, now=now, **vars(given))
        return qa_reviews.told_answer(look, session.get_one(Decision, look.decision_id))
    version = look.version
    decision = _decide(session, comment, version, given, staff_id, lead_site_ids, now)
    qa_reviews.close(session, look, decision, staff_id=staff_id, now=now)
    return qa_reviews.told_decision(decision)


def _repeated(
    session: Session, comment_id: int, staff_id: int, version: int, verdict: Verdict
) -> Decision | None:
    """Return the answer to a look that is given again, as its answer was lost."""
    look = qa_reviews.newest_answer(session, staff_id=staff_id, comment_id=comment_id)
    if look is None or look.shown_version != version + 1 or look.verdict != verdict:
        return None
    return qa_reviews.told_answer(look, session.get_one(Decision, look.decision_id))


def _decide(
    session: Session,
    comment: Comment,
    version: int,
    given: _Given,
    staff_id: int,
    lead_site_ids: Sequence[int],
    now: datetime,
) -> Decision:
    if comment.version != version:
        raise StaleVersion(current=_current(session, comment, now))
    if comment.escalated_at is not None and comment.site_id not in lead_site_ids:
        raise Escalated
    appeals.refuse_own(session, comment, staff_id)
    before = Status(comment.status)
    is_own = comment.claimed_by == staff_id
    claimed_at = comment.claimed_at if is_own else None
    served_in = comment.served_in if is_own else None
    try:
        after = status_after(before, Source.PERSON, given.verdict)
    except StatusChangeRefused as error:
        raise Conflict("The comment is in the queue already.") from error
    _change(session, comment, after, staff_id, now)
    decision = _record(
        session,
        comment,
        staff_id,
        before,
        given.verdict,
        given.reasons,
        given.labels,
        now,
        claimed_at=claimed_at,
        served_in=served_in,
    )
    escalations.end(
        session, comment.id, staff_id=staff_id, decision_id=decision.id, now=now
    )
    return decision


def undo(
    session: Session,
    comment_id: int,
    *,
    staff_id: int,
    site_ids: Sequence[int],
    version: int,
    now: datetime,
    grace: timedelta,
    lasts: timedelta,
) -> Decision:
    """Take one's own newest decision back: the comment stands as it did before.

    It is a further decision, which teaches nothing. What is pending again is claimed
    again, for as long as a claim `lasts`.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    StaleVersion
        If it has changed since the decision.
    NotUndoable
        If the newest decision is another's, was an undo, or is older than `grace`.
    """
    comment = find(session, site_ids, comment_id)
    look = qa_reviews.newest_answer(session, staff_id=staff_id, comment_id=comment_id)
    if look is not None and look.shown_version == version:
        return _undo_answer(session, look, staff_id, now, grace, lasts)
    if comment.version != version:
        raise StaleVersion(current=_current(session, comment, now))
    newest = _newest_decisions(session, [comment_id])[comment_id]
    if (
        newest.staff_id != staff_id
        or newest.status_before is None
        or decisions.is_undo(newest)
    ):
        raise NotUndoable("Only your own newest decision can be taken back.")
    if newest.batch_id is not None:
        raise NotUndoable("It was decided with others; take all of them back.")
    if newest.created_at < now - grace:
        raise NotUndoable("The time for taking this back is over; decide anew instead.")
    before, after = Status(comment.status), Status(newest.status_before)
    held_until = now + lasts if after is Status.PENDING else None
    escalated_at = escalations.reopen(session, newest.id)
    _change(session, comment, after, staff_id, now, held_until, escalated_at)
    undone = decisions.record(
        session,
        comment,
        VERDICT_FOR[after],
        source=Source.PERSON,
        reasons=[Reason(code=ReasonCode.UNDONE)],
        status_before=before,
        staff_id=staff_id,
        now=now,
        undone=newest,
    )
    reports.unsettle(session, comment)
    appeals.reopen(session, newest)
    opened = qa_reviews.reopen_after(
        session, newest.id, staff_id=staff_id, now=now, lasts=lasts
    )
    if opened is not None and qa_reviews.is_blind(opened):
        verdict = Verdict(newest.verdict)
        return qa_reviews.told_undo(undone, verdict, staff_id=staff_id, now=now)
    return undone


def _undo_answer(
    session: Session,
    look: Look,
    staff_id: int,
    now: datetime,
    grace: timedelta,
    lasts: timedelta,
) -> Decision:
    """Take back what was said of another's decision; the comment never changed."""
    if look.answered_at is None or look.answered_at < now - grace:
        raise NotUndoable("The time for taking this back is over; decide anew instead.")
    verdict = Verdict(look.verdict or "")
    qa_reviews.reopen(session, look, staff_id=staff_id, now=now, lasts=lasts)
    looked_at = session.get_one(Decision, look.decision_id)
    return qa_reviews.told_undo(looked_at, verdict, staff_id=staff_id, now=now)


def find_undoable(
    session: Session, *, staff_id: int, now: datetime, grace: timedelta
) -> tuple[Decision, Comment] | None:
    """Return a moderator's newest decision if it can still be taken back."""
    answered = _undoable_answer(session, staff_id, now - grace)
    decision = session.scalar(
        sa.select(Decision)
        .where(Decision.staff_id == staff_id)
        .order_by(Decision.id.desc())
        .limit(1)
    )
    if answered is not None:
        at = answered[0].created_at
        if decision is None or decision.created_at < at:
            return answered
    if (
        decision is None
        or decision.created_at < now - grace
        or decisions.is_undo(decision)
    ):
        return None
    if decision.batch_id is not None:  # undone whole, or not at all
        return None
    newest = _newest_decisions(session, [decision.comment_id])
    comment = session.get_one(Comment, decision.comment_id)
    is_open = comment.deleted_at is None and comment.revision == decision.revision
    if newest[comment.id].id != decision.id or not is_open:
        return None
    return decision, comment


def _undoable_answer(
    session: Session, staff_id: int, since: datetime
) -> tuple[Decision, Comment] | None:
    look = qa_reviews.newest_answer(session, staff_id=staff_id)
    if look is None or look.answered_at is None or look.answered_at < since:
        return None
    comment = session.get_one(Comment, look.comment_id)
    is_open = comment.deleted_at is None and comment.version == look.version
    if not is_open or look.claimed_by is not None:
        return None
    looked_at = session.get_one(Decision, look.decision_id)
    return qa_reviews.told_answer(look, looked_at), qa_reviews.shown(comment, look)


def report(
    session: Session,
    comment: Comment,
    verdict: Verdict,
    *,
    source: Source,
    reasons: Sequence[str],
    labels: Mapping[str, bool],
    now: datetime,
) -> Decision:
    """Record what the site's own people have decided in their own software.

    It stands whoever holds the comment here: a moderator who saw the earlier version
    is told so. `comment` is locked, or the database has one writer.
    """
    before = Status(comment.status)
    comment.status = status_after(before, source, verdict).value
    comment.version += 1
    comment.claimed_by = comment.claimed_until = comment.claimed_at = None
    comment.escalated_at = None
    decision = _record(
        session, comment, None, before, verdict, reasons, labels, now, source
    )
    escalations.end(
        session, comment.id, staff_id=None, decision_id=decision.id, now=now
    )
    return decision


def _change(
    session: Session,
    comment: Comment,
    after: Status,
    staff_id: int,
    now: datetime,
    held_until: datetime | None = None,
    escalated_at: datetime | None = None,
) -> None:
    """Give a comment another status, unless it was changed or claimed just now."""
    version = comment.version
    changed = session.scalar(
        sa.update(Comment)
        .where(
            Comment.id == comment.id,
            Comment.version == version,
            is_free(staff_id, now),
        )
        .values(
            status=after.value,
            version=version + 1,
            claimed_by=staff_id if held_until else None,
            claimed_until=held_until,
            claimed_at=now if held_until else None,
            escalated_at=escalated_at,
        )
        .returning(Comment.id)
    )
    if changed is None:
        session.refresh(comment)
        current = _current(session, comment, now)
        if comment.version == version:
            raise AlreadyClaimed(current=current)
        raise StaleVersion(current=current)


def _current(session: Session, comment: Comment, now: datetime) -> Current:
    """Return how a comment stands, for whoever has seen it otherwise."""
    (entry,) = entries_of(session, [comment], now)
    decision = entry.decision
    login = sa.select(Staff.login).where(Staff.id == decision.staff_id)
    return Current(
        id=comment.id,
        version=comment.version,
        status=Status(comment.status),
        revision=comment.revision,
        body=comment.body,
        edited_at=comment.edited_at,
        claimed_by=entry.claimed_by,
        verdict=Verdict(decision.verdict),
        source=Source(decision.source),
        decided_by=session.scalar(login),
        decided_at=decision.created_at,
        reasons=decision.reasons,
    )


@dataclass(frozen=True, kw_only=True)
class History:
    """All that happened to a comment, each list with the oldest first."""

    decisions: list[tuple[Decision, str | None]]  #: with the login of the person
    scores: list[Score]
    revisions: list[Revision]
    notes: list[tuple[Note, str]]  #: with the login of the person
    escalations: list[EscalationEntry]
    corrections: list[tuple[Correction, str]]  #: with the login of the person


def history(
    session: Session, comment_id: int, site_ids: Sequence[int], *, staff_id: int
) -> History:
    """Return all that happened to a comment.

    Whoever looks again at what was decided is not told what that was.

    Raises
    ------
    NotFound
        If there is no such comment at these sites.
    """
    find(session, site_ids, comment_id)
    decisions = session.execute(
        sa.select(Decision, Staff.login)
        .outerjoin(Staff, Staff.id == Decision.staff_id)
        .where(Decision.comment_id == comment_id)
        .order_by(Decision.id)
    ).all()
    scores = session.scalars(
        sa.select(Score).where(Score.comment_id == comment_id).order_by(Score.id)
    ).all()
    revisions = session.scalars(
        sa.select(Revision)
        .where(Revision.comment_id == comment_id)
        .order_by(Revision.number)
    ).all()
    look = qa_reviews.held_by(session, comment_id, staff_id=staff_id)
    if look is not None and qa_reviews.is_blind(look):
        rows = [decision for decision, _ in decisions]
        policy = sites.policy_of(session, look.site_id)
        shown = qa_reviews.shown_decisions(look, rows, policy)
        return History(
            decisions=[(decision, None) for decision in shown],
            scores=list(scores),
            revisions=list(revisions),
            notes=[],
            escalations=[],
            corrections=[],
        )
    return History(
        decisions=[(decision, login) for decision, login in decisions],
        scores=list(scores),
        revisions=list(revisions),
        notes=notes.notes_of(session, [comment_id]).get(comment_id, []),
        escalations=escalations.list_of(session, [comment_id]).get(comment_id, []),
        corrections=notes.corrections_of(session, comment_id),
    )


def as_seen(session: Session, standing: Standing, staff_id: int) -> Standing:
    """Return how a comment stands, without what somebody who looks mustn't know."""
    comment = standing.comment
    look = qa_reviews.held_by(session, comment.id, staff_id=staff_id)
    if look is None or not qa_reviews.is_blind(look):
        return standing
    log = decisions.log_of(session, comment.id)
    policy = sites.policy_of(session, comment.site_id)
    return replace(
        standing,
        comment=qa_reviews.shown(comment, look),
        decision=qa_reviews.shown_decisions(look, log, policy)[-1],
    )


def _record(
    session: Session,
    comment: Comment,
    staff_id: int | None,
    before: Status,
    verdict: Verdict,
    reasons: Sequence[str],
    labels: Mapping[str, bool],
    now: datetime,
    source: Source = Source.PERSON,
    claimed_at: datetime | None = None,
    served_in: str | None = None,
) -> Decision:
    decision = decisions.record(
        session,
        comment,
        verdict,
        source=source,
        reasons=[Reason(code=code) for code in reasons],
        status_before=before,
        staff_id=staff_id,
        labels=labels,
        claimed_at=claimed_at,
        served_in=served_in,
        now=now,
    )
    reports.settle(session, comment, decision)
    appeals.hear(session, comment, decision)
    return decision


def _newest_decisions(
    session: Session, comment_ids: Sequence[int]
) -> dict[int, Decision]:
    newest = (
        sa.select(sa.func.max(Decision.id))
        .where(Decision.comment_id.in_(comment_ids))
        .group_by(Decision.comment_id)
    )
    found = session.scalars(sa.select(Decision).where(Decision.id.in_(newest)))
    return {decision.comment_id: decision for decision in found}


def _standing_decisions(
    session: Session, comment_ids: Sequence[int]
) -> dict[int, Decision]:
    """Return the newest decisions, and where one was taken back, what held before it.

    That people decided and took it back tells nobody why a comment waits.
    """
    found = _newest_decisions(session, comment_ids)
    undone = [key for key, each in found.items() if decisions.is_undo(each)]
    if undone:
        held = (
            sa.select(sa.func.max(Decision.id))
            .where(
                Decision.comment_id.in_(undone),
                Decision.source.not_in([source.value for source in PEOPLE]),
            )
            .group_by(Decision.comment_id)
        )
        before = session.scalars(sa.select(Decision).where(Decision.id.in_(held)))
        found |= {each.comment_id: each for each in before}
    return found


def _scores(session: Session, comments: Sequence[Comment]) -> dict[int, Score]:
    """Return the newest scores of the text as it stands, by comment."""
    revisions = {comment.id: comment.revision for comment in comments}
    found = session.scalars(
        sa.select(Score).where(Score.comment_id.in_(revisions)).order_by(Score.id)
    )
    return {
        score.comment_id: score
        for score in found
        if score.revision == revisions[score.comment_id]
    }
