"""Authors' reactions to nudges, as a table of Insights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moderation.console import formats
from moderation.console.blueprint import t
from moderation.database import db
from moderation.insights import nudge_effects
from moderation.insights.months import InsightsQuery
from moderation.insights.nudge_effects import NudgeEffect, NudgeEffects


@dataclass(frozen=True, kw_only=True)
class NudgeTable:
    """Rows with a name and cells: comments, then the share of each effect."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]  #: all nudges first
    days: Sequence[tuple[str, Sequence[str]]]


def read_nudge_table(query: InsightsQuery) -> NudgeTable:
    """Return how authors took the nudges of some days, in all sections."""
    found = nudge_effects.read(db.session(), query.site_id, query.first, query.last)
    named = [(t(f"insights.nudge.of.{nudge}"), each) for nudge, each in found.by_nudge]
    in_all = [(t("insights.nudge.all"), found.in_all)] if named else []
    return NudgeTable(
        columns=[
            t("insights.nudge.shown"),
            *(t(f"insights.nudge.{effect}") for effect in NudgeEffect),
        ],
        rows=[(name, _cells(each)) for name, each in (*in_all, *named)],
        days=[(formats.short_day(day), _cells(each)) for day, each in found.by_day],
    )


def _cells(effects: NudgeEffects) -> list[str]:
    shares = [_share(effects, effect) for effect in NudgeEffect]
    return [formats.figure(effects.shown), *shares]


def _share(effects: NudgeEffects, effect: NudgeEffect) -> str:
    """Return a share with its 95% confidence interval."""
    share = effects.share(effect)
    if share is None:
        return formats.NONE
    low, high = f"{100 * share.low:.0f}", f"{100 * share.high:.0f}"
    return f"{100 * share.value:.0f}% ({low}–{high}%)"
