"""The overview: what needs attention now, figures of a period, and a new site's setup.

The page refreshes itself: its script asks for it again and replaces what has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from moderation import identifiers
from moderation.accounts.staff import Person, Role
from moderation.console import courses, formats
from moderation.console.blueprint import bp, chosen_site, shown_to, t, visitor
from moderation.console.courses import Values
from moderation.database import db
from moderation.insights import attention, desk_now, overview, setup, waves
from moderation.insights.attention import AttentionItem, AttentionKind
from moderation.insights.figures import Figures
from moderation.insights.overview import Overview, Period
from moderation.insights.setup import Setup, SetupStep
from moderation.web.services import services

STALE = timedelta(minutes=5)  # after which the page says when it was counted
HOLD_HOURS = 6  # that *Hold similar comments* holds
MAX_SECTIONS = 12  # rows of the table, the most comments first

#: Sends a site's first comment, once its key is in it.
COMMAND = """curl {address} \\
  -H 'Authorization: Bearer YOUR_SITE_KEY' \\
  -H 'Content-Type: application/json' \\
  -d '{{"author_name": "Ada", "author_email": "ada@mail.example",
       "body": "A point away is a point.",
       "article": "https://news.example/first"}}'"""
#: Icon and tone of each kind of item.
LOOKS = {
    AttentionKind.OVERDUE: ("clock", "bad"),
    AttentionKind.ESCALATED: ("escalate", ""),
    AttentionKind.REPORTED: ("flag", "warn"),
    AttentionKind.APPEALED: ("undo", ""),
    AttentionKind.WEBHOOK: ("alert", "bad"),
    AttentionKind.JOB: ("alert", "bad"),
    AttentionKind.ALERT: ("insights", "warn"),
}
#: Pages where each step is done, the first one that there is.
STEP_PAGES = {
    SetupStep.KEY: "console.read_connections",
    SetupStep.HISTORY: "console.read_imports",
    SetupStep.COLLEAGUE: "console.read_people",
    SetupStep.WEBHOOK: "console.read_webhooks",
    SetupStep.POLICY: "console.read_policy_settings",
}


@dataclass(frozen=True, kw_only=True)
class FigureTile:
    """A figure with its course."""

    name: str  #: of its texts
    value: str
    more: str  #: below it
    drawing: Markup
    href: str
    is_late: bool = False


@bp.get("/overview")
@shown_to(Role.MODERATOR)
def read_overview() -> ResponseReturnValue:
    """Show what needs the person now, and the figures of a period."""
    person, session, now = cast(Person, visitor()), db.session(), datetime.now(UTC)
    name = chosen_site(person)
    here = [site_id for site_id, each in person.sites.items() if each == name]
    site_ids = here or person.site_ids(Role.MODERATOR)
    progress = None
    if here and here[0] in person.whole_site_ids(Role.ADMIN):
        progress = setup.read_setup(session, here[0], now)
    if progress and (progress.is_new or "welcome" in request.args):
        return _welcome(name or "", progress)
    period = _period()
    found = overview.read_overview(session, site_ids, period, now)
    items = attention.list_items(session, person, site_ids, now)
    overdue = [item.count for item in items if item.kind is AttentionKind.OVERDUE]
    return render_template(
        "console/overview/overview.html",
        now=now,
        found=found,
        period=period,
        periods=list(Period),
        tiles=_tiles(found, sum(overdue), now),
        items=[_item(item, person) for item in items],
        waves=waves.list_waves(session, site_ids, now),
        draw_rate=_rate,
        people=desk_now.list_people(session, site_ids, now),
        is_lead=bool(person.whole_site_ids(Role.LEAD)),
        whole_site_ids=person.whole_site_ids(Role.MODERATOR),
        sections=_largest(found.by_section),
        sites={person.sites[key]: found.by_site[key] for key in site_ids},
        is_stale=found.as_of is None or now - found.as_of > STALE,
        progress=progress if progress and not progress.is_hidden else None,
        steps=_steps(progress, name) if progress else [],
        site=name,
        hold_hours=HOLD_HOURS,
    )


def _welcome(site: str, progress: Setup) -> ResponseReturnValue:
    """Show the checklist of a site without comments, or with its first one."""
    address = services().settings.public_url or request.host_url
    first = progress.first_comment
    return render_template(
        "console/overview/welcome.html",
        site=site,
        progress=progress,
        steps=_steps(progress, site),
        command=COMMAND.format(address=f"{address.rstrip('/')}/api/v1/comments"),
        first=first,
        first_id=identifiers.encode(first.id) if first else None,
    )


def _period() -> Period:
    requested = request.args.get("period", "")
    return Period(requested) if requested in list(Period) else Period.DAY


def _steps(
    progress: Setup | None, site: str | None
) -> list[tuple[SetupStep, bool, str | None]]:
    """Return the steps, whether each is done, and where it is done."""
    pages = {step: url_for(page, site=site) for step, page in STEP_PAGES.items()}
    done = progress.done.items() if progress else ()
    return [(step, is_done, pages.get(step)) for step, is_done in done]


def _largest(sections: Mapping[str, Figures]) -> list[tuple[str, Figures]]:
    """Return the sections with the most comments, by name."""
    by_size = sorted(sections, key=lambda name: -sections[name].comments)
    return [(name, sections[name]) for name in sorted(by_size[:MAX_SECTIONS])]


