"""Pure: drawings of figures, as SVG that stands in a page and takes its colours.

Nothing is drawn that the page doesn't say in words or in a table next to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 400, 24  # of a gain in a row of a table
LEAST = 0.02  # that the axis of gains reaches at least to either side
SIDE = 200  # of a square drawing, inside its axes
LEFT, TOP, RIGHT, BOTTOM = 42, 10, 12, 34  # around it
TICKS = (0.0, 0.5, 1.0)
STRETCHED = {
    "preserveAspectRatio": "none",
    "aria_hidden": "true",  # the figure stands next to it
    "focusable": "false",
}

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class PlotLine:
    """A line of a square drawing, in shares from 0 to 1."""

    kind: str  #: its class: `active` or `candidate`
    points: Sequence[Point]
    #: upright ranges through the points, low and high; none: a line without points
    ranges: Sequence[Point] = ()


def reach(ends: Sequence[float]) -> float:
    """Return how far an axis around zero goes to either side."""
    return max([LEAST, *(abs(end) for end in ends)])


def gain(
    value: float, low: float, high: float, *, reach: float, outcome: str
) -> Markup:
    """Return a gain as a point with its range, around a line at nothing gained."""

    def across(amount: float) -> float:
        return round(WIDTH / 2 * (1 + 0.96 * amount / reach), 1)

    left, right = across(low), across(high)
    span = max(2.0, round(right - left, 1))
    return tag(
        "svg",
        tag("rect", class_="zero", x=WIDTH / 2 - 1, y=0, width=2, height=HEIGHT),
        tag("rect", class_="span", x=left, y=9, width=span, height=6),
        tag("rect", class_="point", x=across(value) - 2, y=3, width=4, height=18),
        class_=f"gain {outcome}",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        **STRETCHED,
    )


def outcome(low: float, high: float) -> str:
    """Return what a range says of a difference: `better`, `worse` or `unclear`."""
    if low > 0:
        return "better"
    return "worse" if high < 0 else "unclear"


def bar(share: float) -> Markup:
    """Return a share of a whole as a bar."""
    width = round(100 * min(1.0, share), 1)
    return tag(
        "svg",
        tag("rect", class_="track", width=100, height=8),
        tag("rect", class_="part", width=width, height=8),
        class_="meter",
        viewBox="0 0 100 8",
        **STRETCHED,
    )


def square(
    lines: Sequence[PlotLine], axes: Mapping[str, str], *, ideal: bool
) -> Markup:
    """Return lines in a square from 0 to 1.

    Parameters
    ----------
    axes
        What is shown `across`, what `up`, and all of it in words as its `name`.
    ideal
        Draw the diagonal: chance alone, or probabilities that are true.
    """
    parts = [_frame(axes)]
    if ideal:
        parts.append(_line("ideal", (0, 0), (1, 1)))
    parts += [_drawn(line) for line in lines]
    return tag(
        "svg",
        *parts,
        class_="square",
        direction="ltr",
        role="img",
        aria_label=axes["name"],
        viewBox=f"0 0 {LEFT + SIDE + RIGHT} {TOP + SIDE + BOTTOM}",
    )


def tag(name: str, *children: Markup | str, **attributes: object) -> Markup:
    """Return an element; `class_` is its class, `aria_label` its `aria-label`."""
    told = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value)
        for key, value in attributes.items()
    )
    inside = Markup("").join(children)
    return Markup("<{name}{told}>{inside}</{name}>").format(
        name=name, told=told, inside=inside
    )


def _at(point: Point) -> Point:
    x, y = point
    return round(LEFT + x * SIDE, 1), round(TOP + (1 - y) * SIDE, 1)


def _line(kind: str, start: Point, end: Point) -> Markup:
    (x1, y1), (x2, y2) = _at(start), _at(end)
    return tag("line", class_=kind, x1=x1, y1=y1, x2=x2, y2=y2)


def _frame(axes: Mapping[str, str]) -> Markup:
    under, middle = TOP + SIDE, TOP + SIDE / 2
    parts = [
        tag("rect", class_="frame", x=LEFT, y=TOP, width=SIDE, height=SIDE),
        _text(axes["across"], LEFT + SIDE / 2, under + 29),
        _text(axes["up"], 11, middle, transform=f"rotate(-90 11 {middle})"),
    ]
    for tick in TICKS:
        (x, _), (_, y) = _at((tick, 0)), _at((0, tick))
        parts.append(_text(f"{tick:g}", x, under + 14))
        parts.append(_text(f"{tick:g}", LEFT - 5, y + 4, text_anchor="end"))
    return Markup("").join(parts)


def _text(told: str, x: float, y: float, **attributes: object) -> Markup:
    return tag("text", told, x=x, y=y, **{"text_anchor": "middle", **attributes})


def _drawn(line: PlotLine) -> Markup:
    places = [_at(point) for point in line.points]
    path = " ".join(f"{x},{y}" for x, y in places)
    parts = [tag("polyline", class_=line.kind, points=path)]
    for point, (low, high) in zip(line.points, line.ranges, strict=False):
        (x, _), (cx, cy) = point, _at(point)
        parts.append(_line(f"{line.kind} spread", (x, low), (x, high)))
        parts.append(tag("circle", class_=line.kind, cx=cx, cy=cy, r=3))
    return Markup("").join(parts)
