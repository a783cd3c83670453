"""The acting person or program: set once for a session by the edge that knows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

_ACTOR = "audit.actor"  # both in `Session.info`
_KEY = "audit.key"


class ActorKind(StrEnum):
    """The kind of an actor."""

    STAFF = "staff"  #: a logged-in person
    SITE_KEY = "site_key"  #: a site's own software
    COMMAND_LINE = "command_line"  #: the `moderation` command
    WORKER = "worker"  #: background work
    PROVIDER = "provider"  #: the organization's log-in, by the groups that it names
    ANONYMOUS = "anonymous"  #: a visitor without a log-in


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The acting person or program, and where the request came from."""

    kind: ActorKind
    #: of the member of staff or the site key; on the command line, the user id of the
    #: operating system
    id: int | None = None
    network: str | None = None  #: keyed hash, see `Privacy.network`


class UnknownActor(RuntimeError):
    """An edge didn't set who acts in its session: a fault in this program."""


def identify(actor: Actor, key: bytes) -> dict[str, Any]:
    """Return the `info` of sessions in which an actor acts.

    Parameters
    ----------
    key
        Of the chain, see `chain.derive_audit_key`.
    """
    return {_ACTOR: actor, _KEY: key}


def act_as(session: Session, actor: Actor, key: bytes) -> None:
    """Set who acts in a session from now on. `key` is that of the chain."""
    session.info.update(identify(actor, key))


def has_actor(session: Session) -> bool:
    """Return whether someone acts in a session."""
    return _ACTOR in session.info


def get_actor(session: Session) -> Actor:
    """Return who acts in a session.

    Raises
    ------
    UnknownActor
        If no edge set it.
    """
    try:
        actor: Actor = session.info[_ACTOR]
    except KeyError:
        raise UnknownActor from None
    return actor


def get_key(session: Session) -> bytes:
    """Return the key of the chain.

    Raises
    ------
    UnknownActor
        As `get_actor`.
    """
    try:
        key: bytes = session.info[_KEY]
    except KeyError:
        raise UnknownActor from None
    return key
