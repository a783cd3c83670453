"""Pure: drawings of what changes over time, as SVG that is stretched to its place.

Names, ends, and values stand next to a drawing as text: it has none of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from moderation.console.plots import tag

WIDTH, HEIGHT = 100, 40  # of a drawing, in units of its own
HEAD = 3  # units that are free above the highest value
GAP = 0.2  # between bars, as a share of their width
#: Where shares are at least so high, their scale begins here: noise is no news.
LEAST_SHARE = 0.6

#: Values in order of time; None: not known, which breaks the line.
Values = Sequence[float | None]


def scale_of_shares(values: Values) -> tuple[float, float]:
    """Return the scale of shares: from 60% or, if one is lower, from 0% to 100%."""
    known = [value for value in values if value is not None]
    return (LEAST_SHARE if min(known, default=1.0) >= LEAST_SHARE else 0.0, 1.0)


def line(
    values: Values, name: str, *, scale: tuple[float, float] | None = None
) -> Markup:
    """Return values as a line over an area.

    Parameters
    ----------
    name
        What it shows, in words: first, last, lowest, and highest value.
    scale
        The values at the foot and the head; None: from 0 to the highest one.
    """
    low, high = scale or (0.0, max([0.0, *(v for v in values if v is not None)]))
    span = (high - low) or 1.0
    step = WIDTH / max(1, len(values) - 1)

    def place(number: int, value: float) -> tuple[float, float]:
        share = min(1.0, max(0.0, (value - low) / span))
        return round(number * step, 1), round(HEIGHT - share * (HEIGHT - HEAD), 1)

    parts = []
    for run in _runs(values):
        points = [place(number, value) for number, value in run]
        if len(points) == 1:  # a line needs two ends
            (x, y), half = points[0], step / 4
            points = [(max(0.0, x - half), y), (min(float(WIDTH), x + half), y)]
        path = " ".join(f"{x},{y}" for x, y in points)
        feet = f"{points[0][0]},{HEIGHT} {path} {points[-1][0]},{HEIGHT}"
        parts.append(tag("polygon", class_="area", points=feet))
        parts.append(tag("polyline", class_="path", points=path))
    return _drawing("course", name, parts)


def bars(columns: Sequence[Sequence[tuple[str, int]]], name: str) -> Markup:
    """Return columns of parts, one upon the other.

    Parameters
    ----------
    columns
        In order of time: the class and the size of each part, the lowest first.
    """
    highest = max((sum(size for _, size in column) for column in columns), default=0)
    width = WIDTH / max(1, len(columns))
    parts = []
    for number, column in enumerate(columns):
        foot = float(HEIGHT)
        for kind, size in column:
            height = (HEIGHT - HEAD) * size / (highest or 1)
            foot -= height
            if size:
                parts.append(
                    tag(
                        "rect",
                        class_=kind,
                        x=round((number + GAP / 2) * width, 2),
                        y=round(foot, 2),
                        width=round((1 - GAP) * width, 2),
                        height=round(height, 2),
                    )
                )
    return _drawing("course", name, parts)


def _runs(values: Values) -> Iterator[list[tuple[int, float]]]:
    """Yield the stretches of values that are known, each with its place."""
    run: list[tuple[int, float]] = []
    for number, value in enumerate(values):
        if value is not None:
            run.append((number, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _drawing(kind: str, name: str, parts: Sequence[Markup]) -> Markup:
    return tag(
        "svg",
        *parts,
        class_=kind,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_label=name,
        focusable="false",
    )
