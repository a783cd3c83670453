"""The comment form, read strictly into the fields of a comment."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import marshmallow as ma
from flask import Request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from moderation.api.comment_bodies import NewComment
from moderation.demo import article
from moderation.errors import InvalidFields
from moderation.web.parsing import flatten

FORM_TYPE = "application/x-www-form-urlencoded"
TYPED = ("author_name", "author_email", "author_url", "body")
MAX_FIELDS = 20  # ours are six; extensions and plug-ins of a browser may add some
MAX_USER_AGENT_LENGTH = 512  # characters, as `NewComment` has it
TOKEN_BYTES = 16
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")  # what `TOKEN_BYTES` become
SENT_TOKEN = re.compile(r"[0-9-]{7,43}")  # four numbers of 32 bits, from `embed.js`

new_comment = NewComment()


@dataclass(frozen=True, kw_only=True)
class Form:
    """A comment form, submitted or empty."""

    values: Mapping[str, str]  #: field name to what was typed
    token: str  #: the same one twice is one comment

    @property
    def parent(self) -> str:
        """The public id of the comment replied to, or nothing."""
        return self.values.get("parent", "")


def empty_form(parent: str = "") -> Form:
    """Return an empty form."""
    return Form(values={"parent": parent}, token=secrets.token_urlsafe(TOKEN_BYTES))


def read_form(request: Request) -> Form:
    """Return the submitted form.

    Flask's own reading replaces bytes that are not UTF-8 and takes the first of two
    equal names; what can be read in two ways is refused here, as in the API.

    Raises
    ------
    werkzeug.exceptions.HTTPException
        If it is no form, is too large, or can't be read.
    """
    if request.mimetype != FORM_TYPE:
        raise UnsupportedMediaType(f"Send the form as {FORM_TYPE}.")
    try:
        pairs = parse_qsl(
            request.get_data(cache=False).decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except UnicodeDecodeError:
        raise BadRequest("The form is not UTF-8.") from None
    except ValueError:
        raise BadRequest(f"The form has more than {MAX_FIELDS} fields.") from None
    values = dict(pairs)
    if len(values) != len(pairs):
        raise BadRequest("A field stands twice in the form.")
    token = values.get("token", "")
    return Form(
        values={name: values.get(name, "") for name in (*TYPED, "parent")},
        token=token if TOKEN.fullmatch(token) else empty_form().token,
    )


def read_json_form(request: Request) -> Form:
    """Return what `embed.js` sends, as the form of the page does.

    Raises
    ------
    werkzeug.exceptions.HTTPException
        If it is no JSON object, or can't be read.
    """
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("Send a JSON object.")
    token = request.headers.get("Idempotency-Key", "")
    values = {name: body.get(name) for name in (*TYPED, "parent")}
    return Form(
        values={
            name: value if isinstance(value, str) else ""
            for name, value in values.items()
        },
        token=token if SENT_TOKEN.fullmatch(token) else empty_form().token,
    )


def fields_of(form: Form, request: Request) -> dict[str, Any]:
    """Return the form as `api.comment_bodies.NewComment` loads it.

    Raises
    ------
    InvalidFields
        Naming every field that the reader has to mend.
    """
    typed = {name: form.values[name] for name in TYPED}
    if not typed["author_url"].strip():
        del typed["author_url"]  # the field is optional: left empty, it is absent
    sent = {
        **typed,
        "parent": form.parent or None,
        "article": article.REFERENCE,
        "article_title": article.TITLE,
        "article_section": article.SECTION,
        **_origin(request),
    }
    try:
        fields: dict[str, Any] = new_comment.load(sent)
    except ma.ValidationError as error:
        raise InvalidFields(_in_form_order(flatten(error.messages))) from None
    return fields


def idempotency_key(form: Form) -> str:
    """Return the idempotency key of a submitted form.

    The text is a part of it: a reader who goes back and changes the text sends
    another comment. The email address is not: a hash of it would not be private.
    """
    content = f"{form.parent}\0{form.values['body']}"
    return f"form:{form.token}:{hashlib.sha256(content.encode()).hexdigest()}"


def _in_form_order(complaints: Mapping[str, list[str]]) -> dict[str, list[str]]:
    first = {name: complaints[name] for name in TYPED if name in complaints}
    return {**first, **complaints}


def _origin(request: Request) -> dict[str, str]:
    """Return the request's IP address and user agent, if readable.

    It is not the reader's to mend, so that it never refuses a comment.
    """
    origin = {}
    with contextlib.suppress(ValueError):
        origin["ip"] = str(ipaddress.ip_address(request.remote_addr or ""))
    agent = request.user_agent.string[:MAX_USER_AGENT_LENGTH]
    printable = "".join(char for char in agent if char.isprintable())
    if any(char.isalnum() for char in printable):
        origin["user_agent"] = printable
    return origin
