"""The desk and its neighbours: pages that ask the API for all they show."""

from __future__ import annotations

from typing import cast

from flask import render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from classifiers.text.labels import HARMS, LABELS
from moderation.accounts.staff import Person, Role
from moderation.console.blueprint import bp, shown_to, t, visitor
from moderation.policy.reasons import HOUSE_REASONS, ReasonCode
from moderation.web.services import services

#: Key on the desk for each reason of the house; the labels have the digits.
HOUSE_KEYS = dict(zip(HOUSE_REASONS, "oipdx", strict=True))
#: Keys of the desk, and the names of their texts.
KEYS = {
    "A": "approve",
    "R": "reject",
    "1–8": "digits",
    "Shift": "several",
    "S": "skip",
    "E": "escalate",
    "L": "labels",
    "N": "note",
    "H": "author",
    "C": "campaign",
    "U": "undo",
    "O": "open",
    "Enter": "send",
}

#: Why a comment may wait for a person, next to a score.
HELD_FOR = (
    ReasonCode.CARE,
    ReasonCode.UNSCORED,
    ReasonCode.LANGUAGE,
    ReasonCode.PARTLY_READ,
    ReasonCode.PREMODERATION,
    ReasonCode.OUTSIDE_HOURS,
    ReasonCode.CLOSED,
    ReasonCode.EDITED,
    ReasonCode.CLAIMED,
    ReasonCode.RULE,
    ReasonCode.DECEPTIVE_NAME,
    ReasonCode.CAMPAIGN,
    ReasonCode.REPORTED,
    ReasonCode.APPEAL,
)


@bp.get("/")
@shown_to(Role.MODERATOR)
def read_desk() -> ResponseReturnValue:
    """Show the desk."""
    settings = services().settings
    return render_template(
        "console/desk/desk.html",
        labels=HARMS,
        house=HOUSE_KEYS,
        keys=[(key, t(f"desk.key_map.{name}")) for key, name in KEYS.items()],
        undo_seconds=settings.undo_seconds,
        claim_minutes=settings.claim_minutes,
    )


@bp.get("/team")
@shown_to(Role.LEAD)
def read_team() -> ResponseReturnValue:
    """Show how the team works together."""
    person = cast(Person, visitor())
    admin_at = person.site_ids(Role.ADMIN)
    sites = [
        (person.sites[each], each in admin_at)
        for each in person.whole_site_ids(Role.LEAD)
    ]
    return render_template("console/team/team.html", sites=sorted(sites))


@bp.get("/triage")
@shown_to(Role.MODERATOR)
def read_triage() -> ResponseReturnValue:
    """Show pending comments by score, for bulk decisions."""
    person = visitor()
    sites = person.site_ids(Role.MODERATOR) if person else []
    return render_template(
        "console/triage/triage.html",
        sites=sorted(person.sites[each] for each in sites) if person else [],
        labels=HARMS,
        scored_labels=LABELS,
        house=HOUSE_REASONS,
    )


@bp.get("/<path:path>")
def miss(path: str) -> ResponseReturnValue:
    """Answer what is not here with a page, in the shell for who is logged in."""
    visitor()
    raise NotFound
