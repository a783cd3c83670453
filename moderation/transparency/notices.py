"""Notices of illegal content (Article 16), as a report counts them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.objections.notices import ItemOutcome, NotifierKind
from moderation.policy.categories import NOT_SPECIFIED
from moderation.policy.provenance import Ground
from moderation.tables.decisions import Decision
from moderation.tables.legal import Notice, NoticeItem
from moderation.transparency.measures import ANOTHER_KIND, MeasureAutomation
from moderation.transparency.period import ReportPeriod
from moderation.transparency.templates import OTHER


@dataclass(frozen=True, kw_only=True)
class NoticeAction:
    """A restriction that followed from a notice."""

    at: datetime
    ground: Ground


@dataclass(frozen=True, kw_only=True)
class ReceivedNotice:
    """A notice, and what followed from it."""

    category: str  #: `STATEMENT_CATEGORY_…`, as the notifier alleged it
    keyword: str  #: `KEYWORD_…`; empty: of a category that has none
    other: str  #: the meaning of `KEYWORD_OTHER`
    received_at: datetime
    is_trusted: bool  #: of a trusted flagger
    items: int  #: comments that it points at
    actions: Sequence[NoticeAction]
    automation: MeasureAutomation | None  #: None: not yet decided


def read_notices(
    session: Session, site_id: int, period: ReportPeriod
) -> Sequence[ReceivedNotice] | None:
    """Return the notices that a site received in a period.

    Readers' reports are none: they are about the site's own rules, and may stay
    anonymous. Notices are decided by people.
    """
    rows = session.execute(
        sa.select(
            Notice.id,
            Notice.created_at,
            Notice.kind,
            Notice.category,
            Notice.keyword,
            Notice.decided_at,
            NoticeItem.outcome,
            Decision.created_at.label("acted_at"),
        )
        .join(NoticeItem, NoticeItem.notice_id == Notice.id)
        .outerjoin(Decision, Decision.id == NoticeItem.decision_id)
        .where(
            Notice.site_id == site_id,
            Notice.created_at >= period.start,
            Notice.created_at < period.end,
        )
        .order_by(Notice.created_at, Notice.id, NoticeItem.comment_id)
    ).all()
    return [
        _notice(list(items))
        for _, items in itertools.groupby(rows, key=lambda row: row.id)
    ]


#: What was decided about a comment of a notice, where that restricts it.
GROUNDS = {
    ItemOutcome.ILLEGAL.value: Ground.ILLEGAL,
    ItemOutcome.TERMS.value: Ground.TERMS,
}


def _notice(items: Sequence[Any]) -> ReceivedNotice:
    first = items[0]
    is_specified = first.category != NOT_SPECIFIED
    keyword = f"KEYWORD_{first.keyword or 'OTHER'}" if is_specified else ""
    return ReceivedNotice(
        category=f"STATEMENT_CATEGORY_{first.category}",
        keyword=keyword,
        other=ANOTHER_KIND if keyword == OTHER else "",
        received_at=first.created_at,
        is_trusted=first.kind == NotifierKind.TRUSTED_FLAGGER.value,
        items=len(items),
        actions=[
            NoticeAction(
                at=item.acted_at or item.decided_at, ground=GROUNDS[item.outcome]
            )
            for item in items
            if item.outcome in GROUNDS
        ],
        automation=MeasureAutomation.NOT if first.decided_at else None,
    )
