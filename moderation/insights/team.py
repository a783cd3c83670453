"""How a team works together: who has what in hand, how soon, how alike it decides.

For leads. No figure of speed stands without how often its decisions lasted, and people
come by name, never by rank.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.accounts.staff import Role
from moderation.database import seconds_between
from moderation.policy import verdicts
from moderation.policy.verdicts import Source, Status, Verdict
from moderation.review.qa_reviews import Kind, State
from moderation.statistics import (
    ConfidenceInterval,
    Kappa,
    cohens_kappa,
    wilson_interval,
)
from moderation.tables.accounts import Membership, Staff
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision, is_lasting
from moderation.tables.review import Look

MOST_ARTICLES = 3  # named of what somebody holds
MOST_REASONS = 12  # that are told how noisy they are
MOST_LOOKS = 20_000  # the newest, from which agreement is reckoned

# Who gives a verdict that can be another person's correction.
PEOPLE = tuple(source.value for source in verdicts.PEOPLE)
GIVEN = (Verdict.APPROVE.value, Verdict.REJECT.value)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long something took, in seconds, by nearest rank; None: nothing to tell."""

    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was decided in some days, and how it fared."""

    decisions: int = 0
    approved: int = 0
    rejected: int = 0
    in_bulk: int = 0  #: of them, together with others; they count for no time
    timed: int = 0  #: of them, one by one about what waited
    overdue: int = 0  #: of those timed, after the moment it was due
    reversed: int = 0  #: decided otherwise later, by somebody else
    waited: Pace = field(default_factory=Pace)  #: from its arrival to the decision
    worked: Pace = field(default_factory=Pace)  #: from being taken in hand


@dataclass(frozen=True, kw_only=True)
class Held:
    """What somebody has in hand just now."""

    comments: int
    since: datetime | None
    until: datetime
    articles: list[tuple[str, int]]  #: title or name, comments; the most first


@dataclass(frozen=True, kw_only=True)
class Alike:
    """How often second looks agreed with somebody, as the first or as the second."""

    looks: int
    agreed: int


@dataclass(frozen=True, kw_only=True)
class Member:
    """One person of the team."""

    login: str
    role: Role | None  #: None: has left, but decided in these days
    held: Held | None
    figures: Figures
    alike: Alike


@dataclass(frozen=True, kw_only=True)
class Noise:
    """How often two people differ where one of them gives a reason."""

    code: str
    looks: int  #: where either gave it
    differed: int  #: where only one of the two did


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What second looks say of the team."""

    kappa: Kappa
    disputed: int  #: that wait for a lead
    upheld: int  #: where a lead has decided as the first person
    corrected: int  #: where a lead has decided as the second person
    noise: list[Noise]


@dataclass(frozen=True, kw_only=True)
class Audited:
    """How often people found what the machine decided alone to be wrong."""

    looks: int
    wrong: int

    @property
    def rate(self) -> ConfidenceInterval | None:
        """The share that is wrong, with its interval."""
        return wilson_interval(self.wrong, self.looks)


@dataclass(frozen=True, kw_only=True)
class Report:
    """How a team works together."""

    members: list[Member]  #: by login
    figures: Figures  #: of all of them
    agreement: Agreement
    approvals: Audited  #: by the machine alone
    rejections: Audited  #: likewise


def report(session: Session, site_id: int, *, since: datetime, now: datetime) -> Report:
    """Return how the team of a site has worked since a moment."""
    people = _people(session, site_id)
    figures, overall = _figures(session, site_id, since)
    held = _held(session, site_id, now)
    pairs = _pairs(session, site_id, since)
    alike = _alike(pairs)
    gone = (figures.keys() | alike.keys()) - people.keys()
    people |= _by_id(session, gone)
    return Report(
        members=[
            Member(
                login=login,
                role=role,
                held=held.get(staff_id),
                figures=figures.get(staff_id, Figures()),
                alike=alike.get(staff_id, Alike(looks=0, agreed=0)),
            )
            for staff_id, (login, role) in sorted(
                people.items(), key=lambda item: item[1][0]
            )
        ],
        figures=overall,
        agreement=_agreement(session, site_id, since, pairs),
        approvals=_audited(session, site_id, since, Verdict.APPROVE),
        rejections=_audited(session, site_id, since, Verdict.REJECT),
    )


def _people(session: Session, site_id: int) -> dict[int, tuple[str, Role | None]]:
    rows = session.execute(
        sa.select(Staff.id, Staff.login, Membership.role)
        .join(Membership, Membership.staff_id == Staff.id)
        .where(Membership.site_id == site_id, Staff.disabled_at.is_(None))
    )
    return {staff_id: (login, Role(role)) for staff_id, login, role in rows}


def _by_id(session: Session, staff_ids: set[int]) -> dict[int, tuple[str, Role | None]]:
    rows = session.execute(
        sa.select(Staff.id, Staff.login).where(Staff.id.in_(staff_ids))
    )
    return {staff_id: (login, None) for staff_id, login in rows}


# -- decisions ---------------------------------------------------------------------

