"""Notices of illegal content: received, listed by urgency, decided with reasons.

A reader's report may stay anonymous and starts no clock. A notice gets a receipt, a
decision with reasons, and a way to complain (DSA Art. 16 and 20).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.errors import InvalidFields, NotFound
from moderation.objections import misuse
from moderation.objections.misuse_counts import MisuseSubject, MisuseTarget
from moderation.policy.categories import NOT_SPECIFIED
from moderation.policy.due_times import notice_due_at
from moderation.privacy import Privacy, mask_emails
from moderation.tables.comments import Comment
from moderation.tables.legal import Notice, NoticeComplaint, NoticeItem
from moderation.webhooks import legal_events
from moderation.webhooks.outbox import EventType

MAX_COMMENTS = 50  # of one notice
#: Offenses of Articles 3 to 7 of Directive 2011/93/EU: no name is asked for.
NAMELESS = {
    "CHILD_SEXUAL_ABUSE_MATERIAL",
    "CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE",
    "GROOMING_SEXUAL_ENTICEMENT_MINORS",
}


class NoticeChannel(StrEnum):
    """The channel of a notice."""

    FORM = "form"
    API = "api"


class NotifierKind(StrEnum):
    """The kind of a notice's sender."""

    PRIVATE = "private"
    AUTHORITY = "authority"
    TRUSTED_FLAGGER = "trusted_flagger"


class ItemOutcome(StrEnum):
    """The decision about a comment of a notice."""

    ILLEGAL = "illegal"  #: rejected, as illegal
    TERMS = "terms"  #: rejected, as against the house rules
    KEPT = "kept"  #: no action
    GONE = "gone"  #: it was rejected or erased before


class NoticeQueue(StrEnum):
    """Lists of notices."""

    OPEN = "open"  #: all that are open, the most urgent first
    LIFE = "life"  #: threats to life or safety alone
    COMPLAINTS = "complaints"  #: notices whose decision was complained about
    DECIDED = "decided"  #: the newest first


@dataclass(frozen=True, kw_only=True)
class NoticeDraft:
    """The content of a notice."""

    comment_ids: Sequence[int]
    explanation: str
    good_faith: str  #: the wording that was ticked
    channel: NoticeChannel
    name: str | None = None
    email: str | None = None
    law: str | None = None
    category: str | None = None
    keyword: str | None = None
    is_life: bool = False
    language: str | None = None
    kind: NotifierKind = NotifierKind.PRIVATE
    flagger_id: int | None = None

    @property
    def is_nameless(self) -> bool:
        """Return whether the law asks for no name."""
        return self.keyword in NAMELESS


#: Returns the notifier's own page of a notice.
LinkOf = Callable[[int], str]


def file(
    session: Session,
    site_id: int,
    draft: NoticeDraft,
    privacy: Privacy,
    link_of: LinkOf,
    now: datetime,
) -> Notice:
    """Store a notice; the same one of the same sender, still open, is that one.

    Raises
    ------
    InvalidFields
        If it names no comment of the site, or lacks a name or an address that the law
        asks for.
    """
    revisions = _find_comments(session, site_id, draft.comment_ids)
    _refuse_anonymous(draft)
    notifiers = notifier_keys(privacy, site_id, draft.email) if draft.email else ()
    notifier = notifiers[0] if notifiers else None
    explanation = mask_emails(draft.explanation)
    earlier = _find_open(session, site_id, notifiers, explanation)
    if earlier is not None:
        return earlier
    suspended = _suspended_until(session, site_id, draft, notifier, now)
    number = identifiers.new_id()
    notice = Notice(
        id=number,
        site_id=site_id,
        created_at=now,
        channel=draft.channel.value,
        language=draft.language,
        kind=draft.kind.value,
        flagger_id=draft.flagger_id,
        category=draft.category or NOT_SPECIFIED,
        keyword=draft.keyword,
        law=draft.law and mask_emails(draft.law),
        explanation=explanation,
        good_faith=draft.good_faith,
        sealed_name=_seal(privacy, draft.name, "name", number),
        sealed_email=_seal(privacy, draft.email, "email", number),
        notifier=notifier,
        is_life=draft.is_life,
        due_at=notice_due_at(
            now,
            is_life=draft.is_life,
            is_flaggers=draft.flagger_id is not None,
            suspended_until=suspended,
        ),
        suspended_until=suspended,
    )
    session.add(notice)
    session.flush()
    _add_items(session, number, revisions)
    received = EventType.NOTICE_RECEIVED
    legal_events.record_notice(session, notice, received, link_of(number), now)
    return notice


