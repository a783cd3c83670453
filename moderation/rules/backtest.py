"""Backtests: a rule tried on past comments."""

from __future__ import annotations

import bisect
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.errors import InvalidFields
from moderation.policy.brakes import BrakeKind
from moderation.policy.rule_matches import RuleAction
from moderation.policy.verdicts import AUTOMATIC, Source, Status
from moderation.rules.conditions import CompiledRule, Condition, Subject
from moderation.rules.matching import CandidateMatch, RuleSet
from moderation.rules.patterns import TooSlow
from moderation.tables.comments import Article, Comment
from moderation.tables.decisions import Decision, effective_decisions
from moderation.tables.rules import RuleHit

MAX_TRIED = 20_000  # comments, the newest first
MAX_SECONDS = 8.0  # a person waits for the answer
MAX_NEWEST, MAX_NEWEST_SPAN = 2_000, timedelta(days=30)  # that a list is tried on
BATCH_SIZE = 500  # comments read together
MAX_EXAMPLES = 12
MAX_COUNTED = 10_000  # hits of a rule whose standing is looked at


@dataclass(kw_only=True)
class StatusCounts:
    """Numbers of comments by status and by who decided."""

    approved_by_people: int = 0
    rejected_by_people: int = 0
    approved_by_machine: int = 0
    rejected_by_machine: int = 0
    pending: int = 0

    def add(self, status: Status, source: Source) -> None:
        """Count a comment with its status and the source of its newest decision."""
        if status is Status.PENDING:
            self.pending += 1
            return
        by = "machine" if source in AUTOMATIC else "people"
        name = f"{status.value}_by_{by}"
        setattr(self, name, getattr(self, name) + 1)


@dataclass(frozen=True, kw_only=True)
class BacktestExample:
    """A comment that a rule matches."""

    comment: Comment
    spans: tuple[tuple[int, int], ...]  #: where in its text, in code points
    source: Source  #: of its newest decision


@dataclass(kw_only=True)
class Backtest:
    """The result of a rule tried on past comments."""

    tried: int = 0  #: comments
    caught: int = 0  #: of them
    is_cut: bool = False  #: not all comments of these days were tried
    since: datetime  #: arrival of the oldest comment tried
    standings: StatusCounts = field(default_factory=StatusCounts)
    examples: list[BacktestExample] = field(default_factory=list)


class _PastArrivals:
    """Counts of comments before each tried one, by author, network, and article.

    A network is a single address here: of what is stored, no more is known.
    """

    def __init__(self) -> None:
        self._moments: defaultdict[tuple[BrakeKind, str], list[datetime]]
        self._moments = defaultdict(list)

    def add(self, comment: Comment) -> None:
        """Add a comment; each one is as old as the one before, or older."""
        for kind, value in _origins(comment):
            self._moments[kind, value].append(comment.received_at)

    def exceeds(self, comment: Comment, rate: Condition) -> bool:
        """Return whether more had come than a rate allows, the comment included."""
        moments = self._moments.get((rate.of, dict(_origins(comment)).get(rate.of, "")))
        if moments is None:
            return False
        at = comment.received_at
        since = at - timedelta(minutes=rate.minutes)
        # The newest stand first.
        newer = bisect.bisect_left(moments, -at.timestamp(), key=_age)
        older = bisect.bisect_left(moments, -since.timestamp(), key=_age)
        return older - newer > rate.more_than


def _age(moment: datetime) -> float:
    return -moment.timestamp()


def _origins(comment: Comment) -> Iterator[tuple[BrakeKind, str]]:
    """Yield whose a comment is, as far as that is stored."""
    yield BrakeKind.ARTICLE, str(comment.article_id)
    if comment.ip_pseudonym is not None:
        yield BrakeKind.NETWORK, comment.ip_pseudonym
    if comment.author_record_id is not None:
        yield BrakeKind.AUTHOR, str(comment.author_record_id)


def try_on_newest(
    session: Session,
    site_id: int,
    body: Sequence[Mapping[str, Any]],
    *,
    section: str | None,
    now: datetime,
) -> Backtest:
    """Match conditions, as they are stored, against a site's newest comments.

    Of the last `MAX_NEWEST_SPAN`, up to `MAX_NEWEST`: an admin who imports a list sees
    its effect before switching it on.

    Raises
    ------
    InvalidFields
        As `run_backtest`.
    """
    rule = untitled_rule(body, section)
    since = now - MAX_NEWEST_SPAN
    return run_backtest(session, site_id, rule, since, most=MAX_NEWEST)


def untitled_rule(
    body: Sequence[Mapping[str, Any]], section: str | None
) -> CompiledRule:
    """Return a rule of conditions, as they are stored, that is only tried."""
    return CompiledRule(
        id=0,
        version=0,
        name="",
        action=RuleAction.TAG,
        section=section,
        conditions=tuple(Condition.read(condition) for condition in body),
    )


