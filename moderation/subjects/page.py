"""A person's data as a page to read, which needs no other file and no network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from moderation.languages import registry
from moderation.languages.registry import TextPart, read_texts
from moderation.subjects.clocks import DataClass

#: Codes of the languages; the first one is the default.
LANGUAGES = registry.offered(TextPart.PERSON)
#: Parts of the document, in the order of the page.
PARTS = (
    *("person", "authors", "comments", "reports_made", "notices_made"),
    "address_revealed",
    *("models_trained_on_comments", "recipients", "kept_for_days"),
)
#: Clocks may be None: until it is erased.
_CLOCKS = frozenset(DataClass)
#: Fields whose values are codes.
_CODED = {"found_by", "source", "standing", "status", "verdict"}
#: Fields with words that a person has written, in any direction.
_WRITTEN = {
    "text",
    "name",
    "names",
    "note",
    "reason",
    "article_title",
    "explanation",
    "answer",
}

STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto;
  padding: 0 1rem }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .25rem 1rem;
  margin: .5rem 0 }
dt { opacity: .75 } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap }
.record { border: 1px solid #8888; border-radius: .5rem; padding: .25rem 1rem;
  margin: .75rem 0 }
@media (max-width: 35rem) { dl { grid-template-columns: 1fr } }
@media print { .record { break-inside: avoid } }
"""
_PAGE = Markup(
    '<!doctype html><html lang="{language}" dir="{direction}"><head>'
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="robots" content="noindex"><title>{title}</title>'
    "<style>{style}</style></head><body><h1>{title}</h1><p>{intro}</p>{parts}"
    "</body></html>"
)
_PART = Markup("<section><h2>{heading}</h2><p>{help}</p>{content}</section>")
_FIELD = Markup("<dt>{label}</dt><dd{direction}>{value}</dd>")
_RECORD = Markup('<div class="record">{content}</div>')
_FIELDS = Markup("<dl>{content}</dl>")


def render(document: Mapping[str, Any], language: str) -> str:
    """Return the page of a document that `subjects.export` has made.

    Parameters
    ----------
    language
        One of `LANGUAGES`.
    """
    texts = read_texts(language, TextPart.PERSON)
    made_at = _moment(document["made_at"])
    return str(
        _PAGE.format(
            language=language,
            direction=registry.LANGUAGES[language].direction,
            style=Markup(STYLE),  # noqa: S704 - a constant
            title=texts["title"].format(site=document["site"]),
            intro=texts["intro"].format(site=document["site"], made_at=made_at),
            parts=Markup("").join(
                _PART.format(
                    heading=texts["part"][name],
                    help=texts["help"][name],
                    content=_value(document[name], texts, name),
                )
                for name in PARTS
            ),
        )
    )


def _value(value: Any, texts: Mapping[str, Any], name: str) -> Markup:
    """Return a value of the document as markup; what a person wrote is escaped."""
    if isinstance(value, dict):
        return _fields(value, texts)
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        records = (_RECORD.format(content=_fields(each, texts)) for each in value)
        return Markup("").join(records)
    if isinstance(value, list):
        lines = Markup("\n").join(_scalar(each, texts, name) for each in value)
        return lines or escape(texts["nothing"])
    return _scalar(value, texts, name)


def _fields(record: Mapping[str, Any], texts: Mapping[str, Any]) -> Markup:
    return _FIELDS.format(
        content=Markup("").join(
            _FIELD.format(
                label=texts["field"].get(name, name.replace("_", " ")),
                direction=Markup(' dir="auto"') if name in _WRITTEN else "",
                value=_value(value, texts, name),
            )
            for name, value in record.items()
            if value not in ("", [], {})
            if value is not None or name in _CLOCKS
        )
    )


def _scalar(value: Any, texts: Mapping[str, Any], name: str) -> Markup:
    if value is None:
        return escape(texts["forever"])
    if isinstance(value, bool):
        return escape(texts["yes" if value else "no"])
    if isinstance(value, float):
        return escape(f"{value:.2f}")
    if (isinstance(value, str) and name.endswith(("_at", "until"))) or name == "at":
        return escape(_moment(str(value)))
    return escape(str(value))


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
