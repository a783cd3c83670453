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
from moderation.rules import backtest, entry_lists, records, store
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
    "--kind",
    type=_choice(LISTS),
    default=ConditionKind.WORDS.value,
    show_default=True,
    help="What the lines are",
)
@click.option(
    "--action",
    type=_choice(RuleAction),
    default=RuleAction.HOLD.value,
    show_default=True,
    help="What the rule does with a comment",
)
@click.option(
    "--mode",
    type=_choice(RuleMode),
    default=RuleMode.OFF.value,
    show_default=True,
    help="Whether the rule acts, or only logs in shadow mode",
)
@click.option("--tag", help="That a comment gets")
@click.option("--skip-wrong", is_flag=True, help="Leave out lines that are no entry")
@click.argument("file", type=click.File("rb"))
def import_words(site: SiteContext, rule: int | None, file: Any, **given: Any) -> None:
    """Make a rule of a list: one word, phrase, domain, or pattern per line.

    Lines that begin with # are comments. Where a line is wrong nothing is taken, unless
    such lines are to be skipped. Says what the rule would have matched of the newest
    comments.
    """
    kind, skips_wrong = ConditionKind(given.pop("kind")), given.pop("skip_wrong")
    try:
        text = file.read().decode()
        read = entry_lists.read_lines(kind, text, skips_wrong=skips_wrong)
    except UnicodeDecodeError:
        raise InvalidFields({file.name: ["The list is not UTF-8."]}) from None
    given["name"] = (given["name"] or file.name.rpartition("/")[2])[:100]
    session, now = db.session(), datetime.now(UTC)
    conditions: list[dict[str, Any]] = [{"kind": kind, "entries": read.entries}]
    seen = None if rule is None else records.find_rule(session, site.id, rule)
    if seen is not None:
        body = seen.conditions.body
        conditions = entry_lists.replace_entries(body, kind, read.entries)
    section = seen.version.section if seen is not None else None
    trial = backtest.try_on_newest(
        session, site.id, conditions, section=section, now=now
    )
    start_writing(session)
    writer = Writer(privacy=services().privacy, staff_id=None, now=now)
    if seen is None:
        fields = {**given, "conditions": conditions}
        entry = store.create_rule(session, site.id, fields, writer)
    else:
        changed = {"conditions": conditions}
        version, rule_id = seen.rule.version, seen.rule.id
        entry = store.update_rule(session, site.id, rule_id, version, changed, writer)
    session.commit()
    for line, complaints in read.complaints.items():
        click.echo(f"Left out {line}: {' '.join(complaints)}", err=True)
    if read.wrong_count > len(read.complaints):
        click.echo(f"Left out {read.wrong_count} lines in all.", err=True)
    row = entry.version
    click.echo(
        f"Rule {row.rule_id} ({row.name}), version {row.number}: "
        f"{len(read.entries):,} entries, {row.action}, {row.mode}."
    )
    click.echo(
        f"Would have matched {trial.caught:,} of the newest {trial.tried:,} comments."
    )
