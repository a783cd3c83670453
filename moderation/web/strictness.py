"""Refuses what a request holds beyond what its operation documents."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

import marshmallow as ma
from flask import Request, request
from webargs import core
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from moderation.errors import InvalidFields
from moderation.web.parsing import WHOLE, flatten, read_body, read_json

View = TypeVar("View", bound=Callable[..., Any])

UNKNOWN_PARAMETER = "Unknown parameter."
REPEATED_PARAMETER = "Given more than once."
UNKNOWN_FIELD = "Unknown field."
NO_BODY = "This call takes no body."
BODY_LOCATIONS = {"json", "json_or_form", "form", "files"}


def strict(view: View) -> View:
    """Let a view answer only requests without undocumented parameters and fields.

    A caller without access to the view gets that refusal first: a guard leaves its
    check on the view, as `admit`.

    Raises
    ------
    moderation.errors.InvalidFields
        Naming every parameter that is unknown or repeated, and every field of a body
        where the view takes none. The fields of a documented body are its schema's.
    """
    parameters = documented_parameters(view)
    takes_body = _takes_body(view)
    admit: Callable[[], object] | None = getattr(view, "admit", None)

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        complaints = undocumented_parameters(request.args, parameters)
        has_surplus = not takes_body and _has_body(request)
        if complaints or has_surplus:
            if admit is not None:
                admit()
            if has_surplus:
                complaints |= _surplus_fields(request)
            if complaints:
                raise InvalidFields(complaints)
        return view(*args, **kwargs)

    return cast(View, guarded)


def documented_parameters(view: object) -> dict[str, bool]:
    """Return the query parameters of a view, and whether each may be repeated."""
    return {
        field.data_key or name: isinstance(field, ma.fields.List)
        for argument in _arguments(view)
        if argument["in"] == "query"
        for name, field in _instance(argument["schema"]).fields.items()
    }


def undocumented_parameters(
    given: MultiDict[str, str], documented: Mapping[str, bool]
) -> dict[str, list[str]]:
    """Return complaints about what a query holds; its values are not repeated."""
    complaints: dict[str, Any] = {}
    for name, values in given.lists():
        if name not in documented:
            complaints[name] = [UNKNOWN_PARAMETER]
        elif len(values) > 1 and not documented[name]:
            complaints[name] = [REPEATED_PARAMETER]
    return flatten(complaints)


def _surplus_fields(req: Request) -> dict[str, list[str]]:
    """Return complaints about the body of a call that takes none."""
    try:
        body = read_body(req)
        value = read_json(body) if core.is_json(req.mimetype) and body else body
    except BadRequest:
        return {WHOLE: [NO_BODY]}
    except RequestEntityTooLarge:
        return {WHOLE: [NO_BODY]}
    if not value:  # nothing is asked: `{}`, `null`
        return {}
    if isinstance(value, dict):
        return flatten({name: [UNKNOWN_FIELD] for name in value})
    return {WHOLE: [NO_BODY]}


def _has_body(req: Request) -> bool:
    return bool(req.content_length) or "Transfer-Encoding" in req.headers


def _takes_body(view: object) -> bool:
    documented = getattr(view, "_apidoc", {})
    is_manual = "requestBody" in documented.get("manual_doc", {})
    return is_manual or any(
        argument["in"] in BODY_LOCATIONS for argument in _arguments(view)
    )


def _arguments(view: object) -> Iterable[Mapping[str, Any]]:
    """Return what flask-smorest noted of the arguments of a view."""
    documented: Mapping[str, Any] = getattr(view, "_apidoc", {})
    arguments: list[Mapping[str, Any]] = documented.get("arguments", {}).get(
        "parameters", []
    )
    return arguments


def _instance(schema: ma.Schema | type[ma.Schema]) -> ma.Schema:
    return schema if isinstance(schema, ma.Schema) else schema()
