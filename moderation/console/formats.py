"""Figures in words: shares, times, and days, as the languages write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from moderation.console.blueprint import bp, spoken, t
from moderation.insights.figures import Figures

MIN_CASES = 30  # under which a share is given in numbers, not in percent
MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
NONE = "–"


@bp.app_template_global()
def percent(part: int, whole: int) -> str:
    """Return a share of a whole, or its numbers where they are few."""
    if not whole:
        return NONE
    if whole < MIN_CASES:
        return t("figure.of", part=part, whole=whole)
    return spoken().language.write_percent(100 * part / whole, 1)


@bp.app_template_global()
def figure(value: float, decimals: int = 0, *, sign: str = "-") -> str:
    """Return a number as the page's language writes it."""
    return spoken().language.write_number(value, decimals, sign=sign)


@bp.app_template_global()
def duration(seconds: float | None) -> str:
    """Return a time in the largest unit that it fills."""
    if seconds is None:
        return NONE
    if seconds < MINUTE:
        return t("figure.seconds", count=int(seconds))
    if seconds < HOUR:
        return t("figure.minutes", count=int(seconds // MINUTE))
    if seconds < 2 * DAY:
        return t("figure.hours", count=int(seconds // HOUR))
    return t("figure.days", count=int(seconds // DAY))


@bp.app_template_global()
def short_day(moment: datetime | date) -> str:
    """Return a day without its year, such as "Nov 30"."""
    return t("figure.day", day=moment.day, month=t(f"figure.month.{moment.month}"))


@bp.app_template_global()
def hour_of(moment: datetime) -> str:
    """Return a clock time in UTC, with its day."""
    return t("figure.hour", day=short_day(moment), time=f"{moment:%H:%M}")


@bp.app_template_global()
def change(now: int, before: int) -> str | None:
    """Return by how much a number has changed, in percent; None: by an unknown share.

    Few cases tell nothing.
    """
    if before < MIN_CASES:
        return None
    return spoken().language.write_percent(100 * (now - before) / before, sign="+")


@bp.app_template_global()
def change_of_share(now: tuple[int, int], before: tuple[int, int]) -> str | None:
    """Return by how much a share has changed, in percentage points."""
    if now[1] < MIN_CASES or before[1] < MIN_CASES:
        return None
    points = 100 * (now[0] / now[1] - before[0] / before[1])
    return figure(points, 1, sign="+")


def share(part: int, whole: int) -> float | None:
    """Return a share of a whole, 0 to 1; None: of nothing."""
    return part / whole if whole else None


def share_of_approved(figures: Figures) -> float | None:
    """Return the share of comments that are approved."""
    return share(figures.approved, figures.comments)


def share_of_automatic(figures: Figures) -> float | None:
    """Return the share of decided comments that were decided automatically."""
    return share(figures.automatic, figures.decided)


def share_of_agreed(figures: Figures) -> float | None:
    """Return the share of judged automatic decisions that moderators agreed with."""
    return share(figures.agreed, figures.compared)


def share_of_overturned(figures: Figures) -> float | None:
    """Return the share of staff's decisions that others have overturned."""
    return share(figures.overturned, figures.decisions)


def describe(name: str, values: Sequence[float | None], kind: str) -> str:
    """Return what a line shows, in words.

    Parameters
    ----------
    kind
        How a value is written: `number`, `share`, or `duration`.
    """
    known = [value for value in values if value is not None]
    if not known:
        return t("figure.no_course", name=name)
    first, last, lowest, highest = (
        _written(value, kind) for value in (known[0], known[-1], min(known), max(known))
    )
    return t(
        "figure.course",
        name=name,
        first=first,
        last=last,
        lowest=lowest,
        highest=highest,
    )


def _written(value: float, kind: str) -> str:
    if kind == "share":
        return spoken().language.write_percent(100 * value, 1)
    if kind == "duration":
        return duration(value)
    return figure(value)


def highest(values: Iterable[float | None]) -> float:
    """Return the highest of the values that are known."""
    return max((value for value in values if value is not None), default=0.0)
