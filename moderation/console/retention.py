"""Data that every site keeps for the same time, for the pages of Settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from moderation.accounts.known_devices import DEVICE_LASTS
from moderation.accounts.login_attempts import FORGET_CODES_AFTER
from moderation.campaigns.arrivals import LONGEST_WINDOW
from moderation.campaigns.clustering import WINDOW
from moderation.desk.export import EXPORT_LASTS


@dataclass(frozen=True, kw_only=True)
class KeptData:
    """Some kind of data, and when it is deleted."""

    name: str  #: of its texts in the catalogue
    lasts: timedelta | None = None  #: None: until it is erased

    @property
    def hours(self) -> int:
        """Return how long it is kept, in whole hours; 0: until it is erased."""
        return 0 if self.lasts is None else self.lasts // timedelta(hours=1)


def list_kept() -> Sequence[KeptData]:
    """Return what is kept, the longest first. A worker deletes it from then on."""
    return [
        KeptData(name="audit"),
        KeptData(name="devices", lasts=DEVICE_LASTS),
        KeptData(name="fingerprints", lasts=WINDOW),
        KeptData(name="arrivals", lasts=LONGEST_WINDOW),
        KeptData(name="exports", lasts=EXPORT_LASTS),
        KeptData(name="attempts", lasts=FORGET_CODES_AFTER),
    ]
