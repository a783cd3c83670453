"""The report of a simulated year: headers, sums, and figures against the truth."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping

import pytest
from sqlalchemy.orm import Session

from moderation.transparency import accuracy
from moderation.transparency.accuracy import ALL
from moderation.transparency.audits import count_audits
from moderation.transparency.report import make_report
from moderation.transparency.rows import ReportHead
from moderation.transparency.templates import SHEETS
from tests.builders import Newsroom
from tests.transparency.year import HARMS, YEAR, Year, YearSeeder

KEY = b"a" * 32
HEAD = ReportHead(provider="Gazette Ltd", service="Gazette")
#: SHA-256 of the first line of each of the Commission's templates, read 2026-11.
HEADERS = {
    "1_summary": "09d84a3f915f454bf000221b99bf3d3f2c78e90ec025e4b6d0cbe7a14ed3418d",
    "2_categories_names": (
        "1bffd60e1a8a5d7f7c58249ebb276b210559704804169fddde7329ec2c732d23"
    ),
    "3_member_states_orders": (
        "47e783d3d49d5cc21ee9e9c5b6320b7b9113393567957992284a566b6b02ff77"
    ),
    "4_notices": "31594b4660c08f245477664d87c1f738e22b6c844fbe8802cf03e901844ed550",
    "5_own_initiative_illegal": (
        "bbc7968cc9fe8d6d7fd804af60b7bec1e7d98411e51750cf07c8e16ca0b4d219"
    ),
    "6_own_initiative_TC": (
        "13f9cf98e5d8892577b8f6b522175657516d9b206119828cf8c2967a0eb23c01"
    ),
    "7_appeals_and_recidivism": (
        "06fd42b5f69d0aeb2b23848cf606a1d5f3558b6a7e3c60b650ddccc8f13564b9"
    ),
    "8_automated_means": (
        "06fd42b5f69d0aeb2b23848cf606a1d5f3558b6a7e3c60b650ddccc8f13564b9"
    ),
    "9_human_resources": (
        "bb3294f5b4070d4ac697828b7dbc435c2b0fd683419917cd417b9108abfa8bd7"
    ),
    "10_AMAR": "1f50400a18fa8d29f669fc0a2290175971791e561dd702835da22a2cef02e422",
    "11_qualitative": (
        "7b8fa099fdaa17184f7fc11459e7ce3490cd9025b3a83ce4b43eeffa3b290606"
    ),
}
FIRST_COUNT, COUNTS = 5, 16  # columns of sheets 5 and 6


@pytest.fixture
def seeder(newsroom: Newsroom, session: Session) -> YearSeeder:
    return YearSeeder(newsroom, session)


@pytest.fixture
def year(seeder: YearSeeder) -> Year:
    year = seeder.seed(1_500)
    seeder.store_audits(KEY)
    return year


@pytest.fixture
def report(year: Year, newsroom: Newsroom, session: Session) -> dict[str, str]:
    return make_report(session, newsroom.site_id, YEAR, HEAD)


def rows_of(report: Mapping[str, str], name: str) -> list[list[str]]:
    """Return the rows of a sheet, its header left out."""
    return list(csv.reader(io.StringIO(report[f"{name}.csv"])))[1:]


def test_a_years_report_has_the_templates_headers_and_adds_up(
    report: dict[str, str], year: Year
) -> None:
    assert list(report) == [f"{name}.csv" for name in SHEETS]
    for name in SHEETS:
        first = report[f"{name}.csv"].encode().split(b"\n")[0]
        assert hashlib.sha256(first).hexdigest() == HEADERS[name]
        width = len(next(csv.reader([first.decode()])))
        assert {len(row) for row in rows_of(report, name)} == {width}
    totals = [
        _adds_up(rows_of(report, name))
        for name in ("5_own_initiative_illegal", "6_own_initiative_TC")
    ]
    _add_up_together(report, year, totals)


def _adds_up(rows: list[list[str]]) -> list[int]:
    """Check the sums of a sheet of measures; return its totals."""
    counts = {
        (number, row[3]): [
            int(cell or 0) for cell in row[FIRST_COUNT : FIRST_COUNT + COUNTS]
        ]
        for number, row in enumerate(rows)
    }
    total, categories, parts = [0] * COUNTS, [0] * COUNTS, [0] * COUNTS
    category = [0] * COUNTS
    for (_, code), cells in counts.items():
        own, _, *kinds = cells
        assert own == sum(kinds)
        if code == "TOTAL":
            total = cells
        elif code.startswith("STATEMENT_CATEGORY_"):
            assert parts == category  # of the category before
            category, parts = cells, [0] * COUNTS
            categories = [a + b for a, b in zip(categories, cells, strict=True)]
        else:
            parts = [a + b for a, b in zip(parts, cells, strict=True)]
    assert parts == category
    assert categories == total
    return total


def _add_up_together(
    report: dict[str, str], year: Year, totals: list[list[int]]
) -> None:
    automated = {
        (row[4].strip(), row[5].strip()): row[6]
        for row in reversed(rows_of(report, "8_automated_means"))
    }
    solely = int(
        automated["Number of measures solely taken by automated means", "Total number"]
    )
    not_by = int(
        automated["Number of measures not taken by automated means", "Total number"]
    )
    measures = sum(total[0] for total in totals)
    assert solely + not_by == measures
    assert solely == sum(each.is_rejection for each in year.automatic)
    upheld = sum(each["by"]["verdict"] == "reject" for each in year.appeals)
    by_person = sum(
        row["source"] == "person" and row["verdict"] == "reject"
        for row in year.decisions
    )
    assert not_by == by_person - upheld + year.restricted_authors
    complaints = {
        (row[4], row[5]): row[6] for row in rows_of(report, "7_appeals_and_recidivism")
    }
    name = "Number of complaints submitted to the internal-complaints mechanism"
    assert int(complaints[name, "Total number"]) == len(year.appeals)
    assert int(complaints[name, "Decisions upheld"]) == upheld
    assert int(complaints[name, "Decisions reversed"]) == len(year.appeals) - upheld


def test_what_is_read_of_audits_is_what_was_stored(
    year: Year, newsroom: Newsroom, session: Session
) -> None:
    assert count_audits(session, newsroom.site_id, YEAR) == year.counts(KEY)


def test_intervals_cover_the_truth(year: Year) -> None:
    figures = ("accuracy", "precision", "recall")
    runs = 60
    covered = dict.fromkeys(figures, 0)
    for run in range(runs):
        found = accuracy.measure(year.counts(bytes([run]) * 32), HARMS)[0]
        for name in figures:
            interval = getattr(found, name).interval
            covered[name] += interval.low <= year.truth(name, ALL) <= interval.high
    # 95% of 60, give or take chance; see benchmarks/transparency.py for more runs.
    assert all(count >= 53 for count in covered.values()), covered
