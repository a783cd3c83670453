"""The pages of the console that its bar leads to, and who may see them."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from moderation.accounts.staff import Person, Role


@dataclass(frozen=True, kw_only=True)
class NavigationEntry:
    """A page in the bar."""

    endpoint: str  #: its view, without the blueprint's name
    text: str  #: key of its name in the catalogue
    role: Role  #: the least one, at any site, that may see it
    parts: tuple[NavigationEntry, ...] = ()  #: pages that it leads to, in their order
    also: tuple[str, ...] = ()  #: views without a place of their own in a bar

    def leads_to(self, endpoint: str | None) -> bool:
        """Return whether a view is this page, or one of its parts."""
        name = (endpoint or "").removeprefix("console.")
        own = (self.endpoint, *self.also)
        return name in own or any(each.leads_to(name) for each in self.parts)


MODEL_PARTS = (
    NavigationEntry(endpoint="read_comparison", text="nav.comparison", role=Role.ADMIN),
    NavigationEntry(endpoint="read_shadow", text="nav.shadow", role=Role.ADMIN),
    NavigationEntry(endpoint="read_thresholds", text="nav.thresholds", role=Role.ADMIN),
    NavigationEntry(endpoint="read_jobs", text="nav.jobs", role=Role.ADMIN),
    NavigationEntry(endpoint="read_alarms", text="nav.alarms", role=Role.ADMIN),
    NavigationEntry(endpoint="read_webhooks", text="nav.webhooks", role=Role.ADMIN),
)
#: Where people judge texts blind; the bar has it while there is something to judge.
BLIND = NavigationEntry(endpoint="judge_blind", text="nav.blind", role=Role.MODERATOR)

#: In the order of the bar. The same role stands at the view: `@shown_to(...)`.
PAGES = (
    NavigationEntry(endpoint="read_desk", text="nav.desk", role=Role.MODERATOR),
    NavigationEntry(endpoint="read_queue", text="nav.queue", role=Role.MODERATOR),
    NavigationEntry(endpoint="read_triage", text="nav.triage", role=Role.MODERATOR),
    NavigationEntry(
        endpoint="read_campaigns", text="nav.campaigns", role=Role.MODERATOR
    ),
    NavigationEntry(endpoint="read_decided", text="nav.decided", role=Role.MODERATOR),
    BLIND,
    NavigationEntry(endpoint="read_team", text="nav.team", role=Role.LEAD),
    NavigationEntry(endpoint="read_rules", text="nav.rules", role=Role.ADMIN),
    NavigationEntry(
        endpoint="read_models",
        text="nav.models",
        role=Role.ADMIN,
        parts=MODEL_PARTS,
        also=("read_model",),
    ),
)


def pages_of(
    person: Person, *, without: Container[NavigationEntry] = ()
) -> list[NavigationEntry]:
    """Return the pages that the bar shows a person."""
    return [
        page for page in PAGES if page not in without and person.site_ids(page.role)
    ]
