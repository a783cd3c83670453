"""Pure: drawings of figures with their ranges, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

LINE = 26  # height of one bar, in pixels
NAMES = 190  # width of the names
WIDTH = 380  # of the drawing beside them
LEAST = 0.05  # of AUC, that the axis reaches at least to either side
MOST = 60  # bars
LONGEST_NAME = 30  # characters


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A gain with the range that 95 % of redrawn samples fall into."""

    name: str
    value: float
    low: float
    high: float


def gains(bars: Sequence[Bar]) -> str:
    """Return gains as points with their ranges, around a line at nothing gained.

    Colours are those of either scheme: middle tones that are seen on white and black.
    """
    shown = bars[:MOST]
    reach = max([LEAST, *(max(abs(bar.low), abs(bar.high)) for bar in shown)])
    height = LINE * len(shown) + 40
    middle = NAMES + WIDTH / 2

    def across(value: float) -> float:
        return middle + value / reach * (WIDTH / 2 - 10)

    parts = [
        f'<line x1="{middle}" x2="{middle}" y1="6" y2="{height - 30}" stroke="#888"/>'
    ]
    for place, bar in enumerate(shown):
        y = 20 + place * LINE
        colour = "#1f8a4c" if bar.low > 0 else "#c4402f" if bar.high < 0 else "#7a7f87"
        parts.append(
            f'<text x="{NAMES - 10}" y="{y + 4}" text-anchor="end" fill="#7a7f87">'
            f"{escape(bar.name[:LONGEST_NAME])}</text>"
            f'<line x1="{across(bar.low):.1f}" x2="{across(bar.high):.1f}" y1="{y}" '
            f'y2="{y}" stroke="{colour}" stroke-width="5" stroke-linecap="round"/>'
            f'<circle cx="{across(bar.value):.1f}" cy="{y}" r="5" fill="{colour}"/>'
        )
    for value in (-reach, 0.0, reach):
        parts.append(
            f'<text x="{across(value):.1f}" y="{height - 8}" text-anchor="middle" '
            f'fill="#7a7f87">{value:+.2f}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {NAMES + WIDTH + 30} {height}" '
        'font-family="system-ui,sans-serif" font-size="13">'
        f"{''.join(parts)}</svg>"
    )
