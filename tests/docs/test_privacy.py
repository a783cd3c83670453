"""Every column of the database is accounted for in docs/privacy.md."""

from __future__ import annotations

import re

import moderation.tables  # noqa: F401 - makes every table known
from moderation.database import Table
from moderation.subjects.clocks import DEFAULTS
from tests.docs.pages import prose

PAGE = "docs/privacy.md"
CODE = re.compile(r"`(\w+)`")


def documented() -> set[str]:
    """Return the columns that the page lists, as `table.column`."""
    section = prose(PAGE).partition("## Columns")[2]
    columns = set()
    for line in section.splitlines():
        cells = line.split("|")
        if len(cells) < 4 or not CODE.fullmatch(cells[1].strip()):
            continue
        table = CODE.findall(cells[1])[0]
        # Of tables with personal data: that, and the others; not how long it is kept.
        listed = cells[2] if len(cells) == 4 else cells[3] + cells[5]
        columns |= {f"{table}.{name}" for name in CODE.findall(listed)}
    return columns


def test_every_column_is_listed() -> None:
    stored = {
        f"{table.name}.{column.name}"
        for table in Table.metadata.tables.values()
        for column in table.columns
    }
    assert documented() == stored, "say in docs/privacy.md whose data it is, and why"


def test_every_clock_is_listed_with_its_default() -> None:
    section = prose(PAGE).partition("## Columns")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|", section, re.MULTILINE)
    listed = {name: words.replace(",", "").split()[0] for name, words in rows}
    expected = {each.value: str(days or "until") for each, days in DEFAULTS.items()}
    assert {name: listed.get(name) for name in expected} == expected
