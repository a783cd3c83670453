"""The lists of a rule as plain text, one entry a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moderation.errors import InvalidFields
from moderation.rules.conditions import ConditionKind
from moderation.rules.entries import get_max_entries, normalize_entry

COMMENT_SIGN = "#"  # starts a line that is none of the entries
MAX_COMPLAINTS = 20  # lines of an import that are named


def read_lines(kind: ConditionKind, text: str) -> list[str]:
    """Return the entries of a plain list, one a line, without comments.

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
            entries[normalize_entry(kind, line)] = None
        except ValueError as error:
            complaints[f"line {number}"] = [str(error)]
        if len(complaints) == MAX_COMPLAINTS or len(entries) > get_max_entries(kind):
            break
    if complaints:
        raise InvalidFields(complaints)
    if not entries:
        raise InvalidFields({"body": ["Holds no entry."]})
    if len(entries) > get_max_entries(kind):
        complaint = f"More than {get_max_entries(kind):,} entries."
        raise InvalidFields({"body": [complaint]})
    return list(entries)


def format_lines(conditions: Sequence[Mapping[str, Any]]) -> str:
    """Return the lists of a rule as plain text, one entry a line."""
    lists = [condition for condition in conditions if condition.get("entries")]
    lines = []
    for condition in lists:
        lines += [f"# {condition['kind']}"] * (len(lists) > 1)
        lines += condition["entries"]
    return "".join(f"{line}\n" for line in lines)


def replace_entries(
    conditions: Sequence[Mapping[str, Any]], kind: ConditionKind, entries: Sequence[str]
) -> list[dict[str, Any]]:
    """Return conditions with the list of one kind replaced or added."""
    replaced = [
        {**condition, "entries": list(entries)}
        if condition["kind"] == kind
        else dict(condition)
        for condition in conditions
    ]
    if not any(condition["kind"] == kind for condition in conditions):
        replaced.append({"kind": kind, "entries": list(entries)})
    return replaced
