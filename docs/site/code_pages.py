"""The reference of commands, errors, events, and tables, out of the code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click
import sqlalchemy as sa

import moderation.tables  # noqa: F401 - makes every table known
from docs.site.markdown import code, page, prose, table
from moderation.cli.main import main
from moderation.cli.manual import SECTIONS
from moderation.database import Table
from moderation.errors import ConfigurationError, ModerationError
from moderation.web.errors import HTTP_CODES, status_of
from moderation.webhooks.outbox import EventType

FOLDER = "docs/reference"


def pages() -> dict[str, str]:
    """Return the pages by path."""
    return {
        f"{FOLDER}/cli.md": _commands(),
        f"{FOLDER}/errors.md": _errors(),
        f"{FOLDER}/events.md": _events(),
        f"{FOLDER}/data-model.md": _tables(),
    }


def walk(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command and all below it, each with its words."""
    yield path, command
    if isinstance(command, click.Group):
        for name, each in sorted(command.commands.items()):
            yield from walk(each, (*path, name))


def _commands() -> str:
    parts = []
    for title, names in SECTIONS.items():
        parts.append(f"## {title}")
        for name in names:
            for words, command in walk(main.commands[name], ("moderation", name)):
                parts.append(_command(words, command))
    intro = (
        "Each command has its own `--help`. A command ends with status 0 if it "
        "succeeded, 1 for an error, and 2 for a wrong option."
    )
    return page("Command line", intro, *parts)


def _command(words: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(command, info_name=" ".join(words))
    usage = " ".join(command.collect_usage_pieces(context))
    rows = []
    for parameter in command.get_params(context):
        if not isinstance(parameter, click.Option) or parameter.opts == ["--help"]:
            continue
        names = ", ".join([*parameter.opts, *parameter.secondary_opts])
        rows.append((code(names), prose(parameter.help or "")))
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    paragraphs = [prose(each) for each in text.split("\n\n")]
    heading = "###" if len(words) == 2 else "####"
    return "\n\n".join(
        [
            f"{heading} {' '.join(words)}",
            f"{code(' '.join(words) + ' ' + usage)}",
            *(each for each in paragraphs if each),
            *filter(None, [table(("option", "meaning"), rows)]),
        ]
    )


def error_classes(
    root: type[ModerationError] = ModerationError,
) -> Iterator[type[ModerationError]]:
    """Yield the errors that a request can be answered with."""
    for kind in root.__subclasses__():
        if kind is not ConfigurationError:
            yield kind
            yield from error_classes(kind)


def _errors() -> str:
    ours = sorted(
        (status_of(kind.__new__(kind)), kind.code, (kind.__doc__ or "").split("\n")[0])
        for kind in error_classes()
    )
    rows = [(code(name), str(status), prose(text)) for status, name, text in ours]
    others = [(code(name), str(status)) for status, name in HTTP_CODES.items()]
    return page(
        "Error codes",
        "Every error has the same body: `code` for programs, `message` for people, and "
        "`fields` with the complaints about each bad field.",
        "A code never changes its meaning. The message may: don't compare it. Some "
        "operations replace the message below by a more exact one.",
        table(("code", "status", "message"), rows),
        "## Errors of HTTP",
        "Without a code of their own:",
        table(("code", "status"), others),
    )


def event_meanings() -> dict[str, str]:
    """Return the types of events with the comment behind each in the code."""
    source = inspect.getsource(EventType)
    return dict(
        re.findall(r'^    [A-Z_]+ = "([\w.]+)"  #: (.+)$', source, re.MULTILINE)
    )


def _events() -> str:
    rows = [(code(name), prose(text)) for name, text in event_meanings().items()]
    return page(
        "Events",
        "What a webhook receives. [Webhooks](../webhooks.md) shows a request, lists "
        "the fields of `data` for each type, and verifies a signature.",
        table(("type", "when"), rows),
    )


def _tables() -> str:
    mapped = {
        each.local_table: inspect.getdoc(each.class_) or ""
        for each in Table.registry.mappers
    }
    parts = []
    for each in sorted(Table.metadata.tables.values(), key=lambda each: each.name):
        about = mapped.get(each, "").partition("\n\n")[0]
        rows = [
            (
                code(column.name),
                str(column.type.compile(dialect=sa.create_engine("sqlite://").dialect)),
                "yes" if column.nullable else "no",
                _keys(column),
            )
            for column in each.columns
        ]
        head = ("column", "type on SQLite", "may be null", "key")
        parts += [f"## {each.name}", prose(about), table(head, rows)]
    return page(
        "Data model",
        "All tables with their columns, from the same classes that the service uses. "
        "[Privacy](../privacy.md#columns) lists whose data each column holds, and why.",
        *parts,
    )


def _keys(column: sa.Column[object]) -> str:
    kinds = ["primary key"] if column.primary_key else []
    for key in column.foreign_keys:
        target = key.column.table.name
        kinds.append(f"[{target}](#{target}).{code(key.column.name)}")
    return ", ".join(kinds)
