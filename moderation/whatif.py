"""What would have happened: the last days under other thresholds or another model.

Stored scores are counted by the database, whatever their number; no text is scored.
Rules, trusted authors, campaigns and languages are left aside: they do not depend on
thresholds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.feedback import PEOPLE
from moderation.policy import Moderation, Policy, ReasonCode, Threshold, Verdict
from moderation.tables import Article, Comment, Decision, Score, SilentScore

SECONDS_PER_LOOK = 10.0  # of a person, where nobody says otherwise

#: Section (None: of none), verdict of the machine, verdict of people (None: none).
Kind = tuple[str | None, Verdict, Verdict | None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became, or would become, of a number of comments."""

    comments: int
    approved: int  #: without a person
    held: int  #: for a person
    rejected: int  #: without a person
    missed: int  #: approved, though people rejected them
    wrongly_held: int  #: held, though people approved them
    wrongly_rejected: int  #: rejected, though people approved them
    minutes: float  #: of people's time for what is held


@dataclass(frozen=True, kw_only=True)
class Replay:
    """The last days, as they would have been."""

    version: str
    since: datetime
    total: Outcome
    sections: dict[str | None, Outcome] = field(default_factory=dict)
    unscored: int = 0  #: comments of that time of which this model has no scores


def replay(
    session: Session,
    site_id: int,
    policy: Policy,
    version: str,
    *,
    since: datetime,
    seconds_per_look: float = SECONDS_PER_LOOK,
) -> Replay:
    """Return what a policy would have done with a model's scores since a moment.

    Parameters
    ----------
    policy
        Of it, the thresholds and what happens to what nothing speaks against count.
    version
        The model; its scores must be stored, as those that decided or silent ones.
    """
    first = identifiers.first_id(since)
    counts: Counter[Kind] = Counter()
    for table in (Score, SilentScore):
        counts.update(_everything(session, table, site_id, policy, version, first))
        judged = _judged(session, table, site_id, policy, version, first)
        counts.update(judged)
        for (section, verdict, _), number in judged.items():
            counts[section, verdict, None] -= number
    sections = sorted({section for section, _, _ in counts}, key=lambda x: x or "")
    total = _outcome(counts, seconds_per_look)
    return Replay(
        version=version,
        since=since,
        total=total,
        sections={
            section: _outcome(_of(counts, section), seconds_per_look)
            for section in sections
        },
        unscored=_count(session, site_id, first) - total.comments,
    )


def _of(counts: Mapping[Kind, int], section: str | None) -> dict[Kind, int]:
    return {kind: number for kind, number in counts.items() if kind[0] == section}


def _outcome(counts: Mapping[Kind, int], seconds_per_look: float) -> Outcome:
    def number(*machine: Verdict, people: Verdict | None = None) -> int:
        return sum(
            count
            for (_, verdict, judged), count in counts.items()
            if verdict in machine and (people is None or judged is people)
        )

    held = number(Verdict.REVIEW)
    return Outcome(
        comments=number(*Verdict),
        approved=number(Verdict.APPROVE),
        held=held,
        rejected=number(Verdict.REJECT),
        missed=number(Verdict.APPROVE, people=Verdict.REJECT),
        wrongly_held=number(Verdict.REVIEW, people=Verdict.APPROVE),
        wrongly_rejected=number(Verdict.REJECT, people=Verdict.APPROVE),
        minutes=round(held * seconds_per_look / 60, 1),
    )


Scores = type[Score] | type[SilentScore]


def verdict_of(table: Scores, policy: Policy) -> sa.ColumnElement[str]:
    """Return what thresholds make of stored scores; a missing one is for a person."""
    thresholds = _known(policy)
    if not thresholds:
        return sa.literal(Verdict.APPROVE.value)
    rejecting = [
        getattr(table, label) >= cut.reject_at
        for label, cut in thresholds.items()
        if cut.reject_at is not None
    ]
    holding = [
        getattr(table, label) >= cut.review_at for label, cut in thresholds.items()
    ]
    missing = [getattr(table, label).is_(None) for label in thresholds]
    cases: list[tuple[sa.ColumnElement[bool], str]] = [
        (sa.or_(*missing), Verdict.REVIEW.value)
    ]
    if rejecting:
        cases.append((sa.or_(*rejecting), Verdict.REJECT.value))
    cases.append((sa.or_(*holding), Verdict.REVIEW.value))
    return sa.case(*cases, else_=Verdict.APPROVE.value)


