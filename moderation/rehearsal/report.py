"""The report of a rehearsal as JSON: counts, IDs, and codes, never a text."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from moderation import identifiers
from moderation.policy.thresholds import Threshold
from moderation.policy.verdicts import Status
from moderation.rehearsal import load, threshold_matching
from moderation.rehearsal.counts import CellKey, GroupCounts
from moderation.rehearsal.load import DecisionSeconds, QueueLoad
from moderation.rehearsal.past_decisions import DecidedBy
from moderation.rehearsal.proposals import ThresholdBaseline
from moderation.rehearsal.rehearsing import Rehearsal
from moderation.rehearsal.replaying import WouldBe
from moderation.rehearsal.threshold_matching import (
    MIN_REJECTED,
    LoadAndMisses,
    MatchedThresholds,
)
from moderation.statistics import ConfidenceInterval, wilson_interval

DIGITS = 4
#: Whose decisions count as right, the surest first: the next ones only if those before
#: rejected fewer than `MIN_REJECTED` comments.
JUDGES = (DecidedBy.MODERATOR, DecidedBy.UNKNOWN, DecidedBy.FILTER)


def choose_judges(total: GroupCounts) -> list[DecidedBy]:
    """Return whose decisions misses and errors are measured against."""
    judges: list[DecidedBy] = []
    for judge in JUDGES:
        judges.append(judge)
        if total.count(then=Status.REJECTED, by=judges) >= MIN_REJECTED:
            return judges
    return [DecidedBy.MODERATOR]


def to_json(rehearsal: Rehearsal, seconds: DecisionSeconds) -> dict[str, Any]:
    """Return the report; slow where thresholds are proposed: some seconds of CPU."""
    counts, period, model = rehearsal.counts, rehearsal.period, rehearsal.model
    judges = choose_judges(counts.total)
    part = period.read_share
    first, last = period.first_at, period.last_at
    assert first is not None  # noqa: S101 - there are comments
    assert last is not None  # noqa: S101
    days = load.days_between(first, last)
    shown = _Groups(judges, part, seconds)
    sections = [
        {"section": section, **shown.row(group, days)}
        for section, group in sorted(
            counts.sections.items(), key=lambda item: -item[1].replayed
        )
    ]
    proposals = rehearsal.rows.propose(counts, judges)
    return {
        "site": rehearsal.site.name,
        "version": model.scorer.version,
        "active_version": rehearsal.active_version,
        "since": rehearsal.since and rehearsal.since.isoformat(),
        "first_at": first.isoformat(),
        "last_at": last.isoformat(),
        "days": round(days, 1),
        "comments": period.comments,
        "read_share": round(part, 6),
        "is_lineage_known": model.is_lineage_known,
        "held_out_since": model.held_out_since and model.held_out_since.isoformat(),
        "seconds": {
            "seconds": seconds.seconds,
            "source": seconds.source.value,
            "decisions": seconds.decisions,
        },
        "judges": [judge.value for judge in judges],
        "total": shown.row(counts.total, days),
        "decided": _list_cells(counts.total),
        "held_because": dict(counts.held_because.most_common()),
        "sections": sections,
        "other_sections": shown.row(counts.other_sections, days)
        if counts.other_sections.cells or counts.other_sections.left_out
        else None,
        "months": [
            {
                "month": month,
                **shown.row(group, load.days_in_month(month, first, last)),
            }
            for month, group in sorted(counts.months.items())
        ],
        "services": _list_services(rehearsal, judges),
        "baselines": [
            _baseline(each, rehearsal, period.comments / days, seconds.seconds)
            for each in proposals
        ],
        "examples": _list_examples(rehearsal),
    }


class _Groups:
    """Shows groups of comments alike."""

    def __init__(
        self, judges: Collection[DecidedBy], part: float, seconds: DecisionSeconds
    ) -> None:
        self._judges, self._part, self._seconds = judges, part, seconds

    def row(self, group: GroupCounts, days: float) -> dict[str, Any]:
        """Return the outcome of a group and its load."""
        judged: dict[str, Any] = {"by": self._judges}
        rejected = group.count(then=Status.REJECTED, **judged)
        approved = group.count(then=Status.APPROVED, **judged)
        return {
            "comments": group.replayed,
            "left_out": group.left_out,
            **{would_be.value: group.count(would_be=would_be) for would_be in WouldBe},
            "rejected_then": rejected,
            "approved_then": approved,
            **_wrong(group, judged),
            "missed_share": _interval(
                wilson_interval(
                    group.count(
                        then=Status.REJECTED, would_be=WouldBe.APPROVED, **judged
                    ),
                    rejected,
                )
            ),
            "queue_load": show_load(
                load.estimate_load([group], days, self._part, self._seconds.seconds)
            ),
        }


def _wrong(group: GroupCounts, judged: Mapping[str, Any]) -> dict[str, int]:
    return {
        "missed": group.count(
            then=Status.REJECTED, would_be=WouldBe.APPROVED, **judged
        ),
        "wrongly_held": group.count(
            then=Status.APPROVED, would_be=WouldBe.HELD, **judged
        ),
        "wrongly_rejected": group.count(
            then=Status.APPROVED, would_be=WouldBe.REJECTED, **judged
        ),
    }


def show_load(found: QueueLoad) -> dict[str, Any]:
    """Return a load as JSON, a day."""
    return {"comments": _interval(found.comments), "minutes": _interval(found.minutes)}


def _interval(found: ConfidenceInterval | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {name: round(value, DIGITS) for name, value in vars(found).items()}


def _list_cells(group: GroupCounts) -> list[dict[str, Any]]:
    """Return what was decided then, by whom, against what would be."""
    kinds = {(then, by) for then, by, _ in group.cells}
    return [
        {
            "then": then.value,
            "by": by and by.value,
            **{would_be.value: group.cells[then, by, would_be] for would_be in WouldBe},
        }
        for then, by in sorted(kinds, key=_place)
    ]


def _place(kind: tuple[Status, DecidedBy | None]) -> tuple[int, int]:
    then, by = kind
    deciders = list(DecidedBy)
    statuses = [Status.REJECTED, Status.APPROVED, Status.PENDING]
    return statuses.index(then), deciders.index(by) if by else len(deciders)


def _list_services(
    rehearsal: Rehearsal, judges: Collection[DecidedBy]
) -> list[dict[str, Any]]:
    """Return other services' verdicts, against what would be and what was decided."""
    counts, found = rehearsal.counts, []
    for system, attribute in sorted(counts.attributes):
        told = counts.compare((system, attribute))
        judged: dict[str, Any] = {"then": Status.REJECTED, "by": judges}
        rows = {
            name: GroupCounts(cells=cells)
            for name, cells in (("flagged", told.flagged), ("passed", told.passed))
        }
        found.append(
            {
                "service": system,
                "attribute": attribute,
                "threshold": 1.0
                if told.has_only_ones
                else counts.threshold_of(attribute),
                **{
                    name: {
                        **{
                            would_be.value: group.count(would_be=would_be)
                            for would_be in WouldBe
                        },
                        "rejected_then": group.count(**judged),
                        "missed": group.count(**judged, would_be=WouldBe.APPROVED),
                    }
                    for name, group in rows.items()
                },
            }
        )
    return found


