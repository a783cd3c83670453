"""Word a notification in its recipient's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from moderation.languages.registry import (
    LANGUAGES,
    TextPart,
    nearest,
    offered,
    read_texts,
)
from moderation.languages.words import Words, list_texts
from moderation.notifications.kinds import NotificationKind
from moderation.notifications.messages import Message, MessageLine

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
def words(code: str) -> Words:
    """Return the texts of the messages; in the default language, if there are none."""
    language = LANGUAGES[nearest(code, offered(TextPart.NOTIFICATIONS))]
    texts = read_texts(language.code, TextPart.NOTIFICATIONS)
    return Words(language, dict(list_texts(texts, "")))


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
