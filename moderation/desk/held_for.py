"""Why a comment is held, and what to do about one that calls for care."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from moderation.comments.display import ShownDecision
from moderation.policy.reasons import ReasonCode
from moderation.policy.verdicts import PEOPLE
from moderation.sites import policies
from moderation.tables.comments import Comment


@dataclass(frozen=True, kw_only=True)
class CareText:
    """A site's instructions for a comment that calls for care."""

    text: str | None  #: None: the site has written nothing


def read_care_texts(
    session: Session, comments: Sequence[Comment]
) -> dict[int, CareText]:
    """Return the texts of the sites where one of the comments calls for care."""
    site_ids = {row.site_id for row in comments if row.calls_for_care}
    return {
        site_id: CareText(text=policies.load_policy(session, site_id).care.text)
        for site_id in site_ids
    }


def find_held_for(
    comment: Comment, decisions: Sequence[ShownDecision]
) -> Sequence[Mapping[str, Any]]:
    """Return why a comment is held: the newest reasons that no person gave.

    Where a rescoring has found the call for care, or readers reported the comment
    since, no decision in between names it: it comes first all the same.

    Parameters
    ----------
    decisions
        The oldest first.
    """
    reasons = next(
        (
            decision.reasons
            for decision in reversed(decisions)
            if decision.source not in PEOPLE and decision.revision == comment.revision
        ),
        [],
    )
    is_named = any(reason["code"] == ReasonCode.CARE for reason in reasons)
    if comment.calls_for_care and not is_named:
        return [{"code": ReasonCode.CARE.value}, *reasons]
    return reasons