def run_backtest(
    session: Session,
    site_id: int,
    rule: CompiledRule,
    since: datetime,
    *,
    most: int | None = None,
) -> Backtest:
    """Match a rule against the newest comments of a site since a time.

    Reads only. Texts are tried as they stand now; an author's comment counts as the
    first one if none that came before it stands approved today. Rates count the
    comments that are tried: for the oldest of them, those before are missing.

    Parameters
    ----------
    most
        Comments, up to a batch more; None: `MAX_TRIED`.

    Raises
    ------
    InvalidFields
        If its patterns take too long over one of them.
    """
    rules, backtest = RuleSet([rule]), Backtest(since=since)
    until = time.monotonic() + MAX_SECONDS
    arrivals, unconfirmed = _PastArrivals(), list[tuple[Comment, CandidateMatch]]()
    for rows in _batches(session, site_id, since):
        caught = [
            (comment, match)
            for comment, section in rows
            for match in _matched(rules, comment, section)
        ]
        if rule.needs_first_comment:
            firsts = _first_approved(session, [comment for comment, _ in caught])
            caught = [
                (comment, match)
                for comment, match in caught
                if comment.id <= firsts.get(comment.author_record_id, comment.id)
            ]
        if rule.rates:
            for comment, _ in rows:
                arrivals.add(comment)
            unconfirmed += caught
        else:
            _count(session, backtest, caught)
        backtest.tried += len(rows)
        if backtest.tried >= (most or MAX_TRIED) or time.monotonic() > until:
            backtest.is_cut, backtest.since = True, rows[-1][0].received_at
            break
    confirmed = [
        (comment, match)
        for comment, match in unconfirmed
        if all(arrivals.exceeds(comment, rate) for rate in rule.rates)
    ]
    for start in range(0, len(confirmed), BATCH_SIZE):
        _count(session, backtest, confirmed[start : start + BATCH_SIZE])
    return backtest


def count_statuses(session: Session, rule_id: int, since: datetime) -> StatusCounts:
    """Return the statuses of the comments that a rule has matched since a time.

    Of the newest `MAX_COUNTED` hits.
    """
    newest = (
        sa.select(RuleHit.comment_id)
        .where(
            RuleHit.rule_id == rule_id,
            RuleHit.comment_id >= identifiers.first_id(since),
        )
        .distinct()
        .order_by(RuleHit.comment_id.desc())
        .limit(MAX_COUNTED)
    )
    standings = StatusCounts()
    ids = session.scalars(newest).all()
    for start in range(0, len(ids), BATCH_SIZE):
        part = ids[start : start + BATCH_SIZE]
        sources = _sources(session, part)
        rows = session.execute(
            sa.select(Comment.id, Comment.status).where(
                Comment.id.in_(part), Comment.deleted_at.is_(None)
            )
        )
        for comment_id, status in rows:
            standings.add(Status(status), sources[comment_id])
    return standings


def _batches(
    session: Session, site_id: int, since: datetime
) -> Iterator[Sequence[sa.Row[Comment, str | None]]]:
    before = None
    while True:
        query = (
            sa.select(Comment, Article.section)
            .join(Article, Article.id == Comment.article_id)
            .where(
                Comment.site_id == site_id,
                Comment.id >= identifiers.first_id(since),
                Comment.deleted_at.is_(None),
            )
            .order_by(Comment.id.desc())
            .limit(BATCH_SIZE)
        )
        if before is not None:
            query = query.where(Comment.id < before)
        rows = session.execute(query).all()
        if not rows:
            return
        yield rows
        before = rows[-1][0].id


def _matched(
    rules: RuleSet, comment: Comment, section: str | None
) -> list[CandidateMatch]:
    subject = Subject(
        body=comment.body,
        author_name=comment.author_name,
        author_url=comment.author_url,
        author_id=comment.author_id,
        email_indexes=(comment.email_index,) if comment.email_index else (),
        language=comment.language,
    )
    try:
        return [
            match
            for match in rules.match(subject)
            if match.rule.section in (None, section)
        ]
    except TooSlow:
        complaint = "The patterns take too long over a comment."
        raise InvalidFields({"conditions": [complaint]}) from None


def _first_approved(
    session: Session, comments: Sequence[Comment]
) -> dict[int | None, int]:
    """Return the first approved comment of each author, by the author's record."""
    record_ids = {comment.author_record_id for comment in comments} - {None}
    rows = session.execute(
        sa.select(Comment.author_record_id, sa.func.min(Comment.id))
        .where(
            Comment.author_record_id.in_(record_ids),
            Comment.status == Status.APPROVED.value,
        )
        .group_by(Comment.author_record_id)
    )
    return {row.author_record_id: row[1] for row in rows}


def _count(
    session: Session,
    backtest: Backtest,
    caught: Sequence[tuple[Comment, CandidateMatch]],
) -> None:
    sources = _sources(session, [comment.id for comment, _ in caught])
    for comment, match in caught:
        source = sources[comment.id]
        backtest.caught += 1
        backtest.standings.add(Status(comment.status), source)
        if len(backtest.examples) < MAX_EXAMPLES:
            example = BacktestExample(comment=comment, spans=match.spans, source=source)
            backtest.examples.append(example)


def _sources(session: Session, comment_ids: Sequence[int]) -> dict[int, Source]:
    """Return who took the effective decision on each comment."""
    effective = effective_decisions(Decision.comment_id.in_(comment_ids))
    rows = session.execute(sa.select(effective.comment_id, effective.source))
    return {comment_id: Source(source) for comment_id, source in rows}
