"""Insights: the figures of any months, with plots, tables, and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from moderation.accounts import memberships
from moderation.accounts.staff import Person, Role
from moderation.console import courses, formats
from moderation.console.blueprint import bp, chosen_site, shown_to, t, visitor
from moderation.console.courses import Values
from moderation.console.nudge_figures import read_nudge_table
from moderation.database import db
from moderation.insights import agencies, months
from moderation.insights.figures import Figures
from moderation.insights.months import (
    MAX_DAYS,
    Breakdown,
    InsightsQuery,
    InsightsRow,
    StepLength,
)
from moderation.web.fields import is_storable

DAYS = 28  # that are shown at first
MAX_ROWS = 100  # articles of a table; the file has all of them


#: Columns of the tables about comments, and of those about people.
COMMENT_COLUMNS = (
    *("comments", "approved", "rejected", "automatic", "decisions", "pace"),
    *("overturned", "reports"),
)
PEOPLE_COLUMNS = (
    *("decisions", "rejections", "pace", "overdue", "overturned", "agreement"),
)
#: What a cell of each column says.
CELLS: dict[str, Callable[[Figures], str]] = {
    "comments": lambda each: formats.figure(each.comments),
    "approved": lambda each: formats.percent(each.approved, each.comments),
    "rejected": lambda each: formats.percent(each.rejected, each.comments),
    "automatic": lambda each: formats.percent(each.automatic, each.decided),
    "decisions": lambda each: formats.figure(each.decisions),
    "rejections": lambda each: formats.percent(each.rejections, each.decisions),
    "pace": lambda each: formats.duration(each.pace.median),
    "overdue": lambda each: formats.percent(each.overdue, each.timed),
    "overturned": lambda each: formats.percent(each.overturned, each.decisions),
    "agreement": lambda each: formats.percent(each.agreed, each.compared),
    "reports": lambda each: formats.figure(each.reports),
}


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Something over time: drawn, in words, and as a table."""

    name: str  #: of its texts
    drawing: Markup
    head: str  #: the value at the head of the drawing
    foot: str
    columns: Sequence[str]  #: names of the table's columns after the first
    rows: Sequence[tuple[str, Sequence[str]]]
    legend: Sequence[str] = ()  #: classes of its parts, which are texts, too


@bp.get("/insights")
@shown_to(Role.LEAD)
def read_insights() -> ResponseReturnValue:
    """Show the figures of any months, by time and by one thing more."""
    person, session = cast(Person, visitor()), db.session()
    whole = person.whole_site_ids(Role.LEAD)
    sites = sorted(person.sites[site_id] for site_id in whole)
    asked = request.args.get("site")
    if asked and asked not in sites:
        raise NotFound
    chosen = asked or chosen_site(person)
    site = chosen if chosen in sites else next(iter(sites), None)
    if site is None:  # a lead of some sections alone
        return render_template("console/insights/insights.html", sites=[], site=None)
    site_id = next(key for key in whole if person.sites[key] == site)
    query, complaint = _query(site_id)
    by = _breakdown()
    course = months.read_insights(session, query, Breakdown.TIME)
    found = months.read_insights(session, query, by)
    is_admin = site_id in person.whole_site_ids(Role.ADMIN)
    return render_template(
        "console/insights/insights.html",
        sites=sites,
        site=site,
        query=query,
        complaint=complaint,
        today=datetime.now(UTC).date(),
        by=by,
        tabs_shown=[each for each in Breakdown if each is not Breakdown.TIME],
        link=lambda by: _address(site, query, by),
        file=lambda by: _file(site, query, by),
        sections=months.list_sections(session, site_id),
        tiles=_tiles(found.figures),
        column_names=[
            t(f"insights.by.{by}"),
            *(t(f"insights.column.{name}") for name in _columns(by)),
        ],
        cells_of=lambda figures: [CELLS[name](figures) for name in _columns(by)],
        as_of=found.as_of,
        plots=_plots(course.rows, query.step),
        rows=found.rows[:MAX_ROWS],
        row_count=len(found.rows),
        nudges=read_nudge_table(query),
        members=_members(site_id) if is_admin and by is Breakdown.AGENCY else [],
    )


def _query(site_id: int) -> tuple[InsightsQuery, str | None]:
    """Return which days are asked for, and why it is not those; None: it is."""
    today = datetime.now(UTC).date()
    default = (today - timedelta(days=DAYS - 1), today)
    section = request.args.get("section") or None
    if section is not None and not is_storable(section):
        section = None
    days, complaint = default, None
    if "from" in request.args or "to" in request.args:
        try:
            first, last = (
                date.fromisoformat(request.args.get(name, ""))
                for name in ("from", "to")
            )
        except ValueError:
            complaint = t("insights.no_days")
        else:
            count = (last - first).days + 1
            is_in_reach = date(2000, 1, 1) <= first and last <= date(2100, 1, 1)
            if 1 <= count <= MAX_DAYS and is_in_reach:
                days = (first, last)
            else:
                complaint = t("insights.too_many_days", count=MAX_DAYS)
    first, last = days
    query = InsightsQuery(site_id=site_id, first=first, last=last, section=section)
    return query, complaint


def _breakdown() -> Breakdown:
    requested = request.args.get("by", "")
    known = requested in list(Breakdown) and requested != Breakdown.TIME
    return Breakdown(requested) if known else Breakdown.SECTION


def _address(site: str, query: InsightsQuery, by: Breakdown) -> str:
    chosen: dict[str, object] = {"site": site, "by": by}
    chosen |= {"from": query.first, "to": query.last}
    if query.section is not None:
        chosen["section"] = query.section
    return f"{url_for('console.read_insights')}?{urlencode(chosen)}"


