"""The report: the Commission's eleven templates, filled in for a site and a period."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from moderation.policy.provenance import Ground
from moderation.text.csv_files import csv_text
from moderation.transparency import sheets, texts
from moderation.transparency.period import ReportPeriod
from moderation.transparency.records import (
    ReportRecords,
    find_site_name,
    read_records,
)
from moderation.transparency.rows import Cell, ReportHead, RowHead, as_text
from moderation.transparency.sheet_automation import AutomationSheet
from moderation.transparency.templates import SHEETS, read_sheets


def make_report(
    session: Session, site_id: int, period: ReportPeriod, head: ReportHead
) -> dict[str, str]:
    """Return a site's report: the name of each file, and its text.

    Parameters
    ----------
    head
        Without the name of the service, the site's name is used.

    Returns
    -------
    `1_summary.csv` and so on, in order. Lines end with a line feed, as those of the
    templates do.
    """
    if not head.service:
        head = replace(head, service=find_site_name(session, site_id))
    return lay_out(read_records(session, site_id, period), period, head)


def lay_out(
    records: ReportRecords, period: ReportPeriod, head: ReportHead
) -> dict[str, str]:
    """Return the files of a report from what was recorded."""
    counts = records.texts.counts
    all_of = RowHead(applicability="All", service=head.service, period=period)
    of_notices = replace(all_of, applicability=_first_applicability("4_notices"))
    automation = AutomationSheet(
        counts=counts, figures=records.texts.figures, notices=records.notices
    )
    rows: Mapping[str, Iterable[list[Cell]]] = {
        "1_summary": _summary(period, head),
        "2_categories_names": (list(row) for row in _template("2_categories_names")),
        "3_member_states_orders": sheets.orders(all_of),
        "4_notices": sheets.notices(of_notices, records.notices),
        "5_own_initiative_illegal": sheets.own_initiative(
            all_of, counts, Ground.ILLEGAL
        ),
        "6_own_initiative_TC": sheets.own_initiative(all_of, counts, Ground.TERMS),
        "7_appeals_and_recidivism": sheets.complaints(
            all_of,
            records.complaints,
            records.disputes,
            records.suspensions,
            has_notices=records.notices is not None,
        ),
        "8_automated_means": automation.rows(all_of),
        "9_human_resources": _headed("9_human_resources", all_of),
        "10_AMAR": _headed("10_AMAR", all_of),
        "11_qualitative": texts.rows(all_of, records.texts),
    }
    return {
        f"{name}.csv": csv_text(
            [
                read_sheets()[name].header,
                *([as_text(cell) for cell in row] for row in rows[name]),
            ]
        )
        for name in SHEETS
    }


def as_archive(files: Mapping[str, str]) -> bytes:
    """Return the files of a report as a ZIP archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in files.items():
            file.writestr(name, text.encode())
    return archive.getvalue()


def _template(name: str) -> Iterable[tuple[str, ...]]:
    return (tuple(row) for row in read_sheets()[name].rows)


def _first_applicability(name: str) -> str:
    return read_sheets()[name].rows[0][0]


def _summary(period: ReportPeriod, head: ReportHead) -> Iterable[list[Cell]]:
    values: tuple[Cell, ...] = (
        head.provider,
        _day(head.published),
        _day(head.previous),
        period.first.isoformat(),
        period.last.isoformat(),
    )
    for (applicability, _, indicator, _), value in zip(
        _template("1_summary"), values, strict=True
    ):
        yield [applicability, head.service, indicator, value]


def _headed(name: str, head: RowHead) -> Iterable[list[Cell]]:
    """Yield a template's rows without values: asked of very large platforms alone."""
    for applicability, _, _, *cells in _template(name):
        yield [applicability, *head.cells()[1:], *cells]


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
