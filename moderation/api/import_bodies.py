"""Uploaded histories, in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import marshmallow as ma
from marshmallow import validate

from moderation.api.job_bodies import JobOut
from moderation.importing.drafts import MAX_ARTICLE_LENGTH
from moderation.importing.formats import AUTO, FORMATS
from moderation.importing.mapping import find_fault
from moderation.importing.request import ImportRequest, is_source
from moderation.importing.uploads import (
    MAX_FILES,
    MAX_NAME_LENGTH,
    PART_BYTES,
)
from moderation.text.plain import is_web_address
from moderation.web.fields import Line

MAX_BYTES = 2**53 - 1  # of a file: a number that JSON and JavaScript hold
MAX_MAPPED = 40  # fields


def _validator(
    is_valid: Callable[[str], bool], complaint: str
) -> Callable[[str], None]:
    """Return what complains of a value that isn't valid."""

    def check(value: str) -> None:
        if not is_valid(value):
            raise ma.ValidationError(complaint)

    return check


def _is_address(url: str) -> bool:
    return is_web_address(url) and len(url) <= MAX_ARTICLE_LENGTH


class NewImportFile(ma.Schema):
    """A file that is going to be uploaded."""

    name = Line(
        longest=MAX_NAME_LENGTH,
        required=True,
        metadata={"description": "Its name, without a folder"},
    )
    size = ma.fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, MAX_BYTES),
        metadata={"description": "Bytes"},
    )


class NewImport(ma.Schema):
    """The files of another system's history, in the order in which they are read."""

    files = ma.fields.List(
        ma.fields.Nested(NewImportFile),
        required=True,
        validate=validate.Length(1, MAX_FILES),
    )


class ImportPartQuery(ma.Schema):
    """The position of a part in its file."""

    offset = ma.fields.Integer(
        required=True,
        validate=validate.Range(0, MAX_BYTES),
        metadata={
            "description": f"Bytes of the file before the part, which has {PART_BYTES} "
            "bytes at most. 409 if another part is due: read `received`"
        },
    )


class ImportCheck(ma.Schema):
    """Options for reading the files."""

    format = ma.fields.String(
        load_default=AUTO,
        validate=validate.OneOf([AUTO, *FORMATS]),
        metadata={"description": "`auto`: found out by the files"},
    )
    source = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=_validator(is_source, "Not a name of a source."),
        metadata={
            "description": "Begins the IDs of the comments: letters, digits, `-`, and "
            "`_`, up to 30. null: the format"
        },
    )
    timezone = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=_validator(
            lambda name: name in available_timezones(), "No time zone."
        ),
        metadata={"description": "Of times that name none, such as Europe/Vienna"},
    )
    base_url = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=_validator(_is_address, "Not a web address."),
        metadata={"description": "Of articles, where the source knows paths only"},
    )
    since = ma.fields.AwareDateTime(
        format="iso",
        load_default=None,
        allow_none=True,
        default_timezone=ZoneInfo("UTC"),
        metadata={"description": "Skip comments written before this time"},
    )
    pending = ma.fields.String(
        load_default="archive",
        validate=validate.OneOf(["queue", "archive"]),
        metadata={
            "description": "Where comments go that no one has decided: `queue`, or "
            "`archive`, where they are neither shown nor queued"
        },
    )
    mapping = ma.fields.Dict(
        keys=ma.fields.String(),
        load_default=dict,
        validate=[validate.Length(max=MAX_MAPPED), lambda value: _check(value)],
        metadata={"description": "Of CSV and JSON lines: our field to column"},
    )


class ImportFileOut(ma.Schema):
    """A file of an import."""

    name = ma.fields.String(required=True)
    size = ma.fields.Integer(required=True, metadata={"description": "Bytes"})
    received = ma.fields.Integer(
        required=True, metadata={"description": "Bytes that are here"}
    )


class ImportOut(ma.Schema):
    """An uploaded history, with the state of its import."""

    id = ma.fields.Integer(required=True)
    site = ma.fields.String(required=True)
    created_at = ma.fields.AwareDateTime(format="iso", required=True)
    asked_by = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Username"}
    )
    files = ma.fields.List(ma.fields.Nested(ImportFileOut), required=True)
    expires_at = ma.fields.AwareDateTime(
        format="iso",
        required=True,
        allow_none=True,
        metadata={
            "description": "When the files are deleted, unless a job reads them; null: "
            "they were"
        },
    )
    check = ma.fields.Nested(
        JobOut,
        required=True,
        allow_none=True,
        metadata={"description": "The newest check; its result has the `report`"},
    )
    job = ma.fields.Nested(
        JobOut,
        required=True,
        allow_none=True,
        metadata={"description": "The import"},
    )
    added = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "Comments that the import has added so far; null: it has "
            "not begun"
        },
    )


class ImportList(ma.Schema):
    """The newest imports of a site."""

    imports = ma.fields.List(ma.fields.Nested(ImportOut), required=True)
    max_bytes = ma.fields.Integer(
        required=True,
        metadata={
            "description": "The limit for the files of one import; 0: imports are off"
        },
    )
    part_bytes = ma.fields.Integer(
        required=True, metadata={"description": "Of a part of a file, at most"}
    )


def load_request(fields: dict[str, Any]) -> ImportRequest:
    """Return what a check asks for."""
    return ImportRequest(
        format=fields["format"],
        source=fields["source"],
        zone=fields["timezone"],
        base_url=fields["base_url"],
        since=fields["since"],
        is_queued=fields["pending"] == "queue",
        mapping=fields["mapping"],
    )


def _check(mapping: dict[str, Any]) -> None:
    fault = find_fault(mapping)
    if fault:
        raise ma.ValidationError(f"The mapping {fault}")
