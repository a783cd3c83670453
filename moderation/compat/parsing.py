"""Reads request bodies of third-party clients: lenient in form, strict in size."""

from __future__ import annotations

import codecs
import unicodedata
from typing import Any
from urllib.parse import parse_qsl

from flask import request
from werkzeug.exceptions import BadRequest

from moderation.web.fields import LINE_BREAKS_AND_TABS
from moderation.web.parsing import read_body, read_json

MAX_FIELDS = 1000  # WordPress repeats a form and its server's variables: about 100
REPLACEMENT = "\ufffd"  # for what can't be stored
# Charsets that plain text is really sent in. Others (UTF-7, codecs of Python's own)
# are read as UTF-8: the bytes must hold the text that a reader would see.
CHARSETS = {"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "cp1251", "koi8-r"}


def json_object() -> dict[str, Any]:
    """Return the object in the request's body, with any Content-Type.

    Raises
    ------
    werkzeug.exceptions.BadRequest
        If it is no JSON object, or one with a doubled key.
    """
    body = read_json(read_body(request))
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    return body


def form() -> dict[str, str]:
    """Return the fields of a form or flat JSON object, and of the query.

    Of a field sent several times, the last one counts.

    Raises
    ------
    werkzeug.exceptions.BadRequest
        If there are over a thousand fields, or the JSON can't be read.
    """
    fields = {name: values[-1] for name, values in request.args.lists()}
    if request.is_json:
        for name, value in json_object().items():
            if isinstance(value, str | int | float):
                fields[name] = _flag(value) if isinstance(value, bool) else str(value)
        return fields
    if request.mimetype == "multipart/form-data":
        return {**fields, **{name: values[-1] for name, values in request.form.lists()}}
    data = read_body(request)
    charset = request.mimetype_params.get("charset") or _declared(data)
    try:
        pairs = parse_qsl(
            data.decode("ascii", "replace"),
            keep_blank_values=True,
            encoding=_known(charset),
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise BadRequest(f"The form has over {MAX_FIELDS} fields.") from None
    return {**fields, **dict(pairs)}


def storable(text: str) -> str:
    """Return a text with the characters replaced that databases refuse.

    >>> storable("a\\x00b\\r\\nc")
    'a\ufffdb\\nc'
    """
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char
        if char in LINE_BREAKS_AND_TABS
        or unicodedata.category(char) not in {"Cc", "Cs"}
        else REPLACEMENT
        for char in text
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _declared(data: bytes) -> str:
    """Return the charset in the form's field `blog_charset`."""
    _, has_field, rest = data.partition(b"blog_charset=")
    return rest.partition(b"&")[0].decode("ascii", "replace") if has_field else "utf-8"


def _known(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return "utf-8"
    return name if name in CHARSETS else "utf-8"
