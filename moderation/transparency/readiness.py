"""Requirements that a report still lacks before its publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from moderation.transparency.accuracy import Gap
from moderation.transparency.categories import UNSPECIFIED, classify
from moderation.transparency.complaints import ComplaintResult
from moderation.transparency.period import ReportPeriod
from moderation.transparency.records import ReportRecords, read_records
from moderation.transparency.rows import ReportHead


class ReportGap(StrEnum):
    """Something that a report lacks."""

    NOT_OVER = "not_over"
    PROVIDER = "provider"
    PUBLISHED = "published"
    PREVIOUS = "previous"
    ORDERS = "orders"
    NOTICES = "notices"
    ILLEGAL = "illegal"
    NO_REASON = "no_reason"
    OPEN_COMPLAINTS = "open_complaints"
    DISPUTES = "disputes"
    NO_AUDITS = "no_audits"
    FEW_AUDITS = "few_audits"
    UNCERTAIN = "uncertain"
    TEXTS = "texts"


#: What to do about each gap.
TEXTS = {
    ReportGap.NOT_OVER: "The period isn't over yet: its numbers will still grow.",
    ReportGap.PROVIDER: "Sheet 1: give the legal name of the publisher (--provider).",
    ReportGap.PUBLISHED: "Sheet 1: give the date of publication (--published).",
    ReportGap.PREVIOUS: "Sheet 1: give the date of the last report (--previous), "
    "unless this is the first one.",
    ReportGap.NO_AUDITS: "Sheet 8: no automatic decisions were audited. Set an audit "
    "share in the policy; accuracy can't be measured afterwards.",
    ReportGap.FEW_AUDITS: "Sheet 8: too few audits for accuracy, precision, or recall. "
    "Raise the audit share, or have more of the audits answered.",
    ReportGap.UNCERTAIN: "Sheet 8: a figure is too uncertain to be given. Raise the "
    "audit share.",
    ReportGap.NO_REASON: "Sheet 6: some comments were rejected without a reason that "
    "says what for.",
    ReportGap.ILLEGAL: "Sheet 5: some illegal content has no more precise category. "
    "Choose the sub-category by hand.",
    ReportGap.OPEN_COMPLAINTS: "Sheet 7: some appeals aren't decided yet.",
    ReportGap.NOTICES: "Sheet 4: add notices that you received elsewhere, such as by "
    "email.",
    ReportGap.ORDERS: "Sheet 3: orders of authorities aren't recorded here. Add them, "
    "or write 0 in the row of the total.",
    ReportGap.DISPUTES: "Sheet 7: check that all disputes before out-of-court bodies "
    "are in the register, with their outcomes.",
    ReportGap.TEXTS: "Sheet 11: read the drafts, and add what only you know.",
}


def find_gaps(
    session: Session,
    site_id: int,
    period: ReportPeriod,
    head: ReportHead,
    now: datetime,
) -> Sequence[ReportGap]:
    """Return what a site's report still lacks."""
    return gaps_of(read_records(session, site_id, period), period, head, now)


def gaps_of(
    records: ReportRecords, period: ReportPeriod, head: ReportHead, now: datetime
) -> Sequence[ReportGap]:
    """Return what a report still lacks, in the order of its sheets."""
    missing = {
        ReportGap.NOT_OVER: now < period.end,
        ReportGap.PROVIDER: not head.provider,
        ReportGap.PUBLISHED: head.published is None,
        ReportGap.PREVIOUS: head.previous is None,
        **_of_audits(records),
        **_of_reasons(records),
        ReportGap.OPEN_COMPLAINTS: any(
            each.outcome is ComplaintResult.OPEN for each in records.complaints
        ),
        ReportGap.NOTICES: True,
        ReportGap.ORDERS: True,
        ReportGap.DISPUTES: True,
        ReportGap.TEXTS: True,
    }
    return [gap for gap in ReportGap if missing[gap]]


def _of_audits(records: ReportRecords) -> dict[ReportGap, bool]:
    every = records.texts.figures[0]
    figures = (every.accuracy, every.precision, every.recall)
    has_any = any(figure.rejections or figure.approvals for figure in figures)
    gaps = {figure.gap for figure in figures}
    return {
        ReportGap.NO_AUDITS: not has_any and every.decided > 0,
        ReportGap.FEW_AUDITS: has_any
        and bool(gaps & {Gap.FEW_AUDITS, Gap.FEW_COVERED}),
        ReportGap.UNCERTAIN: Gap.WIDE in gaps,
    }


def _of_reasons(records: ReportRecords) -> dict[ReportGap, bool]:
    places = {kind.place for kind in records.texts.counts.kinds}
    unspecified, illegal = (
        (found.category, found.keyword, found.other)
        for found in (
            classify([{"code": UNSPECIFIED}]),
            classify([{"code": "illegal"}]),
        )
    )
    return {
        ReportGap.NO_REASON: unspecified in places,
        ReportGap.ILLEGAL: illegal in places,
    }
