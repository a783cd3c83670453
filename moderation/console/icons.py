"""The icons of the console: a sprite with only those that a page uses.

A template writes `icon("search")`. Scripts copy icons out of the sprite: a page names
those with `use_icons("check", "cross")`. `sprite()` comes last in the page.
"""

from __future__ import annotations

from flask import g
from markupsafe import Markup

from moderation.console.blueprint import bp

#: Arrows and the like, which turn round where one reads from right to left.
TURNING = frozenset({"back", "escalate", "external", "next", "skip", "undo"})
#: Paths in a box of 24 by 24, drawn with a line of 1.75 and round ends.
ICONS = {
    "alert": "M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 17.2v.1",
    "author": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20a7.5 7.5 0 0 1 15 0",
    "ban": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM5.8 5.8l12.4 12.4",
    "back": "M14.5 6 8.5 12l6 6",
    "blind": "M3 3l18 18M10.6 6.2a9 9 0 0 1 10.4 5.8 10 10 0 0 1-2.6 4M6.3 7.7A10 10 "
    "0 0 0 3 12a9.6 9.6 0 0 0 12.6 5.3M9.9 9.9a3 3 0 0 0 4.2 4.2",
    "brake": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM10 9v6M14 9v6",
    "campaigns": "M3 8c2-2 4-2 6 0s4 2 6 0 4-2 6 0M3 13c2-2 4-2 6 0s4 2 6 0 4-2 6 0"
    "M3 18c2-2 4-2 6 0s4 2 6 0 4-2 6 0",
    "check": "M5 12.5 10 17.5 19.5 7",
    "choose": "M8 9.5 12 5.5l4 4M8 14.5l4 4 4-4",
    "clock": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.2 2",
    "comments": "M4 5h16v11.5h-9L7 20v-3.5H4V5ZM8 9h8M8 12.5h5",
    "cross": "M6 6l12 12M18 6 6 18",
    "decided": "M4 6.5 6 8.5 9.5 5M4 16l2 2 3.5-3.5M13 7h7M13 16.5h7",
    "desk": "M4 4h16v12H4V4ZM8.5 10l2.5 2.5 4.5-5M9 20h6",
    "down": "M6 9.5l6 6 6-6",
    "escalate": "M12 20V8M7 12.5 12 7.5l5 5M5 4h14",
    "external": "M13 5h6v6M19 5l-8.5 8.5M10 6H5v13h13v-5",
    "file": "M6 3h8l4 4v14H6V3ZM14 3v4h4M9 12h6M9 16h6",
    "filter": "M4 6h16M7 12h10M10 18h4",
    "flag": "M5 21V4h11l-2 4 2 4H5",
    "globe": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3.2 12h17.6M12 3c5 5 5 13 0 18"
    "M12 3c-5 5-5 13 0 18",
    "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.5M12 7.6v.1",
    "insights": "M4 4v16h16M8 15l3.5-4.5 3 2.5L20 7",
    "keyboard": "M3 6.5h18v11H3v-11ZM7 10h.1M10.3 10h.1M13.6 10h.1M17 10h.1M8 14h8",
    "labels": "M4 4h7.5l8.5 8.5-7.5 7.5L4 11.5V4ZM8 8h.1",
    "log_out": "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "models": "M12 3l8 4.5v9L12 21l-8-4.5v-9L12 3ZM4 7.5l8 4.5 8-4.5M12 12v9",
    "more": "M6 12h.1M12 12h.1M18 12h.1",
    "next": "M9.5 6l6 6-6 6",
    "note": "M5 4h14v10l-5.5 6H5V4ZM19 14h-5.5v6M8.5 8.5h7M8.5 12h4",
    "overview": "M4 17.5a8.5 8.5 0 1 1 16 0H4ZM12 13l3.5-4",
    "plus": "M12 5v14M5 12h14",
    "rules": "M4 5h16l-6 7.5V19l-4-2v-4.5L4 5Z",
    "search": "M10.5 17.5a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM15.5 15.5 20.5 20.5",
    "settings": "M4 7h9M17 7h3M15 4.8v4.4M4 12h3M11 12h9M9 9.8v4.4M4 17h9M17 17h3"
    "M15 14.8v4.4",
    "shield": "M12 3l8 3v6c0 4.5-3.4 7.6-8 9-4.6-1.4-8-4.5-8-9V6l8-3ZM9 12"
    "l2.2 2.2L15.2 10",
    "skip": "M6 6l7 6-7 6V6ZM18 6v12",
    "team": "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 19.5a6.5 6.5 0 0 1 13 0"
    "M15.5 4.8a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.3",
    "triage": "M4 20h16M6 16v-4M10.7 16V6M15.3 16v-6M20 16V4",
    "undo": "M8.5 5 4 9.5 8.5 14M4 9.5h10a5.5 5.5 0 0 1 0 11h-3",
}


@bp.app_template_global()
def icon(name: str) -> Markup:
    """Return an icon, which the sprite of this page then has.

    Raises
    ------
    KeyError
        If there is no such icon.
    """
    use_icons(name)
    turns = " turns" if name in TURNING else ""
    return Markup(
        '<svg class="i{}" aria-hidden="true"><use href="#i-{}"/></svg>'
    ).format(turns, name)


@bp.app_template_global()
def use_icons(*names: str) -> str:
    """Put icons into the sprite that only scripts will show."""
    used = g.setdefault("icons", {})
    for name in names:
        used[name] = ICONS[name]
    return ""


@bp.app_template_global()
def sprite() -> Markup:
    """Return the drawings of the icons that the page has used so far."""
    symbols = Markup("").join(
        Markup(
            '<symbol id="i-{}"{} viewBox="0 0 24 24"><path d="{}"/></symbol>'
        ).format(name, Markup(" data-turns") if name in TURNING else "", path)
        for name, path in g.get("icons", {}).items()
    )
    return Markup('<svg class="sprite" aria-hidden="true">{}</svg>').format(symbols)
