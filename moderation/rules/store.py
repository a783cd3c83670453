"""A site's rules, kept with every change: written by its admins, never overwritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from moderation import identifiers
from moderation.errors import InvalidFields, NotFound, StaleRule, TooManyRules
from moderation.policy.rule_matches import Action
from moderation.privacy import Privacy
from moderation.rules.conditions import Kind, Mode
from moderation.rules.entries import clean, most_of
from moderation.tables.accounts import Staff
from moderation.tables.rules import Rule, RuleConditions, RuleHit, RuleVersion
from moderation.tables.sites import Site

MOST_RULES = 500  # of a site; each may hold a long list
MOST_SITE_ENTRIES = 250_000  # words and domains of all rules of a site
MOST_SITE_PATTERNS = 5_000  # of all rules of a site

#: What each version says beside its conditions.
FIELDS = ("name", "mode", "action", "tag", "section")
COMMENT_SIGN = "#"  # starts a line that is none of the entries
MOST_COMPLAINTS = 20  # lines of an import that are named


@dataclass(kw_only=True)
class Hits:
    """How often a rule matched of late."""

    live: int = 0  #: it was on
    shadow: int = 0  #: it was in shadow


@dataclass(frozen=True, kw_only=True)
class RuleEntry:
    """A rule as it stands; its conditions are read only where they are asked for."""

    rule: Rule
    version: RuleVersion
    conditions: RuleConditions
    login: str | None  #: of whoever wrote this version; None: the command line
    hits: Hits = field(default_factory=Hits)


def create(
    session: Session,
    site_id: int,
    fields: Mapping[str, Any],
    *,
    privacy: Privacy,
    staff_id: int | None,
    now: datetime,
) -> RuleEntry:
    """Add a rule. `fields` are those of `api.rule_bodies.NewRule`.

    Raises
    ------
    InvalidFields
        If it is to give a tag, and names none.
    TooManyRules
        If the site has too many, or too long ones.
    """
    _announce(session, site_id)
    rule = Rule(site_id=site_id, version=1, created_at=now)
    session.add(rule)
    session.flush()
    conditions = _conditions(session, site_id, fields["conditions"], privacy)
    kept = {name: fields.get(name) for name in FIELDS}
    entry = _write(session, rule, kept, conditions, staff_id, now)
    _refuse_too_many(session, site_id)
    return entry


def change(
    session: Session,
    site_id: int,
    rule_id: int,
    version: int,
    fields: Mapping[str, Any],
    *,
    privacy: Privacy,
    staff_id: int | None,
    now: datetime,
) -> RuleEntry:
    """Write a further version of a rule; what `fields` leave out stays.

    Raises
    ------
    NotFound
        If the site has no such rule.
    StaleRule
        If it is not the version that was seen.
    InvalidFields, TooManyRules
        As `create`.
    """
    _announce(session, site_id)
    before = find(session, site_id, rule_id)
    _count_up(session, before.rule, version)
    conditions = before.conditions
    if fields.get("conditions") is not None:
        conditions = _conditions(session, site_id, fields["conditions"], privacy)
    kept = {name: getattr(before.version, name) for name in FIELDS}
    kept.update({name: fields[name] for name in FIELDS if name in fields})
    entry = _write(session, before.rule, kept, conditions, staff_id, now)
    _refuse_too_many(session, site_id)
    return entry


def delete(
    session: Session,
    site_id: int,
    rule_id: int,
    version: int,
    *,
    staff_id: int | None,
    now: datetime,
) -> None:
    """Take a rule out of use; its versions and what it matched stay on record.

    Raises
    ------
    NotFound, StaleRule
        As `change`.
    """
    _announce(session, site_id)
    before = find(session, site_id, rule_id)
    _count_up(session, before.rule, version)
    kept = {name: getattr(before.version, name) for name in FIELDS}
    kept["mode"] = Mode.OFF
    _write(session, before.rule, kept, before.conditions, staff_id, now)
    before.rule.deleted_at = now
    session.flush()


def list_rules(session: Session, site_id: int, since: datetime) -> list[RuleEntry]:
    """Return the rules of a site, the oldest first, with their hits since a moment."""
    hits = _hits(session, site_id, since)
    query = _newest(site_id).options(defer(RuleConditions.body)).order_by(Rule.id)
    return [
        _entry(*row, hits=hits.get(row[0].id, Hits())) for row in session.execute(query)
    ]


def find(session: Session, site_id: int, rule_id: int) -> RuleEntry:
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


def versions(session: Session, site_id: int, rule_id: int) -> list[RuleEntry]:
    """Return all that was ever written of a rule, the newest first.

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
    """Return one version of a rule, also of a deleted one.

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


def read_lines(kind: Kind, text: str) -> list[str]:
    """Return the entries of a plain list: one a line, comments and blanks left out.

    Raises
    ------
    InvalidFields
        Naming the lines that are wrong; if one is, none is taken.
    """
    entries: dict[str, None] = {}
    complaints: dict[str, list[str]] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(COMMENT_SIGN):
            continue
        try:
            entries[clean(kind, line)] = None
        except ValueError as error:
            complaints[f"line {number}"] = [str(error)]
        if len(complaints) == MOST_COMPLAINTS or len(entries) > most_of(kind):
            break
    if complaints:
        raise InvalidFields(complaints)
    if not entries:
        raise InvalidFields({"body": ["Holds no entry."]})
    if len(entries) > most_of(kind):
        complaint = f"More than {most_of(kind):,} entries."
        raise InvalidFields({"body": [complaint]})
    return list(entries)


def lines_of(conditions: Sequence[Mapping[str, Any]]) -> str:
    """Return the lists of a rule as plain text, one entry a line."""
    lists = [each for each in conditions if each.get("entries")]
    lines = []
    for each in lists:
        lines += [f"# {each['kind']}"] * (len(lists) > 1)
        lines += each["entries"]
    return "".join(f"{line}\n" for line in lines)


def with_entries(
    conditions: Sequence[Mapping[str, Any]], kind: Kind, entries: Sequence[str]
) -> list[dict[str, Any]]:
    """Return conditions with the list of one kind replaced, or added if it is new."""
    replaced = [
        {**each, "entries": list(entries)} if each["kind"] == kind else dict(each)
        for each in conditions
    ]
    if not any(each["kind"] == kind for each in conditions):
        replaced.append({"kind": kind, "entries": list(entries)})
    return replaced


def _announce(session: Session, site_id: int) -> None:
    """Count the site's changes up, which locks it: one change at a time."""
    session.execute(
        sa.update(Site)
        .where(Site.id == site_id)
        .values(rules_version=Site.rules_version + 1)
    )


