"""A rule's effect on a comment, and a rule that matched one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from moderation.policy.reasons import Reason, ReasonCode


class RuleAction(StrEnum):
    """A rule's action on a comment that it matches."""

    HOLD = "hold"  #: a person looks
    REJECT = "reject"  #: it stays hidden
    TAG = "tag"  #: it is marked; nothing else changes
    RAISE = "raise"  #: a person should look sooner, where one must look
    LOWER = "lower"  #: a person may look later


@dataclass(frozen=True, kw_only=True)
class RuleMatch:
    """A rule that matched a comment."""

    rule_id: int
    version: int  #: of the rule
    name: str
    action: RuleAction
    tag: str | None = None
    spans: tuple[tuple[int, int], ...] = ()  #: where in the text, in code points
    is_shadow: bool = False  #: it decides nothing; it is noted only

    def as_reason(self) -> Reason:
        """Return the match as a reason."""
        return Reason(
            code=ReasonCode.RULE,
            rule=self.rule_id,
            name=self.name,
            action=self.action.value,
            tag=self.tag,
            spans=self.spans or None,
        )
