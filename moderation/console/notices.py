"""Reports & appeals: notices of illegal content, and the duties of a site."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from flask import request, url_for
from flask.typing import ResponseReturnValue

from classifiers.text.labels import HARMS
from moderation.accounts import second_factor
from moderation.accounts.staff import Person, Role
from moderation.console.blueprint import bp, shown_to, t, visitor
from moderation.console.places import find_place
from moderation.console.settings import settings_page
from moderation.database import db
from moderation.errors import Forbidden
from moderation.objections.complaints import ComplaintOutcome
from moderation.objections.disputes import DisputeOutcome
from moderation.objections.notices import ItemOutcome, NoticeQueue
from moderation.policy.duties import Duty, HostingKind
from moderation.policy.reasons import HOUSE_REASONS
from moderation.web.services import services

#: The Commission's list of certified bodies (read 2026-11).
DISPUTE_BODIES = (
    "https://digital-strategy.ec.europa.eu/en/policies/dsa-out-court-dispute-settlement"
)


@bp.get("/notices")
@shown_to(Role.MODERATOR)
def read_notices() -> ResponseReturnValue:
    """Show notices of illegal content, the most urgent first."""
    place, requested = find_place(role=Role.MODERATOR), request.args.get("queue", "")
    known, person = requested in list(NoticeQueue), cast(Person, visitor())
    return settings_page(
        "notices",
        place,
        queues=list(NoticeQueue),
        chosen=NoticeQueue(requested) if known else NoticeQueue.OPEN,
        outcomes=[one for one in ItemOutcome if one is not ItemOutcome.GONE],
        complaint_outcomes=list(ComplaintOutcome),
        reasons=[*HARMS, *HOUSE_REASONS],
        is_lead=place.id in person.whole_site_ids(Role.LEAD),
        needs_code=second_factor.is_on(db.session(), person.id),
    )


@bp.get("/disputes")
@shown_to(Role.LEAD)
def read_disputes() -> ResponseReturnValue:
    """Show disputes before out-of-court bodies, and enter them."""
    place = find_place(role=Role.LEAD)
    if place.id not in cast(Person, visitor()).whole_site_ids(Role.LEAD):
        raise Forbidden(t("refused.role", role=t(f"role.{Role.LEAD}")))
    return settings_page(
        "disputes",
        place,
        queues=list(NoticeQueue),
        outcomes=list(DisputeOutcome),
        bodies_url=DISPUTE_BODIES,
        today=datetime.now(UTC).date(),
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
