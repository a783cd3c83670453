"""Reports & appeals: notices of illegal content, and the duties of a site."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from classifiers.text.labels import LABELS
from moderation.accounts.staff import Role
from moderation.console.blueprint import bp, shown_to
from moderation.console.places import find_place
from moderation.console.settings import settings_page
from moderation.objections.complaints import ComplaintOutcome
from moderation.objections.notices import ItemOutcome, NoticeQueue
from moderation.policy.duties import Duty, HostingKind
from moderation.policy.reasons import HOUSE_REASONS
from moderation.web.services import services


@bp.get("/notices")
@shown_to(Role.MODERATOR)
def read_notices() -> ResponseReturnValue:
    """Show notices of illegal content, the most urgent first."""
    place, requested = find_place(role=Role.MODERATOR), request.args.get("queue", "")
    known = requested in list(NoticeQueue)
    return settings_page(
        "notices",
        place,
        queues=list(NoticeQueue),
        chosen=NoticeQueue(requested) if known else NoticeQueue.OPEN,
        outcomes=[one for one in ItemOutcome if one is not ItemOutcome.GONE],
        complaint_outcomes=list(ComplaintOutcome),
        reasons=[*LABELS, *HOUSE_REASONS],
    )


@bp.get("/settings/law")
@shown_to(Role.ADMIN)
def read_law() -> ResponseReturnValue:
    """Show which duties of the law are on at a site, and its trusted flaggers."""
    place = find_place()
    path = url_for("notices.write", site=place.name)
    return settings_page(
        "law",
        place,
        kinds=list(HostingKind),
        duties=list(Duty),
        form_url=f"{services().settings.public_url}{path}",
    )
