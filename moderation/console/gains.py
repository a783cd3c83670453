"""Pure: what a stored report says of two models, made into rows of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from classifiers.evaluation.slices import MEDIUM, SHORT
from moderation.console import plots
from moderation.console.plots import PlotLine

#: Names of lengths as they are stored, and their keys in the catalogue.
LENGTHS = {
    f"to {SHORT} words": "short",
    f"{SHORT + 1} to {MEDIUM} words": "medium",
    f"over {MEDIUM} words": "long",
}
MODELS = ("active", "candidate")


@dataclass(frozen=True, kw_only=True)
class Gain:
    """A model's gain over another, on one label or one part of the comments."""

    kind: str | None  #: what the part is cut by; None: all of them
    name: str | None
    label: str
    n: int
    positives: int
    before: float  #: AUC
    after: float
    value: float
    low: float
    high: float

    @property
    def outcome(self) -> str:
        """The verdict on it: `better`, `worse` or `unclear`."""
        return plots.outcome(self.low, self.high)


def by_label(report: Mapping[str, Any]) -> list[Gain]:
    """Return the gains on each label that could be measured."""
    figures = report["candidate"]["labels"]
    return [
        _gain(area, None, None, label, figures[label]["positives"])
        for label, area in report["comparison"]["auc"].items()
    ]


def by_slice(report: Mapping[str, Any]) -> dict[str, list[Gain]]:
    """Return the gains on parts of the comments, by what they are cut by."""
    found: dict[str, list[Gain]] = {}
    for each in report.get("slices", []):
        row = _gain(
            each["auc"], each["kind"], each["name"], each["label"], each["positives"]
        )
        found.setdefault(each["kind"], []).append(row)
    return found


def _gain(
    area: Mapping[str, Any], kind: str | None, name: str | None, label: str, hits: int
) -> Gain:
    return Gain(
        kind=kind,
        name=name,
        label=label,
        n=area["n"],
        positives=hits,
        before=area["active"],
        after=area["candidate"],
        **area["gain"],
    )


def counted(gains: Sequence[Gain]) -> dict[str, int]:
    """Count how many are better, worse, and unclear."""
    outcomes = [each.outcome for each in gains]
    return {name: outcomes.count(name) for name in ("better", "worse", "unclear")}


def drawn(gains: Sequence[Gain], reach: float) -> list[tuple[Gain, Markup]]:
    """Return each gain with its drawing; the axis reaches as far to either side."""
    return [
        (
            each,
            plots.gain(
                each.value, each.low, each.high, reach=reach, outcome=each.outcome
            ),
        )
        for each in gains
    ]


def reach_of(gains: Sequence[Gain]) -> float:
    """Return how far the axis of gains goes to either side."""
    return plots.reach([end for each in gains for end in (each.low, each.high)])


def curves_of(
    report: Mapping[str, Any], axes: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, dict[str, Markup]]]:
    """Yield each label with its drawings: roc, precision and truth of probabilities."""
    curves = report.get("curves") or {}
    for label in curves.get("candidate", {}):
        both = [(kind, curves[kind].get(label)) for kind in MODELS]
        known = [(kind, each) for kind, each in both if each]
        yield (
            label,
            {
                "roc": plots.square(
                    [PlotLine(kind=kind, points=each["roc"]) for kind, each in known],
                    axes["roc"],
                    ideal=True,
                ),
                "precision": plots.square(
                    [
                        PlotLine(kind=kind, points=each["precision"])
                        for kind, each in known
                    ],
                    axes["precision"],
                    ideal=False,
                ),
                "truth": plots.square(
                    [_truth(kind, each["bins"]) for kind, each in known],
                    axes["truth"],
                    ideal=True,
                ),
            },
        )


def _truth(kind: str, bins: Sequence[Mapping[str, Any]]) -> PlotLine:
    return PlotLine(
        kind=kind,
        points=[(each["predicted"], each["observed"]) for each in bins],
        ranges=[(each["low"], each["high"]) for each in bins],
    )
