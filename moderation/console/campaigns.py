"""The pages of campaigns and brakes, which ask the API for all they show."""

from __future__ import annotations

from enum import StrEnum
from typing import cast

from flask import render_template, request
from flask.typing import ResponseReturnValue

from classifiers.text.labels import HARMS
from moderation.accounts.staff import Person, Role
from moderation.campaigns import campaigns
from moderation.console.blueprint import bp, shown_to, visitor
from moderation.database import db
from moderation.policy.reasons import HOUSE_REASONS
from moderation.web.services import services

#: Hours for which new near-duplicates are held, or decided the same.
HOURS = (1, 6, 24, 72)


class CampaignTab(StrEnum):
    """The tab of the campaign list."""

    HARM = "harm"  #: the most harmful campaigns first
    NEWEST = "newest"  #: the newest ones first
    PENDING = "pending"  #: those with pending comments
    BRAKES = "brakes"  #: brakes, the newest first


@bp.get("/campaigns")
@shown_to(Role.MODERATOR)
def read_campaigns() -> ResponseReturnValue:
    """Show campaigns, the most harmful first, or brakes."""
    requested = request.args.get("show", "")
    known = requested in list(CampaignTab)
    return render_template(
        "console/campaigns/campaigns.html",
        tabs_shown=list(CampaignTab),
        chosen=CampaignTab(requested) if known else CampaignTab.HARM,
        hours=HOURS,
        whole_sites=_whole_sites(),
    )


@bp.get("/campaigns/<int(max=2147483647):campaign_id>")
@shown_to(Role.MODERATOR)
def read_campaign(campaign_id: int) -> ResponseReturnValue:
    """Show a campaign: what of it is approved, and what can be done about it."""
    sites = cast(Person, visitor()).site_ids(Role.MODERATOR)
    campaign = campaigns.find_campaign(db.session(), sites, campaign_id)
    return render_template(
        "console/campaigns/campaign.html",
        campaign_id=campaign.id,
        labels=HARMS,
        house=HOUSE_REASONS,
        hours=HOURS,
        undo_minutes=services().settings.batch_undo_minutes,
        whole_sites=_whole_sites(),
    )


def _whole_sites() -> list[str]:
    """Return the sites whose brakes the person may release and extend."""
    person = cast(Person, visitor())
    return sorted(person.sites[each] for each in person.whole_site_ids(Role.MODERATOR))