def _suspended_until(
    session: Session,
    site_id: int,
    draft: NoticeDraft,
    notifier: str | None,
    now: datetime,
) -> datetime | None:
    """Return until when a notice isn't processed; of what is urgent, every one is."""
    is_urgent = draft.is_life or draft.is_nameless or draft.flagger_id is not None
    if notifier is None or is_urgent:
        return None
    return misuse.suspended_until(session, notifier_target(site_id, notifier), now)


def _add_items(
    session: Session, notice_id: int, revisions: Mapping[int, tuple[int, str]]
) -> None:
    for comment_id, (revision, body) in revisions.items():
        item = NoticeItem(
            notice_id=notice_id,
            comment_id=comment_id,
            revision=revision,
            body_hash=hashlib.sha256(body.encode()).hexdigest(),
        )
        session.add(item)
    session.flush()


def notifier_keys(privacy: Privacy, site_id: int, email: str) -> tuple[str, ...]:
    """Return what may be stored as `notifier` of an address, the newest form first."""
    return privacy.list_author_keys(site_id, "notifier", email.casefold())


def notifier_target(site_id: int, notifier: str) -> MisuseTarget:
    """Return the sender of notices, for counts and measures."""
    return MisuseTarget(
        site_id=site_id, subject=MisuseSubject.NOTIFIER, notifier=notifier
    )


def find(
    session: Session,
    site_ids: Collection[int],
    notice_id: int,
    *,
    for_update: bool = False,
) -> Notice:
    """Return a notice.

    Raises
    ------
    NotFound
        If there is none at these sites.
    """
    query = sa.select(Notice).where(
        Notice.id == notice_id, Notice.site_id.in_(site_ids)
    )
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    notice = session.scalar(query)
    if notice is None:
        raise NotFound("There is no such notice.")
    return notice


def items_of(
    session: Session, notice_ids: Collection[int]
) -> dict[int, list[tuple[NoticeItem, Comment]]]:
    """Return the comments of notices, with what was decided about each."""
    rows = session.execute(
        sa.select(NoticeItem, Comment)
        .join(Comment, Comment.id == NoticeItem.comment_id)
        .where(NoticeItem.notice_id.in_(notice_ids))
        .order_by(NoticeItem.notice_id, NoticeItem.comment_id)
    )
    found: dict[int, list[tuple[NoticeItem, Comment]]] = {}
    for item, comment in rows:
        found.setdefault(item.notice_id, []).append((item, comment))
    return found


def complaints_of(
    session: Session, notice_ids: Collection[int]
) -> dict[int, NoticeComplaint]:
    """Return the complaints about notices, by notice."""
    rows = session.scalars(
        sa.select(NoticeComplaint).where(NoticeComplaint.notice_id.in_(notice_ids))
    )
    return {row.notice_id: row for row in rows}


def list_queue(
    session: Session,
    site_id: int,
    queue: NoticeQueue,
    now: datetime,
    *,
    limit: int,
    offset: int = 0,
) -> Sequence[Notice]:
    """Return the notices of a queue, the most urgent first, decided ones newest first.

    Threats to life come first, then trusted flaggers, then what is due.
    """
    query = sa.select(Notice).where(*_in_queue(site_id, queue, now))
    if queue is NoticeQueue.COMPLAINTS:
        query = query.join(NoticeComplaint, NoticeComplaint.notice_id == Notice.id)
        query = query.order_by(NoticeComplaint.due_at, Notice.id)
    elif queue is NoticeQueue.DECIDED:
        query = query.order_by(Notice.decided_at.desc(), Notice.id.desc())
    else:
        is_private = Notice.flagger_id.is_(None)
        query = query.order_by(
            Notice.is_life.desc(), is_private, Notice.due_at, Notice.id
        )
    return session.scalars(query.offset(offset).limit(limit)).all()


