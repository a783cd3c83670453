"""The page where admins retrain, compare, promote and try; and its drawings."""

from __future__ import annotations

from flask import Response, current_app, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from classifiers.labels import LABELS
from moderation import registry
from moderation.console.blueprint import bp, shown_to, t, visitor
from moderation.console.plots import Bar, gains
from moderation.database import db
from moderation.errors import NotFound as NoSuchThing
from moderation.people import Role
from moderation.schemas.fields import is_storable


@bp.get("/models")
@shown_to(Role.ADMIN)
def read_models() -> ResponseReturnValue:
    """Show the models of a site."""
    person = visitor()
    ids = person.site_ids(Role.ADMIN) if person else []
    names = sorted(person.sites[each] for each in ids) if person else []
    return render_template("console/models.html", sites=names, labels=LABELS)


@bp.get("/models/<site>/<version>.svg")
@shown_to(Role.ADMIN)
def draw_model(site: str, version: str) -> ResponseReturnValue:
    """Draw what a model gains over the one that decided when it was trained."""
    person = visitor()
    ids = person.site_ids(Role.ADMIN) if person else []
    found = [each for each in ids if person and person.sites[each] == site]
    if not found or not is_storable(version):
        raise NotFound
    shipped = current_app.extensions["scoring"].default
    try:
        entry = registry.find_model(db.session(), found[0], version, shipped)
    except NoSuchThing:
        raise NotFound from None
    report = entry.report or {}
    if "comparison" not in report:
        raise NotFound
    bars = [
        Bar(name=t(f"label.{label}"), **each["gain"])
        for label, each in report["comparison"]["auc"].items()
    ]
    bars += [
        Bar(name=f"{each['name']} · {each['label']}", **each["auc"]["gain"])
        for each in report.get("slices", [])
    ]
    return Response(gains(bars), mimetype="image/svg+xml")
