"""The pages where admins retrain, compare, try, and promote models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from classifiers.serving.scorer import Scorer
from moderation import identifiers
from moderation.accounts.staff import Role
from moderation.comments import lookup
from moderation.console import gains
from moderation.console.blueprint import bp, shown_to, t
from moderation.console.navigation import MODEL_PARTS
from moderation.console.places import Place, find_place
from moderation.console.plots import bar
from moderation.database import db
from moderation.learning import comparison, examples, retraining
from moderation.models import model_card, registry
from moderation.models.registry import ModelEntry
from moderation.web.fields import is_storable
from moderation.web.services import services


@bp.get("/models")
@shown_to(Role.ADMIN)
def read_models() -> ResponseReturnValue:
    """Show the models of a site."""
    place, session = find_place(), db.session()
    least = retraining.MIN_DECISIONS
    return _page(
        "models",
        place,
        decisions=examples.count_examples(session, place.id, least),
        min_decisions=least,
        can_roll_back=registry.can_roll_back(session, place.id),
    )


@bp.get("/models/<site>/<version>")
@shown_to(Role.ADMIN)
def read_model(site: str, version: str) -> ResponseReturnValue:
    """Show one model's report: its gate, figures with charts, and contributors."""
    place = find_place(site)
    entry = _entry(place, version)
    return _page(
        "report",
        place,
        entry=entry,
        card=model_card.format_card(entry, site),
        measured=_measured(place, entry.report),
    )


@bp.get("/models/compare")
@shown_to(Role.ADMIN)
def read_comparison() -> ResponseReturnValue:
    """Show two models side by side, on decisions that neither has learned from."""
    place, session = find_place(), db.session()
    entries = registry.list_models(session, place.id, _shipped())
    names = [entry.version for entry in entries]
    active = next((each.version for each in entries if each.is_active), None)
    others = [name for name in names if name != active]
    first = _asked("first", names, active)
    second = _asked("second", names, others[0] if others else None)
    report = None
    if first and second and first != second:
        report = comparison.find_report(session, place.id, first, second)
    return _page(
        "compare",
        place,
        entries=entries,
        first=first,
        second=second,
        measured=_measured(place, report),
    )


@bp.get("/models/shadow")
@shown_to(Role.ADMIN)
def read_shadow() -> ResponseReturnValue:
    """Show where a silent model would decide otherwise."""
    return _page("shadow", find_place())


@bp.get("/blind")
@shown_to(Role.MODERATOR)
def judge_blind() -> ResponseReturnValue:
    """Show texts to judge without what any model says of them."""
    return render_template(
        "console/blind/blind.html", place=find_place(role=Role.MODERATOR)
    )


def _page(name: str, place: Place, **values: Any) -> str:
    return render_template(
        f"console/{name}/{name}.html",
        place=place,
        parts_of_models=MODEL_PARTS,
        **values,
    )


def _entry(place: Place, version: str) -> ModelEntry:
    if not is_storable(version):
        raise NotFound
    return registry.find_model(db.session(), place.id, version, _shipped())


def _shipped() -> Scorer | None:
    return services().scoring.default


def _asked(name: str, known: list[str], otherwise: str | None) -> str | None:
    asked = request.args.get(name)
    return asked if asked in known else otherwise


def _measured(place: Place, report: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the pages show of a report; None where nothing was measured here."""
    if report is None or "comparison" not in report:
        return None
    by_label, by_slice = gains.by_label(report), gains.by_slice(report)
    every = [*by_label, *(each for rows in by_slice.values() for each in rows)]
    return {
        "report": report,
        "since": _day(report.get("held_out_since")),
        "reach": gains.reach_of(every),
        "labels": gains.drawn(by_label, gains.reach_of(every)),
        "slices": {
            kind: gains.drawn(rows, gains.reach_of(every))
            for kind, rows in by_slice.items()
        },
        "counted": gains.counted(every),
        "lengths": gains.LENGTHS,
        "curves": dict(gains.curves_of(report, _axes())),
        "texts": _texts(place, report.get("otherwise") or {}),
        "bar": bar,
    }


def _day(moment: str | None) -> str | None:
    """Return the day of a stored moment as it is read."""
    if moment is None:
        return None
    at = datetime.fromisoformat(moment)
    month = t(f"month.{at.month}")
    return t("report.day", day=str(at.day), month=month, year=str(at.year))


def _axes() -> dict[str, dict[str, str]]:
    return {
        "roc": {
            "across": t("report.axis_harmless_held"),
            "up": t("report.axis_harm_found"),
            "name": t("report.roc"),
        },
        "precision": {
            "across": t("report.axis_harm_found"),
            "up": t("report.axis_right"),
            "name": t("report.precision"),
        },
        "truth": {
            "across": t("report.axis_probability"),
            "up": t("report.axis_came_true"),
            "name": t("report.truth"),
        },
    }


def _texts(place: Place, otherwise: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of comments as they stand; who was erased has none."""
    asked = [each["comment"] for each in otherwise.get("comments", [])]
    found = lookup.texts_of(
        db.session(), place.id, [identifiers.decode(each) for each in asked]
    )
    return {identifiers.encode(number): text for number, text in found.items()}
