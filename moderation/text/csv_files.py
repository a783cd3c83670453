"""CSV that a spreadsheet reads as text, never as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: What makes a spreadsheet compute a cell, or hide that it does. Source: OWASP, "CSV
#: Injection" (https://owasp.org/www-community/attacks/CSV_Injection, read 2026-11).
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV; a cell that would begin a formula gets an apostrophe.

    >>> csv_text([["Ada", "=1+1"]])
    "Ada,'=1+1\\n"
    """
    file = io.StringIO()
    plain = csv.writer(file, lineterminator="\n")
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        # `csv` itself leaves a lone carriage return unquoted, which ends a row.
        writer = quoted if any("\r" in cell for cell in row) else plain
        writer.writerow([_as_text(cell) for cell in row])
    return file.getvalue()


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
