"""Sheet 8 of the report: automated means, and how often they are right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from classifiers.text.labels import HARMS
from moderation.transparency.accuracy import (
    ALL,
    MIN_AUDITS,
    MIN_COVERED,
    Figure,
    Gap,
    SystemFigures,
)
from moderation.transparency.measures import MeasureAutomation
from moderation.transparency.notices import ReceivedNotice
from moderation.transparency.rows import Cell, RowHead
from moderation.transparency.tally import MeasureTally
from moderation.transparency.templates import read_sheets

#: What is not a label of the classifier.
SYSTEMS = {
    ALL: "All automation together",
    "rule": "The site's rules",
    "campaign": "Near-duplicates of comments that a moderator had rejected",
    "bot": "A form field that people don't see",
}
MEANINGS = {
    "Accuracy": "Share of automatic decisions, approvals and rejections, that a "
    "moderator who reviewed the comment also took",
    "Precision": "Share of automatic rejections that a moderator who reviewed the "
    "comment also rejected",
    "Recall": "Share of the comments to be rejected that automation rejected, among "
    "those that it decided alone",
}
GAPS = {
    Gap.NO_DECISIONS: "Left blank: there were no such decisions.",
    Gap.FEW_AUDITS: f"Left blank: fewer than {MIN_AUDITS} decisions were audited.",
    Gap.FEW_COVERED: f"Left blank: audits ran for less than {MIN_COVERED:.0%} of the "
    "decisions.",
    Gap.NO_HARM: "Left blank: audits tell of no such comments.",
    Gap.WIDE: "Left blank: too uncertain.",
}
NO_MEANS_NOTE = (
    "All measures that a person decided, also where automation had pointed at the "
    "content."
)
NOTICES_NOTE = "Notices are decided by people; there is nothing to measure."


@dataclass(frozen=True, kw_only=True)
class AutomationSheet:
    """The data of sheet 8."""

    counts: MeasureTally
    figures: Sequence[SystemFigures]
    notices: Sequence[ReceivedNotice] | None

    def rows(self, head: RowHead) -> Iterator[list[Cell]]:
        """Yield the rows; those of accuracy are followed by one for each system."""
        for applicability, _, _, section, indicator, scope, *_ in read_sheets()[
            "8_automated_means"
        ].rows:
            start: list[Cell] = [applicability, *head.cells()[1:]]
            start += [section, indicator, scope]
            for cells in self._cells(indicator, scope):
                yield [*start, *cells]

    def _cells(self, indicator: str, scope: str) -> Iterable[tuple[Cell, Cell]]:
        if scope.startswith("NAM"):
            return [self._of_notices(indicator, scope == "NAM Trusted Flagger")]
        if scope not in ("Total number", "Own-initiative "):
            return [(None, None)]  # by language, of very large platforms alone
        own = True if scope != "Total number" else None
        if indicator.startswith("Number of measures solely"):
            fully = MeasureAutomation.FULLY
            return [(self.counts.count(is_own=own, automation=fully), None)]
        if indicator.startswith("Number of measures not"):
            by_people = self.counts.count(is_own=own) - self.counts.count(
                is_own=own, automation=MeasureAutomation.FULLY
            )
            return [(by_people, NO_MEANS_NOTE)]
        name = indicator.rpartition(" - ")[2]
        return [
            (figure.value, describe(name, each.system, figure))
            for each in self.figures
            if (figure := getattr(each, name.lower())).gap is not Gap.NO_HARM
            or each.system == ALL
        ]

    def _of_notices(self, indicator: str, is_trusted: bool) -> tuple[Cell, Cell]:
        if self.notices is None:
            return None, None
        found = [each for each in self.notices if each.is_trusted or not is_trusted]
        decided = [each for each in found if each.automation is not None]
        fully = sum(each.automation is MeasureAutomation.FULLY for each in decided)
        if indicator.startswith("Number of notices solely"):
            return fully, None
        if indicator.startswith("Number of notices not"):
            return len(decided) - fully, None
        return None, NOTICES_NOTE


def name_system(system: str) -> str:
    """Return the name of a system of automation, in words."""
    if system in HARMS:
        return f"Classifier, label {system}"
    return SYSTEMS.get(system, f"Other automation ({system})")


def describe(name: str, system: str, figure: Figure) -> str:
    """Return what a figure is, its interval, and what it rests on."""
    basis = f"{figure.rejections:,} rejections"
    if name != "Precision":
        basis += f" and {figure.approvals:,} approvals"
    parts = [f"{name_system(system)}. {MEANINGS[name]}."]
    if figure.gap is None and figure.interval is not None:
        interval = figure.interval
        parts.append(
            f"95% confidence interval {interval.low:.4f} to {interval.high:.4f}."
        )
        parts.append(f"From random audits of {basis}, weighted by their shares.")
    elif figure.gap is not None:
        parts += [GAPS[figure.gap], f"Audited: {basis}."]
    return " ".join(parts)
