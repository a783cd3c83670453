"""Events: written down for a site's webhooks, in the commit that makes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.policy.verdicts import Source, Status
from moderation.sites.sites import has_webhooks
from moderation.tables.authors import Author, StandingChange
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.monitoring import Alarm
from moderation.tables.webhooks import WAITING, Delivery, Webhook


class EventType(StrEnum):
    """The type of an event."""

    APPROVED = "comment.approved"  #: a comment is shown now, or still
    REJECTED = "comment.rejected"  #: a comment stays hidden, or is hidden now
    HELD = "comment.held"  #: a comment is pending, maybe again
    ERASED = "comment.erased"  #: a comment, or its author alone
    STANDING = "author.standing_changed"  #: by staff, or a standing has ended
    WARNED = "author.warned"  #: an author, before a suspension for misuse
    STATEMENT = "statement.issued"  #: of reasons, to a comment's author
    NOTICE_RECEIVED = "notice.received"  #: a notice of illegal content
    NOTICE_DECIDED = "notice.decided"  #: a notice, or a complaint about one
    ALARM = "alarm.raised"  #: drift, or a brake has taken hold
    TEST = "webhook.test"  #: an admin tries the webhook


#: What a webhook can ask for.
CHOSEN = tuple(each for each in EventType if each is not EventType.TEST)
TYPE_OF = {
    Status.APPROVED: EventType.APPROVED,
    Status.REJECTED: EventType.REJECTED,
    Status.PENDING: EventType.HELD,
}


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """Something that has become so, before anyone gets it."""

    type: EventType
    at: datetime
    body: Mapping[str, Any]
    comment_id: int | None = None
    decision_id: int | None = None  #: of a person, who may undo it
    batch_id: int | None = None  #: of a person, who may undo it, whole


def record_decision(session: Session, comment: Comment, decision: Decision) -> None:
    """Write down for its site's webhooks how a comment stands by a decision.

    A person's is sent once it can't be undone any more.
    """
    event = _event_of(comment, decision)
    _write(session, [(event, _wanting(session, comment.site_id, event.type))])


def retract(
    session: Session, comment: Comment, decision: Decision, undone_id: int
) -> None:
    """Retract the event of an undone decision; its receivers get the current state.

    Parameters
    ----------
    decision
        The undo.
    undone_id
        Of the decision that it undoes.
    """
    about = (Delivery.comment_id == comment.id, Delivery.decision_id == undone_id)
    _withdraw(session, *about)
    event = replace(_event_of(comment, decision), decision_id=None)  # an undo stands
    told = set(session.scalars(sa.select(Delivery.webhook_id).where(*about)))
    wanting = _wanting(session, comment.site_id, event.type) if told else []
    _write(session, [(event, [each for each in wanting if each in told])])


def record_decisions(
    session: Session,
    site_id: int,
    rows: Sequence[Mapping[str, Any]],
    *,
    batch_id: int | None = None,
) -> None:
    """Write down many decisions, all with one verdict, as `record_decision` does one.

    Parameters
    ----------
    rows
        The columns of each decision.
    batch_id
        Of the batch that can still be undone: sent some time after it has ended.
    """
    events = _events_of(session, site_id, rows, batch_id)
    if events:
        wanting = _wanting(session, site_id, events[0].type)
        _write(session, [(event, wanting) for event in events])


def retract_many(
    session: Session, site_id: int, rows: Sequence[Mapping[str, Any]], batch_id: int
) -> None:
    """Retract the events of a batch; their receivers get the current state.

    `rows` are the columns of the decisions that undo them.
    """
    ids = [row["comment_id"] for row in rows]
    about = (Delivery.comment_id.in_(ids), Delivery.batch_id == batch_id)
    _withdraw(session, *about)
    rows_told = session.execute(
        sa.select(Delivery.comment_id, Delivery.webhook_id).where(*about)
    )
    told = {(comment_id, webhook_id) for comment_id, webhook_id in rows_told}
    if not told:
        return
    events = _events_of(session, site_id, rows, None)
    wanting = _wanting(session, site_id, events[0].type) if events else []
    _write(
        session,
        [
            (event, [each for each in wanting if (event.comment_id, each) in told])
            for event in events
        ],
    )


def hold_back(session: Session, batch_id: int) -> None:
    """Let nothing more of a batch be sent: it is being undone."""
    session.execute(
        sa.update(Delivery)
        .where(Delivery.batch_id == batch_id, WAITING, Delivery.attempts == 0)
        .values(due_at=None)
        .execution_options(synchronize_session=False)
    )


def forget(session: Session, comment_id: int) -> None:
    """Let nothing more be sent of a comment that is erased."""
    session.execute(
        sa.delete(Delivery)
        .where(Delivery.comment_id == comment_id, WAITING)
        .execution_options(synchronize_session=False)
    )


def record_erasure(
    session: Session, comment: Comment, mode: str, now: datetime
) -> None:
    """Write down for its site's webhooks that a comment's author was erased.

    The site deletes its own copy then (GDPR Article 19).
    """
    body = {
        "comment": identifiers.encode(comment.id),
        "external_id": comment.external_id,
        "mode": mode,
    }
    event = NewEvent(type=EventType.ERASED, at=now, body=body)
    _write(session, [(event, _wanting(session, comment.site_id, event.type))])


def record_alerts(session: Session, alarms: Sequence[Alarm]) -> None:
    """Write down for their site's webhooks that alarms, already stored, were raised."""
    for alarm in alarms:
        body = {
            "alarm": alarm.id,
            "kind": alarm.kind,
            "subject": alarm.subject,
            **alarm.details,
        }
        event = NewEvent(type=EventType.ALARM, at=alarm.created_at, body=body)
        _write(session, [(event, _wanting(session, alarm.site_id, event.type))])


