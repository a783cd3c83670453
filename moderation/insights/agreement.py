"""Agreement of moderators in second reviews and audits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy.verdicts import Verdict
from moderation.review.qa_reviews import QaReviewKind, QaReviewState
from moderation.statistics import (
    ConfidenceInterval,
    Kappa,
    cohens_kappa,
    wilson_interval,
)
from moderation.tables.decisions import Decision
from moderation.tables.review import QaReview

MAX_REASONS = 12  # that are shown how noisy they are
MAX_REVIEWS = 20_000  # the newest, from which agreement is reckoned


@dataclass(frozen=True, kw_only=True)
class PairAgreement:
    """Agreement of second reviews with a moderator, in either role."""

    looks: int
    agreed: int


@dataclass(frozen=True, kw_only=True)
class ReasonNoise:
    """Disagreement of two moderators about a reason."""

    code: str
    looks: int  #: where either gave it
    differed: int  #: where only one of the two did


@dataclass(frozen=True, kw_only=True)
class TeamAgreement:
    """The team's agreement in second reviews."""

    kappa: Kappa
    disputed: int  #: that wait for a lead
    upheld: int  #: where a lead has decided as the first person
    corrected: int  #: where a lead has decided as the second person
    noise: list[ReasonNoise]


@dataclass(frozen=True, kw_only=True)
class AuditFigures:
    """Automatic decisions that audits found wrong."""

    looks: int
    wrong: int

    @property
    def rate(self) -> ConfidenceInterval | None:
        """The share of wrong decisions, with its interval."""
        return wilson_interval(self.wrong, self.looks)


@dataclass(frozen=True, kw_only=True)
class ReviewPair:
    """Two moderators' verdicts on one comment."""

    first: str
    second: str
    first_codes: frozenset[str]
    second_codes: frozenset[str]
    people: tuple[int | None, int | None]


def list_pairs(session: Session, site_id: int, since: datetime) -> list[ReviewPair]:
    """Return the newest pairs of verdicts from second reviews."""
    rows = session.execute(
        sa.select(
            QaReview.first_verdict,
            QaReview.verdict,
            Decision.reasons,
            QaReview.reasons,
            QaReview.first_staff_id,
            QaReview.staff_id,
        )
        .join(Decision, Decision.id == QaReview.decision_id)
        .where(
            QaReview.site_id == site_id,
            QaReview.answered_at >= since,
            QaReview.kind == QaReviewKind.SECOND.value,
        )
        .order_by(QaReview.answered_at.desc())
        .limit(MAX_REVIEWS)
    )
    return [
        ReviewPair(
            first=first,
            second=second or "",
            first_codes=frozenset(reason["code"] for reason in why),
            second_codes=frozenset(reason["code"] for reason in other_why or []),
            people=(one, other),
        )
        for first, second, why, other_why, one, other in rows
    ]


def count_agreements(pairs: Sequence[ReviewPair]) -> dict[int, PairAgreement]:
    """Return how often each moderator agreed with another."""
    looks, agreed = Counter[int](), Counter[int]()
    for pair in pairs:
        for staff_id in pair.people:
            if staff_id is not None:
                looks[staff_id] += 1
                agreed[staff_id] += pair.first == pair.second
    return {key: PairAgreement(looks=looks[key], agreed=agreed[key]) for key in looks}


def measure_agreement(
    session: Session, site_id: int, since: datetime, pairs: Sequence[ReviewPair]
) -> TeamAgreement:
    """Return the team's agreement in second reviews."""
    answer = sa.orm.aliased(Decision)
    settled = session.execute(
        sa.select(answer.verdict == QaReview.first_verdict, sa.func.count())
        .select_from(QaReview)
        .join(answer, answer.id == QaReview.answer_id)
        .where(
            QaReview.site_id == site_id,
            QaReview.answered_at >= since,
            QaReview.state == QaReviewState.SETTLED.value,
        )
        .group_by(answer.verdict == QaReview.first_verdict)
    )
    outcomes = {bool(is_upheld): number for is_upheld, number in settled}
    disputed = sa.select(sa.func.count()).where(
        QaReview.site_id == site_id,
        QaReview.closed_at.is_(None),
        QaReview.state == QaReviewState.DISPUTED.value,
    )
    return TeamAgreement(
        kappa=cohens_kappa([(pair.first, pair.second) for pair in pairs]),
        disputed=session.scalar(disputed) or 0,
        upheld=outcomes.get(True, 0),
        corrected=outcomes.get(False, 0),
        noise=_noise(pairs),
    )


def _noise(pairs: Sequence[ReviewPair]) -> list[ReasonNoise]:
    """Return the reasons that moderators agree on least, noisiest first."""
    looks, differed = Counter[str](), Counter[str]()
    for pair in pairs:
        looks.update(pair.first_codes | pair.second_codes)
        differed.update(pair.first_codes ^ pair.second_codes)
    noisy = [
        ReasonNoise(code=code, looks=looks[code], differed=differed[code])
        for code in looks
        if differed[code]
    ]
    noisy.sort(key=lambda reason: (-reason.differed, reason.looks, reason.code))
    return noisy[:MAX_REASONS]


def count_audits(
    session: Session, site_id: int, since: datetime, verdict: Verdict
) -> AuditFigures:
    """Count the audits of automatic decisions with a verdict."""
    is_wrong = sa.case((QaReview.verdict != QaReview.first_verdict, 1), else_=0)
    looks, wrong = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(is_wrong), 0)).where(
            QaReview.site_id == site_id,
            QaReview.answered_at >= since,
            QaReview.kind == QaReviewKind.AUDIT.value,
            QaReview.first_verdict == verdict.value,
        )
    ).one()
    return AuditFigures(looks=looks, wrong=wrong)
