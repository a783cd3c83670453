"""Automatic decisions of a period, and what moderators found in audits of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from classifiers.text.labels import HARMS
from moderation.policy.reasons import ReasonCode
from moderation.policy.verdicts import PEOPLE, UNATTENDED, Source, Verdict
from moderation.review.qa_reviews import QaReviewKind, QaReviewState
from moderation.review.qa_sampling import NOT_JUDGED
from moderation.statistics import Kappa, cohens_kappa
from moderation.tables.decisions import Decision, is_lasting
from moderation.tables.review import QaReview
from moderation.tables.sites import SitePolicy
from moderation.transparency.accuracy import (
    NOT_DRAWN,
    AuditCounts,
    AuditResult,
    AuditState,
)
from moderation.transparency.measures import NO_MEASURE, READ_AT_ONCE
from moderation.transparency.period import ReportPeriod

#: The answers that count: whether to publish.
SETTLED = (Verdict.APPROVE.value, Verdict.REJECT.value)


class SharesOverTime:
    """The audited share of a site's automatic decisions over time."""

    def __init__(self, changes: Sequence[tuple[datetime, float]]) -> None:
        self._moments = [moment for moment, _ in changes]
        self._shares = [share for _, share in changes]

    def at(self, moment: datetime) -> float:
        """Return the share, 0 to 1; before the first policy: 0."""
        number = bisect_right(self._moments, moment)
        return self._shares[number - 1] if number else 0.0


def load_shares(session: Session, site_id: int) -> SharesOverTime:
    """Return the audit shares of a site's policies."""
    rows = session.execute(
        sa.select(SitePolicy.created_at, SitePolicy.body)
        .where(SitePolicy.site_id == site_id)
        .order_by(SitePolicy.id)
    )
    return SharesOverTime(
        [(moment, float(body.get("audit_share") or 0)) for moment, body in rows]
    )


def count_audits(session: Session, site_id: int, period: ReportPeriod) -> AuditCounts:
    """Count a site's automatic decisions of a period, and their audits.

    Left out is what isn't audited: test values, the site's own staff, and comments of
    suspended authors.
    """
    shares = load_shares(session, site_id)
    overtaken = _answers_that_overtook(session, site_id, period)
    counts = AuditCounts()
    for row in session.execute(_automatic(site_id, period)):
        codes = {reason["code"] for reason in row.reasons}
        if codes & NOT_JUDGED or (codes and codes <= NO_MEASURE):
            continue
        result = _result(row, overtaken.get(row.id))
        share = shares.at(row.created_at)
        if row.verdict == Verdict.REJECT.value:
            counts.add_rejection(share, system_of(row.source, row.reasons), result)
        else:
            counts.add_approval(share, result)
    return counts


def _result(row: Any, overtaking: Any | None) -> AuditResult:
    """Return the result of the audit of a decision."""
    if row.state is None:
        return NOT_DRAWN
    state, answer = AuditState.ANSWERED, row
    if row.answer not in SETTLED:
        state, answer = AuditState.OVERTAKEN, overtaking
    if answer is None:
        return AuditResult(state=AuditState.UNANSWERED)
    labels = frozenset[str]()
    if answer.answer == Verdict.REJECT.value:
        named = _labels_of(answer.answer_reasons or ())
        chosen = (answer.answer_labels or {}).items()
        named |= {label for label, is_so in chosen if is_so is True}
        labels = frozenset(named or _labels_of(row.reasons))
    return AuditResult(
        state=state, is_wrong=answer.answer != row.verdict, labels=labels
    )


def system_of(source: str, reasons: Iterable[Mapping[str, Any]]) -> str:
    """Return the system that rejected a comment: a label's classifier, or another."""
    if source == Source.CAMPAIGN.value:
        return ReasonCode.CAMPAIGN.value
    codes = [reason.get("label") or reason["code"] for reason in reasons]
    if source == Source.RULE.value:
        return ReasonCode.RULE.value
    # `Outcome` has the label with the highest score first.
    return next((code for code in codes if code in HARMS), codes[0] if codes else "")


def _automatic(site_id: int, period: ReportPeriod) -> sa.Select[Any]:
    return (
        sa.select(
            Decision.id,
            Decision.created_at,
            Decision.source,
            Decision.verdict,
            Decision.reasons,
            QaReview.state,
            QaReview.verdict.label("answer"),
            QaReview.reasons.label("answer_reasons"),
            QaReview.labels.label("answer_labels"),
        )
        .outerjoin(
            QaReview,
            sa.and_(
                QaReview.decision_id == Decision.id,
                QaReview.kind == QaReviewKind.AUDIT.value,
            ),
        )
        .where(
            Decision.site_id == site_id,
            Decision.created_at >= period.start,
            Decision.created_at < period.end,
            Decision.source.in_(sorted(source.value for source in UNATTENDED)),
            Decision.verdict.in_(SETTLED),
            is_lasting(),
        )
        .execution_options(yield_per=READ_AT_ONCE)
    )


def _answers_that_overtook(
    session: Session, site_id: int, period: ReportPeriod
) -> dict[int, Any]:
    """Return what a person decided before the audit came to it, by the decision."""
    audited = sa.orm.aliased(Decision)
    later = sa.orm.aliased(Decision)
    next_id = (
        sa.select(sa.func.min(later.id))
        .where(
            later.comment_id == audited.comment_id,
            later.revision == audited.revision,
            later.id > audited.id,
            later.source.in_(sorted(source.value for source in PEOPLE)),
            later.verdict.in_(SETTLED),
            is_lasting(later),
        )
        .correlate(audited)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(
            audited.id,
            Decision.verdict.label("answer"),
            Decision.reasons.label("answer_reasons"),
            Decision.labels.label("answer_labels"),
        )
        .select_from(QaReview)
        .join(audited, audited.id == QaReview.decision_id)
        .join(Decision, Decision.id == next_id)
        .where(
            QaReview.site_id == site_id,
            QaReview.kind == QaReviewKind.AUDIT.value,
            QaReview.state == QaReviewState.OVERTAKEN.value,
            audited.created_at >= period.start,
            audited.created_at < period.end,
        )
    )
    return {row.id: row for row in rows}


def _labels_of(reasons: Iterable[Mapping[str, Any]]) -> set[str]:
    codes = {reason.get("label") or reason["code"] for reason in reasons}
    return codes & set(HARMS)


@dataclass(frozen=True, kw_only=True)
class HumanReview:
    """The results of moderators' decisions in second reviews."""

    kappa: Kappa
    overturned: int  #: where a lead decided as the second moderator


def review_people(session: Session, site_id: int, period: ReportPeriod) -> HumanReview:
    """Return how moderators agreed about decisions of a period."""
    settled = sa.orm.aliased(Decision)
    rows = session.execute(
        sa.select(QaReview.first_verdict, QaReview.verdict, settled.verdict)
        .join(Decision, Decision.id == QaReview.decision_id)
        .outerjoin(settled, settled.id == QaReview.answer_id)
        .where(
            QaReview.site_id == site_id,
            QaReview.kind == QaReviewKind.SECOND.value,
            QaReview.verdict.in_(SETTLED),
            Decision.created_at >= period.start,
            Decision.created_at < period.end,
        )
    ).all()
    return HumanReview(
        kappa=cohens_kappa([(first, second or "") for first, second, _ in rows]),
        overturned=sum(last is not None and last != first for first, _, last in rows),
    )
