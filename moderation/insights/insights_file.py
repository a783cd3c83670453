"""Figures of some days as CSV."""

from __future__ import annotations

from moderation.insights.figures import COUNTS
from moderation.insights.months import Breakdown, Insights, InsightsRow
from moderation.text.csv_files import csv_text

#: What the first column is called.
KEYS = {
    Breakdown.TIME: "first_day",
    Breakdown.SECTION: "section",
    Breakdown.ARTICLE: "article",
    Breakdown.MODERATOR: "moderator",
    Breakdown.AGENCY: "agency",
    Breakdown.LABEL: "label",
}
PACE = ("median_seconds_to_decision", "p90_seconds_to_decision")


def write(insights: Insights, by: Breakdown) -> str:
    """Return figures as CSV, a row for each part; a name is no formula."""
    header = [KEYS[by], *COUNTS, "pending", *PACE]
    if by is Breakdown.ARTICLE:
        header.append("title")
    if by is Breakdown.TIME:
        header.append("oldest_pending_seconds")
    rows = [_cells(row, by) for row in insights.rows]
    return csv_text([header, *rows])


def _cells(row: InsightsRow, by: Breakdown) -> list[str]:
    figures, pace = row.figures, row.figures.pace
    cells: list[object] = [row.key, *(getattr(figures, name) for name in COUNTS)]
    cells += [figures.pending, pace.median, pace.p90]
    if by is Breakdown.ARTICLE:
        cells.append(row.title)
    if by is Breakdown.TIME:
        cells.append(row.oldest_seconds)
    return ["" if cell is None else str(cell) for cell in cells]
