"""Brakes: from which rate of arrivals on comments are held, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class BrakeKind(StrEnum):
    """The property shared by comments that a brake holds, the narrowest first."""

    NEAR_DUPLICATES = "near_duplicates"  #: their text: they are one campaign
    AUTHOR = "author"
    NETWORK = "network"  #: a /24 of IPv4 or a /56 of IPv6
    ARTICLE = "article"


#: Many people share a network, and an article. A brake on one of those lets go although
#: some still write; one on a campaign or an author, only when nothing more comes.
SHARED = frozenset({BrakeKind.NETWORK, BrakeKind.ARTICLE})


@dataclass(frozen=True, kw_only=True)
class BrakeLimit:
    """The most comments within a time; one more is held."""

    count: int  #: 2 or more
    minutes: int  #: 1 to 1440

    @property
    def window(self) -> timedelta:
        """The time that comments are counted over."""
        return timedelta(minutes=self.minutes)


# Ours, from made waves (benchmarks/wave.py), but for the author: WordPress refuses a
# second comment of one address within 15 seconds (`wp_throttle_comment_flood`), which
# allows 20 in five minutes; half of that is a quarrel in full swing. A network is an
# office or a school; thirty comments a minute are more than a live blog of a large
# site gets, and an advertisement in ten of them is seen.
NEAR_DUPLICATE_LIMIT = BrakeLimit(count=10, minutes=1)
AUTHOR_LIMIT = BrakeLimit(count=10, minutes=5)
NETWORK_LIMIT = BrakeLimit(count=30, minutes=5)
ARTICLE_LIMIT = BrakeLimit(count=150, minutes=5)
QUIET_MINUTES = 15  # as long as nothing may have come before a brake lets go


@dataclass(frozen=True, kw_only=True)
class BrakePolicy:
    """A site's brakes; None: there is none of that kind."""

    near_duplicates: BrakeLimit | None = NEAR_DUPLICATE_LIMIT
    author: BrakeLimit | None = AUTHOR_LIMIT
    network: BrakeLimit | None = NETWORK_LIMIT
    article: BrakeLimit | None = ARTICLE_LIMIT
    quiet_minutes: int = QUIET_MINUTES

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> BrakePolicy:
        """Return brakes from a policy's stored JSON; what is missing is as usual."""
        values = dict(stored or {})
        for kind in BrakeKind:
            if values.get(kind.value) is not None:
                values[kind.value] = BrakeLimit(**values[kind.value])
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        """Return the brakes as stored JSON."""
        return asdict(self)

    def limit_of(self, kind: BrakeKind) -> BrakeLimit | None:
        """Return the limit of a kind; None: it has no brake."""
        limit: BrakeLimit | None = getattr(self, kind.value)
        return limit


BRAKES = BrakePolicy()  # of a site that has set none
NO_BRAKES = BrakePolicy(near_duplicates=None, author=None, network=None, article=None)


@dataclass(frozen=True, kw_only=True)
class BrakeHold:
    """A brake that holds a comment."""

    brake_id: int
    kind: BrakeKind


def lets_go_at(
    last_at: datetime, quiet_minutes: int, held_until: datetime | None
) -> datetime:
    """Return when a brake lets go if nothing more comes.

    Parameters
    ----------
    last_at
        When it was last kept up by a comment.
    held_until
        When it ends by a person's choice; None: no one chose.
    """
    quiet_at = last_at + timedelta(minutes=quiet_minutes)
    return quiet_at if held_until is None else max(quiet_at, held_until)
