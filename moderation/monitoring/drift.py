"""Drift of scores, languages, and agreement with people.

The last week is set against the four weeks before it. At a site where nothing has
changed, all tests of one day together raise a false alarm on one day in a year
(Bonferroni's correction), if comments are independent of one another. As comments
under one article are not, a change must also be large enough to matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from classifiers.text.labels import LABELS
from moderation import identifiers
from moderation.policy.verdicts import PEOPLE, UNATTENDED, Source, Verdict
from moderation.tables.comments import Comment, Score
from moderation.tables.decisions import Decision, effective_decisions
from moderation.tables.monitoring import Alarm
from moderation.tables.sites import Site
from moderation.webhooks import outbox

LATELY = timedelta(days=7)
BEFORE = timedelta(days=28)
FALSE_ALARMS = 1 / 365  # chance a day, all tests of a site together, 0 to 1
MIN_COMMENTS = 200  # comments in either time; fewer tell nothing
MAX_COMMENTS = 20_000  # comments of either time that are looked at, the newest
MIN_SHIFT = 0.1  # of a distribution (Kolmogorov's distance) or a share, 0 to 1
EXAMPLES = 5  # comments that an alarm names
QUIET = timedelta(days=7)  # the same alarm is not raised again so soon
LANGUAGES = 12  # the most frequent ones; the others are one


class DriftKind(StrEnum):
    """The kinds of drift."""

    SCORES = "scores"  #: a label's scores are distributed otherwise
    LANGUAGES = "languages"  #: comments come in other languages
    AGREEMENT = "agreement"  #: people decide otherwise than the model more often


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A change beyond chance."""

    kind: DriftKind
    subject: str  #: label, or language that has grown most
    chance: float  #: of so large a change where nothing has changed, 0 to 1
    shift: float  #: how large it is, 0 to 1
    before: float  #: mean score, or share
    after: float
    examples: Sequence[int] = field(default_factory=tuple)  #: ids of comments


def watched_sites(session: Session) -> Sequence[int]:
    """Return the ids of all sites."""
    return session.scalars(sa.select(Site.id).order_by(Site.id)).all()


def find_drifts(session: Session, site_id: int, now: datetime) -> list[Drift]:
    """Return a site's drifts beyond chance."""
    scores = _scores(session, site_id, now)
    tested = [
        *(_score_drift(label, *sides, ids) for label, sides, ids in scores),
        _language_drift(session, site_id, now),
        _agreement_drift(session, site_id, now),
    ]
    drifts = [drift for drift in tested if drift is not None]
    if not drifts:
        return []
    return [
        drift
        for drift in drifts
        if drift.chance < FALSE_ALARMS / len(drifts) and drift.shift >= MIN_SHIFT
    ]


def raise_alarms(
    session: Session, site_id: int, drifts: Sequence[Drift], now: datetime
) -> int:
    """Store new alarms, except recent ones; return the number.

    Webhooks of the site receive it. Of several workers at a time, one raises it.
    """
    session.execute(sa.select(Site.id).where(Site.id == site_id).with_for_update())
    rows = session.execute(
        sa.select(Alarm.kind, Alarm.subject).where(
            Alarm.site_id == site_id, Alarm.created_at > now - QUIET
        )
    )
    recent = {(kind, subject) for kind, subject in rows}
    fresh = [
        drift for drift in drifts if (drift.kind.value, drift.subject) not in recent
    ]
    alarms = [_alarm(drift, site_id, now) for drift in fresh]
    session.add_all(alarms)
    session.flush()
    outbox.record_alerts(session, alarms)
    return len(alarms)


def _alarm(drift: Drift, site_id: int, now: datetime) -> Alarm:
    return Alarm(
        site_id=site_id,
        kind=drift.kind.value,
        subject=drift.subject,
        details={
            "chance": drift.chance,
            "shift": round(drift.shift, 4),
            "before": round(drift.before, 4),
            "after": round(drift.after, 4),
            "examples": [
                identifiers.encode(comment_id) for comment_id in drift.examples
            ],
        },
        created_at=now,
    )


Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


def _scores(
    session: Session, site_id: int, now: datetime
) -> list[tuple[str, tuple[Floats, Floats], list[int]]]:
    """Return each label's earlier and recent scores, by one model."""
    version = session.scalar(
        sa.select(Score.model_version)
        .join(Comment, Comment.id == Score.comment_id)
        .where(Comment.site_id == site_id, Comment.id < identifiers.first_id(now))
        .order_by(Score.comment_id.desc())
        .limit(1)
    )
    sides = []
    for start, end in _times(now):
        rows = session.execute(
            sa.select(Comment.id, *(getattr(Score, label) for label in LABELS))
            .join(Score, Score.comment_id == Comment.id)
            .where(
                Comment.site_id == site_id,
                Comment.id >= identifiers.first_id(start),
                Comment.id < identifiers.first_id(end),
                Score.model_version == version,
            )
            .order_by(Comment.id.desc())
            .limit(MAX_COMMENTS)
        ).all()
        if len(rows) < MIN_COMMENTS:
            return []
        ids = [row[0] for row in rows]
        sides.append((ids, np.array([row[1:] for row in rows], dtype=np.float64)))
    (_, before), (ids, after) = sides
    samples = []
    for column, label in enumerate(LABELS):
        pair = before[:, column], after[:, column]
        if not np.isnan(np.concatenate(pair)).any():
            highest = np.argsort(-after[:, column], kind="stable")[:EXAMPLES]
            samples.append((label, pair, [ids[place] for place in highest.tolist()]))
    return samples


