"""Write figures as one self-contained HTML page with drawings in SVG."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.evaluation.figures import MORE_FALSE_ALARMS, Row
from classifiers.evaluation.metrics import BINS
from classifiers.evaluation.model_report import LabelReport
from classifiers.evaluation.slices import Part
from classifiers.evaluation.text_report import ranged, short

Floats = npt.NDArray[np.float64]

#: Width and height of a drawing, in pixels.
SIDE = 260
_MARGIN = 34
#: The first columns of both tables.
_HEADS = ("data", "part", "label", "n", "positive", "AUC", "AP", "recall at 1%")
#: Fewer texts with nearly the same score show nothing about calibration.
MIN_TEXTS = 10
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:84rem;margin:2rem auto;padding:0 1rem;
color:#1b1b1b;background:#fff}
table{border-collapse:collapse;width:100%;font-size:.87rem}
td{white-space:nowrap;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;
border-bottom:1px solid #ddd}th:nth-child(-n+3),td:nth-child(-n+3){text-align:left}
figure{display:inline-block;margin:0 1rem 1rem 0;vertical-align:top;width:260px}
figcaption{font-weight:600;text-align:center}
caption{text-align:left;font-weight:600;padding:.5rem 0}small{color:#555}
"""


def page(
    version: str,
    rows: Sequence[Row],
    lists: dict[str, dict[str, Any]],
    drawings: Sequence[str] = (),
    parts: Sequence[Part] = (),
) -> str:
    """Return the page.

    Parameters
    ----------
    lists : heading → name → figure, shown as lists below the table
    drawings : SVG figures, as `curves` makes them
    parts : of sets, for the table below the drawings
    """
    tables = "".join(_list(heading, figures) for heading, figures in lists.items())
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        f"<title>Scorer {html.escape(version)}</title><style>{_STYLE}</style>"
        f"<h1>Scorer {html.escape(version)}</h1>"
        "<p>Each figure comes with the range that 95% of redrawn samples fall into. "
        "A dummy that gives every text the same has AUC .500 and the average "
        "precision in the last column. Perfect probabilities would show a calibration "
        "error (ECE) as in the next column, by chance.</p>"
        f"{_table(rows)}{''.join(drawings)}{_parts(parts)}{tables}</html>"
    )


def _table(rows: Sequence[Row]) -> str:
    heads = list(_HEADS)
    heads += [f"at {100 * share:g} %" for share in MORE_FALSE_ALARMS]
    heads += ["ECE", "ECE by chance", "dummy AP"]
    return _grid("Figures", heads, map(_row, rows))


def _parts(parts: Sequence[Part]) -> str:
    if not parts:
        return ""
    heads = list(_HEADS)
    heads += ["ECE", "harmless held for review"]
    caption = "Toxicity by length, links and groups named"
    return _grid(caption, heads, map(_part_row, parts))


def _grid(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th scope=col>{html.escape(name)}" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells) for cells in rows
    )
    return f"<table><caption>{caption}</caption><tr>{head}{body}</table>"


def _part_row(part: Part) -> list[str]:
    return [
        part.source,
        part.name,
        "toxicity",
        *_measured(part.report),
        short(part.report.ece),
        f"{part.held:.1%}",
    ]


def _row(row: Row) -> list[str]:
    report = row.report
    return [
        f"{row.source} ({row.language})",
        row.use,
        row.label,
        *_measured(report),
        *(short(row.recalls.get(share)) for share in MORE_FALSE_ALARMS),
        short(report.ece),
        short(report.ece_by_chance),
        short(report.dummy_ap),
    ]


def _measured(report: LabelReport) -> list[str]:
    return [
        str(report.n),
        str(report.positives),
        ranged(report.auc),
        ranged(report.ap),
        ranged(report.recall_at_1pct_fpr),
    ]


def _list(heading: str, figures: dict[str, Any]) -> str:
    items = "".join(
        f"<tr><td>{html.escape(name)}<td>{html.escape(_plain(figure))}"
        for name, figure in figures.items()
        if not isinstance(figure, dict)
    )
    return f"<table><caption>{html.escape(heading)}</caption>{items}</table>"


def _plain(figure: object) -> str:
    if isinstance(figure, float):
        return f"{figure:.4f}"
    if isinstance(figure, list):
        return ", ".join(_plain(part) for part in figure)
    return str(figure)


def curves(title: str, target: Floats, score: Floats) -> str:
    """Return two drawings of one label: the ROC curve and the calibration."""
    return _drawing(f"{title}: ROC", _roc(target, score), "false alarms", "found") + (
        _drawing(
            f"{title}: calibration", _reliability(target, score), "score", "true share"
        )
    )


def _roc(target: Floats, score: Floats) -> list[tuple[float, float]]:
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(target[order]) / max(target.sum(), 1)
    alarms = np.cumsum(1 - target[order]) / max((1 - target).sum(), 1)
    step = max(1, len(order) // 200)
    points = zip(alarms[::step].tolist(), hits[::step].tolist(), strict=True)
    return [(0.0, 0.0), *points, (1.0, 1.0)]


def _reliability(target: Floats, score: Floats) -> list[tuple[float, float]]:
    bins = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    used = counts >= MIN_TEXTS
    means = np.bincount(bins, score, BINS)[used] / counts[used]
    truths = np.bincount(bins, target, BINS)[used] / counts[used]
    return list(zip(means.tolist(), truths.tolist(), strict=True))


def _drawing(
    title: str, points: list[tuple[float, float]], across: str, up: str
) -> str:
    inner = SIDE - 2 * _MARGIN
    line = " ".join(
        f"{_MARGIN + x * inner:.1f},{SIDE - _MARGIN - y * inner:.1f}" for x, y in points
    )
    low, high = _MARGIN, SIDE - _MARGIN
    return (
        f'<figure><svg viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}" '
        f'role="img" aria-label="{html.escape(title)}">'
        f'<rect x="{low}" y="{low}" width="{inner}" height="{inner}" fill="none" '
        'stroke="#999"/>'
        f'<line x1="{low}" y1="{high}" x2="{high}" y2="{low}" stroke="#bbb" '
        'stroke-dasharray="4"/>'
        f'<polyline points="{line}" fill="none" stroke="#0b5fa5" stroke-width="2"/>'
        f'<text x="{SIDE / 2}" y="{SIDE - 8}" text-anchor="middle" font-size="12">'
        f"{across}</text>"
        f'<text x="12" y="{SIDE / 2}" text-anchor="middle" font-size="12" '
        f'transform="rotate(-90 12 {SIDE / 2})">{up}</text>'
        f"</svg><figcaption>{html.escape(title)}</figcaption></figure>"
    )