def record_standing(
    session: Session, author: Author, change: StandingChange, verified_id: str | None
) -> None:
    """Write down for its site's webhooks what staff decided about an author.

    Parameters
    ----------
    verified_id
        The site's own id of the author; None: it has verified none.
    """
    body = {
        "author": author.id,
        "author_id": verified_id,
        "standing": change.standing,
        "reason": change.reason,
        "until": change.until.isoformat() if change.until else None,
    }
    event = NewEvent(type=EventType.STANDING, at=change.created_at, body=body)
    _write(session, [(event, _wanting(session, author.site_id, event.type))])


def record_standing_end(
    session: Session, author: Author, verified_id: str | None, now: datetime
) -> None:
    """Write down that an author's standing has ended by itself, as if it were lifted.

    Parameters
    ----------
    verified_id
        As in `record_standing`.
    """
    nothing = {"standing": None, "reason": None, "until": None}
    body = {"author": author.id, "author_id": verified_id, **nothing}
    event = NewEvent(type=EventType.STANDING, at=now, body=body)
    _write(session, [(event, _wanting(session, author.site_id, event.type))])


def publish(session: Session, site_id: int, events: Sequence[NewEvent]) -> None:
    """Write down events of one type for the webhooks that want them."""
    if events:
        wanting = _wanting(session, site_id, events[0].type)
        _write(session, [(event, wanting) for event in events])


def try_out(session: Session, webhook: Webhook, now: datetime) -> Delivery:
    """Write an event that says nothing, for one webhook, and return it."""
    event = NewEvent(type=EventType.TEST, at=now, body={})
    row = Delivery(**_columns(event, webhook.id, identifiers.new_id()))
    session.add(row)
    session.flush()
    target = (TargetKind.WEBHOOK, webhook.id)
    record(session, AuditAction.WEBHOOK_TESTED, target=target, site_id=webhook.site_id)
    return row


def _event_of(comment: Comment, decision: Decision) -> NewEvent:
    """Return what is sent about a comment that a decision was just stored about."""
    is_persons = decision.source == Source.PERSON.value
    return NewEvent(
        type=TYPE_OF[Status(comment.status)],
        at=decision.created_at,
        body=_body(
            comment.id,
            comment.external_id,
            comment.status,
            comment.version,
            {name: getattr(decision, name) for name in _TOLD},
        ),
        comment_id=comment.id,
        decision_id=decision.id if is_persons else None,
    )


def _events_of(
    session: Session,
    site_id: int,
    rows: Sequence[Mapping[str, Any]],
    batch_id: int | None,
) -> list[NewEvent]:
    """Return what is sent about many decisions; nothing, if no one listens."""
    if not rows or not has_listeners(session, site_id):
        return []
    by_id = {row["comment_id"]: row for row in rows}
    stand = session.execute(
        sa.select(Comment.id, Comment.external_id, Comment.status, Comment.version)
        .where(Comment.id.in_(by_id))
        .order_by(Comment.id)
    )
    return [
        NewEvent(
            type=TYPE_OF[Status(status)],
            at=by_id[comment_id]["created_at"],
            body=_body(comment_id, external_id, status, version, by_id[comment_id]),
            comment_id=comment_id,
            batch_id=batch_id,
        )
        for comment_id, external_id, status, version in stand
    ]


#: What is sent about a decision; never who has taken it.
_TOLD = ("revision", "verdict", "source", "reasons", "model_version")


def _body(
    comment_id: int,
    external_id: str | None,
    status: str,
    version: int,
    decision: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "comment": identifiers.encode(comment_id),
        "external_id": external_id,
        "status": status,
        "version": version,
        **{name: decision[name] for name in _TOLD},
    }


def has_listeners(session: Session, site_id: int) -> bool:
    """Tell whether a site has a webhook that is on."""
    return session.scalar(sa.select(has_webhooks(site_id))) is True


def _wanting(session: Session, site_id: int, type_: EventType) -> list[int]:
    """Return the webhooks of a site that want to hear of something."""
    rows = session.execute(
        sa.select(Webhook.id, Webhook.types)
        .where(Webhook.site_id == site_id, Webhook.is_on)
        .order_by(Webhook.id)
    )
    return [webhook_id for webhook_id, types in rows if type_ in types]


def _withdraw(session: Session, *about: sa.ColumnElement[bool]) -> None:
    """Drop what has not been sent yet."""
    session.execute(
        sa.delete(Delivery)
        .where(*about, WAITING, Delivery.attempts == 0)
        .execution_options(synchronize_session=False)
    )


def _write(session: Session, told: Iterable[tuple[NewEvent, Collection[int]]]) -> None:
    """Store an event for each webhook that gets an event."""
    rows: list[dict[str, Any]] = []
    for event, webhook_ids in told:
        event_id = identifiers.new_id()
        rows.extend(_columns(event, each, event_id) for each in webhook_ids)
    if rows:
        session.execute(sa.insert(Delivery), rows)


def _columns(event: NewEvent, webhook_id: int, event_id: int) -> dict[str, Any]:
    return {
        "webhook_id": webhook_id,
        "event_id": event_id,
        "type": event.type.value,
        "body": dict(event.body),
        "created_at": event.at,
        "comment_id": event.comment_id,
        "decision_id": event.decision_id,
        "batch_id": event.batch_id,
        "due_at": None if event.batch_id else event.at,
        "is_held": event.decision_id is not None or event.batch_id is not None,
        "since": event.at,
    }
