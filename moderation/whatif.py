"""What would have happened: the last days under other thresholds or another model.

Stored scores are counted by the database, whatever their number; no text is scored.
Rules, trusted authors, campaigns and languages are left aside: they do not depend on
thresholds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
    policies: Sequence[Policy],
    version: str,
    *,
    since: datetime,
    seconds_per_look: float = SECONDS_PER_LOOK,
) -> list[Replay]:
    """Return what each policy would have done with a model's scores since a moment.

    All of them are counted in one go.

    Parameters
    ----------
    policies
        Of each, the thresholds and what happens to what nothing speaks against count.
    version
        The model; its scores must be stored, as those that decided or silent ones.
    """
    first = identifiers.first_id(since)
    counts: list[Counter[Kind]] = [Counter() for _ in policies]
    for table in (Score, SilentScore):
        asked = table, site_id, policies, version, first
        everything = _everything(session, *asked)
        if not any(everything):
            continue
        for found, all_of_it, judged in zip(
            counts, everything, _judged(session, *asked), strict=True
        ):
            found.update(all_of_it)
            found.update(judged)
            for (section, verdict, _), number in judged.items():
                found[section, verdict, None] -= number
    stored = _count(session, site_id, first)
    return [_told(each, version, since, stored, seconds_per_look) for each in counts]


def _told(
    counts: Mapping[Kind, int],
    version: str,
    since: datetime,
    stored: int,
    seconds_per_look: float,
) -> Replay:
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
        unscored=stored - total.comments,
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
    policies: Sequence[Policy],
    version: str,
    first: int,
) -> list[Counter[Kind]]:
    """Count all comments by section and what the machine would do, for each policy."""
    verdicts = _verdicts(table, policies)
    query = (
        sa.select(sa.func.count(), Article.section, *verdicts)
        .select_from(table)
        .join(Comment, Comment.id == table.comment_id)
        .join(Article, Article.id == Comment.article_id)
        .where(*_standing(table, site_id, version, first))
        .group_by(Article.section, *(sa.text(each.name) for each in verdicts))
    )
    found: list[Counter[Kind]] = [Counter() for _ in policies]
    for number, section, *machines in session.execute(query):
        for counts, policy, machine in zip(found, policies, machines, strict=True):
            counts[section, _with_default(policy, section, machine), None] += number
    return found


def _verdicts(table: Scores, policies: Sequence[Policy]) -> list[sa.Label[str]]:
    return [
        verdict_of(table, policy).label(f"machine_{place}")
        for place, policy in enumerate(policies)
    ]


def _judged(
    session: Session,
    table: Scores,
    site_id: int,
    policies: Sequence[Policy],
    version: str,
    first: int,
) -> list[Counter[Kind]]:
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
    verdicts = _verdicts(table, policies)
    query = (
        sa.select(
            sa.func.count(),
            Article.section,
            Decision.verdict.label("people"),
            *verdicts,
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
        .group_by(
            Article.section,
            sa.text("people"),
            *(sa.text(each.name) for each in verdicts),
        )
    )
    found: list[Counter[Kind]] = [Counter() for _ in policies]
    for number, section, people, *machines in session.execute(query):
        for counts, policy, machine in zip(found, policies, machines, strict=True):
            decided = _with_default(policy, section, machine)
            counts[section, decided, Verdict(people)] += number
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
