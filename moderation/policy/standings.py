"""An author's standing at a site, and what the record alone speaks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from moderation.policy.reasons import REASON_CODES


class Standing(StrEnum):
    """Staff's decision about an author's future comments."""

    TRUSTED = "trusted"  #: spared the hold thresholds and pre-moderation
    PREMODERATED = "premoderated"  #: always held
    SUSPENDED = "suspended"  #: rejected until a date
    BANNED = "banned"  #: rejected
    SHADOW_BANNED = "shadow_banned"  #: rejected; the author's page doesn't tell


#: They reject every comment.
REJECTING = frozenset({Standing.SUSPENDED, Standing.BANNED, Standing.SHADOW_BANNED})
#: Why: a reason to reject a comment, or one that only an author can give.
STANDING_REASONS = (*REASON_CODES, "evasion", "regular")


@dataclass(frozen=True, kw_only=True)
class EarnedTrust:
    """Conditions on a record for its author to be trusted."""

    approved: int  #: comments, at least
    days: int  #: since the author was first seen, at least


@dataclass(frozen=True, kw_only=True)
class AuthorFacts:
    """The facts about a comment's author that count."""

    key: str | None = None  #: tells the author from others; None: nothing does
    standing: Standing | None = None
    until: datetime | None = None
    #: the standing is another record's, that of the same address
    is_by_address: bool = False
    #: identified by a verified ID or an address, not by a name alone
    is_identified: bool = False
    approved: int = 0  #: comments so far
    rejected: int = 0
    known_for: timedelta = timedelta(0)

    def has_earned(self, wanted: EarnedTrust | None) -> bool:
        """Return whether the record alone earns trust: one rejection ends it."""
        return (
            wanted is not None
            and self.standing is None
            and self.is_identified
            and self.rejected == 0
            and self.approved >= wanted.approved
            and self.known_for >= timedelta(days=wanted.days)
        )


#: Nothing is known of the author.
UNKNOWN_AUTHOR = AuthorFacts()