def _file(site: str, query: InsightsQuery, by: Breakdown) -> str:
    chosen: dict[str, object] = {"from": query.first, "to": query.last, "by": by}
    if query.section is not None:
        chosen["section"] = query.section
    return f"/sites/{site}/insights/file?{urlencode(chosen)}"


def _members(site_id: int) -> list[tuple[str, str]]:
    """Return the usernames of a site's people, each with the agency."""
    session = db.session()
    names = agencies.read_members(session, site_id)
    members = memberships.list_members(session, site_id, datetime.now(UTC))
    return [(each.staff.login, names.get(each.staff.id, "")) for each in members]


def _columns(by: Breakdown) -> Sequence[str]:
    is_about_people = by in (Breakdown.MODERATOR, Breakdown.AGENCY)
    return PEOPLE_COLUMNS if is_about_people else COMMENT_COLUMNS


def _tiles(figures: Figures) -> list[tuple[str, str, str]]:
    """Return the figures of all days: the name of a text, the value, what is below."""
    approved = formats.percent(figures.approved, figures.comments)
    more = {
        "comments": t("insights.more.approved", share=approved),
        "automatic": _numbers(figures.automatic, figures.decided),
        "pace": t("insights.more.p90", time=formats.duration(figures.pace.p90)),
        "overturned": _numbers(figures.overturned, figures.decisions),
        "agreement": _numbers(figures.agreed, figures.compared),
        "reports": "",
    }
    return [(name, CELLS[name](figures), below) for name, below in more.items()]


def _numbers(part: int, whole: int) -> str:
    """Return a share in numbers, where it is given in percent above."""
    is_told = whole < formats.MIN_CASES
    return "" if is_told else t("figure.of", part=part, whole=whole)


def step_name(key: str, length: StepLength) -> str:
    """Return the name of a step of time."""
    day = date.fromisoformat(key)
    if length is StepLength.MONTH:
        return t(
            "figure.year", month=t(f"figure.month.{day.month}"), year=str(day.year)
        )
    return formats.short_day(day)


def _plots(rows: Sequence[InsightsRow], length: StepLength) -> list[Plot]:
    names = [step_name(row.key, length) for row in rows]
    return [
        _comments(rows, names),
        _share_plot(rows, names, "automatic", ("automatic", "decided")),
        _pace_plot(rows, names),
        _share_plot(rows, names, "overturned", ("overturned", "decisions")),
        _oldest_plot(rows, names),
        _share_plot(rows, names, "agreement", ("agreed", "compared")),
    ]


def _comments(rows: Sequence[InsightsRow], names: Sequence[str]) -> Plot:
    kinds = ("approved", "pending", "rejected")
    values = [float(row.figures.comments) for row in rows]
    title = t("insights.plot.comments")
    return Plot(
        name="comments",
        drawing=courses.bars(
            [[(kind, getattr(row.figures, kind)) for kind in kinds] for row in rows],
            formats.describe(title, values, "number"),
        ),
        head=formats.figure(formats.highest(values)),
        foot="0",
        columns=[t("insights.plot.comments"), *(t(f"status.{kind}") for kind in kinds)],
        rows=[
            (
                name,
                [
                    formats.figure(getattr(row.figures, each))
                    for each in ("comments", *kinds)
                ],
            )
            for name, row in zip(names, rows, strict=True)
        ],
        legend=kinds,
    )


def _share_plot(
    rows: Sequence[InsightsRow], names: Sequence[str], name: str, pair: tuple[str, str]
) -> Plot:
    def numbers(figures: Figures) -> tuple[int, int]:
        return getattr(figures, pair[0]), getattr(figures, pair[1])

    values = [formats.share(*numbers(row.figures)) for row in rows]
    is_low = name == "overturned"
    scale = _scale_from_zero(values) if is_low else courses.scale_of_shares(values)
    title = t(f"insights.plot.{name}")
    return Plot(
        name=name,
        drawing=courses.line(
            values, formats.describe(title, values, "share"), scale=scale
        ),
        head=f"{scale[1]:.0%}",
        foot=f"{scale[0]:.0%}",
        columns=[t("insights.share"), t("insights.numbers")],
        rows=[
            (
                step,
                [
                    formats.NONE if value is None else f"{value:.1%}",
                    t("figure.of", part=part, whole=whole),
                ],
            )
            for step, value, (part, whole) in zip(
                names, values, (numbers(row.figures) for row in rows), strict=True
            )
        ],
    )


def _scale_from_zero(values: Values) -> tuple[float, float]:
    """Return a scale for shares that are low as a rule: to 20%, 50%, or 100%."""
    top = formats.highest(values)
    return 0.0, next(each for each in (0.2, 0.5, 1.0) if top <= each)


def _pace_plot(rows: Sequence[InsightsRow], names: Sequence[str]) -> Plot:
    return _duration_plot("pace", names, [row.figures.pace.median for row in rows])


def _oldest_plot(rows: Sequence[InsightsRow], names: Sequence[str]) -> Plot:
    return _duration_plot("oldest", names, [row.oldest_seconds for row in rows])


def _duration_plot(name: str, names: Sequence[str], values: Values) -> Plot:
    told: Callable[[float | None], str] = formats.duration
    return Plot(
        name=name,
        drawing=courses.line(
            values, formats.describe(t(f"insights.plot.{name}"), values, "duration")
        ),
        head=told(formats.highest(values)),
        foot="0",
        columns=[t("insights.time")],
        rows=[(step, [told(value)]) for step, value in zip(names, values, strict=True)],
    )
