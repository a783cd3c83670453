"""The Commission's templates: their headers, rows, and categories, as data.

Source: Annex I to Commission Implementing Regulation (EU) 2024/2835 of 4 November 2024,
the CSV templates in English (read 2026-11). `templates/sheets.json` has their cells as
they are, spaces at the end included.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

#: The sheets in order; each is published as a file of this name.
SHEETS = (
    "1_summary",
    "2_categories_names",
    "3_member_states_orders",
    "4_notices",
    "5_own_initiative_illegal",
    "6_own_initiative_TC",
    "7_appeals_and_recidivism",
    "8_automated_means",
    "9_human_resources",
    "10_AMAR",
    "11_qualitative",
)
TOTAL = "TOTAL"
OTHER = "KEYWORD_OTHER"
TERMS_ONLY = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
ORDERS_ONLY = "STATEMENT_CATEGORY_NOT_SPECIFIED_ORDER"
NOTICES_ONLY = "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One template."""

    header: Sequence[str]
    #: of sheets 3 to 6 the first one alone: the others follow from the categories
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Category:
    """A category of content, with its sub-categories in the order of the templates."""

    code: str  #: `STATEMENT_CATEGORY_…`
    name: str
    keywords: Sequence[str]  #: `KEYWORD_…`, the last one `KEYWORD_OTHER`; or none


@functools.cache
def read_sheets() -> MappingProxyType[str, Sheet]:
    """Return the templates by name."""
    file = resources.files("moderation.transparency") / "templates" / "sheets.json"
    sheets = json.loads(file.read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            name: Sheet(
                header=tuple(sheets[name]["header"]),
                rows=tuple(tuple(row) for row in sheets[name]["rows"]),
            )
            for name in SHEETS
        }
    )


@functools.cache
def read_categories() -> tuple[Category, ...]:
    """Return all categories, those of orders and notices alone included."""
    names: dict[str, str] = {}
    keywords: dict[str, list[str]] = {}
    category = ""
    for _, name, code, _ in read_sheets()["2_categories_names"].rows:
        if code.startswith("STATEMENT_CATEGORY_"):
            category = code
            names[code], keywords[code] = name.strip(), []
        elif code != TOTAL:
            keywords[category].append(code)
    return tuple(
        Category(code=code, name=names[code], keywords=tuple(keywords[code]))
        for code in names
    )


def categories_of(sheet: str) -> tuple[Category, ...]:
    """Return the categories that a sheet, 3 to 6, has rows for."""
    left_out = {
        "3_member_states_orders": {TERMS_ONLY, NOTICES_ONLY},
        "4_notices": {TERMS_ONLY, ORDERS_ONLY},
        "5_own_initiative_illegal": {TERMS_ONLY, ORDERS_ONLY, NOTICES_ONLY},
        "6_own_initiative_TC": {ORDERS_ONLY, NOTICES_ONLY},
    }[sheet]
    return tuple(each for each in read_categories() if each.code not in left_out)
