"""The pages of the console that its navigation leads to, and who may see them."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from moderation.accounts.staff import Person, Role

#: Headings of the navigation, in its order; the first one has none.
GROUPS = ("work", "insight", "setup")


@dataclass(frozen=True, kw_only=True)
class NavigationEntry:
    """A page in the navigation."""

    endpoint: str  #: its view, without the blueprint's name
    text: str  #: key of its name in the catalogue
    role: Role  #: the least one, at any site, that may see it
    icon: str = ""  #: name in `icons.ICONS`; tabs have none
    group: str = GROUPS[0]
    key: str = ""  #: leads there after a G, in lower case
    count: str = ""  #: which of the live counts stands next to it, see `badges.js`
    is_urgent: bool = False  #: its count is one of faults, and red
    is_at_thumb: bool = False  #: in the bar at the bottom of a phone, which has four
    parts: tuple[NavigationEntry, ...] = ()  #: its tabs, in their order
    also: tuple[str, ...] = ()  #: views without a place of their own

    def leads_to(self, endpoint: str | None) -> bool:
        """Return whether a view is this page, or one of its parts."""
        name = (endpoint or "").removeprefix("console.")
        own = (self.endpoint, *self.also)
        return name in own or any(each.leads_to(name) for each in self.parts)


MODEL_PARTS = (
    NavigationEntry(endpoint="read_comparison", text="nav.comparison", role=Role.ADMIN),
    NavigationEntry(endpoint="read_rehearsal", text="nav.rehearsal", role=Role.ADMIN),
    NavigationEntry(endpoint="read_shadow", text="nav.shadow", role=Role.ADMIN),
)
SETTINGS_PARTS = (
    NavigationEntry(
        endpoint="read_policy_settings", text="nav.policy", role=Role.ADMIN
    ),
    NavigationEntry(
        endpoint="read_connections", text="nav.connections", role=Role.ADMIN
    ),
    NavigationEntry(endpoint="read_imports", text="nav.imports", role=Role.ADMIN),
    NavigationEntry(endpoint="read_privacy", text="nav.privacy", role=Role.ADMIN),
    NavigationEntry(endpoint="read_law", text="nav.law", role=Role.ADMIN),
    NavigationEntry(endpoint="read_people", text="nav.people", role=Role.ADMIN),
    NavigationEntry(
        endpoint="read_notifications", text="nav.notifications", role=Role.ADMIN
    ),
    NavigationEntry(endpoint="read_audit_log", text="nav.audit_log", role=Role.ADMIN),
    NavigationEntry(endpoint="read_system", text="nav.system", role=Role.ADMIN),
    NavigationEntry(endpoint="read_jobs", text="nav.jobs", role=Role.ADMIN),
    NavigationEntry(endpoint="read_alarms", text="nav.alarms", role=Role.ADMIN),
    NavigationEntry(endpoint="read_webhooks", text="nav.webhooks", role=Role.ADMIN),
)
#: Where people judge texts blind; listed while there is something to judge.
BLIND = NavigationEntry(
    endpoint="judge_blind", text="nav.blind", role=Role.MODERATOR, icon="blind"
)

#: In the order of the navigation. The same role stands at the view: `@shown_to(...)`.
PAGES = (
    NavigationEntry(
        endpoint="read_overview",
        text="nav.overview",
        role=Role.MODERATOR,
        icon="overview",
        key="o",
    ),
    NavigationEntry(
        endpoint="read_desk",
        text="nav.desk",
        role=Role.MODERATOR,
        icon="desk",
        key="d",
        count="pending",
        is_at_thumb=True,
    ),
    NavigationEntry(
        endpoint="read_comments",
        text="nav.comments",
        role=Role.MODERATOR,
        icon="comments",
        key="c",
        is_at_thumb=True,
        also=("read_comment",),
    ),
    NavigationEntry(
        endpoint="read_triage",
        text="nav.triage",
        role=Role.MODERATOR,
        icon="triage",
        key="t",
        is_at_thumb=True,
    ),
    NavigationEntry(
        endpoint="read_campaigns",
        text="nav.campaigns",
        role=Role.MODERATOR,
        icon="campaigns",
        key="w",
        count="brakes",
        is_urgent=True,
        is_at_thumb=True,
        also=("read_campaign",),
    ),
    NavigationEntry(
        endpoint="read_notices",
        also=("read_disputes",),
        text="nav.notices",
        role=Role.MODERATOR,
        icon="flag",
        key="n",
    ),
    NavigationEntry(
        endpoint="read_authors",
        text="nav.authors",
        role=Role.MODERATOR,
        icon="author",
        key="a",
        also=("read_author",),
    ),
    BLIND,
    NavigationEntry(
        endpoint="read_insights",
        text="nav.insights",
        role=Role.LEAD,
        icon="insights",
        group="insight",
        key="i",
    ),
    NavigationEntry(
        endpoint="read_team",
        text="nav.team",
        role=Role.LEAD,
        icon="team",
        group="insight",
    ),
    NavigationEntry(
        endpoint="read_transparency",
        text="nav.transparency",
        role=Role.LEAD,
        icon="file",
        group="insight",
    ),
    NavigationEntry(
        endpoint="read_models",
        text="nav.models",
        role=Role.ADMIN,
        icon="models",
        group="setup",
        key="m",
        parts=MODEL_PARTS,
        also=("read_model",),
    ),
    NavigationEntry(
        endpoint="read_rules",
        text="nav.rules",
        role=Role.ADMIN,
        icon="rules",
        group="setup",
    ),
    NavigationEntry(
        endpoint="read_settings",
        text="nav.settings",
        role=Role.ADMIN,
        icon="settings",
        group="setup",
        key="s",
        parts=SETTINGS_PARTS,
    ),
)


def every_page() -> list[NavigationEntry]:
    """Return all pages of the navigation, and their parts."""
    return [entry for page in PAGES for entry in (page, *page.parts)]


def pages_of(
    person: Person, *, without: Container[NavigationEntry] = ()
) -> list[NavigationEntry]:
    """Return the pages that the navigation shows a person."""
    return [
        page for page in PAGES if page not in without and person.site_ids(page.role)
    ]
