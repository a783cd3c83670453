"""A site's rules as they are stored, with their versions and matches."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from moderation import identifiers
from moderation.errors import NotFound
from moderation.tables.accounts import Staff
from moderation.tables.rules import Rule, RuleConditions, RuleHit, RuleVersion


@dataclass(kw_only=True)
class MatchCounts:
    """Counts of a rule's recent matches."""

    live: int = 0  #: it was on
    shadow: int = 0  #: it was in shadow


@dataclass(frozen=True, kw_only=True)
class RuleEntry:
    """A rule with one of its versions; conditions may be loaded later."""

    rule: Rule
    version: RuleVersion
    conditions: RuleConditions
    login: str | None  #: of the author of this version; None: the command line
    hits: MatchCounts = field(default_factory=MatchCounts)


def list_rules(session: Session, site_id: int, since: datetime) -> list[RuleEntry]:
    """Return a site's rules, oldest first, with their matches since a time."""
    hits = _hits(session, site_id, since)
    query = _newest(site_id).options(defer(RuleConditions.body)).order_by(Rule.id)
    return [
        _entry(*row, hits=hits.get(row[0].id, MatchCounts()))
        for row in session.execute(query)
    ]


def find_rule(session: Session, site_id: int, rule_id: int) -> RuleEntry:
    """Return a rule of a site.

    Raises
    ------
    NotFound
        If it has no such rule, or it was deleted.
    """
    row = session.execute(
        _newest(site_id)
        .where(Rule.id == rule_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("There is no such rule at this site.")
    return _entry(*row)


def list_versions(session: Session, site_id: int, rule_id: int) -> list[RuleEntry]:
    """Return all versions of a rule, newest first.

    Raises
    ------
    NotFound
        If the site has never had such a rule.
    """
    rows = session.execute(
        _written(site_id)
        .options(defer(RuleConditions.body))
        .where(Rule.id == rule_id)
        .order_by(RuleVersion.number.desc())
    ).all()
    if not rows:
        raise NotFound("There is no such rule at this site.")
    return [_entry(*row) for row in rows]


def find_version(
    session: Session, site_id: int, rule_id: int, number: int
) -> RuleEntry:
    """Return one version of a rule, deleted rules included.

    Raises
    ------
    NotFound
        If there is none.
    """
    row = session.execute(
        _written(site_id).where(Rule.id == rule_id, RuleVersion.number == number)
    ).first()
    if row is None:
        raise NotFound("There is no such version of a rule at this site.")
    return _entry(*row)


_Rows = sa.Select[Rule, RuleVersion, RuleConditions, str]

IS_NEWEST = sa.and_(RuleVersion.rule_id == Rule.id, RuleVersion.number == Rule.version)


def _rows(site_id: int, joined: sa.ColumnElement[bool]) -> _Rows:
    return (
        sa.select(Rule, RuleVersion, RuleConditions, Staff.login)
        .join(RuleVersion, joined)
        .join(RuleConditions, RuleConditions.id == RuleVersion.conditions_id)
        .outerjoin(Staff, Staff.id == RuleVersion.staff_id)
        .where(Rule.site_id == site_id)
    )


def _newest(site_id: int) -> _Rows:
    return _rows(site_id, IS_NEWEST).where(Rule.deleted_at.is_(None))


def _written(site_id: int) -> _Rows:
    return _rows(site_id, RuleVersion.rule_id == Rule.id)


def _entry(
    rule: Rule,
    version: RuleVersion,
    conditions: RuleConditions,
    login: str | None,
    *,
    hits: MatchCounts | None = None,
) -> RuleEntry:
    return RuleEntry(
        rule=rule,
        version=version,
        conditions=conditions,
        login=login,
        hits=hits or MatchCounts(),
    )


def _hits(session: Session, site_id: int, since: datetime) -> dict[int, MatchCounts]:
    """Count matches of comments received since a time, by rule."""
    rows = session.execute(
        sa.select(RuleHit.rule_id, RuleHit.was_shadow, sa.func.count())
        .join(Rule, Rule.id == RuleHit.rule_id)
        .where(
            Rule.site_id == site_id,
            RuleHit.comment_id >= identifiers.first_id(since),
        )
        .group_by(RuleHit.rule_id, RuleHit.was_shadow)
    )
    counts: defaultdict[int, MatchCounts] = defaultdict(MatchCounts)
    for rule_id, was_shadow, number in rows:
        if was_shadow:
            counts[rule_id].shadow = number
        else:
            counts[rule_id].live = number
    return dict(counts)