def _count_up(session: Session, rule: Rule, seen: int) -> None:
    """Count a rule's version up from the one that was seen."""
    counted = session.scalar(
        sa.update(Rule)
        .where(Rule.id == rule.id, Rule.version == seen, Rule.deleted_at.is_(None))
        .values(version=seen + 1)
        .returning(Rule.id)
    )
    if counted is None:
        raise StaleRule
    session.refresh(rule)


def _conditions(
    session: Session,
    site_id: int,
    wanted: Sequence[Mapping[str, Any]],
    privacy: Privacy,
) -> RuleConditions:
    """Store what a rule looks for; addresses become their blind indexes."""
    body = [stored(each, privacy) for each in wanted]
    counts: dict[bool, int] = defaultdict(int)
    for each in body:
        counts[each["kind"] == Kind.PATTERN.value] += len(each.get("entries", ()))
    conditions = RuleConditions(
        site_id=site_id,
        body=body,
        kinds=",".join(dict.fromkeys(each["kind"] for each in body)),
        entries=counts[False],
        patterns=counts[True],
    )
    session.add(conditions)
    session.flush()
    return conditions


def stored(condition: Mapping[str, Any], privacy: Privacy) -> dict[str, Any]:
    """Return a condition as it is kept: addresses become their blind indexes."""
    indexes = {
        *condition.get("email_indexes", ()),
        *(privacy.index_email(each) for each in condition.get("emails", ())),
    }
    kept = {
        name: condition[name]
        for name in ("entries", "ids", "names", "least", "most")
        if condition.get(name) not in (None, [])
    }
    kept["kind"] = Kind(condition["kind"]).value
    return {**kept, "email_indexes": sorted(indexes)} if indexes else kept


