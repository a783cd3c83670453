"""A site's rules, written by its admins; every version is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from moderation.audit.actions import AuditAction, TargetKind
from moderation.audit.log import record
from moderation.errors import InvalidFields, StaleRule, TooManyRules
from moderation.policy.rule_matches import RuleAction
from moderation.privacy import Privacy
from moderation.rules.conditions import ConditionKind, RuleMode
from moderation.rules.records import IS_NEWEST, RuleEntry, find_rule
from moderation.tables.accounts import Staff
from moderation.tables.rules import Rule, RuleConditions, RuleVersion
from moderation.tables.sites import Site

MAX_RULES = 500  # of a site; each may hold a long list
MAX_SITE_ENTRIES = 250_000  # words and domains of all rules of a site
MAX_SITE_PATTERNS = 5_000  # of all rules of a site

#: What a condition may hold next to its kind, where it is stored.
PARTS = (
    *("entries", "ids", "names", "least", "most"),
    *("field", "of", "more_than", "minutes"),
)

#: What each version says next to its conditions.
FIELDS = ("name", "mode", "action", "tag", "section")


@dataclass(frozen=True, kw_only=True)
class Writer:
    """The author of a rule, the time, and the keys for addresses."""

    privacy: Privacy
    staff_id: int | None  #: None: the command line
    now: datetime


def create_rule(
    session: Session,
    site_id: int,
    fields: Mapping[str, Any],
    writer: Writer,
) -> RuleEntry:
    """Create a rule from the fields of `api.rule_bodies.NewRule`.

    Raises
    ------
    InvalidFields
        If it is to give a tag, and names none.
    TooManyRules
        If the site has too many, or too long ones.
    """
    _announce(session, site_id)
    rule = Rule(site_id=site_id, version=1, created_at=writer.now)
    session.add(rule)
    session.flush()
    conditions = _conditions(session, site_id, fields["conditions"], writer.privacy)
    kept = {name: fields.get(name) for name in FIELDS}
    entry = _write(session, rule, kept, conditions, writer)
    _refuse_too_many(session, site_id)
    _record(session, AuditAction.RULE_CREATED, entry)
    return entry


def update_rule(
    session: Session,
    site_id: int,
    rule_id: int,
    version: int,
    fields: Mapping[str, Any],
    writer: Writer,
) -> RuleEntry:
    """Create a new version of a rule; omitted fields keep their values.

    Raises
    ------
    NotFound
        If the site has no such rule.
    StaleRule
        If it is not the version that was seen.
    InvalidFields, TooManyRules
        As `create_rule`.
    """
    _announce(session, site_id)
    before = find_rule(session, site_id, rule_id)
    _count_up(session, before.rule, version)
    conditions = before.conditions
    if fields.get("conditions") is not None:
        conditions = _conditions(session, site_id, fields["conditions"], writer.privacy)
    kept = {name: getattr(before.version, name) for name in FIELDS}
    kept.update({name: fields[name] for name in FIELDS if name in fields})
    entry = _write(session, before.rule, kept, conditions, writer)
    _refuse_too_many(session, site_id)
    changed = [name for name in (*FIELDS, "conditions") if name in fields]
    _record(session, AuditAction.RULE_CHANGED, entry, changed)
    return entry


def delete_rule(
    session: Session,
    site_id: int,
    rule_id: int,
    version: int,
    writer: Writer,
) -> None:
    """Mark a rule as deleted; its versions and matches are kept.

    Raises
    ------
    NotFound, StaleRule
        As `update_rule`.
    """
    _announce(session, site_id)
    before = find_rule(session, site_id, rule_id)
    _count_up(session, before.rule, version)
    kept = {name: getattr(before.version, name) for name in FIELDS}
    kept["mode"] = RuleMode.OFF
    entry = _write(session, before.rule, kept, before.conditions, writer)
    before.rule.deleted_at = writer.now
    session.flush()
    _record(session, AuditAction.RULE_DELETED, entry)


def _record(
    session: Session,
    action: AuditAction,
    entry: RuleEntry,
    changed: Sequence[str] = (),
) -> None:
    """Record a new version, without words: a rule may name a person."""
    version = entry.version
    record(
        session,
        action,
        target=(TargetKind.RULE, version.rule_id),
        site_id=entry.rule.site_id,
        version=version.number,
        action=version.action,
        mode=version.mode,
        changed=sorted(changed),
    )


def _announce(session: Session, site_id: int) -> None:
    """Increment the site's rules version, which locks the site."""
    session.execute(
        sa.update(Site)
        .where(Site.id == site_id)
        .values(rules_version=Site.rules_version + 1)
    )