def _tiles(found: Overview, overdue: int, now: datetime) -> list[FigureTile]:
    figures, since = found.figures, f"{found.since:%Y-%m-%dT%H:%M:%SZ}"

    def listed(**query: str) -> str:
        return f"{url_for('console.read_comments')}?{urlencode(query)}"

    def course(of: Callable[[Figures], float | None]) -> list[float | None]:
        # The last step but one is the last whole one; what has not begun is no zero.
        return [of(step.figures) for step in found.course if step.start <= now]

    comments = course(lambda each: float(each.comments))
    oldest: Values = [step.oldest_seconds for step in found.course if step.start <= now]
    return [
        FigureTile(
            name="comments",
            value=formats.figure(figures.comments),
            more=_compared(found, lambda each: each.comments),
            drawing=courses.line(comments, _told("comments", comments, "number")),
            href=listed(status="all", **{"from": since}),
        ),
        _share_tile(
            "approved",
            found,
            (lambda each: each.approved, lambda each: each.comments),
            course(formats.share_of_approved),
            listed(status="approved", **{"from": since}),
        ),
        FigureTile(
            name="oldest",
            value=t("overview.none")
            if found.oldest_seconds is None
            else formats.duration(found.oldest_seconds),
            more=t("overview.overdue", count=overdue)
            if overdue
            else t("overview.not_overdue"),
            is_late=overdue > 0,
            drawing=courses.line(oldest, _told("oldest", oldest, "duration")),
            href=listed(status="pending", order="oldest"),
        ),
        _share_tile(
            "automatic",
            found,
            (lambda each: each.automatic, lambda each: each.decided),
            course(formats.share_of_automatic),
            listed(status="all", decided_by="automatically", **{"from": since}),
        ),
        FigureTile(
            name="agreement",
            value=formats.percent(figures.agreed, figures.compared),
            more=t("overview.judged", count=figures.compared),
            drawing=_shares("agreement", course(formats.share_of_agreed)),
            href=url_for("console.read_insights")
            if cast(Person, visitor()).whole_site_ids(Role.LEAD)
            else listed(status="all", **{"from": since}),
        ),
    ]


def _share_tile(
    name: str,
    found: Overview,
    parts: tuple[Callable[[Figures], int], Callable[[Figures], int]],
    values: Values,
    href: str,
) -> FigureTile:
    part, whole = parts

    def pair(figures: Figures) -> tuple[int, int]:
        return part(figures), whole(figures)

    difference = None
    if found.before is not None:
        difference = formats.change_of_share(
            pair(found.whole_hours), pair(found.before)
        )
    more = t("figure.of", part=part(found.figures), whole=whole(found.figures))
    if difference is not None:
        more = t(f"overview.points.{found.period.name.lower()}", points=difference)
    return FigureTile(
        name=name,
        value=formats.percent(*pair(found.figures)),
        more=more,
        drawing=_shares(name, values),
        href=href,
    )


def _shares(name: str, values: Values) -> Markup:
    scale = courses.scale_of_shares(values)
    return courses.line(values, _told(name, values, "share"), scale=scale)


def _told(name: str, values: Values, kind: str) -> str:
    return formats.describe(t(f"overview.figure.{name}"), values, kind)


def _compared(found: Overview, of: Callable[[Figures], int]) -> str:
    """Return how a number has changed, or that it isn't known."""
    difference = None
    if found.before is not None:
        difference = formats.change(of(found.whole_hours), of(found.before))
    if difference is None:
        return t("overview.not_compared")
    return t(f"overview.compared.{found.period.name.lower()}", change=difference)


def _rate(rate: Sequence[int]) -> Markup:
    name = formats.describe(t("overview.rate"), list(map(float, rate)), "number")
    return courses.bars([[("bad", number)] for number in rate], name)


def _item(item: AttentionItem, person: Person) -> dict[str, Any]:
    """Return an item with its look, and the page that shows exactly this."""
    icon, tone = LOOKS[item.kind]
    site = person.sites.get(item.site_id or 0)
    pages: dict[AttentionKind, tuple[str, dict[str, Any]]] = {
        AttentionKind.OVERDUE: ("read_desk", {}),
        AttentionKind.ESCALATED: ("read_comments", {"status": "escalated"}),
        AttentionKind.REPORTED: ("read_comments", {"status": "reported"}),
        AttentionKind.APPEALED: ("read_comments", {"status": "appealed"}),
        AttentionKind.WEBHOOK: ("read_webhooks", {"site": site}),
        AttentionKind.JOB: ("read_jobs", {"site": site}),
        AttentionKind.ALERT: ("read_alarms", {"site": site}),
    }
    endpoint, query = pages[item.kind]
    what = ""
    if "job" in item.facts:
        what = t(f"job.{item.facts['job']}")
    elif "drift" in item.facts:
        what = t(f"overview.drift.{item.facts['drift']}")
    title = t(
        f"overview.item.{item.kind}",
        count=item.count,
        plus="" if item.is_exact else "+",
        host=item.facts.get("host", ""),
        what=what,
    )
    return {
        "title": title,
        "item": item,
        "icon": icon,
        "tone": tone,
        "site": site,
        "href": url_for(f"console.{endpoint}", **query),
    }
