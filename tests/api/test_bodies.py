"""Every schema can be dumped: a misspelt field or enum shows here, not in service."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
import pytest

from moderation import api, web
from moderation.api.notification_bodies import MinuteOfDay
from moderation.web.fields import CommentId, Moment

MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def all_schemas() -> list[type[ma.Schema]]:
    """Return every schema of the service's own API."""
    for package in (web, api):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found, left = set(), [ma.Schema]
    while left:
        for kind in left.pop().__subclasses__():
            left.append(kind)
            if kind.__module__.startswith("moderation."):
                found.add(kind)
    return sorted(found, key=lambda kind: kind.__qualname__)


def example(field: ma.fields.Field[Any]) -> Any:
    """Return a value that a field can dump."""
    match field:
        case ma.fields.Nested():
            value = filled(field.schema)
            return [value] if field.many else value
        case ma.fields.List():
            return [example(field.inner)]
        case ma.fields.Dict():
            key = example(field.key_field) if field.key_field else "name"
            return {key: example(field.value_field) if field.value_field else "x"}
        case ma.fields.Enum():
            members = list(field.enum.__members__.values())
            return members[0]
        case CommentId() | MinuteOfDay() | ma.fields.Integer():
            return 7
        case ma.fields.Boolean():
            return True
        case ma.fields.Float():
            return 0.5
        case ma.fields.AwareDateTime() | Moment():
            return MOMENT
        case ma.fields.Date():
            return MOMENT.date()
        case _:
            return "text"


def filled(schema: ma.Schema) -> dict[str, Any]:
    """Return values for all fields of a schema."""
    return {
        field.attribute or name: example(field) for name, field in schema.fields.items()
    }


def test_all_rooms_have_their_schemas() -> None:
    assert len(all_schemas()) > 20


@pytest.mark.parametrize("kind", all_schemas(), ids=lambda kind: kind.__name__)
def test_a_schema_dumps_all_its_fields(kind: type[ma.Schema]) -> None:
    schema = kind()
    dumped = schema.dump(filled(schema))
    expected = {
        field.data_key or name
        for name, field in schema.fields.items()
        if not field.load_only
    }
    assert set(dumped) == expected


@pytest.mark.parametrize("kind", all_schemas(), ids=lambda kind: kind.__name__)
def test_a_schema_dumps_what_json_can_carry(kind: type[ma.Schema]) -> None:
    schema = kind()
    assert schema.dumps(filled(schema))
