"""What-if analysis: recent comments under other thresholds or another model.

Stored scores are counted by the database, however many; no text is scored.
Rules, trusted authors, campaigns and languages are left aside: they do not depend on
thresholds. So are opening hours, and the age of articles.
"""

from __future__ import annotations

import functools
import operator
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.policy.thresholds import Moderation, Policy, Threshold
from moderation.policy.verdicts import PEOPLE, Verdict
from moderation.tables.comments import Article, Comment, Score
from moderation.tables.decisions import Decision, is_effective
from moderation.tables.monitoring import SilentScore

SECONDS_PER_LOOK = 10.0  # of a person, where no one says otherwise

# Their places are the digits of the number that a database counts by; 0: approve all.
MACHINE = (Verdict.APPROVE, Verdict.REVIEW, Verdict.REJECT)
SAID = (None, Verdict.APPROVE, Verdict.REJECT)
BATCH_SIZE = 30  # policies: 3 ** 31 verdicts fit into 63 bits

Value = TypeVar("Value", str, int)

#: Section (None: of none), automatic verdict (None: refused, as comments are closed
#: there), verdict of people (None: none).
Kind = tuple[str | None, Verdict | None, Verdict | None]


@dataclass(frozen=True, kw_only=True)
class ReplayOutcome:
    """The outcome of a replay, in numbers of comments."""

    comments: int
    approved: int  #: without a person
    held: int  #: for a person
    rejected: int  #: without a person
    missed: int  #: approved, though people rejected them
    wrongly_held: int  #: held, though people approved them
    wrongly_rejected: int  #: rejected, though people approved them
    minutes: float  #: of people's time for what is held
    refused: int = 0  #: their section is closed


@dataclass(frozen=True, kw_only=True)
class Replay:
    """A replay of recent comments."""

    version: str
    since: datetime
    total: ReplayOutcome
    sections: dict[str | None, ReplayOutcome] = field(default_factory=dict)
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
    """Replay a model's scores since a time under each policy.

    All of them are counted on one way through the scores.

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
        if not _has_any(session, table, version, first):
            continue
        for start in range(0, len(policies), BATCH_SIZE):
            batch = policies[start : start + BATCH_SIZE]
            batch_counts = _counted(session, table, site_id, batch, version, first)
            for total, batch_total in zip(counts[start:], batch_counts, strict=False):
                total.update(batch_total)
    stored = _count(session, site_id, first)
    return [
        _told(counter, version, since, stored, seconds_per_look) for counter in counts
    ]


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


def _outcome(counts: Mapping[Kind, int], seconds_per_look: float) -> ReplayOutcome:
    def number(*machine: Verdict | None, people: Verdict | None = None) -> int:
        return sum(
            count
            for (_, verdict, judged), count in counts.items()
            if verdict in machine and (people is None or judged is people)
        )

    held = number(Verdict.REVIEW)
    return ReplayOutcome(
        comments=number(*Verdict, None),
        approved=number(Verdict.APPROVE),
        held=held,
        rejected=number(Verdict.REJECT),
        missed=number(Verdict.APPROVE, people=Verdict.REJECT),
        wrongly_held=number(Verdict.REVIEW, people=Verdict.APPROVE),
        wrongly_rejected=number(Verdict.REJECT, people=Verdict.APPROVE),
        minutes=round(held * seconds_per_look / 60, 1),
        refused=number(None),
    )


Scores = type[Score] | type[SilentScore]


def verdict_of(table: Scores, policy: Policy) -> sa.ColumnElement[str]:
    """Return the verdict of thresholds on stored scores; review if one is missing."""
    values = {verdict: sa.literal(verdict.value) for verdict in Verdict}
    return _chosen(table, policy, values)


def _chosen(
    table: Scores, policy: Policy, values: Mapping[Verdict, sa.ColumnElement[Value]]
) -> sa.ColumnElement[Value]:
    """Return a value for the verdict of thresholds on stored scores.

    Most comments are below every threshold: that is asked first, as asking is dear.
    What calls for care is held in any case.
    """
    cuts = [(getattr(table, label), cut) for label, cut in _known(policy).items()]
    calls_for_care = _calls_for_care(table, policy.care_cuts)
    rejecting = [
        score >= cut.reject_at for score, cut in cuts if cut.reject_at is not None
    ]
    return sa.case(
        (
            sa.and_(
                ~calls_for_care,
                *(score < cut.review_at for score, cut in cuts),
            ),
            values[Verdict.APPROVE],
        ),
        (calls_for_care, values[Verdict.REVIEW]),
        (
            sa.or_(sa.false(), *(score.is_(None) for score, _ in cuts)),
            values[Verdict.REVIEW],
        ),
        (sa.or_(sa.false(), *rejecting), values[Verdict.REJECT]),
        else_=values[Verdict.REVIEW],
    )


def _calls_for_care(table: Scores, cuts: Mapping[str, float]) -> sa.ColumnElement[bool]:
    """Return the condition that scores call for care; a missing score doesn't."""
    return sa.or_(
        *(
            sa.func.coalesce(getattr(table, label), -1.0) >= cut
            for label, cut in cuts.items()
        )
    )


