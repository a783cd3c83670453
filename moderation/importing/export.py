"""Write all comments of a site as records, which an import reads again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record as record_action
from moderation.identifiers import MIN_ID, encode
from moderation.importing.records import (
    DecisionEvidence,
    ImportRecord,
    SourceDecision,
    external_id,
    learned_labels,
)
from moderation.policy.reasons import REASON_CODES
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.privacy import Privacy, UnreadableEmail
from moderation.tables.accounts import Staff
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision, effective_id
from moderation.tables.importing import ImportedComment
from moderation.tables.objections import Report

BATCH_SIZE = 1_000
OWN_SOURCE = "moderation"  # of comments that the site sent itself without an id


def record_export(session: Session, site_id: int, *, with_addresses: bool) -> None:
    """Record that all comments of a site are taken away."""
    record_action(
        session,
        AuditAction.HISTORY_EXPORTED,
        target=(TargetKind.SITE, site_id),
        site_id=site_id,
        with_addresses=with_addresses,
    )


def read_records(
    session: Session, site_id: int, privacy: Privacy, *, with_addresses: bool
) -> Iterator[ImportRecord]:
    """Yield a site's comments, the oldest first; erased ones are left out.

    IP addresses are no more to be had: they are kept as keyed hashes only.

    Parameters
    ----------
    with_addresses
        Decrypt email addresses; else they are left out.
    """
    after = MIN_ID
    while rows := session.execute(_query(site_id, after)).all():
        after = rows[-1][0].id
        ids = [row[0].id for row in rows]
        reports = _reports(session, ids)
        for row in rows:
            yield _record(row, reports.get(row[0].id, {}), privacy, with_addresses)
        session.expunge_all()


def _query(site_id: int, after: int) -> Any:
    parent, decision = aliased(Comment), aliased(Decision)
    return (
        sa.select(
            Comment,
            Article,
            parent.id,
            parent.external_id,
            decision,
            Staff.login,
            ImportedComment,
        )
        .join(Article, Article.id == Comment.article_id)
        .outerjoin(parent, parent.id == Comment.parent_id)
        .outerjoin(decision, decision.id == effective_id(Comment.id))
        .outerjoin(Staff, Staff.id == decision.staff_id)
        .outerjoin(ImportedComment, ImportedComment.comment_id == Comment.id)
        .where(
            Comment.site_id == site_id, Comment.id > after, Comment.deleted_at.is_(None)
        )
        .order_by(Comment.id)
        .limit(BATCH_SIZE)
    )


def _reports(session: Session, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    rows = session.execute(
        sa.select(Report.comment_id, Report.reason, sa.func.count())
        .where(Report.comment_id.in_(ids))
        .group_by(Report.comment_id, Report.reason)
    )
    counts: dict[int, dict[str, int]] = {}
    for comment_id, reason, count in rows:
        counts.setdefault(comment_id, {})[reason] = count
    return counts


def _record(
    row: Any, reports: dict[str, int], privacy: Privacy, with_addresses: bool
) -> ImportRecord:
    comment, article, parent_id, parent_name, decision, login, imported = row
    name = comment.external_id or external_id(OWN_SOURCE, encode(comment.id))
    parent = None
    if parent_id is not None:
        parent = parent_name or external_id(OWN_SOURCE, encode(parent_id))
    details = imported.details if imported else {}
    status = Status(comment.status)
    is_as_imported = decision is None or decision.source == Source.IMPORT.value
    if details.get("was_pending") and is_as_imported:
        status = Status.PENDING
    past = _decision(status, decision, login, imported)
    labels = imported.labels if imported and is_as_imported else None
    if not is_as_imported:
        labels = decision.labels or learned_labels(status, past)
    return ImportRecord(
        id=name,
        external_id=name,
        parent=parent,
        article=article.reference,
        article_title=article.title,
        article_section=article.section,
        author_name=comment.author_name,
        author_email=_address(comment, privacy) if with_addresses else None,
        author_url=comment.author_url,
        author_id=comment.author_id,
        written_at=comment.written_at or comment.received_at,
        edited_at=comment.edited_at,
        body=comment.body,
        status=status,
        decision=past,
        teaches=labels,
        scores=details.get("scores", ()),
        reports=_sum(details.get("reports", {}), reports),
        pick=details.get("pick", False),
        aside=details.get("aside", {}),
        notes=set(details.get("notes", ())),
    )


def _address(comment: Comment, privacy: Privacy) -> str | None:
    if comment.email_encrypted is None:
        return None
    try:
        return privacy.decrypt_email(comment.email_encrypted, comment.id)
    except UnreadableEmail:
        return None


def _decision(
    status: Status,
    decision: Decision | None,
    login: str | None,
    imported: ImportedComment | None,
) -> SourceDecision | None:
    """Return the effective decision as another system would tell it."""
    if status is Status.PENDING or decision is None:
        return None
    verdict = Verdict.APPROVE if status is Status.APPROVED else Verdict.REJECT
    codes = [reason["code"] for reason in decision.reasons]
    codes += [reason.get("label", "") for reason in decision.reasons]
    reasons = tuple(code for code in codes if code in REASON_CODES)
    if decision.source == Source.IMPORT.value and imported is not None:
        at = imported.details.get("decided_at")
        return SourceDecision(
            verdict=verdict,
            evidence=DecisionEvidence(
                imported.evidence or DecisionEvidence.UNKNOWN.value
            ),
            reasons=reasons,
            at=datetime.fromisoformat(at).astimezone(UTC) if at else None,
            by=imported.decided_by,
        )
    is_persons = decision.source in (Source.PERSON.value, Source.AKISMET.value)
    return SourceDecision(
        verdict=verdict,
        evidence=DecisionEvidence.PERSON if is_persons else DecisionEvidence.FILTER,
        reasons=reasons if verdict is Verdict.REJECT else (),
        at=decision.created_at,
        by=login if is_persons else None,
    )


def _sum(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    return {
        code: first.get(code, 0) + second.get(code, 0) for code in {*first, *second}
    }
