"""Keyset cursors: opaque to clients, checked when they come back."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence

from moderation.errors import InvalidFields


def write_cursor(parts: Sequence[str]) -> str:
    """Return the cursor of a place in an ordered list."""
    text = json.dumps(list(parts), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, length: int) -> list[str]:
    """Return the parts of a cursor.

    Raises
    ------
    InvalidFields
        If it isn't ours, with `length` parts.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    if (
        not isinstance(parts, list)
        or len(parts) != length
        or not all(isinstance(part, str) and part.isprintable() for part in parts)
    ):
        raise refused_cursor()
    return parts


def read_number(cursor: str | None) -> int | None:
    """Return the id in a cursor that holds one; None for the first page.

    Raises
    ------
    InvalidFields
        If it isn't ours.
    """
    if cursor is None:
        return None
    (number,) = read_cursor(cursor, 1)
    if not (number.isascii() and number.isdigit()) or int(number) >= 1 << 63:
        raise refused_cursor()
    return int(number)


def refused_cursor() -> InvalidFields:
    """Return the error for a cursor that isn't ours."""
    return InvalidFields({"cursor": ["Is not a cursor of this list."]})
