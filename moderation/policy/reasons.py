"""The reasons of a verdict, and the codes that people choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from classifiers.text.labels import HARMS


class ReasonCode(StrEnum):
    """The reasons of automatic verdicts."""

    CARE = "care"  #: the author may harm themself, or threatens a life
    SCORE = "score"  #: a label's score reached a threshold
    UNSCORED = "unscored"  #: no score to be had for a label that the policy needs
    LANGUAGE = "language"  #: the model is not known to be good in this language
    PARTLY_READ = "partly_read"  #: the text has more different words than are scored
    PREMODERATION = "premoderation"  #: the site or section looks at everything first
    OUTSIDE_HOURS = "outside_hours"  #: it came outside of the site's opening hours
    IMPORTED = "imported"  #: it came with an import, which gave no other reason
    CLOSED = "closed"  #: the article is closed; a compatibility API sent it regardless
    TRUSTED_AUTHOR = "trusted_author"  #: the site's own verified author id is trusted
    CLEAR = "clear"  #: every score is under its threshold
    EDITED = "edited"  #: a person had decided about an earlier text
    CLAIMED = "claimed"  #: a moderator was looking at it when its author edited it
    STAFF = "staff"  #: the site's software says that its administrator wrote it
    BOT = "bot"  #: a field that people don't see was filled in
    TEST = "test"  #: a value that a protocol keeps for tests
    RULE = "rule"  #: a rule of the site's admins matched
    RULES_UNAVAILABLE = "rules_unavailable"  #: the site's rules could not be asked
    UNDONE = "undone"  #: the person took the decision before this one back
    DECEPTIVE_NAME = "deceptive_name"  #: hidden characters, or another person's name
    PERSONAL_DATA = "personal_data"  #: an email address, phone number, or account
    CAMPAIGN = "campaign"  #: a person has decided about its near-duplicates in advance
    BRAKE = "brake"  #: too many came in a short time; `brake` and `limit` say of what
    REPORTED = "reported"  #: readers reported it; `reported_for` says for what
    APPEAL = "appeal"  #: its author asks for another look
    EARNED_TRUST = "earned_trust"  #: the author's record earns the site's trust
    PREMODERATED_AUTHOR = "premoderated_author"  #: staff holds all of the author's
    SUSPENDED = "suspended"  #: staff suspended the author; `until` says how long
    BANNED = "banned"  #: staff banned the author
    SHADOW_BANNED = "shadow_banned"  #: staff banned the author, who isn't informed
    RESTRICTED_ADDRESS = "restricted_address"  #: another author with this address is


# What a moderator may give as the reason of a rejection: a harm that the model
# learns, or a rule of the house, which teaches it nothing.
HOUSE_REASONS = ("off_topic", "illegal", "personal_data", "duplicate", "other")
REASON_CODES = (*HARMS, *HOUSE_REASONS)
# What a reader may report a comment for; whether it was sent twice, readers can't know.
REPORT_REASONS = tuple(code for code in REASON_CODES if code != "duplicate")


def is_hidden_from_author(reasons: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether a decision's reasons are a shadow ban, which authors don't see.

    To its author the comment is waiting.
    """
    return any(reason["code"] == ReasonCode.SHADOW_BANNED for reason in reasons)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason of a verdict, with its evidence."""

    code: str  #: a `ReasonCode`, or the code that a person chose
    label: str | None = None  #: the label whose score counted
    score: float | None = None  #: 0 to 1
    threshold: float | None = None  #: 0 to 1
    campaign: int | None = None  #: id of the near-duplicates that it is one of
    brake: int | None = None  #: id of the brake that holds it
    limit: str | None = None  #: that was passed: a `brakes.BrakeKind`
    reported_for: str | None = None  #: one of `REPORT_REASONS`
    count: int | None = None  #: how many reported it for that
    rule: int | None = None  #: the rule that matched
    name: str | None = None  #: of the rule
    action: str | None = None  #: of the rule
    tag: str | None = None  #: that the rule gives
    #: what a rule matched, or where personal data is, in code points
    spans: tuple[tuple[int, int], ...] | None = None
    until: str | None = None  #: when an author's restriction ends, ISO 8601

    def as_json(self) -> dict[str, Any]:
        """Return the reason as JSON, without empty fields."""
        return {name: value for name, value in vars(self).items() if value is not None}
