"""A site's duties under the Digital Services Act (DSA), as its admins set them.

Pure. Whether an act binds a newsroom is for its lawyers: this is the table of
docs/law.md, and no legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class HostingKind(StrEnum):
    """The legal kind of a comment section, regardless of its size."""

    HOSTING = "hosting"  #: a hosting service
    PLATFORM = "platform"  #: an online platform as well


class Duty(StrEnum):
    """A duty that the product has pages or records for."""

    TERMS = "terms"  #: clauses with versions (Art. 14)
    NOTICES = "notices"  #: notices of illegal content (Art. 16)
    STATEMENTS = "statements"  #: statements of reasons (Art. 17)
    THREATS = "threats"  #: threats to life or safety (Art. 18)
    REPORT = "report"  #: the yearly transparency report (Art. 15)
    COMPLAINTS = "complaints"  #: internal complaints (Art. 20)
    FLAGGERS = "flaggers"  #: trusted flaggers first (Art. 22)
    MISUSE = "misuse"  #: warnings and suspensions (Art. 23)
    DATABASE = "database"  #: statements for the European database (Art. 24(5))


OF_ALL = frozenset({Duty.TERMS, Duty.NOTICES, Duty.STATEMENTS, Duty.THREATS})
OF_LARGER = OF_ALL | {Duty.REPORT}  # neither micro nor small (Art. 15(2))


@dataclass(frozen=True, kw_only=True)
class LegalSettings:
    """A site's statements for the law, and its voluntary duties."""

    kind: HostingKind | None = None  #: None: no duty is switched on
    #: micro or small: under 50 people, and up to 10 million euros a year
    is_small: bool = True
    voluntary: frozenset[Duty] = frozenset()  #: taken on by choice

    def applying(self) -> frozenset[Duty]:
        """Return the duties that the table gives the site.

        >>> sorted(map(str, LegalSettings(kind=HostingKind.PLATFORM).applying()))
        ['notices', 'statements', 'terms', 'threats']
        """
        if self.kind is None:
            return frozenset()
        if self.is_small:
            return OF_ALL  # Art. 19: micro and small platforms are spared the rest
        return frozenset(Duty) if self.kind is HostingKind.PLATFORM else OF_LARGER

    def is_on(self, duty: Duty) -> bool:
        """Return whether a site does something, bound or of its own will."""
        return duty in self.voluntary or duty in self.applying()

    def as_json(self) -> dict[str, Any]:
        """Return the settings as they are stored."""
        return {
            "kind": self.kind and self.kind.value,
            "is_small": self.is_small,
            "voluntary": sorted(duty.value for duty in self.voluntary),
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> LegalSettings:
        """Return the settings from their stored JSON; None: nothing is on."""
        if stored is None:
            return cls()
        kind = stored["kind"]
        return cls(
            kind=HostingKind(kind) if kind else None,
            is_small=stored["is_small"],
            voluntary=frozenset(map(Duty, stored["voluntary"])),
        )