def _count_up(session: Session, rule: Rule, version: int) -> None:
    """Increment a rule's version, if it is still the given one."""
    counted = session.scalar(
        sa.update(Rule)
        .where(Rule.id == rule.id, Rule.version == version, Rule.deleted_at.is_(None))
        .values(version=version + 1)
        .returning(Rule.id)
    )
    if counted is None:
        raise StaleRule
    session.refresh(rule)


def _conditions(
    session: Session,
    site_id: int,
    conditions: Sequence[Mapping[str, Any]],
    privacy: Privacy,
) -> RuleConditions:
    """Store a rule's conditions; email addresses become blind indexes."""
    body = [condition_to_json(condition, privacy, site_id) for condition in conditions]
    counts: dict[bool, int] = defaultdict(int)
    for condition in body:
        counts[condition["kind"] == ConditionKind.PATTERN.value] += len(
            condition.get("entries", ())
        )
    row = RuleConditions(
        site_id=site_id,
        body=body,
        kinds=",".join(dict.fromkeys(condition["kind"] for condition in body)),
        entries=counts[False],
        patterns=counts[True],
    )
    session.add(row)
    session.flush()
    return row


def condition_to_json(
    condition: Mapping[str, Any], privacy: Privacy, site_id: int
) -> dict[str, Any]:
    """Return a condition as stored; email addresses become the site's indexes."""
    given, emails = condition.get("email_indexes", ()), condition.get("emails", ())
    indexes = {
        *(privacy.localize_index(index, site_id) for index in given),
        *(privacy.index_email(email, site_id) for email in emails),
    }
    kept = {
        name: condition[name] for name in PARTS if condition.get(name) not in (None, [])
    }
    kept["kind"] = ConditionKind(condition["kind"]).value
    return {**kept, "email_indexes": sorted(indexes)} if indexes else kept


def _write(
    session: Session,
    rule: Rule,
    fields: Mapping[str, Any],
    conditions: RuleConditions,
    writer: Writer,
) -> RuleEntry:
    action, mode = RuleAction(fields["action"]), RuleMode(fields["mode"])
    if action is RuleAction.TAG and not fields["tag"]:
        raise InvalidFields({"tag": ["Name the tag that the rule gives."]})
    version = RuleVersion(
        rule_id=rule.id,
        number=rule.version,
        conditions_id=conditions.id,
        created_at=writer.now,
        staff_id=writer.staff_id,
        **{**fields, "action": action.value, "mode": mode.value},
    )
    session.add(version)
    session.flush()
    login = session.scalar(sa.select(Staff.login).where(Staff.id == writer.staff_id))
    return RuleEntry(rule=rule, version=version, conditions=conditions, login=login)


def _refuse_too_many(session: Session, site_id: int) -> None:
    rules, entries, patterns = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.sum(RuleConditions.entries),
            sa.func.sum(RuleConditions.patterns),
        )
        .select_from(Rule)
        .join(RuleVersion, IS_NEWEST)
        .join(RuleConditions, RuleConditions.id == RuleVersion.conditions_id)
        .where(Rule.site_id == site_id, Rule.deleted_at.is_(None))
    ).one()
    for number, most, what in (
        (rules, MAX_RULES, "rules"),
        (entries, MAX_SITE_ENTRIES, "words and domains"),
        (patterns, MAX_SITE_PATTERNS, "patterns"),
    ):
        if number > most:
            raise TooManyRules(f"A site has at most {most:,} {what}.")