def _times(now: datetime) -> tuple[tuple[datetime, datetime], ...]:
    recent = now - LATELY
    return (recent - BEFORE, recent), (recent, now)


def _score_drift(
    label: str, before: Floats, after: Floats, examples: Sequence[int]
) -> Drift:
    """Test a label's scores. Source: Kolmogorov and Smirnov's test of two samples."""
    from scipy import stats  # slow to import: the worker only

    tested = stats.ks_2samp(before, after, method="asymp")
    return Drift(
        kind=DriftKind.SCORES,
        subject=label,
        chance=float(tested.pvalue),
        shift=float(tested.statistic),
        before=float(before.mean()),
        after=float(after.mean()),
        examples=tuple(examples),
    )


def _language_drift(session: Session, site_id: int, now: datetime) -> Drift | None:
    """Test the languages of comments, as declared. Pearson's chi-square."""
    from scipy import stats

    sides: list[Counter[str]] = []
    for start, end in _times(now):
        rows = session.execute(
            sa.select(Comment.language, sa.func.count())
            .where(
                Comment.site_id == site_id,
                Comment.id >= identifiers.first_id(start),
                Comment.id < identifiers.first_id(end),
                Comment.language.is_not(None),
            )
            .group_by(Comment.language)
        )
        counts: Counter[str] = Counter()
        for language, number in rows:
            counts[(language or "")[:2].lower()] += number
        if counts.total() < MIN_COMMENTS:
            return None
        sides.append(counts)
    common = [name for name, _ in (sides[0] + sides[1]).most_common(LANGUAGES)]
    if len(common) < 2:
        return None
    table = np.array([[side[name] for name in common] for side in sides], float)
    shares = table / table.sum(axis=1, keepdims=True)
    grown = int(np.argmax(shares[1] - shares[0]))
    return Drift(
        kind=DriftKind.LANGUAGES,
        subject=common[grown],
        chance=float(stats.chi2_contingency(table).pvalue),
        shift=float(shares[1, grown] - shares[0, grown]),
        before=float(shares[0, grown]),
        after=float(shares[1, grown]),
        examples=_newest(session, site_id, Comment.language.like(f"{common[grown]}%")),
    )


def _newest(
    session: Session, site_id: int, condition: sa.ColumnElement[bool]
) -> tuple[int, ...]:
    query = sa.select(Comment.id).where(Comment.site_id == site_id, condition)
    return tuple(session.scalars(query.order_by(Comment.id.desc()).limit(EXAMPLES)))


def _agreement_drift(session: Session, site_id: int, now: datetime) -> Drift | None:
    """Test how often people overturn automatic decisions. Fisher's exact test."""
    from scipy import stats

    counts, examples = [], []
    for start, end in _times(now):
        rows = session.execute(_judged(site_id, start, end)).all()
        if len(rows) < MIN_COMMENTS:
            return None
        counts.append((sum(row.is_overturned for row in rows), len(rows)))
        examples = [row.comment_id for row in rows if row.is_overturned][:EXAMPLES]
    (old, before), (new, after) = counts
    tested: Any = stats.fisher_exact(
        np.array([[old, before - old], [new, after - new]])
    )
    return Drift(
        kind=DriftKind.AGREEMENT,
        subject=Source.PERSON.value,
        chance=float(tested.pvalue),
        shift=abs(new / after - old / before),
        before=old / before,
        after=new / after,
        examples=tuple(examples),
    )


def _judged(site_id: int, start: datetime, end: datetime) -> sa.Select[int, bool]:
    """Select the automatic verdicts that people judged in a period, each once.

    People judge it by their effective decision about the same text: what they undid or
    decided differently later doesn't count.
    """
    people = effective_decisions(
        Decision.site_id == site_id,
        Decision.created_at >= start,
        Decision.created_at < end,
        Decision.verdict != Verdict.REVIEW.value,
        sources=PEOPLE,
    )
    earlier = aliased(Decision)
    automatic_id = (
        sa.select(sa.func.max(earlier.id))
        .where(
            earlier.comment_id == people.comment_id,
            earlier.revision == people.revision,
            earlier.id < people.id,
            earlier.source.in_(UNATTENDED),
        )
        .scalar_subquery()
    )
    automatic = aliased(Decision)
    is_overturned = (automatic.verdict != people.verdict).label("is_overturned")
    return (
        sa.select(people.comment_id, is_overturned)
        .join(automatic, automatic.id == automatic_id)
        .where(automatic.verdict != Verdict.REVIEW.value)
        .order_by(people.id.desc())
        .limit(MAX_COMMENTS)
    )
