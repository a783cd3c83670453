"""Notices of illegal content (Article 16), as a report counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.objections.notices import ItemOutcome, NotifierKind
from moderation.policy.categories import NOT_SPECIFIED, OTHER_KEYWORD
from moderation.policy.duties import Duty
from moderation.sites.legal_settings import read_legal_settings
from moderation.tables.legal import Notice, NoticeItem
from moderation.transparency.categories import MeasureGround
from moderation.transparency.measures import MeasureAutomation
from moderation.transparency.period import ReportPeriod


@dataclass(frozen=True, kw_only=True)
class NoticeAction:
    """A restriction that followed from a notice."""

    at: datetime
    ground: MeasureGround


@dataclass(frozen=True, kw_only=True)
class ReceivedNotice:
    """A notice, and what followed from it."""

    category: str  #: `STATEMENT_CATEGORY_…`, as the notifier alleged it
    keyword: str  #: `KEYWORD_…`; empty: of a category that has none
    other: str  #: what `KEYWORD_OTHER` stands for
    received_at: datetime
    is_trusted: bool  #: of a trusted flagger
    items: int  #: comments that it points at
    actions: Sequence[NoticeAction]
    automation: MeasureAutomation | None  #: None: not yet decided


def read_notices(
    session: Session, site_id: int, period: ReportPeriod
) -> Sequence[ReceivedNotice] | None:
    """Return the notices that a site received in a period, the oldest first.

    None: the site takes no notices. Readers' reports are none: they are about the
    site's own rules, and may stay anonymous. A decision about a notice is a person's.
    """
    rows = session.scalars(
        sa.select(Notice)
        .where(
            Notice.site_id == site_id,
            Notice.created_at >= period.start,
            Notice.created_at < period.end,
        )
        .order_by(Notice.created_at, Notice.id)
    ).all()
    is_on = read_legal_settings(session, site_id).is_on(Duty.NOTICES)
    if not rows and not is_on:
        return None
    items: dict[int, list[NoticeItem]] = {}
    about = sa.select(NoticeItem).where(
        NoticeItem.notice_id.in_([notice.id for notice in rows])
    )
    for item in session.scalars(about.order_by(NoticeItem.comment_id)):
        items.setdefault(item.notice_id, []).append(item)
    return [_received(notice, items.get(notice.id, [])) for notice in rows]


def _received(notice: Notice, items: Sequence[NoticeItem]) -> ReceivedNotice:
    keyword, other = "", ""
    if notice.category != NOT_SPECIFIED:
        keyword = f"KEYWORD_{notice.keyword or OTHER_KEYWORD}"
        is_other = keyword.endswith(OTHER_KEYWORD)
        other = "Not specified by the notifier" if is_other else ""
    return ReceivedNotice(
        category=f"STATEMENT_CATEGORY_{notice.category}",
        keyword=keyword,
        other=other,
        received_at=notice.created_at,
        is_trusted=notice.kind == NotifierKind.TRUSTED_FLAGGER.value,
        items=len(items),
        actions=[
            NoticeAction(at=notice.decided_at, ground=GROUND_OF[item.outcome])
            for item in items
            if notice.decided_at is not None and item.outcome in GROUND_OF
        ],
        automation=MeasureAutomation.NOT if notice.decided_at else None,
    )


#: What an outcome rests on; of those that restrict a comment.
GROUND_OF: dict[str | None, MeasureGround] = {
    ItemOutcome.ILLEGAL.value: MeasureGround.ILLEGAL,
    ItemOutcome.TERMS.value: MeasureGround.TERMS,
}
