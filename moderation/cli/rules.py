"""Commands about rules: plain lists brought in, and written out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import click

from moderation.cli.options import site_option
from moderation.database import db, start_writing
from moderation.errors import InvalidFields
from moderation.policy.rule_matches import RuleAction
from moderation.rules import entry_lists, records, store
from moderation.rules.conditions import LISTS, ConditionKind, RuleMode
from moderation.rules.store import Writer
from moderation.sites.sites import SiteContext
from moderation.web.services import services


def _choice(members: Iterable[StrEnum]) -> click.Choice[str]:
    """Return a choice of values: of an enumeration, click would take the names."""
    return click.Choice([member.value for member in members], case_sensitive=False)


@click.command("import-words")
@site_option
@click.option("--name", help="Of the rule; the file's name if left out")
@click.option("--rule", type=int, help="Replace the list of this rule instead")
@click.option(
    "--kind", type=_choice(LISTS), default=ConditionKind.WORDS.value, show_default=True
)
@click.option(
    "--action",
    type=_choice(RuleAction),
    default=RuleAction.HOLD.value,
    show_default=True,
)
@click.option(
    "--mode", type=_choice(RuleMode), default=RuleMode.OFF.value, show_default=True
)
@click.option("--tag", help="That a comment gets")
@click.argument("file", type=click.File("rb"))
def import_words(site: SiteContext, rule: int | None, file: Any, **given: Any) -> None:
    """Make a plain list a rule: one word, phrase, domain or pattern a line.

    Lines that begin with # are comments. Where a line is wrong nothing is taken.
    """
    kind = ConditionKind(given.pop("kind"))
    try:
        entries = entry_lists.read_lines(kind, file.read().decode())
    except UnicodeDecodeError:
        raise InvalidFields({file.name: ["The list is not UTF-8."]}) from None
    given["name"] = (given["name"] or file.name.rpartition("/")[2])[:100]
    session = db.session()
    start_writing(session)
    writer = Writer(privacy=services().privacy, staff_id=None, now=datetime.now(UTC))
    if rule is None:
        conditions = [{"kind": kind, "entries": entries}]
        fields = {**given, "conditions": conditions}
        entry = store.create_rule(session, site.id, fields, writer)
    else:
        seen = records.find_rule(session, site.id, rule)
        conditions = entry_lists.replace_entries(seen.conditions.body, kind, entries)
        changed = {"conditions": conditions}
        version = seen.rule.version
        entry = store.update_rule(session, site.id, rule, version, changed, writer)
    session.commit()
    row = entry.version
    click.echo(
        f"Rule {row.rule_id} ({row.name}), version {row.number}: "
        f"{len(entries):,} entries, {row.action}, {row.mode}."
    )
