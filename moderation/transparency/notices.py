"""Notices of illegal content (Article 16), as a report counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

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
    """Return the notices that a site received in a period.

    None: this installation doesn't record notices. Readers' reports are none: they are
    about the site's own rules, and may stay anonymous.
    """
    return None
