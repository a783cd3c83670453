"""Notices as answers: what their senders may know, and what staff see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.comments.statements import COMPLAINT_PERIOD
from moderation.objections import misuse, misuse_counts, notices, notifiers
from moderation.objections.complaints import ComplaintOutcome
from moderation.objections.misuse import MisuseKind
from moderation.objections.notices import ItemOutcome, NoticeChannel, NotifierKind
from moderation.policy.provenance import Automation
from moderation.policy.verdicts import Status
from moderation.sites.terms import load_terms
from moderation.tables.accounts import Staff
from moderation.tables.comments import Article, Comment
from moderation.tables.legal import (
    Notice,
    NoticeComplaint,
    NoticeItem,
    TrustedFlagger,
)


def dump_notice(session: Session, notice: Notice, status_url: str) -> dict[str, Any]:
    """Return what the sender of a notice may know of it."""
    items = notices.items_of(session, [notice.id]).get(notice.id, [])
    decided_at = notice.decided_at
    return {
        "notice": notice.id,
        "status_url": status_url,
        "received_at": notice.created_at,
        "due_at": notice.due_at,
        "suspended_until": notice.suspended_until,
        "items": [_item(item) for item, _ in items],
        "decided_at": decided_at,
        "answer": notice.answer,
        "automation": Automation.NONE.value if decided_at else None,
        "redress": load_terms(session, notice.site_id).redress,
        "complain_until": decided_at and decided_at + COMPLAINT_PERIOD,
        "complaint": _complaint(notices.complaints_of(session, [notice.id]), notice),
    }


def dump_for_staff(
    session: Session, rows: Sequence[Notice], staff_id: int, now: datetime
) -> list[dict[str, Any]]:
    """Return notices as staff see them."""
    ids = [notice.id for notice in rows]
    items = notices.items_of(session, ids)
    complaints = notices.complaints_of(session, ids)
    logins = _names(session, Staff.id, Staff.login, {row.decided_by for row in rows})
    flaggers = _names(
        session,
        TrustedFlagger.id,
        TrustedFlagger.name,
        {row.flagger_id for row in rows},
    )
    return [
        {
            "notice": notice.id,
            "received_at": notice.created_at,
            "due_at": notice.due_at,
            "is_overdue": notice.decided_at is None and notice.due_at <= now,
            "channel": NoticeChannel(notice.channel),
            "kind": NotifierKind(notice.kind),
            "flagger": flaggers.get(notice.flagger_id),
            "category": notice.category,
            "keyword": notice.keyword,
            "law": notice.law,
            "explanation": notice.explanation,
            "is_life": notice.is_life,
            "items": [_noticed(*pair) for pair in items.get(notice.id, [])],
            "sender": _sender(session, notice, now),
            "has_sender": notifiers.has_sender(notice),
            "decided_at": notice.decided_at,
            "decided_by": logins.get(notice.decided_by),
            "answer": notice.answer,
            "is_unfounded": notice.is_unfounded,
            "passed_on_to": notice.passed_on_to,
            "passed_on_at": notice.passed_on_at,
            "complaint": _complaint(complaints, notice),
            "may_decide": _may_decide(notice, complaints.get(notice.id), staff_id),
        }
        for notice in rows
    ]


def dump_evidence(
    session: Session, notice: Notice, site: str, now: datetime
) -> dict[str, Any]:
    """Return what a notice is about, for an authority."""
    items = notices.items_of(session, [notice.id]).get(notice.id, [])
    references = _names(
        session,
        Article.id,
        Article.reference,
        {comment.article_id for _, comment in items},
    )
    return {
        "notice": notice.id,
        "site": site,
        "exported_at": now,
        "received_at": notice.created_at,
        "explanation": notice.explanation,
        "passed_on_to": notice.passed_on_to,
        "passed_on_at": notice.passed_on_at,
        "items": [
            {
                "comment": comment.id,
                "body": comment.body,
                "body_hash": item.body_hash,
                "is_unchanged": _is_unchanged(item, comment),
                "author_name": comment.author_name,
                "article": references[comment.article_id],
                "received_at": comment.received_at,
                "edited_at": comment.edited_at,
                "status": Status(comment.status),
            }
            for item, comment in items
        ],
    }


def _item(item: NoticeItem) -> dict[str, Any]:
    outcome = ItemOutcome(item.outcome) if item.outcome else None
    return {"comment": item.comment_id, "outcome": outcome}


def _noticed(item: NoticeItem, comment: Comment) -> dict[str, Any]:
    return {
        **_item(item),
        "body": comment.body,
        "author_name": comment.author_name,
        "status": Status(comment.status),
        "is_edited": not _is_unchanged(item, comment),
    }


def _is_unchanged(item: NoticeItem, comment: Comment) -> bool:
    return comment.deleted_at is None and comment.revision == item.revision


def _complaint(
    complaints: dict[int, NoticeComplaint], notice: Notice
) -> dict[str, Any] | None:
    row = complaints.get(notice.id)
    if row is None:
        return None
    return {
        "text": row.text,
        "created_at": row.created_at,
        "due_at": row.due_at,
        "decided_at": row.decided_at,
        "outcome": row.outcome and ComplaintOutcome(row.outcome),
        "answer": row.answer,
    }


def _may_decide(
    notice: Notice, complaint: NoticeComplaint | None, staff_id: int
) -> bool:
    if notice.decided_at is None:
        return True
    if complaint is None or complaint.decided_at is not None:
        return False
    return complaint.decided_before_by != staff_id


def _sender(session: Session, notice: Notice, now: datetime) -> dict[str, Any] | None:
    if notice.notifier is None:
        return None
    target = notices.notifier_target(notice.site_id, notice.notifier)
    counts = [
        misuse_counts.count(session, target, matter, now)
        for matter in misuse_counts.MATTERS[target.subject]
    ]
    kinds = {measure.kind for measure in misuse.list_of(session, target)}
    return {
        "manifest": sum(counted.manifest for counted in counts),
        "all": sum(counted.all for counted in counts),
        "is_warned": MisuseKind.WARNING.value in kinds,
        "is_suspended": misuse.suspended_until(session, target, now) is not None,
    }


def _names(session: Session, key: Any, name: Any, ids: set[Any]) -> dict[Any, str]:
    rows = session.execute(sa.select(key, name).where(key.in_(ids - {None})))
    return {row[0]: row[1] for row in rows}
