"""The origin of a restriction: who noticed the comment, and who decided.

Pure. The table that it follows is in docs/law.md. After DSA Art. 17(3)(b) and (c).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from moderation.policy.reasons import REASON_CODES, ReasonCode
from moderation.policy.verdicts import UNATTENDED, Source


class Ground(StrEnum):
    """The ground of a restriction."""

    ILLEGAL = "illegal"  #: a law
    TERMS = "terms"  #: the site's house rules


class Restriction(StrEnum):
    """The restricted thing."""

    CONTENT_DISABLED = "content_disabled"  #: a comment is not shown
    ACCOUNT_SUSPENDED = "account_suspended"  #: new comments are rejected for a time
    ACCOUNT_TERMINATED = "account_terminated"  #: new comments are rejected for good


class Finder(StrEnum):
    """The party that brought a comment to attention."""

    NOTICE = "notice"  #: a notice of illegal content
    TRUSTED_FLAGGER = "trusted_flagger"  #: such a notice, by a trusted flagger
    OTHER_NOTIFICATION = "other_notification"  #: readers' reports
    VOLUNTARY = "voluntary"  #: the site itself


class Automation(StrEnum):
    """The part of automated means in a decision."""

    FULLY = "fully"  #: no moderator decided
    PARTIALLY = "partially"  #: a moderator, to whom automated marks were shown
    NONE = "none"


class Exemption(StrEnum):
    """Why an author need not be sent a statement (DSA Art. 17(1) and (2))."""

    NO_CONTACT = "no_contact"  #: neither an email address nor a verified id is known
    HIGH_VOLUME = "high_volume"  #: deceptive commercial content in high volume
    SHADOW_BAN = "shadow_ban"  #: a choice of the site; no article exempts it


#: Reasons to hold a comment that a program found in it.
DETECTIONS = frozenset(
    {
        ReasonCode.CARE,
        ReasonCode.SCORE,
        ReasonCode.RULE,
        ReasonCode.CAMPAIGN,
        ReasonCode.BRAKE,
        ReasonCode.DECEPTIVE_NAME,
        ReasonCode.BOT,
        ReasonCode.TEST,
    }
)
#: Reasons of a spam flood: of near-duplicates, or of a program.
FLOODS = frozenset({ReasonCode.CAMPAIGN, ReasonCode.BRAKE, ReasonCode.BOT})

Reasons = Sequence[Mapping[str, Any]]  # as decisions store them


@dataclass(frozen=True, kw_only=True)
class PastDecision:
    """A decision about the same text, before the one that restricts it."""

    source: Source
    reasons: Reasons


@dataclass(frozen=True, kw_only=True)
class RestrictionOrigin:
    """The origin of a restriction."""

    finder: Finder
    is_found_automatically: bool | None  #: None: unknown, as another product decided
    automation: Automation


def trace(
    source: Source,
    reasons: Reasons,
    past: Sequence[PastDecision],
    *,
    notice: Finder | None = None,
    is_blind: bool = False,
) -> RestrictionOrigin:
    """Return how a rejection came about.

    Parameters
    ----------
    source, reasons
        Of the rejection.
    past
        Earlier decisions about the text that were not undone, the oldest first.
    notice
        `NOTICE` or `TRUSTED_FLAGGER`, if it answers a notice.
    is_blind
        The moderator didn't see how the comment was decided before.
    """
    if notice is not None:
        return RestrictionOrigin(
            finder=notice, is_found_automatically=False, automation=Automation.NONE
        )
    if source in UNATTENDED:
        return RestrictionOrigin(
            finder=Finder.VOLUNTARY,
            is_found_automatically=not _is_by_standing(reasons),
            automation=Automation.FULLY,
        )
    if any(each.source is Source.READERS for each in past):
        return RestrictionOrigin(
            finder=Finder.OTHER_NOTIFICATION,
            is_found_automatically=False,
            automation=Automation.NONE,
        )
    if source is Source.AKISMET:
        return RestrictionOrigin(
            finder=Finder.VOLUNTARY,
            is_found_automatically=None,
            automation=Automation.NONE,
        )
    is_found = any(
        reason["code"] in DETECTIONS
        for each in past
        if each.source in UNATTENDED
        for reason in each.reasons
    )
    is_marked = is_found and not is_blind
    return RestrictionOrigin(
        finder=Finder.VOLUNTARY,
        is_found_automatically=is_found,
        automation=Automation.PARTIALLY if is_marked else Automation.NONE,
    )


def exemption_of(
    code: str, reasons: Reasons, past: Sequence[PastDecision], *, has_contact: bool
) -> Exemption | None:
    """Return why the author need not be sent a statement; None: it is owed.

    Parameters
    ----------
    code
        The main reason, as the author is given it.
    has_contact
        Whether an email address or a verified id of the author is known.
    """
    codes = {reason["code"] for each in past for reason in each.reasons}
    codes |= {reason["code"] for reason in reasons}
    if ReasonCode.SHADOW_BANNED in codes:
        return Exemption.SHADOW_BAN
    if not has_contact:
        return Exemption.NO_CONTACT
    if code in {"spam", ReasonCode.BOT, ReasonCode.CAMPAIGN} and codes & FLOODS:
        return Exemption.HIGH_VOLUME
    return None


def main_code(reasons: Reasons) -> str:
    """Return the reason that a statement names: the first, a label for its score.

    A rule gives the reason that its tag names, if it names one.

    >>> main_code([{"code": "score", "label": "insult"}, {"code": "spam"}])
    'insult'
    >>> main_code([{"code": "rule", "tag": "off_topic"}]), main_code([])
    ('off_topic', 'other')
    """
    if not reasons:
        return "other"
    if any(reason["code"] == "illegal" for reason in reasons):
        return "illegal"
    first = reasons[0]
    if first["code"] == ReasonCode.RULE and first.get("tag") in REASON_CODES:
        return str(first["tag"])
    return str(first.get("label") or first["code"])


def _is_by_standing(reasons: Reasons) -> bool:
    """Return whether staff decided about the author, and no program found anything."""
    standings = {
        ReasonCode.SUSPENDED,
        ReasonCode.BANNED,
        ReasonCode.SHADOW_BANNED,
        ReasonCode.RESTRICTED_ADDRESS,
    }
    return bool(reasons) and reasons[0]["code"] in standings
