"""Requests to Azure Content Moderator: a text, with options in the query."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from flask import Request
from werkzeug.exceptions import UnsupportedMediaType

from moderation.compat.azure.markup import read_markup
from moderation.errors import InvalidFields
from moderation.web.parsing import read_body

#: Ten times what Azure took.
MAX_LENGTH = 10_240  # characters
MAX_LANGUAGE_LENGTH = 8  # characters of a language's code
MAX_LIST_ID = 2**31 - 1
PLAIN = ("text/plain", "text/markdown")
MARKED_UP = ("text/html", "text/xml")
FLAGS = {"": False, "false": False, "0": False, "true": True, "1": True}


@dataclass(frozen=True, kw_only=True)
class ScreenedText:
    """A text as it was sent, and what readers see of it."""

    original: str
    visible: str  #: without markup
    places: list[int] | None  #: of each visible character in the original; None: same


@dataclass(frozen=True, kw_only=True)
class ScreenOptions:
    """The options for screening a text."""

    language: str | None  #: ISO 639-3, or 639-1; None: to be detected
    list_id: int | None  #: of the only rule to ask; None: all
    is_classified: bool
    has_personal_data: bool
    is_corrected: bool


def read_text(request: Request) -> ScreenedText:
    """Return the text in a request's body.

    Raises
    ------
    werkzeug.exceptions.UnsupportedMediaType
        If it is no kind of text that Azure took.
    InvalidFields
        If it is empty, or too long.
    """
    kind = request.mimetype or PLAIN[0]
    if kind not in PLAIN + MARKED_UP:
        accepted = ", ".join(PLAIN + MARKED_UP)
        raise UnsupportedMediaType(f"Send the text as one of {accepted}.")
    text = _decoded(read_body(request), request.mimetype_params.get("charset"))
    if not text.strip():
        raise InvalidFields({"body": ["Must be a text."]})
    if len(text) > MAX_LENGTH:
        raise InvalidFields({"body": [f"At most {MAX_LENGTH} characters."]})
    if kind in PLAIN:
        return ScreenedText(original=text, visible=text, places=None)
    visible, places = read_markup(text)
    return ScreenedText(original=text, visible=visible, places=places)


def read_options(request: Request) -> ScreenOptions:
    """Return the options in a request's query, whose names' case doesn't matter.

    Raises
    ------
    InvalidFields
        Naming the one that is wrong.
    """
    query = {name.lower(): value.strip() for name, value in request.args.items()}
    language = query.get("language", "").lower()
    if len(language) > MAX_LANGUAGE_LENGTH or not (language or "eng").isalpha():
        raise InvalidFields({"language": ["Must be an ISO 639-3 code."]})
    return ScreenOptions(
        language=language or None,
        list_id=_list_id(query.get("listid", "")),
        is_classified=_flag(query, "classify"),
        has_personal_data=_flag(query, "pii"),
        is_corrected=_flag(query, "autocorrect"),
    )


def _list_id(value: str) -> int | None:
    if not value:
        return None
    is_number = (
        value.isascii() and value.isdecimal() and len(value) <= len("2147483647")
    )
    if not is_number or int(value) > MAX_LIST_ID:
        raise InvalidFields({"listId": ["Must be the number of a rule."]})
    return int(value)


def _flag(query: dict[str, str], name: str) -> bool:
    value = FLAGS.get(query.get(name, "").lower())
    if value is None:
        raise InvalidFields({name: ["Must be true or false."]})
    return value


def _decoded(data: bytes, charset: str | None) -> str:
    """Return the body as text; what can't be read in it is replaced."""
    try:
        name = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        name = "utf-8"
    if name not in {"utf-8", "ascii", "iso8859-1", "cp1252", "utf-16"}:
        name = "utf-8"
    return data.decode(name, "replace").removeprefix("\ufeff")