def _write(
    session: Session,
    rule: Rule,
    fields: Mapping[str, Any],
    conditions: RuleConditions,
    staff_id: int | None,
    now: datetime,
) -> RuleEntry:
    action, mode = Action(fields["action"]), Mode(fields["mode"])
    if action is Action.TAG and not fields["tag"]:
        raise InvalidFields({"tag": ["Name the tag that the rule gives."]})
    version = RuleVersion(
        rule_id=rule.id,
        number=rule.version,
        conditions_id=conditions.id,
        created_at=now,
        staff_id=staff_id,
        **{**fields, "action": action.value, "mode": mode.value},
    )
    session.add(version)
    session.flush()
    login = session.scalar(sa.select(Staff.login).where(Staff.id == staff_id))
    return RuleEntry(rule=rule, version=version, conditions=conditions, login=login)


def _refuse_too_many(session: Session, site_id: int) -> None:
    rules, entries, patterns = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.sum(RuleConditions.entries),
            sa.func.sum(RuleConditions.patterns),
        )
        .select_from(Rule)
        .join(RuleVersion, _IS_NEWEST)
        .join(RuleConditions, RuleConditions.id == RuleVersion.conditions_id)
        .where(Rule.site_id == site_id, Rule.deleted_at.is_(None))
    ).one()
    for number, most, what in (
        (rules, MOST_RULES, "rules"),
        (entries, MOST_SITE_ENTRIES, "words and domains"),
        (patterns, MOST_SITE_PATTERNS, "patterns"),
    ):
        if number > most:
            raise TooManyRules(f"A site has at most {most:,} {what}.")


_Rows = sa.Select[Rule, RuleVersion, RuleConditions, str]

_IS_NEWEST = sa.and_(RuleVersion.rule_id == Rule.id, RuleVersion.number == Rule.version)


def _rows(site_id: int, joined: sa.ColumnElement[bool]) -> _Rows:
    return (
        sa.select(Rule, RuleVersion, RuleConditions, Staff.login)
        .join(RuleVersion, joined)
        .join(RuleConditions, RuleConditions.id == RuleVersion.conditions_id)
        .outerjoin(Staff, Staff.id == RuleVersion.staff_id)
        .where(Rule.site_id == site_id)
    )


def _newest(site_id: int) -> _Rows:
    return _rows(site_id, _IS_NEWEST).where(Rule.deleted_at.is_(None))


def _written(site_id: int) -> _Rows:
    return _rows(site_id, RuleVersion.rule_id == Rule.id)


def _entry(
    rule: Rule,
    version: RuleVersion,
    conditions: RuleConditions,
    login: str | None,
    *,
    hits: Hits | None = None,
) -> RuleEntry:
    return RuleEntry(
        rule=rule,
        version=version,
        conditions=conditions,
        login=login,
        hits=hits or Hits(),
    )


def _hits(session: Session, site_id: int, since: datetime) -> dict[int, Hits]:
    """Count hits on comments that came since a moment, by rule."""
    rows = session.execute(
        sa.select(RuleHit.rule_id, RuleHit.was_shadow, sa.func.count())
        .join(Rule, Rule.id == RuleHit.rule_id)
        .where(
            Rule.site_id == site_id,
            RuleHit.comment_id >= identifiers.first_id(since),
        )
        .group_by(RuleHit.rule_id, RuleHit.was_shadow)
    )
    found: defaultdict[int, Hits] = defaultdict(Hits)
    for rule_id, was_shadow, number in rows:
        if was_shadow:
            found[rule_id].shadow = number
        else:
            found[rule_id].live = number
    return dict(found)
