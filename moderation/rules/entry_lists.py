"""The lists of a rule as plain text, one entry a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moderation.errors import InvalidFields
from moderation.rules.conditions import ConditionKind
from moderation.rules.entries import get_max_entries, normalize_entry

COMMENT_SIGN = "#"  # starts a line that is none of the entries
MAX_COMPLAINTS = 20  # lines of an import that are named


@dataclass(frozen=True, kw_only=True)
class PlainList:
    """The entries of a plain list, and the lines that are none."""

    entries: list[str]
    #: `line 7` to what is wrong with it; up to `MAX_COMPLAINTS`
    complaints: dict[str, list[str]]
    wrong_count: int  #: lines that were left out


def read_lines(
    kind: ConditionKind, text: str, *, skips_wrong: bool = False
) -> PlainList:
    """Return the entries of a plain list, one a line, without comments.

    Parameters
    ----------
    skips_wrong
        Leave out lines that are wrong; otherwise, if one is, none is taken.

    Raises
    ------
    InvalidFields
        Naming the lines that are wrong, or if no entry is left.
    """
    entries: dict[str, None] = {}
    complaints: dict[str, list[str]] = {}
    wrong_count = 0
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(COMMENT_SIGN):
            continue
        try:
            entries[normalize_entry(kind, line)] = None
        except ValueError as error:
            wrong_count += 1
            if wrong_count <= MAX_COMPLAINTS:
                complaints[f"line {number}"] = [str(error)]
        is_refused = wrong_count == MAX_COMPLAINTS and not skips_wrong
        if is_refused or len(entries) > get_max_entries(kind):
            break
    if complaints and not skips_wrong:
        raise InvalidFields(complaints)
    if not entries:
        raise InvalidFields({"body": ["Holds no entry."]})
    if len(entries) > get_max_entries(kind):
        complaint = f"More than {get_max_entries(kind):,} entries."
        raise InvalidFields({"body": [complaint]})
    return PlainList(
        entries=list(entries), complaints=complaints, wrong_count=wrong_count
    )


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
