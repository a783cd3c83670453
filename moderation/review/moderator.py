"""Who acts, and where: what every use case of a moderator needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Moderator:
    """A member of staff at work."""

    staff_id: int
    site_ids: Sequence[int]  #: where the person may decide
    lead_site_ids: Sequence[int] = ()  #: of these, where the person is a lead

    def leads(self, site_id: int) -> bool:
        """Tell whether the person is a lead at a site."""
        return site_id in self.lead_site_ids
