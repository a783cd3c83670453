"""References to actors and targets, in filters and on pages: `staff:ada`, `rule:3`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from sqlalchemy.orm import Session

from moderation import identifiers
from moderation.audit.actions import TargetKind
from moderation.audit.actors import ActorKind
from moderation.audit.listing import find_staff_id
from moderation.errors import InvalidFields

NOBODY = -1  # no id is negative: it finds nothing
MAX_ID = (1 << 63) - 1

Kind = TypeVar("Kind", ActorKind, TargetKind)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An actor or a target, as it is shown."""

    kind: str
    id: str | None  #: of a comment, its public form
    login: str | None  #: of a member of staff


def show_reference(
    kind: str, number: int | None, usernames: dict[int, str]
) -> Reference:
    """Return an actor or a target as it is shown."""
    text = None if number is None else str(number)
    if number is not None and kind == TargetKind.COMMENT.value:
        text = identifiers.encode(number)
    is_staff = number is not None and kind == TargetKind.STAFF.value
    login = usernames.get(number) if is_staff and number is not None else None
    return Reference(kind=kind, id=text, login=login)


def read_actor(session: Session, text: str) -> tuple[ActorKind, int | None]:
    """Return the kind and id of an actor: `KIND`, `KIND:ID`, or `staff:USERNAME`.

    Raises
    ------
    InvalidFields
        Naming `actor`.
    """
    return _read(session, text, ActorKind, "actor")


def read_target(session: Session, text: str) -> tuple[TargetKind, int | None]:
    """Return the kind and id of a target: `KIND`, `KIND:ID`, or `staff:USERNAME`.

    Raises
    ------
    InvalidFields
        Naming `target`.
    """
    return _read(session, text, TargetKind, "target")


def _read(
    session: Session, text: str, kinds: type[Kind], field: str
) -> tuple[Kind, int | None]:
    name, colon, value = text.partition(":")
    try:
        kind = kinds(name)
        if not colon:
            return kind, None
        return kind, _read_id(session, kind, value)
    except ValueError:
        raise InvalidFields({field: [_complaint(kinds)]}) from None


def _read_id(session: Session, kind: StrEnum, value: str) -> int:
    if kind.value == TargetKind.STAFF.value:
        if not (value.isascii() and value.isprintable()):
            raise ValueError
        staff_id = find_staff_id(session, value)
        return NOBODY if staff_id is None else staff_id
    if kind.value == TargetKind.COMMENT.value:
        return identifiers.decode(value)
    if not (value.isascii() and value.isdigit()) or int(value[:20]) > MAX_ID:
        raise ValueError
    return int(value)


def _complaint(kinds: type[StrEnum]) -> str:
    names = ", ".join(kind.value for kind in kinds)
    return f"Must be KIND, KIND:ID, or staff:USERNAME, where KIND is one of {names}."
