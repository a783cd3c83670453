"""The desk and its neighbours: pages that ask the API for all they show."""

from __future__ import annotations

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from classifiers.labels import LABELS
from moderation.console.blueprint import bp, shown_to
from moderation.people import Role
from moderation.policy import HOUSE_REASONS

#: Key on the desk for each reason of the house; the labels have the digits.
HOUSE_KEYS = dict(zip(HOUSE_REASONS, "oipdx", strict=True))
#: What the key map of the desk shows: a key, and the name of its text.
KEYS = {
    "A": "approve",
    "R": "reject",
    "1 – 8": "digits",
    "Shift": "several",
    "S": "skip",
    "E": "escalate",
    "L": "labels",
    "N": "note",
    "C": "campaign",
    "U": "undo",
    "O": "open",
    "Esc": "escape",
    "?": "map",
}


@bp.get("/")
@shown_to(Role.MODERATOR)
def read_desk() -> ResponseReturnValue:
    """Show the desk."""
    settings = current_app.extensions["settings"]
    return render_template(
        "console/desk.html",
        labels=LABELS,
        house=HOUSE_KEYS,
        keys=KEYS,
        undo_seconds=settings.undo_seconds,
        claim_minutes=settings.claim_minutes,
    )


@bp.get("/decided")
@shown_to(Role.MODERATOR)
def read_decided() -> ResponseReturnValue:
    """Show what was decided lately."""
    return render_template("console/decided.html", labels=LABELS)


@bp.get("/<path:path>")
def miss(path: str) -> ResponseReturnValue:
    """Answer what is not here with a page."""
    raise NotFound
