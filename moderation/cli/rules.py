"""Commands about rules: plain lists brought in, and written out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from moderation.cli.app import opened
from moderation.database import db, start_writing
from moderation.errors import InvalidFields, NotFound
from moderation.policy import Action
from moderation.rules import store
from moderation.rules.conditions import LISTS, Kind, Mode
from moderation.sites import sites
from moderation.sites.sites import SiteContext
from moderation.web.services import services_of


@click.command("import-words")
@click.option("--site", required=True, help="Name of the site")
@click.option("--name", help="Of the rule; the file's name if left out")
@click.option("--rule", type=int, help="Replace the list of this rule instead")
@click.option("--kind", type=click.Choice(LISTS), default=Kind.WORDS, show_default=True)
@click.option(
    "--action", type=click.Choice(Action), default=Action.HOLD, show_default=True
)
@click.option("--mode", type=click.Choice(Mode), default=Mode.OFF, show_default=True)
@click.option("--tag", help="That a comment gets")
@click.argument("file", type=click.File("rb"))
def import_words(site: str, rule: int | None, file: Any, **given: Any) -> None:
    """Make a plain list a rule: one word, phrase, domain or pattern a line.

    Lines that begin with # are comments. Where a line is wrong nothing is taken.
    """
    kind = Kind(given.pop("kind"))
    try:
        entries = store.read_lines(kind, file.read().decode())
    except UnicodeDecodeError:
        raise InvalidFields({file.name: ["The list is not UTF-8."]}) from None
    given["name"] = (given["name"] or file.name.rpartition("/")[2])[:100]
    with opened() as app:
        session, context = db.session(), _site(site)
        start_writing(session)
        writer: dict[str, Any] = {
            "privacy": services_of(app).privacy,
            "staff_id": None,
            "now": datetime.now(UTC),
        }
        if rule is None:
            conditions = [{"kind": kind, "entries": entries}]
            fields = {**given, "conditions": conditions}
            entry = store.create(session, context.id, fields, **writer)
        else:
            seen = store.find(session, context.id, rule)
            conditions = store.with_entries(seen.conditions.body, kind, entries)
            changed = {"conditions": conditions}
            version = seen.rule.version
            entry = store.change(session, context.id, rule, version, changed, **writer)
        session.commit()
        row = entry.version
        click.echo(
            f"Rule {row.rule_id} ({row.name}), version {row.number}: "
            f"{len(entries):,} entries, {row.action}, {row.mode}."
        )


def _site(name: str) -> SiteContext:
    site = sites.find_by_name(db.session(), name)
    if site is None:
        raise NotFound(f"There is no site {name!r}.")
    return site
