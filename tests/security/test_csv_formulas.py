"""Cells of CSV files, which a spreadsheet takes for formulas.

Based on CWE-1236 (improper neutralization of formula elements in a CSV file):
`=cmd|'/C calc'!A0` in an export starts a program on the machine that opens it.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from moderation.compat.akismet.accounts import as_csv
from moderation.text.csv_files import csv_text

PACKAGE = Path(__file__).parents[2] / "moderation"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"], ids=ascii)
def test_a_cell_that_begins_a_formula_is_text(sign: str) -> None:
    formula = f"{sign}cmd|/C calc!A0"
    (row,) = csv.reader([csv_text([["a", formula, f"b{sign}"]]).rstrip("\n")])
    assert row[0] == "a"
    assert row[1] == f"'{formula}"
    assert row[2] == f"b{sign}"


def test_the_usage_of_a_key_has_no_formula() -> None:
    rows = [{"site": "=cmd|/C calc!A0", "api_calls": "1", "is_revoked": False}]
    text = as_csv({"2026-11": rows, "limit": 500, "offset": 0, "total": 1})
    assert text.splitlines()[-1] == "'=cmd|/C calc!A0,1,false"


def test_no_other_module_writes_csv() -> None:
    writers = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if re.search(r"\bcsv\.(writer|DictWriter)\b", path.read_text())
    }
    assert writers == {"csv_files.py"}
