"""The time by which a moderator should have decided a comment."""

from __future__ import annotations

from datetime import datetime, timedelta

from moderation.policy.rule_matches import RuleAction, RuleMatch

MIN_PATIENCE = timedelta(minutes=15)  # what is surely harmful if it is shown
MAX_PATIENCE = timedelta(hours=8)  # a working day: the harmless one never starves
BUSY_ARTICLE = 20  # comments published in an hour: there, patience is three quarters
REACH_LASTS = timedelta(hours=1)  # time in which an article's comments count as recent
RAISED_PATIENCE = timedelta(minutes=5)  # before all that no rule has raised
LOWERED_PATIENCE = timedelta(hours=16)  # behind all, and still within the day


def due_at(
    received_at: datetime,
    risk: float,
    published_lately: int = 0,
    hits: tuple[RuleMatch, ...] = (),
    *,
    care: timedelta | None = None,
) -> datetime:
    """Return when a moderator should have decided a pending comment.

    Patience falls with what may be wrong and with how many will see it: where
    no one writes it is whole, under the busiest article half.

    Parameters
    ----------
    received_at
        Arrival; of equal comments, the older one is due first.
    risk
        0 to 1, the highest score of any label; unscored counts as 1.
    published_lately
        Comments published on the article within `REACH_LASTS`.
    hits
        Rules that matched; one that raises counts more than one that lowers.
    care
        Patience at most if the comment calls for care, even if a rule lowers it.
    """
    patience = _patience(risk, published_lately, hits)
    return received_at + (patience if care is None else min(patience, care))


def _patience(
    risk: float, published_lately: int, hits: tuple[RuleMatch, ...]
) -> timedelta:
    actions = {hit.action for hit in hits if not hit.is_shadow}
    if RuleAction.RAISE in actions:
        return RAISED_PATIENCE
    if RuleAction.LOWER in actions:
        return LOWERED_PATIENCE
    span = MAX_PATIENCE - MIN_PATIENCE
    reach = published_lately / (published_lately + BUSY_ARTICLE)
    return (MIN_PATIENCE + span * (1 - risk)) * (1 - reach / 2)


REPORTED_PATIENCE = timedelta(hours=2)  # for what just passed the site's threshold
APPEAL_PATIENCE = timedelta(hours=4)  # half a working day: its author waits for it


def reported_due_at(now: datetime, weight: float, threshold: float) -> datetime:
    """Return when a moderator should have decided a reported comment.

    The heavier the reports, the sooner: at the threshold after `REPORTED_PATIENCE`,
    at twice the threshold after half of that.
    """
    patience = REPORTED_PATIENCE * threshold / max(weight, threshold / 100)
    return now + min(max(patience, MIN_PATIENCE), MAX_PATIENCE)


#: A notice of illegal content gives its receiver knowledge: its clock must be short.
LIFE_PATIENCE = timedelta(minutes=10)  # a threat to life or safety
FLAGGER_PATIENCE = timedelta(hours=4)  # a trusted flagger comes before others
NOTICE_PATIENCE = timedelta(hours=24)  # any other notice
COMPLAINT_PATIENCE = timedelta(days=7)  # a notifier's complaint


def notice_due_at(
    now: datetime,
    *,
    is_life: bool,
    is_flaggers: bool,
    suspended_until: datetime | None = None,
) -> datetime:
    """Return when a notice should have been decided.

    Parameters
    ----------
    suspended_until
        Until when its sender's notices aren't processed; None: they are.
    """
    if is_life:
        return now + LIFE_PATIENCE
    if is_flaggers:
        return now + FLAGGER_PATIENCE
    return max(now, suspended_until or now) + NOTICE_PATIENCE
