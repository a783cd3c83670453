"""System status: what works, what doesn't, and what is behind, for admins."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from moderation.accounts.staff import Role
from moderation.api.system import current_status
from moderation.console.blueprint import bp, shown_to
from moderation.console.formats import figure
from moderation.console.places import find_place
from moderation.console.settings import settings_page

MEBIBYTE = 1024**2
GIBIBYTE = 1024**3


@bp.get("/settings/system")
@shown_to(Role.ADMIN)
def read_system() -> ResponseReturnValue:
    """Show the state of the installation, and of a site."""
    place = find_place()
    status = current_status(place.id)
    faults = {name: fault for name, fault in status.parts.items() if fault != "ok"}
    return settings_page(
        "system", place, status=status, faults=faults, here=request.path
    )


@bp.app_template_global()
def size_of(number: int) -> str:
    """Return a number of bytes in MiB, or in GiB from one on."""
    if number >= GIBIBYTE:
        return f"{figure(number / GIBIBYTE, 1)} GiB"
    return f"{figure(number / MEBIBYTE, 1)} MiB"
