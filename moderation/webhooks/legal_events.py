"""Events about statements, notices, and complaints: references, never an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.policy.verdicts import Source
from moderation.sites.terms import Terms
from moderation.tables.comments import Comment
from moderation.tables.decisions import Decision
from moderation.tables.legal import Notice
from moderation.webhooks.outbox import EventType, NewEvent, has_listeners, publish

#: What is sent about a statement, next to its clause.
_TOLD = (
    "restriction",
    "ground",
    "code",
    "category",
    "keyword",
    "legal_ground",
    "explanation",
    "finder",
    "is_found_automatically",
    "automation",
)


def record_statements(
    session: Session,
    site_id: int,
    rows: Sequence[Mapping[str, Any]],
    terms: Terms,
    *,
    batch_id: int | None = None,
) -> None:
    """Write down statements that are owed to their authors, for the site to pass on.

    Those of a person's decision are sent once it can't be undone any more.

    Parameters
    ----------
    rows
        The columns of each statement.
    terms
        That they name.
    """
    owed = {row["comment_id"]: row for row in rows if row["exemption"] is None}
    if not owed or not has_listeners(session, site_id):
        return
    query = (
        sa.select(Comment.id, Comment.external_id, Decision.id, Decision.source)
        .join(Decision, Decision.comment_id == Comment.id)
        .where(Decision.id.in_([row["decision_id"] for row in owed.values()]))
        .order_by(Comment.id)
    )
    events = []
    for comment_id, external_id, decision_id, source in session.execute(query):
        row = owed[comment_id]
        clause = terms.clause_of(row["code"])
        is_revocable = source == Source.PERSON.value and batch_id is None
        body = {
            "comment": identifiers.encode(comment_id),
            "external_id": external_id,
            **{name: row[name] for name in _TOLD},
            "clause": dict(clause.texts),
            "clause_number": clause.number,
            "terms_version": terms.version,
            "redress": dict(terms.redress),
        }
        events.append(
            NewEvent(
                type=EventType.STATEMENT,
                at=row["created_at"],
                body=body,
                comment_id=comment_id,
                decision_id=decision_id if is_revocable else None,
                batch_id=batch_id,
            )
        )
    publish(session, site_id, events)


def record_notice(
    session: Session,
    notice: Notice,
    type_: EventType,
    status_url: str,
    at: datetime,
    **more: Any,
) -> None:
    """Write down that a notice was received or decided, for the site to pass on.

    Parameters
    ----------
    status_url
        The notifier's own page of it.
    more
        Further members of the event.
    """
    body = {
        "notice": identifiers.encode(notice.id),
        "kind": notice.kind,
        "category": notice.category,
        "status_url": status_url,
        **more,
    }
    publish(session, notice.site_id, [NewEvent(type=type_, at=at, body=body)])
