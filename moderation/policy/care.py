"""Care: comments whose author may harm themself, or that threaten a life.

Such a comment is no harm that a score may reject: a moderator reads it, within minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from moderation.policy.reasons import Reason, ReasonCode

#: Ours: as long as a call to an emergency service may wait for someone to read.
CARE_MINUTES = 15
#: The score of self-harm that calls for care where the site sets no threshold.
SELF_HARM_AT = 0.5


@dataclass(frozen=True, kw_only=True)
class CarePolicy:
    """A site's treatment of comments that call for care."""

    minutes: int = CARE_MINUTES  #: in which a moderator should have decided, 1 to 120
    #: for moderators, on what to do: plain text; None: the console's own sentence
    text: str | None = None

    @property
    def patience(self) -> timedelta:
        """The time in which a moderator should have decided."""
        return timedelta(minutes=self.minutes)

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> CarePolicy:
        """Return the settings from a policy's stored JSON; None: the defaults."""
        return cls(**(stored or {}))

    def as_json(self) -> dict[str, Any]:
        """Return the settings as stored JSON."""
        return asdict(self)


CARE = CarePolicy()  # of a site that has set nothing


def get_care_reasons(
    cuts: Mapping[str, float], scores: Mapping[str, float] | None
) -> tuple[Reason, ...]:
    """Return why a comment calls for care; empty if it doesn't.

    Parameters
    ----------
    cuts
        As `Policy.care_cuts`.
    scores
        Label to score, 0 to 1; a label without a score calls for nothing.

    >>> get_care_reasons({"self_harm": 0.5}, {"self_harm": 0.5})[0].label
    'self_harm'
    >>> get_care_reasons({"self_harm": 0.5}, {"threat": 0.9})
    ()
    """
    return tuple(
        Reason(code=ReasonCode.CARE, label=label, score=scores[label], threshold=cut)
        for label, cut in cuts.items()
        if scores is not None and label in scores and scores[label] >= cut
    )


def put_care_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return reasons with those that call for care before all others."""
    return tuple(sorted(reasons, key=lambda reason: reason.code != ReasonCode.CARE))
