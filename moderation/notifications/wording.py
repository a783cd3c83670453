"""What a notification says, in its recipient's language; the facts come from above."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from moderation.notifications.kinds import NotificationKind
from moderation.notifications.messages import Message, MessageLine

CATALOGUE = Path(__file__).parent / "catalogue"
MAX_LINES = 10  # things that one message names; the others are counted

#: Returns a text of the catalogue with values in place.
Translate = Callable[..., str]


@dataclass(frozen=True, kw_only=True)
class NotificationFact:
    """One thing to say: a text of the catalogue, its values, and a page."""

    text: str  #: key of the catalogue
    path: str = ""  #: of the page of the console; empty: there is none
    values: Mapping[str, object] = field(default_factory=dict)
    #: value to the group of the catalogue with its name: `kind` to `brake`
    named: Mapping[str, str] = field(default_factory=dict)
    quote: str | None = None  #: a comment, where the site's settings allow it


@cache
def read_catalogue(language: str) -> dict[str, Any]:
    """Return the texts of a language, grouped as in the file."""
    path = CATALOGUE / f"{language}.json"
    catalogue: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return catalogue


def compose(
    kind: NotificationKind,
    facts: Sequence[NotificationFact],
    *,
    t: Translate,
    direction: str,
    home: str,
    settings_path: str,
) -> Message:
    """Return the message about some facts.

    Parameters
    ----------
    home
        Address of this service, as `https://comments.example`; empty: unknown.
    settings_path
        Of the page on which the recipient changes what they get.
    """
    lines = [
        MessageLine(
            text=_text_of(fact, t),
            url=f"{home}{fact.path}" if home and fact.path else None,
            quote=fact.quote,
        )
        for fact in facts[:MAX_LINES]
    ]
    left_out = len(facts) - len(lines)
    if left_out:
        lines.append(MessageLine(text=t("more", count=left_out)))
    return Message(
        title=t(f"title.{kind}", count=len(facts)),
        lines=lines,
        link_text=t("open"),
        reason=t("reason"),
        settings_url=f"{home}{settings_path}" if home else None,
        direction=direction,
    )


def _text_of(fact: NotificationFact, t: Translate) -> str:
    names = {
        value: t(f"{group}.{fact.values[value]}") for value, group in fact.named.items()
    }
    return t(fact.text, **{**fact.values, **names})