def _known(policy: Policy) -> dict[str, Threshold]:
    """Return the thresholds of labels that scores can be stored of."""
    return {
        label: cut for label, cut in policy.thresholds.items() if hasattr(Score, label)
    }


def _everything(
    session: Session,
    table: Scores,
    site_id: int,
    policy: Policy,
    version: str,
    first: int,
) -> Counter[Kind]:
    """Count all comments by section and what the machine would do."""
    verdict = verdict_of(table, policy).label("machine")
    query = (
        sa.select(Article.section, verdict, sa.func.count())
        .select_from(table)
        .join(Comment, Comment.id == table.comment_id)
        .join(Article, Article.id == Comment.article_id)
        .where(*_standing(table, site_id, version, first))
        .group_by(Article.section, sa.text("machine"))
    )
    found: Counter[Kind] = Counter()
    for section, machine, number in session.execute(query):
        found[section, _with_default(policy, section, machine), None] += number
    return found


def _judged(
    session: Session,
    table: Scores,
    site_id: int,
    policy: Policy,
    version: str,
    first: int,
) -> Counter[Kind]:
    """Count the comments that people have decided about, by their verdict, too."""
    newest = (
        sa.select(sa.func.max(Decision.id).label("id"))
        .where(
            Decision.site_id == site_id,
            Decision.source.in_(PEOPLE),
            Decision.comment_id >= first,
        )
        .group_by(Decision.comment_id)
        .subquery()
    )
    verdict = verdict_of(table, policy).label("machine")
    query = (
        sa.select(
            Article.section, verdict, Decision.verdict.label("people"), sa.func.count()
        )
        .select_from(newest)
        .join(Decision, Decision.id == newest.c.id)
        .join(Comment, Comment.id == Decision.comment_id)
        .join(
            table,
            sa.and_(
                table.comment_id == Comment.id,
                table.revision == Comment.revision,
                table.model_version == version,
            ),
        )
        .join(Article, Article.id == Comment.article_id)
        .where(
            *_standing(table, site_id, version, first),
            Decision.revision == Comment.revision,
            Decision.verdict != Verdict.REVIEW.value,
            sa.cast(Decision.reasons, sa.Text()).not_like(f'%"{ReasonCode.UNDONE}"%'),
        )
        .group_by(Article.section, sa.text("machine"), sa.text("people"))
    )
    found: Counter[Kind] = Counter()
    for section, machine, people, number in session.execute(query):
        decided = _with_default(policy, section, machine)
        found[section, decided, Verdict(people)] += number
    return found


def _standing(
    table: Scores, site_id: int, version: str, first: int
) -> list[sa.ColumnElement[bool]]:
    """Return what makes a score one of a text that stands, counted once."""
    found = [
        table.model_version == version,
        table.comment_id >= first,
        table.revision == Comment.revision,
        Comment.site_id == site_id,
        Comment.deleted_at.is_(None),
    ]
    if table is SilentScore:
        also = sa.select(Score.id).where(
            Score.comment_id == SilentScore.comment_id,
            Score.revision == SilentScore.revision,
            Score.model_version == SilentScore.model_version,
        )
        found.append(~also.exists())
    return found


def _with_default(policy: Policy, section: str | None, machine: str) -> Verdict:
    """Return the verdict, where a section may look at everything first."""
    verdict = Verdict(machine)
    is_pre = policy.moderation_of(section) is Moderation.PRE
    return Verdict.REVIEW if verdict is Verdict.APPROVE and is_pre else verdict


def _count(session: Session, site_id: int, first: int) -> int:
    """Count the comments of a site that stand, from an id on."""
    return (
        session.scalar(
            sa.select(sa.func.count()).where(
                Comment.site_id == site_id,
                Comment.id >= first,
                Comment.deleted_at.is_(None),
            )
        )
        or 0
    )
