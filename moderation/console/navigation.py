"""The pages of the console that its bar leads to, and who may see them."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.people import Person, Role


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page in the bar."""

    endpoint: str  #: its view, without the blueprint's name
    text: str  #: key of its name in the catalogue
    role: Role  #: the least one, at any site, that may see it


#: In the order of the bar. The same role stands at the view: `@shown_to(...)`.
PAGES = (
    Page(endpoint="read_desk", text="nav.desk", role=Role.MODERATOR),
    Page(endpoint="read_queue", text="nav.queue", role=Role.MODERATOR),
    Page(endpoint="read_triage", text="nav.triage", role=Role.MODERATOR),
    Page(endpoint="read_campaigns", text="nav.campaigns", role=Role.MODERATOR),
    Page(endpoint="read_decided", text="nav.decided", role=Role.MODERATOR),
    Page(endpoint="read_team", text="nav.team", role=Role.LEAD),
    Page(endpoint="read_rules", text="nav.rules", role=Role.ADMIN),
    Page(endpoint="read_models", text="nav.models", role=Role.ADMIN),
)


def pages_of(person: Person) -> list[Page]:
    """Return the pages that a person may see."""
    return [page for page in PAGES if person.site_ids(page.role)]
