"""The only writer of decisions, and of a comment's status and version.

The log is the truth: rows are added, never changed. Status on the comment is a cache
of the effective decision: the newest that was not undone. An undo is a row of its own
that names what it revokes in `undoes_id`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.authors import records
from moderation.comments import due_times, statements
from moderation.comments.claims import UNCLAIMED, Condition
from moderation.comments.scorings import model_version_of, model_versions
from moderation.comments.statements import NO_BASIS, LegalBasis
from moderation.metrics.verdicts import count_verdicts
from moderation.policy.reasons import Reason, ReasonCode
from moderation.policy.status_changes import STATUS_AFTER, VERDICT_FOR, status_after
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.sql.prepared import insert
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision, is_effective, is_lasting
from moderation.webhooks import akismet_callbacks, outbox

UNDONE = (Reason(code=ReasonCode.UNDONE),)


@dataclass(frozen=True, kw_only=True)
class DecisionDraft:
    """A verdict to record, by whom, and what it rests on."""

    verdict: Verdict
    source: Source
    at: datetime
    reasons: Sequence[Reason] = ()
    labels: Mapping[str, bool] = field(default_factory=dict)  #: set for training
    staff_id: int | None = None  #: where a moderator decides
    claimed_at: datetime | None = None  #: when the moderator claimed the comment
    served_in: str | None = None  #: the order of the queue that brought it
    policy_id: int | None = None
    batch_id: int | None = None
    undoes_id: int | None = None  #: of the decision that this one revokes
    basis: LegalBasis = NO_BASIS  #: of a rejection, for its statement of reasons
    is_blind: bool = False  #: the moderator didn't see the earlier decision

    def columns(self) -> dict[str, Any]:
        """Return the columns of a row that don't depend on the comment."""
        return {
            "created_at": self.at,
            "source": self.source.value,
            "verdict": self.verdict.value,
            "reasons": [reason.as_json() for reason in self.reasons],
            "labels": dict(self.labels),
            "staff_id": self.staff_id,
            "claimed_at": self.claimed_at,
            "served_in": self.served_in,
            "policy_id": self.policy_id,
            "batch_id": self.batch_id,
            "undoes_id": self.undoes_id,
        }


def apply(comment: Comment, source: Source, verdict: Verdict) -> Status | None:
    """Set the status that a decision leads to; return the one before, if any.

    The comment is new, or locked by the caller, who then stores the decision by
    `record`: a new comment's row must come first.

    Raises
    ------
    StatusChangeRefused
        If no such decision may be given in this status.
    """
    before = Status(comment.status) if comment.status else None
    comment.status = status_after(before, source, verdict).value
    if before is None:
        comment.version = 1
    else:
        bump(comment)
    return before


def record(
    session: Session,
    comment: Comment,
    new: DecisionDraft,
    *,
    status_before: Status | None,
    model_version: str | None,
    has_webhooks: bool = True,
) -> Decision:
    """Store a decision about a comment's text, and its event.

    Parameters
    ----------
    model_version
        The model whose scores it rests on; None: unscored.
    has_webhooks
        False: the caller knows that the site has none.
    """
    decision = Decision(
        site_id=comment.site_id,
        comment_id=comment.id,
        revision=comment.revision,
        status_before=status_before.value if status_before else None,
        model_version=model_version,
        **new.columns(),
    )
    insert(session, decision)
    count_verdicts(session, new.source.value, new.verdict.value)
    records.count_change(session, comment, status_before)
    statements.record(session, new, {comment.id: decision.id}, [comment])
    if new.staff_id is not None and status_before is not None:
        akismet_callbacks.tell_again(session, [comment.id], new.at)
    if has_webhooks and new.undoes_id is None:
        outbox.record_decision(session, comment, decision)
    elif has_webhooks and new.undoes_id:
        outbox.retract(session, comment, decision, new.undoes_id)
    return decision


def decide(session: Session, comment: Comment, new: DecisionDraft) -> Decision:
    """Give a locked comment a decision, and the status that it leads to.

    Raises
    ------
    StatusChangeRefused
        If no such decision may be given in this status.
    """
    before = apply(comment, new.source, new.verdict)
    session.flush()
    version = model_version_of(session, comment)
    return record(session, comment, new, status_before=before, model_version=version)


def decide_if(
    session: Session,
    comment: Comment,
    new: DecisionDraft,
    *conditions: Condition,
    **values: Any,
) -> Decision | None:
    """Give a comment a decision if it is as it was read, and the conditions hold.

    The claim ends, and so does a wait for a lead. None: another was faster.

    Parameters
    ----------
    values
        Further columns to set in the same statement, such as another claim.

    Raises
    ------
    StatusChangeRefused
        If no such decision may be given in this status.
    """
    before = Status(comment.status)
    after = status_after(before, new.source, new.verdict)
    values = due_times.columns_in(session, after, comment.id, new.at) | values
    return _write_if(session, comment, new, (before, after), conditions, values)


def undo_if(
    session: Session,
    comment: Comment,
    undone: Decision,
    new: DecisionDraft,
    *conditions: Condition,
    **values: Any,
) -> Decision | None:
    """Revoke the effective decision if the comment is as it was read.

    The comment gets the status that it had before. None: another was faster.

    Parameters
    ----------
    new
        As `undo_of` makes it.
    values
        As for `decide_if`.
    """
    change = Status(comment.status), Status(undone.status_before or "")
    return _write_if(session, comment, new, change, conditions, values)


def undo_of(undone: Decision, *, staff_id: int, at: datetime) -> DecisionDraft:
    """Return the decision by which a person revokes one."""
    return DecisionDraft(
        verdict=VERDICT_FOR[Status(undone.status_before or "")],
        source=Source.PERSON,
        at=at,
        reasons=UNDONE,
        staff_id=staff_id,
        undoes_id=undone.id,
    )