@dataclass(frozen=True, kw_only=True)
class NoticeCounts:
    """Numbers of notices in each queue, and overdue."""

    by_queue: Mapping[NoticeQueue, int]
    overdue: int


def count_queues(session: Session, site_id: int, now: datetime) -> NoticeCounts:
    """Count a site's notices by queue."""
    counts = {}
    for queue in NoticeQueue:
        query = (
            sa.select(sa.func.count())
            .select_from(Notice)
            .where(*_in_queue(site_id, queue, now))
        )
        if queue is NoticeQueue.COMPLAINTS:
            query = query.join(NoticeComplaint, NoticeComplaint.notice_id == Notice.id)
        counts[queue] = session.scalar(query) or 0
    overdue = session.scalar(
        sa.select(sa.func.count())
        .select_from(Notice)
        .where(*_in_queue(site_id, NoticeQueue.OPEN, now), Notice.due_at <= now)
    )
    return NoticeCounts(by_queue=counts, overdue=overdue or 0)


def list_alarming(session: Session, now: datetime) -> Sequence[Notice]:
    """Return open notices that staff must be notified of: of threats, and overdue."""
    is_due = sa.or_(Notice.is_life, Notice.due_at <= now)
    return session.scalars(
        sa.select(Notice)
        .where(Notice.decided_at.is_(None), is_due, _is_processed(now))
        .order_by(Notice.id)
    ).all()


def _in_queue(
    site_id: int, queue: NoticeQueue, now: datetime
) -> list[sa.ColumnElement[bool]]:
    of_site = Notice.site_id == site_id
    if queue is NoticeQueue.DECIDED:
        return [of_site, Notice.decided_at.is_not(None)]
    if queue is NoticeQueue.COMPLAINTS:
        is_processed = sa.or_(
            NoticeComplaint.suspended_until.is_(None),
            NoticeComplaint.suspended_until <= now,
        )
        return [of_site, NoticeComplaint.decided_at.is_(None), is_processed]
    is_open = [of_site, Notice.decided_at.is_(None), _is_processed(now)]
    return (
        [*is_open, Notice.is_life.is_(True)] if queue is NoticeQueue.LIFE else is_open
    )


def _is_processed(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a notice's sender isn't suspended."""
    return sa.or_(Notice.suspended_until.is_(None), Notice.suspended_until <= now)


def _find_comments(
    session: Session, site_id: int, comment_ids: Sequence[int]
) -> dict[int, tuple[int, str]]:
    rows = session.execute(
        sa.select(Comment.id, Comment.revision, Comment.body).where(
            Comment.id.in_(comment_ids),
            Comment.site_id == site_id,
            Comment.deleted_at.is_(None),
        )
    )
    found = {row.id: (row.revision, row.body) for row in rows}
    missing = [one for one in comment_ids if one not in found]
    if missing or not found:
        names = ", ".join(identifiers.encode(one) for one in missing)
        complaint = f"No comments of this site: {names}." if names else "Name one."
        raise InvalidFields({"comments": [complaint]})
    return found


def _refuse_anonymous(draft: NoticeDraft) -> None:
    if draft.is_nameless:
        return
    needed = {"name": draft.name, "email": draft.email}
    complaint = ["The law asks for it, but for offenses against children."]
    missing = {name: complaint for name, value in needed.items() if not value}
    if missing:
        raise InvalidFields(missing)


def _find_open(
    session: Session, site_id: int, notifiers: Sequence[str], explanation: str
) -> Notice | None:
    if not notifiers:
        return None
    return session.scalars(
        sa.select(Notice)
        .where(
            Notice.site_id == site_id,
            Notice.notifier.in_(notifiers),
            Notice.explanation == explanation,
            Notice.decided_at.is_(None),
        )
        .limit(1)
    ).first()


def _seal(privacy: Privacy, text: str | None, field: str, notice_id: int) -> str | None:
    return None if text is None else privacy.seal_for_notice(text, field, notice_id)
