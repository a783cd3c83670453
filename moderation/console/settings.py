"""Settings: the pages where admins set the service up, one tab each."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.console.blueprint import bp, shown_to
from moderation.console.navigation import SETTINGS_PARTS
from moderation.console.places import Place, find_place
from moderation.webhooks.outbox import CHOSEN


def settings_page(name: str, place: Place, **values: Any) -> str:
    """Return a page of Settings: the template `name/name.html`, about a site."""
    return render_template(
        f"console/{name}/{name}.html",
        place=place,
        parts_of_settings=SETTINGS_PARTS,
        **values,
    )


@bp.get("/settings")
@shown_to(Role.ADMIN)
def read_settings() -> ResponseReturnValue:
    """Lead to the first page of Settings."""
    return redirect(
        url_for(f".{SETTINGS_PARTS[0].endpoint}", site=request.args.get("site"))
    )


@bp.get("/settings/jobs")
@shown_to(Role.ADMIN)
def read_jobs() -> ResponseReturnValue:
    """Show jobs: running, queued, and ended ones."""
    return settings_page("jobs", find_place())


@bp.get("/settings/alerts")
@shown_to(Role.ADMIN)
def read_alarms() -> ResponseReturnValue:
    """Show drift alerts."""
    return settings_page("alarms", find_place())


@bp.get("/settings/webhooks")
@shown_to(Role.ADMIN)
def read_webhooks() -> ResponseReturnValue:
    """Show the webhooks of a site, and their deliveries."""
    return settings_page("webhooks", find_place(), types=CHOSEN)


#: Pages that were parts of Models, by the last word of their address then.
MOVED = {"jobs": "read_jobs", "alarms": "read_alarms", "webhooks": "read_webhooks"}


@bp.get("/models/<any(jobs, alarms, webhooks):name>")
@shown_to(Role.ADMIN)
def read_moved(name: str) -> ResponseReturnValue:
    """Lead from where a page was to where it is."""
    return redirect(url_for(f".{MOVED[name]}", site=request.args.get("site")))