def _write_if(
    session: Session,
    comment: Comment,
    new: DecisionDraft,
    change: tuple[Status, Status],
    conditions: Sequence[Condition],
    values: Mapping[str, Any],
) -> Decision | None:
    before, after = change
    changed = change_if(
        session,
        comment.id,
        Comment.version == comment.version,
        *conditions,
        **{**UNCLAIMED, "escalated_at": None, **values, "status": after.value},
    )
    if changed is None:
        return None
    version = model_version_of(session, comment)
    return record(session, comment, new, status_before=before, model_version=version)


def bump(comment: Comment) -> None:
    """Count a change of a locked comment, so that older versions are refused."""
    comment.version += 1


def change_if(
    session: Session, comment_id: int, *conditions: Condition, **values: Any
) -> Comment | None:
    """Change columns of a comment and count that, if the conditions hold.

    One UPDATE both asks and writes. None: they don't hold.
    """
    return session.scalar(
        sa.update(Comment)
        .where(Comment.id == comment_id, *conditions)
        .values({**values, "version": Comment.version + 1})
        .returning(Comment)
        .execution_options(populate_existing=True)
    )


def decide_many(
    session: Session,
    comments: sa.Select[int],
    new: DecisionDraft,
    *,
    before: Status,
    is_revocable: bool = True,
) -> list[int]:
    """Give many comments of one site and one status the same decision.

    Parameters
    ----------
    comments
        Selects their ids; the rows are locked, or the database has one writer.
    is_revocable
        The batch can still be undone: its events wait for that.

    Returns
    -------
    The ids of those decided.
    """
    after = status_after(before, new.source, new.verdict)
    rows = _set_status(session, comments, after)
    due_times.renew(session, after, [row.id for row in rows], new.at)
    stored = _record_many(session, rows, new, before)
    if stored:
        site_id = stored[0]["site_id"]
        batch_id = new.batch_id if is_revocable else None
        outbox.record_decisions(session, site_id, stored, batch_id=batch_id)
    return [row["comment_id"] for row in stored]


def undo_many(
    session: Session,
    undone: Mapping[int, int],
    new: DecisionDraft,
    *,
    before: Status,
    batch_id: int,
) -> list[int]:
    """Revoke effective decisions of a batch, one about each comment.

    Parameters
    ----------
    undone
        Comment to the decision revoked. The comments are locked.
    new
        Its verdict leads to the status that all of the comments had before.
    before
        The status that the decisions had led to.

    Returns
    -------
    The ids of the comments, which have their earlier status again.
    """
    rows = _set_status(
        session,
        sa.select(Comment.id).where(Comment.id.in_(undone)),
        STATUS_AFTER[new.verdict],
    )
    stored = _record_many(session, rows, new, before, undone)
    if stored:
        outbox.retract_many(session, stored[0]["site_id"], stored, batch_id)
    return [row["comment_id"] for row in stored]


def _set_status(
    session: Session, comments: sa.Select[int], status: Status
) -> list[Any]:
    rows = session.execute(
        sa.update(Comment)
        .where(Comment.id.in_(comments))
        .values({**UNCLAIMED, "status": status.value, "version": Comment.version + 1})
        .returning(Comment.id, Comment.site_id, Comment.revision)
        .execution_options(synchronize_session=False)
    )
    return list(rows.all())


def _record_many(
    session: Session,
    comments: Sequence[Any],
    new: DecisionDraft,
    before: Status,
    undone: Mapping[int, int] | None = None,
) -> list[dict[str, Any]]:
    """Store a decision about each comment; return the columns of the rows."""
    if not comments:
        return []
    revisions = {row.id: row.revision for row in comments}
    scored_by = model_versions(session, revisions)
    rows = [
        {
            **new.columns(),
            "site_id": row.site_id,
            "comment_id": row.id,
            "revision": row.revision,
            "status_before": before.value,
            "model_version": scored_by.get(row.id),
            "undoes_id": undone[row.id] if undone else None,
        }
        for row in sorted(comments)
    ]
    of_comments = sa.insert(Decision).returning(Decision.comment_id, Decision.id)
    ids = {row.comment_id: row.id for row in session.execute(of_comments, rows)}
    count_verdicts(session, new.source.value, new.verdict.value, len(rows))
    if undone is None:
        statements.record(session, new, ids, is_batch=True)
    records.count_changes(session, revisions, before, STATUS_AFTER[new.verdict])
    akismet_callbacks.tell_again(session, revisions, new.at)
    return rows


def effective_of(session: Session, comment_ids: Collection[int]) -> dict[int, Decision]:
    """Return the effective decision of each comment."""
    query = sa.select(Decision).where(
        Decision.comment_id.in_(comment_ids), is_effective()
    )
    return {decision.comment_id: decision for decision in session.scalars(query)}


def log_of(session: Session, comment_id: int) -> Sequence[Decision]:
    """Return all decisions about a comment, the oldest first, undos included."""
    return session.scalars(
        sa.select(Decision)
        .where(Decision.comment_id == comment_id)
        .order_by(Decision.id)
    ).all()


def lasting_of(session: Session, comment_id: int) -> Sequence[Decision]:
    """Return the decisions about a comment that were not undone, the oldest first.

    The last one is effective.
    """
    return session.scalars(
        sa.select(Decision)
        .where(Decision.comment_id == comment_id, is_lasting())
        .order_by(Decision.id)
    ).all()


def newest_of(session: Session, comment_id: int) -> Decision:
    """Return the newest row of a comment's log, be it an undo or undone."""
    query = sa.select(Decision).where(Decision.comment_id == comment_id)
    return session.scalars(query.order_by(Decision.id.desc()).limit(1)).one()
