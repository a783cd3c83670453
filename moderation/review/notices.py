"""People decide notices of illegal content, and complaints about such decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.comments.statements import NO_BASIS, LegalBasis
from moderation.errors import Conflict, InvalidFields
from moderation.objections import appeals, complaints, notices
from moderation.objections.complaints import ComplaintOutcome
from moderation.objections.notices import ItemOutcome, LinkOf
from moderation.policy.provenance import Automation
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.privacy import mask_emails
from moderation.review import verdicts
from moderation.review.verdicts import GivenVerdict
from moderation.tables.comments import Comment
from moderation.tables.legal import Notice, NoticeComplaint, NoticeItem
from moderation.webhooks import legal_events
from moderation.webhooks.outbox import EventType


@dataclass(frozen=True, kw_only=True)
class ItemVerdict:
    """A person's decision about one comment of a notice."""

    comment_id: int
    outcome: ItemOutcome  #: any but `GONE`
    reasons: Sequence[str] = ()  #: codes, of a rejection
    basis: LegalBasis = NO_BASIS


@dataclass(frozen=True, kw_only=True)
class NoticeVerdict:
    """A person's decision about a notice, with reasons for its sender."""

    items: Sequence[ItemVerdict]
    answer: str
    staff_id: int
    is_unfounded: bool = False  #: manifestly


def decide(
    session: Session,
    site_ids: Sequence[int],
    notice_id: int,
    given: NoticeVerdict,
    link_of: LinkOf,
    now: datetime,
) -> Notice:
    """Decide each comment of a notice, and answer its sender.

    Raises
    ------
    NotFound
        If there is no such notice at these sites.
    Conflict
        If it is decided.
    InvalidFields
        If a comment lacks a verdict, or a rejected one a reason.
    NotYours
        If a comment was appealed for against this person's own rejection.
    """
    notice = notices.find(session, site_ids, notice_id, for_update=True)
    if notice.decided_at is not None:
        raise Conflict("The notice is decided already.")
    _apply(session, notice, given, now)
    notice.decided_at, notice.decided_by = now, given.staff_id
    notice.answer = mask_emails(given.answer)
    notice.is_unfounded = given.is_unfounded
    record(
        session,
        AuditAction.NOTICE_DECIDED,
        target=(TargetKind.NOTICE, notice.id),
        site_id=notice.site_id,
        outcomes=[item.outcome.value for item in given.items],
        is_unfounded=given.is_unfounded,
    )
    _tell(session, notice, link_of, now)
    return notice


def decide_complaint(
    session: Session,
    site_ids: Sequence[int],
    notice_id: int,
    given: NoticeVerdict,
    outcome: ComplaintOutcome,
    link_of: LinkOf,
    now: datetime,
) -> NoticeComplaint:
    """Decide a complaint about a notice; its comments can be decided again.

    Parameters
    ----------
    given
        With verdicts about those comments alone that are decided differently now.

    Raises
    ------
    NotFound, InvalidFields
        As `decide`.
    Conflict
        If there is no open complaint.
    NotYours
        If this person has decided the notice.
    """
    notice = notices.find(session, site_ids, notice_id, for_update=True)
    complaint = complaints.get_open(session, notice, given.staff_id)
    if bool(given.items) is (outcome is ComplaintOutcome.UPHELD):
        complaint_text = "A reversal decides comments again; else none is."
        raise InvalidFields({"items": [complaint_text]})
    _apply(session, notice, given, now, is_partial=True)
    complaint.decided_at, complaint.decided_by = now, given.staff_id
    complaint.outcome = outcome.value
    complaint.answer = mask_emails(given.answer)
    complaint.is_unfounded = given.is_unfounded
    record(
        session,
        AuditAction.NOTICE_COMPLAINT_DECIDED,
        target=(TargetKind.NOTICE, notice.id),
        site_id=notice.site_id,
        outcome=outcome.value,
        is_unfounded=given.is_unfounded,
    )
    _tell(session, notice, link_of, now, complaint=outcome.value)
    return complaint


def _tell(
    session: Session, notice: Notice, link_of: LinkOf, now: datetime, **more: str
) -> None:
    items = notices.items_of(session, [notice.id]).get(notice.id, [])
    outcomes = {identifiers.encode(one.comment_id): one.outcome for one, _ in items}
    legal_events.record_notice(
        session,
        notice,
        EventType.NOTICE_DECIDED,
        link_of(notice.id),
        now,
        outcomes=outcomes,
        automation=Automation.NONE.value,
        **more,
    )


def _apply(
    session: Session,
    notice: Notice,
    given: NoticeVerdict,
    now: datetime,
    *,
    is_partial: bool = False,
) -> None:
    items = {
        item.comment_id: item
        for item, _ in notices.items_of(session, [notice.id]).get(notice.id, [])
    }
    chosen = {one.comment_id: one for one in given.items}
    _refuse_incomplete(items, chosen, is_partial=is_partial)
    for comment_id, verdict in sorted(chosen.items()):
        comment = session.get_one(
            Comment, comment_id, with_for_update=True, populate_existing=True
        )
        _decide_item(session, items[comment_id], comment, verdict, given, now)


def _decide_item(
    session: Session,
    item: NoticeItem,
    comment: Comment,
    verdict: ItemVerdict,
    given: NoticeVerdict,
    now: datetime,
) -> None:
    if verdict.outcome is ItemOutcome.KEPT:
        item.outcome = ItemOutcome.KEPT.value
        return
    if comment.status == Status.REJECTED.value or comment.deleted_at is not None:
        item.outcome = ItemOutcome.GONE.value
        return
    appeals.refuse_own(session, comment, given.staff_id)
    rejection = GivenVerdict(
        verdict=Verdict.REJECT, reasons=verdict.reasons, basis=verdict.basis
    )
    decision = verdicts.record_site_verdict(
        session,
        comment,
        rejection,
        source=Source.PERSON,
        staff_id=given.staff_id,
        now=now,
    )
    item.outcome, item.decision_id = verdict.outcome.value, decision.id


def _refuse_incomplete(
    items: Mapping[int, NoticeItem],
    chosen: Mapping[int, ItemVerdict],
    *,
    is_partial: bool,
) -> None:
    if set(chosen) - set(items) or (set(items) - set(chosen) and not is_partial):
        raise InvalidFields({"items": ["One for each comment of the notice."]})
    rejected = [one for one in chosen.values() if one.outcome is not ItemOutcome.KEPT]
    if any(not one.reasons for one in rejected):
        raise InvalidFields({"items": ["A rejection needs a reason."]})
    needs_law = [one for one in rejected if one.outcome is ItemOutcome.ILLEGAL]
    if any(not one.basis.legal_ground for one in needs_law):
        raise InvalidFields({"items": ["Name the law: `legal_ground`."]})