def _baseline(
    found: ThresholdBaseline,
    rehearsal: Rehearsal,
    comments_a_day: float,
    seconds: float,
) -> dict[str, Any]:
    def effect(figures: LoadAndMisses) -> dict[str, Any]:
        return {
            "queue_load": show_load(
                load.scale_load(figures.held, comments_a_day, seconds)
            ),
            "missed_share": _interval(figures.missed),
        }

    def matched(each: MatchedThresholds | None) -> dict[str, Any] | None:
        if each is None:
            return None
        policy = rehearsal.site.policy
        cuts = threshold_matching.to_thresholds(each, policy.thresholds)
        return {
            "is_met": each.is_met,
            "thresholds": {name: _threshold(cut) for name, cut in cuts.items()},
            "errors": {
                name: _interval(_up_to(cut, cuts[name].reject_at))
                for name, cut in each.review_at.items()
            },
            **effect(each.effect),
        }

    return {
        "kind": found.kind.value,
        "service": found.attribute and found.attribute[0],
        "attribute": found.attribute and found.attribute[1],
        "comments": found.comments,
        "rejected": found.rejected,
        "was": effect(found.was),
        "same_load": matched(found.same_load),
        "same_misses": matched(found.same_misses),
    }


def _up_to(found: ConfidenceInterval, most: float | None) -> ConfidenceInterval:
    """Return an interval that ends at a reject threshold, as hold thresholds do."""
    ends = {
        name: min(value, 1.0 if most is None else most)
        for name, value in vars(found).items()
    }
    return ConfidenceInterval(**ends)


def _threshold(cut: Threshold) -> dict[str, float | None]:
    return {"review_at": round(cut.review_at, 6), "reject_at": cut.reject_at}


def _list_examples(rehearsal: Rehearsal) -> list[dict[str, Any]]:
    found = rehearsal.examples.list_examples()

    def place(key: CellKey) -> tuple[tuple[int, int], int]:
        return _place(key[:2]), list(WouldBe).index(key[2])

    return [
        {
            "then": then.value,
            "by": by and by.value,
            "would_be": would_be.value,
            "comments": [
                {
                    "id": identifiers.encode(each.comment_id),
                    "excess": None if each.excess is None else round(each.excess, 6),
                    "reasons": list(each.reasons),
                }
                for each in found[then, by, would_be]
            ],
        }
        for then, by, would_be in sorted(found, key=place)
    ]