def _known(policy: Policy) -> dict[str, Threshold]:
    """Return the thresholds of harms that have stored scores."""
    return {
        label: cut
        for label, cut in policy.harm_thresholds.items()
        if hasattr(Score, label)
    }


def _has_any(session: Session, table: Scores, version: str, first: int) -> bool:
    """Return whether a model has scores from a comment ID on."""
    any_of_it = table.comment_id >= first, table.model_version == version
    return session.scalar(sa.select(sa.exists().where(*any_of_it))) is True


def _counted(
    session: Session,
    table: Scores,
    site_id: int,
    policies: Sequence[Policy],
    version: str,
    first: int,
) -> list[Counter[Kind]]:
    """Count comments by section, automatic verdict, and people's verdict."""
    by_article = _by_article(table, site_id, policies, version, first).subquery()
    query = (
        sa.select(Article.section, by_article.c.kind, sa.func.sum(by_article.c.number))
        .join_from(by_article, Article, Article.id == by_article.c.article_id)
        .group_by(Article.section, by_article.c.kind)
    )
    found: list[Counter[Kind]] = [Counter() for _ in policies]
    for section, kind, number in session.execute(query):
        rest, said = divmod(kind, len(SAID))
        for counts, policy in zip(found, policies, strict=True):
            rest, place = divmod(rest, len(MACHINE))
            machine = _with_default(policy, section, MACHINE[place])
            counts[section, machine, SAID[said]] += int(number)
    return found


def _by_article(
    table: Scores, site_id: int, policies: Sequence[Policy], version: str, first: int
) -> sa.Select[int, int, int]:
    """Count by article and by all verdicts, encoded in one number.

    A database sorts a million rows by what they are counted by. Two numbers take it a
    third of the time of a section's name and a text for each verdict.
    """
    said = _newest_of_people(site_id, first)
    digits = []
    for place, policy in enumerate(policies):
        unit = len(SAID) * len(MACHINE) ** place
        values = {
            verdict: sa.literal(digit * unit, sa.BigInteger())
            for digit, verdict in enumerate(MACHINE)
        }
        digits.append(_chosen(table, policy, values))
    machines = sa.case(
        (_is_below_all(table, policies), sa.literal(0, sa.BigInteger())),
        else_=functools.reduce(operator.add, digits),
    )
    kind = (_said_digit(said) + machines).label("kind")
    same_text = sa.and_(
        said.c.comment_id == Comment.id, said.c.revision == Comment.revision
    )
    return (
        sa.select(Comment.article_id, kind, sa.func.count().label("number"))
        .join_from(table, Comment, Comment.id == table.comment_id)
        .outerjoin(said, same_text)
        .where(*list_score_conditions(table, site_id, version, first))
        .group_by(Comment.article_id, sa.text("kind"))
    )


def _is_below_all(table: Scores, policies: Sequence[Policy]) -> sa.ColumnElement[bool]:
    """Return the condition that every policy approves a comment."""
    lowest: dict[str, float] = {}
    care: dict[str, float] = {}
    for policy in policies:
        for label, cut in _known(policy).items():
            lowest[label] = min(cut.review_at, lowest.get(label, cut.review_at))
        for label, at in policy.care_cuts.items():
            care[label] = min(at, care.get(label, at))
    below = (getattr(table, label) < cut for label, cut in lowest.items())
    return sa.and_(~_calls_for_care(table, care), *below)


def _newest_of_people(site_id: int, first: int) -> sa.Subquery:
    """Select people's effective verdicts, at most one about a comment."""
    return (
        sa.select(Decision.comment_id, Decision.revision, Decision.verdict)
        .where(
            Decision.site_id == site_id,
            Decision.comment_id >= first,
            Decision.verdict != Verdict.REVIEW.value,
            is_effective(sources=PEOPLE),
        )
        .subquery()
    )


def _said_digit(said: sa.Subquery) -> sa.ColumnElement[int]:
    """Return the index in `SAID` of people's verdict."""
    return sa.case(
        *(
            (said.c.verdict == verdict.value, sa.literal(digit, sa.BigInteger()))
            for digit, verdict in enumerate(SAID)
            if verdict is not None
        ),
        else_=sa.literal(SAID.index(None), sa.BigInteger()),
    )


def list_score_conditions(
    table: Scores, site_id: int, version: str, first: int
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for one score per current text."""
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


def _with_default(
    policy: Policy, section: str | None, verdict: Verdict
) -> Verdict | None:
    """Return the verdict under the section's mode; None: it would be refused."""
    mode = policy.moderation_of(section)
    if mode is Moderation.CLOSED:
        return None
    is_pre = mode is Moderation.PRE
    return Verdict.REVIEW if verdict is Verdict.APPROVE and is_pre else verdict


def _count(session: Session, site_id: int, first: int) -> int:
    """Count a site's comments from an ID on, without deleted ones."""
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
