"""The compiled rules of sites, cached per process."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.policy.rule_matches import RuleAction
from moderation.rules.conditions import CompiledRule, Condition, RuleMode, Subject
from moderation.rules.matching import CandidateMatch, RuleSet
from moderation.sites.sites import SiteContext
from moderation.tables.rules import Rule, RuleConditions, RuleVersion

logger = logging.getLogger(__name__)

SETS_KEPT = 64  # sites whose rules stay in memory; a list of 100,000 takes some 30 MiB
TRIED_AGAIN_SECONDS = 60.0  # after rules could not be compiled


@dataclass(frozen=True, kw_only=True)
class RuleResult:
    """The rules of a site that may match a text and its author."""

    matches: tuple[CandidateMatch, ...] = ()
    is_known: bool = True  #: False: the rules could not be asked


NOTHING = RuleResult()
UNKNOWN = RuleResult(is_known=False)


@dataclass(frozen=True, kw_only=True)
class _Kept:
    version: int  #: the site's `rules_version` that it was read for, or a later one
    rules: RuleSet | None  #: None: they can't be compiled
    until: float = math.inf  #: of the monotonic clock; then it is tried again


class RuleSets:
    """The compiled rules of sites, cached in this process.

    A change of any rule counts the site's `rules_version` up, which each request reads
    with its site: so a change holds for the next request on every machine.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, _Kept] = OrderedDict()

    def match(
        self, session: Session, site: SiteContext, subject: Subject
    ) -> RuleResult:
        """Match a site's rules; reads them only if they changed.

        Any error in here is a fault of the service: the comment is then held.
        """
        if site.rules_version == 0:
            return NOTHING
        rules = self._of(session, site)
        if rules is None:
            return UNKNOWN
        try:
            return RuleResult(matches=rules.match(subject))
        except Exception:
            logger.exception("the rules of site %s can't be asked", site.id)
            return UNKNOWN

    def _of(self, session: Session, site: SiteContext) -> RuleSet | None:
        """Return a site's compiled rules; None if they can't be compiled.

        One thread compiles while the others wait: it may take a second.
        """
        with self._lock:
            kept = self._kept.get(site.id)
            if (
                kept is None
                or kept.version < site.rules_version
                or kept.until < time.monotonic()
            ):
                kept = self._kept[site.id] = _compiled(session, site)
            self._kept.move_to_end(site.id)
            while len(self._kept) > SETS_KEPT:
                self._kept.popitem(last=False)
        return kept.rules


def _compiled(session: Session, site: SiteContext) -> _Kept:
    rows = load_rules(session, site.id)
    try:
        return _Kept(version=site.rules_version, rules=RuleSet(rows))
    except Exception:
        logger.exception("the rules of site %s can't be compiled", site.id)
    until = time.monotonic() + TRIED_AGAIN_SECONDS
    return _Kept(version=site.rules_version, rules=None, until=until)


def load_rules(session: Session, site_id: int) -> list[CompiledRule]:
    """Return a site's rules that are on or in shadow mode, oldest first."""
    rows = session.execute(
        sa.select(RuleVersion, RuleConditions.body)
        .join(
            Rule,
            sa.and_(Rule.id == RuleVersion.rule_id, Rule.version == RuleVersion.number),
        )
        .join(RuleConditions, RuleConditions.id == RuleVersion.conditions_id)
        .where(
            Rule.site_id == site_id,
            Rule.deleted_at.is_(None),
            RuleVersion.mode != RuleMode.OFF.value,
        )
        .order_by(Rule.id)
    )
    return [
        CompiledRule(
            id=version.rule_id,
            version=version.number,
            name=version.name,
            action=RuleAction(version.action),
            tag=version.tag,
            section=version.section,
            is_shadow=version.mode == RuleMode.SHADOW.value,
            conditions=tuple(Condition.read(condition) for condition in body),
        )
        for version, body in rows
    ]
