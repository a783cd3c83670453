"""A site's treatment of personal data in comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class PersonalDataAction(StrEnum):
    """The treatment of a comment that contains personal data."""

    HOLD = "hold"  #: a moderator decides about it
    MASK = "mask"  #: readers see the text without it
    OFF = "off"  #: nothing


@dataclass(frozen=True, kw_only=True)
class PersonalDataPolicy:
    """The personal data to look for in comments, and the treatment."""

    action: PersonalDataAction = PersonalDataAction.HOLD
    #: countries (ISO 3166-1) whose phone numbers are found without `+`
    phone_regions: tuple[str, ...] = ()

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> PersonalDataPolicy:
        """Return the setting from a policy's stored JSON; None: the default."""
        if stored is None:
            return cls()
        return cls(
            action=PersonalDataAction(stored["action"]),
            phone_regions=tuple(stored.get("phone_regions", ())),
        )

    @property
    def is_held(self) -> bool:
        """Whether a comment with personal data is held."""
        return self.action is PersonalDataAction.HOLD

    @property
    def is_masked(self) -> bool:
        """Whether readers see a text without the personal data in it."""
        return self.action is PersonalDataAction.MASK

    def as_json(self) -> dict[str, Any]:
        """Return the setting as JSON."""
        return {
            "action": self.action.value,
            "phone_regions": list(self.phone_regions),
        }


#: What holds where a site has set nothing.
PERSONAL_DATA = PersonalDataPolicy()
