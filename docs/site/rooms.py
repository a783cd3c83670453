"""Draws the rooms of the service out of the contract that the checks hold it to.

`python -m docs.site.rooms` writes `docs/images/rooms.svg`. The floors are those of
`pyproject.toml`; the path of a comment follows imports that a test finds in the code.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[2]
DRAWING = ROOT / "docs" / "images" / "rooms.svg"
CONTRACT = "Imports in the service go one way"

# Pixels.
MARGIN, ROW, BOX, GAP, LETTER, PADDING = 16, 44, 28, 8, 7.6, 20
LANE, STEP, RADIUS = 850, 40, 11
STYLE = """
  svg { --ground: #ffffff; --line: #d0d7de; --box: #f6f8fa; }
  svg { --ink: #1f2328; --way: #0969da; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --line: #3d444d; --box: #151b23; }
    svg { --ink: #f0f6fc; --way: #4493f8; }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink); }
  .ground { fill: var(--ground); }
  .floor { stroke: var(--line); }
  .room { fill: var(--box); stroke: var(--line); }
  .passed { stroke: var(--way); stroke-width: 2; }
  .way { fill: none; stroke: var(--way); stroke-width: 2; }
  .step { fill: var(--way); }
  .named { fill: var(--way); font-weight: 600; }
  .number { fill: var(--ground); font-weight: 600; }
"""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A room that a comment comes through, and the room that calls it there."""

    room: str
    caller: str  #: empty: a browser or a client
    does: str


WAY = (
    Step(room="api", caller="", does="reads the request and its fields"),
    Step(room="web", caller="api", does="checks the key, its scope, and its limits"),
    Step(room="comments", caller="api", does="receives the comment from any edge"),
    Step(room="models", caller="comments", does="scores it with the active model"),
    Step(room="rules", caller="comments", does="matches the site's rules"),
    Step(room="policy", caller="comments", does="decides by thresholds and modes"),
    Step(room="webhooks", caller="comments", does="queues the events to send"),
    Step(room="tables", caller="comments", does="stores all of it, in one commit"),
    Step(room="queue", caller="api", does="lists it, if it is pending"),
    Step(room="review", caller="api", does="records a moderator's decision"),
    Step(room="learning", caller="worker", does="makes it a training example"),
)


def floors() -> list[list[str]]:
    """Return the rooms of each floor of the contract, the highest floor first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each["name"] == CONTRACT)
    return [[room.strip() for room in re.split(r"[|:]", each)] for each in layers]


def drawing() -> str:
    """Return the drawing as SVG: the floors on the left, the way on the right."""
    rows = floors()
    height = MARGIN * 2 + ROW * (len(rows) + 1)
    width = LANE + STEP * len(WAY) + MARGIN
    passed = {step.room: str(number) for number, step in enumerate(WAY, start=1)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'role="img" aria-labelledby="title"><title id="title">The rooms of the service'
        f", and the path of a comment through them</title><style>{STYLE}</style>",
        f'<rect class="ground" width="{width}" height="{height}" rx="8"/>',
        _text(MARGIN, MARGIN + 18, "Rooms: each imports from lower floors only"),
        _text(LANE, MARGIN + 18, "The path of a comment"),
    ]
    for number, rooms in enumerate(rows):
        top = _top(number)
        parts.append(
            f'<line class="floor" x1="{MARGIN}" x2="{width - MARGIN}" y1="{top - 8}" '
            f'y2="{top - 8}"/>'
        )
        left = float(MARGIN)
        for room in rooms:
            step = passed.get(room, "")
            name = len(room) * LETTER
            wide = name + PADDING + (len(step) + bool(step)) * LETTER
            kind = "room passed" if room in passed else "room"
            parts.append(
                f'<rect class="{kind}" x="{left:g}" y="{top}" width="{wide:g}" '
                f'height="{BOX}" rx="5"/>' + _text(left + 10, top + 19, room)
            )
            if step:
                parts.append(
                    f'<text class="named" x="{left + wide - 8:g}" y="{top + 19}" '
                    f'text-anchor="end">{step}</text>'
                )
            left += wide + GAP
    return "\n".join([*parts, *_way(rows), "</svg>"]) + "\n"


def _way(rows: list[list[str]]) -> list[str]:
    floor_of = {room: number for number, rooms in enumerate(rows) for room in rooms}
    points = [
        (LANE + STEP * number + RADIUS, _top(floor_of[step.room]) + BOX // 2)
        for number, step in enumerate(WAY)
    ]
    path = " ".join(f"{x},{y}" for x, y in points)
    parts = [f'<polyline class="way" points="{path}"/>']
    for number, (x, y) in enumerate(points, start=1):
        parts.append(
            f'<circle class="step" cx="{x}" cy="{y}" r="{RADIUS}"/>'
            f'<text class="number" x="{x}" y="{y + 5}" text-anchor="middle">'
            f"{number}</text>"
        )
    return parts


def _top(number: int) -> int:
    return MARGIN + ROW * (number + 1) + 8


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x:g}" y="{y:g}">{escape(words)}</text>'


def listed_way() -> str:
    """Return the steps as a list for the page."""
    return "\n".join(
        f"{number}. `{step.room}` {step.does}."
        for number, step in enumerate(WAY, start=1)
    )


if __name__ == "__main__":
    DRAWING.write_text(drawing(), encoding="utf-8")