# Times are grouped by the database, so finely that two in a hundred is the most that a
# rank is off: seconds under which a time is rounded to how many.
FINENESS = ((120, 1), (1_200, 5), (14_400, 30), (172_800, 300))
COARSEST = 3_600


def _figures(
    session: Session, site_id: int, since: datetime
) -> tuple[dict[int, Figures], Figures]:
    """Return figures of each person and of all, in one pass over the decisions."""
    c = _timed(site_id, since).c

    def counted(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    rows = session.execute(
        sa.select(
            c.staff_id,
            c.waited,
            c.worked,
            sa.func.count(),
            counted(c.verdict == Verdict.APPROVE.value),
            counted(c.verdict == Verdict.REJECT.value),
            counted(c.batch_id.is_not(None)),
            counted(c.waited.is_not(None)),
            counted(c.is_overdue),
            counted(c.is_reversed),
        ).group_by(c.staff_id, c.waited, c.worked)
    ).all()
    by_person: dict[int, list[Any]] = defaultdict(list)
    for staff_id, *numbers in rows:
        by_person[staff_id].append(numbers)
    own = {staff_id: _summed(found) for staff_id, found in by_person.items()}
    return own, _summed([numbers for _, *numbers in rows])


def _summed(rows: Sequence[Sequence[Any]]) -> Figures:
    """Return the figures of groups of decisions: two times, then seven counts."""
    waited, worked = Counter[float](), Counter[float]()
    for row in rows:
        waited.update({} if row[0] is None else {row[0]: row[2]})
        worked.update({} if row[1] is None else {row[1]: row[2]})
    counts = [sum(row[place] for row in rows) for place in range(2, 9)]
    decisions, approved, rejected, in_bulk, timed, overdue, reversals = counts
    return Figures(
        decisions=decisions,
        approved=approved,
        rejected=rejected,
        in_bulk=in_bulk,
        timed=timed,
        overdue=overdue,
        reversed=reversals,
        waited=Pace(median=_rank(waited, 0.5), p90=_rank(waited, 0.9)),
        worked=Pace(median=_rank(worked, 0.5), p90=_rank(worked, 0.9)),
    )


def _rank(times: Counter[float], share: float) -> float | None:
    """Return the time within which a share of all lies, by nearest rank."""
    wanted = math.ceil(share * times.total())
    reached = 0
    for seconds in sorted(times):
        reached += times[seconds]
        if reached >= wanted:
            return float(seconds)
    return None


def _rounded(seconds: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
    steps = [
        (seconds < under, sa.func.round(seconds / step) * step)
        for under, step in FINENESS
    ]
    coarse = sa.func.round(seconds / COARSEST) * COARSEST
    return sa.case((seconds.is_(None), None), *steps, else_=coarse)


def _timed(site_id: int, since: datetime) -> sa.Subquery:
    """Return the lasting verdicts of persons with how long they took."""
    c = _followed(site_id, since).c
    arrived = sa.case(
        (c.revision == 1, Comment.received_at),
        else_=sa.func.coalesce(
            Comment.edited_at, Comment.received_at, type_=Comment.received_at.type
        ),
    )
    is_timed = sa.and_(c.status_before == Status.PENDING.value, c.batch_id.is_(None))
    is_other = sa.or_(c.next_staff_id.is_(None), c.next_staff_id != c.staff_id)
    return (
        sa.select(
            c.staff_id,
            c.verdict,
            c.batch_id,
            sa.case((is_timed, _rounded(seconds_between(arrived, c.created_at)))).label(
                "waited"
            ),
            sa.case(
                (is_timed, _rounded(seconds_between(c.claimed_at, c.created_at)))
            ).label("worked"),
            sa.and_(is_timed, c.created_at > Comment.due_at).label("is_overdue"),
            sa.and_(
                c.next_verdict.is_not(None), c.next_verdict != c.verdict, is_other
            ).label("is_reversed"),
        )
        .join(Comment, Comment.id == c.comment_id)
        .where(c.source == Source.PERSON.value, c.staff_id.is_not(None))
        .subquery()
    )


def _followed(site_id: int, since: datetime) -> sa.Subquery:
    """Return the verdicts that people gave and didn't take back, and the next of each.

    The next one on the same text: what was decided otherwise after an appeal, too.
    """
    log = (
        sa.select(
            Decision.id,
            Decision.comment_id,
            Decision.revision,
            Decision.staff_id,
            Decision.source,
            Decision.verdict,
            Decision.status_before,
            Decision.batch_id,
            Decision.created_at,
            Decision.claimed_at,
        )
        .where(
            Decision.site_id == site_id,
            Decision.created_at >= since,
            Decision.source.in_(PEOPLE),
            Decision.verdict.in_(GIVEN),
            is_lasting(),
        )
        .subquery()
    )
    # Hidden in a sum: SQLite would walk the whole log along its index of comments.
    on_text = [log.c.comment_id + sa.literal_column("0"), log.c.revision]

    def following(name: str) -> sa.ColumnElement[Any]:
        return (
            sa.func.lead(log.c[name], type_=log.c[name].type)
            .over(partition_by=on_text, order_by=log.c.id)
            .label(f"next_{name}")
        )

    return sa.select(*log.c, following("staff_id"), following("verdict")).subquery()


# -- what is in hand -----------------------------------------------------------------


def _held(session: Session, site_id: int, now: datetime) -> dict[int, Held]:
    """Return what each person has in hand; looks count as any other comment."""
    comments = sa.select(
        Comment.claimed_by,
        Comment.claimed_at,
        Comment.claimed_until,
        Article.title,
        Article.reference,
    ).join(Article, Article.id == Comment.article_id)
    looks = (
        sa.select(
            Look.claimed_by,
            Look.claimed_at,
            Look.claimed_until,
            Article.title,
            Article.reference,
        )
        .join(Comment, Comment.id == Look.comment_id)
        .join(Article, Article.id == Comment.article_id)
    )
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in (
        *session.execute(
            comments.where(
                Comment.site_id == site_id,
                Comment.claimed_by.is_not(None),
                Comment.claimed_until > now,
            )
        ),
        *session.execute(
            looks.where(
                Look.site_id == site_id,
                Look.claimed_by.is_not(None),
                Look.claimed_until > now,
                Look.closed_at.is_(None),
            )
        ),
    ):
        rows[row[0]].append(row)
    return {staff_id: _as_held(found) for staff_id, found in rows.items()}


def _as_held(rows: Sequence[Any]) -> Held:
    named = Counter(title or reference for *_, title, reference in rows)
    return Held(
        comments=len(rows),
        since=min((row[1] for row in rows if row[1] is not None), default=None),
        until=max(row[2] for row in rows),
        articles=named.most_common(MOST_ARTICLES),
    )


# -- looks -------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """Two people's verdicts on one comment."""

    first: str
    second: str
    first_codes: frozenset[str]
    second_codes: frozenset[str]
    people: tuple[int | None, int | None]


def _pairs(session: Session, site_id: int, since: datetime) -> list[_Pair]:
    rows = session.execute(
        sa.select(
            Look.first_verdict,
            Look.verdict,
            Decision.reasons,
            Look.reasons,
            Look.first_staff_id,
            Look.staff_id,
        )
        .join(Decision, Decision.id == Look.decision_id)
        .where(
            Look.site_id == site_id,
            Look.answered_at >= since,
            Look.kind == Kind.SECOND.value,
        )
        .order_by(Look.answered_at.desc())
        .limit(MOST_LOOKS)
    )
    return [
        _Pair(
            first=first,
            second=second or "",
            first_codes=frozenset(reason["code"] for reason in why),
            second_codes=frozenset(reason["code"] for reason in other_why or []),
            people=(one, other),
        )
        for first, second, why, other_why, one, other in rows
    ]


def _alike(pairs: Sequence[_Pair]) -> dict[int, Alike]:
    looks, agreed = Counter[int](), Counter[int]()
    for pair in pairs:
        for staff_id in pair.people:
            if staff_id is not None:
                looks[staff_id] += 1
                agreed[staff_id] += pair.first == pair.second
    return {key: Alike(looks=looks[key], agreed=agreed[key]) for key in looks}


def _agreement(
    session: Session, site_id: int, since: datetime, pairs: Sequence[_Pair]
) -> Agreement:
    answer = sa.orm.aliased(Decision)
    settled = session.execute(
        sa.select(answer.verdict == Look.first_verdict, sa.func.count())
        .select_from(Look)
        .join(answer, answer.id == Look.answer_id)
        .where(
            Look.site_id == site_id,
            Look.answered_at >= since,
            Look.state == State.SETTLED.value,
        )
        .group_by(answer.verdict == Look.first_verdict)
    )
    outcomes = {bool(is_upheld): number for is_upheld, number in settled}
    disputed = sa.select(sa.func.count()).where(
        Look.site_id == site_id,
        Look.closed_at.is_(None),
        Look.state == State.DISPUTED.value,
    )
    return Agreement(
        kappa=cohens_kappa([(pair.first, pair.second) for pair in pairs]),
        disputed=session.scalar(disputed) or 0,
        upheld=outcomes.get(True, 0),
        corrected=outcomes.get(False, 0),
        noise=_noise(pairs),
    )


def _noise(pairs: Sequence[_Pair]) -> list[Noise]:
    """Return the reasons that two people give least alike, the noisiest first."""
    looks, differed = Counter[str](), Counter[str]()
    for pair in pairs:
        looks.update(pair.first_codes | pair.second_codes)
        differed.update(pair.first_codes ^ pair.second_codes)
    found = [
        Noise(code=code, looks=looks[code], differed=differed[code])
        for code in looks
        if differed[code]
    ]
    found.sort(key=lambda each: (-each.differed, each.looks, each.code))
    return found[:MOST_REASONS]


def _audited(
    session: Session, site_id: int, since: datetime, verdict: Verdict
) -> Audited:
    is_wrong = sa.case((Look.verdict != Look.first_verdict, 1), else_=0)
    looks, wrong = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(is_wrong), 0)).where(
            Look.site_id == site_id,
            Look.answered_at >= since,
            Look.kind == Kind.AUDIT.value,
            Look.first_verdict == verdict.value,
        )
    ).one()
    return Audited(looks=looks, wrong=wrong)
