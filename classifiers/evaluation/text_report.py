"""Write figures as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from classifiers.evaluation.bootstrap import Estimate
from classifiers.evaluation.figures import Row
from classifiers.evaluation.slices import Part


def ranged(figure: Estimate | None) -> str:
    """Return a figure with its range, as in ``.912 (.905 – .919)``."""
    if figure is None:
        return "–"
    return f"{short(figure.value)} ({short(figure.low)} – {short(figure.high)})"


def short(figure: float | None) -> str:
    """Return a figure with three digits."""
    return "–" if figure is None else f"{figure:.3f}"


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a heading, then a line per label and data set."""
    yield (
        f"{'data':26}{'part':10}{'label':18}{'n':>7}{'pos':>7}"
        f"  {'AUC':22}{'AP':22}{'recall at 1%':22}{'.1%':6}{'5%':6}"
        f"{'ECE':7}{'chance':8}dummy AP"
    )
    for row in rows:
        report = row.report
        yield (
            f"{row.source:26}{row.use:10}{row.label:18}"
            f"{report.n:7}{report.positives:7}"
            f"  {ranged(report.auc):22}{ranged(report.ap):22}"
            f"{ranged(report.recall_at_1pct_fpr):22}"
            + "".join(f"{recall:<6.3f}" for recall in row.recalls.values())
            + f"{short(report.ece):7}{short(report.ece_by_chance):8}"
            f"{short(report.dummy_ap)}"
        )


def part_table(parts: Sequence[Part]) -> Iterator[str]:
    """Yield a heading, then a line per part of a data set."""
    yield (
        f"{'data':26}{'part':22}{'n':>7}{'pos':>7}  {'AUC':22}"
        f"{'recall at 1%':22}{'ECE':7}harmless held"
    )
    for part in parts:
        report = part.report
        yield (
            f"{part.source:26}{part.name:22}{report.n:7}{report.positives:7}"
            f"  {ranged(report.auc):22}{ranged(report.recall_at_1pct_fpr):22}"
            f"{short(report.ece):7}{part.held:.1%}"
        )
